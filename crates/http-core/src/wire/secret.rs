use secrecy::{ExposeSecret, SecretString};
use serde::{Deserializer, Serializer};
use serde_with::{DeserializeAs, SerializeAs};

use crate::wire::scalar::{FromScalar, Scalar, read_scalar};

/// What is written in a secret's place.
pub const REDACTED: &str = "[redacted]";

/// The adapter for secrets in models: read from text or a number, written as [`REDACTED`].
///
/// ```
/// use http_core::{ExposeSecret, SecretString};
/// use http_core::wire::Redacted;
/// use serde_with::serde_as;
///
/// #[serde_as]
/// #[derive(Debug, serde::Serialize, serde::Deserialize)]
/// struct Key {
///     #[serde_as(as = "Redacted")]
///     secret_key: SecretString,
///     #[serde_as(as = "Option<Redacted>")]
///     password: Option<SecretString>,
/// }
///
/// let key: Key = serde_json::from_str(r#"{"secret_key": "hunter2"}"#)?;
/// assert_eq!(key.secret_key.expose_secret(), "hunter2");
/// assert!(!format!("{key:?}").contains("hunter2"));
/// assert_eq!(serde_json::to_string(&key)?, r#"{"secret_key":"[redacted]","password":null}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Redacted;

impl<'de> DeserializeAs<'de, SecretString> for Redacted {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
        read_scalar(deserializer)
    }
}

impl SerializeAs<SecretString> for Redacted {
    fn serialize_as<S: Serializer>(_: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(REDACTED)
    }
}

/// Text or a number, written as [`REDACTED`].
impl FromScalar for SecretString {
    const EXPECTED: &'static str = "text";

    fn from_scalar(value: &Scalar<'_>) -> Option<Self> {
        value.with_text(|text| Self::from(text))
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(REDACTED)
    }

    fn same(&self, other: &Self) -> bool {
        self.expose_secret() == other.expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use serde::{Deserialize, Serialize};
    use serde_with::serde_as;

    use super::*;

    #[serde_as]
    #[derive(Debug, Serialize, Deserialize)]
    struct Server {
        #[serde_as(as = "Option<Redacted>")]
        token: Option<SecretString>,
    }

    #[test]
    fn a_number_is_a_secret_too() {
        let server: Server = serde_json::from_str(r#"{"token": 12345678}"#).unwrap();
        assert_eq!(server.token.unwrap().expose_secret(), "12345678");
    }

    #[test]
    fn null_and_absence_are_none() {
        for json in ["{}", r#"{"token": null}"#] {
            assert!(serde_json::from_str::<Server>(json).unwrap().token.is_none());
        }
    }

    #[test]
    fn a_secret_of_the_wrong_type_is_refused_without_being_shown() {
        let message = serde_json::from_str::<Server>(r#"{"token": ["hunter2"]}"#).unwrap_err().to_string();
        assert!(message.starts_with("expected text, found a list"), "{message}");
    }
}

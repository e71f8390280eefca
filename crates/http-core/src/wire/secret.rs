use secrecy::{ExposeSecret, SecretString};
use serde::Serializer;

use crate::wire::scalar::{FromScalar, Scalar};

/// The placeholder that is written in place of a secret.
pub const REDACTED: &str = "[redacted]";

/// Read from a string or a number, and written as [`REDACTED`], which is never read back as a secret.
impl FromScalar for SecretString {
    const EXPECTED: &'static str = "text";

    fn from_scalar(value: &Scalar<'_>) -> Option<Self> {
        // The placeholder in a serialized model is not the secret.
        value.with_text(|text| (text != REDACTED).then(|| Self::from(text)))?
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

    use super::*;

    crate::wire::models! {
        struct Server {
            key: SecretString,
            token: Option<SecretString>,
        }
    }

    #[test]
    fn a_secret_is_read_from_a_number_too() {
        let server: Server = serde_json::from_str(r#"{"key": "a", "token": 12345678}"#).unwrap();
        assert_eq!(server.token.unwrap().expose_secret(), "12345678");
    }

    #[test]
    fn a_serialized_model_is_read_without_its_secrets() {
        let written =
            serde_json::to_string(&serde_json::from_str::<Server>(r#"{"key": "a", "token": "b"}"#).unwrap());
        assert!(serde_json::from_str::<Server>(&written.unwrap()).is_err());
        let server: Server = serde_json::from_str(r#"{"key": "a", "token": "[redacted]"}"#).unwrap();
        assert!(server.token.is_none());
    }

    #[test]
    fn null_and_an_absent_field_are_none() {
        for json in [r#"{"key": "a"}"#, r#"{"key": "a", "token": null}"#] {
            assert!(serde_json::from_str::<Server>(json).unwrap().token.is_none());
        }
    }

    #[test]
    fn a_secret_of_the_wrong_type_is_rejected_without_being_shown() {
        let message = serde_json::from_str::<Server>(r#"{"key": ["hunter2"]}"#).unwrap_err().to_string();
        assert!(message.starts_with("expected text, found a list"), "{message}");
    }
}

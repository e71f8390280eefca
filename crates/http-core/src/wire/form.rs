use std::fmt::{self, Display, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::wire::invalid_value::InvalidValue;

/// The characters that are percent-encoded: all except the unreserved characters of RFC 3986.
pub(crate) const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Returns whether a byte is sent unencoded, by the same rule.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Percent-encodes all text that is written to it. Like writing to a `String`, this never fails.
pub(crate) struct Encoder<'a>(pub(crate) &'a mut String);

impl Write for Encoder<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // Most values need no encoding and are copied as a whole.
        // Without an early exit, the compiler vectorizes the loop.
        if text.bytes().fold(true, |all, byte| all & is_plain(byte)) {
            self.0.push_str(text);
        } else {
            self.0.extend(utf8_percent_encode(text, ENCODED));
        }
        Ok(())
    }
}

/// An initial capacity that is enough for most queries, in bytes.
const QUERY: usize = 64;
/// An initial capacity that is enough for most forms, in bytes.
const FORM: usize = 256;

/// Appends a percent-encoded field. The displayed value must not be empty.
pub(crate) fn append(encoded: &mut String, name: &str, value: impl Display) -> Result<(), InvalidValue> {
    if encoded.is_empty() {
        encoded.reserve(QUERY);
    } else {
        encoded.push('&');
    }
    let mut field = Encoder(encoded);
    let _ = field.write_str(name);
    field.0.push('=');
    let _ = write!(field, "{value}");
    if encoded.ends_with('=') {
        return Err(InvalidValue::new(format!(
            "{name} must not be empty: the provider ignores empty values; leave it out instead"
        )));
    }
    Ok(())
}

/// A request body in the format `application/x-www-form-urlencoded`.
///
/// Fields stay in order and may repeat. Everything but letters, digits and `-._~` is percent-encoded, a space as `%20`,
/// because providers differ in how they read `+` and `,`. An empty value causes an error when the call is awaited,
/// because providers silently drop it.
///
/// ```
/// use http_core::SecretString;
/// use http_core::client::Form;
///
/// let form = Form::new()
///     .field("name", "web 1")
///     .field("ram", 2048)
///     .optional("billing_account_id", None::<u64>)
///     .secret("password", &SecretString::from("hunter2"));
/// assert_eq!(format!("{form:?}"), r#"Form["name", "ram", "password"]"#);
/// ```
#[derive(Clone, Default)]
pub struct Form {
    encoded: String,
    secrets: Vec<SecretString>,
    invalid: Option<InvalidValue>,
}

impl Form {
    /// Creates a form without fields.
    pub fn new() -> Self {
        Self { encoded: String::with_capacity(FORM), ..Self::default() }
    }

    /// Adds a field. The displayed value must not be empty.
    pub fn field(mut self, name: &str, value: impl Display) -> Self {
        if let Err(invalid) = append(&mut self.encoded, name, value) {
            self.invalid.get_or_insert(invalid);
        }
        self
    }

    /// Adds a field if the value is `Some`.
    pub fn optional(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    /// Adds a field whose value is redacted in every error and log line of the call.
    pub fn secret(mut self, name: &str, value: &SecretString) -> Self {
        self.secrets.push(value.clone());
        self.field(name, value.expose_secret())
    }

    /// Declares a secret that a field contains, e.g. one text of a document. It is redacted like a secret field.
    pub fn containing(mut self, secret: SecretString) -> Self {
        self.secrets.push(secret);
        self
    }

    /// Adds a field whose value is written as JSON.
    pub fn json<T: Serialize + ?Sized>(mut self, name: &str, value: &T) -> Self {
        if let Ok(json) = serde_json::to_string(value) {
            return self.field(name, json);
        }
        let message = format!("{name} cannot be serialized as JSON: use strings as map keys");
        self.invalid.get_or_insert_with(|| InvalidValue::new(message));
        self
    }

    /// Returns the encoded fields and the secrets among them, or the first invalid value.
    pub(crate) fn into_parts(self) -> Result<(String, Vec<SecretString>), InvalidValue> {
        match self.invalid {
            Some(invalid) => Err(invalid),
            None => Ok((self.encoded, self.secrets)),
        }
    }
}

/// Shows only names, because any value may be private.
impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.encoded.split('&').filter_map(|field| Some(field.split_once('=')?.0));
        f.write_str("Form")?;
        f.debug_list().entries(names).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn space_plus_and_comma_are_percent_encoded() {
        let (encoded, secrets) = Form::new()
            .field("names", "a b,c+d")
            .field("id", 1)
            .field("id", 2)
            .optional("none", None::<bool>)
            .optional("backup", Some(true))
            .json("cloud_init", &serde_json::json!({"a": [1]}))
            .into_parts()
            .unwrap();
        assert_eq!(encoded, "names=a%20b%2Cc%2Bd&id=1&id=2&backup=true&cloud_init=%7B%22a%22%3A%5B1%5D%7D");
        assert!(secrets.is_empty());
    }

    #[test]
    fn an_empty_value_is_rejected_and_the_first_invalid_field_is_named() {
        let form = Form::new().field("name", "").field("ram", 1).secret("password", &SecretString::from(""));
        assert_eq!(
            form.into_parts().unwrap_err().to_string(),
            "name must not be empty: the provider ignores empty values; leave it out instead"
        );
    }

    #[test]
    fn a_value_that_json_cannot_represent_is_rejected() {
        let map = std::collections::HashMap::from([((1, 2), 3)]);
        let message = Form::new().json("map", &map).into_parts().unwrap_err().to_string();
        assert!(message.starts_with("map cannot be serialized as JSON"), "{message}");
    }

    #[test]
    fn secrets_are_collected_and_never_shown() {
        let form = Form::new()
            .field("note", "canary-1")
            .secret("password", &SecretString::from("canary-2"))
            .containing(SecretString::from("canary-1"));
        let shown = format!("{form:?} {form:#?}");
        assert!(shown.contains("password") && !shown.contains("canary"), "{shown}");
        let (encoded, secrets) = form.into_parts().unwrap();
        assert_eq!(encoded, "note=canary-1&password=canary-2");
        let secrets: Vec<_> = secrets.iter().map(ExposeSecret::expose_secret).collect();
        assert_eq!(secrets, ["canary-2", "canary-1"]);
    }

    proptest! {
        #[test]
        fn any_fields_round_trip_through_a_form_decoder(fields in prop::collection::vec((".+", ".+"), 0..5)) {
            let form = fields.iter().fold(Form::new(), |form, (name, value)| form.field(name, value));
            let (encoded, _) = form.into_parts().unwrap();
            let decoded: Vec<(String, String)> =
                url::form_urlencoded::parse(encoded.as_bytes()).into_owned().collect();
            prop_assert_eq!(decoded, fields);
        }
    }
}

//! JSON inside a string.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value;

/// A string in which the provider stores JSON.
///
/// Some of these strings contain Python notation (`{'type': 'creditcard'}`) instead of JSON. The string is therefore
/// kept and written back unchanged, and parsed only by [`to_value`](Self::to_value).
///
/// # Examples
///
/// ```
/// use elastis_billing::EmbeddedJson;
///
/// let text = EmbeddedJson::new(r#"{"link_methods": ["duitku::FT"]}"#);
/// assert_eq!(text.to_value().unwrap()["link_methods"][0], "duitku::FT");
/// assert!(EmbeddedJson::new("{'type': 'creditcard'}").to_value().is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmbeddedJson(Box<str>);

http_core::wire::wire_content!(EmbeddedJson, Self::new);

impl EmbeddedJson {
    /// Creates a value from this string.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// Returns the string as the provider sent it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Parses the string, and returns `None` if it is not JSON.
    pub fn to_value(&self) -> Option<Value> {
        serde_json::from_str(&self.0).ok()
    }
}

impl From<&Value> for EmbeddedJson {
    fn from(value: &Value) -> Self {
        Self(value.to_string().into())
    }
}

impl fmt::Display for EmbeddedJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for EmbeddedJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_notation_is_kept_unchanged() {
        let json = r#""{'type': 'paying_by_invoice', 'client': {}}""#;
        let text: EmbeddedJson = serde_json::from_str(json).unwrap();
        assert_eq!(text.as_str(), "{'type': 'paying_by_invoice', 'client': {}}");
        assert_eq!(text.to_value(), None);
        assert_eq!(serde_json::to_string(&text).unwrap(), json);
    }

    #[test]
    fn json_that_is_not_in_a_string_is_accepted() {
        let text: EmbeddedJson = serde_json::from_str(r#"{"last4": "1111"}"#).unwrap();
        assert_eq!(text.as_str(), r#"{"last4": "1111"}"#);
    }
}

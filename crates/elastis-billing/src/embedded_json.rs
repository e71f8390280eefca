//! JSON inside a string.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// JSON that the provider keeps inside a string, as it wrote it.
///
/// Not all of it is JSON: some texts are Python's notation (`{'type': 'creditcard'}`). The text is therefore
/// kept and written back unchanged, and read only when [`to_value`](Self::to_value) asks.
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

http_core::wire::wire_value!(EmbeddedJson);

impl EmbeddedJson {
    /// This text.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The text as the provider wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it says; `None` where it is not JSON.
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

/// Also from JSON that stands there without the string around it.
impl<'de> Deserialize<'de> for EmbeddedJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::String(text) => Self(text.into()),
            json => Self::from(&json),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pythons_notation_is_kept_to_the_letter() {
        let json = r#""{'type': 'paying_by_invoice', 'client': {}}""#;
        let text: EmbeddedJson = serde_json::from_str(json).unwrap();
        assert_eq!(text.as_str(), "{'type': 'paying_by_invoice', 'client': {}}");
        assert_eq!(text.to_value(), None);
        assert_eq!(serde_json::to_string(&text).unwrap(), json);
    }

    #[test]
    fn json_without_the_string_around_it_is_read_too() {
        let text: EmbeddedJson = serde_json::from_str(r#"{"last4": "1111"}"#).unwrap();
        assert_eq!(text.as_str(), r#"{"last4":"1111"}"#);
    }
}

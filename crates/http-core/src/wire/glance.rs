//! Reads only those values from a body that explain an error.

use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::{Map, Number, Value};

use crate::wire::scalar::DIGITS;

/// The mark that replaces omitted text. One character, so that it cannot contain a secret by itself.
pub(crate) const MARK: &str = "…";
/// The maximum number of values that are read from one member.
const MOST_VALUES: usize = 256;
/// The maximum length of a body that is read, in bytes. Longer bodies take time to read, and no error response is that
/// long.
const LONGEST: usize = 1024 * 1024;
/// The maximum length that is read from one string, in bytes.
const LONGEST_TEXT: usize = 4096;

/// Returns the members of a JSON object that have these names; empty if the body is not an object.
///
/// Only the first 256 values of each member and the first 4 KiB of each string are read. That is enough to explain an
/// error, and limits the memory that a huge response takes.
pub fn glance(body: &[u8], names: &[&str]) -> Map<String, Value> {
    if body.len() > LONGEST {
        return Map::new();
    }
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let members = deserializer.deserialize_any(Members(names));
    members.ok().filter(|_| deserializer.end().is_ok()).unwrap_or_default()
}

/// Returns the whole body, limited to the first values and the beginning of each string.
pub(crate) fn beginning(body: &[u8]) -> Option<Value> {
    if body.len() > LONGEST {
        return None;
    }
    let (mut deserializer, mut left) = (serde_json::Deserializer::from_slice(body), MOST_VALUES);
    let value = Few { left: &mut left }.deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    value
}

struct Members<'a>(&'a [&'a str]);

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut members = Map::new();
        while let Some(Text(key)) = object.next_key()? {
            if self.0.contains(&key.as_str()) {
                let mut left = MOST_VALUES;
                let value = object.next_value_seed(Few { left: &mut left })?;
                members.insert(key, value.unwrap_or_default());
            } else {
                object.next_value::<IgnoredAny>()?;
            }
        }
        Ok(members)
    }
}

/// The beginning of a string.
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl Visitor<'_> for TextVisitor {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(shortened(text)))
            }
        }

        deserializer.deserialize_str(TextVisitor)
    }
}

fn shortened(text: &str) -> String {
    if text.len() <= LONGEST_TEXT {
        return text.to_owned();
    }
    let end = (0..=LONGEST_TEXT).rev().find(|end| text.is_char_boundary(*end));
    // The mark shows that the text may end in the middle of a secret.
    [&text[..end.unwrap_or(0)], MARK].concat()
}

/// Reads a value; returns `None` once the maximum number of values has been read.
struct Few<'a> {
    left: &'a mut usize,
}

impl<'de> DeserializeSeed<'de> for Few<'_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Value>, D::Error> {
        match self.left.checked_sub(1) {
            Some(left) => {
                *self.left = left;
                deserializer.deserialize_any(self).map(Some)
            }
            None => deserializer.deserialize_ignored_any(IgnoredAny).map(|_| None),
        }
    }
}

impl<'de> Visitor<'de> for Few<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(shortened(text).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(Few { left: &mut *self.left })? {
            values.extend(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(Text(key)) = object.next_key()? {
            match object.next_value_seed(Few { left: &mut *self.left })? {
                Some(Value::String(digits)) if key == DIGITS => {
                    return Ok(digits.parse().map_or(Value::String(digits), Value::Number));
                }
                Some(value) => drop(members.insert(key, value)),
                None => {}
            }
        }
        // They are in another order only if another crate enables serde_json's feature `preserve_order`.
        members.sort_keys();
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_named_members_are_read() {
        let body = br#"{"errors": {"a": [1, -2, 2.5, null, true, "x"]}, "data": [1], "message": "no"}"#;
        let expected = json!({"errors": {"a": [1, -2, 2.5, null, true, "x"]}, "message": "no"});
        assert_eq!(Value::from(glance(body, &["errors", "message"])), expected);
        for body in [&b"[]"[..], b"", b"{", b"{\"errors\": 1} x", b"\"errors\"", b"{\"errors\": \"\xff\"}"] {
            assert!(glance(body, &["errors"]).is_empty());
        }
    }

    #[test]
    fn a_body_is_read_up_to_the_maximum_length() {
        let body = |length| format!(r#"{{"errors": 1{}}}"#, " ".repeat(length - 13));
        for (length, found) in [(LONGEST, Some(json!({"errors": 1}))), (LONGEST + 1, None)] {
            let body = body(length);
            assert_eq!((body.len(), beginning(body.as_bytes())), (length, found.clone()));
            assert_eq!(glance(body.as_bytes(), &["errors"]).len(), usize::from(found.is_some()));
        }
    }

    #[test]
    fn members_are_sorted_regardless_of_the_features_of_serde_json() {
        let found = glance(br#"{"errors": {"b": 1, "c": 2, "a": 3}}"#, &["errors"]);
        let keys: Vec<&String> = found["errors"].as_object().unwrap().keys().collect();
        assert_eq!(keys, ["a", "b", "c"]);
    }

    #[test]
    fn a_number_in_arbitrary_precision_form_is_a_number() {
        let body = br#"{"errors": {"a": {"$serde_json::private::Number": "12.5"}}}"#;
        assert_eq!(glance(body, &["errors"])["errors"], json!({"a": 12.5}));
        assert_eq!(beginning(body), Some(json!({"errors": {"a": 12.5}})));
    }

    #[test]
    fn only_the_beginning_of_a_long_member_is_read() {
        let long = "ä".repeat(LONGEST_TEXT);
        let body = format!(r#"{{"errors": [0{}], "message": "{long}"}}"#, ",{\"a\":0}".repeat(10_000));
        let found = glance(body.as_bytes(), &["errors", "message"]);
        let (errors, message) = (found["errors"].as_array().unwrap(), found["message"].as_str().unwrap());
        assert!(errors.len() < MOST_VALUES && message.len() <= LONGEST_TEXT + MARK.len());
        assert_eq!((&errors[0], &errors[1]), (&json!(0), &json!({"a": 0})));
        assert!(message.starts_with("ää") && message.ends_with(MARK));
    }
}

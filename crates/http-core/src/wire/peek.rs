//! One value of a response that cannot be read as a whole.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

/// Longer ids are not believed.
const LONGEST: usize = 64;

/// The text or number under `key` in the outermost object of this body, also if the body is broken behind it.
///
/// An id goes into error texts and requests: only numbers and UUIDs are taken, so that no other text of a response
/// gets there.
pub(crate) fn peek(body: &[u8], key: &str) -> Option<String> {
    let start = body.iter().position(|byte| *byte == b'{')?;
    let mut found = None;
    let mut deserializer = serde_json::Deserializer::from_slice(&body[start..]);
    // What is wrong behind the value does not matter.
    let _broken = Peek { key, found: &mut found }.deserialize(&mut deserializer);
    let text = match found? {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let is_id = |c: char| c.is_ascii_hexdigit() || c == '-';
    (!text.is_empty() && text.len() <= LONGEST && text.chars().all(is_id)).then_some(text)
}

struct Peek<'a> {
    key: &'a str,
    found: &'a mut Option<Value>,
}

impl<'de> DeserializeSeed<'de> for Peek<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Peek<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == self.key {
                *self.found = Some(map.next_value()?);
                break;
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_from_what_is_strange_cut_or_behind_a_warning() {
        for body in [
            r#"{"storage": [{"uuid": "disk"}], "uuid": "a-1", "vcpu": null}"#,
            r#"{"uuid": "a-1", "vcpu": {"#,
            r#"<b>Warning</b> in x.php {"vcpu": {}, "uuid": "a-1"}"#,
        ] {
            assert_eq!(peek(body.as_bytes(), "uuid").as_deref(), Some("a-1"), "{body}");
        }
        assert_eq!(peek(br#"{"order_id": 17, "bill"#, "order_id").as_deref(), Some("17"));
    }

    #[test]
    fn what_is_no_plain_id_of_the_outermost_object_is_not_taken() {
        let long = format!(r#"{{"uuid": "{}"}}"#, "a".repeat(LONGEST + 1));
        for body in [
            r#"{"storage": [{"uuid": "disk"}], "uu"#,
            r#"{"uuid": "a b"}"#,
            r#"{"uuid": "secret"}"#,
            r#"{"uuid": "\u001b[2J"}"#,
            r#"{"uuid": null}"#,
            r#"{"uuid": ["a"]}"#,
            r#"{"uuid": ""}"#,
            r#"[{"vm": 1}, {"uuid": "a"}]"#,
            "uuid",
            "",
            &long,
        ] {
            assert_eq!(peek(body.as_bytes(), "uuid"), None, "{body}");
        }
    }
}

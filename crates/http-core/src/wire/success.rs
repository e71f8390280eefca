//! The rule that decides whether a response is a success: it must report success, or report neither success nor an
//! error. A response that cannot be decoded is not a success.

use std::cell::Cell;
use std::fmt;
use std::hash::{BuildHasher, RandomState};

use memchr::memmem;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;

use crate::wire::decode::DecodeError;
use crate::wire::members::members;
use crate::wire::scalar::flag;

/// The maximum length of a body that is searched for a verdict, in bytes. Longer bodies contain data.
const LONGEST: usize = 1024 * 1024;
/// The maximum length of a flag's value, in bytes.
const LONGEST_FLAG: usize = 4096;

/// The verdict of the members `success`, `error` and `errors` of a JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The body contains no error. Whether the response is a success depends on the operation.
    Silent,
    /// The body contains an error that can be decoded.
    Refused,
    /// The body may contain an error: a flag that is neither true nor false, a key that appears twice, or an error that
    /// is truncated or not valid text.
    Doubtful,
}

impl Verdict {
    /// Returns the verdict on a body. A body that is not an object is silent.
    pub fn of(body: &[u8]) -> Self {
        let (mut refused, mut doubtful) = (false, false);
        // The case for nearly every response: it contains neither key, and no escape that could hide one.
        let may_have = |key: &str| memmem::find(body, key.as_bytes()).is_some();
        if !["\"error", "\"success", "\\"].into_iter().any(may_have) {
            return Self::Silent;
        }
        members(body, |key, value| match key {
            "error" | "errors" => refused |= Kind::of(value).says_something(),
            "success" => match Kind::of(value) {
                Kind::Flag(flag) => refused |= !flag,
                _ => doubtful = true,
            },
            _ => {}
        });
        match (refused, doubtful) {
            (false, false) => Self::Silent,
            (true, false) if body.len() <= LONGEST && strict(body).is_ok() => Self::Refused,
            _ => Self::Doubtful,
        }
    }
}

/// Returns whether a body is a JSON object in which one of these members has a value other than `null`, zero, an empty
/// string or similar. The object may be truncated.
pub fn has_member(body: &[u8], names: &[&str]) -> bool {
    let mut found = false;
    members(body, |key, value| found |= names.contains(&key) && Kind::of(value).says_something());
    found
}

/// Checks the response body of a call that returns nothing. The body reports success if it is empty, `null` or `true`,
/// or if it is a list or an object without an error anywhere in it.
pub(crate) fn acknowledged(body: &[u8]) -> Result<(), DecodeError> {
    let body = body.trim_ascii();
    if body.len() > LONGEST {
        return Err(DecodeError::new("the response is far longer than one that only reports success"));
    }
    if body.starts_with(b"<") {
        return Err(DecodeError::page());
    }
    if matches!(body, b"" | b"null" | b"true") {
        return Ok(());
    }
    if strict(body)?.1 {
        return Err(DecodeError::new("the response looks like an error response"));
    }
    if body.starts_with(b"{") || body.starts_with(b"[") {
        return Ok(());
    }
    Err(DecodeError::new("the response does not report success"))
}

/// The meaning of a value that reports success or an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// `null`, an empty string, or an empty list or object.
    Empty,
    /// A boolean in any spelling.
    Flag(bool),
    /// Anything else, including a value that cannot be decoded.
    Else,
}

impl Kind {
    fn of(value: &[u8]) -> Self {
        let is_short = value.len() <= LONGEST_FLAG;
        if is_short { strict(value).map_or(Self::Else, |(kind, _)| kind) } else { Self::Else }
    }

    fn of_text(text: &str) -> Self {
        if text.trim().is_empty() { Self::Empty } else { flag(text).map_or(Self::Else, Self::Flag) }
    }

    fn says_something(self) -> bool {
        matches!(self, Self::Flag(true) | Self::Else)
    }
}

/// Decodes a whole body as JSON that every decoder reads the same way: all strings are valid, all numbers are in range,
/// and no key appears twice. Returns its kind, and whether it contains an error.
fn strict(body: &[u8]) -> Result<(Kind, bool), DecodeError> {
    let (refused, hasher) = (Cell::new(false), RandomState::new());
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let kind = Strict { refused: &refused, hasher: &hasher }.deserialize(&mut deserializer);
    match kind.and_then(|kind| deserializer.end().map(|()| kind)) {
        Ok(kind) => Ok((kind, refused.get())),
        Err(error) if error.classify() == Category::Data => {
            Err(DecodeError::new("a key appears twice in the response"))
        }
        Err(error) => Err(DecodeError::whole(&error)),
    }
}

/// Reads any value. serde_json limits the depth.
#[derive(Clone, Copy)]
struct Strict<'a> {
    refused: &'a Cell<bool>,
    hasher: &'a RandomState,
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Kind;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Kind, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Kind, E> {
        Ok(Kind::Empty)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Kind, E> {
        Ok(Kind::Flag(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Kind, E> {
        Ok(match value {
            0 | 1 => Kind::Flag(value == 1),
            _ => Kind::Else,
        })
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Kind, E> {
        Ok(Kind::Else)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Kind, E> {
        Ok(if value == 0.0 { Kind::Flag(false) } else { Kind::Else })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Kind, E> {
        Ok(Kind::of_text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Kind, A::Error> {
        let mut kind = Kind::Empty;
        while list.next_element_seed(self)?.is_some() {
            kind = Kind::Else;
        }
        Ok(kind)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Kind, A::Error> {
        let mut keys: Vec<u64> = Vec::new();
        while let Some(key) = object.next_key::<String>()? {
            let kind = object.next_value_seed(self)?;
            match key.as_str() {
                // The representation of a number if the feature `arbitrary_precision` of serde_json is enabled.
                "$serde_json::private::Number" => return Ok(kind),
                "error" | "errors" if kind.says_something() => self.refused.set(true),
                "success" if kind != Kind::Flag(true) => self.refused.set(true),
                _ => {}
            }
            // Checked before the list grows, so that endless repetitions of one key take no memory.
            if keys.len() == keys.capacity() {
                distinct(&mut keys)?;
                keys.reserve_exact(keys.len() / 4 + 16);
            }
            keys.push(self.hasher.hash_one(&key));
        }
        distinct(&mut keys)?;
        Ok(if keys.is_empty() { Kind::Empty } else { Kind::Else })
    }
}

fn distinct<E: Error>(keys: &mut [u64]) -> Result<(), E> {
    keys.sort_unstable();
    let is_twice = keys.windows(2).any(|pair| pair[0] == pair[1]);
    if is_twice { Err(E::custom("a key appears twice")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_body_that_is_silent_or_reports_success_is_a_success() {
        for body in [
            "",
            " \r\n",
            "null",
            "true",
            "{}",
            "[]",
            r#"[{"uuid": "x"}]"#,
            r#"{"success": true, "message": "done"}"#,
            r#"{"success": "True", "error": null, "errors": []}"#,
            r#"{"success": 1, "errors": {}, "error": ""}"#,
            r#"{"a": {"b": [1.5e3, -1, "ü\n\ud83d\ude00"]}}"#,
        ] {
            assert_eq!(acknowledged(body.as_bytes()), Ok(()), "{body}");
            assert_eq!(Verdict::of(body.as_bytes()), Verdict::Silent, "{body}");
        }
    }

    #[test]
    fn a_body_with_a_decodable_error_is_an_error() {
        let long = format!(r#"{{"message": "{}", "success": false}}"#, "x".repeat(2000));
        for body in [
            r#"{"errors": {"Error": "declined"}}"#,
            r#"{"uuid": "x", "error": "declined"}"#,
            r#"{"error": true}"#,
            r#"{"errors": [null]}"#,
            r#"{"\u0065rror": "declined"}"#,
            r#"{"success": false}"#,
            r#"{"success": "False"}"#,
            r#"{"success": 0, "error": null}"#,
            r#"{"success": true, "error": 17}"#,
            &long,
        ] {
            assert_eq!(Verdict::of(body.as_bytes()), Verdict::Refused, "{body}");
            assert!(acknowledged(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn something_like_an_error_is_doubtful() {
        for body in [
            &br#"{"success": null}"#[..],
            br#"{"success": "maybe"}"#,
            br#"{"success": 2}"#,
            br#"{"success": {}}"#,
            br#"{"errors": {"Error": "declined"}, "errors": null}"#,
            br#"{"success": true, "success": false}"#,
            br#"{"errors": {"Error": "decl"#,
            br#"{"errors": {"Error": "declined"}} x"#,
            b"{\"errors\": {\"Error\": \"declin\xe9\"}}",
            br#"{"errors": "\ud83d"}"#,
            br#"{"errors": 1e999}"#,
            br#"{"error": "declined", "amount": 1e999}"#,
        ] {
            assert_eq!(Verdict::of(body), Verdict::Doubtful, "{}", String::from_utf8_lossy(body));
            assert!(acknowledged(body).is_err(), "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn a_body_that_cannot_be_decoded_is_not_a_success() {
        for body in [
            &b"ok"[..],
            b"upstream error",
            b"<html></html>",
            b"false",
            b"0",
            b"1",
            b"\"ok\"",
            b"{\"uuid\": \"x",
            b"{\"uuid\": \"x\"",
            b"[{}",
            b"{} {}",
            b"{\"a\": 1, \"a\": 1}",
            b"{\"a\": {\"b\": 1, \"b\": 2}}",
            b"{\"a\": \"\xff\"}",
            b"\xef\xbb\xbf{}",
            b"{\"\\ud83d\": 1}",
            b"{\"a\": 1e999}",
            b"{\"data\": {\"success\": false}}",
            b"[{\"errors\": {\"Error\": \"declined\"}}]",
        ] {
            assert!(acknowledged(body).is_err(), "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn a_member_is_found_in_a_truncated_body_too() {
        assert!(has_member(br#"{"error": "x", "id": 1, "uu"#, &["uuid", "id"]));
        for body in
            [&br#"{"id": 0}"#[..], br#"{"id": null}"#, br#"{"id": ""}"#, br#"{"a": {"id": 1}}"#, b"[1]"]
        {
            assert!(!has_member(body, &["id"]), "{}", String::from_utf8_lossy(body));
        }
    }

    proptest! {
        #[test]
        fn a_truncated_body_is_never_a_success(body in r#"\{"(a|error)": (\{"b": [0-9]{1,3}\}|"x{0,4}"|null)\}"#, cut in 1_usize..20) {
            let cut = &body.as_bytes()[..body.len().saturating_sub(cut).max(1)];
            prop_assert!(acknowledged(cut).is_err());
        }
    }
}

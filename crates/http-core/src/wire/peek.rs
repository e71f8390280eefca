//! Finds the id in a response that cannot be decoded as a whole, or whose structure is unknown.

use std::borrow::Cow;
use std::net::IpAddr;

use memchr::memmem;

use crate::wire::members::members;
use crate::wire::scalar::{Scalar, json_text};

/// The maximum length of an id.
const LONGEST: usize = 64;
/// How a UUID begins that is written as a URN.
const URN: &str = "urn:uuid:";

/// Returns the id under `key` in the outermost object of this body, even if the body is invalid after the id.
///
/// The id appears in error messages and requests, so only numbers, UUIDs and IP addresses are accepted. A number at the
/// very end of the body is rejected, because it may be the beginning of a longer id. If there are several ids, none is
/// returned.
pub(crate) fn peek(body: &[u8], key: &str) -> Option<String> {
    let (mut found, mut count) = (&b""[..], 0_usize);
    values(body, key, |value| (found, count) = (value, count + 1));
    let value = (count == 1).then_some(found)?;
    let is_plain = |c: char| c.is_ascii_hexdigit() || c == '-';
    let id = match scalar(value)? {
        Scalar::Text(text) if text.chars().all(is_plain) || text.parse::<IpAddr>().is_ok() => {
            text.into_owned()
        }
        number => number.whole()?.to_string(),
    };
    (!id.starts_with('-') && !is_blank_id(&id) && id.len() <= LONGEST).then_some(id)
}

/// Returns whether the outermost object of this body has a [blank](is_blank_id) id under `key`. An empty text counts as
/// a missing id.
pub(crate) fn names_blank_id(body: &[u8], key: &str) -> bool {
    if begins_no_blank_id(body, key) {
        return false;
    }
    let is_blank = |id: &str| !id.is_empty() && is_blank_id(id.trim());
    let is_blank = |value: Scalar<'_>| value.whole() == Some(0) || value.with_text(is_blank) == Some(true);
    let mut found = false;
    values(body, key, |value| found = found || scalar(value).is_some_and(is_blank));
    found
}

/// Returns whether no value under `key`, at any depth, begins like a blank id, and no escape sequence hides a key. This is
/// true for nearly every response, and takes less time than finding the members.
fn begins_no_blank_id(body: &[u8], key: &str) -> bool {
    let is_clear = |at: usize| {
        let Some(after) = body[at + key.len()..].strip_prefix(b"\"") else { return true };
        let value = after.trim_ascii_start().strip_prefix(b":").unwrap_or_default().trim_ascii_start();
        let value = value.strip_prefix(b"\"").unwrap_or(value);
        let is_urn =
            || value.get(..URN.len()).is_some_and(|start| start.eq_ignore_ascii_case(URN.as_bytes()));
        value.first().is_some_and(|byte| matches!(byte, b'1'..=b'9' | b'a'..=b'z' | b'A'..=b'Z')) && !is_urn()
    };
    memchr::memchr(b'\\', body).is_none() && memmem::find_iter(body, key).all(is_clear)
}

/// Returns whether an id is that of no resource: zero, the nil UUID, the unspecified IP address, or nothing.
pub(crate) fn is_blank_id(id: &str) -> bool {
    let is_nil = |id: &str| id.len() == 32 && id.bytes().all(|byte| byte == b'0');
    matches!(id, "" | "0")
        || is_nil(&bare_uuid(id).replace('-', ""))
        || id.parse().is_ok_and(|ip: IpAddr| ip.to_canonical().is_unspecified())
}

/// Removes what may surround the digits of a UUID: `{…}` or `urn:uuid:…`.
fn bare_uuid(id: &str) -> &str {
    let is_urn = id.get(..URN.len()).is_some_and(|start| start.eq_ignore_ascii_case(URN));
    let id = if is_urn { &id[URN.len()..] } else { id };
    id.strip_prefix('{').and_then(|id| id.strip_suffix('}')).unwrap_or(id)
}

/// Calls `each` for every value under `key` in the outermost object of this body. A number at the very end of the body
/// becomes an empty value. The values are not collected, because a body may repeat the key millions of times.
fn values<'a>(body: &'a [u8], key: &str, mut each: impl FnMut(&'a [u8])) {
    let Some(start) = body.iter().position(|byte| *byte == b'{') else { return };
    let object = &body[start..];
    members(object, |name, value| {
        let is_cut = !value.ends_with(b"\"") && value.as_ptr_range().end == object.as_ptr_range().end;
        if name == key {
            each(if is_cut { b"" } else { value });
        }
    });
}

fn scalar(value: &[u8]) -> Option<Scalar<'_>> {
    // A longer value is too long for an id, even if every character is escaped.
    let value = Some(value).filter(|value| value.len() <= 6 * LONGEST + 2)?;
    Some(Scalar::of_json(json_text(&mut serde_json::Deserializer::from_slice(value)).ok()?))
}

/// Returns whether two texts are the same id: a UUID, an IP address or a number may be written in several ways.
pub(crate) fn is_same_id(one: &str, other: &str) -> bool {
    let first =
        |id: &str| id.bytes().find(|byte| !b"0-".contains(byte)).map(|byte| byte.to_ascii_lowercase());
    let (one, other) = (bare_uuid(one), bare_uuid(other));
    // Nearly all ids differ in their first digit, so that long lists are compared fast.
    let is_similar = || one.contains(':') || other.contains(':') || first(one) == first(other);
    one == other || (is_similar() && normalized_id(one) == normalized_id(other))
}

/// Returns whether the outermost object of this body has another id than `id` under `key`. A value that cannot be an id
/// counts as none.
pub(crate) fn names_other_id(body: &[u8], key: &str, id: &str) -> bool {
    let start = body.iter().position(|byte| *byte == b'{').unwrap_or_default();
    let mut is_other = false;
    members(&body[start..], |name, value| {
        if name == key
            && let Ok(text) = json_text(&mut serde_json::Deserializer::from_slice(value))
        {
            let found = Scalar::of_json(text);
            let differs = found.with_text(|text| !text.is_empty() && !is_same_id(text.trim(), id));
            is_other |= differs == Some(true) && found.whole().is_none_or(|found| found.to_string() != id);
        }
    });
    is_other
}

/// Returns the form that all spellings of an id have in common.
pub(crate) fn normalized_id(id: &str) -> String {
    let id = bare_uuid(id);
    let digits: String = id.chars().filter(|c| *c != '-').collect();
    if digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        digits.to_ascii_lowercase()
    } else if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("0{}", id.trim_start_matches('0'))
    } else {
        id.parse::<IpAddr>().map_or_else(|_| id.to_owned(), |address| address.to_canonical().to_string())
    }
}

/// Returns whether a response contains an id under one of these keys: at any depth, in lists, in truncated JSON and in
/// text such as `[key] => id`.
pub(crate) fn names_id(body: &[u8], keys: &[&str]) -> bool {
    let body = &*unescaped(body);
    let is_named = |key: &str, at: usize| {
        let is_key = body[..at].ends_with(b"\"") || body[..at].ends_with(b"[");
        is_key && value_after(&body[at + key.len()..]).is_some_and(begins_with_id)
    };
    keys.iter().any(|key| memmem::find_iter(body, key.as_bytes()).any(|at| is_named(key, at)))
}

/// Replaces the escape sequences of ASCII characters, which can hide keys.
fn unescaped(body: &[u8]) -> Cow<'_, [u8]> {
    const ESCAPE: &[u8] = b"\\u00";
    let character = |text: &[u8]| {
        let digits = str::from_utf8(text.strip_prefix(ESCAPE)?.get(..2)?).ok()?;
        u8::from_str_radix(digits, 16).ok().filter(u8::is_ascii)
    };
    if memmem::find(body, ESCAPE).is_none() {
        return body.into();
    }
    let (mut text, mut rest) = (Vec::with_capacity(body.len()), body);
    while let Some(first) = rest.first() {
        let escaped = character(rest);
        text.push(escaped.unwrap_or(*first));
        rest = &rest[if escaped.is_some() { ESCAPE.len() + 2 } else { 1 }..];
    }
    text.into()
}

/// Returns the text that follows a key and its separator.
fn value_after(key_end: &[u8]) -> Option<&[u8]> {
    let key_end = key_end.strip_prefix(b"\\").unwrap_or(key_end);
    let after = key_end.strip_prefix(b"\"").or_else(|| key_end.strip_prefix(b"]"))?.trim_ascii_start();
    let value = after.strip_prefix(b":").or_else(|| after.strip_prefix(b"=>"))?.trim_ascii_start();
    Some(value.strip_prefix(b"\\").unwrap_or(value))
}

/// Returns whether a text begins with a number other than zero, or with a single word that looks like an id: it contains
/// a digit or is long.
fn begins_with_id(text: &[u8]) -> bool {
    let (is_text, text) = text.strip_prefix(b"\"").map_or((false, text), |text| (true, text));
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:+/=".contains(byte);
    let (word, after) = text.split_at(text.iter().take_while(|byte| is_part(byte)).count());
    let is_whole = !is_text || after.is_empty() || after.starts_with(b"\"") || after.starts_with(b"\\");
    let is_id = word.iter().any(|byte| matches!(byte, b'1'..=b'9')) || word.len() >= 16;
    is_whole && is_id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_wherever_it_is() {
        for body in [
            r#"{"uuid": "a-1"}"#,
            r#"[{"token": "x", "uuid": 5}]"#,
            r#"{"data": {"uuid": "a-1"}}"#,
            "\u{feff}{\"uuid\": \"a-1\"}",
            r#"{"errors": {}, "uuid" : "a-1", "na"#,
            r#"{"uuid": "a-1"#,
            r#"{"uuid": 47"#,
            r#"{"body": "{\"uuid\": \"a-1\"}"}"#,
            "Array\n(\n    [uuid] => 47\n",
            r#"{"uuid": "ABCDEFGHIJKLMNOPQRST"}"#,
            r#"{"uuid": null, "new": {"uuid": "10.1.2.3"}}"#,
            r#"{"\u0075uid": "a-1"}"#,
            r#"{"\u0075\u0075\u0069\u0064": "\u0061-1"}"#,
            r#"{"body": "{\u0022uuid\u0022: 47}"}"#,
        ] {
            assert!(names_id(body.as_bytes(), &["id", "uuid"]), "{body}");
        }
    }

    #[test]
    fn another_id_is_not_another_form_of_the_same_id() {
        const UUID: &str = "0ab00000-0000-4000-8000-0000000000ff";
        for (value, id) in [
            (r#""0AB00000-0000-4000-8000-0000000000FF""#, UUID),
            (r#""0ab000000000400080000000000000ff""#, UUID),
            (r#"" 47 ""#, "47"),
            (r#""047""#, "47"),
            ("47.0", "47"),
            (r#""47.0""#, "47"),
            (r#""\u0034\u0037""#, "47"),
            (r#""::ffff:1.1.1.1""#, "1.1.1.1"),
        ] {
            let body = format!(r#"{{"id": {value}, "of": {{"id": 9}}, "name": "x"}}"#);
            assert!(!names_other_id(body.as_bytes(), "id", id), "{body}");
        }
        for none in ["null", r#""""#, "true", "[48]", r#"{"id": 48}"#] {
            assert!(!names_other_id(format!(r#"{{"id": {none}}}"#).as_bytes(), "id", "47"), "{none}");
        }
        for other in
            [r#"{"id": 48}"#, "\u{feff}{\"id\": 48}", r#"{"id": 47, "id": 48}"#, r#"{"\u0069d": "x"}"#]
        {
            assert!(names_other_id(other.as_bytes(), "id", "47"), "{other}");
        }
        assert!(!names_other_id(b"", "id", "47") && !names_other_id(b"[]", "id", "47"));
    }

    #[test]
    fn a_message_about_an_id_names_none() {
        for body in [
            r#"{"errors": {"uuid": "Required parameter 'uuid' not supplied"}}"#,
            r#"{"errors": {"uuid": "Invalid UUID 12 provided"}}"#,
            r#"{"errors": {"uuid": "invalid"}}"#,
            r#"{"message": "uuid: 47 not found"}"#,
            r#"{"network_uuid": "a-1"}"#,
            r#"{"uuid": null}"#,
            r#"{"uuid": ""}"#,
            r#"{"uuid": 0}"#,
            r#"{"uuid": {}}"#,
            r#"{"\u00e4uid": "a-1", "\u00": 5, "\u007": 5}"#,
            r#"{"uuid""#,
            r#"{"uuid":"#,
            "uuid",
            "",
        ] {
            assert!(!names_id(body.as_bytes(), &["uuid"]), "{body}");
        }
    }

    #[test]
    fn an_id_is_read_from_an_invalid_or_truncated_body_or_after_a_warning() {
        for body in [
            r#"{"storage": [{"uuid": "disk"}], "uuid": "a-1", "vcpu": null}"#,
            r#"{"uuid": "a-1", "vcpu": {"#,
            r#"{"vcpu": 2, "uuid": "a-1""#,
            r#"<b>Warning</b> in x.php {"vcpu": {}, "uuid": "a-1"}"#,
        ] {
            assert_eq!(peek(body.as_bytes(), "uuid").as_deref(), Some("a-1"), "{body}");
        }
        assert_eq!(peek(br#"{"address": "10.1.2.3", "na"#, "address").as_deref(), Some("10.1.2.3"));
        assert_eq!(peek(br#"{"order_id": 17, "bill"#, "order_id").as_deref(), Some("17"));
    }

    #[test]
    fn a_blank_id_is_no_id() {
        for id in [
            "0",
            "0.0",
            "-0",
            r#""0""#,
            r#"" 00 ""#,
            r#""00000000-0000-0000-0000-000000000000""#,
            r#""00000000000000000000000000000000""#,
            r#""{00000000-0000-0000-0000-000000000000}""#,
            r#""{00000000000000000000000000000000}""#,
            r#""urn:uuid:00000000-0000-0000-0000-000000000000""#,
            r#""URN:UUID:00000000-0000-0000-0000-000000000000""#,
            r#"" urn:uuid:00000000000000000000000000000000 ""#,
            r#""0000-0000-0000-0000-0000-0000-0000-0000""#,
            r#""::ffff:0.0.0.0""#,
            r#""0:0:0:0:0:0:0:0""#,
            r#""0.0.0.0""#,
            r#""::""#,
        ] {
            let body = format!(r#"{{"result": "success", "orderid": {id}, "pid": 1}}"#);
            assert!(names_blank_id(body.as_bytes(), "orderid"), "{body}");
            assert_eq!(peek(body.as_bytes(), "orderid"), None, "{body}");
            let escaped = body.replace("orderid", r"\u006frderid");
            let twice = body.replacen('{', r#"{"orderid": 7, "#, 1);
            for body in [escaped, body.replace(": ", " : "), twice] {
                assert!(names_blank_id(body.as_bytes(), "orderid"), "{body}");
            }
        }
        assert_eq!(peek(br#"{"orderid": -1, "pid": 1}"#, "orderid"), None);
        for body in [
            r#"{"orderid": 10, "pid": 0}"#,
            r#"{"orderid": -1, "pid": 0}"#,
            r#"{"orderid": "0a"}"#,
            r#"{"orderid": "urn:uuid:00000000-0000-0000-0000-00000000000a"}"#,
            r#"{"orderid": "urn:uuid:"}"#,
            r#"{"orderid": "ubuntu"}"#,
            r#"{"orderid": ""}"#,
            r#"{"orderid": null}"#,
            r#"{"orderid": 0"#,
            r#"{"list": [{"orderid": 0}]}"#,
        ] {
            assert!(!names_blank_id(body.as_bytes(), "orderid"), "{body}");
        }
    }

    #[test]
    fn an_id_is_the_same_however_it_is_written() {
        let forms = [
            [
                "00ab0000-0000-4000-8000-0000000000ff",
                "00AB0000-0000-4000-8000-0000000000FF",
                "{00ab0000-0000-4000-8000-0000000000ff}",
            ],
            [
                "0000000a-0000-4000-8000-000000000001",
                "0000000A-0000-4000-8000-000000000001",
                "urn:uuid:0000000a000040008000000000000001",
            ],
            ["2001:db8::1", "2001:0DB8:0:0:0:0:0:1", "2001:db8:0::1"],
            ["10.1.2.3", "::ffff:10.1.2.3", "::FFFF:0a01:0203"],
            ["47012", "047012", "0047012"],
            ["0", "00", "000"],
            ["web", "web", "web"],
        ];
        for (at, forms_of_one) in forms.iter().enumerate() {
            for (other_at, forms_of_other) in forms.iter().enumerate() {
                for (one, other) in
                    forms_of_one.iter().flat_map(|one| forms_of_other.map(|other| (one, other)))
                {
                    assert_eq!(is_same_id(one, other), at == other_at, "{one} {other}");
                }
            }
        }
        for (one, other) in [
            ("web-1", "web1"),
            ("Web", "web"),
            ("", "0"),
            ("470", "47"),
            ("a-1", "a1"),
            ("10.1.2.3", "10.1.2.03"),
        ] {
            assert!(!is_same_id(one, other) && !is_same_id(other, one), "{one} {other}");
        }
    }

    #[test]
    fn an_id_of_the_maximum_length_may_be_escaped() {
        let body = |length| format!(r#"{{"uuid": "{}"}}"#, r"\u0061".repeat(length));
        assert_eq!(peek(body(LONGEST).as_bytes(), "uuid"), Some("a".repeat(LONGEST)));
        assert_eq!(peek(body(LONGEST + 1).as_bytes(), "uuid"), None);
    }

    /// The models accept the same forms.
    #[test]
    fn an_id_may_be_written_as_a_number_with_an_empty_fraction() {
        for id in ["47012", "47012.0", "4.7012e4", r#""47012""#, r#""47012.0""#] {
            let body = format!(r#"{{"\u006frderid": {id}, "pid": 1}}"#);
            assert_eq!(peek(body.as_bytes(), "orderid").as_deref(), Some("47012"), "{id}");
        }
        for id in ["47012.5", "1e999", "1e300", "-0.5", "true", r#""47012.5""#, r#""4e""#] {
            let body = format!(r#"{{"orderid": {id}, "pid": 1}}"#);
            let found = peek(body.as_bytes(), "orderid");
            assert_eq!(found.as_deref(), (id == r#""4e""#).then_some("4e"), "{id}");
        }
    }

    /// Truncating 4711 leaves 471, 47 and 4, which are the ids of other resources.
    #[test]
    fn a_truncated_response_never_yields_another_id() {
        for whole in [r#"{"result": "success", "orderid": 4711, "invoiceid": 9}"#, r#"{"orderid": "4711"}"#] {
            for end in 0..=whole.len() {
                let id = peek(&whole.as_bytes()[..end], "orderid");
                assert!(id.is_none() || id.as_deref() == Some("4711"), "{}", &whole[..end]);
            }
            assert!(peek(whole.as_bytes(), "orderid").is_some(), "{whole}");
        }
    }

    #[test]
    fn only_a_plain_id_of_the_outermost_object_is_accepted() {
        let long = format!(r#"{{"uuid": "{}"}}"#, "a".repeat(LONGEST + 1));
        for body in [
            r#"{"storage": [{"uuid": "disk"}], "uu"#,
            r#"{"uuid": "a b"}"#,
            r#"{"uuid": "secret"}"#,
            r#"{"uuid": "10.1.2"}"#,
            r#"{"uuid": "\u001b[2J"}"#,
            r#"{"uuid": null}"#,
            r#"{"uuid": ["a"]}"#,
            r#"{"uuid": ""}"#,
            r#"[{"vm": 1}, {"uuid": "a"}]"#,
            "uuid",
            "",
            &long,
            r#"{"uuid": "a-1", "uuid": "a-2"}"#,
        ] {
            assert_eq!(peek(body.as_bytes(), "uuid"), None, "{body}");
        }
    }
}

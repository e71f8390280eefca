//! Finds the id in a response that cannot be decoded as a whole.

use std::net::IpAddr;

use serde_json::Value;

use crate::wire::members::members;

/// The maximum length of an id.
const LONGEST: usize = 64;

/// Returns the id under `key` in the outermost object of this body, even if the body is invalid after the id.
///
/// The id appears in error messages and requests, so only numbers, UUIDs and IP addresses are accepted. A number at the
/// very end of the body is rejected, because it may be the beginning of a longer id. If there are several ids, none is
/// returned.
pub(crate) fn peek(body: &[u8], key: &str) -> Option<String> {
    let start = body.iter().position(|byte| *byte == b'{')?;
    let object = &body[start..];
    let mut found = Vec::new();
    members(object, |name, value| {
        if name == key {
            found.push(value);
        }
    });
    let [value] = found[..] else { return None };
    let is_cut = !value.ends_with(b"\"") && value.as_ptr_range().end == object.as_ptr_range().end;
    // A longer value is too long for an id, even if every character is escaped.
    if is_cut || value.len() > 6 * LONGEST + 2 {
        return None;
    }
    let text = match serde_json::from_slice(value).ok()? {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let is_plain = |c: char| c.is_ascii_hexdigit() || c == '-';
    let is_id = text.chars().all(is_plain) || text.parse::<IpAddr>().is_ok();
    (!text.is_empty() && text.len() <= LONGEST && is_id).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

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

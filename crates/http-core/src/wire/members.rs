//! Finds the members of a JSON object by scanning its tokens, even if the object is truncated or contains values that
//! are not valid JSON.

use std::borrow::Cow;

/// Calls `each` for every member of the object at the beginning of `body`, in order and including duplicates. `each`
/// receives the key and the unchanged bytes of the value. Returns whether the object is complete and nothing follows
/// it.
///
/// The function neither copies nor recurses. Values are not validated: everything up to the next comma counts as the
/// value.
pub fn members<'a>(body: &'a [u8], mut each: impl FnMut(&str, &'a [u8])) -> bool {
    let Some(mut rest) = body.trim_ascii().strip_prefix(b"{") else { return false };
    loop {
        rest = rest.trim_ascii_start();
        if let Some(after) = rest.strip_prefix(b"}") {
            return after.is_empty();
        }
        if rest.first() != Some(&b'"') {
            return false;
        }
        let (key, after) = rest.split_at(value_length(rest, b':'));
        let Some(after) = after.strip_prefix(b":") else { return false };
        let (value, after) = after.split_at(value_length(after, b','));
        each(&text(key.trim_ascii_end()), value.trim_ascii());
        rest = after.strip_prefix(b",").unwrap_or(after);
    }
}

/// Calls `each` for every item of a list, in order. Returns whether the body is a list. The items are scanned like the
/// values of [`members`].
pub(crate) fn items<'a>(body: &'a [u8], mut each: impl FnMut(&'a [u8])) -> bool {
    let Some(mut rest) = body.trim_ascii().strip_prefix(b"[") else { return false };
    if rest.trim_ascii_start().starts_with(b"]") {
        return true;
    }
    loop {
        let (item, after) = rest.split_at(value_length(rest, b','));
        each(item.trim_ascii());
        match after.strip_prefix(b",") {
            Some(after) => rest = after,
            None => return true,
        }
    }
}

/// Returns the length of a value, which ends at `end` or where its container ends.
fn value_length(text: &[u8], end: u8) -> usize {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            _ if depth == 0 && (byte == end || matches!(byte, b'}' | b']')) => return at,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// Decodes a key; one that is not valid JSON is returned as it is.
fn text(quoted: &[u8]) -> Cow<'_, str> {
    let inner = quoted.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\""));
    if let Some(inner) = inner.filter(|inner| !inner.contains(&b'\\'))
        && let Ok(text) = str::from_utf8(inner)
    {
        return text.into();
    }
    match serde_json::from_slice::<String>(quoted) {
        Ok(text) => text.into(),
        Err(_) => String::from_utf8_lossy(quoted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &[u8]) -> (Vec<(String, String)>, bool) {
        let mut found = Vec::new();
        let whole = members(body, |key, value| {
            found.push((key.to_owned(), String::from_utf8_lossy(value).into_owned()));
        });
        (found, whole)
    }

    #[track_caller]
    fn check(body: &[u8], expected: &[(&str, &str)], whole: bool) {
        let owned = expected.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        assert_eq!(read(body), (owned.collect(), whole), "{}", String::from_utf8_lossy(body));
    }

    #[test]
    fn every_member_is_found_with_its_unchanged_value() {
        check(b" {} ", &[], true);
        check(
            br#"{ "a" : 1 , "b":{"x":[1,2],"y":"}"},"a":"q\"," , "\u0063": [ ] }"#,
            &[("a", "1"), ("b", r#"{"x":[1,2],"y":"}"}"#), ("a", r#""q\",""#), ("c", "[ ]")],
            true,
        );
    }

    #[test]
    fn every_item_of_a_list_is_found() {
        for (list, expected) in [
            ("[]", vec![]),
            (" [ ] ", vec![]),
            (r#"[1, {"a": [2, 3]},"],"]"#, vec!["1", r#"{"a": [2, 3]}"#, r#""],""#]),
        ] {
            let mut found = Vec::new();
            assert!(items(list.as_bytes(), |item| found.push(std::str::from_utf8(item).unwrap())));
            assert_eq!(found, expected, "{list}");
        }
        assert!(!items(b"{}", |_| ()));
    }

    #[test]
    fn members_are_found_in_invalid_json() {
        check(br#"{"errors": {"Error": "decl"#, &[("errors", r#"{"Error": "decl"#)], false);
        check(b"{\"a\": \"\xff\", \"b\": 1e999}", &[("a", "\"\u{fffd}\""), ("b", "1e999")], true);
        check(br#"{"a": "\ud83d"}"#, &[("a", r#""\ud83d""#)], true);
        check(br#"{"a": 1} x"#, &[("a", "1")], false);
        check(br#"{"a": 1]"#, &[("a", "1")], false);
        for body in [&b""[..], b"[", b"{", b"{a: 1}", b"true", b"{\"a\"}", b"{\"a\""] {
            assert!(!read(body).1, "{}", String::from_utf8_lossy(body));
        }
    }
}

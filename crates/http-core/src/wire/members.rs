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
    encoded_members(body, |key, value| each(&key.decode(), value))
}

/// Does the same without decoding the keys.
pub(crate) fn encoded_members<'a>(body: &'a [u8], mut each: impl FnMut(Key<'a>, &'a [u8])) -> bool {
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
        each(Key(key.trim_ascii_end()), value.trim_ascii());
        rest = after.strip_prefix(b",").unwrap_or(after);
    }
}

/// The key of a member with its quotation marks. It may be invalid JSON.
#[derive(Clone, Copy)]
pub(crate) struct Key<'a>(&'a [u8]);

impl<'a> Key<'a> {
    /// Returns the key without its quotation marks, and not decoded otherwise.
    pub(crate) fn inside(self) -> &'a [u8] {
        let inside = self.0.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\""));
        inside.unwrap_or(self.0)
    }

    /// Returns the decoded key; one that is not valid JSON is returned as it is.
    pub(crate) fn decode(self) -> Cow<'a, str> {
        let inside = self.inside();
        if !inside.contains(&b'\\')
            && let Ok(text) = str::from_utf8(inside)
        {
            return text.into();
        }
        match serde_json::from_slice::<String>(self.0) {
            Ok(text) => text.into(),
            Err(_) => String::from_utf8_lossy(self.0),
        }
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

/// Whether a byte that is not part of a string may end a value or change the depth.
const IS_MARK: [bool; 256] = {
    let (mut is_mark, marks) = ([false; 256], *b"\"{}[],:");
    let mut at = 0;
    while at < marks.len() {
        is_mark[marks[at] as usize] = true;
        at += 1;
    }
    is_mark
};

/// Returns the length of a value, which ends at `end` or where its container ends.
fn value_length(text: &[u8], end: u8) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(&byte) = text.get(at) {
        at += 1;
        if !IS_MARK[usize::from(byte)] {
            continue;
        }
        match byte {
            b'"' => at += string_length(&text[at..]),
            _ if byte == end && depth == 0 => return at - 1,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 0 => depth -= 1,
            b'}' | b']' => return at - 1,
            _ => {}
        }
    }
    text.len()
}

/// Returns the length of the rest of a string, including the quotation mark at its end.
fn string_length(text: &[u8]) -> usize {
    let mut rest = text;
    while let Some(found) = quote_or_backslash(rest) {
        let (mark, after) = rest[found..].split_at(1);
        if mark == b"\"" {
            return text.len() - after.len();
        }
        rest = after.get(1..).unwrap_or_default();
    }
    text.len()
}

/// Returns the position of the first quotation mark or backslash. Eight bytes are searched at a time: most strings are
/// so short that a vectorized search would take longer to start.
fn quote_or_backslash(text: &[u8]) -> Option<usize> {
    const fn repeated(byte: u8) -> u64 {
        u64::from_le_bytes([byte; 8])
    }
    // The highest bit of the first zero byte, and perhaps of later bytes.
    let zeros = |word: u64| word.wrapping_sub(repeated(1)) & !word & repeated(0x80);
    let (words, rest) = text.as_chunks();
    for (number, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let found = zeros(word ^ repeated(b'"')) | zeros(word ^ repeated(b'\\'));
        if found != 0 {
            return Some(number * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    let found = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'));
    found.map(|at| words.len() * 8 + at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    /// Returns the length of a value by looking at one byte after the other.
    fn slow_value_length(text: &[u8], end: u8) -> usize {
        let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
        let is_end = |byte: &u8| {
            let is_bracket = matches!(byte, b'}' | b']');
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                _ if quoted => {}
                _ if depth == 0 && (*byte == end || is_bracket) => return true,
                b'{' | b'[' => depth += 1,
                _ if is_bracket => depth -= 1,
                _ => {}
            }
            false
        };
        text.iter().position(is_end).unwrap_or(text.len())
    }

    proptest! {
        #[test]
        fn strings_are_skipped_without_missing_their_end(text in "[\"\\\\{}\\[\\]:,a ]{0,40}|[\"\\\\#!\\]\u{a2}a]{0,40}") {
            for end in [b':', b','] {
                prop_assert_eq!(value_length(text.as_bytes(), end), slow_value_length(text.as_bytes(), end));
            }
            let first = text.bytes().position(|byte| matches!(byte, b'"' | b'\\'));
            prop_assert_eq!(quote_or_backslash(text.as_bytes()), first);
        }
    }
}

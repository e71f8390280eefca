//! Finds the id in a response that cannot be decoded as a whole, or whose structure is unknown.

#[cfg(test)]
mod tests;

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

/// Compares two ids.
pub(crate) type SameId = fn(&str, &str) -> bool;

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

//! Finds the response in the output of the provider's PHP: JSON surrounded by byte-order marks, blank lines and
//! warnings, or `print_r` text, which is converted to JSON. The time is linear in the size of the body, whatever the
//! body contains.

mod print_r;
mod reported_result;
mod rows;
#[cfg(test)]
mod tests;

use std::str::Utf8Chunk;

use http_core::client::{Verdict, is_late};
use http_core::wire::Bytes;
use serde::de::IgnoredAny;

pub(crate) use reported_result::ReportedResult;
pub(crate) use rows::{RowKind, each_member};

/// The reason why a body contains no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoJson {
    /// The body is empty, `null` or `false`, which is how PHP writes an absent value.
    Empty,
    /// The body is a web page.
    Page,
    /// The body contains a response that is truncated or invalid, or several responses. The words in it do not show the
    /// result.
    Broken,
    /// The body is other text.
    Text,
}

/// The maximum number of places that are tried as the beginning of a response. Warnings contain only a few such places.
const TRIES: usize = 16;
/// The length of the longest `print_r` text that is decoded, in bytes. Decoded values take more than twenty times as
/// much memory as the text.
const LONGEST_PRINT_R: usize = 256 * 1024;
/// Bodies of up to this many bytes are decoded even if no byte of them is valid UTF-8.
const SHORT: usize = 64 * 1024;
/// A longer body is rejected if more than one byte in this many is not valid UTF-8: as text, it would take far more
/// memory.
const BYTES_PER_BAD_BYTE: usize = 4;
/// The number of bytes at the beginning of a body that are searched for the tags of a web page.
const PAGE_START: usize = 4096;

/// Returns whether a body seems to be a JSON object that reports no failure. If the whole body can be decoded, it is the
/// response.
pub(crate) fn seems_success(body: &Bytes) -> bool {
    let Some(inside) = body.strip_prefix(b"{") else { return false };
    // Most responses begin with their result, which `may_be_failure` has found to be a success.
    !ReportedResult::may_be_failure(body)
        && (inside.trim_ascii_start().starts_with(b"\"result\"") || Verdict::of(body) == Verdict::Silent)
}

/// Returns the response in a body as JSON.
#[inline]
pub(crate) fn read(body: &Bytes) -> Result<Bytes, NoJson> {
    if let Ok(text) = std::str::from_utf8(body) {
        return find(body, text);
    }
    let bad: usize = body.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    if body.len() > SHORT && bad > body.len() / BYTES_PER_BAD_BYTE {
        return Err(NoJson::Broken);
    }
    let body = Bytes::from(transcoded(body));
    find(&body, std::str::from_utf8(&body).unwrap_or_default())
}

/// Returns the JSON in this text of a body.
#[inline]
fn find(body: &Bytes, text: &str) -> Result<Bytes, NoJson> {
    let inner = text.trim_matches(is_blank);
    if matches!(inner, "" | "null" | "false") {
        return Err(NoJson::Empty);
    }
    if is_page(inner) {
        return Err(NoJson::Page);
    }
    for start in starts(inner).take(TRIES) {
        if is_late() {
            break;
        }
        let rest = &inner[start..];
        // `print_r` text is tried before JSON, because `[0] => a` begins like a list.
        if rest.len() <= LONGEST_PRINT_R
            && let Some((value, after)) = print_r::parse(rest)
        {
            return if is_end(&after) { Ok(Bytes::from(value.to_string())) } else { Err(NoJson::Broken) };
        }
        match json_end(rest)? {
            Some(end) if is_end(&rest[end..]) => return Ok(body.slice_ref(&rest.as_bytes()[..end])),
            // Otherwise one of its rows would be mistaken for the response.
            None if !is_response(rest) => {}
            _ => return Err(NoJson::Broken),
        }
    }
    Err(NoJson::Text)
}

/// Returns whether this text, which follows a response, contains neither another response nor the rest of a larger one.
fn is_end(after: &str) -> bool {
    let after = after.trim_start_matches(is_blank);
    !after.starts_with([')', ']', '}', ',']) && !starts(after).any(|start| is_response(&after[start..]))
}

/// Returns whether text that begins with a bracket or with `Array` begins with a response, which may be invalid.
fn is_response(text: &str) -> bool {
    match text.strip_prefix(['{', '[']).map(str::trim_start) {
        Some(inside) => {
            inside.is_empty() || inside.starts_with(['"', '{', ']', '}']) || print_r::is_field(text)
        }
        None => print_r::is_array(text),
    }
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\0')
}

fn is_page(text: &str) -> bool {
    if !text.starts_with('<') {
        return false;
    }
    let start = &text.as_bytes()[..text.len().min(PAGE_START)];
    let start = String::from_utf8_lossy(start).to_ascii_lowercase();
    ["<!doctype", "<html", "<head", "<body"].iter().any(|tag| start.contains(tag))
}

/// Returns the places where a response may begin: an opening bracket at the beginning of a line or after a tag.
fn starts(text: &str) -> impl Iterator<Item = usize> {
    let mut is_first = true;
    text.char_indices().filter_map(move |(at, c)| {
        let opens = is_first && (matches!(c, '{' | '[') || print_r::opens(&text[at..]));
        is_first = matches!(c, '\n' | '\r' | '>' | '\u{feff}') || (is_first && c.is_whitespace());
        opens.then_some(at)
    })
}

/// Returns the end of the object or list at the beginning of the text; `None` if there is none. Truncated JSON is an
/// error.
fn json_end(text: &str) -> Result<Option<usize>, NoJson> {
    if !text.starts_with(['{', '[']) {
        return Ok(None);
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    match values.next() {
        Some(Ok(_)) => Ok(Some(values.byte_offset())),
        Some(Err(error)) if error.is_eof() => Err(NoJson::Broken),
        _ => Ok(None),
    }
}

/// Returns the body as text. Bytes that are not valid UTF-8 are decoded as windows-1251, the other common encoding for
/// Russian text.
fn transcoded(body: &Bytes) -> String {
    let bad = |chunk: Utf8Chunk<'_>| {
        chunk.invalid().iter().copied().map(cyrillic).map(char::len_utf8).sum::<usize>()
    };
    let length: usize = body.utf8_chunks().map(|chunk| chunk.valid().len() + bad(chunk)).sum();
    let mut text = String::with_capacity(length);
    for chunk in body.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().copied().map(cyrillic));
    }
    text
}

fn cyrillic(byte: u8) -> char {
    match byte {
        0xC0.. => char::from_u32(0x410 + u32::from(byte - 0xC0)).unwrap_or(char::REPLACEMENT_CHARACTER),
        0xA8 => 'Ё',
        0xB8 => 'ё',
        _ => char::REPLACEMENT_CHARACTER,
    }
}

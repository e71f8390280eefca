//! Decodes a whole response.
//!
//! A response is checked to be UTF-8 as a whole, which is faster than checking each string in it.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use super::error::DecodeError;
use super::place;
use crate::wire::allowance::{self, EXCEEDED};
use crate::wire::lenient;
use crate::wire::only_objects::OnlyObjects;

/// Decodes JSON within the memory limit for a response of this size. An empty body counts as `null`.
///
/// # Errors
///
/// A [`DecodeError`] if the body is not JSON, or cannot be decoded as a `T`.
pub fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    decode(body, |text| place::read(text, |source| T::deserialize(OnlyObjects(source))))
}

/// Decodes a body with `read`, within the memory limit for a response of this size.
pub(super) fn decode<T>(
    body: &[u8],
    read: impl Fn(&str) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    let body = if body.trim_ascii().is_empty() { b"null" } else { body };
    if body.trim_ascii_start().starts_with(b"<") {
        return Err(DecodeError::page());
    }
    let text = lossy(body)?;
    allowance::within(body.len(), || {
        lenient::attempt(|| read(&text)).map_err(|error| {
            if !allowance::is_long() {
                return error;
            }
            let located = allowance::without_counting(|| lenient::attempt(|| read(&text)));
            located.err().filter(|located| located.what != EXCEEDED).unwrap_or(error)
        })
    })
}

/// Bodies of up to this many bytes are decoded even if no byte of them is valid UTF-8.
const SHORT: usize = 64 * 1024;
/// A longer body is rejected if more than one byte in this many is not valid UTF-8.
const BYTES_PER_BAD_BYTE: usize = 4;

/// Returns the body as text, with a replacement character (three bytes) in place of each invalid byte, so that an
/// invalid byte affects only the string that contains it.
pub(super) fn lossy(body: &[u8]) -> Result<Cow<'_, str>, DecodeError> {
    if let Ok(text) = std::str::from_utf8(body) {
        return Ok(text.into());
    }
    let bad: usize = body.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    if body.len() > SHORT && bad > body.len() / BYTES_PER_BAD_BYTE {
        return Err(DecodeError::new("the response is neither JSON nor UTF-8 text"));
    }
    let mut text = String::with_capacity(body.len() + 2 * bad);
    for chunk in body.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    Ok(text.into())
}

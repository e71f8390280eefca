//! A whole response: decoded once, and a second time only to say where that failed.
//!
//! Responses are checked to be UTF-8 as a whole, which is faster than the check of every text in them.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use super::error::{DecodeError, Ends};
use crate::wire::allowance;

/// Decodes JSON within the memory that a response of this size may use. An empty body counts as `null`.
///
/// # Errors
///
/// Returns a [`DecodeError`] if the body is not JSON, or not that of a `T`.
pub fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    decode(
        body,
        |text| serde_json::from_str(text),
        |text, error| {
            let mut deserializer = serde_json::Deserializer::from_str(text);
            match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
                Ok(_) => error,
                Err(error) => DecodeError::of(Ends::of(error.path()), error.inner()),
            }
        },
    )
}

/// Decodes a body by `read`. If that fails, `explain` reads it once more to say where.
pub(super) fn decode<T>(
    body: &[u8],
    read: impl FnOnce(&str) -> serde_json::Result<T>,
    explain: impl FnOnce(&str, DecodeError) -> DecodeError,
) -> Result<T, DecodeError> {
    let body = if body.trim_ascii().is_empty() { b"null" } else { body };
    if body.trim_ascii_start().starts_with(b"<") {
        return Err(DecodeError::page());
    }
    let text = lossy(body)?;
    allowance::within(body.len(), || {
        allowance::attempt(|| read(&text)).map_err(|error| explain(&text, DecodeError::whole(&error)))
    })
}

/// Bodies of up to this many bytes are decoded even if no byte of them is valid UTF-8.
const SHORT: usize = 64 * 1024;
/// A longer body is not text if more than one in this many bytes is not valid UTF-8.
const BYTES_PER_BAD_BYTE: usize = 4;

/// Returns the body as text, with a mark in place of each bad byte, so that one costs no more than the text that it is
/// in. A mark takes three bytes.
pub(super) fn lossy(body: &[u8]) -> Result<Cow<'_, str>, DecodeError> {
    if let Ok(text) = std::str::from_utf8(body) {
        return Ok(text.into());
    }
    let bad: usize = body.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    if body.len() > SHORT && bad > body.len() / BYTES_PER_BAD_BYTE {
        return Err(DecodeError::new("the response is neither JSON nor text in UTF-8"));
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

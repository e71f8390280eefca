//! Decodes a whole response.
//!
//! A response is checked to be UTF-8 as a whole, which is faster than checking each string in it.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::de::{Deserializer, StrRead};

use super::error::DecodeError;
use super::place;
use crate::wire::only_objects::OnlyObjects;
use crate::wire::{allowance, json_text, lenient, presumed};

const NOT_TEXT: &str = "the response is neither JSON nor UTF-8 text";
/// Bodies of up to this many bytes are decoded even if no byte of them is valid UTF-8.
const SHORT: usize = 64 * 1024;
/// A longer body is rejected if more than one byte in this many is not valid UTF-8.
const BYTES_PER_BAD_BYTE: usize = 4;

/// Decodes JSON within the memory limit for a response of this size. An empty body counts as `null`.
///
/// # Errors
///
/// A [`DecodeError`] if the body is not JSON, or cannot be decoded as a `T`.
pub fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    // The value goes directly to its place, because each function that returns a large value may copy it.
    let mut value = None;
    read_json(text(body)?, json_text::is_response(body), &mut |source| {
        T::deserialize(OnlyObjects(source)).map(|read| value = Some(read))
    })?;
    value.ok_or_else(|| DecodeError::new("the response contains no value"))
}

/// Reads a text with `read`, which is called again where another attempt may succeed.
fn read_json(
    text: &str,
    is_response: bool,
    read: &mut dyn FnMut(&mut Deserializer<StrRead<'_>>) -> serde_json::Result<()>,
) -> Result<(), DecodeError> {
    let read = |text: &str| {
        lenient::attempt(|| place::read(text, &mut *read)).map_err(|failure| failure.explain(text))
    };
    if is_response { presumed::whole(|| decode(text, read)) } else { decode(text, read) }
}

/// Decodes a text with `read`, within the memory limit for a response of this size.
pub(super) fn decode<T>(
    text: &str,
    mut read: impl FnMut(&str) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    let text = if text.trim_ascii().is_empty() { "null" } else { text };
    if text.trim_ascii_start().starts_with('<') {
        return Err(DecodeError::page());
    }
    allowance::within(text.len(), || allowance::counting_if_needed(|| read(text)))
}

/// Returns a body as text.
pub(super) fn text(body: &[u8]) -> Result<&str, DecodeError> {
    std::str::from_utf8(body).map_err(|_| DecodeError::new(NOT_TEXT))
}

/// Puts a replacement character (three bytes) in place of each invalid byte, so that an invalid byte affects only the
/// string that contains it. The original is dropped, because a long body must not be in memory twice.
pub(crate) fn make_text(body: &mut Bytes) -> Result<(), DecodeError> {
    if std::str::from_utf8(body).is_ok() {
        return Ok(());
    }
    let bad: usize = body.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    if body.len() > SHORT && bad > body.len() / BYTES_PER_BAD_BYTE {
        return Err(DecodeError::new(NOT_TEXT));
    }
    let mut text = String::with_capacity(body.len() + 2 * bad);
    for chunk in body.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    *body = text.into();
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use serde::{Deserialize, Deserializer};

    use super::*;

    #[test]
    fn only_valid_json_is_decoded_twice() {
        thread_local! {
            static DECODED: Cell<u32> = const { Cell::new(0) };
        }

        struct Counted;

        impl<'de> Deserialize<'de> for Counted {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                DECODED.set(DECODED.get() + 1);
                u8::deserialize(deserializer).map(|_| Self)
            }
        }

        for (body, decoded) in [("[1, 2]", 2), ("[1, true]", 4), ("[1, 2", 2), ("[1, 2] x", 2)] {
            DECODED.set(0);
            let result = json::<Vec<Counted>>(body.as_bytes());
            assert_eq!((DECODED.get(), result.is_ok()), (decoded, body == "[1, 2]"), "{body}");
        }
    }

    #[test]
    fn a_long_body_is_text_if_few_of_its_bytes_are_invalid() {
        let most = |length: usize| length / BYTES_PER_BAD_BYTE;
        for (length, bad, is_text) in [
            (100, 100, true),
            (SHORT, SHORT, true),
            (SHORT + 4, 1, true),
            (SHORT + 4, most(SHORT + 4), true),
            (SHORT + 4, most(SHORT + 4) + 1, false),
            (SHORT + 4, SHORT + 4, false),
        ] {
            let mut body = Bytes::from([vec![0xff; bad], vec![b'a'; length - bad]].concat());
            assert_eq!(make_text(&mut body).is_ok(), is_text, "{bad} of {length}");
        }
    }
}

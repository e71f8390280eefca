//! JSON that a model keeps because it has no fields for it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;

use bytes::Bytes;
use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::wire::allowance;
use crate::wire::model::{Wire, is_absent, read};
use crate::wire::scalar::{Failed, Source};

thread_local! {
    /// The response that is being decoded. Decoding is synchronous, so it never changes threads.
    static RESPONSE: RefCell<Bytes> = const { RefCell::new(Bytes::new()) };
}

/// Decodes a response, whose parts a [`JsonText`] can keep without copying them.
pub(crate) fn of_response<T>(response: &Bytes, decode: impl FnOnce() -> T) -> T {
    struct End(Bytes);

    impl Drop for End {
        fn drop(&mut self) {
            RESPONSE.set(std::mem::take(&mut self.0));
        }
    }

    let _end = End(RESPONSE.replace(response.clone()));
    decode()
}

/// Returns whether these bytes are the whole response that is being decoded.
pub(crate) fn is_response(body: &[u8]) -> bool {
    RESPONSE.with_borrow(|response| response.as_ptr_range() == body.as_ptr_range())
}

/// The JSON text of a value. `Debug` shows only its length, because it may contain secrets.
///
/// If the value was part of a response, the text shares the memory of the whole response, which stays allocated until
/// the text is dropped.
///
/// ```
/// use http_core::wire::JsonText;
///
/// let text: JsonText = serde_json::from_str(r#"{"a": 1.10}"#)?;
/// assert_eq!(text.as_str(), r#"{"a": 1.10}"#);
/// assert_eq!(serde_json::to_string(&text)?, r#"{"a": 1.10}"#);
/// assert_eq!(format!("{text:?}"), "JsonText(11 bytes)");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct JsonText(Bytes);

impl JsonText {
    /// Returns the text; empty for the default.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Keeps a text: as a part of the response that is being decoded, or as a copy if it is not a part of that.
    ///
    /// # Errors
    ///
    /// The deserializer's error if the response may not use the memory of a copy.
    pub fn keep<E: Error>(json: Cow<'_, str>) -> Result<Self, E> {
        let part = RESPONSE.with_borrow(|response| {
            let (all, part) = (response.as_ptr_range(), json.as_bytes().as_ptr_range());
            (all.start <= part.start && part.end <= all.end).then(|| response.slice_ref(json.as_bytes()))
        });
        if let Some(part) = part {
            return Ok(Self(part));
        }
        allowance::take(json.len())?;
        Ok(Self(json.into_owned().into()))
    }
}

impl fmt::Debug for JsonText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JsonText({} bytes)", self.0.len())
    }
}

impl<'de> Deserialize<'de> for JsonText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer)
    }
}

impl Serialize for JsonText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let json = if self.0.is_empty() { "null" } else { self.as_str() };
        let json: &RawValue = serde_json::from_str(json).map_err(serde::ser::Error::custom)?;
        json.serialize(serializer)
    }
}

impl Wire for JsonText {
    fn read(source: &mut dyn Source<'_>) -> Result<Self, Failed> {
        source.text().and_then(Self::keep)
    }

    fn read_option(source: &mut dyn Source<'_>) -> Result<Option<Self>, Failed> {
        let json = source.text()?;
        if is_absent(&json) { Ok(None) } else { Self::keep(json).map(Some) }
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_response_is_not_copied() {
        let response = Bytes::from(r#"[{"a": 1}, {"a": 2}]"#.to_owned());
        let read = || -> Vec<JsonText> { serde_json::from_slice(&response).unwrap() };
        let (inside, outside) = (of_response(&response, read), read());
        assert_eq!(inside, outside);
        let is_part = |text: &JsonText| response.as_ptr_range().contains(&text.0.as_ptr());
        assert!(inside.iter().all(is_part) && !outside.iter().any(is_part));
        drop(response);
        assert_eq!(inside[1].as_str(), r#"{"a": 2}"#);
    }

    #[test]
    fn a_copy_counts() {
        let json = format!("\"{}\"", "a".repeat(16 * 1024 * 1024));
        let read = || serde_json::from_str::<JsonText>(&json);
        assert!(allowance::within(1, read).is_err());
        let response = Bytes::from(json.clone());
        let part =
            of_response(&response, || allowance::within(1, || serde_json::from_slice::<JsonText>(&response)));
        assert!(part.is_ok());
    }
}

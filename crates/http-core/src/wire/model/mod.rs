//! Reads models from a provider's JSON, and writes them.

mod adapters;
mod containers;
mod fields;
mod macros;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde::Serializer;
use serde::de::{DeserializeOwned, Deserializer, Error};

pub use self::adapters::{AnyAsText, Lenient, ZeroAsNone};
pub use self::containers::Map;
pub use self::fields::{
    As, ByType, Layout, MayBeAbsent, Mode, Model, OrDefault, Required, Slot, Written, fill, name, read_fields,
};
use crate::wire::only_objects::OnlyObjects;
use crate::wire::scalar::{
    Failed, FromScalar, ReadPart, Scalar, Source, left_out, read_from, read_scalar, read_scalar_option,
    unexpected,
};
use crate::wire::{allowance, lenient};

/// A type that fields of [`models!`](crate::wire::models) can have: how it is read from, and written to, a provider's
/// JSON.
#[doc(hidden)]
pub trait Wire: Sized {
    /// Whether every JSON value is valid. A lenient list of such values keeps a single value as its only item.
    const IS_ANY: bool = false;
    /// Whether a value has no parts. Only `null` is dropped from a list of such values, e.g. of ids.
    const IS_SCALAR: bool = false;
    /// Whether reading calls only [`Source::scalar`].
    const READS_SCALAR: bool = false;

    fn read(source: &mut dyn Source<'_>) -> Result<Self, Failed>;

    /// Reads an optional value. Unless a second attempt follows, implementations must consume an invalid value completely
    /// and return `None` for it.
    fn read_option(source: &mut dyn Source<'_>) -> Result<Option<Self>, Failed>;

    /// Reads a field without an attribute.
    fn read_field(source: &mut dyn Source<'_>) -> Result<Self, Failed> {
        Self::read(source)
    }

    /// Reads a field that must be valid.
    fn read_required(source: &mut dyn Source<'_>) -> Result<Self, Failed> {
        Self::read(source)
    }

    /// Returns the value of an absent field without an attribute; `None` if the field is required.
    fn absent() -> Option<Self> {
        None
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// Compares like `==`, secrets included.
    fn same(&self, other: &Self) -> bool;
}

#[doc(hidden)]
pub const fn is_wire<T: Wire>() {}

impl<T: FromScalar> Wire for T {
    const IS_SCALAR: bool = true;
    const READS_SCALAR: bool = !T::EXACT;

    fn read(source: &mut dyn Source<'_>) -> Result<Self, Failed> {
        read_scalar(source)
    }

    fn read_option(source: &mut dyn Source<'_>) -> Result<Option<Self>, Failed> {
        read_scalar_option(source)
    }

    fn read_field(source: &mut dyn Source<'_>) -> Result<Self, Failed> {
        match T::absent() {
            Some(absent) => read_scalar_option(source).map(|value| value.unwrap_or(absent)),
            None => read_scalar(source),
        }
    }

    fn absent() -> Option<Self> {
        T::absent()
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        FromScalar::write(self, serializer)
    }

    fn same(&self, other: &Self) -> bool {
        FromScalar::same(self, other)
    }
}

/// Reads a value from a deserializer.
#[doc(hidden)]
pub fn read<'de, T: Wire, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    read_from(deserializer, T::read)
}

/// Reads a value with its implementation of `Deserialize`.
#[doc(hidden)]
pub fn read_by_serde<T: DeserializeOwned>(source: &mut dyn Source<'_>) -> Result<T, Failed> {
    by_serde(&source.text()?).map_err(Failed::custom)
}

/// Reads the content of a string, or the JSON text of any other value; `None` for null. A string is first read like any
/// other scalar: its end need not be found before.
#[doc(hidden)]
pub fn read_content<'de>(source: &mut dyn Source<'de>) -> Result<Option<Cow<'de, str>>, Failed> {
    let content = if lenient::is_first_attempt() {
        match source.scalar()? {
            Scalar::Text(text) => text,
            Scalar::Null => return Ok(None),
            other => return Err(unexpected("text", &other)),
        }
    } else {
        let json = source.text()?;
        match Scalar::of_json(json.clone()) {
            Scalar::Text(text) => text,
            Scalar::Null => return Ok(None),
            _ => json,
        }
    };
    allowance::take(content.len())?;
    Ok(Some(content))
}

/// Reads an optional value with its implementation of `Deserialize`.
#[doc(hidden)]
pub fn read_option_by_serde<T: DeserializeOwned>(source: &mut dyn Source<'_>) -> Result<Option<T>, Failed> {
    let text = source.text()?;
    let mut value = None;
    let is_valid = try_read(&text, &mut || by_serde(&text).map(|read| value = Some(read)))?;
    Ok(value.filter(|_| is_valid))
}

fn by_serde<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    T::deserialize(OnlyObjects(&mut json(text)))
}

/// Reads an optional composite value. The end of the value is found first, because a decoder that fails halfway leaves
/// the source in the middle of the value.
#[doc(hidden)]
pub fn read_option<T: Wire>(source: &mut dyn Source<'_>) -> Result<Option<T>, Failed> {
    let text = source.text()?;
    let mut value = None;
    let mut read = |source: &mut dyn Source<'_>| T::read(source).map(|read| value = Some(read));
    let is_valid = try_read(&text, &mut || in_text(&text, &mut read))?;
    Ok(value.filter(|_| is_valid))
}

/// Reads an optional model. The end of the value need not be found if a second attempt follows.
#[doc(hidden)]
pub fn read_model_option<T: Wire + Model>(source: &mut dyn Source<'_>) -> Result<Option<T>, Failed> {
    if !lenient::is_first_attempt() {
        return read_option(source);
    }
    match T::read_fields(source) {
        Err(failed) if failed.is_absent() => Ok(None),
        result => result.map(Some),
    }
}

/// Reads a text with `read`. Returns whether the value is present and valid; logs a warning if it is invalid.
fn try_read(text: &str, read: &mut dyn FnMut() -> serde_json::Result<()>) -> Result<bool, Failed> {
    if is_absent(text) {
        return Ok(false);
    }
    match lenient::attempt(read) {
        Ok(()) => Ok(true),
        // The value may be valid, so it must not be treated as absent.
        Err(error) if allowance::is_exceeded(&error) => Err(Failed::custom(error)),
        Err(_) => {
            left_out("a value of several parts", &format_args!("{} bytes of something else", text.len()));
            Ok(false)
        }
    }
}

/// Returns whether a JSON text means that an optional value is absent.
pub(crate) fn is_absent(text: &str) -> bool {
    matches!(text, "null" | "\"\"")
}

/// Reads a text with `read`.
fn in_text<'a>(text: &'a str, read: &mut ReadPart<'_, 'a>) -> serde_json::Result<()> {
    read_from(&mut json(text), read)
}

/// Returns a deserializer for a value. It reads from text, like the deserializer for responses: with another kind of
/// source, the code that reads would be compiled a second time.
fn json(text: &str) -> serde_json::Deserializer<serde_json::de::StrRead<'_>> {
    serde_json::Deserializer::from_str(text)
}

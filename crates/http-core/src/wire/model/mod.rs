//! Reads models from a provider's JSON, and writes them.

mod adapters;
mod containers;
mod macros;
#[cfg(test)]
mod tests;

use serde::Serializer;
use serde::de::{Deserializer, Error};

pub use self::adapters::{Lenient, ZeroAsNone};
use crate::wire::scalar::{FromScalar, json_text, left_out, read_scalar, read_scalar_option};
use crate::wire::{allowance, lenient};

/// A type that fields of [`models!`](crate::wire::models) can have: how it is read from, and written to, a provider's
/// JSON.
#[doc(hidden)]
pub trait Wire: Sized {
    /// Whether every JSON value is valid. A lenient list of such values keeps a single value as its only item.
    const IS_ANY: bool = false;
    /// Whether a value has no parts. Only `null` is dropped from a list of such values, e.g. of ids.
    const IS_SCALAR: bool = false;

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;

    /// Reads an optional value. Implementations must consume an invalid value completely and return `None` for it.
    fn read_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error>;

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// Compares like `==`, secrets included.
    fn same(&self, other: &Self) -> bool;
}

#[doc(hidden)]
pub const fn is_wire<T: Wire>() {}

impl<T: FromScalar> Wire for T {
    const IS_SCALAR: bool = true;

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_scalar(deserializer)
    }

    fn read_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        read_scalar_option(deserializer)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        FromScalar::write(self, serializer)
    }

    fn same(&self, other: &Self) -> bool {
        FromScalar::same(self, other)
    }
}

/// Reads an optional composite value. The end of the value is found first, because a decoder that fails halfway leaves
/// the deserializer in the middle of the value.
#[doc(hidden)]
pub fn read_option<'de, T: Wire, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    from_text(&json_text(deserializer)?).map_err(D::Error::custom)
}

/// Returns a deserializer for a value. It reads from text, like the deserializer for responses: with another kind of
/// source, every model would be compiled a second time.
#[doc(hidden)]
pub fn json(text: &str) -> serde_json::Deserializer<serde_json::de::StrRead<'_>> {
    serde_json::Deserializer::from_str(text)
}

fn from_text<T: Wire>(text: &str) -> serde_json::Result<Option<T>> {
    if matches!(text, "null" | "\"\"") {
        return Ok(None);
    }
    match lenient::attempt(|| T::read(&mut json(text))) {
        Ok(value) => Ok(Some(value)),
        // The value may be valid, so it must not be treated as absent.
        Err(error) if allowance::is_exceeded(&error) => Err(error),
        Err(_) => {
            left_out("a value of several parts", &format_args!("{} bytes of something else", text.len()));
            Ok(None)
        }
    }
}

/// Reads a model that keeps the members for which it has no field. serde buffers all members before it reads the first
/// field.
#[doc(hidden)]
pub fn read_with_rest<'de, T, D: Deserializer<'de>>(
    deserializer: D,
    read: impl FnOnce(&str) -> serde_json::Result<T>,
    has_rest: impl FnOnce(&T) -> bool,
) -> Result<T, D::Error> {
    let json = json_text(deserializer)?;
    let memory = containers::memory(&json);
    // A member is two values in a list that doubles when it grows, and is then moved into a map.
    allowance::check(4 * memory)?;
    let model = read(&json).map_err(D::Error::custom)?;
    if has_rest(&model) {
        allowance::take(memory)?;
    }
    Ok(model)
}

/// The functions for `#[serde(with = "…")]`.
#[doc(hidden)]
pub mod field {
    use super::{Deserializer, Serializer, Wire};

    pub fn deserialize<'de, T: Wire, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        T::read(deserializer)
    }

    pub fn serialize<T: Wire, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        value.write(serializer)
    }
}

/// The functions for lists, which may be absent or invalid.
#[doc(hidden)]
pub mod list {
    use serde::de::Error;

    use super::containers::read_list;
    pub use super::field::serialize;
    use super::{Deserializer, Wire, json_text};

    pub fn deserialize<'de, T: Wire, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        if !T::IS_ANY {
            return read_list(deserializer, false);
        }
        let json = json_text(deserializer)?;
        let is_item = !json.starts_with('[') && !matches!(&*json, "null" | "\"\"" | "{}" | "false");
        let mut json = super::json(&json);
        let read =
            if is_item { T::read(&mut json).map(|item| vec![item]) } else { read_list(&mut json, false) };
        read.map_err(D::Error::custom)
    }
}

/// The functions for fields with a default.
#[doc(hidden)]
pub mod plain {
    pub use super::field::serialize;
    use super::{Deserializer, Wire};

    pub fn deserialize<'de, T: Wire + Default, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        T::read_option(deserializer).map(Option::unwrap_or_default)
    }
}

//! A JSON value, independent of the type that it is decoded into.
//!
//! Reading a value and converting it are separate steps, so that the first step is compiled once instead of once per
//! type.

mod source;
mod types;

use std::borrow::Cow;
use std::fmt;
use std::mem::needs_drop;

use serde::Serializer;
use serde::de::Error;

pub(crate) use self::source::{DIGITS, Members, ReadPart, Ready, Wanted, number, read_from};
pub use self::source::{Failed, Source, json_text};
pub(crate) use self::types::flag;
use crate::wire::{allowance, presumed};

/// A JSON value. The contents of lists and objects are left out.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub enum Scalar<'a> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    /// A number as written in the JSON.
    Number(Cow<'a, str>),
    Text(Cow<'a, str>),
    List,
    Object,
}

impl<'de> Scalar<'de> {
    pub(crate) fn of_json(json: Cow<'de, str>) -> Self {
        match json.as_bytes().first() {
            Some(b'"') => Self::Text(unquoted(json)),
            Some(b'-' | b'0'..=b'9') => Self::Number(json),
            Some(b'{') => Self::Object,
            Some(b'[') => Self::List,
            Some(b't') => Self::Bool(true),
            Some(b'f') => Self::Bool(false),
            _ => Self::Null,
        }
    }
}

/// Returns the content of a JSON string.
fn unquoted(json: Cow<'_, str>) -> Cow<'_, str> {
    if json.contains('\\') {
        return serde_json::from_str(&json).map_or(json, Cow::Owned);
    }
    match json {
        Cow::Borrowed(json) => Cow::Borrowed(json.trim_matches('"')),
        Cow::Owned(json) => Cow::Owned(json.trim_matches('"').to_owned()),
    }
}

impl Scalar<'_> {
    /// Returns whether this is null or an empty string.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            _ => false,
        }
    }

    /// Returns the maximum length of the text that [`with_text`](Self::with_text) passes.
    fn text_len(&self) -> usize {
        match self {
            Self::Text(text) | Self::Number(text) => text.len(),
            Self::Unsigned(_) | Self::Signed(_) | Self::Float(_) => 24,
            _ => 0,
        }
    }

    /// Calls `read` with the text, or with a number in the form that it has in JSON (`2.0` for a float).
    pub fn with_text<T>(&self, read: impl FnOnce(&str) -> T) -> Option<T> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(read(text)),
            other => other.printed().map(|text| read(&text)),
        }
    }

    fn printed(&self) -> Option<String> {
        match self {
            Self::Unsigned(number) => Some(number.to_string()),
            Self::Signed(number) => Some(number.to_string()),
            Self::Float(number) => Some(format!("{number:?}")),
            _ => None,
        }
    }

    /// Returns the whole number, which may be written as a number, as a float without a fraction, or as a string.
    pub fn whole(&self) -> Option<i128> {
        match self {
            Self::Unsigned(number) => Some((*number).into()),
            Self::Signed(number) => Some((*number).into()),
            Self::Float(number) => whole_float(*number),
            Self::Text(text) | Self::Number(text) => {
                let text = text.trim();
                text.parse().ok().or_else(|| whole_float(text.parse().ok()?))
            }
            _ => None,
        }
    }
}

/// Shows the kind of the value, never the value itself, which may be a misplaced secret.
impl fmt::Display for Scalar<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Unsigned(_) | Self::Signed(_) | Self::Float(_) | Self::Number(_) => "a number",
            Self::Text(text) => return write!(f, "text of {} bytes", text.len()),
            Self::List => "a list",
            Self::Object => "an object",
        })
    }
}

/// Converts a float without a fraction. Beyond 2^53 a float represents several whole numbers.
fn whole_float(number: f64) -> Option<i128> {
    #[allow(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
    (number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0).then_some(number as i128)
}

/// A type that is read from a single JSON value. Each one is a [`Wire`](crate::wire::model::Wire) type.
#[doc(hidden)]
pub trait FromScalar: Sized {
    /// The text after "expected" in an error message.
    const EXPECTED: &'static str;
    /// Whether numbers keep all digits, which is slower.
    const EXACT: bool = false;

    /// Converts the value; `None` if it has another type.
    fn from_scalar(value: &Scalar<'_>) -> Option<Self>;

    /// Returns the value of an absent or invalid field; `None` if the field is required.
    fn absent() -> Option<Self> {
        None
    }

    /// Returns whether the value means that an optional field is absent.
    fn is_absent(value: &Scalar<'_>) -> bool {
        value.is_empty()
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    fn same(&self, other: &Self) -> bool;
}

/// Reads one value, which must be present and valid.
pub(crate) fn read_scalar<T: FromScalar>(source: &mut dyn Source<'_>) -> Result<T, Failed> {
    let value = take::<T>(source)?;
    T::from_scalar(&value).ok_or_else(|| unexpected(T::EXPECTED, &value))
}

/// Reads one value; `None` if it is absent or invalid, with a warning if it is invalid.
pub(crate) fn read_scalar_option<T: FromScalar>(source: &mut dyn Source<'_>) -> Result<Option<T>, Failed> {
    take::<T>(source).map(|value| optional(&value))
}

fn take<'de, T: FromScalar>(source: &mut dyn Source<'de>) -> Result<Scalar<'de>, Failed> {
    // If serde buffers the value (for `untagged` or an internally tagged enum), the number has already been converted
    // to a float, and digits beyond the fifteenth may be lost.
    let value = if T::EXACT { Scalar::of_json(source.text()?) } else { source.scalar()? };
    // Only a type that owns memory can keep the text.
    if needs_drop::<T>() {
        allowance::take(value.text_len())?;
    }
    Ok(value)
}

fn optional<T: FromScalar>(value: &Scalar<'_>) -> Option<T> {
    if T::is_absent(value) {
        return None;
    }
    let read = T::from_scalar(value);
    if read.is_none() {
        left_out(T::EXPECTED, value);
    }
    read
}

/// Logs that an optional value was dropped because it is invalid.
#[cfg_attr(not(feature = "tracing"), allow(unused_variables, reason = "used only by the log message"))]
pub(crate) fn left_out(expected: &str, found: &dyn fmt::Display) {
    presumed::leave_out();
    #[cfg(feature = "tracing")]
    tracing::warn!(expected, %found, "an optional value is invalid and was left out");
}

pub(crate) fn unexpected<E: Error>(expected: &str, found: &Scalar<'_>) -> E {
    E::custom(format_args!("expected {expected}, found {found}"))
}

/// Implements [`FromScalar`] for a type that is `Serialize` and `PartialEq`. A field of the type is required unless
/// there is a value for an absent one.
#[doc(hidden)]
#[macro_export]
macro_rules! __from_scalar {
    ($($type:ty: $expected:expr, $read:expr $(, absent = $absent:expr)?;)+) => {$(
        impl $crate::__private::FromScalar for $type {
            const EXPECTED: &'static str = $expected;

            #[inline]
            fn from_scalar(value: &$crate::__private::Scalar<'_>) -> ::std::option::Option<Self> {
                let read: fn(&$crate::__private::Scalar<'_>) -> ::std::option::Option<Self> = $read;
                read(value)
            }

            $(
                #[inline]
                fn absent() -> ::std::option::Option<Self> {
                    ::std::option::Option::Some($absent)
                }
            )?

            fn write<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                $crate::__private::serde::Serialize::serialize(self, serializer)
            }

            #[inline]
            fn same(&self, other: &Self) -> bool {
                self == other
            }
        }
    )+};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_a_value_follows_from_its_json() {
        for (json, kind) in [
            ("null", "null"),
            ("true", "a boolean"),
            ("false", "a boolean"),
            ("-1.5", "a number"),
            (r#""\u0061""#, "text of 1 bytes"),
            ("[1]", "a list"),
            (r#"{"a": 1}"#, "an object"),
        ] {
            assert_eq!(Scalar::of_json(json.into()).to_string(), kind, "{json}");
        }
        for (json, flag) in [("true", true), ("false", false)] {
            assert!(matches!(Scalar::of_json(json.into()), Scalar::Bool(found) if found == flag));
        }
    }

    #[test]
    fn no_text_is_longer_than_expected() {
        for value in [
            Scalar::Unsigned(u64::MAX),
            Scalar::Signed(i64::MIN),
            Scalar::Float(f64::MIN),
            Scalar::Float(-f64::MIN_POSITIVE),
            Scalar::Number("1.50".into()),
            Scalar::Text("ä".into()),
            Scalar::Null,
            Scalar::List,
        ] {
            assert!(value.with_text(str::len).unwrap_or(0) <= value.text_len(), "{value:?}");
        }
    }

    #[test]
    fn a_value_that_has_been_read_has_no_json_text() {
        assert!(Ready(Scalar::Unsigned(7)).text().is_err());
    }
}

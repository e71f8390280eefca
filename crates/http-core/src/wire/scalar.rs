use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// A JSON value as far as an adapter for single values cares.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(&'a str),
    List,
    Object,
}

impl Scalar<'_> {
    /// Text and numbers as text, a float as JSON writes it (`2.0`).
    pub(crate) fn with_text<T>(self, read: impl FnOnce(&str) -> T) -> Option<T> {
        match self {
            Self::Text(text) => Some(read(text)),
            Self::Unsigned(number) => Some(read(&number.to_string())),
            Self::Signed(number) => Some(read(&number.to_string())),
            Self::Float(number) => Some(read(&format!("{number:?}"))),
            _ => None,
        }
    }

    pub(crate) fn whole(self) -> Option<i128> {
        match self {
            Self::Unsigned(number) => Some(number.into()),
            Self::Signed(number) => Some(number.into()),
            Self::Float(number) => whole_float(number),
            Self::Text(text) => {
                let text = text.trim();
                text.parse().ok().or_else(|| whole_float(text.parse().ok()?))
            }
            _ => None,
        }
    }
}

/// Says what the value is, never which: it may be a secret in the wrong place.
impl fmt::Display for Scalar<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Unsigned(_) | Self::Signed(_) | Self::Float(_) => "a number",
            Self::Text(text) => return write!(f, "text of {} bytes", text.len()),
            Self::List => "a list",
            Self::Object => "an object",
        })
    }
}

/// Beyond 2^53 a float no longer names one whole number.
fn whole_float(number: f64) -> Option<i128> {
    #[allow(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
    (number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0).then_some(number as i128)
}

/// Reads one value by a function of its scalar; a list or an object is skipped first, so that the
/// function may also accept it.
pub(crate) fn scalar<'de, D, T, R>(deserializer: D, expected: &str, read: R) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    R: FnOnce(Scalar<'_>) -> Option<T>,
{
    deserializer.deserialize_any(ScalarVisitor { expected, read, digits: false })
}

/// The reading half of text newtypes and open enums.
#[doc(hidden)]
pub fn deserialize_text<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    read: impl FnOnce(&str) -> T,
) -> Result<T, D::Error> {
    scalar(deserializer, "text", |value| value.with_text(read))
}

struct ScalarVisitor<'e, R> {
    expected: &'e str,
    read: R,
    /// Text stands for a number.
    digits: bool,
}

impl<T, R: FnOnce(Scalar<'_>) -> Option<T>> ScalarVisitor<'_, R> {
    fn read<E: Error>(self, value: Scalar<'_>) -> Result<T, E> {
        (self.read)(value).ok_or_else(|| E::custom(format_args!("expected {}, found {value}", self.expected)))
    }
}

impl<'de, T, R: FnOnce(Scalar<'_>) -> Option<T>> Visitor<'de> for ScalarVisitor<'_, R> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_unit<E: Error>(self) -> Result<T, E> {
        self.read(Scalar::Null)
    }

    fn visit_none<E: Error>(self) -> Result<T, E> {
        self.read(Scalar::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<T, E> {
        self.read(Scalar::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<T, E> {
        self.read(Scalar::Unsigned(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<T, E> {
        self.read(Scalar::Signed(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<T, E> {
        self.read(Scalar::Float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<T, E> {
        let number = if self.digits { number(value) } else { None };
        self.read(number.unwrap_or(Scalar::Text(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<T, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        self.read(Scalar::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<T, A::Error> {
        match object.next_key_seed(NumberKey)? {
            Some(true) => return object.next_value_seed(Self { digits: true, ..self }),
            Some(false) => {
                object.next_value::<IgnoredAny>()?;
                while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            }
            None => {}
        }
        self.read(Scalar::Object)
    }
}

/// Finds the disguise in which serde_json hands over a number once any crate of the user's build
/// has switched on its feature `arbitrary_precision`: an object with this one key.
struct NumberKey;

impl<'de> DeserializeSeed<'de> for NumberKey {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        scalar(deserializer, "a key", |key| Some(matches!(key, Scalar::Text("$serde_json::private::Number"))))
    }
}

impl<'de, T, R: FnOnce(Scalar<'_>) -> Option<T>> DeserializeSeed<'de> for ScalarVisitor<'_, R> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_any(self)
    }
}

fn number(digits: &str) -> Option<Scalar<'_>> {
    (digits.parse().map(Scalar::Unsigned))
        .or_else(|_| digits.parse().map(Scalar::Signed))
        .or_else(|_| digits.parse().map(Scalar::Float))
        .ok()
}

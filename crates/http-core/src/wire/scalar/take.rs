//! Reads one JSON value from a deserializer.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::wire::scalar::{Scalar, unexpected};

/// The only key of the object as which a number arrives if any crate of the build enables serde_json's feature
/// `arbitrary_precision`. Its value is the digits.
pub(crate) const DIGITS: &str = "$serde_json::private::Number";

#[derive(Default)]
pub(super) struct ScalarVisitor {
    /// Whether the text contains the digits of a number.
    is_number: bool,
}

impl ScalarVisitor {
    fn text<'a>(&self, text: impl Into<Cow<'a, str>>) -> Scalar<'a> {
        let text = text.into();
        let number = if self.is_number { number(&text) } else { None };
        number.unwrap_or(Scalar::Text(text))
    }
}

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Scalar<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Unsigned(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Signed(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Float(value))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<Scalar<'de>, E> {
        Ok(self.text(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Scalar<'de>, E> {
        Ok(self.text(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Scalar<'de>, E> {
        Ok(self.text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Scalar<'de>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Scalar<'de>, A::Error> {
        match object.next_key_seed(ScalarVisitor::default())? {
            Some(Scalar::Text(key)) if key == DIGITS => {
                return object.next_value_seed(Self { is_number: true });
            }
            Some(_) => {
                object.next_value::<IgnoredAny>()?;
                while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            }
            None => {}
        }
        Ok(Scalar::Object)
    }
}

impl<'de> DeserializeSeed<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Scalar<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Reads the digits of a number; a number that is out of range becomes infinite.
pub(crate) fn number(digits: &str) -> Option<Scalar<'static>> {
    (digits.parse().map(Scalar::Unsigned))
        .or_else(|_| digits.parse().map(Scalar::Signed))
        .or_else(|_| digits.parse().map(Scalar::Float))
        .ok()
}

/// Returns the JSON text of the next value, without copying it if the source is in memory. Adapters use this function
/// to inspect a value before they decode it.
///
/// Unlike serde_json's `RawValue`, the result can borrow or own the text. Other formats and buffered values are
/// converted to JSON first.
///
/// # Errors
///
/// The deserializer's error, e.g. if the value is not valid JSON.
pub fn json_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'de, str>, D::Error> {
    deserializer.deserialize_newtype_struct("$serde_json::private::RawValue", TextVisitor)
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        Value::deserialize(deserializer).map(|value| value.to_string().into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Cow<'de, str>, A::Error> {
        object.next_key::<IgnoredAny>()?;
        match object.next_value_seed(ScalarVisitor::default())? {
            Scalar::Text(json) => Ok(json),
            other => Err(unexpected("JSON text", &other)),
        }
    }
}

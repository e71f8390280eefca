//! Reads JSON values from deserializers.
//!
//! serde compiles what reads a type once per deserializer. A [`Source`] is the same type for all deserializers, so what
//! reads from it is compiled once.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::wire::allowance::Skipped;
use crate::wire::scalar::{Scalar, unexpected};

/// The only key of the object as which a number arrives if any crate of the build enables serde_json's feature
/// `arbitrary_precision`. Its value is the digits.
pub(crate) const DIGITS: &str = "$serde_json::private::Number";

/// A deserializer that contains one JSON value.
#[doc(hidden)]
pub trait Source<'de> {
    /// Reads the value. The contents of a list or an object are skipped.
    fn scalar(&mut self) -> Result<Scalar<'de>, Failed>;

    /// Reads the value. If it is a list, `read` is called with each item, and must read it.
    fn items(&mut self, read: &mut ReadPart<'_, 'de>) -> Result<Scalar<'de>, Failed>;

    /// Reads the value. If it is an object, its members are passed to `members`.
    fn members(&mut self, members: &mut dyn Members<'de>) -> Result<Scalar<'de>, Failed>;

    /// Returns the JSON text of the value; see [`json_text`].
    fn text(&mut self) -> Result<Cow<'de, str>, Failed>;
}

/// Reads a part of a value.
pub(crate) type ReadPart<'a, 'de> = dyn FnMut(&mut dyn Source<'de>) -> Result<(), Failed> + 'a;

/// Receives the members of an object.
#[doc(hidden)]
pub trait Members<'de> {
    /// Receives the key of the next member. Returns what [`value`](Self::value) reads.
    fn key(&mut self, key: &str) -> Wanted;

    /// Reads the value of that member.
    fn value(&mut self, source: &mut dyn Source<'de>) -> Result<(), Failed>;

    /// Is called after the last member.
    fn end(&mut self) -> Result<(), Failed> {
        Ok(())
    }
}

/// The part of a member's value that is read.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Wanted {
    /// The value is skipped.
    Nothing,
    /// Only [`Source::scalar`] is called.
    Scalar,
    /// Any method is called.
    Value,
}

/// The error of reading from a [`Source`].
#[doc(hidden)]
#[derive(Debug, thiserror::Error)]
#[error("{}", .message.as_deref().unwrap_or("the deserializer failed"))]
pub struct Failed {
    /// `None` if the source has the error of its deserializer.
    message: Option<Box<str>>,
    /// Whether null or an empty string was found, and nothing else of the source was read.
    is_absent: bool,
}

impl Failed {
    /// The error for a value that is not an object.
    pub(crate) fn no_object(found: &Scalar<'_>) -> Self {
        Self { is_absent: found.is_empty(), ..unexpected("an object", found) }
    }

    /// The error for a model with a field that was neither read nor left out, which does not happen.
    #[cold]
    pub fn incomplete() -> Self {
        Self::custom("a field has no value")
    }

    pub(crate) fn is_absent(&self) -> bool {
        self.is_absent
    }
}

impl Error for Failed {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { message: Some(message.to_string().into()), is_absent: false }
    }
}

/// Reads from a deserializer.
pub(crate) fn read_from<'de, T, D: Deserializer<'de>>(
    deserializer: D,
    read: impl FnOnce(&mut dyn Source<'de>) -> Result<T, Failed>,
) -> Result<T, D::Error> {
    let mut source = Once { deserializer: Some(deserializer), error: None };
    read(&mut source).map_err(|failed| source.error.unwrap_or_else(|| D::Error::custom(failed)))
}

/// The source of a value that is read once.
struct Once<D, E> {
    deserializer: Option<D>,
    error: Option<E>,
}

impl<D, E> Once<D, E> {
    fn read<T>(&mut self, read: impl FnOnce(D) -> Result<T, E>) -> Result<T, Failed> {
        let Some(deserializer) = self.deserializer.take() else {
            return Err(Failed::custom("the value has already been read"));
        };
        read(deserializer).map_err(|error| {
            self.error = Some(error);
            Failed { message: None, is_absent: false }
        })
    }
}

impl<'de, D: Deserializer<'de>> Once<D, D::Error> {
    fn value(&mut self, parts: Parts<'_, 'de>) -> Result<Scalar<'de>, Failed> {
        self.read(|deserializer| deserializer.deserialize_any(ValueVisitor::new(parts)))
    }
}

impl<'de, D: Deserializer<'de>> Source<'de> for Once<D, D::Error> {
    fn scalar(&mut self) -> Result<Scalar<'de>, Failed> {
        self.value(Parts::Skipped)
    }

    fn items(&mut self, read: &mut ReadPart<'_, 'de>) -> Result<Scalar<'de>, Failed> {
        self.value(Parts::Items(read))
    }

    fn members(&mut self, members: &mut dyn Members<'de>) -> Result<Scalar<'de>, Failed> {
        self.value(Parts::Members(members))
    }

    fn text(&mut self) -> Result<Cow<'de, str>, Failed> {
        self.read(json_text)
    }
}

/// Reads an item of a list.
struct Item<'a, 'de>(&'a mut ReadPart<'a, 'de>);

impl<'de> DeserializeSeed<'de> for Item<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        read_from(deserializer, self.0)
    }
}

/// Reads the value of a member of an object.
struct Member<'a, 'de>(&'a mut dyn Members<'de>);

impl<'de> DeserializeSeed<'de> for Member<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        read_from(deserializer, |source| self.0.value(source))
    }
}

/// A scalar that has been read already.
pub(crate) struct Ready<'de>(pub(crate) Scalar<'de>);

impl<'de> Source<'de> for Ready<'de> {
    fn scalar(&mut self) -> Result<Scalar<'de>, Failed> {
        Ok(std::mem::replace(&mut self.0, Scalar::Null))
    }

    fn items(&mut self, _: &mut ReadPart<'_, 'de>) -> Result<Scalar<'de>, Failed> {
        self.scalar()
    }

    fn members(&mut self, _: &mut dyn Members<'de>) -> Result<Scalar<'de>, Failed> {
        self.scalar()
    }

    fn text(&mut self) -> Result<Cow<'de, str>, Failed> {
        Err(Failed::custom("the text of the value has been read already"))
    }
}

/// Passes a key to the [`Members`].
struct Key<'a, 'de>(&'a mut dyn Members<'de>);

impl<'de> DeserializeSeed<'de> for Key<'_, 'de> {
    type Value = Wanted;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Wanted, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<'de> Visitor<'de> for Key<'_, 'de> {
    type Value = Wanted;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Wanted, E> {
        Ok(self.0.key(key))
    }
}

/// What happens to the parts of a value.
enum Parts<'a, 'de> {
    Skipped,
    Items(&'a mut ReadPart<'a, 'de>),
    Members(&'a mut dyn Members<'de>),
}

struct ValueVisitor<'a, 'de> {
    parts: Parts<'a, 'de>,
    /// Whether the text contains the digits of a number.
    is_number: bool,
}

impl<'a, 'de> ValueVisitor<'a, 'de> {
    fn new(parts: Parts<'a, 'de>) -> Self {
        Self { parts, is_number: false }
    }

    fn text<'t>(&self, text: impl Into<Cow<'t, str>>) -> Scalar<'t> {
        let text = text.into();
        let number = if self.is_number { number(&text) } else { None };
        number.unwrap_or(Scalar::Text(text))
    }
}

impl<'de> Visitor<'de> for ValueVisitor<'_, 'de> {
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
        match self.parts {
            Parts::Items(read) => while list.next_element_seed(Item(&mut *read))?.is_some() {},
            _ => while list.next_element::<Skipped>()?.is_some() {},
        }
        Ok(Scalar::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Scalar<'de>, A::Error> {
        if let Parts::Members(members) = self.parts {
            while let Some(wanted) = object.next_key_seed(Key(members))? {
                match wanted {
                    Wanted::Nothing => {
                        object.next_value::<Skipped>()?;
                    }
                    Wanted::Scalar => {
                        let scalar = object.next_value_seed(Self::new(Parts::Skipped))?;
                        members.value(&mut Ready(scalar)).map_err(A::Error::custom)?;
                    }
                    Wanted::Value => object.next_value_seed(Member(members))?,
                }
            }
            members.end().map_err(A::Error::custom)?;
            return Ok(Scalar::Object);
        }
        match object.next_key_seed(Self::new(Parts::Skipped))? {
            Some(Scalar::Text(key)) if key == DIGITS => {
                return object.next_value_seed(Self { parts: Parts::Skipped, is_number: true });
            }
            Some(_) => {
                object.next_value::<Skipped>()?;
                while object.next_entry::<IgnoredAny, Skipped>()?.is_some() {}
            }
            None => {}
        }
        Ok(Scalar::Object)
    }
}

impl<'de> DeserializeSeed<'de> for ValueVisitor<'_, 'de> {
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
        match object.next_value_seed(ValueVisitor::new(Parts::Skipped))? {
            Scalar::Text(json) => Ok(json),
            other => Err(unexpected("JSON text", &other)),
        }
    }
}

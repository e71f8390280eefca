//! Reads and writes the fields of models.

use std::marker::PhantomData;

use serde::de::{Deserializer, Error};
use serde::{Serialize, Serializer};
use serde_with::{DeserializeAs, SerializeAs};

use crate::wire::model::{Wire, json};
use crate::wire::scalar::{Failed, Members, Source, read_from};

/// A struct that is read from the members of an object.
#[doc(hidden)]
pub trait Model: Sized {
    fn read_fields(source: &mut dyn Source<'_>) -> Result<Self, Failed>;
}

/// Reads a model with the attribute `#[custom_deserialize]` from an object, as if it did not have the attribute.
///
/// # Errors
///
/// The deserializer's error, or an error about the value.
pub fn read_fields<'de, T: Model, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    read_from(deserializer, T::read_fields)
}

/// How a field of type `T` is read and written.
#[doc(hidden)]
pub trait Mode<T> {
    /// Returns the value of an absent field; `None` if the field is required.
    fn absent() -> Option<T>;

    fn read(source: &mut dyn Source<'_>) -> Result<T, Failed>;

    fn write<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error>;
}

/// Reads a field according to its type.
#[doc(hidden)]
#[derive(Debug)]
pub struct ByType;

/// Reads a field that must be present and valid.
#[doc(hidden)]
#[derive(Debug)]
pub struct Required;

/// Reads a field that has the default if it is absent or invalid.
#[doc(hidden)]
#[derive(Debug)]
pub struct OrDefault;

/// Reads a field in the mode `M`; it has the default if it is absent.
#[doc(hidden)]
#[derive(Debug)]
pub struct MayBeAbsent<M>(PhantomData<M>);

/// Reads a field with the adapter `A`.
#[doc(hidden)]
#[derive(Debug)]
pub struct As<A>(PhantomData<A>);

impl<T: Wire> Mode<T> for ByType {
    fn absent() -> Option<T> {
        T::absent()
    }

    fn read(source: &mut dyn Source<'_>) -> Result<T, Failed> {
        T::read_field(source)
    }

    fn write<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        value.write(serializer)
    }
}

impl<T: Wire> Mode<T> for Required {
    fn absent() -> Option<T> {
        None
    }

    fn read(source: &mut dyn Source<'_>) -> Result<T, Failed> {
        T::read(source)
    }

    fn write<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        value.write(serializer)
    }
}

impl<T: Wire + Default> Mode<T> for OrDefault {
    fn absent() -> Option<T> {
        Some(T::default())
    }

    fn read(source: &mut dyn Source<'_>) -> Result<T, Failed> {
        T::read_option(source).map(Option::unwrap_or_default)
    }

    fn write<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        value.write(serializer)
    }
}

impl<T: Default, M: Mode<T>> Mode<T> for MayBeAbsent<M> {
    fn absent() -> Option<T> {
        Some(T::default())
    }

    fn read(source: &mut dyn Source<'_>) -> Result<T, Failed> {
        M::read(source)
    }

    fn write<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        M::write(value, serializer)
    }
}

impl<T, A: for<'a> DeserializeAs<'a, T> + SerializeAs<T>> Mode<T> for As<A> {
    fn absent() -> Option<T> {
        None
    }

    fn read(source: &mut dyn Source<'_>) -> Result<T, Failed> {
        A::deserialize_as(&mut json(&source.text()?)).map_err(Failed::custom)
    }

    fn write<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        A::serialize_as(value, serializer)
    }
}

/// The value of a field while its model is read.
#[doc(hidden)]
#[derive(Debug)]
pub struct Slot<M, T> {
    value: Option<T>,
    mode: PhantomData<M>,
}

impl<M: Mode<T>, T> Slot<M, T> {
    pub fn empty() -> Self {
        Self { value: None, mode: PhantomData }
    }

    #[doc(hidden)]
    pub fn finish(self, name: &'static str) -> Result<T, Failed> {
        self.value.ok_or_else(|| Failed::missing_field(name))
    }
}

/// A [`Slot`] of any type.
#[doc(hidden)]
pub trait Fill {
    /// Reads the value of the field.
    fn fill(&mut self, name: &'static str, source: &mut dyn Source<'_>) -> Result<(), Failed>;

    /// Fills the slot with the value of an absent field if it is empty.
    fn end(&mut self, name: &'static str) -> Result<(), Failed>;
}

impl<M: Mode<T>, T> Fill for Slot<M, T> {
    fn fill(&mut self, name: &'static str, source: &mut dyn Source<'_>) -> Result<(), Failed> {
        if self.value.is_some() {
            return Err(Failed::duplicate_field(name));
        }
        self.value = Some(M::read(source)?);
        Ok(())
    }

    fn end(&mut self, name: &'static str) -> Result<(), Failed> {
        if self.value.is_none() {
            self.value = Some(M::absent().ok_or_else(|| Failed::missing_field(name))?);
        }
        Ok(())
    }
}

/// Reads an object. A member whose key is one of `names` fills the slot at the same position. All others are passed to
/// `rest`.
#[doc(hidden)]
pub fn fill<'de>(
    source: &mut dyn Source<'de>,
    names: &[&'static str],
    slots: &mut [&mut dyn Fill],
    rest: Option<&mut dyn Members<'de>>,
) -> Result<(), Failed> {
    source.object(&mut Fields { names, slots, rest, next: 0, found: None })
}

struct Fields<'a, 's, 'r, 'de> {
    names: &'a [&'static str],
    slots: &'a mut [&'s mut dyn Fill],
    rest: Option<&'r mut dyn Members<'de>>,
    /// The position after that of the last member. Most providers send the members in the order of the fields.
    next: usize,
    /// The position of the current member.
    found: Option<usize>,
}

impl<'de> Members<'de> for Fields<'_, '_, '_, 'de> {
    fn key(&mut self, key: &str) -> bool {
        let (before, after) = self.names.split_at(self.next);
        let position = |names: &[&str]| names.iter().position(|name| *name == key);
        self.found = position(after).map(|at| self.next + at).or_else(|| position(before));
        self.next = self.found.map_or(self.next, |at| at + 1);
        self.found.is_some() || self.rest.as_mut().is_some_and(|rest| rest.key(key))
    }

    fn value(&mut self, source: &mut dyn Source<'de>) -> Result<(), Failed> {
        let field = self.found.and_then(|at| Some((self.names.get(at)?, self.slots.get_mut(at)?)));
        match (field, &mut self.rest) {
            (Some((name, slot)), _) => slot.fill(name, source),
            (None, Some(rest)) => rest.value(source),
            (None, None) => Ok(()),
        }
    }

    fn end(&mut self) -> Result<(), Failed> {
        self.names.iter().zip(&mut *self.slots).try_for_each(|(name, slot)| slot.end(name))
    }
}

/// Writes a field.
#[doc(hidden)]
#[derive(Debug)]
pub struct Written<'a, T, M = ByType>(&'a T, PhantomData<M>);

impl<'a, T, M: Mode<T>> Written<'a, T, M> {
    pub fn new(value: &'a T) -> Self {
        Self(value, PhantomData)
    }
}

impl<T, M: Mode<T>> Serialize for Written<'_, T, M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        M::write(self.0, serializer)
    }
}

/// Returns the name of a field, which may be a raw identifier.
#[doc(hidden)]
pub const fn name(identifier: &'static str) -> &'static str {
    match identifier.as_bytes() {
        [b'r', b'#', ..] => identifier.split_at(2).1,
        _ => identifier,
    }
}

//! Reads and writes the fields of models.

use std::marker::PhantomData;

use serde::de::{Deserializer, Error};
use serde::{Serialize, Serializer};
use serde_with::{DeserializeAs, SerializeAs};

use crate::wire::model::{Wire, json};
use crate::wire::presumed;
use crate::wire::scalar::{Failed, Members, Ready, Scalar, Source, Wanted, read_from};
use crate::wire::success::Observer;

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
    /// Whether reading calls only [`Source::scalar`].
    const IS_SCALAR: bool = false;

    /// Returns the value of an absent field; `None` if the field is required.
    fn absent() -> Option<T>;

    /// Reads the value.
    ///
    /// # Errors
    ///
    /// Any error that makes the whole model invalid.
    fn read(source: &mut dyn Source<'_>) -> Result<T, Failed>;

    /// Writes the value.
    ///
    /// # Errors
    ///
    /// The serializer's error.
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
    const IS_SCALAR: bool = T::READS_SCALAR;

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
        T::read_required(source)
    }

    fn write<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        value.write(serializer)
    }
}

impl<T: Wire + Default> Mode<T> for OrDefault {
    const IS_SCALAR: bool = T::READS_SCALAR;

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
    const IS_SCALAR: bool = M::IS_SCALAR;

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

    /// Returns the value; `None` only before [`fill`] has succeeded.
    pub fn into_value(self) -> Option<T> {
        self.value
    }
}

/// A [`Slot`] of any type.
#[doc(hidden)]
pub trait Fill {
    /// Reads the value of the field.
    fn fill(&mut self, source: &mut dyn Source<'_>) -> Result<(), Failed>;

    /// Fills the slot with the value of an absent field.
    fn leave(&mut self, name: &'static str) -> Result<(), Failed>;
}

impl<M: Mode<T>, T> Fill for Slot<M, T> {
    fn fill(&mut self, source: &mut dyn Source<'_>) -> Result<(), Failed> {
        self.value = Some(M::read(source)?);
        Ok(())
    }

    fn leave(&mut self, name: &'static str) -> Result<(), Failed> {
        self.value = Some(M::absent().ok_or_else(|| Failed::missing_field(name))?);
        Ok(())
    }
}

/// The fields of a model.
#[doc(hidden)]
#[derive(Debug)]
pub struct Layout {
    names: &'static [&'static str],
    /// A bit for each name.
    all: u64,
    /// A bit for each name whose field has [`Mode::IS_SCALAR`].
    scalars: u64,
    /// A hash table with open addressing: the positions of the names, plus 1; 0 for an empty place.
    places: [u8; PLACES],
}

/// Most of the places are empty.
const PLACES: usize = 256;
/// The most fields that a model can have.
const MOST: usize = 64;

impl Layout {
    /// # Panics
    ///
    /// If there are more than 64 names. In a constant, this is a compiler error.
    pub const fn new(names: &'static [&'static str], are_scalars: &'static [bool]) -> Self {
        assert!(names.len() <= MOST, "a model has at most 64 fields");
        let mut places = [0; PLACES];
        let (mut position, mut scalars) = (0_u8, 0);
        while (position as usize) < names.len() {
            scalars |= (are_scalars[position as usize] as u64) << position;
            let mut place = hash(names[position as usize].as_bytes());
            while places[place % PLACES] != 0 {
                place += 1;
            }
            position += 1;
            places[place % PLACES] = position;
        }
        let all = if names.is_empty() { 0 } else { u64::MAX >> (MOST - names.len()) };
        Self { names, all, scalars, places }
    }

    fn position(&self, key: &str) -> Option<usize> {
        let mut place = hash(key.as_bytes());
        loop {
            let position = usize::from(self.places[place % PLACES]).checked_sub(1)?;
            if self.names.get(position).is_some_and(|name| *name == key) {
                return Some(position);
            }
            place += 1;
        }
    }
}

const fn hash(key: &[u8]) -> usize {
    match key {
        [first, .., last] => key.len() + 5 * (*first as usize) + 37 * (*last as usize),
        _ => key.len(),
    }
}

/// Reads an object. A member whose key is a name in `layout` fills the slot at the same position. All others are passed to
/// `rest`.
#[doc(hidden)]
pub fn fill<'de>(
    source: &mut dyn Source<'de>,
    layout: &Layout,
    slots: &mut [&mut dyn Fill],
    rest: Option<&mut dyn Members<'de>>,
) -> Result<(), Failed> {
    let mut fields = Fields { layout, slots, rest, absent: layout.all, found: None };
    let found = if presumed::is_next_observed() {
        let mut whole = Observed { fields, observer: Observer::default() };
        let found = source.members(&mut whole)?;
        presumed::observed(whole.observer.is_silent());
        found
    } else {
        source.members(&mut fields)?
    };
    match found {
        Scalar::Object => Ok(()),
        other => Err(Failed::no_object(&other)),
    }
}

struct Fields<'a, 's, 'r, 'de> {
    layout: &'a Layout,
    slots: &'a mut [&'s mut dyn Fill],
    rest: Option<&'r mut dyn Members<'de>>,
    /// A bit for each slot that has not been filled.
    absent: u64,
    /// The position of the current member.
    found: Option<usize>,
}

impl<'de> Members<'de> for Fields<'_, '_, '_, 'de> {
    fn key(&mut self, key: &str) -> Wanted {
        self.found = self.layout.position(key);
        match (self.found, &mut self.rest) {
            (Some(at), _) if self.layout.scalars & (1 << at) != 0 => Wanted::Scalar,
            (Some(_), _) => Wanted::Value,
            (None, Some(rest)) => rest.key(key),
            (None, None) => Wanted::Nothing,
        }
    }

    fn value(&mut self, source: &mut dyn Source<'de>) -> Result<(), Failed> {
        let Some((at, slot)) = self.found.and_then(|at| Some((at, self.slots.get_mut(at)?))) else {
            return self.rest.as_mut().map_or(Ok(()), |rest| rest.value(source));
        };
        let before = self.absent;
        self.absent &= !(1 << at);
        if self.absent == before {
            return Err(Failed::duplicate_field(self.layout.names.get(at).unwrap_or(&"")));
        }
        slot.fill(source)
    }

    fn end(&mut self) -> Result<(), Failed> {
        while self.absent != 0 {
            let at = self.absent.trailing_zeros() as usize;
            self.absent &= self.absent - 1;
            if let (Some(slot), Some(name)) = (self.slots.get_mut(at), self.layout.names.get(at)) {
                slot.leave(name)?;
            }
        }
        Ok(())
    }
}

/// The fields of a model that is a whole response.
struct Observed<F> {
    fields: F,
    observer: Observer,
}

impl<'de, F: Members<'de>> Members<'de> for Observed<F> {
    fn key(&mut self, key: &str) -> Wanted {
        let wanted = self.fields.key(key);
        if !self.observer.key(key) {
            return wanted;
        }
        if let Wanted::Value = wanted {
            self.observer.miss();
            return wanted;
        }
        Wanted::Scalar
    }

    fn value(&mut self, source: &mut dyn Source<'de>) -> Result<(), Failed> {
        if !self.observer.expects_value() {
            return self.fields.value(source);
        }
        let scalar = source.scalar()?;
        self.observer.value(&scalar);
        self.fields.value(&mut Ready(scalar))
    }

    fn end(&mut self) -> Result<(), Failed> {
        self.fields.end()
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

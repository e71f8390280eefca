//! Optional values, lists, maps, and arbitrary JSON values.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::wire::allowance::{self, Skipped};
use crate::wire::lenient;
use crate::wire::model::{Wire, json, read_option};
use crate::wire::scalar::{Scalar, json_text, left_out, unexpected};

impl<T: Wire> Wire for Option<T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read_option(deserializer)
    }

    fn read_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        T::read_option(deserializer).map(Some)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_ref().map(Field).serialize(serializer)
    }

    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Some(one), Some(other)) => one.same(other),
            (None, None) => true,
            _ => false,
        }
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_list(deserializer, true)
    }

    fn read_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        read_option(deserializer)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Field))
    }

    fn same(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().zip(other).all(|(one, other)| one.same(other))
    }
}

impl<T: Wire> Wire for BTreeMap<String, T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Map(PhantomData))
    }

    fn read_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        read_option(deserializer)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(key, value)| (key, Field(value))))
    }

    fn same(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.iter().zip(other).all(|(one, other)| one.0 == other.0 && one.1.same(other.1))
    }
}

/// Returns an upper bound on the memory that the values in `json`, including their texts, take while they are decoded.
pub(super) fn memory(json: &str) -> usize {
    let values = json.bytes().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count();
    let objects = json.bytes().filter(|byte| *byte == b'{').count();
    // A list doubles when it grows; a node of a map has room for eleven members.
    json.len() + 2 * values * size_of::<Value>() + 12 * objects * size_of::<(String, Value)>()
}

impl Wire for Value {
    const IS_ANY: bool = true;

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = json_text(deserializer)?;
        allowance::take(memory(&json))?;
        serde_json::from_str(&json)
            .map_err(|_| D::Error::custom("expected JSON that is nested less deeply, found an object"))
    }

    fn read_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Self::read(deserializer).map(|value| Some(value).filter(|value| !value.is_null()))
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

/// Writes a value that is nested in another one.
pub(super) struct Field<'a, T>(pub(super) &'a T);

impl<T: Wire> Serialize for Field<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

/// Reads a value that is nested in another one.
struct Read<T>(PhantomData<T>);

impl<'de, T: Wire> DeserializeSeed<'de> for Read<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::read(deserializer)
    }
}

/// Reads the JSON text of an item.
struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        json_text(deserializer)
    }
}

/// Reads a list. In a long response, its items are counted first.
pub(super) fn read_list<'de, T: Wire, D: Deserializer<'de>>(
    deserializer: D,
    is_needed: bool,
) -> Result<Vec<T>, D::Error> {
    let list = |count| List { is_needed, count, of: PhantomData };
    if !allowance::is_long() {
        return deserializer.deserialize_any(list(0));
    }
    let text = json_text(deserializer)?;
    let count = serde_json::from_str::<Vec<Skipped>>(&text).map_or(0, |items| items.len());
    json(&text).deserialize_any(list(count)).map_err(D::Error::custom)
}

struct List<T> {
    /// Whether any value other than a list or null is an error, and so is an invalid item.
    is_needed: bool,
    /// The number of items; 0 if it is unknown.
    count: usize,
    of: PhantomData<T>,
}

impl<T> List<T> {
    fn other<E: Error>(&self, found: &Scalar<'_>) -> Result<Vec<T>, E> {
        if self.is_needed {
            return Err(unexpected("a list", found));
        }
        if !found.is_empty() {
            left_out("a list", found);
        }
        Ok(Vec::new())
    }
}

impl<'de, T: Wire> Visitor<'de> for List<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E: Error>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Vec<T>, E> {
        self.other(&Scalar::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Vec<T>, E> {
        self.other(&Scalar::Unsigned(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Vec<T>, E> {
        self.other(&Scalar::Signed(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Vec<T>, E> {
        self.other(&Scalar::Float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Vec<T>, E> {
        self.other(&Scalar::Text(value.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Vec<T>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.other(&Scalar::Object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
        let mut list = allowance::list(self.count)?;
        while !self.is_needed && lenient::drops_items() {
            let Some(text) = items.next_element_seed(Text)? else { return Ok(list) };
            match allowance::attempt(|| T::read(&mut json(&text))) {
                Ok(item) => allowance::push(&mut list, item)?,
                // The item may be valid, or an id whose absence would be taken for a fact.
                Err(error) if allowance::is_exceeded(&error) || T::IS_SCALAR && text != "null" => {
                    return Err(A::Error::custom(error));
                }
                Err(_) => {
                    left_out("an item of a list", &format_args!("{} bytes of something else", text.len()));
                }
            }
        }
        while let Some(item) = items.next_element_seed(Read(PhantomData))? {
            allowance::push(&mut list, item)?;
        }
        Ok(list)
    }
}

struct Map<T>(PhantomData<T>);

impl<'de, T: Wire> Visitor<'de> for Map<T> {
    type Value = BTreeMap<String, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(BTreeMap::new())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut map = BTreeMap::new();
        while let Some(key) = members.next_key::<String>()? {
            // A node of a `BTreeMap` has room for eleven entries.
            let entries = if map.is_empty() { 12 } else { 2 };
            allowance::take(key.len() + entries * size_of::<(String, T)>())?;
            map.insert(key, members.next_value_seed(Read(PhantomData))?);
        }
        Ok(map)
    }
}

//! Optional values, lists, maps, and arbitrary JSON values.

use std::collections::BTreeMap;

use serde::de::Error;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::wire::allowance::{self, Skipped};
use crate::wire::lenient;
use crate::wire::model::{ByType, Wire, Written, in_text, is_absent, read_option};
use crate::wire::scalar::{Failed, Members, Scalar, Source, Wanted, left_out, unexpected};

impl<T: Wire> Wire for Option<T> {
    const READS_SCALAR: bool = T::READS_SCALAR;

    fn read(source: &mut dyn Source<'_>) -> Result<Self, Failed> {
        T::read_option(source)
    }

    fn read_option(source: &mut dyn Source<'_>) -> Result<Option<Self>, Failed> {
        T::read_option(source).map(Some)
    }

    fn read_required(source: &mut dyn Source<'_>) -> Result<Self, Failed> {
        let text = source.text()?;
        let mut value = None;
        if !is_absent(&text) {
            in_text(&text, &mut |source| T::read(source).map(|read| value = Some(read)))
                .map_err(Failed::custom)?;
        }
        Ok(value)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_ref().map(Written::<_, ByType>::new).serialize(serializer)
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
    fn read(source: &mut dyn Source<'_>) -> Result<Self, Failed> {
        read_list(source, true)
    }

    fn read_option(source: &mut dyn Source<'_>) -> Result<Option<Self>, Failed> {
        read_option(source)
    }

    /// An invalid list is empty.
    fn read_field(source: &mut dyn Source<'_>) -> Result<Self, Failed> {
        if !T::IS_ANY {
            return read_list(source, false);
        }
        let json = source.text()?;
        let is_item = !json.starts_with('[') && !matches!(&*json, "null" | "\"\"" | "{}" | "false");
        let mut list = Vec::<T>::new();
        in_text(&json, &mut |source| {
            if is_item {
                list.push(T::read(source)?);
            } else {
                list = read_list(source, false)?;
            }
            Ok(())
        })
        .map_err(Failed::custom)?;
        Ok(list)
    }

    fn absent() -> Option<Self> {
        Some(Vec::new())
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Written::<_, ByType>::new))
    }

    fn same(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().zip(other).all(|(one, other)| one.same(other))
    }
}

impl<T: Wire> Wire for BTreeMap<String, T> {
    fn read(source: &mut dyn Source<'_>) -> Result<Self, Failed> {
        let mut map = Map::empty();
        match source.members(&mut map)? {
            Scalar::Object | Scalar::Null => Ok(map.finish()),
            other => Err(unexpected("an object", &other)),
        }
    }

    fn read_option(source: &mut dyn Source<'_>) -> Result<Option<Self>, Failed> {
        read_option(source)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(key, value)| (key, Written::<_, ByType>::new(value))))
    }

    fn same(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.iter().zip(other).all(|(one, other)| one.0 == other.0 && one.1.same(other.1))
    }
}

/// Returns an upper bound on the memory that the values in `json`, including their texts, take while they are decoded.
fn memory(json: &str) -> usize {
    let (mut values, mut objects) = (0, 0);
    for byte in json.bytes() {
        values += usize::from(matches!(byte, b',' | b'[' | b'{'));
        objects += usize::from(byte == b'{');
    }
    // A list doubles when it grows; a node of a map has room for eleven members.
    json.len() + 2 * values * size_of::<Value>() + 12 * objects * size_of::<(String, Value)>()
}

impl Wire for Value {
    const IS_ANY: bool = true;

    fn read(source: &mut dyn Source<'_>) -> Result<Self, Failed> {
        let json = source.text()?;
        allowance::take(memory(&json))?;
        serde_json::from_str(&json)
            .map_err(|_| Failed::custom("expected JSON that is nested less deeply, found an object"))
    }

    fn read_option(source: &mut dyn Source<'_>) -> Result<Option<Self>, Failed> {
        Self::read(source).map(|value| Some(value).filter(|value| !value.is_null()))
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

/// Receives the items of a list.
trait Items {
    /// Makes room for the items.
    fn reserve(&mut self, count: usize) -> Result<(), Failed>;

    /// Reads an item.
    fn push(&mut self, item: &mut dyn Source<'_>) -> Result<(), Failed>;
}

impl<T: Wire> Items for Vec<T> {
    fn reserve(&mut self, count: usize) -> Result<(), Failed> {
        *self = allowance::list(count)?;
        Ok(())
    }

    fn push(&mut self, item: &mut dyn Source<'_>) -> Result<(), Failed> {
        allowance::push(self, T::read(item)?)
    }
}

/// Reads a list. If `is_needed`, any value other than a list or null is an error, and so is an invalid item.
fn read_list<T: Wire>(source: &mut dyn Source<'_>, is_needed: bool) -> Result<Vec<T>, Failed> {
    let mut list = Vec::<T>::new();
    read_items(source, &mut list, is_needed, T::IS_SCALAR)?;
    Ok(list)
}

/// Reads the items of a list. If necessary, they are counted first.
fn read_items(
    source: &mut dyn Source<'_>,
    list: &mut dyn Items,
    is_needed: bool,
    are_scalars: bool,
) -> Result<(), Failed> {
    if allowance::counts_items() {
        let text = source.text()?;
        list.reserve(serde_json::from_str::<Vec<Skipped>>(&text).map_or(0, |items| items.len()))?;
        return in_text(&text, &mut |source| read_each(source, list, is_needed, are_scalars))
            .map_err(Failed::custom);
    }
    read_each(source, list, is_needed, are_scalars)
}

fn read_each(
    source: &mut dyn Source<'_>,
    list: &mut dyn Items,
    is_needed: bool,
    are_scalars: bool,
) -> Result<(), Failed> {
    let found = source.items(&mut |item| {
        if is_needed || !lenient::drops_items() {
            list.push(item)
        } else {
            push_valid(item, list, are_scalars)
        }
    })?;
    match found {
        Scalar::List | Scalar::Null => {}
        other if is_needed => return Err(unexpected("a list", &other)),
        other if other.is_empty() => {}
        other => left_out("a list", &other),
    }
    Ok(())
}

/// Reads an item of a list, and drops it if it is invalid.
fn push_valid(item: &mut dyn Source<'_>, list: &mut dyn Items, is_scalar: bool) -> Result<(), Failed> {
    let text = item.text()?;
    match allowance::attempt(|| in_text(&text, &mut |source| list.push(source))) {
        Ok(()) => Ok(()),
        // The item may be valid, or an id whose absence would be taken for a fact.
        Err(error) if allowance::is_exceeded(&error) || is_scalar && text != "null" => {
            Err(Failed::custom(error))
        }
        Err(_) => {
            left_out("an item of a list", &format_args!("{} bytes of something else", text.len()));
            Ok(())
        }
    }
}

/// The members of an object whose keys are not known.
#[doc(hidden)]
#[derive(Debug)]
pub struct Map<T> {
    key: String,
    members: BTreeMap<String, T>,
}

impl<T> Map<T> {
    pub fn empty() -> Self {
        Self { key: String::new(), members: BTreeMap::new() }
    }

    pub fn finish(self) -> BTreeMap<String, T> {
        self.members
    }
}

impl<'de, T: Wire> Members<'de> for Map<T> {
    fn key(&mut self, key: &str) -> Wanted {
        key.clone_into(&mut self.key);
        if T::READS_SCALAR { Wanted::Scalar } else { Wanted::Value }
    }

    fn value(&mut self, source: &mut dyn Source<'de>) -> Result<(), Failed> {
        // A node of a `BTreeMap` has room for eleven entries.
        let entries = if self.members.is_empty() { 12 } else { 2 };
        allowance::take(self.key.len() + entries * size_of::<(String, T)>())?;
        let value = T::read(source)?;
        self.members.insert(std::mem::take(&mut self.key), value);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_any_value_depends_on_its_length_and_the_number_of_its_parts() {
        let (value, member) = (size_of::<Value>(), size_of::<(String, Value)>());
        for (json, values, objects) in
            [("7", 0, 0), (r#""text""#, 0, 0), ("[1,2,3]", 3, 0), (r#"[{"a":1,"b":[]}]"#, 4, 1)]
        {
            assert_eq!(memory(json), json.len() + values * 2 * value + objects * 12 * member, "{json}");
        }
    }

    #[test]
    fn a_map_takes_the_memory_of_its_keys_and_twice_that_of_its_entries() {
        let map = |entries: usize| {
            let members: Vec<String> = (0..entries).map(|key| format!("\"{key:06}\":0")).collect();
            let json = format!("{{{}}}", members.join(","));
            allowance::within(1, || serde_json::from_str::<Open>(&json)).is_ok()
        };
        let each = 6 + 2 * size_of::<(String, u8)>();
        let most = 8 * 1024 * 1024 / each;
        assert!(map(most - 100) && !map(most + 100));
    }

    crate::wire::models! {
        struct Open {
            #[serde(flatten)]
            members: BTreeMap<String, u8>,
        }
    }
}

//! Decodes, in one pass, a response whose rows have the usual form.

use std::fmt;
use std::marker::PhantomData;

use http_core::client::{Row, push};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::RowKind;

/// Decodes a response whose rows have the usual form. Any other form is an error.
pub(super) struct Usual<'k, T> {
    pub(super) kind: &'k RowKind,
    pub(super) rows: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Usual<'_, T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with rows")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Vec<T>, A::Error> {
        let mut rows = None;
        while let Some(is_rows) =
            object.next_key_seed(Key(|key: &str| self.kind.names.first() == Some(&key)))?
        {
            if !is_rows {
                object.next_value::<IgnoredAny>()?;
            } else if rows.is_some() {
                return Err(A::Error::custom("the rows appear twice"));
            } else {
                rows = Some(object.next_value_seed(UsualRows { kind: self.kind, rows: PhantomData })?);
            }
        }
        rows.ok_or_else(|| A::Error::custom("no rows"))
    }
}

/// Decodes the rows, each of which contains its id.
struct UsualRows<'k, T> {
    kind: &'k RowKind,
    rows: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for UsualRows<'_, T> {
    type Value = Vec<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<T>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for UsualRows<'_, T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let mut rows = Vec::new();
        while let Some(Row(row)) = list.next_element()? {
            push(&mut rows, row)?;
        }
        Ok(rows)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Vec<T>, A::Error> {
        let is_name = |key: &str| {
            let names = self.kind.names.iter();
            names.flat_map(|name| [Some(*name), name.strip_suffix('s')]).any(|name| name == Some(key))
        };
        let mut rows = Vec::new();
        while let Some(is_no_id) =
            object.next_key_seed(Key(|key: &str| is_name(key) || self.kind.ids.contains(&key)))?
        {
            if is_no_id {
                return Err(A::Error::custom("nested rows, or a single row"));
            }
            let Row(row) = object.next_value()?;
            push(&mut rows, row)?;
        }
        Ok(rows)
    }
}

/// Decodes a key and applies this predicate to it.
struct Key<F>(F);

impl<'de, F: Fn(&str) -> bool> DeserializeSeed<'de> for Key<F> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<F: Fn(&str) -> bool> Visitor<'_> for Key<F> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<bool, E> {
        Ok((self.0)(key))
    }
}

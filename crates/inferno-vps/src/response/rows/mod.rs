//! The rows of a response: a list, or an object keyed by ids.

mod usual;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use http_core::client::{for_a_moment, push};
use http_core::wire::DecodeError;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use usual::Usual;

/// The members of an object with their keys, or the items of a list without keys. Null, false and the empty string have
/// no members: PHP writes an empty map in all these forms.
pub(crate) struct Members<'a, J>(pub(crate) Vec<(Option<Cow<'a, str>>, J)>);

impl<'de, J: Deserialize<'de>> Deserialize<'de> for Members<'de, J> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MembersVisitor(PhantomData))
    }
}

struct MembersVisitor<J>(PhantomData<J>);

impl<'de, J: Deserialize<'de>> Visitor<'de> for MembersVisitor<J> {
    type Value = Members<'de, J>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list or an object")
    }

    fn visit_unit<E: Error>(self) -> Result<Members<'de, J>, E> {
        Ok(Members(Vec::new()))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Members<'de, J>, E> {
        if value {
            Err(E::invalid_type(serde::de::Unexpected::Bool(value), &self))
        } else {
            self.visit_unit()
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Members<'de, J>, E> {
        if text.is_empty() { self.visit_unit() } else { Err(E::custom("expected a list or an object")) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Members<'de, J>, A::Error> {
        let mut members = Vec::new();
        while let Some(json) = list.next_element()? {
            push(&mut members, (None, json))?;
        }
        Ok(Members(members))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Members<'de, J>, A::Error> {
        let mut members = Vec::new();
        while let Some((key, json)) = object.next_entry()? {
            push(&mut members, (Some(key), json))?;
        }
        Ok(Members(members))
    }
}

type AnyMembers<'a> = Vec<(Option<Cow<'a, str>>, &'a RawValue)>;

/// The field names of one kind of row.
pub(crate) struct RowKind {
    /// The names under which a response contains the rows; the first one that is present is used.
    pub(crate) names: &'static [&'static str],
    /// The names of a row's id; the model reads the first one.
    pub(crate) ids: &'static [&'static str],
}

/// The maximum depth of nested rows; WHMCS nests one level.
const MAX_DEPTH: usize = 4;

impl RowKind {
    /// Decodes the rows of a response in one pass, if they are under the first of the names, as a list or as an object
    /// keyed by ids. Returns `None` for any other form.
    pub(crate) fn read<T: DeserializeOwned>(&self, body: &str) -> Option<Vec<T>> {
        let mut json = serde_json::Deserializer::from_str(body);
        let rows = json.deserialize_map(Usual { kind: self, rows: PhantomData }).ok()?;
        json.end().ok()?;
        Some(rows)
    }

    /// Finds the rows that a response contains under one of the names. If the response is a list, its items are the
    /// rows.
    pub(crate) fn find(&self, body: &str, each: &mut dyn FnMut(&RawValue)) -> Result<(), DecodeError> {
        let whole: &RawValue = serde_json::from_str(body).map_err(|_| self.missing())?;
        if !whole.get().starts_with('[') && self.nested(&self.members(whole)?).is_none() {
            return Err(self.missing());
        }
        self.rows(whole, 0)?.iter().for_each(|row| each(row));
        Ok(())
    }

    /// Finds the rows as [`find`](Self::find) does, but only in a list or an object, because nothing else proves that a
    /// row is missing. An empty response contains no list.
    pub(crate) fn find_listed(&self, body: &str, each: &mut dyn FnMut(&RawValue)) -> Result<(), DecodeError> {
        let whole: &RawValue = serde_json::from_str(body).map_err(|_| self.missing())?;
        let mut rows = whole;
        for _ in 0..=MAX_DEPTH {
            let members = self.members(rows)?;
            let Some(inner) = self.nested(&members) else { break };
            rows = inner;
        }
        let is_named = !std::ptr::eq(rows, whole) || !self.members(whole)?.is_empty();
        if is_named && rows.get().starts_with(['[', '{']) {
            self.find(body, each)
        } else {
            Err(self.missing())
        }
    }

    /// Returns the rows in this JSON: a list, an object keyed by ids, one of these nested as in
    /// `{"services": {"service": [..]}}`, or a single row.
    pub(crate) fn rows<'a>(
        &self,
        json: &'a RawValue,
        depth: usize,
    ) -> Result<Vec<Cow<'a, RawValue>>, DecodeError> {
        let members = self.members(json)?;
        let has_id =
            || members.iter().any(|(key, _)| key.as_deref().is_some_and(|key| self.ids.contains(&key)));
        // Only at the top level, an id may appear beside the rows.
        let inner = self.nested(&members).filter(|_| depth < MAX_DEPTH && (depth == 0 || !has_id()));
        if let Some(inner) = inner {
            return self.rows(inner, depth + 1);
        }
        if has_id() {
            return Ok(vec![self.with_id(json, None)]);
        }
        let mut rows = Vec::new();
        for (key, row) in members {
            push::<_, serde_json::Error>(&mut rows, self.with_id(row, key.as_deref()))
                .map_err(|_| too_many())?;
        }
        Ok(rows)
    }

    fn members<'a>(&self, json: &'a RawValue) -> Result<AnyMembers<'a>, DecodeError> {
        let members = serde_json::from_str::<Members<'a, _>>(json.get());
        // For a list or an object, the only possible error is too many members.
        let is_list = json.get().starts_with(['[', '{']);
        members.map(|members| members.0).map_err(|_| if is_list { too_many() } else { self.missing() })
    }

    /// Returns the value under one of the names, in plural or singular form. A number or a string is not rows but a
    /// member of a row.
    fn nested<'a>(&self, members: &[(Option<Cow<'_, str>>, &'a RawValue)]) -> Option<&'a RawValue> {
        self.names.iter().find_map(|name| {
            let may_be_rows = |json: &RawValue| {
                json.get().starts_with(['[', '{']) || matches!(json.get(), "null" | "false" | r#""""#)
            };
            let under = |name: &str| {
                members.iter().find(|(key, json)| key.as_deref() == Some(name) && may_be_rows(json))
            };
            let found = under(name).or_else(|| under(name.strip_suffix('s')?));
            found.map(|(_, json)| *json)
        })
    }

    /// Returns the row with its id under the name that the model reads. In the response, the id may have another name
    /// or be the row's key.
    pub(crate) fn with_id<'a>(&self, row: &'a RawValue, key: Option<&str>) -> Cow<'a, RawValue> {
        for_a_moment(|| self.add_id(row, key)).map_or(Cow::Borrowed(row), Cow::Owned)
    }

    fn add_id(&self, row: &RawValue, key: Option<&str>) -> Option<Box<RawValue>> {
        if !row.get().starts_with('{') {
            return None;
        }
        let Members::<&RawValue>(members) = serde_json::from_str(row.get()).ok()?;
        // All ids are whole numbers.
        let is_id = |json: &&str| json.trim_matches(['"', ' ']).parse::<u64>().is_ok();
        let value_of = |name: &str| {
            let found = members.iter().find(|(key, _)| key.as_deref() == Some(name));
            found.map(|(_, json)| json.get()).filter(is_id)
        };
        let (name, others) = self.ids.split_first()?;
        if value_of(name).is_some() {
            return None;
        }
        let other = others.iter().find_map(|other| value_of(other)).map(str::to_owned);
        // The key 0 is an index: no row has the id 0.
        let key = key.filter(|key| *key != "0");
        let id = other.or_else(|| serde_json::to_string(key?).ok())?;
        let mut object = format!("{{\"{name}\":{id}");
        for (key, json) in members.iter().filter(|(key, _)| key.as_deref() != Some(*name)) {
            let key = serde_json::to_string(key.as_deref()?).ok()?;
            object.extend([",", &key, ":", json.get()]);
        }
        object.push('}');
        RawValue::from_string(object).ok()
    }

    fn missing(&self) -> DecodeError {
        DecodeError::new(format!("there are no rows under `{}`", self.names.join("` or `")))
    }
}

fn too_many() -> DecodeError {
    DecodeError::new("the response contains far more rows than its size allows")
}

//! The rows of a response: a list, or an object keyed by ids.

mod usual;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use http_core::client::step;
use http_core::wire::DecodeError;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use usual::Usual;

type EachMember<'f, 'de> = &'f mut dyn FnMut(Option<&str>, &'de RawValue) -> serde_json::Result<()>;

/// Calls `each` with every member of an object and its key, or with every item of a list. Null, false and the empty
/// string have no members: PHP writes an empty map in all these forms.
pub(crate) fn each_member<'de>(json: &'de str, each: EachMember<'_, 'de>) -> serde_json::Result<()> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    deserializer.deserialize_any(Members(each))?;
    deserializer.end()
}

#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

struct Members<'f, 'de>(EachMember<'f, 'de>);

impl<'de> Visitor<'de> for Members<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list or an object")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        if value { Err(E::invalid_type(serde::de::Unexpected::Bool(value), &self)) } else { Ok(()) }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        if text.is_empty() { Ok(()) } else { Err(E::custom("expected a list or an object")) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(json) = list.next_element()? {
            step()?;
            (self.0)(None, json).map_err(A::Error::custom)?;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while let Some((Key(key), json)) = object.next_entry()? {
            step()?;
            (self.0)(Some(&key), json).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

/// The field names of one kind of row.
pub(crate) struct RowKind {
    /// The names under which a response contains the rows; the first one that is present is used.
    pub(crate) names: &'static [&'static str],
    /// The names of a row's id; the model reads the first one.
    pub(crate) ids: &'static [&'static str],
}

/// The maximum depth of nested rows; WHMCS nests one level.
const MAX_DEPTH: usize = 4;
/// The length of the longest row, in bytes, that is searched for an id under another name.
const LONGEST_ROW: usize = 64 * 1024;

/// The contents of a value that may contain rows.
#[derive(Default)]
struct Contents<'a> {
    /// The value under one of the names of the rows, in plural or singular form, and its position among them.
    nested: Option<(usize, &'a RawValue)>,
    /// The number of members.
    count: usize,
    /// Whether one of the members is the id of a row.
    has_id: bool,
}

/// Returns whether the value under the name of the rows can be the rows. A number or a string is not rows but a member
/// of a row.
fn may_be_rows(json: &str) -> bool {
    json.starts_with(['[', '{']) || matches!(json, "null" | "false" | r#""""#)
}

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
        let whole = self.whole(body)?;
        let (rows, contents) = self.innermost(whole)?;
        if std::ptr::eq(rows, whole) && !whole.get().starts_with('[') {
            return Err(self.missing());
        }
        self.each_row(rows, &contents, each)
    }

    /// Finds the rows as [`find`](Self::find) does, but only in a list or an object, because nothing else proves that a
    /// row is missing. An empty response contains no list, and PHP's other forms of an empty one are a
    /// [`DecodeError::null_list`].
    pub(crate) fn find_listed(&self, body: &str, each: &mut dyn FnMut(&RawValue)) -> Result<(), DecodeError> {
        let whole = self.whole(body)?;
        let (rows, contents) = self.innermost(whole)?;
        let is_named = !std::ptr::eq(rows, whole);
        match rows.get() {
            list if list.starts_with(['[', '{']) && (is_named || contents.count > 0) => self.find(body, each),
            "null" | "false" | r#""""# if is_named => Err(DecodeError::null_list()),
            _ => Err(self.missing()),
        }
    }

    /// Finds the rows in this JSON: a list, an object keyed by ids, one of these nested as in
    /// `{"services": {"service": [..]}}`, or a single row.
    pub(crate) fn rows(&self, json: &str, each: &mut dyn FnMut(&RawValue)) -> Result<(), DecodeError> {
        let (rows, contents) = self.innermost(self.whole(json)?)?;
        self.each_row(rows, &contents, each)
    }

    /// Returns the number of rows that [`rows`](Self::rows) finds.
    pub(crate) fn count(&self, json: &str) -> Result<usize, DecodeError> {
        let (_, contents) = self.innermost(self.whole(json)?)?;
        Ok(if contents.has_id { 1 } else { contents.count })
    }

    fn each_row(
        &self,
        rows: &RawValue,
        contents: &Contents<'_>,
        each: &mut dyn FnMut(&RawValue),
    ) -> Result<(), DecodeError> {
        if contents.has_id {
            each(&self.with_id(rows, None));
            return Ok(());
        }
        self.each_member(rows, &mut |key, row| each(&self.with_id(row, key)))
    }

    fn whole<'a>(&self, body: &'a str) -> Result<&'a RawValue, DecodeError> {
        serde_json::from_str(body).map_err(|_| self.missing())
    }

    /// Returns the value that contains the rows themselves.
    fn innermost<'a>(&self, whole: &'a RawValue) -> Result<(&'a RawValue, Contents<'a>), DecodeError> {
        let (mut rows, mut contents) = (whole, self.contents(whole)?);
        for depth in 0..MAX_DEPTH {
            // Only at the top level, an id may appear beside the rows.
            let nested = contents.nested.filter(|_| depth == 0 || !contents.has_id);
            let Some((_, inner)) = nested else { break };
            (rows, contents) = (inner, self.contents(inner)?);
        }
        Ok((rows, contents))
    }

    fn contents<'a>(&self, json: &'a RawValue) -> Result<Contents<'a>, DecodeError> {
        let mut contents = Contents::default();
        let names = || self.names.iter().flat_map(|name| [Some(*name), name.strip_suffix('s')]);
        self.each_member(json, &mut |key, value| {
            contents.count += 1;
            let Some(key) = key else { return };
            contents.has_id |= self.ids.contains(&key);
            if let Some(at) = names().position(|name| name == Some(key))
                && may_be_rows(value.get())
                && contents.nested.is_none_or(|(first, _)| at < first)
            {
                contents.nested = Some((at, value));
            }
        })?;
        Ok(contents)
    }

    fn each_member<'a>(
        &self,
        json: &'a RawValue,
        each: &mut dyn FnMut(Option<&str>, &'a RawValue),
    ) -> Result<(), DecodeError> {
        let each = &mut |key: Option<&str>, value: &'a RawValue| {
            each(key, value);
            Ok(())
        };
        each_member(json.get(), each).map_err(|_| self.missing())
    }

    /// Returns the row with its id under the name that the model reads. In the response, the id may have another name
    /// or be the row's key.
    pub(crate) fn with_id<'a>(&self, row: &'a RawValue, key: Option<&str>) -> Cow<'a, RawValue> {
        self.add_id(row, key).map_or(Cow::Borrowed(row), Cow::Owned)
    }

    fn add_id(&self, row: &RawValue, key: Option<&str>) -> Option<Box<RawValue>> {
        let json = row.get();
        if !json.starts_with('{') || json.len() > LONGEST_ROW {
            return None;
        }
        // All ids are whole numbers.
        let is_id = |json: &str| json.trim_matches(['"', ' ']).parse::<u64>().is_ok();
        let mut found: Option<(usize, &RawValue)> = None;
        let find = &mut |key: Option<&str>, value| {
            if let Some(at) = self.ids.iter().position(|id| key == Some(id))
                && found.is_none_or(|(first, _)| at < first)
                && is_id(RawValue::get(value))
            {
                found = Some((at, value));
            }
            Ok(())
        };
        each_member(json, find).ok()?;
        // The key 0 is an index: no row has the id 0.
        let key = key.filter(|key| *key != "0");
        let id = match found {
            Some((0, _)) => return None,
            Some((_, id)) => id.get().to_owned(),
            None => serde_json::to_string(key?).ok()?,
        };
        let name = self.ids.first()?;
        let mut object = format!("{{\"{name}\":{id}");
        let add = &mut |key: Option<&str>, json: &RawValue| {
            if let Some(key) = key.filter(|key| key != name) {
                object.extend([",", &serde_json::to_string(key)?, ":", json.get()]);
            }
            Ok(())
        };
        each_member(json, add).ok()?;
        object.push('}');
        RawValue::from_string(object).ok()
    }

    fn missing(&self) -> DecodeError {
        DecodeError::new(format!("there are no rows under `{}`", self.names.join("` or `")))
    }
}

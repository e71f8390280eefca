//! Rows, which are a list or an object keyed by their ids.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use http_core::client::push;
use http_core::wire::DecodeError;
use serde::de::{
    Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess,
    Visitor,
};
use serde_json::value::RawValue;

/// The members of an object with their keys, or the items of a list without keys. There are none in null, false and
/// empty text, because PHP writes an empty map in many ways.
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

/// The names of rows of one kind.
pub(crate) struct RowKind {
    /// The names under which a response contains the rows; the first that is present counts.
    pub(crate) names: &'static [&'static str],
    /// The names of a row's id; the model reads the first one.
    pub(crate) ids: &'static [&'static str],
}

/// The deepest nesting of rows that is read; WHMCS nests one level.
const MAX_DEPTH: usize = 4;

impl RowKind {
    /// Decodes, in one pass, the rows of a response that contains them under the first of the names, as a list or as an
    /// object keyed by ids. Returns `None` for any other form.
    pub(crate) fn read<T: DeserializeOwned>(&self, body: &[u8]) -> Option<Vec<T>> {
        let mut json = serde_json::Deserializer::from_slice(body);
        let rows = json.deserialize_map(Usual { kind: self, rows: PhantomData }).ok()?;
        json.end().ok()?;
        Some(rows)
    }

    /// Finds the rows that a response contains under one of the names. A response that is a list contains only rows.
    pub(crate) fn find(&self, body: &[u8], each: &mut dyn FnMut(&RawValue)) -> Result<(), DecodeError> {
        let whole: &RawValue = serde_json::from_slice(body).map_err(|_| self.missing())?;
        if !whole.get().starts_with('[') && self.nested(&self.members(whole)?).is_none() {
            return Err(self.missing());
        }
        self.rows(whole, 0)?.iter().for_each(|row| each(row));
        Ok(())
    }

    /// Finds the rows as [`find`](Self::find) does, but only in a list or an object: nothing else proves that a row is
    /// missing. An empty response contains no list.
    pub(crate) fn find_listed(
        &self,
        body: &[u8],
        each: &mut dyn FnMut(&RawValue),
    ) -> Result<(), DecodeError> {
        let whole: &RawValue = serde_json::from_slice(body).map_err(|_| self.missing())?;
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
        if let Some(inner) = self.nested(&members).filter(|_| depth < MAX_DEPTH) {
            return self.rows(inner, depth + 1);
        }
        let is_id = |key: &Option<Cow<'_, str>>| key.as_deref().is_some_and(|key| self.ids.contains(&key));
        if members.iter().any(|(key, _)| is_id(key)) {
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
        // Of a list or an object, nothing can be invalid but their number.
        let is_list = json.get().starts_with(['[', '{']);
        members.map(|members| members.0).map_err(|_| if is_list { too_many() } else { self.missing() })
    }

    /// Returns the value under one of the names, in the plural or in the singular.
    fn nested<'a>(&self, members: &[(Option<Cow<'_, str>>, &'a RawValue)]) -> Option<&'a RawValue> {
        self.names.iter().find_map(|name| {
            let under = |name: &str| members.iter().find(|(key, _)| key.as_deref() == Some(name));
            let found = under(name).or_else(|| under(name.strip_suffix('s')?));
            found.map(|(_, json)| *json)
        })
    }

    /// Returns the row with its id under the name that the model reads. The id may have another name, or be the row's
    /// key.
    pub(crate) fn with_id<'a>(&self, row: &'a RawValue, key: Option<&str>) -> Cow<'a, RawValue> {
        self.add_id(row, key).map_or(Cow::Borrowed(row), Cow::Owned)
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

/// Decodes a response whose rows have their usual form. Any other form is an error.
struct Usual<'k, T> {
    kind: &'k RowKind,
    rows: PhantomData<T>,
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
                return Err(A::Error::custom("rows twice"));
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
        while let Some(row) = list.next_element()? {
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
                return Err(A::Error::custom("rows in rows, or a single row"));
            }
            push(&mut rows, object.next_value()?)?;
        }
        Ok(rows)
    }
}

/// Decodes a key to the answer of this predicate.
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

type AnyMembers<'a> = Vec<(Option<Cow<'a, str>>, &'a RawValue)>;

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const SERVICES: RowKind = RowKind { names: &["services", "list"], ids: &["id", "serviceid"] };

    fn rows(body: &str) -> Result<String, DecodeError> {
        let mut rows = Vec::new();
        SERVICES.find(body.as_bytes(), &mut |row| rows.push(row.get().replace(' ', "")))?;
        Ok(rows.join(" "))
    }

    #[test]
    fn observed_rows_are_listed_keyed_nested_or_alone_and_empty_maps_are_lists() {
        let row = r#"{"id":7,"name":"a"}"#;
        for body in [
            format!("[{row}]"),
            format!(r#"{{"services": [{row}]}}"#),
            format!(r#"{{"result": "success", "services": {{"7": {row}}}}}"#),
            format!(r#"{{"services": {{"service": [{row}]}}}}"#),
            format!(r#"{{"services": {{"numreturned": 1, "service": {{"7": {row}}}}}}}"#),
            format!(r#"{{"services": {{"service": {row}}}}}"#),
            format!(r#"{{"services": {row}}}"#),
            format!(r#"{{"service": {row}}}"#),
            format!(r#"{{"list": [{row}]}}"#),
        ] {
            assert_eq!(rows(&body).unwrap(), row, "{body}");
        }
        for none in ["[]", "{}", "null", r#""""#, "false", r#"{"service": []}"#] {
            assert_eq!(rows(&format!(r#"{{"services": {none}}}"#)).unwrap(), "", "{none}");
        }
        assert_eq!(rows("[]").unwrap(), "");
    }

    #[test]
    fn only_a_list_or_an_object_proves_that_a_row_is_missing() {
        let listed = |body: &str| {
            let mut rows = 0;
            SERVICES.find_listed(body.as_bytes(), &mut |_| rows += 1).map(|()| rows)
        };
        for (rows, count) in [
            ("[]", 0),
            ("{}", 0),
            (r#"[{"id": 7}]"#, 1),
            (r#"{"service": []}"#, 0),
            (r#"{"service": [{"id": 7}]}"#, 1),
            (r#"{"7": {"name": "a"}}"#, 1),
        ] {
            assert_eq!(
                listed(&format!(r#"{{"result": "success", "services": {rows}}}"#)),
                Ok(count),
                "{rows}"
            );
        }
        assert_eq!(listed(r#"[{"id": 7}]"#), Ok(1));
        for none in ["null", "false", r#""""#, r#"{"service": null}"#, r#"{"service": false}"#] {
            let body = format!(r#"{{"result": "success", "services": {none}}}"#);
            assert!(rows(&body).unwrap().is_empty() && listed(&body).is_err(), "{none}");
        }
        for body in ["[]", "{}", r#"{"result": "success"}"#, "null", "false", ""] {
            assert!(listed(body).is_err(), "{body}");
        }
    }

    #[test]
    fn observed_an_id_may_be_only_the_key_or_have_another_name() {
        for (row, id) in [
            (r#"{"name": "a"}"#, r#""4711""#),
            (r#"{"id": null, "name": "a"}"#, r#""4711""#),
            (r#"{"id": "", "name": "a"}"#, r#""4711""#),
            (r#"{"id": "N/A", "name": "a"}"#, r#""4711""#),
            (r#"{"serviceid": 12, "name": "a"}"#, "12"),
            (r#"{"id": 12, "serviceid": 13, "name": "a"}"#, "12"),
        ] {
            let read = rows(&format!(r#"{{"services": {{"4711": {row}}}}}"#)).unwrap();
            let read: Value = serde_json::from_str(&read).unwrap();
            assert_eq!((read["id"].to_string().as_str(), &read["name"]), (id, &Value::from("a")), "{row}");
        }
        assert_eq!(rows(r#"{"services": [{"name": "a"}]}"#).unwrap(), r#"{"name":"a"}"#);
    }

    #[test]
    fn the_first_name_counts_in_any_order() {
        assert_eq!(rows(r#"{"list": [1], "services": [2]}"#).unwrap(), "2");
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Row {
        id: u64,
        name: Option<String>,
    }

    /// One pass reads what the usual form is, and nothing differently than the rows that are found.
    #[test]
    fn rows_in_one_pass_are_those_that_are_found() {
        let usual = |body: &str| {
            let found = rows(body).ok().and_then(|rows| {
                serde_json::Deserializer::from_str(&rows).into_iter().collect::<Result<Vec<Row>, _>>().ok()
            });
            let read = SERVICES.read::<Row>(body.as_bytes());
            assert!(read.is_none() || read == found, "{body}: {read:?}, {found:?}");
            read.map(|rows| rows.len())
        };
        let row = r#"{"id":7,"name":"a"}"#;
        for (body, count) in [
            (format!(r#"{{"services": [{row}, {row}], "result": "success"}}"#), 2),
            (format!(r#"{{"result": "success", "services": {{"7": {row}, "8": {{"id": 8}}}}}}"#), 2),
            (format!(r#"{{"list": [1], "services": [{row}]}}"#), 1),
            (r#"{"services": {}}"#.to_owned(), 0),
        ] {
            assert_eq!(usual(&body), Some(count), "{body}");
        }
        for body in [
            format!("[{row}]"),
            format!(r#"{{"services": {{"service": [{row}]}}}}"#),
            format!(r#"{{"services": {row}}}"#),
            format!(r#"{{"service": [{row}]}}"#),
            format!(r#"{{"list": [{row}]}}"#),
            format!(r#"{{"services": [], "services": [{row}]}}"#),
            r#"{"services": {"4711": {"name": "a"}}}"#.to_owned(),
            r#"{"services": {"4711": {"id": "", "name": "a"}}}"#.to_owned(),
            r#"{"services": [{"serviceid": 12}]}"#.to_owned(),
            r#"{"services": null}"#.to_owned(),
        ] {
            assert_eq!(usual(&body), None, "{body}");
        }
    }

    #[test]
    fn rows_that_are_missing_or_are_none_are_an_error() {
        assert!(rows(r#"{"result": "success"}"#).unwrap_err().to_string().contains("`services` or `list`"));
        for body in [r#"{"services": 1}"#, r#"{"services": "x"}"#, r#"{"services": true}"#, "1"] {
            assert!(rows(body).is_err(), "{body}");
        }
    }

    #[test]
    fn rows_in_rows_are_not_followed_for_ever() {
        let deep = [r#"{"services":"#.repeat(100), "[]".to_owned(), "}".repeat(100)].concat();
        assert!(rows(&deep).is_ok_and(|rows| rows.contains(r#""services":{"services""#)));
    }
}

//! Rows, which come as a list or as an object keyed by their ids.

use std::fmt;
use std::marker::PhantomData;

use http_core::wire::DecodeError;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_with::{DeserializeAs, SerializeAs};

/// The members of an object with their keys, or those of a list without. Null, false and empty text have none:
/// PHP writes an empty map in many ways.
pub(crate) struct Members<J>(pub(crate) Vec<(Option<String>, J)>);

impl<'de, J: Deserialize<'de>> Deserialize<'de> for Members<J> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyMembers(PhantomData))
    }
}

struct AnyMembers<J>(PhantomData<J>);

impl<'de, J: Deserialize<'de>> Visitor<'de> for AnyMembers<J> {
    type Value = Members<J>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list or an object")
    }

    fn visit_unit<E: Error>(self) -> Result<Members<J>, E> {
        Ok(Members(Vec::new()))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Members<J>, E> {
        if value {
            Err(E::invalid_type(serde::de::Unexpected::Bool(value), &self))
        } else {
            self.visit_unit()
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Members<J>, E> {
        if text.is_empty() { self.visit_unit() } else { Err(E::custom("expected a list or an object")) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Members<J>, A::Error> {
        let mut members = Vec::new();
        while let Some(json) = list.next_element()? {
            members.push((None, json));
        }
        Ok(Members(members))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Members<J>, A::Error> {
        let mut members = Vec::new();
        while let Some((key, json)) = object.next_entry()? {
            members.push((Some(key), json));
        }
        Ok(Members(members))
    }
}

/// The rows of a list or of an object keyed by their ids.
pub(crate) struct Rows;

impl<'de, T: DeserializeOwned> DeserializeAs<'de, Vec<T>> for Rows {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        let Members(members) = Members::<T>::deserialize(deserializer)?;
        Ok(members.into_iter().map(|(_, row)| row).collect())
    }
}

impl<T: Serialize> SerializeAs<Vec<T>> for Rows {
    fn serialize_as<S: Serializer>(source: &Vec<T>, serializer: S) -> Result<S::Ok, S::Error> {
        source.serialize(serializer)
    }
}

/// The rows that a reply holds under one of these names, the first that is there; a reply that is a list holds nothing else.
pub(crate) fn rows_under<'a>(body: &'a [u8], names: &[&str]) -> Result<Vec<&'a RawValue>, DecodeError> {
    let unreadable = |_| DecodeError::new(format!("expected rows under `{}`", names.join("` or `")));
    let Members::<&RawValue>(members) = serde_json::from_slice(body).map_err(unreadable)?;
    if body.trim_ascii_start().starts_with(b"[") {
        return Ok(members.into_iter().map(|(_, row)| row).collect());
    }
    let under = |name: &&str| members.iter().find(|(key, _)| key.as_deref() == Some(*name));
    let Some((_, rows)) = names.iter().find_map(under) else {
        return Err(DecodeError::new(format!("there are no rows under `{}`", names.join("` or `"))));
    };
    let Members::<&RawValue>(rows) = serde_json::from_str(rows.get()).map_err(unreadable)?;
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(body: &str) -> Result<Vec<String>, DecodeError> {
        let rows = rows_under(body.as_bytes(), &["orders", "list"])?;
        Ok(rows.into_iter().map(|row| row.get().to_owned()).collect())
    }

    #[test]
    fn observed_rows_are_keyed_by_id_or_listed_and_an_empty_map_is_written_as_a_list() {
        for body in [r#"{"orders": {"47200": 1, "47100": 2}}"#, r#"{"list": [1, 2]}"#, "[1, 2]"] {
            assert_eq!(rows(body).unwrap(), ["1", "2"], "{body}");
        }
        for body in
            [r#"{"orders": []}"#, r#"{"orders": {}}"#, r#"{"orders": null}"#, r#"{"orders": ""}"#, "[]"]
        {
            assert!(rows(body).unwrap().is_empty(), "{body}");
        }
    }

    #[test]
    fn the_first_name_counts_wherever_it_stands() {
        assert_eq!(rows(r#"{"list": [1], "orders": [2]}"#).unwrap(), ["2"]);
    }

    #[test]
    fn rows_that_are_missing_or_are_none_are_an_error() {
        assert!(rows(r#"{"result": "success"}"#).unwrap_err().to_string().contains("`orders` or `list`"));
        for body in [r#"{"orders": 1}"#, r#"{"orders": "x"}"#, r#"{"orders": true}"#, "1"] {
            assert!(rows(body).is_err(), "{body}");
        }
    }
}

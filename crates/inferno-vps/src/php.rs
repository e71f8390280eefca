//! Adapters for forms of JSON that only PHP produces.

use http_core::client::{json_text, push};
use http_core::wire::Lenient;
use serde::de::{Deserializer, Error, IgnoredAny};
use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_with::{DeserializeAs, SerializeAs};

use crate::response::{ReportedResult, each_member};

/// Decodes an optional object. PHP writes an absent object as `[]`, `{}`, `""`, `null` or `false`. An object that
/// reports a failure (`{"result": "fail", …}`) also counts as absent.
pub(crate) struct Object;

impl<'de, T> DeserializeAs<'de, Option<T>> for Object
where
    Lenient: for<'a> DeserializeAs<'a, T> + for<'a> DeserializeAs<'a, Option<T>>,
{
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        let json = json_text(deserializer)?;
        let inner = json.strip_prefix(['[', '{']).and_then(|json| json.strip_suffix([']', '}']));
        let is_empty = inner.is_some_and(|inner| inner.trim_ascii().is_empty()) || json == "false";
        if is_empty || ReportedResult::is_failure(json.as_bytes()) {
            return Ok(None);
        }
        // Otherwise a model would decode the items of the list as its fields.
        if json.starts_with('[') {
            return Err(D::Error::custom("expected an object, found a list"));
        }
        let source = || serde_json::Deserializer::from_str(&json);
        // Decoding an optional value takes two passes, because the value may be invalid. One pass is enough for most
        // values, so it is tried first.
        if let Ok(object) = Lenient::deserialize_as(&mut source()) {
            return Ok(Some(object));
        }
        Lenient::deserialize_as(&mut source()).map_err(D::Error::custom)
    }
}

impl<T: Serialize> SerializeAs<Option<T>> for Object {
    fn serialize_as<S: Serializer>(source: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        source.serialize(serializer)
    }
}

/// Decodes JSON of any shape, within the memory limit of the response.
pub(crate) fn value(json: &str) -> serde_json::Result<Value> {
    Lenient::deserialize_as(&mut serde_json::Deserializer::from_str(json))
}

/// Decodes ids from a comma-separated string, from a single id, or from a list. Only invalid ids are dropped.
pub(crate) struct Ids;

impl<'de, T> DeserializeAs<'de, Vec<T>> for Ids
where
    Lenient: for<'a> DeserializeAs<'a, Option<T>>,
{
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        let json = json_text(deserializer)?;
        let mut ids = Vec::new();
        let mut add = |id: Option<T>| id.map_or(Ok(()), |id| push(&mut ids, id));
        let read = |json: &str| Lenient::deserialize_as(&mut serde_json::Deserializer::from_str(json));
        let added = if json.starts_with(['[', '{']) {
            each_member(&json, &mut |_, id| add(read(id.get())?))
        } else if let Some(text) = json.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
            // A list with an escape sequence contains more than numbers.
            text.split(',').try_for_each(|id| add(read(&format!("\"{}\"", id.trim()))?))
        } else {
            read(&json).and_then(add)
        };
        added.map_err(D::Error::custom)?;
        Ok(ids)
    }
}

impl<T: Serialize> SerializeAs<Vec<T>> for Ids {
    fn serialize_as<S: Serializer>(source: &Vec<T>, serializer: S) -> Result<S::Ok, S::Error> {
        source.serialize(serializer)
    }
}

/// Decodes a count. The provider may send a list of the counted things instead.
pub(crate) struct Count;

impl<'de> DeserializeAs<'de, Option<u32>> for Count {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
        let json = json_text(deserializer)?;
        if json.starts_with('[') {
            // A list of `IgnoredAny` takes no memory.
            let things: Vec<IgnoredAny> = serde_json::from_str(&json).map_err(D::Error::custom)?;
            return Ok(u32::try_from(things.len()).ok());
        }
        Lenient::deserialize_as(&mut serde_json::Deserializer::from_str(&json)).map_err(D::Error::custom)
    }
}

impl SerializeAs<Option<u32>> for Count {
    fn serialize_as<S: Serializer>(source: &Option<u32>, serializer: S) -> Result<S::Ok, S::Error> {
        source.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    http_core::wire::models! {
        struct Row {
            #[serde_as(as = Object)]
            #[serde(default)]
            nested: Option<Nested>,
            #[serde_as(as = Ids)]
            #[serde(default)]
            ids: Vec<crate::OrderId>,
            #[serde_as(as = Count)]
            #[serde(default)]
            count: Option<u32>,
        }

        struct Nested {
            size: u8,
        }
    }

    fn read(json: &str) -> Row {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn an_absent_object_is_recognized_in_all_its_forms() {
        let failed = r#"{"result": "fail", "size": 1}"#;
        for absent in ["[]", "{}", "{ }", r#""""#, "null", "false", failed] {
            assert_eq!(read(&format!(r#"{{"nested": {absent}}}"#)).nested, None, "{absent}");
        }
        assert_eq!(read(r#"{"nested": {"size": 1}}"#).nested, Some(Nested { size: 1 }));
        for other in [r#"{"size": "x"}"#, "7", r#""x""#, "true"] {
            assert_eq!(read(&format!(r#"{{"nested": {other}}}"#)).nested, None, "{other}");
        }
    }

    #[test]
    fn a_list_is_not_accepted_as_an_object() {
        let error = serde_json::from_str::<Row>(r#"{"nested": [1]}"#).unwrap_err();
        assert!(error.to_string().starts_with("expected an object, found a list"), "{error}");
    }

    #[test]
    fn ids_are_a_string_a_single_id_or_a_list() {
        for (json, expected) in [
            (r#""49700""#, vec![49700]),
            (r#""1, 2,3""#, vec![1, 2, 3]),
            ("7", vec![7]),
            (r#"["1", 2]"#, vec![1, 2]),
            (r#""""#, vec![]),
            ("null", vec![]),
        ] {
            let ids = read(&format!(r#"{{"ids": {json}}}"#)).ids;
            assert_eq!(ids.into_iter().map(u64::from).collect::<Vec<_>>(), expected, "{json}");
        }
        for other in [r#""x""#, "true", "[{}]", "{}", "1e300"] {
            assert!(read(&format!(r#"{{"ids": {other}}}"#)).ids.is_empty(), "{other}");
        }
    }

    #[test]
    fn observed_a_count_may_be_a_list_of_the_counted_things() {
        for (json, count) in
            [("2", Some(2)), (r#""2""#, Some(2)), ("[{}, 7]", Some(2)), ("[]", Some(0)), ("null", None)]
        {
            assert_eq!(read(&format!(r#"{{"count": {json}}}"#)).count, count, "{json}");
        }
    }

    #[test]
    fn a_decoded_row_can_be_encoded_and_decoded_again() {
        let row = read(r#"{"nested": {"size": 1}, "ids": "1,2", "count": [1]}"#);
        assert_eq!(read(&serde_json::to_string(&row).unwrap()), row);
        let empty = read("{}");
        assert_eq!(read(&serde_json::to_string(&empty).unwrap()), empty);
    }
}

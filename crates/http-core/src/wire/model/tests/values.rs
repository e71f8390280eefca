//! Fields of particular types.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::decode_json;
use crate::wire::{AnyAsText, DateTime, Decimal, JsonText, Utc};

#[test]
fn models_are_equal_if_all_their_fields_are() {
    crate::wire::models! {
        struct Row {
            flag: bool,
            price: Decimal,
            time: Option<DateTime<Utc>>,
            value: Value,
            map: BTreeMap<String, u8>,
            json: JsonText,
        }
    }
    let row = |field: &str, value: Value| {
        let mut row = json!({
            "flag": true, "price": 1, "time": 1, "value": [1], "map": {"a": 1}, "json": {"a": 1}
        });
        row[field] = value;
        serde_json::from_str::<Row>(&row.to_string()).unwrap()
    };
    let one = row("flag", json!(true));
    assert_eq!(one, row("price", json!("1.0")));
    for (field, other) in [
        ("flag", json!(false)),
        ("price", json!(2)),
        ("time", json!(2)),
        ("time", Value::Null),
        ("value", json!([2])),
        ("map", json!({"a": 2})),
        ("map", json!({"b": 1})),
        ("map", json!({"a": 1, "b": 1})),
        ("json", json!({"a": 2})),
    ] {
        assert_ne!(one, row(field, other), "{field}");
    }
}

/// In a response, other values than strings are read only in the second attempt.
#[test]
fn a_kept_text_is_the_content_of_a_string_or_the_json_of_another_value() {
    #[derive(Clone, Debug, PartialEq, serde::Serialize)]
    struct Note(String);

    crate::wire::wire_content!(Note, Self);

    crate::wire::models! {
        struct Row {
            note: Note,
            optional: Option<Note>,
            #[serde_as(as = AnyAsText)]
            any: Option<String>,
        }
    }
    for (json, text) in [
        ("null", ""),
        (r#""""#, ""),
        (r#""a\"b""#, "a\"b"),
        ("7", "7"),
        ("true", "true"),
        ("false", "false"),
        (r#"["a"]"#, r#"["a"]"#),
        (r#"{"a": 1}"#, r#"{"a": 1}"#),
    ] {
        let body = format!(r#"{{"note": {json}, "optional": {json}, "any": {json}}}"#);
        let present = (!text.is_empty()).then(|| text.to_owned());
        let expected = Row { note: Note(text.into()), optional: present.clone().map(Note), any: present };
        assert_eq!(serde_json::from_str::<Row>(&body).unwrap(), expected, "{json}");
        assert_eq!(decode_json::<Row>(body.as_bytes()).unwrap(), expected, "{json}");
    }
}

#[test]
fn a_single_value_is_the_only_item_of_a_list_of_any_values() {
    crate::wire::models! {
        struct Row {
            list: Vec<Value>,
        }
    }
    for (json, list) in [
        ("null", json!([])),
        (r#""""#, json!([])),
        ("{}", json!([])),
        ("false", json!([])),
        ("[]", json!([])),
        ("[7, null]", json!([7, null])),
        ("7", json!([7])),
        ("true", json!([true])),
        (r#"{"a": 1}"#, json!([{"a": 1}])),
    ] {
        let row: Row = serde_json::from_str(&format!(r#"{{"list": {json}}}"#)).unwrap();
        assert_eq!(Value::from(row.list), list, "{json}");
    }
}

#[test]
fn an_optional_field_with_a_default_keeps_its_value() {
    crate::wire::models! {
        struct Row {
            #[or_default]
            size: Option<u8>,
        }
    }
    for (json, size) in [("7", Some(7)), ("0", Some(0)), ("null", None), ("256", None)] {
        let row: Row = serde_json::from_str(&format!(r#"{{"size": {json}}}"#)).unwrap();
        assert_eq!(row.size, size, "{json}");
    }
}

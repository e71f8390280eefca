use serde_json::Value;

use super::*;

const SERVICES: RowKind = RowKind { names: &["services", "list"], ids: &["id", "serviceid"] };

fn rows(body: &str) -> Result<String, DecodeError> {
    let mut rows = Vec::new();
    SERVICES.find(body, &mut |row| rows.push(row.get().replace(' ', "")))?;
    Ok(rows.join(" "))
}

#[test]
fn observed_rows_may_be_listed_keyed_nested_single_or_absent() {
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
fn a_member_of_a_row_may_be_named_like_the_rows() {
    for row in [
        r#"{"id":5,"service":"KVM"}"#,
        r#"{"id":5,"services":["a"]}"#,
        r#"{"id":5,"list":{"a":1}}"#,
        r#"{"id":5,"service":7}"#,
    ] {
        for body in [
            format!("[{row}]"),
            format!(r#"{{"services": [{row}]}}"#),
            format!(r#"{{"services": {row}}}"#),
            format!(r#"{{"service": {row}}}"#),
            format!(r#"{{"list": {row}, "service": "KVM"}}"#),
            format!(r#"{{"services": {{"5": {row}}}}}"#),
        ] {
            assert_eq!(rows(&body).unwrap(), row, "{body}");
        }
    }
}

#[test]
fn only_a_list_or_an_object_proves_that_a_row_is_missing() {
    let listed = |body: &str| {
        let mut rows = 0;
        SERVICES.find_listed(body, &mut |_| rows += 1).map(|()| rows)
    };
    for (rows, count) in [
        ("[]", 0),
        ("{}", 0),
        (r#"[{"id": 7}]"#, 1),
        (r#"{"service": []}"#, 0),
        (r#"{"service": [{"id": 7}]}"#, 1),
        (r#"{"7": {"name": "a"}}"#, 1),
    ] {
        assert_eq!(listed(&format!(r#"{{"result": "success", "services": {rows}}}"#)), Ok(count), "{rows}");
    }
    assert_eq!(listed(r#"[{"id": 7}]"#), Ok(1));
    for none in ["null", "false", r#""""#, r#"{"service": null}"#, r#"{"service": false}"#] {
        let body = format!(r#"{{"result": "success", "services": {none}}}"#);
        assert!(rows(&body).unwrap().is_empty(), "{none}");
        assert_eq!(listed(&body), Err(DecodeError::null_list()), "{none}");
    }
    for body in ["[]", "{}", r#"{"result": "success"}"#, "null", "false", r#""""#, ""] {
        assert!(listed(body).is_err_and(|error| error != DecodeError::null_list()), "{body}");
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
        (r#"{"serviceid": 13, "id": 12, "name": "a"}"#, "12"),
        (r#"{"serviceid": 12, "serviceid": 13, "name": "a"}"#, "12"),
    ] {
        let read = rows(&format!(r#"{{"services": {{"4711": {row}}}}}"#)).unwrap();
        let read: Value = serde_json::from_str(&read).unwrap();
        assert_eq!((read["id"].to_string().as_str(), &read["name"]), (id, &Value::from("a")), "{row}");
    }
    for row in [r#"{"name":"a"}"#, "[1]"] {
        assert_eq!(rows(&format!(r#"{{"services": [{row}]}}"#)).unwrap(), row);
    }
    assert_eq!(rows(r#"{"services": {"4711": [1]}}"#).unwrap(), "[1]");
}

#[test]
fn a_longer_row_than_the_limit_is_not_searched_for_an_id() {
    let row = |length: usize| {
        let row = |name: String| format!(r#"{{"name":"{name}"}}"#);
        row("x".repeat(length - row(String::new()).len()))
    };
    for (length, has_id) in [(LONGEST_ROW, true), (LONGEST_ROW + 1, false)] {
        let read = rows(&format!(r#"{{"services": {{"4711": {}}}}}"#, row(length))).unwrap();
        assert_eq!(read.starts_with(r#"{"id":"4711","#), has_id, "{length}");
    }
}

#[test]
fn the_first_name_is_used_in_any_order() {
    assert_eq!(rows(r#"{"list": [1], "services": [2]}"#).unwrap(), "2");
    assert_eq!(rows(r#"{"services": [1], "services": [2]}"#).unwrap(), "1");
}

#[derive(Debug, PartialEq, serde::Deserialize)]
struct Row {
    id: u64,
    name: Option<String>,
}

/// The one-pass decoder reads only the usual form, and returns the same rows as the general one.
#[test]
fn the_one_pass_decoder_agrees_with_the_general_one() {
    let usual = |body: &str| {
        let found = rows(body).ok().and_then(|rows| {
            serde_json::Deserializer::from_str(&rows).into_iter().collect::<Result<Vec<Row>, _>>().ok()
        });
        let read = SERVICES.read::<Row>(body);
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
        format!(r#"{{"services": {{"service": {row}}}}}"#),
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
fn missing_or_invalid_rows_are_an_error() {
    assert!(rows(r#"{"result": "success"}"#).unwrap_err().to_string().contains("`services` or `list`"));
    for body in [r#"{"services": 1}"#, r#"{"services": "x"}"#, r#"{"services": true}"#, "1"] {
        assert!(rows(body).is_err(), "{body}");
    }
    for value in ["1", "true", r#""x""#] {
        assert!(SERVICES.rows(value, &mut |_| ()).is_err() && SERVICES.count(value).is_err(), "{value}");
    }
    for none in ["null", "false", r#""""#, "[]", "{}"] {
        assert_eq!(SERVICES.count(none), Ok(0), "{none}");
    }
}

#[test]
fn nested_rows_are_followed_only_to_a_limited_depth() {
    let deep = [r#"{"services":"#.repeat(100), "[]".to_owned(), "}".repeat(100)].concat();
    assert!(rows(&deep).is_ok_and(|rows| rows.contains(r#""services":{"services""#)));
}

use bytes::Bytes;
use serde::Deserialize;

use super::*;
use crate::wire::allowance;

#[derive(Debug, Deserialize, PartialEq)]
struct Disk {
    size: u32,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Vm {
    storage: Vec<Disk>,
}

const LIST: &[u8] = br#"[{"storage": []}, {"storage": [{"size": 1}, {"size": "CANARY, expected more"}]}]"#;

#[test]
fn a_failure_names_the_path_and_the_types_but_no_value() {
    let error = json::<Vec<Vm>>(LIST).unwrap_err();
    assert_eq!(error.path, "[1].storage[1].size");
    assert_eq!(error.what, "expected u32, found text");
    assert!(!error.to_string().contains("CANARY"));
}

#[test]
fn the_path_is_that_of_the_invalid_value_whatever_is_around_it() {
    crate::wire::models! {
        struct Inner {
            #[required]
            size: u32,
        }

        struct Outer {
            #[required]
            first: Inner,
            #[required]
            list: Vec<Inner>,
            #[required]
            last: u32,
        }
    }
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only decoded")]
    struct Plain {
        list: Vec<Disk>,
        last: u32,
    }

    let paths = |body: &str| {
        let paths = [json::<Vec<Outer>>(body.as_bytes()), array::<Outer>(body.as_bytes())]
            .map(|result| result.unwrap_err().path);
        assert_eq!(paths[0], paths[1], "{body}");
        let [path, _] = paths;
        path
    };
    let good = r#"{"first": {"size": 1}, "list": [{"size": 1}], "last": 1}"#;
    for (from, to, path) in [
        (r#""first": {"size": 1}"#, r#""first": {"size": "x"}"#, "first.size"),
        (r#""first": {"size": 1}"#, r#""first": {"size": "x", "name": [1]}"#, "first.size"),
        (r#""first": {"size": 1}"#, r#""first": {"size": null}"#, "first.size"),
        // The object that ends before the comma may be `first` or its last member.
        (r#""first": {"size": 1}"#, r#""first": {"size": {}}"#, "first"),
        (r#""first": {"size": 1}"#, r#""first": {"size": [{}], "name": 1}"#, "first.size"),
        (r#""first": {"size": 1}"#, r#""first": {"name": 1}"#, "first"),
        (r#""first": {"size": 1}"#, r#""first": { }"#, "first"),
        (r#""first": {"size": 1}"#, r#""first": 5"#, "first"),
        (r#"[{"size": 1}]"#, r#"[{"size": 1}, {"size": "x"}]"#, "list[1].size"),
        (r#"[{"size": 1}]"#, r#"[{"size": 1} , {"size": true} , {"size": 1}]"#, "list[1].size"),
        (r#"[{"size": 1}]"#, r#"[{"size": 1}, {}]"#, "list[1]"),
        (r#"[{"size": 1}]"#, r#"[{"size": 1}, "x"]"#, "list[1]"),
        (r#"[{"size": 1}]"#, r#"{"size": "x"}"#, "list"),
        (r#"[{"size": 1}]"#, r#""x""#, "list"),
        (r#""last": 1"#, r#""last": "x""#, "last"),
        (r#""last": 1"#, r#""last": -1.5"#, "last"),
        (r#""last": 1"#, r#""last" : false , "more": {"a": []}"#, "last"),
        (r#""last": 1"#, r#""last" : {"a": {}}"#, "last"),
        (r#""last": 1"#, r#""last" : []"#, "last"),
    ] {
        let row = good.replace(from, to);
        assert_ne!(row, good);
        assert_eq!(paths(&format!("[{good},\n  {row}]")), format!("[1].{path}"));
        let found = paths(&format!("[{row}, {good}]"));
        // The same for the row, if it ends with an object or a list.
        let is_row = path == "last" && to.ends_with([']', '}']) && !to.contains("more");
        assert_eq!(found, if is_row { "[0]".into() } else { format!("[0].{path}") }, "{row}");
    }
    for (body, path) in [
        (r#"{"list": [{"size": 1}, {"size": "x"}], "last": 1}"#, "list[1].size"),
        (r#"{"list": [{"size": 1}, {"size": {"x": 1}}], "last": 1}"#, "list[1].size"),
        (r#"{"list": [{"size": 1}, {}], "last": 1}"#, "list[1]"),
        (r#"{"list": {}, "last": 1}"#, "list"),
        (r#"{"list": [], "last": {"a": {}}}"#, "last"),
        (r#"{"list": []}"#, "."),
        ("[1, 2]", "."),
    ] {
        assert_eq!(json::<Plain>(body.as_bytes()).unwrap_err().path, path, "{body}");
    }
}

/// The error must be the same although the rows before the invalid one are skipped.
#[test]
fn an_invalid_row_has_the_same_error_as_in_the_whole_list() {
    let invalid = [
        r#"[{"size": 1}, {"size": "x"}, {"size": 2}]"#,
        r#"[{"size": 1}, 5]"#,
        r#"[{"size": 1}, {"size": 2}"#,
        r#"[{"size": 1}, {"siz"#,
        r#"[{"size": 1} {"size": 2}]"#,
        "[{\"size\": 1},\n {\"size\": 2,}]",
        r#"[{"size": 1}] x"#,
        "7",
        "[",
    ];
    for body in invalid {
        let (row, whole) = (array::<Disk>(body.as_bytes()), json::<Option<Vec<Disk>>>(body.as_bytes()));
        assert_eq!(row.unwrap_err(), whole.unwrap_err(), "{body}");
    }
    for (body, found) in
        [(r#"{"size": 1}"#, "an object"), (r#""x""#, "text of 1 bytes"), ("true", "a boolean")]
    {
        let error = array::<Disk>(body.as_bytes()).unwrap_err();
        assert_eq!((&*error.path, error.what), (".", format!("expected a list, found {found}")));
    }
    let nested = [r#"[[{"size": 1}, {"size": "x"}]]"#, r#"[[], {"a": 1}]"#];
    for body in nested {
        let row = array::<Vec<Disk>>(body.as_bytes());
        let whole = json::<Option<Vec<Vec<Disk>>>>(body.as_bytes());
        assert_eq!(row.unwrap_err(), whole.unwrap_err(), "{body}");
    }
}

#[test]
fn a_missing_field_is_named() {
    assert_eq!(json::<Disk>(b"{}").unwrap_err().what, "missing field `size`");
}

#[test]
fn text_after_the_json_is_an_error() {
    assert_eq!(json::<Disk>(b"{\"size\": 1} x").unwrap_err().what, "the response is not JSON");
}

#[test]
fn rows_of_a_member_require_the_member() {
    let count = |body: &str| {
        let mut rows = 0;
        member_rows(body, "storage", &mut |_| rows += 1).map(|()| rows)
    };
    assert_eq!(count(r#"{"storage": [{}, {}]}"#), Ok(2));
    assert_eq!(count(r#"{"storage": []}"#), Ok(0));
    for body in ["{}", r#"{"storage": null}"#, r#"{"storage": {}}"#, "[]", ""] {
        assert!(count(body).is_err(), "{body}");
    }
}

#[test]
fn the_error_of_rows_names_the_expected_type() {
    let error = array_rows("{}", &mut |_| ()).unwrap_err();
    assert_eq!(error.what, "expected a list, found an object");
}

#[test]
fn an_empty_body_counts_as_null() {
    assert_eq!(json::<Option<Disk>>(b" \n").unwrap(), None);
    json::<()>(b"").unwrap();
    assert!(array::<Disk>(b"null").unwrap().is_empty());
}

#[test]
fn one_invalid_row_does_not_hide_the_others() {
    let list = tolerant::<Disk>(br#"[{"size": 1}, {"size": -1}, {"size": 3}]"#, array_rows).unwrap();
    assert_eq!(list.items, [Disk { size: 1 }, Disk { size: 3 }]);
    assert_eq!((list.errors.len(), list.failed, list.errors[0].index), (1, 1, 1));
    assert_eq!(list.errors[0].reason.path, "[1].size");
}

#[test]
fn an_invalid_byte_affects_only_the_string_that_contains_it() {
    let text = |body: &'static [u8]| {
        let mut body = Bytes::from_static(body);
        make_text(&mut body).map(|()| body)
    };
    let good = text(b"[{\"size\": 1}, {\"size\": 2, \"name\": \"K\xf5ik\"}]").unwrap();
    assert_eq!(json::<Vec<Disk>>(&good).unwrap().len(), 2);
    assert_eq!(rows::<Disk>(&good, array_rows).unwrap().len(), 2);
    let bad = text(b"[{\"size\": 1}, {\"size\": \"\xff\"}, {\"size\": 3}]").unwrap();
    let list = tolerant::<Disk>(&bad, array_rows).unwrap();
    assert_eq!((list.items.len(), list.errors.len()), (2, 1));
    assert_eq!(json::<String>(&text(b"\"K\xf5ik\"").unwrap()).unwrap(), "K\u{fffd}ik");
    json::<String>(b"\"K\xf5ik\"").unwrap_err();
}

#[test]
fn only_the_first_errors_of_a_tolerant_list_are_kept() {
    let list = |rows| format!("[{}{{\"size\": 1}}]", "0,".repeat(rows));
    for (rows, kept) in [(100, 100), (101, 100), (50_000, 100)] {
        let list = tolerant::<Disk>(list(rows).as_bytes(), array_rows).unwrap();
        assert_eq!((list.failed, list.errors.len(), list.items.len()), (rows, kept, 1));
        assert_eq!(list.errors[99].index, 99);
    }
    let error = tolerant::<Disk>(list(50_001).as_bytes(), array_rows).unwrap_err();
    assert_eq!(error.what, "more than 50000 rows cannot be decoded");
}

#[test]
fn a_response_that_is_not_a_list_fails_even_in_tolerant_decoding() {
    assert!(tolerant::<Disk>(br#"{"error": "x"}"#, array_rows).is_err());
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, serde::Serialize)]
#[serde(default)]
struct Wide {
    room: [u8; 24],
}

crate::wire::wire_value!(Wide);

/// Returns a list of rows that take twice as much memory decoded as in the response: too much for a list that
/// grows.
fn wide_rows() -> String {
    format!("[{}{{{}}}]", "{         },".repeat(400_000), " ".repeat(20))
}

#[test]
fn the_items_of_every_list_in_a_long_response_are_counted() {
    crate::wire::models! {
        struct Row {
            rows: Vec<Wide>,
            more: Option<Vec<Wide>>,
        }
    }

    let rows = wide_rows();
    assert_eq!(array::<Wide>(rows.as_bytes()).unwrap().len(), 400_001);
    assert_eq!(super::rows::<Wide>(rows.as_bytes(), array_rows).unwrap().len(), 400_001);
    for key in ["rows", "more"] {
        let body = format!(r#"{{"{key}": {rows}}}"#);
        let row: Row = json(body.as_bytes()).unwrap();
        assert_eq!(row.rows.len() + row.more.map_or(0, |more| more.len()), 400_001, "{key}");
    }
}

/// The error must be the same as in a short response.
#[test]
fn an_invalid_item_in_a_long_response_is_located() {
    crate::wire::models! {
        struct Row {
            #[required]
            rows: Vec<u8>,
        }
    }

    let body = |space: &str| format!("[{{\"rows\": [1]}},\n{{\"rows\": [1, \"x\"]}}]{space}");
    let located = |body: String| json::<Vec<Row>>(body.as_bytes()).unwrap_err();
    assert_eq!(located(body(&" ".repeat(2 * 1024 * 1024))), located(body("")));
}

/// Also if another crate enables serde_json's feature `unbounded_depth`.
#[test]
fn no_nesting_is_too_deep_for_the_stack() {
    use crate::wire::{glance, success};

    for (open, inner, close) in [("[", "", "]"), ("{\"errors\":", "0", "}"), ("[{\"a\":", "[]", "}]")] {
        let deep = |depth| format!("{}{inner}{}", open.repeat(depth), close.repeat(depth));
        for body in [deep(1_000), deep(200_000), open.repeat(200_000)] {
            let body = body.as_bytes();
            json::<serde_json::Value>(body).unwrap_err();
            json::<Vm>(body).unwrap_err();
            assert!(array::<serde_json::Value>(body).is_err() && array::<Disk>(body).is_err());
            assert!(
                tolerant::<Disk>(body, array_rows).is_ok_and(|list| list.items.is_empty())
                    == body.ends_with(b"]")
            );
            assert!(glance::glance(body, &["errors"]).is_empty() && glance::beginning(body).is_none());
            assert!(success::acknowledged(body).is_err());
            success::Verdict::of(body);
        }
    }
}

#[test]
fn the_line_of_an_error_is_that_in_the_response() {
    /// A row that is decoded from its text, in a second step.
    #[derive(Debug)]
    struct Row;

    impl<'de> Deserialize<'de> for Row {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = crate::wire::scalar::json_text(deserializer)?;
            let disk: Result<Disk, _> = serde_json::from_str(&text);
            disk.map(|_| Self).map_err(serde::de::Error::custom)
        }
    }

    let body = b"[\n{\"size\": 1},\n{\n\"size\": \"x\"\n},\n{\"size\": 1}]";
    for error in [array::<Row>(body).unwrap_err(), array::<Disk>(body).unwrap_err()] {
        assert!(matches!((&*error.path, error.line), ("[1]", 5) | ("[1].size", 4)), "{error}");
    }
}

#[test]
fn values_that_take_far_more_memory_than_their_text_are_rejected() {
    let rows = wide_rows().replacen("{         },", "{},{},{},", 1);
    assert_eq!(array::<Wide>(rows.as_bytes()).err().unwrap().what, allowance::EXCEEDED);
}

#[test]
fn every_kept_text_counts() {
    crate::wire::models! {
        struct Row {
            text: Option<String>,
            secret: Option<secrecy::SecretString>,
            keys: Option<std::collections::BTreeMap<String, u8>>,
            value: Option<serde_json::Value>,
            ignored: Option<u8>,
        }
    }

    let text = format!("\"{}\"", "a".repeat(9 * 1024 * 1024));
    for (field, is_kept) in [
        (format!("\"text\": {text}"), true),
        (format!("\"secret\": {text}"), true),
        (format!("\"keys\": {{{text}: 0}}"), true),
        (format!("\"value\": {text}"), true),
        (format!("\"ignored\": {text}"), false),
        (format!("\"unknown\": {text}"), false),
    ] {
        let read = || serde_json::from_str::<Row>(&format!("{{{field}}}"));
        assert_eq!(allowance::within(1, read).is_err(), is_kept, "{}", &field[..10]);
        read().unwrap();
    }
}

crate::wire::models! {
    struct Balancer {
        id: u8,
        targets: Vec<Target>,
        names: Vec<String>,
        inner: Option<Pool>,
    }

    struct Pool {
        targets: Vec<Target>,
    }

    struct Strict {
        #[required]
        targets: Vec<Target>,
    }

    struct Target {
        id: u8,
    }
}

#[test]
fn an_invalid_item_of_a_list_costs_neither_the_list_nor_the_resource() {
    for odd in ["null", "{}", "5", r#""uuid""#, r#"{"size": 5}"#, "[]", r#"{"id": "x"}"#] {
        let targets = format!(r#""targets": [{{"id": 1}}, {odd}, {{"id": 2}}]"#);
        let body = format!(r#"{{"id": 7, {targets}, "names": [null, "a"], "inner": {{{targets}}}}}"#);
        let ids = |targets: &[Target]| targets.iter().map(|target| target.id).collect::<Vec<_>>();
        let read: Balancer = json(body.as_bytes()).unwrap();
        assert_eq!(
            (ids(&read.targets), ids(&read.inner.unwrap().targets)),
            (vec![1, 2], vec![1, 2]),
            "{body}"
        );
        assert_eq!(read.names, ["a"]);
        json::<Balancer>(body.replace(r#"[null, "a"]"#, r#"[{}, "a"]"#).as_bytes()).unwrap_err();
        let rows: Vec<Balancer> = array(format!("[{body}, {body}]").as_bytes()).unwrap();
        assert_eq!(ids(&rows[1].targets), [1, 2]);
        json::<Strict>(body.as_bytes()).unwrap_err();
        // A field that is needed is named even if an item of a list is invalid too.
        let error = json::<Balancer>(format!("{{{targets}}}").as_bytes()).unwrap_err();
        assert_eq!(error.what, "missing field `id`");
    }
}

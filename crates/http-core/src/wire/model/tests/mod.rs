mod round_trip;
mod values;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde_json::Value;

use super::*;
use crate::SecretString;
use crate::wire::decode::json as decode_json;
use crate::wire::{DateTime, Decimal, Utc};

crate::wire::integer_id! {
    /// A numeric id, for these tests.
    struct Number;
}

crate::wire::text_id! {
    /// A string id, for these tests.
    struct Code;
}

crate::wire::open_enum! {
    /// An enum, for these tests.
    enum Status {
        /// Runs.
        Running = "running",
    }
}

crate::wire::models! {
    /// A model within models.
    struct Part {
        size: u64,
        name: Option<String>,
    }

    /// A list that may be absent.
    struct Holder {
        texts: Option<Vec<String>>,
    }

    /// A model with a field of every type.
    struct Whole {
        id: Number,
        code: Code,
        count: u32,
        delta: i64,
        price: Decimal,
        status: Status,
        v4: Ipv4Addr,
        v6: Ipv6Addr,
        part: Part,
        text: String,
        flag: bool,
        #[required]
        #[serde(rename = "neededFlag")]
        needed_flag: bool,
        #[serde(rename = "neededText")]
        #[required]
        needed_text: String,
        texts: Vec<String>,
        parts: Vec<Part>,
        map: BTreeMap<String, u8>,
        any: Value,
        id_option: Option<Number>,
        code_option: Option<Code>,
        count_option: Option<u8>,
        price_option: Option<Decimal>,
        status_option: Option<Status>,
        time_option: Option<DateTime<Utc>>,
        ip_option: Option<IpAddr>,
        text_option: Option<String>,
        flag_option: Option<bool>,
        part_option: Option<Part>,
        texts_option: Option<Vec<String>>,
        map_option: Option<BTreeMap<String, i8>>,
        any_option: Option<Value>,
        #[serde(rename = "other-name")]
        renamed: Option<u16>,
        /// Read by an adapter.
        #[serde_as(as = serde_with::DefaultOnNull<Lenient>)]
        #[serde(default)]
        adapted: u64,
    }

    /// A model that keeps unknown members in a map.
    struct Open {
        known: Option<u8>,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>
    }
}

/// One value of every JSON type, and the values that providers use for special purposes.
const SHAPES: [&str; 22] = [
    "null",
    "true",
    "false",
    "0",
    "1",
    "7",
    "-7",
    "7.0",
    "7.5",
    "1e300",
    r#""""#,
    r#"" 7 ""#,
    r#""7.0""#,
    r#""on""#,
    r#""::1""#,
    r#""10.0.0.1""#,
    r#""2026-11-23 10:00:00""#,
    r#""0000-00-00""#,
    "[]",
    "[7]",
    "{}",
    r#"{"size": 7}"#,
];

/// Returns the values that a type reads from all [`SHAPES`], as the type writes them; `!` is an error.
fn table<T: Wire + Debug>() -> String {
    let cell = |json: &&str| {
        let read: serde_json::Result<T> = read(&mut super::json(json));
        read.map_or("!".into(), |value| serde_json::to_string(&Written::<_, ByType>::new(&value)).unwrap())
    };
    SHAPES.iter().map(cell).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_items_of_a_list_are_not_the_fields_of_a_model() {
    crate::wire::models! {
        /// A model without a required field.
        struct Report {
            done: bool,
            part: Option<Part>,
        }
    }
    for list in ["[]", "[false]", r#"[true, {"size": 1}]"#] {
        assert!(decode_json::<Report>(list.as_bytes()).is_err(), "{list}");
        let nested = format!(r#"{{"done": true, "part": {list}}}"#);
        let report: Report = decode_json(nested.as_bytes()).unwrap();
        assert_eq!(report, Report { done: true, part: None }, "{list}");
    }
    assert!(decode_json::<Vec<Report>>(b"[]").unwrap().is_empty());
}

#[test]
fn every_type_reads_every_shape_as_in_the_table() {
    let cells: [(&str, String, &str); 16] = [
        ("u8", table::<u8>(), "! ! ! 0 1 7 ! 7 ! ! ! 7 7 ! ! ! ! ! ! ! ! !"),
        ("i64", table::<i64>(), "! ! ! 0 1 7 -7 7 ! ! ! 7 7 ! ! ! ! ! ! ! ! !"),
        ("bool", table::<bool>(), "! true false false true ! ! ! ! ! false ! ! true ! ! ! ! ! ! ! !"),
        (
            "text",
            table::<String>(),
            r#"! "true" "false" "0" "1" "7" "-7" "7.0" "7.5" "1e300" "" " 7 " "7.0" "on" "::1" "10.0.0.1" "2026-11-23 10:00:00" "0000-00-00" ! ! ! !"#,
        ),
        (
            "money",
            table::<Decimal>(),
            r#"! ! ! "0" "1" "7" "-7" "7.0" "7.5" ! ! "7" "7.0" ! ! ! ! ! ! ! ! !"#,
        ),
        (
            "time",
            table::<DateTime<Utc>>(),
            r#"! ! ! "1970-01-01T00:00:00Z" "1970-01-01T00:00:01Z" "1970-01-01T00:00:07Z" "1969-12-31T23:59:53Z" "1970-01-01T00:00:07Z" "1970-01-01T00:00:07.500Z" ! ! "1970-01-01T00:00:07Z" "1970-01-01T00:00:07Z" ! ! ! "2026-11-23T10:00:00Z" ! ! ! ! !"#,
        ),
        ("address", table::<IpAddr>(), r#"! ! ! ! ! ! ! ! ! ! ! ! ! ! "::1" "10.0.0.1" ! ! ! ! ! !"#),
        (
            "secret",
            table::<SecretString>(),
            &["!", "!", "!"]
                .into_iter()
                .chain([r#""[redacted]""#; 15])
                .chain(["!"; 4])
                .collect::<Vec<_>>()
                .join(" "),
        ),
        ("id", table::<Number>(), "! ! ! 0 1 7 ! 7 ! ! ! 7 7 ! ! ! ! ! ! ! ! !"),
        (
            "enum",
            table::<Status>(),
            r#"! ! ! "0" "1" "7" "-7" "7.0" "7.5" "1e300" "" " 7 " "7.0" "on" "::1" "10.0.0.1" "2026-11-23 10:00:00" "0000-00-00" ! ! ! !"#,
        ),
        ("model", table::<Part>(), r#"! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! {"size":7,"name":null}"#),
        (
            "u8 or none",
            table::<Option<u8>>(),
            "null null null 0 1 7 null 7 null null null 7 7 null null null null null null null null null",
        ),
        (
            "bool or none",
            table::<Option<bool>>(),
            "null true false false true null null null null null false null null true null null null null null null null null",
        ),
        (
            "model or none",
            table::<Option<Part>>(),
            r#"null null null null null null null null null null null null null null null null null null null null null {"size":7,"name":null}"#,
        ),
        ("list", table::<Vec<u8>>(), "[] ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! [] [7] ! !"),
        (
            "list or none",
            table::<Option<Vec<u8>>>(),
            "null null null null null null null null null null null null null null null null null null [] [7] null null",
        ),
    ];
    for (name, found, expected) in cells {
        assert_eq!(found, expected, "{name}");
    }
}

/// An invalid value must not look like the null that the provider sends if there is nothing.
#[test]
fn a_required_optional_field_must_be_present_and_valid() {
    crate::wire::models! {
        struct Row {
            #[required]
            size: Option<u8>,
            #[required]
            part: Option<Inner>,
        }

        struct Inner {
            size: u8,
        }
    }

    let read = |json: &str| serde_json::from_str::<Row>(json);
    let row = read(r#"{"size": 1, "part": {"size": 2}}"#).unwrap();
    assert_eq!((row.size, row.part), (Some(1), Some(Inner { size: 2 })));
    for none in [r#"{"size": null, "part": null}"#, r#"{"size": "", "part": ""}"#] {
        let row = read(none).unwrap();
        assert_eq!((row.size, row.part), (None, None), "{none}");
    }
    for (size, part) in [("256", "null"), ("{}", "null"), ("null", "{}"), ("null", "[]"), ("null", "false")] {
        assert!(read(&format!(r#"{{"size": {size}, "part": {part}}}"#)).is_err(), "{size} {part}");
    }
    assert!(read(r#"{"size": 1}"#).is_err() && read(r#"{"part": null}"#).is_err());
}

#[test]
fn an_absent_field_is_an_error_unless_its_type_has_a_default() {
    let whole = serde_json::json!({
        "id": 1, "code": "a", "count": 1, "delta": 1, "price": 1, "status": "running", "v4": "10.0.0.1", "v6": "::1",
        "part": {"size": 1}, "neededFlag": true, "neededText": "", "map": {}, "any": 1
    });
    let read = |row: &Value| serde_json::from_str::<Whole>(&row.to_string());
    let sparse = read(&whole).unwrap();
    assert_eq!((sparse.text.as_str(), sparse.flag, sparse.texts.len(), sparse.adapted), ("", false, 0, 0));
    assert_eq!((sparse.any_option, sparse.part_option, sparse.renamed), (None, None, None));
    for field in whole.as_object().unwrap().keys() {
        let mut row = whole.clone();
        row.as_object_mut().unwrap().remove(field);
        let message = read(&row).unwrap_err().to_string();
        assert!(message.starts_with(&format!("missing field `{field}`")), "{message}");
    }
    for (field, message) in [("neededFlag", "true or false"), ("neededText", "text")] {
        let mut row = whole.clone();
        row[field] = Value::Null;
        let error = crate::wire::decode::json::<Whole>(row.to_string().as_bytes()).unwrap_err();
        assert_eq!(error.what, format!("expected {message}, found null"));
    }
}

#[test]
fn a_field_with_a_default_never_makes_its_row_invalid() {
    crate::wire::models! {
        struct Row {
            text: String,
            flag: bool,
            list: Vec<Part>,
            #[or_default]
            status: Status,
            #[or_default]
            #[serde(rename = "n")]
            number: u8,
        }
    }
    let read = |json: &str| serde_json::from_str::<Row>(json).unwrap();
    let empty = read("{}");
    assert_eq!((empty.text.as_str(), empty.flag, empty.list.len(), empty.number), ("", false, 0, 0));
    assert_eq!(empty.status, Status::from(""));
    for field in ["text", "flag", "list", "status", "n"] {
        for value in ["null", "{}", r#"{"a": [1]}"#, r#""""#, "1e300"].into_iter().chain(
            ["[1]", "true", "7", "\"x\"", "-1.5"]
                .into_iter()
                .filter(|value| field != "list" || *value != "[1]"),
        ) {
            read(&format!(r#"{{"{field}": {value}}}"#));
        }
    }
    assert_eq!(read(r#"{"list": [{"size": 1}], "n": "7", "status": "running"}"#).list.len(), 1);
    assert!(serde_json::from_str::<Row>(r#"{"list": [{"name": "no size"}]}"#).is_err());
}

#[test]
fn an_error_names_the_expected_value_and_the_type_of_the_found_one() {
    for (json, message) in [
        (r#"{"size": "hunter2"}"#, "expected a whole number in range, found text of 7 bytes"),
        (r#"{"size": {"hunter2": 2}}"#, "expected a whole number in range, found an object"),
        (r#"{"size": null}"#, "expected a whole number in range, found null"),
        (r#"{"size": 1e300}"#, "expected a whole number in range, found a number"),
    ] {
        let error = crate::wire::decode::json::<Part>(json.as_bytes()).unwrap_err();
        assert_eq!((error.path.as_str(), error.what.as_str()), ("size", message), "{json}");
    }
}

#[test]
fn the_id_of_an_invalid_row_is_read_by_a_thin_row() {
    crate::wire::models! {
        struct ThinRow {
            id: Number,
            size: Option<u64>,
        }
    }
    let json = r#"{"id": 7, "size": {"gib": [1]}, "code": null, "price": "N/A"}"#;
    assert!(serde_json::from_str::<Whole>(json).is_err());
    let thin: ThinRow = serde_json::from_str(json).unwrap();
    assert_eq!((thin.id, thin.size), (Number::new(7), None));
}

#[test]
fn unknown_members_are_kept_in_a_flattened_field() {
    let open: Open = serde_json::from_str(r#"{"known": "1", "a": 2}"#).unwrap();
    assert_eq!((open.known, &open.rest["a"]), (Some(1), &Value::from(2)));
}

#[test]
fn secrets_are_equal_if_their_exposed_values_are() {
    crate::wire::models! {
        struct Login {
            password: SecretString,
            tokens: Vec<SecretString>,
            cookie: Option<SecretString>,
        }
    }
    let login = |json: &str| serde_json::from_str::<Login>(json).unwrap();
    let one = login(r#"{"password": "a", "tokens": ["b"], "cookie": "c"}"#);
    assert_eq!(one, login(r#"{"password": "a", "tokens": ["b"], "cookie": "c"}"#));
    for other in [
        r#"{"password": "x", "tokens": ["b"], "cookie": "c"}"#,
        r#"{"password": "a", "tokens": ["x"], "cookie": "c"}"#,
        r#"{"password": "a", "tokens": ["b", "b"], "cookie": "c"}"#,
        r#"{"password": "a", "tokens": ["b"], "cookie": ""}"#,
    ] {
        assert_ne!(one, login(other), "{other}");
    }
    assert_eq!(
        serde_json::to_string(&one).unwrap(),
        r#"{"password":"[redacted]","tokens":["[redacted]"],"cookie":"[redacted]"}"#
    );
}

#[cfg(feature = "tracing")]
#[test]
fn a_dropped_value_is_logged_without_being_shown() {
    #[derive(Clone, Default)]
    struct Log(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

    impl std::io::Write for Log {
        fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
            std::io::Write::write(&mut *self.0.lock().unwrap(), line)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    crate::wire::models! {
        struct Row {
            parts: Vec<Part>,
        }
    }

    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    tracing::subscriber::with_default(subscriber, || {
        for silent in ["null", r#""""#, r#""0000-00-00 00:00:00""#] {
            assert_eq!(read::<Option<DateTime<Utc>>, _>(&mut super::json(silent)).unwrap(), None);
        }
        assert_eq!(read::<Option<bool>, _>(&mut super::json("null")).unwrap(), None);
        let part: Part = serde_json::from_str(r#"{"size": 7, "name": ["hunter2"]}"#).unwrap();
        let none = read::<Option<Part>, _>(&mut super::json(r#"["hunter2"]"#)).unwrap();
        assert_eq!((part.name, none), (None, None));
        // The rows are kept without the invalid list and the invalid item.
        let rows = br#"[{"parts": "hunter2"}, {"parts": [{"size": 1}, {"name": "hunter2"}]}]"#;
        let rows: Vec<Row> = decode_json(rows).unwrap();
        assert_eq!(rows.iter().map(|row| row.parts.len()).collect::<Vec<_>>(), [0, 1]);
    });
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_eq!(log.matches("an optional value is invalid and was left out").count(), 5, "{log}");
    assert!(log.contains(r#"expected="text" found=a list"#), "{log}");
    assert!(log.contains(r#"expected="a list" found=text"#), "{log}");
    assert!(log.contains(r#"expected="an item of a list""#), "{log}");
    assert!(!log.contains("hunter2"), "{log}");
}

#[test]
fn values_buffered_by_serde_are_read_too() {
    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        Row { price: Read1, part: Read2 },
    }
    #[serde_with::serde_as]
    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(transparent)]
    struct Read1(#[serde_as(as = "Lenient")] Decimal);
    #[serde_with::serde_as]
    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(transparent)]
    struct Read2(#[serde_as(as = "Lenient")] Option<Part>);

    let Untagged::Row { price, part } =
        serde_json::from_str(r#"{"price": 0.1, "part": {"size": "5"}}"#).unwrap();
    assert_eq!((price.0, part.0.unwrap().size), (Decimal::new(1, 1), 5));
}

#[test]
fn a_number_in_arbitrary_precision_form_is_read() {
    let json =
        r#"{"size": {"$serde_json::private::Number": "7"}, "name": {"$serde_json::private::Number": "2.0"}}"#;
    let part: Part = serde_json::from_str(json).unwrap();
    assert_eq!((part.size, part.name.as_deref()), (7, Some("2.0")));
}

#[test]
fn an_optional_value_that_exceeds_the_allowance_is_an_error() {
    let read =
        |texts: &str| crate::wire::decode::json::<Holder>(format!("{{\"texts\": {texts}}}").as_bytes());
    assert_eq!(read(r#"["a"]"#).unwrap().texts.map(|texts| texts.len()), Some(1));
    assert_eq!(read("{}").unwrap().texts, None, "an absent list is none");
    let error = read(&format!("[\"\"{}]", ",\"\"".repeat(1_000_000))).unwrap_err().to_string();
    assert!(error.contains("far more values"), "{error}");
}

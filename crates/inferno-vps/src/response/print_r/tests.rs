use std::fmt::Write;

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn parse(text: &str) -> Option<Value> {
    super::parse(text).map(|(value, _)| value)
}

/// Writes a value as PHP's `print_r` does.
fn print_r(value: &Value, indent: usize) -> String {
    let fields: Vec<(String, &Value)> = match value {
        Value::Array(items) => {
            items.iter().enumerate().map(|(key, value)| (key.to_string(), value)).collect()
        }
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), value)).collect(),
        value => return value.as_str().unwrap_or_default().to_owned(),
    };
    print_fields(&fields, indent)
}

fn print_fields(fields: &[(String, &Value)], indent: usize) -> String {
    let margin = " ".repeat(indent);
    let mut text = format!("Array\n{margin}(\n");
    for (key, value) in fields {
        let _ = writeln!(text, "{margin}    [{key}] => {}", print_r(value, indent + 8));
    }
    text + &format!("{margin})\n")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn observed_print_r_text_is_read_as_in_php_and_as_in_the_documentation() {
    let expected = json!({
        "method": "createVPS", "result": "success", "msg": "ok",
        "retx": {"result": "success", "msg": "VSCD: VPS added to queue", "error_code": "0"},
    });
    let lines = "Array\n(\n    [method] => createVPS\n    [result] => success\n    [msg] => ok\n    \
        [retx] => Array\n        (\n            [result] => success\n            \
        [msg] => VSCD: VPS added to queue\n            [error_code] => 0\n        )\n\n)\n";
    let bare = "[method] => createVPS [result] => success [msg] => ok [retx] => Array ( [result] => \
        success [msg] => VSCD: VPS added to queue [error_code] => 0 )";
    let trimmed = lines.lines().map(str::trim).collect::<Vec<_>>().join("\r\n");
    for text in [lines, &lines.replace('\n', "\r\n"), &one_line(lines), bare, &trimmed] {
        assert_eq!(parse(text), Some(expected.clone()), "{text}");
    }
}

#[test]
fn a_value_may_contain_spaces_brackets_parentheses_and_arrows() {
    let text = "Array ( [method] => createVPS [result] => fail [msg] => Vps exists with current main_id \
        (21968) , W:47012 [error_code] => 904 )";
    let value = parse(text).unwrap();
    assert_eq!(value["msg"], "Vps exists with current main_id (21968) , W:47012");
    assert_eq!(value["error_code"], "904");
    for value in ["a => b", "[x] y", "Array of (things)", "a ) b", "Array ( x", "[] => ", ":) ok"] {
        let expected = json!({"a": value.trim(), "b": "1"});
        assert_eq!(parse(&format!("Array ( [a] => {value} [b] => 1 )")), Some(expected), "{value}");
    }
}

#[test]
fn on_several_lines_a_value_may_look_like_a_key_or_span_lines() {
    for value in ["see [b] => 2", "one\ntwo\n", "", "one\n\n )", "one\n[b] => x", "Array\n(\n"] {
        let expected = json!({"a": value, "b": ["1", {"c": value}]});
        assert_eq!(parse(&print_r(&expected, 0)), Some(expected), "{value}");
    }
}

#[test]
fn the_last_line_of_an_array_may_lack_its_line_break() {
    assert_eq!(
        super::parse("Array\n(\n    [a] => see [b] => 2\n)"),
        Some((json!({"a": "see [b] => 2"}), String::new()))
    );
    assert_eq!(parse("Array\n(\n    [a] => 1\n)x"), None);
}

#[test]
fn a_value_may_span_lines_within_parentheses_and_only_there() {
    for (text, value) in [
        ("Array ( [a] => one\ntwo [b] => 1 )", json!({"a": "one\ntwo", "b": "1"})),
        ("[a] => Array ( [msg] => one\ntwo )", json!({"a": {"msg": "one\ntwo"}})),
        ("[result] => fail [msg] => no money (yet )", json!({"result": "fail", "msg": "no money (yet )"})),
        ("[result] => fail [msg] => no money\nWarning: x", json!({"result": "fail", "msg": "no money"})),
    ] {
        assert_eq!(parse(text), Some(value), "{text}");
    }
}

#[test]
fn text_after_an_array_is_returned() {
    for (text, after) in [
        ("Array\r\n(\r\n    [a] => 1\r\n)\r\n<br />", "<br />"),
        ("Array\n(\n    [a] => 1\n)\n<br />\n<b>Warning</b>: x ) y", "<br />\n<b>Warning</b>: x ) y"),
        ("Array ( [a] => 1 )\nWarning: bad (x) in y", "\nWarning: bad (x) in y"),
        ("Array ( [a] => 1 )</pre>", "</pre>"),
        ("[a] => 1\nWarning: x", "\nWarning: x"),
    ] {
        assert_eq!(super::parse(text), Some((json!({"a": "1"}), after.to_owned())), "{text}");
    }
}

#[test]
fn an_array_without_keys_or_with_keys_counting_from_0_is_a_list() {
    for text in ["Array\n(\n)\n", "Array ( )", "Array()"] {
        assert_eq!(parse(text), Some(json!([])), "{text}");
    }
    assert_eq!(parse("Array ( [0] => a [1] => b )"), Some(json!(["a", "b"])));
    assert_eq!(parse("Array ( [1] => a )"), Some(json!({"1": "a"})));
    assert_eq!(parse("Array ( [a] => [b] => x )"), Some(json!({"a": "", "b": "x"})));
    assert_eq!(parse("stdClass Object ( [a] => x )"), Some(json!({"a": "x"})));
}

#[test]
fn text_that_is_not_an_array_or_is_truncated_is_not_read() {
    let deep = "Array ( [a] => ".repeat(200);
    for text in ["", "Array", "Array (", "Array of x", "[a]", "[a] b", "Array ( [a] => 1", &deep] {
        assert_eq!(parse(text), None, "{text}");
    }
}

fn any_array() -> impl Strategy<Value = Value> {
    // The strings contain no marks, and no leading or trailing white space, because those would be parsed as
    // structure.
    let text = "([a-zA-Z0-9(\\[=>:,)/-]([a-z \\[\\]=>(,/-]{0,12}[a-z\\]>,])?)?".prop_map(Value::from);
    let leaf = text.prop_filter("the text looks like a mark", |text| {
        text.as_str().is_some_and(|text| !text.contains("] =>") && !text.contains(" )") && text != ")")
    });
    let array = leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z_. -]{1,8}", inner, 1..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    });
    array.prop_filter("the value is not an array", |value| value.is_array() || value.is_object())
}

proptest! {
    #[test]
    fn text_that_repeats_a_key_of_an_array_is_never_read(
        value in any_array(), key in "[a-z]{1,8}", again in any_array(), is_inner in any::<bool>(),
    ) {
        let fields = [(key.clone(), &value), ("other".to_owned(), &again), (key, &again)];
        let mut text = print_fields(&fields, if is_inner { 8 } else { 0 });
        if is_inner {
            text = format!("Array\n(\n    [retx] => {text}\n)\n");
        }
        prop_assert_eq!(parse(&text), None);
        prop_assert_eq!(parse(&one_line(&text)), None);
    }

    #[test]
    fn every_array_is_read_back_from_several_lines(value in any_array()) {
        prop_assert_eq!(parse(&print_r(&value, 0)), Some(value));
    }

    #[test]
    fn every_array_is_read_back_from_one_line(value in any_array()) {
        let text = print_r(&value, 0);
        // Joining the lines also collapses spaces within values and keys.
        prop_assume!(!text.lines().any(|line| line.trim().contains("  ")));
        prop_assert_eq!(parse(&one_line(&text)), Some(value));
    }
}

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use http_core::__private::after_deadline;
use proptest::prelude::*;

use super::*;

const WARNING: &str = "<br />\n<b>Warning</b>:  Undefined array key \"ip\" in <b>/var/www/api_client.php</b> on line <b>217</b><br />\n";
const TEXT_WARNING: &str = "\nWarning: Undefined array key [0] in /var/www/api_client.php on line 217\n";
const JSON: &str = r#"{"result":"success","orders":[]}"#;

fn read_text(body: impl Into<Vec<u8>>) -> Result<String, NoJson> {
    read(&Bytes::from(body.into())).map(|json| String::from_utf8(json.to_vec()).unwrap())
}

#[test]
fn observed_byte_order_marks_and_blank_lines_before_json_are_left_out() {
    for start in ["\u{feff}", "\u{feff}\u{feff}", "\u{feff}\r\n\n\u{feff} \t", "\n\n\n", "\0"] {
        assert_eq!(read_text(format!("{start}{JSON}\n\n")).unwrap(), JSON, "{start:?}");
    }
}

#[test]
fn observed_php_warnings_before_and_after_json_are_left_out() {
    let xdebug =
        "<font size='1'><table class='xdebug-error' dir='ltr'>\n<tr><th>( ! )</th></tr>\n</table></font>\n";
    for warning in [WARNING, TEXT_WARNING, xdebug, &format!("\u{feff}{WARNING}{WARNING}")] {
        for body in [
            format!("{warning}{JSON}"),
            format!("{JSON}{warning}"),
            format!("{warning}{JSON}{warning}"),
            format!("{warning}\u{feff}{JSON}"),
        ] {
            assert_eq!(read_text(body.clone()).unwrap(), JSON, "{body}");
        }
    }
}

#[test]
fn observed_warnings_around_print_r_text_are_left_out() {
    let lines = "Array\n(\n    [result] => success\n)\n";
    for body in [
        format!("{WARNING}{lines}"),
        format!("{lines}{TEXT_WARNING}"),
        format!("{WARNING}Array ( [result] => success )\n{WARNING}"),
        format!("{TEXT_WARNING}Array ( [result] => success )"),
        format!("<pre>{lines}</pre>"),
    ] {
        assert_eq!(read_text(body.clone()).unwrap(), r#"{"result":"success"}"#, "{body}");
    }
}

#[test]
fn longer_print_r_text_than_the_limit_is_not_decoded() {
    let text = |length: usize| {
        let around = "Array ( [result] =>  )".len();
        format!("Array ( [result] => {} )", "x".repeat(length - around))
    };
    assert!(read_text(text(LONGEST_PRINT_R)).is_ok());
    assert_eq!(read_text(text(LONGEST_PRINT_R + 1)), Err(NoJson::Broken));
}

#[test]
fn a_first_key_that_looks_like_json_is_a_key() {
    assert_eq!(read_text("[0] => a [1] => b").unwrap(), r#"["a","b"]"#);
    assert_eq!(read_text("[0]").unwrap(), "[0]");
}

#[test]
fn the_usual_response_is_not_copied() {
    let body = Bytes::from(format!("\u{feff}\n{JSON}\n"));
    let json = read(&body).unwrap();
    assert_eq!(json.as_ptr(), body[4..].as_ptr());
}

#[test]
fn observed_empty_bodies_null_and_false_contain_no_response() {
    for body in ["", " \r\n", "\u{feff}", "null", "\u{feff}\nnull\n", "false"] {
        assert_eq!(read_text(body), Err(NoJson::Empty), "{body:?}");
    }
}

#[test]
fn observed_pages_are_distinguished_from_responses_even_with_json() {
    for body in [
        "<!DOCTYPE html><title>Maintenance</title>",
        "<html>\r\n<head><title>502 Bad Gateway</title></head></html>",
        "<!-- x -->\n<HTML><script>\n{\"result\":\"success\"}\n</script></html>",
    ] {
        assert_eq!(read_text(body), Err(NoJson::Page), "{body}");
    }
}

#[test]
fn observed_text_that_is_not_utf_8_is_read_as_windows_1251() {
    let mut body = br#"{"real_state":""#.to_vec();
    body.extend([0xC2, 0xEA, 0xEB, 0xFE, 0xF7, 0xB8, 0xED]);
    body.extend("\",\"name\":\"ключ\"}".as_bytes());
    assert_eq!(read_text(body).unwrap(), r#"{"real_state":"Включён","name":"ключ"}"#);
    let letters = [0xA8, 0xC0, 0xC5, 0xDF, 0xE0, 0xFF];
    assert_eq!(read_text([b"[\"", &letters[..], b"\"]"].concat()).unwrap(), "[\"ЁАЕЯая\"]");
    assert!(read_text(*b"{\"a\":\"\xff\xfe\x80\"}").unwrap().ends_with("\u{fffd}\"}"));
    assert_eq!(read_text(*b"\xff\xfe"), Err(NoJson::Text));
}

#[test]
fn only_a_long_body_with_too_many_bytes_that_are_not_utf_8_is_not_decoded() {
    let read = |length: usize, bad: usize| {
        read_text([vec![b'a'; length - bad], vec![0xFF; bad]].concat()).unwrap_err()
    };
    let (long, most) = (SHORT + BYTES_PER_BAD_BYTE, SHORT / BYTES_PER_BAD_BYTE + 1);
    for (length, bad, why) in
        [(SHORT, SHORT, NoJson::Text), (long, most, NoJson::Text), (long, most + 1, NoJson::Broken)]
    {
        assert_eq!(read(length, bad), why, "{length} {bad}");
    }
}

#[test]
fn observed_escapes_are_left_to_the_json_decoder() {
    let json = r#"{"a":"\u0412\u043a\u043b \/ ok"}"#;
    let value: serde_json::Value = serde_json::from_str(&read_text(json).unwrap()).unwrap();
    assert_eq!(value["a"], "Вкл / ok");
}

#[test]
fn text_without_a_response_is_only_text() {
    for body in [
        r#"the response was {"result":"success"}"#,
        "[2026-11-25 10:00] Access denied",
        "#0 {main}\n{main}\n  thrown in x.php",
        "Access denied",
        "true",
        "12",
    ] {
        assert_eq!(read_text(body), Err(NoJson::Text), "{body}");
    }
}

#[test]
fn truncated_or_invalid_responses_are_not_searched_for_one() {
    let array = "Array\n(\n    [result] => fail\n    [msg] => VPS not found\n";
    for body in [
        r#"{"result":"succ"#,
        "{\"result\":\"fail\",\"list\":[\n{\"result\":\"success\"},\n",
        "{\"result\":\"fail\",\"list\":[nope,\n{\"result\":\"success\"}\n]}",
        "[{\"result\":\"fail\"},nope,\n{\"result\":\"success\"}\n]",
        "it was [nope,\n{\"result\":\"success\"}\n]",
        r#"{"result":"fail","msg":"VPS "a" not found"}"#,
        r#"[1,"not found"#,
        "[",
        "{",
        "Array",
        array,
        &array.replace('\n', " "),
        "[result] => success [msg] => not found",
    ] {
        for before in ["", "\u{feff}", WARNING, TEXT_WARNING] {
            assert_eq!(read_text(format!("{before}{body}")), Err(NoJson::Broken), "{before}{body}");
        }
    }
}

#[test]
fn a_message_that_contains_print_r_text_hides_no_failure() {
    for body in [
        "Array ( [method] => reboot [result] => fail [msg] => VSCD said Array ( [result] => success ) )",
        "Array\n(\n    [result] => fail\n    [msg] => Array\n(\n    [result] => success\n)\n\n)\n",
        "Array\n(\n    [result] => fail\n    [msg] => VSCD said Array\n(\n    [result] => success\n)\n\n)\n",
        "[method] => reboot [result] => fail [msg] => Array [result] => success [retx] => Array ( [msg] => ok )",
        "Array ( [result] => success ) )",
        "Array\n(\n    [result] => success\n)\n\n)\n",
    ] {
        assert_eq!(read_text(body), Err(NoJson::Broken), "{body}");
    }
}

#[test]
fn a_second_response_in_any_form_makes_both_doubtful() {
    let first =
        [JSON, "[]", "Array\n(\n    [result] => success\n)\n", "Array ( [result] => success )", "[a] => b"];
    let second = [
        r#"{"result":"fail"}"#,
        r#"[{"result":"fail"}]"#,
        r#"{"result":"fai"#,
        "Array\n(\n    [result] => fail\n)\n",
        "Array ( [result] => fail",
        "[result] => fail",
    ];
    for (first, second) in first.iter().flat_map(|first| second.map(|second| (first, second))) {
        for between in ["\n", "\n\u{feff}\n", WARNING, TEXT_WARNING] {
            let body = format!("{first}{between}{second}");
            // On one line, PHP's fields may continue in the next line.
            let is_one = between == "\n" && *first == "[a] => b" && second == "[result] => fail";
            if !is_one {
                assert_eq!(read_text(body.clone()), Err(NoJson::Broken), "{body}");
            }
        }
    }
    assert_eq!(read_text(r#"{"result":"success"}{"result":"fail"}"#), Err(NoJson::Broken));
    assert_eq!(read_text(r#"{"result":"success"}[{"result":"fail"}]"#), Err(NoJson::Broken));
    assert_eq!(read_text(format!("{JSON}\n[2026-11-25] PHP Notice: {{x}}\n{{main}}")).unwrap(), JSON);
}

#[test]
fn nothing_is_searched_after_the_deadline() {
    let body = r#"{"result":"success"}"#;
    assert_eq!(read_text(body), Ok(body.to_owned()));
    assert_eq!(after_deadline(|| read_text(body)), Err(NoJson::Text));
}

#[test]
fn every_body_is_parsed_quickly() {
    let size = 1 << 19;
    let fill = |part: &str| part.repeat(size / part.len());
    let bodies = [
        fill("["),
        fill("{"),
        fill("{\"a\":"),
        fill("[{\n"),
        fill("[a] =>"),
        fill("[a] => Array ( "),
        format!("Array ( [a] => {}", fill(") ")),
        format!("Array ( [a] => {}x )", fill(" ")),
        format!("Array ( [a] => {}", fill(" ) [")),
        format!("Array\n(\n    [a] => {}", fill("\n")),
        format!("Array\n(\n    [a] => {}", fill("    \n")),
        format!("Array\n(\n    [a] => {}", fill("\n    [")),
        fill("Array\n(\n"),
        fill("Array\n"),
        fill("\u{feff}"),
        fill("<br />"),
        fill("<b>\n{"),
        fill("\n[0]"),
    ];
    for body in bodies {
        let began = Instant::now();
        let _ = read_text(body.clone());
        // A parser that is quadratic in the body's length would take minutes.
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}…", &body[..40]);
    }
}

fn any_body() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        Just(JSON.as_bytes().to_vec()),
        Just(WARNING.as_bytes().to_vec()),
        Just(TEXT_WARNING.as_bytes().to_vec()),
        Just("\u{feff}".as_bytes().to_vec()),
        Just(b"Array\n(\n    [a] => b\n)\n".to_vec()),
        Just(b"Array ( [a] => Array ( [b] => ) ) )".to_vec()),
        Just(b"<html><title>x</title>".to_vec()),
        "[\\[\\]{}()=> \nA\"a:,]{0,20}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..20),
    ];
    prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        any::<String>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<bool>().prop_map(serde_json::Value::from),
        Just(serde_json::Value::Null),
    ];
    let value = leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..5)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    });
    value.prop_filter("the value is neither an object nor a list", |value| {
        value.is_object() || value.is_array()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_body_causes_a_panic_and_every_result_is_json(body in any_body()) {
        if let Ok(json) = read(&Bytes::from(body)) {
            prop_assert!(serde_json::from_slice::<serde_json::Value>(&json).is_ok(), "{json:?}");
        }
    }
}

proptest! {
    #[test]
    fn any_json_is_found_unchanged_among_php_output(
        value in any_json(), before in 0..4_usize, after in 0..3_usize,
    ) {
        let json = value.to_string();
        let before = ["", "\u{feff}\r\n", WARNING, TEXT_WARNING][before];
        let after = ["", "\n\n", WARNING][after];
        prop_assert_eq!(read_text(format!("{before}{json}{after}")).unwrap(), json);
    }
}

/// A response to `getinfo` or `services`, valid or not.
fn any_response() -> impl Strategy<Value = Vec<u8>> {
    let text = |choices: &[&'static str]| prop::sample::select(choices.to_vec()).prop_map(str::to_owned);
    let value = text(&[
        r#""success""#,
        r#""Success""#,
        r#""fail""#,
        r#""37.1.0.111""#,
        r#""\u0412\u043a\u043b""#,
        "\"\u{1}\"",
        "1",
        r#""1""#,
        "1e999",
        "nul",
        "null",
        "false",
        r#""""#,
        "[]",
        "{}",
        "[1]",
        r#"[{"id": 1, "name": "a"}, {"id": "x"}]"#,
        r#"{"result": "fail", "error_code": 12}"#,
        r#"{"1": {"id": "1", "status": "Active"}}"#,
    ]);
    let key = text(&["result", "retx", r"r\u0065sult", "message", "id", "ip", "online", "main_id", "name"]);
    let members = move |key: BoxedStrategy<String>, value: BoxedStrategy<String>| {
        let members = prop::collection::vec((key, value), 0..4);
        members.prop_map(|members| {
            let members: Vec<_> = members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
            format!("{{{}}}", members.join(","))
        })
    };
    let inner = prop_oneof![value.clone(), members(key.clone().boxed(), value.boxed())].boxed();
    let outer = text(&["result", "retx", "orderid", "vps_info", "vps_info", "services", "orderStatus", "id"]);
    let order = prop::sample::select(vec![r#"{"result":"success","orderid":7,"#, r#"{"id":7,"#, "{"]);
    let end = text(&["", "", "", "\n", "}", "\n{}", "\n[0] => a", "<br />\n<b>Warning</b>: {x}", "\0"]);
    let body = (order, members(outer.boxed(), inner), end);
    body.prop_map(|(start, members, end)| {
        let body = format!("{start}{}{end}", &members[1..]);
        // A letter in windows-1251.
        body.bytes().map(|byte| if byte == 1 { 0xE0 } else { byte }).collect()
    })
}

/// http-core decodes text that is not UTF-8 in another way.
#[test]
fn text_that_is_not_utf_8_is_transcoded_before_it_is_decoded() {
    let body =
        b"{\"result\": \"success\", \"orderid\": 7, \"vps_info\": {\"real_state\": \"\xc2\xea\xeb\xfe\xf7\xe5\xed\"}}";
    let response = http_core::client::Response::new(Bytes::from_static(body));
    let info = CLIENT.vps().get(7.into()).finish(response).unwrap();
    assert_eq!(info.vps.unwrap().real_state.as_deref(), Some("Включен"));
}

static CLIENT: LazyLock<crate::Client> = LazyLock::new(|| crate::Client::with_key("the key").unwrap());

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// A response that begins with a line break is always judged before it is decoded.
    #[test]
    fn a_response_that_is_decoded_first_has_the_same_result(body in prop_oneof![any_response(), any_body()]) {
        let judged = [b"\n", &body[..]].concat();
        let [body, judged] = [body, judged].map(|body| {
            let (client, response) = (&*CLIENT, || http_core::client::Response::new(body.clone().into()));
            [
                shown(client.vps().get(7.into()).finish(response())),
                shown(client.services().list().finish(response())),
                shown(client.services().list().tolerant().finish(response())),
                shown(client.services().get(7.into()).finish(response())),
                shown(client.balance().finish(response())),
                shown(client.catalog().finish(response())),
                shown(client.orders().get(7.into()).finish(response())),
                shown(client.vps().get(7.into()).raw().finish(response()).map(|raw| raw.map(Bytes::from))),
            ]
        });
        prop_assert_eq!(body, judged);
    }
}

fn shown<T: std::fmt::Debug>(result: Result<T, http_core::Error>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        Err(error) => format!("{:?} {:?} {error}", error.kind(), error.response_kind()),
    }
}

use proptest::prelude::*;

use super::*;

#[test]
fn a_body_that_is_silent_or_reports_success_is_a_success() {
    for body in [
        "",
        " \r\n",
        "null",
        "true",
        "{}",
        "[]",
        r#"[{"uuid": "x"}]"#,
        r#"{"success": true, "message": "done"}"#,
        r#"{"success": "True", "error": null, "errors": []}"#,
        r#"{"success": 1, "errors": {}, "error": ""}"#,
        r#"{"a": {"b": [1.5e3, -1, "ü\n\ud83d\ude00"]}}"#,
        r#"{"name": "error", "errors": [], "Error": null, "description": "failed"}"#,
        r#"{"message": "created"}"#,
        r#"{"status": "active"}"#,
        r#"{"status": "off"}"#,
        r#"{"status": 0, "message": "done", "success": true}"#,
        r#"{"id": 5, "status": 0, "message": "done"}"#,
        r#"{"status": 0}"#,
        r#"{"code": 17, "message": "done"}"#,
        r#"{"result": {"name": "failed", "text": "not found"}}"#,
        r#"{"code": 1.5, "message": "done"}"#,
        r#"{"code": "0.0", "message": "done"}"#,
        r#"{"code": "200", "message": "done"}"#,
        r#"{"message": "Virtual machine is unlocked."}"#,
        r#"{"message": "The disk will not be billed any more."}"#,
        r#"{"success": true, "message": "The VM was locked before."}"#,
        r#"{"Status": "OK", "Code": 200, "msg": "done"}"#,
        r#"{"result": "success", "ok": true, "code": 0, "message": "ok"}"#,
        r#"{"uuid": "x", "status": "active", "storage": [{"status": "failed"}]}"#,
        r#"{"error_log": "", "is_error": false, "err": null, "failed": 0, "declined": [], "rejected": "no"}"#,
        r#"{"referral": "x", "preferred": true, "transferred": 5, "terrain": "x", "hasErrors": false}"#,
        r#"{"checks": [{"result": "fail", "cvc": "x"}]}"#,
        r#"{"uuid": "x", "disk": {"status": "failed"}}"#,
        r#"{"disk": {"status": "failed"}, "uuid": "x"}"#,
        r#"{"data": {"disk": {"status": "failed"}, "uuid": "x"}}"#,
        r#"{"data": {"uuid": "x", "disk": {"status": "failed"}}}"#,
        r#"{"data": {"checks": [{"check": {"result": "fail"}}]}}"#,
        r#"{"code": "E17", "detail": null, "exception": {}, "fault": ""}"#,
    ] {
        assert_eq!(acknowledged(body.as_bytes()), Ok(()), "{body}");
        assert_eq!(Verdict::of(body.as_bytes()), Verdict::Silent, "{body}");
    }
}

#[test]
fn a_resource_may_have_failed_but_a_call_that_returns_nothing_may_not() {
    for body in [
        r#"{"id": 991, "status": "declined"}"#,
        r#"{"uuid": "x", "status": "failed"}"#,
        r#"{"uuid": "x", "status": "error", "storage": [{"status": "failed"}]}"#,
        r#"{"id": 991, "result": false}"#,
        r#"{"is_error": true, "message": "Card declined"}"#,
        r#"{"err": "declined"}"#,
        r#"{"Err": {"card": "declined"}}"#,
        r#"{"errMsg": "declined"}"#,
        r#"{"hasErrors": 1}"#,
        r#"{"failed": true}"#,
        r#"{"failureReason": "no funds"}"#,
        r#"{"declined": ["card 1"]}"#,
        r#"{"paymentDeclined": true}"#,
        r#"{"refused": 2}"#,
        r#"{"rejected": "yes"}"#,
        r#"{"error_log": "card 1 declined", "success": true}"#,
        r#"{"data": {"payment": {"is_error": true}}}"#,
        r#"{"payment": {"id": 991, "status": "declined"}}"#,
        r#"{"data": {"status": "failed"}}"#,
        r#"{"data": {"payment": {"status": "failed"}}}"#,
        r#"{"payment": {"status": "failed"}, "vm": {"disk": {"status": "failed"}, "uuid": "x"}}"#,
        r#"[{"vm": {"uuid": "x", "status": "ok"}}, {"payment": {"status": "failed"}}]"#,
        r#"{"message": "done", "data": {"code": 402}}"#,
    ] {
        assert!(acknowledged(body.as_bytes()).is_err(), "{body}");
        assert!(acknowledged(format!("[{body}]").as_bytes()).is_err(), "[{body}]");
        assert!(acknowledged(format!("[{{}}, {body}]").as_bytes()).is_err(), "[{{}}, {body}]");
        assert_eq!(Verdict::of(body.replace("\"result\"", "\"r\"").as_bytes()), Verdict::Silent, "{body}");
    }
}

#[test]
fn a_status_a_code_or_a_message_that_names_a_failure_is_no_success() {
    let words = [
        "payment_failed",
        "card_declined",
        "insufficient_funds",
        "not_found",
        "NOT FOUND",
        "paymentFailed",
        "locked",
        "access-denied",
        "unpaid",
        "invalid",
        "Virtual machine is locked.",
        "Your card was declined",
        "not enough credit",
    ];
    let is_doubtful = |body: &str| acknowledged(body.as_bytes()).is_err();
    for word in words {
        for key in ["status", "result", "code", "Status", "statusCode"] {
            for rest in ["", r#", "message": "done""#, r#", "message": "done", "id": 7"#] {
                let body = format!(r#"{{"{key}": "{word}"{rest}}}"#);
                assert!(is_doubtful(&body) && is_doubtful(&format!("[{body}]")), "{body}");
                assert_eq!(Verdict::of(body.as_bytes()), Verdict::Doubtful, "{body}");
            }
        }
        for key in ["message", "msg", "reason"] {
            assert!(is_doubtful(&format!(r#"{{"{key}": "{word}"}}"#)), "{key} {word}");
            for sign in [r#""success": true"#, r#""id": 7"#, r#""uuid": "x""#] {
                let body = format!(r#"{{"{key}": "{word}", {sign}}}"#);
                assert!(!is_doubtful(&body), "{body}");
            }
        }
    }
    for sign in [
        r#""status": 0"#,
        r#""status": "0""#,
        r#""status": 0.0"#,
        r#""status": "off""#,
        r#""result": 0"#,
        r#""code": -1"#,
        r#""code": "-1""#,
        r#""code": -1.5"#,
        r#""code": "E17""#,
    ] {
        let body = format!(r#"{{{sign}, "message": "done"}}"#);
        assert!(is_doubtful(&body), "{body}");
        assert!(!is_doubtful(&format!("{{{sign}}}")), "{sign}");
    }
}

#[test]
fn a_complaint_counts_wherever_it_is_unless_there_is_an_id_or_success() {
    for body in [
        r#"{"message": ["Insufficient credit"]}"#,
        r#"{"message": ["declined"]}"#,
        r#"{"message": {"text": "Your card was declined"}}"#,
        r#"{"details": {"card": [{"en": "Your card could not be charged"}]}}"#,
        r#"{"messages": ["done", {"text": "Not approved."}, "done"]}"#,
        r#"{"data": {"message": "Virtual machine is locked."}}"#,
        r#"{"data": {"status": 0, "message": "Insufficient credit"}}"#,
        r#"{"data": {"status": 0, "message": "done", "n": {"$serde_json::private::Number": "1"}}}"#,
        r#"{"data": [{"message": "Virtual machine is locked."}]}"#,
        r#"{"paid": false, "message": "done"}"#,
        r#"{"message": "The card was not charged"}"#,
        r#"{"data": {"paymentAccepted": "false"}}"#,
        r#"{"is_approved": 0}"#,
    ] {
        assert!(acknowledged(body.as_bytes()).is_err(), "{body}");
        for sign in [r#"{"success": true, "#, r#"{"uuid": "x", "#] {
            let outweighed = body.replacen('{', sign, 1);
            assert_eq!(acknowledged(outweighed.as_bytes()), Ok(()), "{outweighed}");
        }
    }
    for body in [
        r#"{"successful": false}"#,
        r#"{"is_success": false}"#,
        r#"{"paymentSucceeded": 0}"#,
        r#"{"unsuccessful": true}"#,
        r#"{"data": {"isSuccessful": "no"}}"#,
    ] {
        assert!(acknowledged(body.as_bytes()).is_err(), "{body}");
        let with_id = body.replacen('{', r#"{"uuid": "x", "#, 1);
        assert!(acknowledged(with_id.as_bytes()).is_err(), "{with_id}");
    }
    for body in [
        r#"{"backup": false, "is_deleted": false, "unpaid": false, "prepaid": false, "invalid": 0}"#,
        r#"{"successful": true, "is_success": 1, "paid": true, "unsuccessful": false, "success_count": 0}"#,
        r#"{"message": ["done", {"text": "The VM was unlocked."}], "messages": []}"#,
        r#"{"account": {"id": 6, "can_pay": false, "valid": false}, "message": {"amount": 450}}"#,
        r#"{"data": {"uuid": "x", "disk": {"reason": "unavailable", "paid": false}}}"#,
    ] {
        assert_eq!(acknowledged(body.as_bytes()), Ok(()), "{body}");
    }
}

#[test]
fn a_body_with_a_decodable_error_is_an_error() {
    let long = format!(r#"{{"message": "{}", "success": false}}"#, "x".repeat(2000));
    for body in [
        r#"{"errors": {"Error": "declined"}}"#,
        r#"{"uuid": "x", "error": "declined"}"#,
        r#"{"error": true}"#,
        r#"{"errors": [null]}"#,
        r#"{"\u0065rror": "declined"}"#,
        r#"{"success": false}"#,
        r#"{"success": "False"}"#,
        r#"{"success": 0, "error": null}"#,
        r#"{"status": 500, "error": "x", "message": "declined"}"#,
        &long,
    ] {
        assert_eq!(Verdict::of(body.as_bytes()), Verdict::Refused, "{body}");
        assert!(acknowledged(body.as_bytes()).is_err(), "{body}");
    }
}

#[test]
fn something_like_an_error_is_doubtful() {
    for body in [
        &br#"{"success": null}"#[..],
        br#"{"success": "maybe"}"#,
        br#"{"success": 2}"#,
        br#"{"success": {}}"#,
        br#"{"success": true, "error": 17}"#,
        br#"{"success": true, "error": "None"}"#,
        br#"{"success": true, "errors": ["no error"]}"#,
        br#"{"error": "no error"}"#,
        br#"{"Error": "Card declined"}"#,
        br#"{"Errors": {"a": "b"}}"#,
        br#"{"ERROR": "fail"}"#,
        br#"{"Success": false}"#,
        br#"{"status": "error", "message": "declined"}"#,
        br#"{"status": "error", "id": "request 5", "message": "declined"}"#,
        br#"{"Status": "Failed"}"#,
        br#"{"status": false}"#,
        br#"{"result": "fail", "msg": "declined"}"#,
        br#"{"ok": false}"#,
        br#"{"OK": 0}"#,
        br#"{"code": 402, "msg": "declined"}"#,
        br#"{"status": 500, "message": "declined"}"#,
        br#"{"statusCode": "500", "message": "declined"}"#,
        br#"{"detail": "declined"}"#,
        br#"{"exception": "x.y"}"#,
        br#"{"fault": {"faultstring": "declined"}}"#,
        br#"{"errorMessage": "declined"}"#,
        br#"{"error_code": 17, "msg": "declined"}"#,
        br#"{"errors": {"Error": "declined"}, "errors": null}"#,
        br#"{"success": true, "success": false}"#,
        br#"{"errors": {"Error": "decl"#,
        br#"{"errors": {"Error": "declined"}} x"#,
        b"{\"errors\": {\"Error\": \"declin\xe9\"}}",
        br#"{"errors": "\ud83d"}"#,
        br#"{"errors": 1e999}"#,
        br#"{"error": "declined", "amount": 1e999}"#,
    ] {
        assert_eq!(Verdict::of(body), Verdict::Doubtful, "{}", String::from_utf8_lossy(body));
        assert!(acknowledged(body).is_err(), "{}", String::from_utf8_lossy(body));
    }
}

/// Every number has this form if another crate enables the feature `arbitrary_precision` of serde_json.
#[test]
fn an_error_before_the_digits_of_a_number_counts() {
    let digits = r#""$serde_json::private::Number": "0"}"#;
    for error in [r#"{"is_error": true, "message": "Card declined", "#, r#"{"success": false, "#] {
        for body in [format!("{error}{digits}"), format!("{{\"data\": {error}{digits}}}")] {
            assert!(acknowledged(body.as_bytes()).is_err(), "{body}");
        }
    }
}

#[test]
fn a_number_in_arbitrary_precision_form_is_a_number() {
    let number = |digits: &str| format!(r#"{{"$serde_json::private::Number": "{digits}"}}"#);
    for digits in ["0", "17", "-1", "1.5"] {
        let body = format!(r#"{{"amount": {}}}"#, number(digits));
        assert_eq!(acknowledged(body.as_bytes()), Ok(()), "{body}");
    }
    for (key, digits) in
        [("code", "402"), ("failed", "1"), ("amount", "1e999"), ("amount", "-1e999"), ("amount", "x")]
    {
        let body = format!(r#"{{"message": "done", "{key}": {}}}"#, number(digits));
        assert!(acknowledged(body.as_bytes()).is_err(), "{body}");
    }
}

#[test]
fn a_body_and_a_flag_may_have_the_maximum_length() {
    for (length, is_success) in [(LONGEST, true), (LONGEST + 1, false)] {
        let body = format!(r#"{{"a": "{}"}}"#, "x".repeat(length - 9));
        assert_eq!((body.len(), acknowledged(body.as_bytes()).is_ok()), (length, is_success));
    }
    for (length, verdict) in [(LONGEST_FLAG, Verdict::Silent), (LONGEST_FLAG + 1, Verdict::Doubtful)] {
        let body = format!(r#"{{"success": "{:>1$}"}}"#, "true", length - 2);
        assert_eq!(Verdict::of(body.as_bytes()), verdict, "{length}");
    }
}

#[test]
fn the_error_for_a_body_that_cannot_be_decoded_names_the_reason() {
    for (body, reason) in [
        (r#"{"a": 1, "a": 1}"#, "a key appears twice in the response, or a number is out of range"),
        (r#"{"a": 1"#, "the response is truncated"),
        ("upstream error", "the response is not JSON"),
        (r#"{"success": false}"#, "the response looks like an error response"),
        ("[1]", "the response does not report success"),
    ] {
        assert_eq!(acknowledged(body.as_bytes()).unwrap_err().what, reason, "{body}");
    }
}

#[test]
fn a_body_that_cannot_be_decoded_is_not_a_success() {
    for body in [
        &b"ok"[..],
        b"upstream error",
        b"<html></html>",
        b"false",
        b"0",
        b"1",
        b"\"ok\"",
        b"{\"uuid\": \"x",
        b"{\"uuid\": \"x\"",
        b"[{}",
        b"{} {}",
        b"{\"a\": 1, \"a\": 1}",
        b"{\"a\": {\"b\": 1, \"b\": 2}}",
        b"{\"a\": \"\xff\"}",
        b"\xef\xbb\xbf{}",
        b"{\"\\ud83d\": 1}",
        b"{\"a\": 1e999}",
        b"{\"data\": {\"success\": false}}",
        b"[{\"errors\": {\"Error\": \"declined\"}}]",
        b"{\"data\": {\"status\": \"error\", \"message\": \"declined\"}}",
        b"[{\"ok\": false}]",
        b"[\"error\", \"declined\"]",
        b"[false]",
        b"[null]",
        b"[{}, 1]",
        b"[[]]",
    ] {
        assert!(acknowledged(body).is_err(), "{}", String::from_utf8_lossy(body));
    }
}

proptest! {
    #[test]
    fn a_truncated_body_is_never_a_success(body in r#"\{"(a|error)": (\{"b": [0-9]{1,3}\}|"x{0,4}"|null)\}"#, cut in 1_usize..20) {
        let cut = &body.as_bytes()[..body.len().saturating_sub(cut).max(1)];
        prop_assert!(acknowledged(cut).is_err());
    }

    #[test]
    fn a_plain_string_means_what_its_decoded_text_means(
        text in r#"\PC{0,4}|[a"\\u0-9\x00-\x20]{0,6}|true|fail|Off|none"#, bad in prop::option::of(any::<u8>()),
    ) {
        let value = [&b"\""[..], text.as_bytes(), bad.as_slice(), b"\""].concat();
        prop_assert_eq!(kind(&value, true), strict(&value).map_or(Kind::Else, |(kind, _)| kind));
    }
}

mod sentences;

use http_core::http::header::{HeaderValue, RETRY_AFTER};
use proptest::prelude::*;

use super::*;
use crate::Elastis;

const GET: Operation = Operation::get("vm.get", "/v1/user-resource/vm");
const DELETE: Operation = Operation::delete("vm.delete", "/v1/user-resource/vm");
const CREATE: Operation = Operation::post("vm.create", "/v1/user-resource/vm").returns_id("uuid");
const POST: Operation = Operation::post("vm.stop", "/v1/user-resource/vm/stop").confirmed();

fn read(operation: &Operation, status: u16, body: &str) -> Result<(), ErrorResponse> {
    let mut response = Response::new(Bytes::from(body.to_owned()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    Warren::new(&SecretString::from("key")).unwrap().read(operation, &response).map(drop)
}

/// Returns an operation of this name.
fn named(name: &'static str) -> Operation {
    Operation::delete(name, "/v1/x")
}

#[track_caller]
fn check(status: u16, body: &str, meaning: ErrorResponseKind, code: Option<&str>, message: &str) {
    let error_response = read(&POST, status, body).unwrap_err();
    assert_eq!(
        (error_response.kind, error_response.code.as_deref(), error_response.message.as_str()),
        (meaning, code, message),
        "{status} {body}"
    );
}

#[test]
fn every_form_of_error_response_is_recognized() {
    use ErrorResponseKind::{
        Conflict, Forbidden, InvalidArgument, NotFound, Other, RateLimited, Unauthorized, Unavailable,
        UnknownUrl,
    };
    let spring = |status: u16, message: &str| {
        format!(
            r#"{{"timestamp": 1661990594355, "status": {status}, "error": "Spring error", "message": "{message}", "path": "/network"}}"#
        )
    };
    let network = "Network UUID is invalid.";
    #[rustfmt::skip]
    let rows: &[(u16, &str, ErrorResponseKind, Option<&str>, &str)] = &[
        (400, r#"{"errors": {"Error": "No such virtual machine exists: aa"}}"#, NotFound, None, "No such virtual machine exists: aa"),
        (400, r#"{"errors": {"Error": "No such virtual machine exists. aa"}}"#, NotFound, None, "No such virtual machine exists. aa"),
        (400, r#"{"errors": {"Error": "Provided billing account is incorrect."}}"#, InvalidArgument, None, "Provided billing account is incorrect."),
        (400, r#"{"message": "Network UUID is invalid."}"#, InvalidArgument, None, network),
        (500, &spring(500, "Network uuid is invalid."), InvalidArgument, None, "Network uuid is invalid."),
        (500, &spring(500, "Default network cannot be deleted."), Conflict, None, "Default network cannot be deleted."),
        (500, &spring(500, network), InvalidArgument, None, network),
        (404, r#"{"message": "Disk not found"}"#, InvalidArgument, None, "Disk not found"),
        (404, r#"{"message": "Ip address 1.2.3.4 was not found."}"#, InvalidArgument, None, "Ip address 1.2.3.4 was not found."),
        (404, r#"{"message": "no route and no API found with those values"}"#, UnknownUrl, None, "no route and no API found with those values"),
        (404, &spring(404, "No message available"), UnknownUrl, None, "Spring error"),
        (404, &spring(404, "Disk not found"), InvalidArgument, None, "Disk not found"),
        (404, &spring(404, "No disk"), UnknownUrl, None, "No disk"),
        (404, "<html><title>404 Not Found</title></html>", UnknownUrl, None, "Not Found"),
        (404, "", UnknownUrl, None, "Not Found"),
        (404, "[]", UnknownUrl, None, "Not Found"),
        (404, r#"{"message": "Disk not fou"#, UnknownUrl, None, "Not Found"),
        (401, r#"{"message": "No API key found in request"}"#, Unauthorized, None, "No API key found in request"),
        (403, r#"{"message": "Invalid authentication credentials"}"#, Unauthorized, None, "Invalid authentication credentials"),
        (403, r#"{"errors": {"consumer::resource_forbidden": {"msg": "Not yours", "subtype": "vm", "type": "x"}}}"#, Forbidden, Some("consumer::resource_forbidden"), "Not yours"),
        (403, "", Forbidden, None, "Forbidden"),
        (400, r#"{"errors": {"uuid": "Required parameter 'uuid' not supplied"}}"#, InvalidArgument, Some("uuid"), "Required parameter 'uuid' not supplied"),
        (400, r#"{"errors": {"ram": "Invalid whole number provided", "uuid": "Invalid UUID provided"}}"#, InvalidArgument, Some("ram, uuid"), "ram: Invalid whole number provided; uuid: Invalid UUID provided"),
        (400, r#"{"errors": {"pool": "No such resource pool exists"}}"#, InvalidArgument, Some("pool"), "No such resource pool exists"),
        (405, r#"{"errors": {"405 Method Not Allowed": null}}"#, UnknownUrl, None, "405 Method Not Allowed"),
        (400, r#"{"errors": {"Error": "Not changing vcpu and memory because values are same."}}"#, Conflict, None, "Not changing vcpu and memory because values are same."),
        (500, r#"{"errors": {"Error": "Not changing vcpu and memory because values are same."}}"#, Conflict, None, "Not changing vcpu and memory because values are same."),
        (404, r#"{"message": "Storage account not found."}"#, InvalidArgument, None, "Storage account not found."),
        (409, r#"{"errors": {"Error": "VM is locked"}}"#, Conflict, None, "VM is locked"),
        (409, r#"{"message": "Bucket name is taken"}"#, Conflict, None, "Bucket name is taken"),
        (429, r#"{"message": "API rate limit exceeded"}"#, RateLimited, None, "API rate limit exceeded"),
        (400, r#"{"errors": {"password": "hunter2"}}"#, InvalidArgument, Some("password"), "password"),
        (400, r#"{"errors": {"name": ["taken"]}}"#, InvalidArgument, Some("name"), "name: taken"),
        (400, r#"{"error": {"password": "hunter2"}}"#, InvalidArgument, None, "password"),
        (400, r#"{"error": "invalid_grant", "error_description": "no funds"}"#, InvalidArgument, None, "no funds"),
        (200, r#"{"success": false, "msg": "Card declined"}"#, Other, None, "Card declined"),
        (200, r#"{"success": false, "data": {"message": "Card declined"}}"#, Other, None, "Card declined"),
        (500, "", Unavailable, None, "Internal Server Error"),
        (400, r#"{"error": "bad"}"#, InvalidArgument, None, "bad"),
        (400, r#"{"error": {"message": "bad"}}"#, InvalidArgument, None, "bad"),
        (400, r#"{"error": {"code": 17, "message": "bad"}}"#, InvalidArgument, Some("17"), "bad"),
        (400, r#"{"errors": {"code": 17, "message": "bad"}}"#, InvalidArgument, Some("17"), "17: bad"),
        (400, r#"{"errors": [{"code": "E17", "detail": "bad"}]}"#, InvalidArgument, Some("E17"), "E17: bad"),
        (400, r#"{"data": {"error": {"code": 17, "message": "bad"}}}"#, InvalidArgument, Some("17"), "bad"),
        (502, "<html><h1>502 Bad Gateway</h1></html>", Unavailable, None, "Bad Gateway"),
        (503, "upstream is away", Unavailable, None, "Service Unavailable"),
        (400, r#"{"errors": [{"message": "bad"}]}"#, Conflict, None, "bad"),
        (400, r#"{"errors": {"Error": {"error": "bad"}}}"#, Conflict, None, "bad"),
        (400, r#"{"errors": "bad"}"#, Conflict, None, "bad"),
        (400, r#"{"errors": ["bad", "worse"]}"#, Conflict, None, "bad; worse"),
        (400, r#"{"errors": {}}"#, InvalidArgument, None, "Bad Request"),
        (200, r#"{"errors": {"Error": "Failed to delete kong token."}}"#, Conflict, None, "Failed to delete kong token."),
        (200, r#"{"errors": {"Error": "No such virtual machine exists: aa"}}"#, NotFound, None, "No such virtual machine exists: aa"),
        (200, r#"{"errors": {"uuid": "Invalid UUID provided"}}"#, InvalidArgument, Some("uuid"), "uuid: Invalid UUID provided"),
        (200, r#" {  "error": "bad"}"#, Other, None, "bad"),
        (200, r#"{"success": false}"#, Conflict, None, "the provider rejected the request (success: false) and gave no reason"),
        (200, r#"{"message": "VM is locked", "success": "False"}"#, Other, None, "VM is locked"),
        (200, r#"{"amount_used": 0.0, "message": "No card.", "success": false}"#, Other, None, "No card."),
    ];
    for &(status, body, meaning, code, message) in rows {
        check(status, body, meaning, code, message);
    }
}

/// Members of a body that contain a message, which is written as `@`.
const AROUND: [&str; 14] = [
    r#"{"message": "@"}"#,
    r#"{"msg": "@"}"#,
    r#"{"detail": "@"}"#,
    r#"{"error": "@"}"#,
    r#"{"error": {"code": 17, "message": "@"}}"#,
    r#"{"errors": "@"}"#,
    r#"{"errors": ["@"]}"#,
    r#"{"errors": {"Error": "@"}}"#,
    r#"{"errors": {"error": "@"}}"#,
    r#"{"errors": [{"message": "@"}]}"#,
    r#"{"errors": [{"detail": "@"}]}"#,
    r#"{"errors": {"code": 17, "message": "@"}}"#,
    r#"{"data": {"message": "@"}}"#,
    r#"{"data": {"errors": [{"detail": "@"}]}}"#,
];

#[test]
fn a_payment_that_took_money_is_returned_even_if_it_failed_in_part() {
    for failure in [
        r#""success": false, "message": "second card declined""#,
        r#""success": false, "error": "declined""#,
        r#""success": true, "error": "declined""#,
        r#""errors": {"Error": "declined"}, "paid_invoices": [5]"#,
        r#""status": "error", "message": "declined""#,
    ] {
        for (amount, has_paid) in [
            ("2.0", true),
            ("2", true),
            (r#""2.0""#, true),
            ("0.01", true),
            ("0", false),
            (r#""0.00""#, false),
            ("null", false),
        ] {
            let body = format!(r#"{{"amount_used": {amount}, "amount_left": 8, {failure}}}"#);
            assert_eq!(read(&POST, 200, &body).is_ok(), has_paid, "{body}");
            assert!(read(&POST, 400, &body).is_err(), "{body}");
        }
    }
}

#[test]
fn an_error_that_reports_a_payment_has_no_kind_that_is_retried() {
    for (members, has_paid) in [
        (r#""payment_report": {"triggered": true}"#, true),
        (r#""payment_report": {"errors": [], "triggered": "True"}"#, true),
        (r#""payment_report": {"triggered": 1, "triggered": 0}"#, true),
        (r#""amount_used": "0.01""#, true),
        (r#""payment_report": {"triggered": false, "errors": true}"#, false),
        (r#""payment_report": true, "triggered": true"#, false),
        (r#""amount_used": -1, "amount_left": 5"#, false),
    ] {
        for body in [format!("{{{members}}}"), format!(r#"{{"message": "no", {members}"#)] {
            for status in [429, 503] {
                let kind = read(&POST, status, &body).unwrap_err().kind;
                assert_eq!(kind == ErrorResponseKind::Other, has_paid, "{status} {body}: {kind:?}");
            }
        }
    }
}

#[test]
fn a_private_value_in_an_unknown_member_is_not_shown() {
    check(
        400,
        r#"{"errors": {"Error": {"password": "hunter2"}}}"#,
        ErrorResponseKind::Conflict,
        None,
        "Error",
    );
}

#[test]
fn a_success_is_never_mistaken_for_an_error_response() {
    let rows = [
        (&POST, r#"{"success": true}"#),
        (&POST, r#"{"uuid": "x", "errors": []}"#),
        (&POST, r#"{"errors": null}"#),
        (&POST, r#"{"errors": {}, "uuid": "x"}"#),
        (&POST, r#"{"message": "created"}"#),
        (&POST, r#"{"amount_left": 8.0, "amount_used": 2.0, "success": false}"#),
        (&POST, "true"),
        (&POST, "null"),
        (&POST, ""),
        (&GET, r#"{"success": false}"#),
        (&GET, r#"{"error_count": 3}"#),
        (&GET, r#"{"status": "error", "uuid": "x"}"#),
        (&GET, r#"{"name": "error", "message": "failed"}"#),
        (&POST, r#"{"uuid": "x", "name": "error", "status": "failed"}"#),
        (&POST, r#"{"status": "active"}"#),
        (&GET, r#"[{"errors": "in a row"}]"#),
    ];
    for (operation, body) in rows {
        for status in [200, 201, 202, 204] {
            assert!(read(operation, status, body).is_ok(), "{status} {body}");
        }
    }
}

#[test]
fn a_read_with_an_error_in_another_form_is_unreadable() {
    for body in [
        r#"{"Error": "declined"}"#,
        r#"{"status": "error", "message": "declined"}"#,
        r#"{"code": 402, "msg": "declined"}"#,
        r#"{"ok": false}"#,
        r#"{"detail": "declined"}"#,
    ] {
        assert_eq!(read(&GET, 200, body).unwrap_err().kind, ErrorResponseKind::Undecodable, "{body}");
    }
}

#[test]
fn a_response_to_a_read_is_judged_if_it_cannot_be_decoded() {
    let warren = Warren::new(&SecretString::from("key")).unwrap();
    for (body, kind) in [
        (
            r#"{"message": "No such virtual machine exists: 7", "success": false}"#,
            ErrorResponseKind::NotFound,
        ),
        (
            r#"{"timestamp": 1661990594355, "status": 500, "error": "Internal Server Error"}"#,
            ErrorResponseKind::Other,
        ),
        (r#"{"message": "declined", "status": "error"}"#, ErrorResponseKind::Undecodable),
    ] {
        assert!(
            warren.presumes_success(Effect::Read, &Response::new(Bytes::from_static(body.as_bytes()))),
            "{body}"
        );
        assert_eq!(read(&GET, 200, body).unwrap_err().kind, kind, "{body}");
    }
}

#[test]
fn a_first_key_of_an_error_response_is_never_presumed_to_begin_a_success() {
    let warren = Warren::new(&SecretString::from("key")).unwrap();
    let presumed = |body: String| warren.presumes_success(Effect::Read, &Response::new(Bytes::from(body)));
    let keys =
        ["code", "detail", "error", "errors", "exception", "fault", "ok", "result", "status", "success"];
    for key in keys.iter().flat_map(|key| [(*key).to_owned(), key.to_uppercase()]) {
        assert!(!presumed(format!("\n{{ \"{key}\": 1, \"uuid\": \"x\"}}")), "{key}");
        assert!(presumed(format!("{{\"uuid\": \"{key}\", \"{key}\": 1}}")), "{key}");
        assert!(presumed(format!("[{{\"{key}\": 1}}]")), "{key}");
    }
}

#[test]
fn the_advice_for_a_method_that_is_not_allowed_names_the_brand() {
    let is_named = |status, body| {
        let advice = read(&POST, status, body).unwrap_err().advice;
        advice.is_some_and(|advice| advice.contains("brand"))
    };
    assert!(is_named(405, "") && is_named(405, r#"{"message": "Method Not Allowed"}"#));
    assert!(!is_named(404, "") && !is_named(400, ""));
}

#[test]
fn a_code_that_names_a_prohibition_counts_whatever_the_status_is() {
    for status in [200, 400, 403, 404, 422, 500] {
        let error_response =
            read(&POST, status, r#"{"errors": {"x::user_forbidden": {"msg": "Not yours"}}}"#);
        assert_eq!(error_response.unwrap_err().kind, ErrorResponseKind::Forbidden, "{status}");
    }
}

#[test]
fn a_malformed_body_that_looks_like_an_error_response_is_unreadable() {
    for body in [
        r#"{"errors": {"Error": "declined"}, "errors": null}"#,
        r#"{"errors": {"Error": "decl"#,
        r#"{"uuid": "x", "errors": {"Error": "\ud83d"}}"#,
        r#"{"uuid": "x", "success": "maybe"}"#,
    ] {
        assert_eq!(read(&POST, 200, body).unwrap_err().kind, ErrorResponseKind::Undecodable, "{body}");
    }
}

proptest! {
    #[test]
    fn every_body_with_an_error_status_yields_an_error_message(
        status in 400_u16..600, body in ".*|[\\[{\"]errors?[\":]*[\\[{\"]*.*",
    ) {
        prop_assert!(!read(&POST, status, &body).unwrap_err().message.is_empty());
    }

    #[test]
    fn a_list_with_a_success_status_is_never_an_error_response(rows in ".*") {
        let body = format!("[{rows}]");
        prop_assert!(read(&POST, 200, &body).is_ok());
    }
}

/// Nothing is wrong with the credentials if the provider says when to try again.
#[test]
fn a_rate_limit_with_status_403_advises_nothing_about_the_api_key() {
    let elastis = Elastis::builder("key").base_url("http://127.0.0.1:1").no_proxy().build().unwrap();
    for body in ["", r#"{"message": "Invalid authentication credentials"}"#, r#"{"message": "Slow down"}"#] {
        for (after, is_limit) in [(None, false), (Some("7"), true)] {
            let mut response = Response::new(Bytes::from(body));
            *response.status_mut() = StatusCode::FORBIDDEN;
            response.headers_mut().extend(after.map(|after| (RETRY_AFTER, HeaderValue::from_static(after))));
            let error = elastis.locations().list().finish(response).unwrap_err();
            assert_eq!(error.is_rate_limited(), is_limit, "{body}: {error}");
            assert_eq!(error.to_string().contains("key"), !is_limit, "{body}: {error}");
        }
    }
}

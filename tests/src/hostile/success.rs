//! Checks which responses to a mutating call count as a success.

use std::future::Future;

use http_core::ErrorKind;
use http_core::client::Effect;

use crate::fixture::Fixture;
use crate::replay::{Exchange, Replayed, response};

/// Returns bodies that are neither a success nor a decodable error response if a mutating operation receives them with
/// status 200.
fn unreadable_bodies() -> Vec<Vec<u8>> {
    let bodies: [&[u8]; 22] = [
        b"ok",
        b"upstream error",
        b"false",
        b"0",
        b"\"ok\"",
        b"{",
        b"[",
        b"{\"uuid\": \"x",
        b"{} {}",
        b"{\"a\": 1, \"a\": 2}",
        b"{\"a\": \"\xff\"}",
        b"{\"a\": \"\\ud83d\"}",
        b"{\"a\": 1e999}",
        b"{\"success\": null}",
        b"{\"success\": \"maybe\"}",
        b"{\"success\": true, \"success\": false}",
        b"{\"errors\": {\"Error\": \"declined\"}, \"errors\": null}",
        b"{\"errors\": {\"Error\": \"decl",
        b"{\"errors\": {\"Error\": \"declin\xe9\"}}",
        b"{\"errors\": {\"Error\": \"declined \\ud83d\"}}",
        b"{\"errors\": {\"Error\": \"declined\"}, \"sum\": 1e999}",
        b"{\"success\": false, \"error\": \"\xff\"}",
    ];
    bodies.map(<[u8]>::to_vec).to_vec()
}

/// Returns error responses that the clients can decode, in the formats of different providers.
fn readable_errors() -> Vec<String> {
    vec![
        r#"{"errors": {"Error": "declined"}, "result": "fail"}"#.to_owned(),
        r#"{"error": "declined", "result": "fail"}"#.to_owned(),
        r#"{"success": "False", "result": "fail"}"#.to_owned(),
        format!(r#"{{"message": "{}", "success": false, "result": "fail"}}"#, "x".repeat(1100)),
    ]
}

/// Error responses of other APIs, which a provider may send one day. No provider documents them.
const FOREIGN_ERRORS: [&str; 22] = [
    r#"{"Error": "Card declined"}"#,
    r#"{"Errors": {"card": "declined"}}"#,
    r#"{"Success": false}"#,
    r#"{"success": true, "error": "None"}"#,
    r#"{"success": true, "error": "no error", "result": "fail"}"#,
    r#"{"status": "error", "message": "declined"}"#,
    r#"{"Status": "FAILED"}"#,
    r#"{"result": "fail", "msg": "declined"}"#,
    r#"{"ok": false}"#,
    r#"{"code": 402, "msg": "declined"}"#,
    r#"{"code": "card_declined", "message": "Your card was declined"}"#,
    r#"{"status": "payment_failed", "message": "no funds"}"#,
    r#"{"status": 500, "message": "declined"}"#,
    r#"{"statusCode": "402", "message": "declined"}"#,
    r#"{"detail": "declined"}"#,
    r#"{"exception": "PaymentException"}"#,
    r#"{"fault": {"faultstring": "declined"}}"#,
    r#"{"errorMessage": "declined"}"#,
    r#"{"data": {"status": "error", "message": "declined"}, "errors": "declined"}"#,
    r#"["error", "declined"]"#,
    "[false]",
    "[[\"declined\"]]",
];

/// Responses of a call without a value that contain no error, although some of their words appear in errors.
const SUCCESSES: [&str; 12] = [
    "",
    "null",
    "{}",
    "[]",
    r#"{"success": true}"#,
    r#"{"node": "x", "errors": []}"#,
    r#"{"node": "x", "display_name": "error", "status": "active"}"#,
    r#"{"status": "active"}"#,
    r#"{"result": "success", "code": 0, "ok": true}"#,
    r#"{"message": "the disk is unlocked"}"#,
    r#"{"error": null, "Error": "", "detail": [], "exception": false}"#,
    r#"[{"id": 5, "status": "deleted", "error_log": "", "failed": 0}]"#,
];

/// Error responses that would be successes of calls that return a resource.
const FAILURES_OF_CALLS_WITHOUT_A_VALUE: [&str; 12] = [
    r#"{"id": 991, "status": "declined"}"#,
    r#"{"uuid": "x", "status": "failed"}"#,
    r#"{"is_error": true, "message": "Card declined"}"#,
    r#"{"err": "declined"}"#,
    r#"{"failed": true}"#,
    r#"[{"id": 5, "status": "error"}]"#,
    r#"{"message": "Virtual machine is locked."}"#,
    r#"{"message": "the error was fixed"}"#,
    r#"{"status": "insufficient_funds"}"#,
    r#"{"result": "not_found"}"#,
    r#"{"status": 0, "message": "done"}"#,
    r#"{"code": -1, "message": "done"}"#,
];

/// The operations that return no value, so that `true` is a success.
const WITHOUT_VALUE: [&str; 29] = [
    "billing_account.delete",
    "billing_account.set_default",
    "billing_resource.assign",
    "bucket.delete",
    "card.delete",
    "card.set_primary",
    "credit.buy",
    "credit.request_invoice",
    "disk.delete",
    "disk.detach",
    "floating_ip.delete",
    "invoice.pay",
    "invoice.pay_all",
    "load_balancer.delete",
    "load_balancer.remove_rule",
    "load_balancer.remove_target",
    "network.delete",
    "replica.delete",
    "s3_key.delete",
    "server.resume",
    "server.start",
    "server.stop",
    "server.suspend",
    "token.delete",
    "token.update",
    "vm.change_password",
    "vm.delete",
    "vm.rescue_start",
    "vm_disk.delete",
];

/// Returns four variants of a fixture's own response: with an error at the start, with an error at the end, with an
/// error at the start and the end cut off, and with an error at the start and a success at the end.
fn spoiled(fixture: &Fixture) -> Vec<String> {
    let body = fixture.response.body();
    let Some(inner) = body.trim().strip_prefix('{').and_then(|body| body.strip_suffix('}')) else {
        return Vec::new();
    };
    let error = r#""result": "fail", "success": false, "errors": {"Error": "declined"}"#;
    let comma = if inner.trim().is_empty() { "" } else { "," };
    vec![
        format!("{{{error}{comma}{inner}}}"),
        format!("{{{inner}{comma}{error}}}"),
        format!("{{{error}{comma}{inner}"),
        format!(r#"{{{error}{comma}{inner}, "errors": null, "result": "success", "success": true}}"#),
    ]
}

/// Checks that a mutating call succeeds only if its response reports success, or reports nothing.
pub(super) async fn success_must_be_recognized<A, F>(fixtures: &[Fixture], ask: &A) -> Vec<String>
where
    A: Fn(Exchange) -> F,
    F: Future<Output = Replayed>,
{
    let finish = async |fixture: &Fixture, body: Vec<u8>| {
        ask(Exchange::finishing(fixture.clone(), response(200, body))).await.seen().ok()
    };
    let mut broken = Vec::new();
    for fixture in fixtures {
        let Some(plain) = finish(fixture, b"true".to_vec()).await else { continue };
        if plain.effect == Effect::Read {
            continue;
        }
        let mut fault = |body: &[u8], fault: &str| {
            broken.push(format!("{} {}: {fault}", fixture.name(), String::from_utf8_lossy(body)));
        };
        if plain.result.is_ok() != WITHOUT_VALUE.contains(&fixture.operation.as_str()) {
            fault(b"true", "wrong in `WITHOUT_VALUE`");
        }
        if plain.result.is_ok() {
            for body in SUCCESSES {
                let seen = finish(fixture, body.into()).await;
                if seen.is_none_or(|seen| seen.result.is_err()) {
                    fault(body.as_bytes(), "a success was not recognized");
                }
            }
        }
        // A call that returns a value ignores invalid values in fields that it does not read.
        let is_strict = |body: &[u8]| plain.result.is_ok() || !body.starts_with(b"{\"a\"");
        for body in unreadable_bodies().into_iter().filter(|body| is_strict(body)) {
            match finish(fixture, body.clone()).await.map(|seen| seen.result) {
                Some(Err(error)) if error.is_outcome_unknown() && error.kind() == ErrorKind::Decode => {}
                other => fault(&body, &format!("expected a decode error, got {other:?}")),
            }
        }
        let foreign = FOREIGN_ERRORS.map(str::to_owned);
        let of_no_value = FAILURES_OF_CALLS_WITHOUT_A_VALUE.map(str::to_owned);
        let of_no_value = of_no_value.into_iter().filter(|_| plain.result.is_ok());
        for body in readable_errors().into_iter().chain(spoiled(fixture)).chain(foreign).chain(of_no_value) {
            match finish(fixture, body.clone().into()).await.map(|seen| seen.result) {
                Some(Err(error)) if error.may_have_been_sent() => {}
                other => fault(body.as_bytes(), &format!("expected an error response, got {other:?}")),
            }
        }
    }
    broken
}

//! Checks that an error shows the provider's explanation, wherever it is in the response, and no other value.

use crate::fixture::Fixture;
use crate::promises::{finish, texts};
use crate::replay::{Exchange, Replayed, response};

/// Error responses in the structures of many APIs. Each one explains the error with the words `no funds`.
const EXPLANATIONS: [&str; 26] = [
    r#"{"message": "no funds"}"#,
    r#"{"msg": "no funds", "code": 17}"#,
    r#"{"error": "no funds"}"#,
    r#"{"error": ["no funds"]}"#,
    r#"{"errors": ["no funds", {}]}"#,
    r#"{"error": {"code": 17, "message": "no funds"}}"#,
    r#"{"error": {"code": "E17", "msg": "no funds", "password": "x"}}"#,
    r#"{"message": "no funds", "code": "", "error_code": "E17"}"#,
    r#"{"error": {"message": {"text": 1, "msg": "no funds"}}}"#,
    r#"{"error": {"error": {"message": "no funds"}}}"#,
    r#"{"error": {"errors": [{"reason": "no funds", "code": 17}]}}"#,
    r#"{"errors": [{"code": 17, "detail": "no funds"}]}"#,
    r#"{"errors": [{"title": "No", "detail": "no funds"}]}"#,
    r#"{"errors": {"error": "no funds"}}"#,
    r#"{"errors": {"error": {"type": "billing", "message": "no funds"}}}"#,
    r#"{"error": "invalid_grant", "error_description": "no funds"}"#,
    r#"{"error": true, "message": "no funds"}"#,
    r#"{"type": "about:blank", "title": "Bad", "detail": "no funds"}"#,
    r#"{"fault": {"faultstring": "no funds", "detail": {"errorcode": "x"}}}"#,
    r#"{"status": {"code": 17, "message": "no funds"}}"#,
    r#"{"status": "error", "data": {"message": "no funds"}}"#,
    r#"{"response": {"error": {"message": "no funds"}}}"#,
    r#"{"meta": {"error_code": 17, "error_message": "no funds"}}"#,
    r#"{"exception": {"errorMessage": "no funds", "trace": ["x"]}}"#,
    r#"{"body": {"details": ["no funds"]}}"#,
    r#"{"errors": {"card": ["no funds"]}}"#,
];

/// Responses with values that may be private.
const PRIVATE: [&str; 12] = [
    r#"{"password": "hunter2"}"#,
    r#"{"data": "hunter2", "result": "fail", "status": "error"}"#,
    r#"{"data": {"token": "hunter2"}, "success": false}"#,
    r#"{"error": {"password": "hunter2"}}"#,
    r#"{"errors": {"token": "hunter2"}}"#,
    r#"{"error": {"user": {"password": "hunter2"}}}"#,
    r#"{"errors": {"server": {"token": "hunter2"}}}"#,
    r#"{"errors": [{"server": {"token": "hunter2"}}]}"#,
    r#"{"result": "fail", "retx": {"result": "fail", "token": "hunter2"}}"#,
    r#"{"result": "fail", "error": {"token": "hunter2"}}"#,
    r#""hunter2""#,
    "hunter2",
];

/// Checks the errors for responses with status 400, and for those that report a failure with status 200.
pub(super) fn only_explanations_are_shown<A, F>(package: &str, fixtures: &[Fixture], ask: &A) -> Vec<String>
where
    A: Fn(Exchange) -> F,
    F: Future<Output = Replayed>,
{
    let sign = if package == "inferno-vps" { r#""result": "fail""# } else { r#""success": false"# };
    let mut broken = Vec::new();
    for fixture in fixtures {
        let mut check = |status: u16, body: String, is_kept: &dyn Fn(Vec<String>) -> bool| {
            let shown = match finish(fixture, &response(status, body.clone()), ask) {
                Ok(None) => return,
                Ok(Some(seen)) => seen.result.map_err(|error| texts(&error)),
                Err(fault) => Err(vec![fault]),
            };
            match shown {
                Err(texts) if is_kept(texts.clone()) => {}
                other => broken.push(format!("{} {status} {body}: {other:.300?}", fixture.name())),
            }
        };
        // `success: false` is the answer of this operation.
        let explained = EXPLANATIONS.iter().filter(|_| fixture.operation != "campaign.has_active");
        for body in explained {
            let inner = &body[1..body.len() - 1];
            for (status, body) in [
                (400, (*body).to_owned()),
                (200, format!("{{{sign}, {inner}}}")),
                (200, format!("{{{inner}, {sign}}}")),
            ] {
                check(status, body, &|texts| texts[0].contains("no funds"));
            }
        }
        for (status, body) in PRIVATE.iter().flat_map(|body| [(400, *body), (500, *body)]) {
            check(status, body.to_owned(), &|texts| !texts.iter().any(|text| text.contains("hunter2")));
        }
    }
    broken
}

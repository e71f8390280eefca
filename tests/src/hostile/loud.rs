//! Checks that errors do not show secrets, control characters and long strings from responses.

use std::future::Future;

use http_core::http;
use http_core::wire::Bytes;

use crate::fixture::Fixture;
use crate::promises::{broken, finish};
use crate::replay::{Exchange, Replayed, response};

/// Returns responses that contain the credentials, an escape sequence, a forged log line and a long string at different
/// positions.
fn loud_responses() -> Vec<http::Response<Bytes>> {
    // The string itself, and its JSON encoding.
    let text = format!("<api-key:1> <auth-token:1>\u{1b}[31m\n2026 ERROR forged {}", "x".repeat(5_000));
    let json = serde_json::to_string(&text).unwrap_or_default();
    let mut bodies = vec![
        text.clone(),
        format!("<html><title>{text}</title><h1>{text}</h1></html>"),
        format!("{{{json}: nope}}"),
        format!("[{{{json}: nope}}]"),
        format!("Array\n(\n    [{text}] => 1\n    [msg] => {text}\n)\n"),
    ];
    for key in [
        "message",
        "msg",
        "error",
        "errors",
        "error_code",
        "result",
        "success",
        "uuid",
        "id",
        "orders",
        "retx",
    ] {
        bodies.push(format!(r#"{{"{key}": {json}}}"#));
        bodies.push(format!(r#"{{"result": "fail", "{key}": {{{json}: {json}}}}}"#));
        bodies.push(format!(r#"{{"result": "success", "{key}": [{{{json}: 1}}]}}"#));
        bodies.push(format!(r#"[{{"{key}": {json}}}]"#));
    }
    let mut responses = vec![loud(302, String::new())];
    for body in bodies {
        responses.extend([200, 404].map(|status| loud(status, body.clone())));
    }
    responses
}

/// Returns a response with the credentials in its headers and its body.
fn loud(status: u16, body: String) -> http::Response<Bytes> {
    let mut response = response(status, body);
    for name in ["location", "x-warren-correlation-id", "content-type"] {
        let value = http::HeaderValue::from_static("/<api-key:1>/<auth-token:1>");
        response.headers_mut().insert(name, value);
    }
    response
}

/// Checks that no error shows a secret, a control character or a long string, whatever the response contains and
/// however the error is formatted.
pub(super) fn no_text_comes_through<A, F>(fixtures: &[Fixture], ask: &A) -> Vec<String>
where
    A: Fn(Exchange) -> F,
    F: Future<Output = Replayed>,
{
    let responses = loud_responses();
    let mut found = Vec::new();
    for fixture in fixtures {
        for response in &responses {
            let Ok(seen) = finish(fixture, response, ask).map_err(|fault| found.push(fault)) else {
                continue;
            };
            let broken = seen.iter().flat_map(|seen| broken(response, seen));
            let body: String = String::from_utf8_lossy(response.body()).chars().take(80).collect();
            found.extend(
                broken.map(|fault| format!("{} {} {body}: {fault}", fixture.name(), response.status())),
            );
        }
    }
    found
}

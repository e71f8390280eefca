//! Challenge pages, which only browsers can pass.
//!
//! The outcome is unknown after such a page, unless a header proves that the page was served before the request reached
//! the provider: a proxy may also replace the response to a request that was processed. The status alone proves nothing.

use http::HeaderName;

use crate::error::{Error, ErrorKind};
use crate::operation::Operation;
use crate::wire::response::Response;

/// The header by which a proxy reports that it served a challenge.
const MITIGATED: HeaderName = HeaderName::from_static("cf-mitigated");

/// Phrases of challenge pages. They are searched for only at the beginning of HTML pages.
const SIGNS: [&str; 5] = [
    "just a moment",
    "cf-challenge",
    "challenge-platform",
    "_cf_chl_opt",
    "attention required! | cloudflare",
];

pub(crate) fn challenge(operation: &Operation, response: &Response) -> Option<Error> {
    let by_header = response.headers().get(MITIGATED).is_some_and(|value| value == "challenge");
    if !by_header && !is_challenge_page(response.body()) {
        return None;
    }
    let message = "a challenge page for browsers was returned instead of the provider's response";
    let advice =
        "ask the provider to allow this computer's IP address, or send from an address that it allows";
    let status = response.status();
    let error = Error::new(ErrorKind::Challenge, message).with_status(status.as_u16()).with_advice(advice);
    // Only the header proves that the request did not reach the provider; the page alone may have replaced the
    // provider's response. The header proves nothing if the rest of the response contradicts it.
    let is_failure = status.is_client_error() || status.is_server_error();
    let is_proof = by_header && is_failure && !operation.is_result(response.body());
    Some(if is_proof { error.unsent() } else { error })
}

fn is_challenge_page(body: &[u8]) -> bool {
    if !body.trim_ascii_start().starts_with(b"<") {
        return false;
    }
    let start = String::from_utf8_lossy(&body[..body.len().min(16 * 1024)]).to_ascii_lowercase();
    SIGNS.iter().any(|sign| start.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn response(body: &'static str) -> Response {
        Response::new(Bytes::from_static(body.as_bytes()))
    }

    const CREATE: Operation = Operation::post("thing.create", "/things").returns_id("thing");

    #[test]
    fn only_the_header_proves_that_the_request_did_not_reach_the_provider() {
        let page = "<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>";
        let (created, named) = (r#"{"uuid": "a-1"}"#, r#"{"thing": 7, "na"#);
        for status in [200, 201, 202, 302, 403, 429, 500, 503] {
            for (body, header, is_proof) in [
                (page, None, Some(false)),
                (page, Some("challenge"), Some(status >= 400)),
                ("", Some("challenge"), Some(status >= 400)),
                (r#"{"message": "no"}"#, Some("challenge"), Some(status >= 400)),
                (created, Some("challenge"), Some(false)),
                (named, Some("challenge"), Some(false)),
                (page, Some("other"), Some(false)),
                ("", Some("other"), None),
                ("", None, None),
                (created, None, None),
            ] {
                let mut response = response(body);
                *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
                if let Some(header) = header {
                    response.headers_mut().insert("cf-mitigated", http::HeaderValue::from_static(header));
                }
                let error = challenge(&CREATE, &response);
                assert!(error.as_ref().is_none_or(Error::is_challenge));
                let found = error.map(|error| !error.may_last_have_been_sent());
                assert_eq!(found, is_proof, "{status} {header:?} {body}");
            }
        }
    }

    #[test]
    fn the_signs_of_a_challenge_page_are_near_its_beginning() {
        for (length, is_challenge) in [(15_000, true), (17_000, false)] {
            let page = format!("<html>{}<title>Just a moment...</title>", " ".repeat(length));
            assert_eq!(is_challenge_page(page.as_bytes()), is_challenge, "{length}");
        }
    }

    #[test]
    fn json_that_mentions_a_challenge_is_not_a_challenge_page() {
        assert!(challenge(&CREATE, &response(r#"{"name": "Just a moment"}"#)).is_none());
        assert!(challenge(&CREATE, &response("<html><title>502 Bad Gateway</title></html>")).is_none());
    }
}

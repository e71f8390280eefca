//! Challenge pages, which only browsers can pass.
//!
//! The outcome is unknown after such a page, unless a header proves that the page was served before the request reached
//! the provider: a proxy may also replace the response to a request that was processed. The status proves nothing.

use crate::error::{Error, ErrorKind};
use crate::wire::response::Response;

/// Phrases of challenge pages. They are searched for only at the beginning of HTML pages.
const SIGNS: [&str; 5] = [
    "just a moment",
    "cf-challenge",
    "challenge-platform",
    "_cf_chl_opt",
    "attention required! | cloudflare",
];

pub(crate) fn challenge(response: &Response) -> Option<Error> {
    let by_header = response.headers().get("cf-mitigated").is_some_and(|value| value == "challenge");
    if !by_header && !is_challenge_page(response.body()) {
        return None;
    }
    let message = "a challenge page for browsers was returned instead of the provider's response";
    let advice =
        "ask the provider to allow this computer's IP address, or send from an address that it allows";
    let error =
        Error::new(ErrorKind::Challenge, message).with_status(response.status().as_u16()).with_advice(advice);
    // Only the header proves that the request did not reach the provider; the page alone may have replaced the
    // provider's response.
    Some(if by_header { error.unsent() } else { error })
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

    #[test]
    fn only_the_header_proves_that_the_request_did_not_reach_the_provider() {
        let page = "<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>";
        for status in [200, 202, 403, 429, 500, 503] {
            for (body, header, reached) in [
                (page, None, Some(true)),
                (page, Some("challenge"), Some(false)),
                ("", Some("challenge"), Some(false)),
                (page, Some("other"), Some(true)),
                ("", Some("other"), None),
                ("", None, None),
            ] {
                let mut response = response(body);
                *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
                if let Some(header) = header {
                    response.headers_mut().insert("cf-mitigated", http::HeaderValue::from_static(header));
                }
                let error = challenge(&response);
                assert!(error.as_ref().is_none_or(Error::is_challenge));
                let may_have_reached = error.map(|error| error.may_last_have_been_sent());
                assert_eq!(may_have_reached, reached, "{status} {header:?} {body}");
            }
        }
    }

    #[test]
    fn json_that_mentions_a_challenge_is_not_a_challenge_page() {
        assert!(challenge(&response(r#"{"name": "Just a moment"}"#)).is_none());
        assert!(challenge(&response("<html><title>502 Bad Gateway</title></html>")).is_none());
    }
}

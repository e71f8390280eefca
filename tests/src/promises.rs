//! Checks the promises that every operation keeps, whatever response it receives. The same rules apply to handwritten
//! and generated responses.

use std::error::Error as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use http_core::client::Effect;
use http_core::wire::Bytes;
use http_core::{Error, ErrorKind, http};

use serde::de::IgnoredAny;

use crate::fixture::Fixture;
use crate::replay::{Exchange, Replayed, Seen};

/// The maximum length of a string that an error shows, in bytes.
const LONGEST_TEXT: usize = 4096;

/// The prefixes of the placeholders for secrets in responses. A model must not show these secrets.
pub(crate) const SECRET_MARKS: [&str; 5] =
    ["<api-key:", "<secret-key:", "<auth-token:", "<password:", "<server-token:"];

/// Lets the operation of a fixture decode a response, without a socket or a runtime. Returns `None` if the operation
/// is unknown.
pub(crate) fn finish<A, F>(
    fixture: &Fixture,
    response: &http::Response<Bytes>,
    ask: &A,
) -> Result<Option<Seen>, String>
where
    A: Fn(Exchange) -> F,
    F: Future<Output = Replayed>,
{
    let exchange = Exchange::finishing(fixture.clone(), response.clone());
    match catch_unwind(AssertUnwindSafe(|| poll(ask(exchange)).map(Replayed::seen))) {
        Ok(Some(seen)) => Ok(seen.ok()),
        Ok(None) => Err("the call waits for something".to_owned()),
        Err(_) => Err("the call panics".to_owned()),
    }
}

/// Returns the output of a future, or `None` if the future has to wait.
pub(crate) fn poll<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// Returns the promises that a call broke.
pub(crate) fn broken(response: &http::Response<Bytes>, seen: &Seen) -> Vec<String> {
    let status = response.status().as_u16();
    let mut broken = Vec::new();
    match &seen.result {
        Ok(value) => {
            if !(200..300).contains(&status) {
                broken.push(format!("a success with status {status}"));
            }
            if seen.effect != Effect::Read && !may_be_success(response.body()) {
                broken.push(format!("a success that the response does not report: {value:.200}"));
            }
        }
        Err(error) => {
            broken.extend(of_outcome(status, response, seen.effect, error));
            for text in texts(error) {
                let shown = text.chars().take(200).collect::<String>();
                if let Some(secret) = seen.secrets.iter().find(|secret| shows(&text, secret)) {
                    broken.push(format!("the error shows {secret}: {shown}"));
                }
                if text.chars().any(forges_lines) || text.contains("\n2026") {
                    broken.push(format!("the error contains characters that forge log lines: {shown:?}"));
                }
                if text.len() > LONGEST_TEXT {
                    broken.push(format!("a string of {} bytes: {shown}", text.len()));
                }
            }
        }
    }
    broken
}

fn of_outcome(status: u16, response: &http::Response<Bytes>, effect: Effect, error: &Error) -> Vec<String> {
    let mut broken = Vec::new();
    let mut claim = |holds: bool, what: &str| {
        if !holds {
            broken.push(format!("{what}: {error}"));
        }
    };
    let kinds = [ErrorKind::ErrorResponse, ErrorKind::Decode, ErrorKind::Challenge];
    claim(kinds.contains(&error.kind()), "a response caused an error of another kind");
    let is_proof = status == 429 || (status >= 400 && response.headers().contains_key("cf-mitigated"));
    claim(
        error.may_have_been_sent() || is_proof,
        "the error claims without proof that the request was not sent",
    );
    let is_change = effect != Effect::Read;
    claim(is_change || !error.is_outcome_unknown(), "the error claims that the outcome of a read is unknown");
    let is_unreadable = error.kind() == ErrorKind::Decode;
    claim(
        !is_change || !is_unreadable || error.is_outcome_unknown(),
        "the error claims that the outcome is known, but the response cannot be decoded",
    );
    broken
}

/// Returns whether a response to a change may count as a success at all: it must be short, or contain a complete
/// value.
fn may_be_success(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    let Some(start) = text.find(['{', '[']) else { return text.trim().len() < 10 };
    let value = serde_json::Deserializer::from_str(&text[start..]).into_iter::<IgnoredAny>().next();
    // The output of PHP's `print_r` contains no JSON.
    matches!(value, Some(Ok(_))) || text.contains("=>")
}

/// Returns whether a string contains a whole secret, plain or escaped as in HTML.
fn shows(text: &str, secret: &str) -> bool {
    text.contains(secret) || text.contains(&secret.replace('<', "&lt;").replace('>', "&gt;"))
}

/// Returns whether a character moves the cursor, starts a line, or reverses or hides the text after it.
pub fn forges_lines(c: char) -> bool {
    let is_direction =
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (c.is_control() && c != '\n') || is_direction
}

/// Returns every string that an error can show.
pub fn texts(error: &Error) -> Vec<String> {
    let mut texts =
        vec![error.to_string(), format!("{error:?}"), format!("{error:#?}"), error.message().to_owned()];
    let named = [error.code(), error.request_id(), error.created_id()];
    texts.extend(named.into_iter().flatten().map(str::to_owned));
    let mut source = error.source();
    while let Some(cause) = source {
        texts.extend([cause.to_string(), format!("{cause:?}")]);
        source = cause.source();
    }
    texts
}

//! What holds for every operation, whatever response it receives. The rules are written once, for the responses that
//! are listed and for those that are made up.

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

/// No text of an error is longer.
const LONGEST_TEXT: usize = 4096;

/// The values in responses that a model must not show.
pub(crate) const SECRET_MARKS: [&str; 5] =
    ["<api-key:", "<secret-key:", "<auth-token:", "<password:", "<server-token:"];

/// Lets the operation of a fixture decode a response, without a socket and without a runtime. `None` if the operation
/// is not known.
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
        Ok(None) => Err("it waits for something".to_owned()),
        Err(_) => Err("it panics".to_owned()),
    }
}

/// What this future returns without waiting for anything; `None` if it waits.
pub(crate) fn poll<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// The promises that a call broke.
pub(crate) fn broken(response: &http::Response<Bytes>, seen: &Seen) -> Vec<String> {
    let status = response.status().as_u16();
    let mut broken = Vec::new();
    match &seen.result {
        Ok(value) => {
            if !(200..300).contains(&status) {
                broken.push(format!("a success under status {status}"));
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
                    broken.push(format!("{secret} is shown: {shown}"));
                }
                if text.chars().any(forges_lines) || text.contains("\n2026") {
                    broken.push(format!("characters that forge lines come through: {shown:?}"));
                }
                if text.len() > LONGEST_TEXT {
                    broken.push(format!("a text of {} bytes: {shown}", text.len()));
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
    claim(kinds.contains(&error.kind()), "a response became another kind of failure");
    let is_proof = status == 429 || response.headers().contains_key("cf-mitigated");
    claim(error.may_have_been_sent() || is_proof, "said to be not sent without proof");
    let is_change = effect != Effect::Read;
    claim(is_change || !error.is_outcome_unknown(), "a read has no outcome");
    let is_unreadable = error.kind() == ErrorKind::Decode;
    claim(
        !is_change || !is_unreadable || error.is_outcome_unknown(),
        "an unreadable response said to be known",
    );
    broken
}

/// Whether a response to a change may be taken for its success at all: it says nothing, or something that is complete.
fn may_be_success(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    let Some(start) = text.find(['{', '[']) else { return text.trim().len() < 10 };
    let value = serde_json::Deserializer::from_str(&text[start..]).into_iter::<IgnoredAny>().next();
    // Text that PHP has printed has no JSON in it.
    matches!(value, Some(Ok(_))) || text.contains("=>")
}

/// Whether a text shows a secret whole, as it is or escaped as in a page.
fn shows(text: &str, secret: &str) -> bool {
    text.contains(secret) || text.contains(&secret.replace('<', "&lt;").replace('>', "&gt;"))
}

/// Whether a character moves the cursor, begins a line, or reverses or hides what follows it.
pub fn forges_lines(c: char) -> bool {
    let is_direction =
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (c.is_control() && c != '\n') || is_direction
}

/// Everything that an error can be made to say.
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

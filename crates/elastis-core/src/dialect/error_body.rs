//! The error responses of the platform, in all their forms.

use http_core::client::{ErrorResponse, ErrorResponseKind, Operation, Response, glance, members, words};
use http_core::http::StatusCode;
use serde_json::Value;

use crate::dialect::sentences;

/// Keys under which an object in `errors` explains a single error; all other keys name a parameter or a code.
const WORDS: &[&str] = &["msg", "message", "error", "detail", "reason"];

/// Returns the error response that a body describes; `None` if the body of a successful response describes none.
pub(super) fn error_response(operation: &Operation, response: &Response) -> Option<ErrorResponse> {
    let status = response.status();
    let members = glance(response.body(), &["errors", "error"]);
    let member = |name| members.get(name).unwrap_or(&Value::Null);
    let errors = faults(member("errors"));
    if !errors.is_empty() {
        return Some(of_errors(operation, status, &errors));
    }
    let found = words(response.body()).map(|words| (words.message, words.code));
    // Such a page of the platform's web framework names only the status.
    let found = found.filter(|(message, _)| message != "No message available");
    let error = || faults(member("error")).into_iter().next();
    let found = found.or_else(|| error().map(|fault| (fault.message(), None)));
    let Some((message, code)) = found else {
        return (!status.is_success()).then(|| of_unknown_form(response));
    };
    let kind = sentences::kind(operation, status, &message).unwrap_or(match status {
        StatusCode::FORBIDDEN => ErrorResponseKind::Unauthorized,
        status => kind_of(status),
    });
    let error_response = ErrorResponse::new(status, message).with_kind(kind);
    Some(match code {
        Some(code) => error_response.with_code(code),
        None => error_response,
    })
}

/// Returns the error response for a body that does not explain the error.
fn of_unknown_form(response: &Response) -> ErrorResponse {
    let error_response = ErrorResponse::from_response(response);
    error_response.with_kind(kind_of(response.status()))
}

/// Whether a response reports that money was taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Payment {
    /// The response reports no payment.
    None,
    /// The response reports that a payment was made, but not its amount.
    Made,
    /// The response reports the amount that was paid.
    Amount,
}

impl Payment {
    /// Returns what a body reports, even if it is truncated or invalid.
    pub(super) fn of(body: &[u8]) -> Self {
        let (mut amount_used, mut triggered) = (false, false);
        let unquoted = |value: &[u8]| String::from_utf8_lossy(value).trim_matches('"').trim().to_lowercase();
        members(body, |key, value| match key {
            "amount_used" => amount_used |= unquoted(value).parse::<f64>().is_ok_and(|amount| amount > 0.0),
            "payment_report" => {
                members(value, |key, value| {
                    triggered |= key == "triggered" && matches!(&*unquoted(value), "true" | "1");
                });
            }
            _ => {}
        });
        match (amount_used, triggered) {
            (true, _) => Self::Amount,
            (false, true) => Self::Made,
            (false, false) => Self::None,
        }
    }
}

/// Returns the kind that a status implies. No status proves that a resource does not exist: the gateway in front of the
/// platform also uses 404, for URLs that it does not know.
fn kind_of(status: StatusCode) -> ErrorResponseKind {
    match ErrorResponseKind::from_status(status.as_u16()) {
        ErrorResponseKind::NotFound => ErrorResponseKind::UnknownUrl,
        kind => kind,
    }
}

fn of_errors(operation: &Operation, status: StatusCode, errors: &[Fault]) -> ErrorResponse {
    let messages: Vec<String> = errors.iter().map(Fault::message).collect();
    let codes: Vec<&str> = errors.iter().filter_map(|fault| fault.code.as_deref()).collect();
    // If a fault does not concern a parameter, its message determines the kind.
    let mut general = errors.iter().filter(|fault| !fault.is_parameter);
    let meaning = general.find_map(|fault| sentences::kind(operation, status, &fault.text)).unwrap_or(
        match status.as_u16() {
            _ if codes.iter().any(|code| code.ends_with("_forbidden")) => ErrorResponseKind::Forbidden,
            // The request is well formed but conflicts with the resource's state.
            200..=299 | 400 | 422 if codes.is_empty() => ErrorResponseKind::Conflict,
            200..=299 => ErrorResponseKind::InvalidArgument,
            _ => kind_of(status),
        },
    );
    let error_response = ErrorResponse::new(status, messages.join("; ")).with_kind(meaning);
    if codes.is_empty() { error_response } else { error_response.with_code(codes.join(", ")) }
}

/// One entry under `errors`.
struct Fault {
    /// The name of a parameter, or an error code of the platform.
    code: Option<String>,
    /// Whether the code is the key of the message, so that it may be the name of a parameter.
    is_parameter: bool,
    text: String,
}

impl Fault {
    fn message(&self) -> String {
        match &self.code {
            Some(code) if !code.contains("::") && !self.text.contains(code.as_str()) => {
                format!("{code}: {}", self.text)
            }
            _ => self.text.clone(),
        }
    }
}

fn faults(errors: &Value) -> Vec<Fault> {
    match errors {
        // The object is either one fault, or contains one fault per key.
        Value::Object(entries) => match (entries.get("code").and_then(text), text(errors)) {
            (Some(code), Some(text)) => vec![Fault { code: Some(code), is_parameter: false, text }],
            _ => entries.iter().map(|(key, value)| fault(key, value)).collect(),
        },
        Value::Array(list) => list.iter().flat_map(faults).collect(),
        other => text(other).map(general).into_iter().collect(),
    }
}

fn general(text: String) -> Fault {
    Fault { code: None, is_parameter: false, text }
}

fn fault(key: &str, value: &Value) -> Fault {
    // A single word may be the rejected value itself.
    let may_be_value = |text: &str| !value.is_array() && !value.is_object() && !text.contains(' ');
    match text(value) {
        Some(text) if WORDS.iter().any(|name| key.eq_ignore_ascii_case(name)) => general(text),
        Some(text) => {
            let text = if may_be_value(&text) { key.to_owned() } else { text };
            Fault { code: Some(key.to_owned()), is_parameter: true, text }
        }
        None => general(key.to_owned()),
    }
}

/// Returns the message that a JSON value contains. Returns `None` for an object without a message in a known member,
/// because its other members may be private.
fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null | Value::Bool(_) => return None,
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Array(list) => list.iter().filter_map(text).collect::<Vec<_>>().join("; "),
        Value::Object(object) => WORDS.iter().find_map(|key| text(object.get(*key)?))?,
    };
    (!text.is_empty()).then_some(text)
}

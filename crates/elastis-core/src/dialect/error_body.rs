//! The error responses of the platform, in all their forms.

use http_core::client::{ErrorResponse, ErrorResponseKind, Response, glance};
use http_core::http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

/// Phrases in the provider's error messages, in lower case, that identify the kind of error better than the status
/// code.
const PHRASES: &[(&str, ErrorResponseKind)] = &[
    ("no route and no api found", ErrorResponseKind::UnknownUrl),
    ("no such ", ErrorResponseKind::NotFound),
    ("network uuid is invalid", ErrorResponseKind::NotFound),
    ("billing account is incorrect", ErrorResponseKind::NotFound),
    ("values are same", ErrorResponseKind::Conflict),
    ("default network cannot be deleted", ErrorResponseKind::Conflict),
];

/// Keys under which an object in `errors` explains a single error; all other keys name a parameter or a code.
const WORDS: &[&str] = &["msg", "message", "error", "detail", "reason"];

/// The members of a body that may describe a failure; each occurs in several forms.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ErrorBody {
    errors: Value,
    message: Value,
    error: Value,
    /// Present only in the error page of the provider's web framework.
    path: Value,
    /// Present only in the response to a payment.
    amount_used: Value,
}

impl ErrorBody {
    pub(super) fn read(body: &[u8]) -> Self {
        let members = glance(body, &["errors", "message", "error", "path", "amount_used"]);
        Self::deserialize(Value::from(members)).unwrap_or_default()
    }

    pub(super) fn has_paid(&self) -> bool {
        let amount =
            self.amount_used.as_str().map_or_else(|| self.amount_used.as_f64(), |text| text.parse().ok());
        amount.is_some_and(|amount| amount > 0.0)
    }

    pub(super) fn error_response(self, status: StatusCode) -> Option<ErrorResponse> {
        let errors = faults(&self.errors);
        if !errors.is_empty() {
            return Some(of_errors(status, &errors));
        }
        let message = text(&self.message).filter(|text| text != "No message available");
        if status.is_success() {
            return Some(if let Some(reason) = text(&self.error).or(message) {
                explained(status, reason, ErrorResponseKind::Other)
            } else {
                let reason = "the provider rejected the request (success: false) and gave no reason";
                ErrorResponse::unexplained(status, reason).with_kind(ErrorResponseKind::Conflict)
            });
        }
        let page = !self.path.is_null();
        let meaning = match status {
            StatusCode::FORBIDDEN => ErrorResponseKind::Unauthorized,
            StatusCode::NOT_FOUND if page && message.is_none() => ErrorResponseKind::UnknownUrl,
            status => ErrorResponseKind::from_status(status.as_u16()),
        };
        let error = || text(&self.error).or_else(|| Some(faults(&self.error).into_iter().next()?.text));
        let error_response = explained(status, message.or_else(error)?, meaning);
        Some(match self.error.get("code").and_then(text) {
            Some(code) => error_response.with_code(code),
            None => error_response,
        })
    }
}

/// Returns an error response with the provider's message, which may determine its kind better than the status does.
fn explained(status: StatusCode, text: String, meaning: ErrorResponseKind) -> ErrorResponse {
    let meaning = known(&text).unwrap_or(meaning);
    ErrorResponse::new(status, text).with_kind(meaning)
}

/// Returns the error response for a body that has none of the platform's forms.
pub(super) fn of_unknown_form(response: &Response) -> ErrorResponse {
    let error_response = ErrorResponse::from_response(response);
    match known(&error_response.message) {
        Some(meaning) => error_response.with_kind(meaning),
        None => error_response,
    }
}

fn known(text: &str) -> Option<ErrorResponseKind> {
    let text = text.to_lowercase();
    PHRASES.iter().find(|(phrase, _)| text.contains(phrase)).map(|(_, meaning)| *meaning)
}

fn of_errors(status: StatusCode, errors: &[Fault]) -> ErrorResponse {
    let messages: Vec<String> = errors.iter().map(Fault::message).collect();
    let codes: Vec<&str> = errors.iter().filter_map(|fault| fault.code.as_deref()).collect();
    // If a fault does not concern a parameter, its message determines the kind.
    let mut general = errors.iter().filter(|fault| !fault.is_parameter);
    let meaning = general.find_map(|fault| known(&fault.text)).unwrap_or(match status.as_u16() {
        _ if codes.iter().any(|code| code.ends_with("_forbidden")) => ErrorResponseKind::Forbidden,
        // The request is well formed but conflicts with the resource's state.
        200..=299 | 400 | 422 if codes.is_empty() => ErrorResponseKind::Conflict,
        200..=299 => ErrorResponseKind::InvalidArgument,
        status => ErrorResponseKind::from_status(status),
    });
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
    match text(value) {
        Some(text) if WORDS.iter().any(|name| key.eq_ignore_ascii_case(name)) => general(text),
        Some(text) => Fault { code: Some(key.to_owned()), is_parameter: true, text },
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

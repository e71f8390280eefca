//! The error responses of the platform, in all their forms.

use http_core::client::{ErrorResponse, ErrorResponseKind, Response, glance};
use http_core::http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use crate::dialect::sentences;

/// Keys under which an object in `errors` explains a single error; all other keys name a parameter or a code.
const WORDS: &[&str] = &["msg", "message", "error", "detail", "reason"];

/// The members of a body that may describe a failure; each occurs in several forms.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ErrorBody {
    errors: Value,
    message: Value,
    error: Value,
    /// Present only in the response to a payment.
    amount_used: Value,
}

impl ErrorBody {
    pub(super) fn read(body: &[u8]) -> Self {
        let members = glance(body, &["errors", "message", "error", "amount_used"]);
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
                let kind = sentences::kind(status, &reason).unwrap_or(ErrorResponseKind::Other);
                ErrorResponse::new(status, reason).with_kind(kind)
            } else {
                let reason = "the provider rejected the request (success: false) and gave no reason";
                ErrorResponse::unexplained(status, reason).with_kind(ErrorResponseKind::Conflict)
            });
        }
        let error = || text(&self.error).or_else(|| Some(faults(&self.error).into_iter().next()?.text));
        let error_response = of_message(ErrorResponse::new(status, message.or_else(error)?), status);
        Some(match self.error.get("code").and_then(text) {
            Some(code) => error_response.with_code(code),
            None => error_response,
        })
    }
}

/// Returns the error response for a body that has none of the platform's forms.
pub(super) fn of_unknown_form(response: &Response) -> ErrorResponse {
    let error_response = ErrorResponse::from_response(response);
    let kind = sentences::kind(response.status(), &error_response.message);
    error_response.with_kind(kind.unwrap_or_else(|| kind_of(response.status())))
}

/// Sets the kind of an error response that has a message but names no parameter.
fn of_message(error_response: ErrorResponse, status: StatusCode) -> ErrorResponse {
    let kind = sentences::kind(status, &error_response.message).unwrap_or(match status {
        StatusCode::FORBIDDEN => ErrorResponseKind::Unauthorized,
        status => kind_of(status),
    });
    error_response.with_kind(kind)
}

/// Returns the kind that a status implies. No status proves that a resource does not exist: the gateway in front of the
/// platform also uses 404, for URLs that it does not know.
fn kind_of(status: StatusCode) -> ErrorResponseKind {
    match ErrorResponseKind::from_status(status.as_u16()) {
        ErrorResponseKind::NotFound => ErrorResponseKind::UnknownUrl,
        kind => kind,
    }
}

fn of_errors(status: StatusCode, errors: &[Fault]) -> ErrorResponse {
    let messages: Vec<String> = errors.iter().map(Fault::message).collect();
    let codes: Vec<&str> = errors.iter().filter_map(|fault| fault.code.as_deref()).collect();
    // If a fault does not concern a parameter, its message determines the kind.
    let mut general = errors.iter().filter(|fault| !fault.is_parameter);
    let meaning =
        general.find_map(|fault| sentences::kind(status, &fault.text)).unwrap_or(match status.as_u16() {
            _ if codes.iter().any(|code| code.ends_with("_forbidden")) => ErrorResponseKind::Forbidden,
            // The request is well formed but conflicts with the resource's state.
            200..=299 | 400 | 422 if codes.is_empty() => ErrorResponseKind::Conflict,
            200..=299 => ErrorResponseKind::InvalidArgument,
            _ => kind_of(status),
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

//! Authorization and error responses of the Warren platform, which elastis.id is based on.

use http_core::client::ErrorResponseKind;
use http_core::client::{
    Dialect, Effect, ErrorResponse, Operation, Request, Response, Verdict, glance, has_member,
    secret_header_value,
};
use http_core::http::header::{HeaderName, HeaderValue};
use http_core::http::{HeaderMap, StatusCode};
use http_core::wire::Bytes;
use http_core::{Error, SecretString};
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

/// The dialect of one client, including its API key.
pub(crate) struct Warren {
    api_key: HeaderValue,
}

impl Warren {
    pub(crate) fn new(api_key: &SecretString) -> Result<Self, Error> {
        Ok(Self { api_key: secret_header_value("the API key", api_key)? })
    }
}

impl Dialect for Warren {
    fn authorize(&self, request: &mut Request) -> Result<(), Error> {
        request.set_header(HeaderName::from_static("apikey"), self.api_key.clone());
        Ok(())
    }

    fn read(&self, operation: &Operation, response: &Response) -> Result<Bytes, ErrorResponse> {
        let (status, body) = (response.status(), response.body());
        let error_response = match status.is_success().then(|| verdict(operation, body)) {
            Some(Verdict::Silent) => return Ok(body.clone()),
            Some(Verdict::Doubtful) => ErrorResponse::undecodable(response),
            _ => match ErrorBody::read(body).error_response(status) {
                Some(error_response) => error_response,
                None if status.is_success() => return Ok(body.clone()),
                None => ErrorResponse::from_response(response),
            },
        };
        let created =
            operation.effect() == Effect::NonIdempotent && has_member(body, &["uuid", "id", "address"]);
        Err(advised(error_response, status).with_outcome_unknown(created))
    }

    /// Inserts the slug after the first segment, the version: `/v1/{location}/user-resource/vm`.
    fn place_location(&self, request: &mut Request, location: &str) -> Result<(), Error> {
        request.insert_segment(1, "location", location)
    }

    fn identity(&self) -> Vec<u8> {
        self.api_key.as_bytes().to_vec()
    }

    fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        Some(headers.get("x-warren-correlation-id")?.to_str().ok()?.to_owned())
    }
}

fn advised(error_response: ErrorResponse, status: StatusCode) -> ErrorResponse {
    match error_response.kind {
        ErrorResponseKind::Unauthorized => error_response.with_advice(
            "check the API key: the one passed to the client, or ELASTIS_API_KEY for Elastis::from_env",
        ),
        ErrorResponseKind::Forbidden => error_response.with_advice(
            "the API key may be wrong or restricted to a billing account; try an unrestricted key (see \
             tokens().list())",
        ),
        ErrorResponseKind::UnknownUrl if status == StatusCode::METHOD_NOT_ALLOWED => {
            error_response.with_advice("this brand of the platform may not offer the endpoint")
        }
        _ => error_response,
    }
}

/// Determines from a body whether the operation succeeded. For reads, only the first key is examined, so that a long
/// list is not parsed twice.
fn verdict(operation: &Operation, body: &[u8]) -> Verdict {
    let reads = operation.effect() == Effect::Read;
    if reads && !matches!(first_key(body), Some(b"error" | b"errors")) {
        return Verdict::Silent;
    }
    Verdict::of(body)
}

fn first_key(body: &[u8]) -> Option<&[u8]> {
    let text = body.trim_ascii_start().strip_prefix(b"{")?.trim_ascii_start().strip_prefix(b"\"")?;
    text.split(|&byte| byte == b'"').next()
}

/// The members of a body that may describe a failure; each occurs in several forms.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorBody {
    errors: Value,
    message: Value,
    error: Value,
    /// Present only in the error page of the provider's web framework.
    path: Value,
    /// Present only in the response to a payment.
    amount_used: Value,
}

impl ErrorBody {
    fn read(body: &[u8]) -> Self {
        let members = glance(body, &["errors", "message", "error", "path", "amount_used"]);
        Self::deserialize(Value::from(members)).unwrap_or_default()
    }

    fn error_response(self, status: StatusCode) -> Option<ErrorResponse> {
        let errors = faults(&self.errors);
        if !errors.is_empty() {
            return Some(of_errors(status, &errors));
        }
        let message = text(&self.message).filter(|text| text != "No message available");
        if status.is_success() {
            // If money was taken, the caller must see how much, even if the rest of the payment failed.
            let paid = self.amount_used.as_f64().is_some_and(|amount| amount > 0.0);
            return match (text(&self.error), message) {
                (None, _) if paid => None,
                (Some(reason), _) | (None, Some(reason)) => {
                    Some(explained(status, reason, ErrorResponseKind::Other))
                }
                (None, None) => {
                    let reason = "the provider rejected the request (success: false) and gave no reason";
                    let error_response = ErrorResponse::unexplained(status, reason);
                    Some(error_response.with_kind(ErrorResponseKind::Conflict))
                }
            };
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

fn known(text: &str) -> Option<ErrorResponseKind> {
    let text = text.to_lowercase();
    PHRASES.iter().find(|(phrase, _)| text.contains(phrase)).map(|(_, meaning)| *meaning)
}

fn of_errors(status: StatusCode, errors: &[Fault]) -> ErrorResponse {
    let messages: Vec<String> = errors.iter().map(Fault::message).collect();
    let codes: Vec<&str> = errors.iter().filter_map(|fault| fault.code.as_deref()).collect();
    // A fault without a code does not concern a parameter, so its message determines the kind.
    let mut general = errors.iter().filter(|fault| fault.code.is_none());
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
            (Some(code), Some(text)) => vec![Fault { code: Some(code), text }],
            _ => entries.iter().map(|(key, value)| fault(key, value)).collect(),
        },
        Value::Array(list) => list.iter().flat_map(faults).collect(),
        other => text(other).map(|text| Fault { code: None, text }).into_iter().collect(),
    }
}

fn fault(key: &str, value: &Value) -> Fault {
    match text(value) {
        Some(text) => Fault { code: (key != "Error").then(|| key.to_owned()), text },
        None => Fault { code: None, text: key.to_owned() },
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
        Value::Object(object) => {
            ["msg", "message", "error", "detail", "reason"].iter().find_map(|key| text(object.get(*key)?))?
        }
    };
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GET: Operation = Operation::get("vm.get", "/v1/user-resource/vm");
    const POST: Operation = Operation::post("vm.stop", "/v1/user-resource/vm/stop").confirmed();

    fn read(operation: &Operation, status: u16, body: &str) -> Result<(), ErrorResponse> {
        let mut response = Response::new(Bytes::from(body.to_owned()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        Warren::new(&SecretString::from("key")).unwrap().read(operation, &response).map(drop)
    }

    #[track_caller]
    fn check(status: u16, body: &str, meaning: ErrorResponseKind, code: Option<&str>, message: &str) {
        let error_response = read(&POST, status, body).unwrap_err();
        assert_eq!(
            (error_response.kind, error_response.code.as_deref(), error_response.message.as_str()),
            (meaning, code, message),
            "{status} {body}"
        );
    }

    #[test]
    fn every_form_of_error_response_is_recognized() {
        use ErrorResponseKind::{
            Conflict, Forbidden, InvalidArgument, NotFound, Other, RateLimited, Unauthorized, Unavailable,
            UnknownUrl,
        };
        let spring = |status: u16, message: &str| {
            format!(
                r#"{{"timestamp": 1661990594355, "status": {status}, "error": "Spring error", "message": "{message}", "path": "/network"}}"#
            )
        };
        let network = "Network UUID is invalid.";
        #[rustfmt::skip]
        let rows: &[(u16, &str, ErrorResponseKind, Option<&str>, &str)] = &[
            (400, r#"{"errors": {"Error": "No such virtual machine exists: aa"}}"#, NotFound, None, "No such virtual machine exists: aa"),
            (400, r#"{"errors": {"Error": "No such virtual machine exists. aa"}}"#, NotFound, None, "No such virtual machine exists. aa"),
            (400, r#"{"errors": {"Error": "Provided billing account is incorrect."}}"#, NotFound, None, "Provided billing account is incorrect."),
            (400, r#"{"message": "Network UUID is invalid."}"#, NotFound, None, network),
            (500, &spring(500, "Network uuid is invalid."), NotFound, None, "Network uuid is invalid."),
            (500, &spring(500, "Default network cannot be deleted."), Conflict, None, "Default network cannot be deleted."),
            (500, &spring(500, network), NotFound, None, network),
            (404, r#"{"message": "Disk not found"}"#, NotFound, None, "Disk not found"),
            (404, r#"{"message": "Ip address 1.2.3.4 was not found."}"#, NotFound, None, "Ip address 1.2.3.4 was not found."),
            (404, r#"{"message": "no route and no API found with those values"}"#, UnknownUrl, None, "no route and no API found with those values"),
            (404, &spring(404, "No message available"), UnknownUrl, None, "Spring error"),
            (404, &spring(404, "No disk"), NotFound, None, "No disk"),
            (404, "<html><title>404 Not Found</title></html>", UnknownUrl, None, "Not Found"),
            (404, "", UnknownUrl, None, "Not Found"),
            (404, "[]", UnknownUrl, None, "Not Found"),
            (404, r#"{"message": "Disk not fou"#, UnknownUrl, None, "Not Found"),
            (401, r#"{"message": "No API key found in request"}"#, Unauthorized, None, "No API key found in request"),
            (403, r#"{"message": "Invalid authentication credentials"}"#, Unauthorized, None, "Invalid authentication credentials"),
            (403, r#"{"errors": {"consumer::resource_forbidden": {"msg": "Not yours", "subtype": "vm", "type": "x"}}}"#, Forbidden, Some("consumer::resource_forbidden"), "Not yours"),
            (403, "", Forbidden, None, "Forbidden"),
            (400, r#"{"errors": {"uuid": "Required parameter 'uuid' not supplied"}}"#, InvalidArgument, Some("uuid"), "Required parameter 'uuid' not supplied"),
            (400, r#"{"errors": {"ram": "Invalid whole number provided", "uuid": "Invalid UUID provided"}}"#, InvalidArgument, Some("ram, uuid"), "ram: Invalid whole number provided; uuid: Invalid UUID provided"),
            (400, r#"{"errors": {"pool": "No such resource pool exists"}}"#, InvalidArgument, Some("pool"), "No such resource pool exists"),
            (405, r#"{"errors": {"405 Method Not Allowed": null}}"#, UnknownUrl, None, "405 Method Not Allowed"),
            (400, r#"{"errors": {"Error": "Not changing vcpu and memory because values are same."}}"#, Conflict, None, "Not changing vcpu and memory because values are same."),
            (500, r#"{"errors": {"Error": "Not changing vcpu and memory because values are same."}}"#, Conflict, None, "Not changing vcpu and memory because values are same."),
            (404, r#"{"message": "Storage account not found."}"#, NotFound, None, "Storage account not found."),
            (409, r#"{"errors": {"Error": "VM is locked"}}"#, Conflict, None, "VM is locked"),
            (409, r#"{"message": "Bucket name is taken"}"#, Conflict, None, "Bucket name is taken"),
            (429, r#"{"message": "API rate limit exceeded"}"#, RateLimited, None, "API rate limit exceeded"),
            (500, "", Unavailable, None, "Internal Server Error"),
            (400, r#"{"error": "bad"}"#, InvalidArgument, None, "bad"),
            (400, r#"{"error": {"message": "bad"}}"#, InvalidArgument, None, "bad"),
            (400, r#"{"error": {"code": 17, "message": "bad"}}"#, InvalidArgument, Some("17"), "bad"),
            (400, r#"{"errors": {"code": 17, "message": "bad"}}"#, InvalidArgument, Some("17"), "17: bad"),
            (400, r#"{"errors": [{"code": "E17", "detail": "bad"}]}"#, InvalidArgument, Some("E17"), "E17: bad"),
            (400, r#"{"data": {"error": {"code": 17, "message": "bad"}}}"#, InvalidArgument, Some("17"), "bad"),
            (502, "<html><h1>502 Bad Gateway</h1></html>", Unavailable, None, "Bad Gateway"),
            (503, "upstream is away", Unavailable, None, "Service Unavailable"),
            (400, r#"{"errors": "bad"}"#, Conflict, None, "bad"),
            (400, r#"{"errors": ["bad", "worse"]}"#, Conflict, None, "bad; worse"),
            (400, r#"{"errors": {}}"#, InvalidArgument, None, "Bad Request"),
            (200, r#"{"errors": {"Error": "Failed to delete kong token."}}"#, Conflict, None, "Failed to delete kong token."),
            (200, r#"{"errors": {"Error": "No such virtual machine exists: aa"}}"#, NotFound, None, "No such virtual machine exists: aa"),
            (200, r#"{"errors": {"uuid": "Invalid UUID provided"}}"#, InvalidArgument, Some("uuid"), "uuid: Invalid UUID provided"),
            (200, r#" {  "error": "bad"}"#, Other, None, "bad"),
            (200, r#"{"success": false}"#, Conflict, None, "the provider rejected the request (success: false) and gave no reason"),
            (200, r#"{"message": "VM is locked", "success": "False"}"#, Other, None, "VM is locked"),
            (200, r#"{"amount_used": 0.0, "message": "No card.", "success": false}"#, Other, None, "No card."),
        ];
        for &(status, body, meaning, code, message) in rows {
            check(status, body, meaning, code, message);
        }
    }

    #[test]
    fn a_private_value_in_an_unknown_member_is_not_shown() {
        check(
            400,
            r#"{"errors": {"Error": {"password": "hunter2"}}}"#,
            ErrorResponseKind::Conflict,
            None,
            "Error",
        );
    }

    #[test]
    fn a_success_is_never_mistaken_for_an_error_response() {
        let rows = [
            (&POST, r#"{"success": true}"#),
            (&POST, r#"{"uuid": "x", "errors": []}"#),
            (&POST, r#"{"errors": null}"#),
            (&POST, r#"{"errors": {}, "uuid": "x"}"#),
            (&POST, r#"{"message": "created"}"#),
            (&POST, r#"{"amount_left": 8.0, "amount_used": 2.0, "success": false}"#),
            (&POST, "true"),
            (&POST, "null"),
            (&POST, ""),
            (&GET, r#"{"success": false}"#),
            (&GET, r#"{"error_count": 3}"#),
            (&GET, r#"[{"errors": "in a row"}]"#),
        ];
        for (operation, body) in rows {
            for status in [200, 201, 202, 204] {
                assert!(read(operation, status, body).is_ok(), "{status} {body}");
            }
        }
    }

    #[test]
    fn a_malformed_body_that_looks_like_an_error_response_is_unreadable() {
        for body in [
            r#"{"errors": {"Error": "declined"}, "errors": null}"#,
            r#"{"errors": {"Error": "decl"#,
            r#"{"uuid": "x", "errors": {"Error": "\ud83d"}}"#,
            r#"{"uuid": "x", "success": "maybe"}"#,
        ] {
            assert_eq!(read(&POST, 200, body).unwrap_err().kind, ErrorResponseKind::Undecodable, "{body}");
        }
    }

    proptest! {
        #[test]
        fn every_body_with_an_error_status_yields_an_error_message(
            status in 400_u16..600, body in ".*|[\\[{\"]errors?[\":]*[\\[{\"]*.*",
        ) {
            prop_assert!(!read(&POST, status, &body).unwrap_err().message.is_empty());
        }

        #[test]
        fn a_list_with_a_success_status_is_never_an_error_response(rows in ".*") {
            let body = format!("[{rows}]");
            prop_assert!(read(&POST, 200, &body).is_ok());
        }
    }
}

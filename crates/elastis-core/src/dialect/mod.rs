//! Authorization and error responses of the Warren platform, which elastis.id is based on.

mod error_body;
mod sentences;
#[cfg(test)]
mod tests;

use http_core::client::ErrorResponseKind;
use http_core::client::{
    Dialect, Effect, ErrorResponse, Operation, Request, Response, Verdict, secret_header_value,
};
use http_core::http::header::{HeaderName, HeaderValue};
use http_core::http::{HeaderMap, StatusCode};
use http_core::wire::Bytes;
use http_core::{Error, SecretString};

use self::error_body::{Payment, error_response};

const API_KEY: HeaderName = HeaderName::from_static("apikey");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-warren-correlation-id");

/// First keys of a response that may be an error response.
const ERRORS: &[&str] =
    &["code", "detail", "error", "errors", "exception", "fault", "ok", "result", "status", "success"];

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
        request.set_header(API_KEY, self.api_key.clone());
        Ok(())
    }

    fn read(&self, operation: &Operation, response: &Response) -> Result<Bytes, ErrorResponse> {
        let (status, body) = (response.status(), response.body());
        let verdict = status.is_success().then(|| Verdict::of(body));
        if verdict == Some(Verdict::Silent) {
            return Ok(body.clone());
        }
        let payment = Payment::of(body);
        // If money was taken, the caller must see how much, even if the rest of the payment failed.
        if verdict.is_some() && payment == Payment::Amount {
            return Ok(body.clone());
        }
        if verdict == Some(Verdict::Doubtful) {
            return Err(ErrorResponse::undecodable(response));
        }
        let error_response = match error_response(operation, response) {
            Some(error_response) => advised(error_response, status),
            // For a read, `success: false` may be the answer.
            None if operation.effect() == Effect::Read => return Ok(body.clone()),
            None => {
                let reason = "the provider rejected the request (success: false) and gave no reason";
                ErrorResponse::unexplained(status, reason).with_kind(ErrorResponseKind::Conflict)
            }
        };
        Err(match payment {
            Payment::None => error_response,
            // No kind that is retried: another request could pay again.
            _ => error_response.with_kind(ErrorResponseKind::Other).with_outcome_unknown(true),
        })
    }

    /// Only the first key is examined, so that a long list is not parsed twice.
    fn presumes_success(&self, _: Effect, response: &Response) -> bool {
        let may_be_error = |key: &[u8]| ERRORS.iter().any(|name| key.eq_ignore_ascii_case(name.as_bytes()));
        !first_key(response.body()).is_some_and(may_be_error)
    }

    /// Inserts the slug after the first segment, the version: `/v1/{location}/user-resource/vm`.
    fn place_location(&self, request: &mut Request, location: &str) -> Result<(), Error> {
        request.insert_segment(1, "location", location)
    }

    fn identity(&self) -> Vec<u8> {
        self.api_key.as_bytes().to_vec()
    }

    fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        Some(headers.get(REQUEST_ID)?.to_str().ok()?.to_owned())
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

fn first_key(body: &[u8]) -> Option<&[u8]> {
    let text = body.trim_ascii_start().strip_prefix(b"{")?.trim_ascii_start().strip_prefix(b"\"")?;
    text.split(|&byte| byte == b'"').next()
}

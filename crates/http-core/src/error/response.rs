//! Error responses from providers.

use bytes::Bytes;

use crate::operation::Operation;
use crate::wire::response::Response;
use crate::wire::success::Verdict;
use crate::wire::words::{Words, words};

/// The kind of an error response, independent of the provider's choice of status and message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorResponseKind {
    /// The credentials are missing, wrong or expired.
    Unauthorized,
    /// The credentials are valid but do not allow the operation.
    Forbidden,
    /// The resource does not exist.
    NotFound,
    /// The URL itself does not exist: a wrong location or base URL, never a missing resource.
    UnknownUrl,
    /// An argument is missing or malformed.
    InvalidArgument,
    /// The resource's current state, or another resource, prevents the operation.
    Conflict,
    /// Too many requests. Only status 429 proves that this one was not processed; the wording of a message does not.
    RateLimited,
    /// The provider, or a proxy in front of it, is unavailable.
    Unavailable,
    /// The response redirects the client; redirects are not followed.
    Redirect,
    /// The response differs from the provider's documentation, so it may or may not report an error. The error is then
    /// of kind [`ErrorKind::Decode`](crate::ErrorKind::Decode) and has no response kind.
    Undecodable,
    /// Any other error.
    Other,
}

impl ErrorResponseKind {
    /// Returns the kind that an HTTP status implies if the response contains no further information.
    pub const fn from_status(status: u16) -> Self {
        match status {
            300..=399 => Self::Redirect,
            400 | 422 => Self::InvalidArgument,
            401 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 | 410 => Self::NotFound,
            405 => Self::UnknownUrl,
            409 | 423 => Self::Conflict,
            429 => Self::RateLimited,
            408 | 500..=599 => Self::Unavailable,
            _ => Self::Other,
        }
    }
}

/// An error reported by a provider, as its [`Dialect`](crate::client::Dialect) reads it from a response.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ErrorResponse {
    /// The provider's own error code, e.g. `904` or the name of a parameter.
    pub code: Option<String>,
    /// The message, in the provider's own words.
    pub message: String,
    /// The kind of the error.
    pub kind: ErrorResponseKind,
    /// Whether the operation may have been carried out in spite of the error.
    pub(crate) outcome_unknown: bool,
    /// Advice for the caller, which replaces the default advice for the kind.
    pub advice: Option<&'static str>,
    /// Whether the provider gave no explanation.
    pub(crate) is_unexplained: bool,
    /// Whether the body is not in the provider's format, so that a proxy in front of the provider may have sent it.
    pub(crate) is_unrecognized: bool,
    /// The body; the error shows an excerpt of it if nothing else explains the failure.
    pub(crate) body: Option<Bytes>,
}

impl ErrorResponse {
    /// Creates an error response of the kind that its status implies.
    pub fn new(status: http::StatusCode, message: impl Into<String>) -> Self {
        let kind = ErrorResponseKind::from_status(status.as_u16());
        Self {
            code: None,
            message: message.into(),
            kind,
            outcome_unknown: false,
            advice: None,
            is_unexplained: false,
            is_unrecognized: false,
            body: None,
        }
    }

    /// Creates an error response from the message that is found in the usual fields of the body. If there is none, the
    /// error shows the status and a safe excerpt. A body that does not report an error at all, such as a web page, is
    /// [unrecognized](Self::unrecognized).
    pub fn from_response(response: &Response) -> Self {
        let status = response.status();
        if let Some(Words { message, code }) = words(response.body()) {
            return Self { code, ..Self::new(status, message) };
        }
        let reason = status.canonical_reason().unwrap_or("an unknown status");
        let error = match Verdict::of(response.body()) {
            Verdict::Refused => Self::unexplained(status, reason),
            Verdict::Silent | Verdict::Doubtful => Self::unrecognized(status, reason),
        };
        error.with_excerpt(response)
    }

    /// Creates an error response for a body that the provider does not send with errors: an empty body, a web page or
    /// plain text. A proxy may have sent it, so the body does not show what the provider did. The outcome of a mutating
    /// call is then unknown, unless the status is 401 or 429: a request with one of these statuses is rejected before
    /// it is processed.
    pub fn unrecognized(status: http::StatusCode, message: impl Into<String>) -> Self {
        Self { is_unrecognized: true, ..Self::unexplained(status, message) }
    }

    /// Creates an error response without a message from the provider. The error shows what the operation
    /// [requires](crate::client::Operation::requires), or the default advice for the kind.
    ///
    /// A 404 without a message may come from a proxy in front of the provider and does not prove that a resource does
    /// not exist, so its kind is [`UnknownUrl`](ErrorResponseKind::UnknownUrl).
    pub fn unexplained(status: http::StatusCode, message: impl Into<String>) -> Self {
        let mut error = Self { is_unexplained: true, ..Self::new(status, message) };
        if error.kind == ErrorResponseKind::NotFound {
            error.kind = ErrorResponseKind::UnknownUrl;
        }
        error
    }

    /// Creates a decode error for a response that looks like an error response but cannot be decoded as one.
    pub fn undecodable(response: &Response) -> Self {
        let unclear = "the response looks like an error response that cannot be decoded";
        let message = match words(response.body()) {
            Some(Words { message, .. }) => format!("{message}: {unclear}"),
            None => unclear.to_owned(),
        };
        Self::new(response.status(), message).with_kind(ErrorResponseKind::Undecodable).with_excerpt(response)
    }

    /// Appends a safe excerpt of the response's body to the message.
    pub fn with_excerpt(mut self, response: &Response) -> Self {
        self.body = Some(response.body().clone());
        self
    }

    /// Adds advice for the caller to the end of the error's message.
    pub fn with_advice(mut self, advice: &'static str) -> Self {
        self.advice = Some(advice);
        self
    }

    /// Returns the advice for the caller, if there is any.
    pub(crate) fn advice_for(&self, operation: &Operation) -> Option<&'static str> {
        if self.advice.is_some() || !self.is_unexplained {
            return self.advice;
        }
        match self.kind {
            ErrorResponseKind::InvalidArgument => {
                Some(operation.requirement().unwrap_or("check the arguments"))
            }
            ErrorResponseKind::Conflict | ErrorResponseKind::Other => Some(
                operation.requirement().unwrap_or("check the state of the resource before the next attempt"),
            ),
            ErrorResponseKind::Unauthorized => Some("check the credentials"),
            ErrorResponseKind::Forbidden => Some("check which operations the credentials allow"),
            ErrorResponseKind::NotFound => Some("check the id"),
            // Anything in the body comes from a proxy, which knows nothing about the operation.
            ErrorResponseKind::Unavailable if self.body.as_ref().is_none_or(Bytes::is_empty) => {
                operation.requirement()
            }
            _ => None,
        }
    }

    /// Sets the provider's own error code.
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Sets whether the operation may have been carried out in spite of the error, e.g. because the response contains
    /// the id of a created resource. Such a response never proves that nothing happened, whatever its status is.
    pub fn with_outcome_unknown(mut self, unknown: bool) -> Self {
        self.outcome_unknown = unknown;
        self
    }

    /// Sets the kind.
    pub fn with_kind(mut self, kind: ErrorResponseKind) -> Self {
        self.kind = kind;
        self
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    #[test]
    fn the_kind_of_an_error_response_follows_from_its_status() {
        use ErrorResponseKind as Kind;

        for (statuses, kind) in [
            (&[300, 301, 399][..], Kind::Redirect),
            (&[400, 422], Kind::InvalidArgument),
            (&[401], Kind::Unauthorized),
            (&[403], Kind::Forbidden),
            (&[404, 410], Kind::NotFound),
            (&[405], Kind::UnknownUrl),
            (&[409, 423], Kind::Conflict),
            (&[429], Kind::RateLimited),
            (&[408, 500, 503, 599], Kind::Unavailable),
            (&[200, 299, 402, 418, 451, 600], Kind::Other),
        ] {
            for status in statuses {
                assert_eq!(Kind::from_status(*status), kind, "{status}");
            }
        }
    }

    #[test]
    fn a_body_without_an_error_is_unrecognized_and_one_without_words_is_unexplained() {
        for (body, code, is_unexplained, is_unrecognized) in [
            (r#"{"message": "no", "code": "E17"}"#, Some("E17"), false, false),
            (r#"{"success": false}"#, None, true, false),
            ("<html></html>", None, true, true),
            ("", None, true, true),
        ] {
            let mut response = Response::new(Bytes::from(body));
            *response.status_mut() = StatusCode::CONFLICT;
            let error = ErrorResponse::from_response(&response);
            assert_eq!(
                (error.code.as_deref(), error.is_unexplained, error.is_unrecognized),
                (code, is_unexplained, is_unrecognized),
                "{body}"
            );
        }
    }

    #[test]
    fn advice_comes_from_the_response_or_if_it_has_no_message_from_the_operation() {
        const STOP: Operation = Operation::post("thing.stop", "/stop").requires("the thing must run");
        const START: Operation = Operation::post("thing.start", "/start");
        for (status, stop, start) in [
            (StatusCode::BAD_REQUEST, "the thing must run", "check the arguments"),
            (
                StatusCode::CONFLICT,
                "the thing must run",
                "check the state of the resource before the next attempt",
            ),
            (StatusCode::UNAUTHORIZED, "check the credentials", "check the credentials"),
        ] {
            let explained = ErrorResponse::new(status, "no");
            assert_eq!(explained.advice_for(&STOP), None, "{status}");
            assert_eq!(explained.with_advice("wait").advice_for(&STOP), Some("wait"), "{status}");
            let unexplained = ErrorResponse::unexplained(status, "no");
            assert_eq!(unexplained.advice_for(&STOP), Some(stop), "{status}");
            assert_eq!(unexplained.advice_for(&START), Some(start), "{status}");
            assert_eq!(unexplained.with_advice("wait").advice_for(&STOP), Some("wait"), "{status}");
        }
        let missing = ErrorResponse::unexplained(StatusCode::OK, "no").with_kind(ErrorResponseKind::NotFound);
        assert_eq!(missing.advice_for(&STOP), Some("check the id"));
        let failed = |body: &'static str| {
            let mut response = Response::new(Bytes::from_static(body.as_bytes()));
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            ErrorResponse::from_response(&response)
        };
        assert_eq!(failed("").advice_for(&STOP), Some("the thing must run"));
        assert_eq!(failed("").advice_for(&START), None);
        assert_eq!(failed("<html></html>").advice_for(&STOP), None);
    }
}

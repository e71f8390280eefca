//! Responses in which a provider reports an error.

use bytes::Bytes;

use crate::operation::Operation;
use crate::wire::response::Response;
use crate::wire::success::Verdict;
use crate::wire::words::{Words, words};

/// The kind of an error response, whatever status and words the provider chose for it.
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
    UnknownRoute,
    /// An argument is missing or malformed.
    InvalidArgument,
    /// The resource's current state, or another resource, prevents the operation.
    Conflict,
    /// Too many requests. Only status 429 proves that this one was not processed; words do not.
    RateLimited,
    /// The provider, or a proxy in front of it, is unavailable.
    Unavailable,
    /// The response redirects the client; redirects are not followed.
    Redirect,
    /// The response is not what the provider documents, so it may or may not report an error. The error is then
    /// of [`ErrorKind::Decode`](crate::ErrorKind::Decode) and has no response kind.
    Unreadable,
    /// Any other error.
    Other,
}

impl ErrorResponseKind {
    /// Returns the kind that an HTTP status implies where the provider does not say more.
    pub const fn from_status(status: u16) -> Self {
        match status {
            300..=399 => Self::Redirect,
            400 | 422 => Self::InvalidArgument,
            401 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 | 410 => Self::NotFound,
            405 => Self::UnknownRoute,
            409 | 423 => Self::Conflict,
            429 => Self::RateLimited,
            408 | 500..=599 => Self::Unavailable,
            _ => Self::Other,
        }
    }
}

/// An error that a provider reports, as its [`Dialect`](crate::client::Dialect) reads it from a response.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ErrorResponse {
    /// The provider's own code, e.g. `904` or the parameter's name.
    pub code: Option<String>,
    /// The provider's own words.
    pub message: String,
    /// The kind of the error.
    pub kind: ErrorResponseKind,
    /// Whether the operation may have been carried out nevertheless.
    pub(crate) outcome_unknown: bool,
    /// The advice to the caller, in place of what the kind suggests.
    pub advice: Option<&'static str>,
    /// Whether the provider gave no explanation.
    pub(crate) is_unexplained: bool,
    /// Whether the body is not in the provider's form, so that something in front of the provider may have sent it.
    pub(crate) is_unrecognized: bool,
    /// The body, of which an excerpt is shown where nothing else explains the error.
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

    /// Creates an error response of the words that are found in the usual places of the body; where there are none, it
    /// shows the status and a safe excerpt. A body that does not even report an error, such as a web page, is
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

    /// Creates an error response whose body is not one that the provider sends: empty, a web page, text. A proxy may
    /// have sent it, which says nothing about what the provider did: the outcome of a call that changes something is
    /// unknown, unless the status is 401 or 429, which are decided before a request is processed.
    pub fn unrecognized(status: http::StatusCode, message: impl Into<String>) -> Self {
        Self { is_unrecognized: true, ..Self::unexplained(status, message) }
    }

    /// Creates an error response in which the provider gave no words: the error says what the operation
    /// [requires](crate::client::Operation::requires), or what its kind suggests.
    ///
    /// Without words, a 404 may come from something in front of the provider, so it does not prove that a resource does
    /// not exist: its kind is [`UnknownRoute`](ErrorResponseKind::UnknownRoute).
    pub fn unexplained(status: http::StatusCode, message: impl Into<String>) -> Self {
        let mut error = Self { is_unexplained: true, ..Self::new(status, message) };
        if error.kind == ErrorResponseKind::NotFound {
            error.kind = ErrorResponseKind::UnknownRoute;
        }
        error
    }

    /// Creates the result for a response that looks like an error response and cannot be read as one: a decode error.
    pub fn doubtful(response: &Response) -> Self {
        let message = "the response looks like an error response that cannot be decoded";
        Self::new(response.status(), message).with_kind(ErrorResponseKind::Unreadable).with_excerpt(response)
    }

    /// Appends a safe excerpt of the response's body to the message.
    pub fn with_excerpt(mut self, response: &Response) -> Self {
        self.body = Some(response.body().clone());
        self
    }

    /// Adds the advice to the caller, at the end of the error's message.
    pub fn with_advice(mut self, advice: &'static str) -> Self {
        self.advice = Some(advice);
        self
    }

    /// Returns the advice to the caller, if there is any.
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
            ErrorResponseKind::Forbidden => Some("check what the credentials allow"),
            ErrorResponseKind::NotFound => Some("check the id"),
            _ => None,
        }
    }

    /// Sets the provider's own code.
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Sets whether the operation may have been carried out nevertheless, e.g. because the response contains the id
    /// of a created resource. Such a response never proves that nothing happened, whatever its status.
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

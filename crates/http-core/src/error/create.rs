//! Constructors of errors, and methods that add context to them. They are `#[cold]`, so that the code of calls that
//! succeed is not interspersed with that of errors.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::error::excerpt::{self, Describe, Secrets};
use crate::error::response::{ErrorResponse, ErrorResponseKind};
use crate::error::ticket::{Candidate, Lost, Ticket};
use crate::error::{Earlier, Error, ErrorKind, Inner, Source};
use crate::operation::{Effect, Operation};
use crate::wire::peek::peek;

impl Error {
    /// For provider crates: creates an error of this kind.
    #[cold]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::of_response(kind, excerpt::one_line(&message.into()))
    }

    /// Creates an error whose message quotes a response. [`redact`](Self::redact) must sanitize it: in one line, some
    /// encodings of secrets cannot be found any more.
    #[cold]
    pub(crate) fn of_response(kind: ErrorKind, message: impl Into<String>) -> Self {
        let unsent =
            matches!(kind, ErrorKind::Configuration | ErrorKind::InvalidArgument | ErrorKind::Connect);
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            advice: None,
            operation: None,
            status: None,
            code: None,
            response_kind: None,
            is_unexplained: false,
            is_unrecognized: false,
            request_id: None,
            attempts: 0,
            unsent,
            lasting: false,
            outcome_unknown: false,
            earlier: Earlier::default(),
            retry_after: None,
            body: None,
            created_id: None,
            lost: None,
            source: None,
        }))
    }

    /// For provider crates: creates an error for a client that cannot be built or used this way.
    #[cold]
    pub fn configuration(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    /// For provider crates: creates an error for an argument that cannot be sent.
    #[cold]
    pub fn invalid_argument(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidArgument, message)
    }

    /// For provider crates: creates an error for a list that does not contain the requested resource. One such list
    /// does not end a [`Wait`](crate::Wait): the list may be empty or incomplete by mistake.
    #[cold]
    pub fn not_found(message: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorKind::ErrorResponse, message);
        error.0.response_kind = Some(ErrorResponseKind::NotFound);
        error.0.is_unexplained = true;
        error
    }

    /// For provider crates: creates an error for a call that conflicts with existing resources, or with the state of its
    /// resource.
    #[cold]
    pub fn conflict(message: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorKind::ErrorResponse, message);
        error.0.response_kind = Some(ErrorResponseKind::Conflict);
        error
    }

    /// Creates an error for a long response whose decoding was stopped at the deadline.
    #[cold]
    pub(crate) fn too_late() -> Self {
        Self::new(ErrorKind::Timeout, "timed out while decoding the response; raise the call's timeout")
    }

    #[cold]
    pub(crate) fn from_response(response: ErrorResponse, status: u16) -> Self {
        let unreadable = response.kind == ErrorResponseKind::Undecodable;
        let kind = if unreadable { ErrorKind::Decode } else { ErrorKind::ErrorResponse };
        let mut error = Self::of_response(kind, response.message);
        error.0.code = response.code;
        error.0.body = response.body;
        error.0.response_kind = (!unreadable).then_some(response.kind);
        error.0.is_unexplained = response.is_unexplained;
        error.0.is_unrecognized = response.is_unrecognized;
        error.0.status = Some(status);
        error.0.outcome_unknown = response.outcome_unknown;
        error
    }

    /// For provider crates: adds advice for the caller.
    #[cold]
    pub fn with_advice(mut self, advice: impl Into<String>) -> Self {
        let advice = advice.into();
        self.0.advice = Some(match self.0.advice.take() {
            Some(earlier) => format!("{earlier}; {advice}"),
            None => advice,
        });
        self
    }

    #[cold]
    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    /// Replaces the response kind, and removes the advice, which was meant for the previous kind.
    #[cold]
    pub(crate) fn with_response_kind(mut self, kind: ErrorResponseKind) -> Self {
        self.0.response_kind = Some(kind);
        self.0.advice = None;
        self
    }

    #[cold]
    pub(crate) fn with_operation(mut self, operation: &'static str) -> Self {
        self.0.operation.get_or_insert(operation);
        self
    }

    #[cold]
    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    #[cold]
    pub(crate) fn with_request_id(mut self, id: Option<String>) -> Self {
        self.0.request_id = id;
        self
    }

    #[cold]
    pub(crate) fn with_retry_after(mut self, after: Option<Duration>) -> Self {
        self.0.retry_after = after;
        self
    }

    #[cold]
    pub(crate) fn with_source(mut self, source: Source) -> Self {
        self.0.source = Some(source);
        self
    }

    /// Declares that no part of this call was sent, even if another request, such as a sign-in, was sent on its behalf.
    #[cold]
    pub(crate) fn unsent(mut self) -> Self {
        self.0.unsent = true;
        self.0.earlier = Earlier::default();
        self
    }

    /// Declares that the connection failed and that the server reported the request as unprocessed.
    #[cold]
    pub(crate) fn unprocessed(self) -> Self {
        self.unsent()
    }

    /// Declares that another attempt would fail in the same way.
    #[cold]
    pub(crate) fn lasting(mut self) -> Self {
        self.0.lasting = true;
        self
    }

    /// Returns whether the connection failed for a reason that may be temporary.
    pub(crate) fn is_passing_connect_failure(&self) -> bool {
        self.kind() == ErrorKind::Connect && !self.0.lasting
    }

    /// Returns whether the connection failed and the server reported the request as unprocessed.
    pub(crate) fn is_unprocessed(&self) -> bool {
        self.kind() == ErrorKind::Transport && self.0.unsent
    }

    /// Records the outcome of the earlier attempts of the same call: a stop may be rejected with "not running" because
    /// its first attempt succeeded.
    #[cold]
    pub(crate) fn after(mut self, earlier: Earlier, effect: Effect) -> Self {
        self.0.earlier = earlier;
        self.0.outcome_unknown |= earlier.lost && effect != Effect::Read;
        self
    }

    /// Records that an earlier request was sent.
    #[cold]
    pub(crate) fn with_earlier_sent(mut self) -> Self {
        self.0.earlier.sent = true;
        self
    }

    /// Returns whether the failed attempt sent no request.
    pub(crate) fn is_before_request(&self) -> bool {
        self.0.unsent && matches!(self.kind(), ErrorKind::Timeout | ErrorKind::InvalidArgument)
    }

    pub(crate) fn is_after_lost_attempt(&self) -> bool {
        self.0.earlier.lost
    }

    #[cold]
    pub(crate) fn with_outcome_unknown(mut self, unknown: bool) -> Self {
        self.0.outcome_unknown = unknown;
        self
    }

    #[cold]
    pub(crate) fn with_created_id(mut self, id: Option<String>) -> Self {
        self.0.created_id = id.or(self.0.created_id);
        self
    }

    #[cold]
    pub(crate) fn with_lost(mut self, candidates: Vec<Candidate>, ticket: Option<Ticket>) -> Self {
        self.0.lost = Some(Arc::new(Lost { candidates, ticket }));
        self
    }

    /// Adds the id of the created resource if the body contains it, even if the rest of the body is invalid.
    #[cold]
    pub(crate) fn find_created_id(self, operation: &Operation, body: &[u8]) -> Self {
        let id = operation.id_key().and_then(|key| peek(body, key));
        self.with_created_id(id)
    }

    /// Returns whether a later request may get a different response: the failure may be temporary, or the response may
    /// not come from the provider.
    pub(crate) fn may_pass(&self) -> bool {
        let is_unclear = matches!(self.kind(), ErrorKind::Decode | ErrorKind::Challenge);
        self.is_retryable() || is_unclear || self.0.is_unexplained
    }

    /// Returns the body that cannot be decoded.
    pub(crate) fn body(&self) -> Option<&Bytes> {
        self.0.body.as_ref()
    }

    /// Returns whether a row of the list could not be decoded.
    pub(crate) fn is_in_row(&self) -> bool {
        matches!(&self.0.source, Some(Source::Decode(error)) if error.path.starts_with('['))
    }

    /// Returns whether the response is `null`, `false` or an empty text where a list is expected.
    pub(crate) fn is_null_list(&self) -> bool {
        matches!(&self.0.source, Some(Source::Decode(error)) if error.is_null_list())
    }

    #[cold]
    pub(crate) fn with_body(mut self, body: Bytes) -> Self {
        self.0.body = Some(body);
        self
    }

    /// Removes the id of the created resource if it is not one: if it contains a secret, a control character or too much
    /// text.
    #[cold]
    pub(crate) fn without_secret_id(mut self, secrets: &Secrets) -> Self {
        self.0.created_id = self.0.created_id.filter(|id| excerpt::is_clean(id, secrets));
        self
    }

    /// Redacts the secrets in all text that came from outside, and limits its length.
    #[cold]
    pub(crate) fn redact(mut self, secrets: &Secrets, describe: &Describe<'_>) -> Self {
        let sanitize = |text: &mut String| *text = excerpt::sanitize(text, secrets);
        sanitize(&mut self.0.message);
        self.0.code.iter_mut().for_each(sanitize);
        self.0.advice.iter_mut().for_each(sanitize);
        self.0.request_id.iter_mut().for_each(sanitize);
        self = self.without_secret_id(secrets);
        self.0.source = self.0.source.take().map(|source| source.redact(secrets, describe));
        if let Some(body) = self.0.body.take() {
            let excerpt = excerpt::excerpt(&body, secrets, describe);
            self.0.message = format!("{}: {excerpt}", self.0.message);
        }
        self
    }
}

//! The facts of an error, and predicates that mean the same whatever status and shape the provider chose.

use std::time::Duration;

use crate::error::response::ErrorResponseKind;
use crate::error::ticket::{Candidate, Ticket};
use crate::error::{Error, ErrorKind};

impl Error {
    /// Returns the id of the created resource, if it could be read from a response that cannot be decoded otherwise.
    pub fn created_id(&self) -> Option<&str> {
        self.0.created_id.as_deref()
    }

    /// Returns the resources that may be the result of a create whose outcome is unknown, the best match first; see
    /// [`Recover`](crate::recovery::Recover).
    pub fn candidates(&self) -> &[Candidate] {
        self.0.lost.as_ref().map_or(&[], |lost| &lost.candidates)
    }

    /// Returns the ticket that finds the result of a create later, if [`Recover`](crate::recovery::Recover) did not.
    pub fn ticket(&self) -> Option<&Ticket> {
        self.0.lost.as_ref().and_then(|lost| lost.ticket.as_ref())
    }

    /// Returns the kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the innermost cause in words, in the provider's own where it gave any.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the name of the operation that failed, e.g. `vm.stop`.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// Returns the HTTP status of the response, if there was one.
    pub fn status(&self) -> Option<http::StatusCode> {
        self.0.status.and_then(|status| http::StatusCode::from_u16(status).ok())
    }

    /// Returns the provider's own error code, e.g. `904`.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// Returns the kind of the error response; `None` if the error is not an error response.
    pub fn response_kind(&self) -> Option<ErrorResponseKind> {
        self.0.response_kind
    }

    /// Returns the provider's id of this request, for its support.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Returns the number of attempts; 0 if the call failed before the first one.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns how long the provider asked to wait before the next attempt.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns whether the resource does not exist. Usual causes: a wrong id, a wrong location, or the resource was
    /// deleted. An address that does not exist at all is [`is_unknown_route`](Self::is_unknown_route) instead.
    pub fn is_not_found(&self) -> bool {
        self.0.response_kind == Some(ErrorResponseKind::NotFound)
    }

    /// Returns whether the address does not exist. Usual causes: a location slug that the provider does not have, a
    /// base URL with a wrong path, or an operation that this brand of the platform does not offer.
    pub fn is_unknown_route(&self) -> bool {
        self.0.response_kind == Some(ErrorResponseKind::UnknownRoute)
    }

    /// Returns whether the credentials are missing, wrong or expired. Check the key, and whether this computer's
    /// address is on the provider's whitelist where it keeps one.
    pub fn is_unauthorized(&self) -> bool {
        self.0.response_kind == Some(ErrorResponseKind::Unauthorized)
    }

    /// Returns whether the credentials are valid, but not for this resource. Usual causes: a token restricted to one
    /// billing account, or a resource of another user.
    pub fn is_forbidden(&self) -> bool {
        self.0.response_kind == Some(ErrorResponseKind::Forbidden)
    }

    /// Returns whether the state of things prevents the operation: the resource is busy or in another state, or the
    /// name is taken. Read the resource, then decide.
    pub fn is_conflict(&self) -> bool {
        self.0.response_kind == Some(ErrorResponseKind::Conflict)
    }

    /// Returns whether the provider asked for fewer requests. Lower the concurrency, or wait
    /// [`retry_after`](Self::retry_after).
    ///
    /// Only under status 429 is it certain that this request was not processed; see
    /// [`may_have_been_sent`](Self::may_have_been_sent).
    pub fn is_rate_limited(&self) -> bool {
        self.0.response_kind == Some(ErrorResponseKind::RateLimited)
    }

    /// Returns whether this library or the provider rejected an argument. The message names it.
    pub fn is_invalid_argument(&self) -> bool {
        self.kind() == ErrorKind::InvalidArgument
            || self.0.response_kind == Some(ErrorResponseKind::InvalidArgument)
    }

    /// Returns whether the deadline passed. Raise it with `.timeout(..)`, or the limit of each attempt with the
    /// client's `read_timeout`; for a call that changes something see [`is_outcome_unknown`](Self::is_outcome_unknown)
    /// first.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// Returns whether a challenge page for browsers came in place of the provider's response. Ask the provider to
    /// allow this computer's address.
    ///
    /// The page may have replaced what the provider answered, so that the outcome of a call that changes something [is
    /// unknown](Self::is_outcome_unknown), under any status. Only the header `cf-mitigated: challenge` proves that the
    /// request did not reach the provider.
    pub fn is_challenge(&self) -> bool {
        self.kind() == ErrorKind::Challenge
    }

    /// Returns whether the same call may succeed later: the failure lies in the network, in the provider's health or in
    /// the rate of requests. Whether repeating it is *safe* is another question: see
    /// [`is_outcome_unknown`](Self::is_outcome_unknown).
    pub fn is_retryable(&self) -> bool {
        match self.kind() {
            ErrorKind::Connect => !self.0.lasting,
            ErrorKind::Timeout | ErrorKind::Transport => true,
            ErrorKind::ErrorResponse => {
                matches!(
                    self.0.response_kind,
                    Some(ErrorResponseKind::RateLimited | ErrorResponseKind::Unavailable)
                )
            }
            _ => false,
        }
    }

    /// Returns whether the request may have reached the provider. `false` is a promise: nothing of it left this
    /// computer, or the provider rejected it unprocessed with status 429.
    pub fn may_have_been_sent(&self) -> bool {
        self.0.earlier.sent || self.may_last_have_been_sent()
    }

    /// Returns whether the request of the last attempt may have reached the provider.
    pub(crate) fn may_last_have_been_sent(&self) -> bool {
        self.0.outcome_unknown || (!self.0.unsent && !self.is_refused_unprocessed())
    }

    /// Returns whether the provider counted the request and did not process it. Only the status proves that, never
    /// words.
    pub(crate) fn is_refused_unprocessed(&self) -> bool {
        self.kind() == ErrorKind::ErrorResponse && self.0.status == Some(429) && !self.0.outcome_unknown
    }

    /// Returns whether the response may come from something in front of the provider, after the provider has processed
    /// the request. Without valid credentials, and beyond its rate, no request is processed, whoever says so.
    pub(crate) fn is_no_answer(&self) -> bool {
        self.0.is_unrecognized && !matches!(self.0.status, Some(401 | 429))
    }

    /// Returns whether the operation may or may not have happened: the request was sent and changes something, and no
    /// response of the provider's says what happened. A web page or an empty body says nothing, under any status. Look at the provider's state before sending it again; the message says where, if
    /// the client knows.
    ///
    /// It is also true if the operation happened and its result was not found: see
    /// [`Recover`](crate::recovery::Recover).
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.outcome_unknown
    }
}

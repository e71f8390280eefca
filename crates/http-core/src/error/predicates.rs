//! Accessors of an error, and predicates that have the same meaning for every provider, status and response format.

use std::time::Duration;

use crate::error::response::ErrorResponseKind;
use crate::error::ticket::{Candidate, Ticket};
use crate::error::{Error, ErrorKind};

impl Error {
    /// Returns the id of the created resource, if the response contained the id but could not be decoded as a whole.
    pub fn created_id(&self) -> Option<&str> {
        self.0.created_id.as_deref()
    }

    /// Returns the resources that may be the result of a create whose outcome is unknown, the best match first; see
    /// [`Recover`](crate::recovery::Recover).
    pub fn candidates(&self) -> &[Candidate] {
        self.0.lost.as_ref().map_or(&[], |lost| &lost.candidates)
    }

    /// Returns the ticket for finding the result of a create later, if [`Recover`](crate::recovery::Recover) did not
    /// find it.
    pub fn ticket(&self) -> Option<&Ticket> {
        self.0.lost.as_ref().and_then(|lost| lost.ticket.as_ref())
    }

    /// Returns the kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the message of the root cause, in the provider's own words if there are any.
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

    /// Returns the provider's id for this request. The provider's support may ask for it.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Returns the number of attempts; 0 if the call failed before the first one.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns how long the provider asked the client to wait before the next attempt, at most a day.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns whether the resource does not exist. Usual causes: a wrong id, a wrong location, or a resource that was
    /// deleted. If the URL itself does not exist, [`is_unknown_url`](Self::is_unknown_url) is `true` instead.
    pub fn is_not_found(&self) -> bool {
        self.0.response_kind == Some(ErrorResponseKind::NotFound)
    }

    /// Returns whether the URL does not exist. Usual causes: an unknown location slug, a base URL with a wrong path, or
    /// an operation that this brand of the platform does not offer.
    pub fn is_unknown_url(&self) -> bool {
        self.0.response_kind == Some(ErrorResponseKind::UnknownUrl)
    }

    /// Returns whether the credentials are missing, wrong or expired. Check the key and, if the provider uses an IP
    /// whitelist, that this computer's address is on it.
    pub fn is_unauthorized(&self) -> bool {
        self.0.response_kind == Some(ErrorResponseKind::Unauthorized)
    }

    /// Returns whether the credentials are valid but do not allow this operation on this resource. Usual causes: a
    /// token restricted to one billing account, or a resource of another user.
    pub fn is_forbidden(&self) -> bool {
        self.0.response_kind == Some(ErrorResponseKind::Forbidden)
    }

    /// Returns whether the current state prevents the operation: the resource is busy or in another state, or the name
    /// is taken. Read the resource, then decide what to do.
    pub fn is_conflict(&self) -> bool {
        self.0.response_kind == Some(ErrorResponseKind::Conflict)
    }

    /// Returns whether the provider asked for fewer requests. Lower the concurrency, or wait for the time that
    /// [`retry_after`](Self::retry_after) returns.
    ///
    /// Only status 429 proves that this request was not processed; see
    /// [`may_have_been_sent`](Self::may_have_been_sent).
    pub fn is_rate_limited(&self) -> bool {
        self.0.response_kind == Some(ErrorResponseKind::RateLimited)
    }

    /// Returns whether this library or the provider rejected an argument. The message names it.
    pub fn is_invalid_argument(&self) -> bool {
        self.kind() == ErrorKind::InvalidArgument
            || self.0.response_kind == Some(ErrorResponseKind::InvalidArgument)
    }

    /// Returns whether the call timed out. Raise its timeout with `.timeout(..)`, or that of each attempt with the
    /// client's `read_timeout`. After a mutating call, check [`is_outcome_unknown`](Self::is_outcome_unknown) first.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// Returns whether a challenge page for browsers was returned instead of the provider's response. Ask the provider
    /// to allow this computer's IP address.
    ///
    /// The page may have replaced the provider's own response, so the outcome of a mutating call [is
    /// unknown](Self::is_outcome_unknown), whatever the status. Only the header `cf-mitigated: challenge` of an error
    /// response proves that the request did not reach the provider.
    pub fn is_challenge(&self) -> bool {
        self.kind() == ErrorKind::Challenge
    }

    /// Returns whether the same call may succeed later: the cause is the network, an outage of the provider, or too
    /// many requests. Whether it is *safe* to repeat the call is a separate question; see
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

    /// Returns whether the request may have reached the provider. `false` is a guarantee: no part of the request left
    /// this computer, or the request was provably not processed, e.g. because the provider rejected it with status 429.
    pub fn may_have_been_sent(&self) -> bool {
        self.0.earlier.sent || self.may_last_have_been_sent()
    }

    /// Returns whether the request of the last attempt may have reached the provider.
    pub(crate) fn may_last_have_been_sent(&self) -> bool {
        self.0.outcome_unknown || (!self.0.unsent && !self.is_refused_unprocessed())
    }

    /// Returns whether the provider rejected the request without processing it. Only the status proves this, never the
    /// message.
    pub(crate) fn is_refused_unprocessed(&self) -> bool {
        self.kind() == ErrorKind::ErrorResponse && self.0.status == Some(429) && !self.0.outcome_unknown
    }

    /// Returns whether the response is not in the provider's format.
    pub(crate) fn is_unrecognized(&self) -> bool {
        self.0.is_unrecognized
    }

    /// For provider crates: returns whether the response may come from a proxy that sent it after the provider had
    /// processed the request. A request with invalid credentials or above the rate limit is never processed, whoever
    /// rejects it.
    pub fn may_come_from_proxy(&self) -> bool {
        self.0.is_unrecognized && !matches!(self.0.status, Some(401 | 429))
    }

    /// Returns whether the outcome of the operation is unknown: a mutating request was sent, and no response from the
    /// provider confirmed or rejected it. A web page or an empty body does neither, whatever the status. Check the
    /// state of the resource before you send the request again; the message says where, if known.
    ///
    /// This is also `true` if the operation happened but its result was not found; see
    /// [`Recover`](crate::recovery::Recover).
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.outcome_unknown
    }
}

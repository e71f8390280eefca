//! The one error of all clients.

pub(crate) mod cause;
pub(crate) mod excerpt;
pub(crate) mod response;
pub(crate) mod ticket;

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::error::cause::Cause;
use crate::error::excerpt::Describe;
use crate::error::response::{ErrorResponse, ErrorResponseKind};
use crate::error::ticket::{Candidate, Lost, Ticket};
use crate::operation::Effect;
use crate::wire::decode::DecodeError;
use crate::wire::invalid_value::InvalidValue;
use crate::wire::peek::peek;

/// What went wrong, in the coarsest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client cannot be built, or cannot be used this way.
    Configuration,
    /// An argument cannot be sent; nothing was.
    InvalidArgument,
    /// No connection could be opened; nothing was sent.
    Connect,
    /// The call's deadline passed.
    Timeout,
    /// The connection failed after the request may have been sent.
    Transport,
    /// The provider answered, and said no.
    ErrorResponse,
    /// The provider answered with something that is not what it documents.
    Decode,
    /// A challenge page for browsers stands between this client and the provider.
    Challenge,
    /// A wait ended without the state that was waited for.
    Wait,
    /// A create's outcome is unknown, and its result was not found with the certainty that was asked for.
    Unrecovered,
}

impl ErrorKind {
    /// The kind as the value of the span field `error.type`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::InvalidArgument => "invalid_argument",
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Transport => "transport",
            Self::ErrorResponse => "error_response",
            Self::Decode => "decode",
            Self::Challenge => "challenge",
            Self::Wait => "wait",
            Self::Unrecovered => "unrecovered",
        }
    }
}

/// Why a call failed.
///
/// Ask it with the predicates ([`is_not_found`](Self::is_not_found), [`is_retryable`](Self::is_retryable), …)
/// rather than by its text. `Display` starts with the innermost cause: the provider's own words where there
/// are any. No secret is ever part of it.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts about one failure")]
struct Inner {
    kind: ErrorKind,
    message: String,
    advice: Option<String>,
    operation: Option<&'static str>,
    status: Option<u16>,
    code: Option<String>,
    response_kind: Option<ErrorResponseKind>,
    request_id: Option<String>,
    attempts: u32,
    unsent: bool,
    /// Another attempt would fail in the same way.
    lasting: bool,
    outcome_unknown: bool,
    /// An earlier attempt was sent and its response was lost.
    earlier_lost: bool,
    retry_after: Option<Duration>,
    /// A body that cannot be decoded. Its excerpt needs the secrets that must not be in it.
    body: Option<Bytes>,
    created_id: Option<String>,
    lost: Option<Arc<Lost>>,
    source: Option<Source>,
}

/// What lies behind an error. All of it is sanitized as the error itself is.
#[derive(Clone)]
pub(crate) enum Source {
    Decode(DecodeError),
    Foreign(Cause),
    Call(Error),
}

impl Source {
    fn as_error(&self) -> &(dyn StdError + 'static) {
        match self {
            Self::Decode(error) => error,
            Self::Foreign(cause) => cause,
            Self::Call(error) => error,
        }
    }

    fn redact(self, secrets: &[&str], describe: &Describe<'_>) -> Self {
        match self {
            Self::Decode(error) => Self::Decode(error.sanitize(|text| excerpt::sanitize(text, secrets))),
            Self::Foreign(cause) => Self::Foreign(cause.redact(secrets)),
            Self::Call(error) => Self::Call(error.redact(secrets, describe)),
        }
    }
}

impl Error {
    /// An error of this kind. Meant for provider crates; callers receive errors, they do not create them.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let unsent =
            matches!(kind, ErrorKind::Configuration | ErrorKind::InvalidArgument | ErrorKind::Connect);
        Self(Box::new(Inner {
            kind,
            message: excerpt::one_line(&message.into()).into_owned(),
            advice: None,
            operation: None,
            status: None,
            code: None,
            response_kind: None,
            request_id: None,
            attempts: 0,
            unsent,
            lasting: false,
            outcome_unknown: false,
            earlier_lost: false,
            retry_after: None,
            body: None,
            created_id: None,
            lost: None,
            source: None,
        }))
    }

    /// The client cannot be built or used this way.
    pub fn configuration(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    /// An argument cannot be sent.
    pub fn invalid_argument(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidArgument, message)
    }

    /// The provider answered, but what was asked for is not in its answer.
    pub fn not_found(message: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorKind::ErrorResponse, message);
        error.0.response_kind = Some(ErrorResponseKind::NotFound);
        error
    }

    /// What exists stands against the call.
    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorKind::ErrorResponse, message);
        error.0.response_kind = Some(ErrorResponseKind::Conflict);
        error
    }

    pub(crate) fn from_response(response: ErrorResponse, status: u16) -> Self {
        let unreadable = response.kind == ErrorResponseKind::Unreadable;
        let kind = if unreadable { ErrorKind::Decode } else { ErrorKind::ErrorResponse };
        let mut error = Self::new(kind, response.message);
        error.0.code = response.code;
        error.0.body = response.body;
        error.0.response_kind = (!unreadable).then_some(response.kind);
        error.0.status = Some(status);
        error.0.outcome_unknown = response.outcome_unknown;
        error
    }

    pub(crate) fn with_advice(mut self, advice: impl Into<String>) -> Self {
        let advice = advice.into();
        self.0.advice = Some(match self.0.advice.take() {
            Some(earlier) => format!("{earlier}; {advice}"),
            None => advice,
        });
        self
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    pub(crate) fn with_response_kind(mut self, kind: ErrorResponseKind) -> Self {
        self.0.response_kind = Some(kind);
        self
    }

    pub(crate) fn with_operation(mut self, operation: &'static str) -> Self {
        self.0.operation.get_or_insert(operation);
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    pub(crate) fn with_request_id(mut self, id: Option<String>) -> Self {
        self.0.request_id = id;
        self
    }

    pub(crate) fn with_retry_after(mut self, after: Option<Duration>) -> Self {
        self.0.retry_after = after;
        self
    }

    pub(crate) fn with_source(mut self, source: Source) -> Self {
        self.0.source = Some(source);
        self
    }

    pub(crate) fn unsent(mut self) -> Self {
        self.0.unsent = true;
        self
    }

    /// The connection failed, and the server said that it had not processed the request.
    pub(crate) fn unprocessed(self) -> Self {
        self.unsent()
    }

    /// Another attempt would fail in the same way.
    pub(crate) fn lasting(mut self) -> Self {
        self.0.lasting = true;
        self
    }

    /// Another attempt could succeed where this connection failed.
    pub(crate) fn is_passing_connect_failure(&self) -> bool {
        self.kind() == ErrorKind::Connect && !self.0.lasting
    }

    /// The connection failed before the server processed the request, by the server's own word.
    pub(crate) fn is_unprocessed(&self) -> bool {
        self.kind() == ErrorKind::Transport && self.0.unsent
    }

    /// Notes that an earlier attempt of the same call was sent and its response was lost. "Not running" may then be
    /// the answer to a stop whose first attempt did it.
    pub(crate) fn after_lost_attempt(mut self, lost: bool, effect: Effect) -> Self {
        self.0.earlier_lost = lost;
        self.0.outcome_unknown |= lost && effect != Effect::Read;
        self
    }

    pub(crate) fn is_after_lost_attempt(&self) -> bool {
        self.0.earlier_lost
    }

    pub(crate) fn with_outcome_unknown(mut self, unknown: bool) -> Self {
        self.0.outcome_unknown = unknown;
        self
    }

    pub(crate) fn with_created_id(mut self, id: Option<String>) -> Self {
        self.0.created_id = id.or(self.0.created_id);
        self
    }

    pub(crate) fn with_lost(mut self, candidates: Vec<Candidate>, ticket: Option<Ticket>) -> Self {
        self.0.lost = Some(Arc::new(Lost { candidates, ticket }));
        self
    }

    /// The id that the unreadable body of this error has under `key`.
    pub(crate) fn find_created_id(self, key: &str) -> Self {
        let id = self.0.body.as_ref().and_then(|body| peek(body, key));
        self.with_created_id(id)
    }

    pub(crate) fn with_body(mut self, body: Bytes) -> Self {
        self.0.body = Some(body);
        self
    }

    /// Takes the secrets out of every text that came from outside, and bounds it.
    pub(crate) fn redact(mut self, secrets: &[&str], describe: &Describe<'_>) -> Self {
        let sanitize = |text: &mut String| *text = excerpt::sanitize(text, secrets);
        sanitize(&mut self.0.message);
        self.0.code.iter_mut().for_each(sanitize);
        self.0.request_id.iter_mut().for_each(sanitize);
        self.0.source = self.0.source.take().map(|source| source.redact(secrets, describe));
        if let Some(body) = self.0.body.take() {
            let excerpt = excerpt::excerpt(&body, secrets, describe);
            self.0.message = format!("{}: {excerpt}", self.0.message);
        }
        self
    }

    /// The id of what was created, if it could be read from a response that is unreadable otherwise.
    pub fn created_id(&self) -> Option<&str> {
        self.0.created_id.as_deref()
    }

    /// The things that may be the result of a create whose outcome is unknown, the nearest first; see
    /// [`Recover`](crate::recovery::Recover).
    pub fn candidates(&self) -> &[Candidate] {
        self.0.lost.as_ref().map_or(&[], |lost| &lost.candidates)
    }

    /// What finds the result of a create later, after [`Recover`](crate::recovery::Recover) did not.
    pub fn ticket(&self) -> Option<&Ticket> {
        self.0.lost.as_ref().and_then(|lost| lost.ticket.as_ref())
    }

    /// The kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The innermost cause in words, the provider's own where it gave any.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The name of the operation that failed, e.g. `vm.stop`.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The HTTP status of the response, if there was one.
    pub fn status(&self) -> Option<http::StatusCode> {
        self.0.status.and_then(|status| http::StatusCode::from_u16(status).ok())
    }

    /// The provider's own error code, e.g. `904`.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The kind of the error response; `None` if the error is not an error response.
    pub fn response_kind(&self) -> Option<ErrorResponseKind> {
        self.0.response_kind
    }

    /// The provider's id of this request, to quote to its support.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How often the request was tried; 0 where it never came to that.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the provider asked to wait before the next try.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The resource does not exist, or no longer. Usual causes: a wrong id, a wrong location, or it was
    /// deleted. An address that does not exist at all is [`is_unknown_route`](Self::is_unknown_route) instead.
    pub fn is_not_found(&self) -> bool {
        self.0.response_kind == Some(ErrorResponseKind::NotFound)
    }

    /// The address does not exist. Usual causes: a location slug that the provider does not have, a base URL
    /// with a wrong path, or an operation that this brand of the platform does not offer.
    pub fn is_unknown_route(&self) -> bool {
        self.0.response_kind == Some(ErrorResponseKind::UnknownRoute)
    }

    /// The credentials are missing, wrong or expired. Check the key, and whether this machine's address is on
    /// the provider's whitelist where it keeps one.
    pub fn is_unauthorized(&self) -> bool {
        self.0.response_kind == Some(ErrorResponseKind::Unauthorized)
    }

    /// The credentials are good, but not for this resource. Usual causes: a token restricted to one billing
    /// account, or a resource of another user.
    pub fn is_forbidden(&self) -> bool {
        self.0.response_kind == Some(ErrorResponseKind::Forbidden)
    }

    /// Something stands against it: the resource is busy or in another state, or the name is taken. Read the
    /// resource, then decide.
    pub fn is_conflict(&self) -> bool {
        self.0.response_kind == Some(ErrorResponseKind::Conflict)
    }

    /// The provider asked for fewer requests. Lower the concurrency, or wait [`retry_after`](Self::retry_after).
    ///
    /// Only under status 429 is it certain that this request was not processed; see
    /// [`may_have_been_sent`](Self::may_have_been_sent).
    pub fn is_rate_limited(&self) -> bool {
        self.0.response_kind == Some(ErrorResponseKind::RateLimited)
    }

    /// An argument is invalid, as this library or the provider found. The message names it.
    pub fn is_invalid_argument(&self) -> bool {
        self.kind() == ErrorKind::InvalidArgument
            || self.0.response_kind == Some(ErrorResponseKind::InvalidArgument)
    }

    /// The deadline passed. Raise it with `.timeout(..)`, or the limit of each attempt with the client's
    /// `read_timeout`; for a call that changes something see [`is_outcome_unknown`](Self::is_outcome_unknown)
    /// first.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// A page that only browsers pass stands before the provider. Ask the provider to allow this
    /// computer's address.
    pub fn is_challenge(&self) -> bool {
        self.kind() == ErrorKind::Challenge
    }

    /// The same call may succeed later: the failure lies in the network, in the provider's health or in the
    /// rate of requests. Whether repeating it is *safe* is another question: see
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

    /// The request may have reached the provider. `false` is a promise: nothing of it left this computer, or
    /// the provider rejected it unprocessed with status 429.
    pub fn may_have_been_sent(&self) -> bool {
        self.0.outcome_unknown || (!self.0.unsent && !self.is_refused_unprocessed())
    }

    /// The provider counted the request and did not process it. Only the status proves that, never words.
    pub(crate) fn is_refused_unprocessed(&self) -> bool {
        self.kind() == ErrorKind::ErrorResponse && self.0.status == Some(429) && !self.0.outcome_unknown
    }

    /// It may or may not have happened: the request was sent and changes something, and no response says what
    /// happened. Look at the provider's state before sending it again; the message says where, if the client knows.
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.outcome_unknown
    }
}

impl From<InvalidValue> for Error {
    fn from(invalid: InvalidValue) -> Self {
        Self::invalid_argument(invalid.to_string())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        let mut facts = Vec::new();
        facts.extend(self.0.operation.map(str::to_owned));
        facts.extend(self.0.status.map(|status| format!("HTTP {status}")));
        facts.extend(self.0.code.as_ref().map(|code| format!("code {code}")));
        facts.extend(self.0.created_id.as_ref().map(|id| format!("created id {id}")));
        facts.extend(self.0.request_id.as_ref().map(|id| format!("request id {id}")));
        if self.0.attempts > 1 {
            facts.push(format!("{} attempts", self.0.attempts));
        }
        if !facts.is_empty() {
            write!(f, " ({})", facts.join(", "))?;
        }
        match &self.0.advice {
            Some(advice) => write!(f, "; {advice}"),
            None => Ok(()),
        }
    }
}

/// Programs that return errors from `main` show them by `Debug`: it begins with what `Display` says, and leaves
/// out what is not known.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let mut error = f.debug_struct("Error");
        error.field("says", &format_args!("{self}")).field("kind", &self.kind());
        if let Some(meaning) = inner.response_kind {
            error.field("meaning", &meaning);
        }
        if inner.outcome_unknown {
            error.field("outcome_unknown", &true);
        }
        if let Some(source) = &inner.source {
            error.field("source", &format_args!("{}", source.as_error()));
        }
        error.finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(Source::as_error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_starts_with_the_providers_words_and_then_states_the_facts() {
        let response = ErrorResponse::new(http::StatusCode::CONFLICT, "VM is locked").with_code("locked");
        let error = Error::from_response(response, 409)
            .with_operation("vm.stop")
            .with_attempts(2)
            .with_request_id(Some("abc".into()))
            .with_advice("wait until it is unlocked");
        assert_eq!(
            error.to_string(),
            "VM is locked (vm.stop, HTTP 409, code locked, request id abc, 2 attempts); wait until it is unlocked"
        );
        assert!(error.is_conflict() && !error.is_retryable());
    }

    #[test]
    fn only_what_never_left_this_computer_is_said_to_be_unsent() {
        for kind in [ErrorKind::Configuration, ErrorKind::InvalidArgument, ErrorKind::Connect] {
            assert!(!Error::new(kind, "x").may_have_been_sent(), "{kind:?}");
        }
        for kind in [ErrorKind::Timeout, ErrorKind::Transport, ErrorKind::Decode, ErrorKind::Challenge] {
            assert!(Error::new(kind, "x").may_have_been_sent(), "{kind:?}");
        }
        let limited =
            Error::from_response(ErrorResponse::new(http::StatusCode::TOO_MANY_REQUESTS, "slow down"), 429);
        assert!(!limited.may_have_been_sent());
    }

    #[test]
    fn a_response_that_may_or_may_not_be_an_error_response_is_a_decode_error() {
        let response =
            ErrorResponse::new(http::StatusCode::OK, "a web page").with_kind(ErrorResponseKind::Unreadable);
        let error = Error::from_response(response, 200);
        assert_eq!((error.kind(), error.response_kind()), (ErrorKind::Decode, None));
        assert!(error.may_have_been_sent() && !error.is_retryable());
    }

    #[test]
    fn an_error_is_one_pointer_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}

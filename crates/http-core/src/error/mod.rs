//! The error type of all clients.

pub(crate) mod cause;
mod create;
pub(crate) mod excerpt;
mod kind;
mod predicates;
pub(crate) mod response;
pub(crate) mod ticket;

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

pub use self::kind::ErrorKind;
use crate::error::cause::Cause;
use crate::error::excerpt::{Describe, Secrets};
use crate::error::response::ErrorResponseKind;
use crate::error::ticket::Lost;
use crate::wire::decode::DecodeError;
use crate::wire::invalid_value::InvalidValue;

/// The reason why a call failed.
///
/// Check it with the predicates ([`is_not_found`](Self::is_not_found), [`is_retryable`](Self::is_retryable), …) rather
/// than by matching its message. `Display` starts with the root cause, in the provider's own words if there are any. It
/// never contains a secret.
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
    /// The error response contains no message from the provider, so a proxy in front of the provider may have sent it.
    is_unexplained: bool,
    /// The error response is not in the provider's format, so it does not show what the provider did.
    is_unrecognized: bool,
    request_id: Option<String>,
    attempts: u32,
    unsent: bool,
    /// Another attempt would fail in the same way.
    lasting: bool,
    outcome_unknown: bool,
    /// The outcome of the attempts before this one.
    earlier: Earlier,
    retry_after: Option<Duration>,
    /// A body that cannot be decoded. It becomes an excerpt as soon as the secrets to redact are known.
    body: Option<Bytes>,
    created_id: Option<String>,
    lost: Option<Arc<Lost>>,
    source: Option<Source>,
}

/// The outcome of the earlier attempts of a call.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Earlier {
    /// A request may have reached the provider.
    pub(crate) sent: bool,
    /// A request may have been processed, and its response was lost.
    pub(crate) lost: bool,
}

/// The source of an error, sanitized like the error itself.
#[derive(Clone)]
pub(crate) enum Source {
    Decode(DecodeError),
    Library(Cause),
    Call(Error),
}

impl Source {
    fn as_error(&self) -> &(dyn StdError + 'static) {
        match self {
            Self::Decode(error) => error,
            Self::Library(cause) => cause,
            Self::Call(error) => error,
        }
    }

    fn redact(self, secrets: &Secrets, describe: &Describe<'_>) -> Self {
        match self {
            Self::Decode(error) => Self::Decode(error.sanitize(|text| excerpt::sanitize(text, secrets))),
            Self::Library(cause) => Self::Library(cause.redact(secrets)),
            Self::Call(error) => Self::Call(error.redact(secrets, describe)),
        }
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

/// Errors returned from `main` are printed with `Debug`, so the `Debug` output starts with the `Display` output and
/// omits unset fields.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let mut error = f.debug_struct("Error");
        error.field("display", &format_args!("{self}")).field("kind", &self.kind());
        if let Some(response_kind) = inner.response_kind {
            error.field("response_kind", &response_kind);
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
    use crate::error::response::{ErrorResponse, ErrorResponseKind};

    #[test]
    fn display_starts_with_the_providers_words_followed_by_the_facts() {
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
        assert_eq!((error.code(), Error::conflict("x").code()), (Some("locked"), None));
    }

    #[test]
    fn an_error_is_unsent_only_if_nothing_left_this_computer() {
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
    fn a_failure_of_the_network_is_retryable_unless_it_is_lasting() {
        for kind in [ErrorKind::Connect, ErrorKind::Timeout, ErrorKind::Transport] {
            assert!(Error::new(kind, "x").is_retryable(), "{kind:?}");
        }
        for kind in [ErrorKind::Configuration, ErrorKind::Decode, ErrorKind::Challenge] {
            assert!(!Error::new(kind, "x").is_retryable(), "{kind:?}");
        }
        assert!(!Error::new(ErrorKind::Connect, "x").lasting().is_retryable());
    }

    #[test]
    fn a_response_that_may_be_an_error_response_is_a_decode_error() {
        let response =
            ErrorResponse::new(http::StatusCode::OK, "a web page").with_kind(ErrorResponseKind::Undecodable);
        let error = Error::from_response(response, 200);
        assert_eq!((error.kind(), error.response_kind()), (ErrorKind::Decode, None));
        assert!(error.may_have_been_sent() && !error.is_retryable());
    }

    #[test]
    fn an_id_that_is_a_secret_is_not_shown() {
        let token = "0123456789abcdef0123456789abcdef";
        for (id, is_kept) in [("4711", true), (token, false)] {
            let error = Error::new(ErrorKind::Decode, "x").with_created_id(Some(id.into()));
            let error = error.redact(&Secrets::new([token]), &|_| None);
            assert_eq!(error.created_id().is_some(), is_kept);
        }
    }

    #[test]
    fn advice_shows_no_secret_and_stays_short() {
        let token = "0123456789abcdef0123456789abcdef";
        for noise in [token.to_owned(), format!("{token}\u{1b}[2J"), format!("{} {token}", "x".repeat(5000))]
        {
            let error = Error::new(ErrorKind::Decode, "x").with_advice("check it").with_advice(noise);
            let text = error.redact(&Secrets::new([token]), &|_| None).to_string();
            assert!(text.contains("check it") && !text.contains("012345"), "{text}");
            assert!(text.len() < 2000 && !text.contains('\u{1b}'), "{text}");
        }
    }

    #[test]
    fn an_error_is_one_pointer_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn each_kind_of_error_response_has_one_predicate() {
        type Predicate = fn(&Error) -> bool;
        let predicates: [(ErrorResponseKind, Predicate); 7] = [
            (ErrorResponseKind::Unauthorized, Error::is_unauthorized),
            (ErrorResponseKind::Forbidden, Error::is_forbidden),
            (ErrorResponseKind::NotFound, Error::is_not_found),
            (ErrorResponseKind::UnknownUrl, Error::is_unknown_url),
            (ErrorResponseKind::InvalidArgument, Error::is_invalid_argument),
            (ErrorResponseKind::Conflict, Error::is_conflict),
            (ErrorResponseKind::RateLimited, Error::is_rate_limited),
        ];
        for (kind, _) in predicates {
            let response = ErrorResponse::new(http::StatusCode::IM_A_TEAPOT, "x").with_kind(kind);
            let error = Error::from_response(response, 418);
            for (other, predicate) in predicates {
                assert_eq!(predicate(&error), kind == other, "{kind:?} {other:?}");
            }
            assert_eq!(error.response_kind(), Some(kind));
            assert!(!error.is_timeout() && !error.is_challenge(), "{kind:?}");
        }
        assert!(Error::invalid_argument("x").is_invalid_argument());
    }
}

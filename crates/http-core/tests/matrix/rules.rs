//! The consequences of a fault. Each rule is written once, and no expected value is copied from the output of a test.

use http_core::ErrorKind;
use http_core::client::Effect;

/// The number of attempts of a call that may be retried and always fails.
pub(crate) const ATTEMPTS: usize = 4;

/// The cause of a failure, as observed from both ends of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// No connection could be opened, but the next attempt may succeed.
    NoConnection,
    /// No connection could be opened, and no later attempt can succeed.
    NeverConnects,
    /// The server reported, as its protocol defines it, that it did not process the request.
    Unprocessed,
    /// The connection broke before the response was complete.
    Broken,
    /// The connection was open, but no complete response arrived in time.
    Silent,
    /// A complete response with this status and the documented body.
    Status(u16),
    /// A complete response with this status, whose body is not one that the provider sends with an error.
    Foreign(u16),
    /// A successful response whose body is not the documented one.
    Undecodable,
    /// A challenge page was returned instead of the response.
    Challenge,
    /// A challenge page whose header proves that the request did not reach the provider.
    ChallengeBefore,
}

/// The expected result of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) attempts: usize,
    /// `None` for a success.
    pub(crate) kind: Option<ErrorKind>,
    pub(crate) may_have_been_sent: bool,
    pub(crate) is_outcome_unknown: bool,
}

impl Cause {
    fn kind(self) -> Option<ErrorKind> {
        Some(match self {
            Self::NoConnection | Self::NeverConnects => ErrorKind::Connect,
            Self::Unprocessed | Self::Broken => ErrorKind::Transport,
            Self::Silent => ErrorKind::Timeout,
            Self::Status(200..=299) => return None,
            Self::Status(300..=599) | Self::Foreign(300..=599) => ErrorKind::ErrorResponse,
            Self::Status(_) | Self::Foreign(_) | Self::Undecodable => ErrorKind::Decode,
            Self::Challenge | Self::ChallengeBefore => ErrorKind::Challenge,
        })
    }

    /// Returns whether it is proven that the provider did not process the request.
    fn proves_nothing_happened(self) -> bool {
        match self {
            Self::NoConnection | Self::NeverConnects | Self::Unprocessed | Self::ChallengeBefore => true,
            Self::Status(status) | Self::Foreign(status) => status == 429,
            _ => false,
        }
    }

    /// Returns whether the response shows the outcome of the request.
    fn is_answer(self) -> bool {
        match self {
            Self::Status(status) => matches!(status, 200..=299 | 400..=499) && status != 408,
            // A request with invalid credentials is never processed, whoever rejects it.
            Self::Foreign(status) => status == 401,
            _ => false,
        }
    }

    /// Returns whether the next attempt may succeed.
    fn may_pass(self) -> bool {
        match self {
            Self::NoConnection | Self::Unprocessed | Self::Broken | Self::Silent => true,
            Self::Status(status) | Self::Foreign(status) => matches!(status, 408 | 429 | 500..=599),
            _ => false,
        }
    }

    /// Returns whether the request is repeated. A request that must not be processed twice is repeated only if it
    /// provably was not processed.
    pub(crate) fn is_repeated(self, effect: Effect) -> bool {
        self.may_pass() && (effect != Effect::NonIdempotent || self.proves_nothing_happened())
    }

    pub(crate) fn expected(self, effect: Effect) -> Expected {
        let is_known = self.is_answer() || self.proves_nothing_happened();
        Expected {
            attempts: if self.is_repeated(effect) { ATTEMPTS } else { 1 },
            kind: self.kind(),
            may_have_been_sent: !self.proves_nothing_happened(),
            is_outcome_unknown: effect != Effect::Read && !is_known,
        }
    }
}

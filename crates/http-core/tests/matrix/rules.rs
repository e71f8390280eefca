//! What must follow from a fault. Each rule is written once; no expected value is a recording.

use http_core::ErrorKind;
use http_core::client::Effect;

/// The attempts of a call whose failures may be repeated.
pub(crate) const ATTEMPTS: usize = 4;

/// What a fault means, as one knows it who sees both ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// There was no connection to send the request on, and the next attempt may find one.
    NoConnection,
    /// There was no connection to send the request on, and there never will be.
    NeverConnects,
    /// The connection broke before the response was complete.
    Broken,
    /// The connection was open, and no complete response came in time.
    Silent,
    /// A complete response with this status, whose body is what is documented for it.
    Status(u16),
    /// A success whose body is not what is documented.
    Unreadable,
    /// A page for browsers in place of the response.
    Challenge,
    /// A page for browsers, from something that says that it stands before the provider.
    ChallengeBefore,
}

/// What the caller must be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) attempts: usize,
    /// `None` for a success.
    pub(crate) kind: Option<ErrorKind>,
    pub(crate) may_have_been_sent: bool,
    pub(crate) is_outcome_unknown: bool,
}

impl Meaning {
    fn kind(self) -> Option<ErrorKind> {
        Some(match self {
            Self::NoConnection | Self::NeverConnects => ErrorKind::Connect,
            Self::Broken => ErrorKind::Transport,
            Self::Silent => ErrorKind::Timeout,
            Self::Status(200..=299) => return None,
            Self::Status(300..=599) => ErrorKind::ErrorResponse,
            Self::Status(_) | Self::Unreadable => ErrorKind::Decode,
            Self::Challenge | Self::ChallengeBefore => ErrorKind::Challenge,
        })
    }

    /// Whether it is proven that the provider did nothing with the request.
    fn proves_nothing_happened(self) -> bool {
        matches!(self, Self::NoConnection | Self::NeverConnects | Self::Status(429) | Self::ChallengeBefore)
    }

    /// Whether a response says what became of the request.
    fn is_answer(self) -> bool {
        match self {
            Self::Status(status) => matches!(status, 200..=299 | 400..=499) && status != 408,
            _ => false,
        }
    }

    /// Whether the next attempt may do better.
    fn may_pass(self) -> bool {
        match self {
            Self::NoConnection | Self::Broken | Self::Silent => true,
            Self::Status(status) => matches!(status, 408 | 429 | 500..=599),
            _ => false,
        }
    }

    /// A request that must not be processed twice is sent again only after proof that it was not processed.
    pub(crate) fn is_repeated(self, effect: Effect) -> bool {
        self.may_pass() && (effect != Effect::NonIdempotent || self.proves_nothing_happened())
    }

    pub(crate) fn told(self, effect: Effect) -> Told {
        let is_known = self.is_answer() || self.proves_nothing_happened();
        Told {
            attempts: if self.is_repeated(effect) { ATTEMPTS } else { 1 },
            kind: self.kind(),
            may_have_been_sent: !self.proves_nothing_happened(),
            is_outcome_unknown: effect != Effect::Read && !is_known,
        }
    }
}

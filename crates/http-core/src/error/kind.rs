//! The kinds of failure.

/// The stage at which a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client cannot be built, or cannot be used this way.
    Configuration,
    /// An argument is invalid; nothing was sent.
    InvalidArgument,
    /// No connection could be opened; nothing was sent.
    Connect,
    /// The call's deadline passed.
    Timeout,
    /// The connection failed after the request may have been sent.
    Transport,
    /// The provider returned an error response.
    ErrorResponse,
    /// The response is not what the provider documents.
    Decode,
    /// A challenge page for browsers came in place of the provider's response. The outcome of a call that changes
    /// something is unknown then, unless a header proves that the page was served in front of the provider.
    Challenge,
    /// A wait ended without the state that was waited for.
    Wait,
    /// A create's outcome is unknown, and its result was not found with the certainty that was asked for.
    Unrecovered,
}

impl ErrorKind {
    /// Returns the kind as the value of the span field `error.type`.
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

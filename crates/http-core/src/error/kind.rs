//! Kinds of errors.

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
    /// The response differs from the provider's documentation.
    Decode,
    /// A challenge page for browsers was returned instead of the provider's response. The outcome of a mutating call is
    /// then unknown, unless a header proves that the request did not reach the provider.
    Challenge,
    /// A wait ended before the resource reached the wanted state.
    Wait,
    /// The outcome of a create is unknown, and its result was not found with the required certainty.
    Unrecovered,
}

impl ErrorKind {
    /// Returns the kind as it appears in the span field `error.type`.
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

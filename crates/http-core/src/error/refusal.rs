//! How a provider says no.

use bytes::Bytes;

use crate::wire::response::Reply;

/// What a refusal means, whatever status and words the provider chose for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Meaning {
    /// The credentials are missing, wrong or expired.
    Unauthorized,
    /// The credentials are good, but not for this.
    Forbidden,
    /// The resource does not exist.
    NotFound,
    /// The address itself does not exist: a wrong location or base URL, never a missing resource.
    UnknownRoute,
    /// An argument was missing or malformed.
    InvalidArgument,
    /// The resource's present state, or another resource, stands against it.
    Conflict,
    /// Too many requests. Only status 429 proves that this one was not processed; words do not.
    RateLimited,
    /// The provider, or a proxy before it, is out of order.
    Unavailable,
    /// The reply sends the client elsewhere; it is not followed.
    Redirect,
    /// The reply is not what the provider documents, so that nobody knows whether it says no. The error is of
    /// [`ErrorKind::Unreadable`](crate::ErrorKind::Unreadable) then, and has no meaning.
    Unreadable,
    /// Anything else.
    Other,
}

impl Meaning {
    /// What a status means where the provider says nothing better.
    pub const fn of_status(status: u16) -> Self {
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

/// Why a provider said no, as its [`Dialect`](crate::client::Dialect) reads it from a reply.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Refusal {
    /// The provider's own code, e.g. `904` or the parameter's name.
    pub code: Option<String>,
    /// The provider's own words.
    pub message: String,
    /// What it means.
    pub meaning: Meaning,
    /// Whether the operation may have been carried out all the same.
    pub(crate) outcome_unknown: bool,
    /// The body, of which an excerpt is shown where nothing else explains the refusal.
    pub(crate) body: Option<Bytes>,
}

impl Refusal {
    /// A refusal that means what its status means.
    pub fn new(status: http::StatusCode, message: impl Into<String>) -> Self {
        Self {
            code: None,
            message: message.into(),
            meaning: Meaning::of_status(status.as_u16()),
            outcome_unknown: false,
            body: None,
        }
    }

    /// A refusal of which only the status and a safe excerpt of the body can be told.
    pub fn unexplained(reply: &Reply) -> Self {
        let reason = reply.status().canonical_reason().unwrap_or("an unknown status");
        Self::new(reply.status(), reason).showing(reply)
    }

    /// Lets a safe excerpt of the body follow the message.
    pub fn showing(mut self, reply: &Reply) -> Self {
        self.body = Some(reply.body().clone());
        self
    }

    /// Adds the provider's own code.
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Says whether the operation may have been carried out all the same, e.g. because the response contains the id of
    /// a created resource. Such a refusal is never proof that nothing happened, whatever its status.
    pub fn outcome_unknown(mut self, unknown: bool) -> Self {
        self.outcome_unknown = unknown;
        self
    }

    /// Says what it means.
    pub fn meaning(mut self, meaning: Meaning) -> Self {
        self.meaning = meaning;
        self
    }
}

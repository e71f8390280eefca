//! Create requests whose results are found even if the response is lost.
//!
//! The providers have no idempotency keys, so a create is never sent twice. Instead, the existing resources are
//! recorded, the create is sent once and, if no response confirms the result, the list is read until a new resource
//! appears that fits the request. With a marker in a text field that the provider stores, the result is certain.
//! Without a marker, a single new resource that fits is only *likely* to be the result, because another program may
//! have created an identical resource at the same time.

mod create;
mod ensure;
mod fit;
mod noted;
mod plan;
mod recoverable;
mod search;
mod seek;
#[cfg(test)]
mod tests;

use std::fmt;

pub use self::create::Create;
pub use self::ensure::{Ensure, Ensured};
pub use self::fit::{Fit, Marker};
pub use self::noted::Noted;
pub use self::recoverable::Recover;
pub use self::seek::Seek;
use crate::error::Error;

type Merge<F> = Box<dyn FnOnce(Result<F, Error>) -> Result<F, Error> + Send>;

/// For provider crates: the meaning of the response to a create.
pub enum Accepted<F> {
    /// The response is the created resource.
    Now(F),
    /// The response does not contain the created resource, which must be searched for. The function receives the
    /// resource that was found, or the error of the search, and returns the result.
    Later(Merge<F>),
}

impl<F: 'static> Accepted<F> {
    /// Interprets a response that only confirms the creation: the resource that the search finds is the result.
    pub fn unnamed<T>(_: T) -> Self {
        Self::Later(Box::new(|found| found))
    }
}

/// How certain it is that a resource is the result of a create.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Certainty {
    /// The provider's response contains the result.
    Confirmed,
    /// No response contains the resource, but it has the create's marker, or a value that only one resource can have.
    Certain,
    /// No response contains the resource, even if one confirms the create, and this is the only new resource that
    /// matches the request in every field that can be compared. Another program may have created it.
    Likely,
}

/// The result of a create.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Created<F> {
    /// The created resource.
    pub value: F,
    /// How certain it is that this create produced it.
    pub certainty: Certainty,
}

impl<F> fmt::Debug for Accepted<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Now(_) => "Now",
            Self::Later(_) => "Later",
        })
    }
}

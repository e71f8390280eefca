//! Creates whose result is found again when the response is lost.
//!
//! These providers have no idempotency keys, so a create is never sent twice. Instead, the list is read: note what
//! exists, send once, and if no response says what happened, read the list until a new resource appears that fits the
//! request. With a marker in a text that the provider keeps, the result is certain. Without one, a single new resource
//! that fits is *likely* the result: another program may have created an equal one at the same time.

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

/// For provider crates: what the response to a create says.
pub enum Accepted<F> {
    /// The response is the created resource.
    Now(F),
    /// The response does not contain the created resource, which must be looked for. The function gets what was
    /// found, or the error of the search, and returns the result.
    Later(Merge<F>),
}

impl<F: 'static> Accepted<F> {
    /// Creates the result for a response that only confirms that the resource was created.
    pub fn unnamed<T>(_: T) -> Self {
        Self::Later(Box::new(|found| found))
    }
}

/// How certain it is that a result belongs to its create.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Certainty {
    /// The provider's response says so.
    Confirmed,
    /// The response was lost, and the result has the create's marker, or something that only one resource can have.
    Certain,
    /// The response was lost, and the result is the only new resource that equals the request in everything that can
    /// be compared. Another program may have created it.
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

//! Reads that prove that a resource is gone.

use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::time::sleep;

use crate::call::Call;
use crate::call::list::ListCall;
use crate::error::Error;

/// The delay before a list that was empty is read again.
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);

/// What a read says about a resource that was deleted, removed or detached; from [`Call::gone`] or
/// [`ListCall::gone`]. A read that fails says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// The resource exists, or nothing is proven.
    No,
    /// The list is empty. That is a proof only if it is still empty in a second look.
    Empty,
    /// The provider says that the resource does not exist, or lists others without it.
    Yes,
}

impl Gone {
    /// Returns whether these rows show that a resource is gone, because none of them is it.
    pub fn among<T>(rows: &[T], is_it: impl Fn(&T) -> bool) -> Self {
        match rows {
            [] => Self::Empty,
            rows if rows.iter().any(is_it) => Self::No,
            _ => Self::Yes,
        }
    }

    /// For lists that are never empty, because they contain something else too: an empty one proves nothing.
    pub fn unless_empty(self) -> Self {
        if self == Self::Empty { Self::No } else { self }
    }

    /// Returns whether both reads prove it.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Empty, _) | (_, Self::Empty) => Self::Empty,
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }

    /// Reads once, and a second time if the first read returned an empty list.
    ///
    /// # Errors
    ///
    /// Those of the reads.
    pub async fn is_proven<L>(look: impl Fn() -> L) -> Result<bool, Error>
    where
        L: IntoFuture<Output = Result<Self, Error>>,
    {
        if let found @ (Self::Yes | Self::No) = look().await? {
            return Ok(found == Self::Yes);
        }
        sleep(BETWEEN_LOOKS).await;
        Ok(look().await? != Self::No)
    }
}

impl<T: 'static> Call<T> {
    /// For provider crates: reads whether a resource is gone, which it is too in a state that `is_deleted` accepts.
    pub fn gone(self, is_deleted: impl FnOnce(&T) -> bool + Send + 'static) -> Call<Gone> {
        self.optional().map(|resource| match resource {
            Some(resource) if !is_deleted(&resource) => Gone::No,
            _ => Gone::Yes,
        })
    }
}

impl<T: DeserializeOwned + 'static> ListCall<T> {
    /// For provider crates: reads whether a resource is missing from a list. The list must be one whose rows are only
    /// found in a list, such as [`listed_rows`](crate::client::listed_rows).
    pub fn gone(self, is_it: impl Fn(&T) -> bool + Send + 'static) -> Call<Gone> {
        self.map(move |rows| Gone::among(&rows, is_it))
    }
}

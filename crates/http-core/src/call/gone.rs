//! Reads that prove that a resource is gone.

use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::time::sleep;

use crate::call::Call;
use crate::call::list::ListCall;
use crate::error::Error;

/// The delay before a list without rows is read again.
const BETWEEN_READS: Duration = Duration::from_secs(2);

/// Whether a read proves that a resource was deleted, removed or detached; returned by [`Call::gone`] and
/// [`ListCall::gone`]. A failed read proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// The resource exists, or nothing is proven.
    No,
    /// The list is empty. That proves the deletion only if a second read also returns an empty list.
    Empty,
    /// The provider reports that the resource does not exist, or returns a non-empty list without it.
    Yes,
}

impl Gone {
    /// Returns whether `rows` show that a resource is gone, i.e. whether `is_it` accepts none of them.
    pub fn among<T>(rows: &[T], is_it: impl Fn(&T) -> bool) -> Self {
        match rows {
            [] => Self::Empty,
            rows if rows.iter().any(is_it) => Self::No,
            _ => Self::Yes,
        }
    }

    /// Treats an empty list as no proof, for lists that always contain other items as well.
    pub fn unless_empty(self) -> Self {
        if self == Self::Empty { Self::No } else { self }
    }

    /// Combines two reads; both must prove that the resource is gone.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Empty, _) | (_, Self::Empty) => Self::Empty,
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }

    /// Returns whether the resource is gone. Calls `read` once, and a second time if the first read returned an empty
    /// list.
    ///
    /// # Errors
    ///
    /// The errors of the reads.
    pub async fn is_proven<L>(read: impl Fn() -> L) -> Result<bool, Error>
    where
        L: IntoFuture<Output = Result<Self, Error>>,
    {
        let found = read_twice(read, |found| matches!(found, Ok(Self::Empty))).await?;
        Ok(found != Self::No)
    }
}

/// For provider crates: reads a list, and reads it again after two seconds if `has_no_rows` returns `true` for the result.
/// The result of the last read is returned. A single response without rows may be a mistake of the provider, which must
/// not pass for a fact.
pub async fn read_twice<T, L>(read: impl Fn() -> L, has_no_rows: impl FnOnce(&T) -> bool) -> T
where
    L: IntoFuture<Output = T>,
{
    let first = read().await;
    if !has_no_rows(&first) {
        return first;
    }
    sleep(BETWEEN_READS).await;
    read().await
}

impl<T: 'static> Call<T> {
    /// For provider crates: reads whether a resource is gone. A resource in a state that `is_deleted` accepts counts as
    /// gone.
    pub fn gone(self, is_deleted: impl FnOnce(&T) -> bool + Send + 'static) -> Call<Gone> {
        self.optional().map(|resource| match resource {
            Some(resource) if !is_deleted(&resource) => Gone::No,
            _ => Gone::Yes,
        })
    }
}

impl<T: DeserializeOwned + 'static> ListCall<T> {
    /// For provider crates: reads whether a resource is missing from a list. A call that finds its rows with its own
    /// function must accept nothing but a list.
    pub fn gone(self, is_it: impl Fn(&T) -> bool + Send + 'static) -> Call<Gone> {
        self.listed().map(move |rows| Gone::among(&rows, is_it))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rows_without_the_resource_prove_that_it_is_gone() {
        let gone = |rows: &[u8]| Gone::among(rows, |row| *row == 7);
        assert_eq!([gone(&[]), gone(&[7, 8]), gone(&[8, 9])], [Gone::Empty, Gone::No, Gone::Yes]);
    }
}

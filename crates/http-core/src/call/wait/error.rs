//! The error of a wait.

use std::fmt;

use crate::error::Error;

/// The error of a wait that ended before the wanted state was reached, with the last state that was seen. `?` converts
/// it into an [`Error`].
pub struct WaitError<T> {
    pub(super) error: Error,
    pub(super) last: Option<T>,
}

impl<T> WaitError<T> {
    /// Returns the last state that was seen, if any.
    pub fn last(&self) -> Option<&T> {
        self.last.as_ref()
    }

    /// Returns the reason: [`ErrorKind::Wait`](crate::ErrorKind::Wait), or the error response that ended the wait.
    pub fn error(&self) -> &Error {
        &self.error
    }
}

impl<T> fmt::Display for WaitError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)
    }
}

/// Omits the last state, which is data of the provider. The message describes it.
impl<T> fmt::Debug for WaitError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitError").field("error", &self.error).finish_non_exhaustive()
    }
}

impl<T> std::error::Error for WaitError<T> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.error)
    }
}

impl<T> From<WaitError<T>> for Error {
    fn from(error: WaitError<T>) -> Self {
        error.error
    }
}

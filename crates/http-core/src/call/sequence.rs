//! Several calls as one value.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::time::Duration;

use crate::error::{Error, ErrorKind};
use crate::policy::deadline::after;
use crate::policy::runtime::check_runtime;
use crate::transport::sent::in_sequence;
use crate::wire::response::BoxFuture;

/// Several calls that run as one, e.g. a read followed by a change. `.await` runs them.
///
/// Each call keeps the timeouts and the retry rule of its own operation.
///
/// Dropping the future stops the sequence at its current call: calls that were sent are not undone, and the remaining
/// ones are not sent. Limit the sequence with [`timeout`](Self::timeout), whose error reports that something may have
/// happened, and not with a timeout around the future.
#[must_use = "a sequence of calls does nothing until it is awaited"]
pub struct CallSequence<T> {
    future: BoxFuture<'static, Result<T, Error>>,
    limit: Option<Duration>,
}

impl<T: 'static> CallSequence<T> {
    /// For provider crates: creates a sequence from a future that sends the calls in order.
    pub fn new(steps: impl Future<Output = Result<T, Error>> + Send + 'static) -> Self {
        Self { future: Box::pin(steps), limit: None }
    }

    /// Sets the timeout of all steps together. Requests that were sent before it expires may have been processed.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Runs the steps and blocks this thread until all of them have ended; see
    /// [`Call::send_blocking`](crate::Call::send_blocking).
    ///
    /// # Errors
    ///
    /// The errors that `.await` returns, and those of [`Call::send_blocking`](crate::Call::send_blocking).
    #[cfg(feature = "blocking")]
    pub fn send_blocking(self) -> Result<T, Error> {
        crate::call::blocking::block_on(self.into_future())
    }
}

impl<T: 'static> IntoFuture for CallSequence<T> {
    type Output = Result<T, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            check_runtime()?;
            let (sent, steps) = in_sequence(self.future);
            let result = match self.limit {
                None => steps.await,
                Some(limit) => tokio::time::timeout_at(after(limit), steps).await.unwrap_or_else(|_| {
                    let message = format!("the call sequence did not complete within {limit:?}");
                    Err(Error::new(ErrorKind::Timeout, message)
                        .with_outcome_unknown(sent.may_have_been_sent()))
                }),
            };
            // The error may be that of a later call, which was not sent itself.
            result.map_err(|error| if sent.may_have_been_sent() { error.with_earlier_sent() } else { error })
        })
    }
}

impl<T> fmt::Debug for CallSequence<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallSequence").field("limit", &self.limit).finish_non_exhaustive()
    }
}

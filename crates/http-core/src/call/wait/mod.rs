//! Waits for a state, as values.

mod builder;
mod error;
mod states;

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

pub(crate) use self::builder::HasCondition;
pub use self::builder::WaitBuilder;
pub use self::error::WaitError;
pub use self::states::States;
use crate::call::Call;
use crate::error::{Error, ErrorKind};
use crate::policy::deadline::LONGEST;
use crate::wire::response::BoxFuture;

type PollCall<T> = Box<dyn Fn() -> Call<T> + Send + Sync>;
type Test<T> = Box<dyn Fn(&T) -> bool + Send + Sync>;
type Describe<T> = Box<dyn Fn(&T) -> String + Send + Sync>;

/// A wait for a state. `.await` returns the resource once it is in the wanted state; [`states`](Self::states) streams
/// every state along the way.
///
/// The first poll is immediate; the delay between polls grows from 2 to 15 seconds. The wait ends after ten minutes
/// unless [`timeout`](Self::timeout) sets another limit.
///
/// A failed poll does not end the wait: after a timeout, a 5xx, a rate limit, a web page or a decode error, the next
/// poll may succeed. Five failed polls in a row do end it; see [`max_failed_polls`](Self::max_failed_polls). A
/// permanent error response, such as the one for a wrong key, ends the wait immediately. "Not found" does so only after
/// a [grace period](Self::grace_period), because a provider may confirm the creation of a resource before listing it. A
/// list in which the resource is missing also counts as a failed poll, because the list may be empty or incomplete by
/// mistake. If such polls end the wait, [`is_not_found`](Error::is_not_found) is true for the error.
#[must_use = "a wait does nothing until it is awaited"]
pub struct Wait<T> {
    poll: PollCall<T>,
    done: Test<T>,
    subject: Option<String>,
    describe: Option<Describe<T>>,
    fail: Option<Test<T>>,
    timeout: Duration,
    interval: (Duration, Duration),
    grace: Duration,
    most_failures: u32,
}

impl<T: Clone + Send + 'static> Wait<T> {
    /// Sets the timeout of the whole wait; 10 minutes by default. If `limit` is zero, the wait polls once, within the
    /// timeouts of the poll itself.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// Sets the shortest delay between two polls, which is also the first one, and the longest one, each at least a
    /// millisecond. In between, the delays vary at random, so that many waits do not poll in lockstep.
    pub fn poll_interval(mut self, first: Duration, longest: Duration) -> Self {
        let first = first.clamp(Duration::from_millis(1), LONGEST);
        self.interval = (first, longest.clamp(first, LONGEST));
        self
    }

    /// Makes the wait fail if `test` returns `true`, in addition to the final states that the provider's crate defines.
    pub fn fail_if(mut self, test: impl Fn(&T) -> bool + Send + Sync + 'static) -> Self {
        let known = self.fail.take();
        self.fail =
            Some(Box::new(move |state| test(state) || known.as_ref().is_some_and(|known| known(state))));
        self
    }

    /// Sets how long after the start of the wait "not found" counts as "not yet", unless the resource has been seen; 30
    /// seconds by default.
    pub fn grace_period(mut self, time: Duration) -> Self {
        self.grace = time;
        self
    }

    /// Sets how many polls in a row may fail before the wait ends; 5 by default, at least 1. A poll counts as failed
    /// only after the retries of its call.
    pub fn max_failed_polls(mut self, polls: u32) -> Self {
        self.most_failures = polls.max(1);
        self
    }

    /// Returns a stream of the states that the wait sees, with the wanted state last.
    pub fn states(self) -> States<T> {
        States::new(self)
    }

    /// Runs the wait and blocks this thread until the wait ends; see
    /// [`Call::send_blocking`](crate::Call::send_blocking).
    ///
    /// # Errors
    ///
    /// The errors that `.await` returns, and those of [`Call::send_blocking`](crate::Call::send_blocking).
    #[cfg(feature = "blocking")]
    pub fn send_blocking(self) -> Result<T, WaitError<T>> {
        let run = async { Ok(self.run().await) };
        crate::call::blocking::block_on(run).map_err(|error| WaitError { error, last: None })?
    }

    async fn run(self) -> Result<T, WaitError<T>> {
        let mut states = self.states();
        let mut last = None;
        while let Some(state) = states.next().await {
            last = Some(state?);
        }
        last.ok_or_else(|| WaitError {
            error: Error::new(ErrorKind::Wait, "the wait ended without a state"),
            last: None,
        })
    }
}

impl<T: Clone + Send + 'static> IntoFuture for Wait<T> {
    type Output = Result<T, WaitError<T>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<T> fmt::Debug for Wait<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait")
            .field("timeout", &self.timeout)
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}

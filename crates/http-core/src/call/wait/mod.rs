//! Waiting for a state, as a value.

mod builder;
mod error;
mod states;

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

pub use self::builder::WaitBuilder;
pub use self::error::WaitError;
pub use self::states::States;
use crate::call::Call;
use crate::error::{Error, ErrorKind};
use crate::policy::deadline::LONGEST;
use crate::wire::response::BoxFuture;

type Look<T> = Box<dyn Fn() -> Call<T> + Send + Sync>;
type Test<T> = Box<dyn Fn(&T) -> bool + Send + Sync>;
type Describe<T> = Box<dyn Fn(&T) -> String + Send + Sync>;

/// A wait for a state. `.await` returns the state that was waited for; [`states`](Self::states) returns every state on
/// the way.
///
/// The first look is immediate; the delay between looks grows from 2 to 15 seconds. The wait ends after ten minutes
/// unless [`timeout`](Self::timeout) says otherwise.
///
/// A look that fails does not end the wait: after a timeout, a 5xx, a rate limit, a web page or a decode error, the
/// next look may succeed. Five in a row do end it; see [`max_failed_looks`](Self::max_failed_looks). An error response
/// that will not change, such as a wrong key, ends the wait at once. "Not found" does so only after a [grace
/// period](Self::grace_period), because a provider may list a resource later than it confirms its creation. A list in
/// which the resource is missing is a failed look: it may be empty or short by mistake. If such looks end the wait, the
/// error [`is_not_found`](Error::is_not_found).
#[must_use = "a wait does nothing until it is awaited"]
pub struct Wait<T> {
    look: Look<T>,
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
    /// Limits the whole wait; 10 minutes by default. Zero looks once, within the limits of the look itself.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// Sets the first and the longest delay between two looks, each at least a millisecond.
    pub fn poll_interval(mut self, first: Duration, longest: Duration) -> Self {
        let first = first.clamp(Duration::from_millis(1), LONGEST);
        self.interval = (first, longest.clamp(first, LONGEST));
        self
    }

    /// Fails on this state too, besides those that the provider's crate knows.
    pub fn fail_if(mut self, test: impl Fn(&T) -> bool + Send + Sync + 'static) -> Self {
        let known = self.fail.take();
        self.fail =
            Some(Box::new(move |state| test(state) || known.as_ref().is_some_and(|known| known(state))));
        self
    }

    /// Sets how long "not found" counts as "not yet", from the start of the wait until the resource was seen; 30
    /// seconds by default.
    pub fn grace_period(mut self, time: Duration) -> Self {
        self.grace = time;
        self
    }

    /// Sets how many looks in a row may fail before the wait ends; 5 by default, at least 1. Each look has the retries
    /// of its own call.
    pub fn max_failed_looks(mut self, looks: u32) -> Self {
        self.most_failures = looks.max(1);
        self
    }

    /// Returns every state that is seen, the wanted one last.
    pub fn states(self) -> States<T> {
        States::new(self)
    }

    /// Runs the wait and blocks this thread until it ends; see
    /// [`Call::send_blocking`](crate::Call::send_blocking).
    ///
    /// # Errors
    ///
    /// Those of awaiting it, and those of [`Call::send_blocking`](crate::Call::send_blocking).
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
            error: Error::new(ErrorKind::Wait, "the wait saw no state"),
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

//! Waits that have no condition yet.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use super::{Describe, PollCall, Test, Wait};
use crate::call::Call;

/// A wait that has no condition yet; add one with [`until`](Self::until).
#[must_use = "a wait needs a condition: call .until(..) and await the result"]
pub struct WaitBuilder<T> {
    poll: PollCall<T>,
    subject: Option<String>,
    describe: Option<Describe<T>>,
    fail: Option<Test<T>>,
}

impl<T: Clone + Send + 'static> WaitBuilder<T> {
    /// For provider crates: creates a wait that sends the call from `poll` for every poll.
    pub fn new(poll: impl Fn() -> Call<T> + Send + Sync + 'static) -> Self {
        Self { poll: Box::new(poll), subject: None, describe: None, fail: None }
    }

    /// For provider crates: names the resource, e.g. by its id, for the wait's errors.
    pub fn subject(mut self, subject: impl fmt::Display) -> Self {
        self.subject = Some(subject.to_string());
        self
    }

    /// For provider crates: describes a state in one word, for the wait's errors.
    pub fn describe(mut self, describe: impl Fn(&T) -> String + Send + Sync + 'static) -> Self {
        self.describe = Some(Box::new(describe));
        self
    }

    /// For provider crates: makes the wait fail in final states, for which `test` returns `true`. The wanted state does
    /// not fail the wait, even if it is final.
    pub fn fail_on(mut self, test: impl Fn(&T) -> bool + Send + Sync + 'static) -> Self {
        self.fail = Some(Box::new(test));
        self
    }

    /// Waits until `test` returns `true`.
    pub fn until(self, test: impl Fn(&T) -> bool + Send + Sync + 'static) -> Wait<T> {
        Wait {
            poll: self.poll,
            done: Box::new(test),
            subject: self.subject,
            describe: self.describe,
            fail: self.fail,
            timeout: Duration::from_secs(600),
            interval: (Duration::from_secs(2), Duration::from_secs(15)),
            grace: Duration::from_secs(30),
            most_failures: 5,
        }
    }
}

/// Explains what is missing if a wait is awaited without a condition.
#[diagnostic::on_unimplemented(
    message = "this wait has no condition",
    label = "add a condition before `.await` or `.send_blocking()`, e.g. `.until(|state| …)`",
    note = "e.g. `servers.wait(id).until(Server::is_running).await` waits until the server runs"
)]
#[doc(hidden)]
pub trait HasCondition {
    /// Returns what the method would return.
    fn absent<R>() -> R;
}

// A future rather than `IntoFuture`: only then does the compiler show the explanation of `HasCondition`.
impl<T: HasCondition> Future for WaitBuilder<T> {
    type Output = std::convert::Infallible;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Pending
    }
}

impl<T> fmt::Debug for WaitBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitBuilder").finish_non_exhaustive()
    }
}

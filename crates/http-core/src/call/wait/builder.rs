//! A wait that still needs its condition.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use super::{Describe, Look, Test, Wait};
use crate::call::Call;

/// A wait without a condition yet: add it with [`until`](Self::until).
#[must_use = "a wait needs a condition: call .until(..) and await the result"]
pub struct WaitBuilder<T> {
    look: Look<T>,
    subject: Option<String>,
    describe: Option<Describe<T>>,
    fail: Option<Test<T>>,
}

impl<T: Clone + Send + 'static> WaitBuilder<T> {
    /// For provider crates: creates a wait that reads the state by this call.
    pub fn new(look: impl Fn() -> Call<T> + Send + Sync + 'static) -> Self {
        Self { look: Box::new(look), subject: None, describe: None, fail: None }
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

    /// For provider crates: sets the final states, on which the wait fails unless one of them is wanted.
    pub fn fail_on(mut self, test: impl Fn(&T) -> bool + Send + Sync + 'static) -> Self {
        self.fail = Some(Box::new(test));
        self
    }

    /// Waits until `test` returns true.
    pub fn until(self, test: impl Fn(&T) -> bool + Send + Sync + 'static) -> Wait<T> {
        Wait {
            look: self.look,
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

/// Explains what a wait lacks, where it is awaited without a condition.
#[diagnostic::on_unimplemented(
    message = "this wait has no condition",
    label = "add a condition before `.await`, e.g. `.until(|state| …)`",
    note = "e.g. `servers.wait(id).until(Server::is_running).await` waits until the server runs"
)]
#[doc(hidden)]
pub trait HasCondition {}

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

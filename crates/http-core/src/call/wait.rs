//! Waiting for a state, as a value.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use tokio::time::{Instant, sleep, timeout_at};

use crate::call::Call;
use crate::error::{Error, ErrorKind, Source};
use crate::policy::backoff::random;
use crate::policy::deadline::{LONGEST, after};
use crate::policy::retry::LONGEST_DELAY;
use crate::wire::response::BoxFuture;

/// A wait reserves at most this much of its time for its last look.
const LAST_LOOK: Duration = Duration::from_secs(1);

type Look<T> = Box<dyn Fn() -> Call<T> + Send + Sync>;
type Test<T> = Box<dyn Fn(&T) -> bool + Send + Sync>;
type Describe<T> = Box<dyn Fn(&T) -> String + Send + Sync>;

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
    note = "e.g. `elastis.vms().wait(id).until(Vm::is_running).await` waits until the VM runs"
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

/// A wait for a state. `.await` returns the state that was waited for; [`states`](Self::states) returns every state on
/// the way.
///
/// The first look is immediate; the delay between looks grows from 2 to 15 seconds. The wait ends after ten minutes
/// unless [`timeout`](Self::timeout) says otherwise.
///
/// A look that fails does not end the wait: after a timeout, a 5xx, a rate limit, a web page or a decode error, the
/// next look may succeed. Five in a row do end it; see [`max_failed_looks`](Self::max_failed_looks). An error response
/// that will not change, such as a wrong key, ends the wait at once. "Not found" does so only after a [grace
/// period](Self::grace_period), because a provider may list a resource later than it confirms its creation.
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
        let poll = Polling {
            delay: self.interval.0,
            wait: self,
            start: None,
            looks: 0,
            failures: 0,
            trouble: None,
            last: None,
        };
        States { looking: None, poll: Some(Box::new(poll)) }
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

/// The states that a [`Wait`] sees, as a stream: the wanted one is the last item, or an error is.
#[must_use = "states are looked for only when the stream is polled"]
pub struct States<T> {
    poll: Option<Box<Polling<T>>>,
    looking: Option<BoxFuture<'static, Seen<T>>>,
}

type Seen<T> = (Option<Box<Polling<T>>>, Result<T, WaitError<T>>);

struct Polling<T> {
    wait: Wait<T>,
    start: Option<Instant>,
    delay: Duration,
    looks: u32,
    /// How many looks in a row failed, and why the last one did.
    failures: u32,
    trouble: Option<Error>,
    last: Option<T>,
}

impl<T: Clone + Send + 'static> States<T> {
    /// Returns the next state; `None` after the wanted one or an error.
    ///
    /// # Errors
    ///
    /// The error of the wait, as the last item.
    pub async fn next(&mut self) -> Option<Result<T, WaitError<T>>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl<T: Clone + Send + 'static> Stream for States<T> {
    type Item = Result<T, WaitError<T>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let looking = match (&mut this.looking, this.poll.take()) {
            (Some(looking), _) => looking,
            (empty @ None, Some(poll)) => empty.insert(Box::pin(poll.look())),
            (None, None) => return Poll::Ready(None),
        };
        let Poll::Ready((poll, seen)) = looking.as_mut().poll(context) else { return Poll::Pending };
        this.looking = None;
        this.poll = poll;
        Poll::Ready(Some(seen))
    }
}

impl<T: Clone + Send + 'static> Polling<T> {
    /// Looks until there is a state to report, after a delay unless this is the first look.
    async fn look(mut self: Box<Self>) -> Seen<T> {
        let start = *self.start.get_or_insert_with(Instant::now);
        let deadline = start + self.wait.timeout.min(LONGEST);
        loop {
            if self.looks > 0 && !self.rest(deadline).await {
                return (None, Err(self.timed_out()));
            }
            self.looks += 1;
            // A wait of zero is one look, which has limits of its own.
            let until = if self.wait.timeout.is_zero() { after(LONGEST) } else { deadline };
            match timeout_at(until, (self.wait.look)()).await {
                Err(_) => return (None, Err(self.timed_out())),
                Ok(Ok(state)) => {
                    self.last = Some(state.clone());
                    (self.failures, self.trouble) = (0, None);
                    if (self.wait.done)(&state) {
                        return (None, Ok(state));
                    }
                    if self.wait.fail.as_ref().is_some_and(|fail| fail(&state)) {
                        return (
                            None,
                            Err(self.ended("reached a state from which the wanted one cannot follow")),
                        );
                    }
                    return (Some(self), Ok(state));
                }
                Ok(Err(error)) if self.is_not_yet(&error, start) => self.trouble = Some(error),
                Ok(Err(error)) if may_pass(&error) => {
                    self.trouble = Some(error);
                    self.failures += 1;
                    if self.failures >= self.wait.most_failures {
                        let message = format!("could not be read {} times in a row", self.failures);
                        return (None, Err(self.ended(&message)));
                    }
                }
                Ok(Err(error)) => return (None, Err(WaitError { error, last: self.last })),
            }
        }
    }

    /// Whether the resource may still appear.
    fn is_not_yet(&self, error: &Error, start: Instant) -> bool {
        error.is_not_found() && self.last.is_none() && start.elapsed() < self.wait.grace
    }

    /// Sleeps until the next look; `false` where no time is left for one.
    async fn rest(&mut self, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        // The last look comes shortly before the end, late enough to be worth it and early enough to be answered.
        let last = left.saturating_sub(LAST_LOOK.min(self.wait.timeout / 20));
        if last.is_zero() {
            return false;
        }
        // Up to a quarter more, so that many waits do not look in step.
        let (own, longest) = (self.delay.mul_f64(1.0 + random() / 4.0), self.wait.interval.1);
        self.delay = self.delay.mul_f64(1.5).min(longest);
        let asked = self.trouble.as_ref().and_then(Error::retry_after).unwrap_or_default();
        sleep(own.min(longest).max(asked.min(LONGEST_DELAY)).min(last)).await;
        true
    }

    fn timed_out(self) -> WaitError<T> {
        let message = format!("did not reach the wanted state within {:?}", self.wait.timeout);
        let WaitError { error, last } = self.ended(&message);
        WaitError { error: error.with_advice("raise it with timeout(..)"), last }
    }

    /// The wait's own error: the resource, how the wait ended, the number of looks, and the last state.
    fn ended(self, how: &str) -> WaitError<T> {
        let subject = self.wait.subject.as_deref().unwrap_or("the resource");
        let looks = if self.looks == 1 { "1 look".to_owned() } else { format!("{} looks", self.looks) };
        let mut message = format!("{subject} {how} ({looks}");
        if let (Some(describe), Some(state)) = (&self.wait.describe, &self.last) {
            message = format!("{message}, last state: {}", describe(state));
        }
        message.push(')');
        let operation = (self.wait.look)().operation().name();
        let error = match self.trouble {
            Some(trouble) => {
                Error::new(ErrorKind::Wait, format!("{message}; the last look failed: {trouble}"))
                    .with_source(Source::Call(trouble))
            }
            None => Error::new(ErrorKind::Wait, message),
        };
        WaitError { error: error.with_operation(operation), last: self.last }
    }
}

/// Returns whether the next look may succeed. A decode error may be temporary too: a web page during maintenance, a row
/// with values that are not known yet.
fn may_pass(error: &Error) -> bool {
    error.is_retryable() || matches!(error.kind(), ErrorKind::Decode | ErrorKind::Challenge)
}

/// Why a wait ended without the wanted state, with the last state that was seen. `?` turns it into an
/// [`Error`].
pub struct WaitError<T> {
    error: Error,
    last: Option<T>,
}

impl<T> WaitError<T> {
    /// Returns the last state that was seen, if any.
    pub fn last(&self) -> Option<&T> {
        self.last.as_ref()
    }

    /// Returns the reason: [`ErrorKind::Wait`], or the error response that ended the wait.
    pub fn error(&self) -> &Error {
        &self.error
    }
}

impl<T: fmt::Debug> fmt::Display for WaitError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)
    }
}

impl<T: fmt::Debug> fmt::Debug for WaitError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitError").field("error", &self.error).field("last", &self.last).finish()
    }
}

impl<T: fmt::Debug> std::error::Error for WaitError<T> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.error)
    }
}

impl<T> From<WaitError<T>> for Error {
    fn from(error: WaitError<T>) -> Self {
        error.error
    }
}

impl<T> fmt::Debug for WaitBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitBuilder").finish_non_exhaustive()
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

impl<T> fmt::Debug for States<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("States").finish_non_exhaustive()
    }
}

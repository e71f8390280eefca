//! The looks of a wait, as a stream of states.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use tokio::time::{Instant, sleep, timeout_at};

use super::{Wait, WaitError};
use crate::error::{Error, ErrorKind, Source};
use crate::policy::backoff::random;
use crate::policy::deadline::{LONGEST, after};
use crate::policy::retry::LONGEST_DELAY;
use crate::wire::response::BoxFuture;

/// A wait reserves at most this much of its time for its last look.
const LAST_LOOK: Duration = Duration::from_secs(1);

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
    pub(super) fn new(wait: Wait<T>) -> Self {
        let poll = Polling {
            delay: wait.interval.0,
            wait,
            start: None,
            looks: 0,
            failures: 0,
            trouble: None,
            last: None,
        };
        Self { looking: None, poll: Some(Box::new(poll)) }
    }

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
            // A look that ends in time says why it failed; one that is cut off does not.
            let look = (self.wait.look)().at_most(until.saturating_duration_since(Instant::now()));
            match timeout_at(until, look).await {
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
                Ok(Err(error)) if error.may_pass() => {
                    let missing = error.response_kind().filter(|_| error.is_not_found());
                    self.trouble = Some(error);
                    self.failures += 1;
                    if self.failures >= self.wait.most_failures {
                        let message = format!("could not be read {} times in a row", self.failures);
                        let WaitError { error, last } = self.ended(&message);
                        let error = match missing {
                            Some(missing) => error.with_response_kind(missing),
                            None => error,
                        };
                        return (None, Err(WaitError { error, last }));
                    }
                }
                Ok(Err(error)) => return (None, Err(WaitError { error, last: self.last })),
            }
        }
    }

    /// Returns whether the resource may still appear.
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
        // Up to a quarter more, or less if that would be too long, so that many waits do not look in step.
        let (jitter, longest) = (random() / 4.0, self.wait.interval.1);
        let own = Some(self.delay.mul_f64(1.0 + jitter)).filter(|own| *own <= longest);
        let own = own.unwrap_or_else(|| longest.mul_f64(1.0 - jitter));
        self.delay = self.delay.mul_f64(1.5).min(longest);
        let asked = self.trouble.as_ref().and_then(Error::retry_after).unwrap_or_default();
        sleep(own.max(asked.min(LONGEST_DELAY)).min(last)).await;
        true
    }

    fn timed_out(self) -> WaitError<T> {
        let message = format!("did not reach the wanted state within {:?}", self.wait.timeout);
        let WaitError { error, last } = self.ended(&message);
        WaitError { error: error.with_advice("raise it with timeout(..)"), last }
    }

    /// Returns the wait's own error: the resource, how the wait ended, the number of looks, and the last state.
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

impl<T> fmt::Debug for States<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("States").finish_non_exhaustive()
    }
}

//! The stream of the states that a wait sees.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use tokio::time::{Instant, sleep, timeout_at};

use super::{Wait, WaitError};
use crate::error::{Error, ErrorKind, Source, excerpt};
use crate::policy::backoff::random;
use crate::policy::deadline::{LONGEST, after};
use crate::policy::retry::LONGEST_REQUESTED_DELAY;
use crate::policy::runtime::check_runtime;
use crate::wire::response::BoxFuture;

/// The maximum time that a wait reserves for its last poll.
const LAST_POLL: Duration = Duration::from_secs(1);

/// A stream of the states that a [`Wait`] sees. The last item is the wanted state or an error.
#[must_use = "streams do nothing unless polled"]
pub struct States<T> {
    idle: Option<Box<Polling<T>>>,
    running: Option<BoxFuture<'static, Seen<T>>>,
}

type Seen<T> = (Option<Box<Polling<T>>>, Result<T, WaitError<T>>);

struct Polling<T> {
    wait: Wait<T>,
    start: Option<Instant>,
    delay: Duration,
    polls: u32,
    /// The number of polls in a row that failed, and the error of the last one.
    failures: u32,
    trouble: Option<Error>,
    last: Option<T>,
}

impl<T: Clone + Send + 'static> States<T> {
    pub(super) fn new(wait: Wait<T>) -> Self {
        let polling = Polling {
            delay: wait.interval.0,
            wait,
            start: None,
            polls: 0,
            failures: 0,
            trouble: None,
            last: None,
        };
        Self { running: None, idle: Some(Box::new(polling)) }
    }

    /// Returns the next state; `None` after the wanted state or an error.
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
        let running = match (&mut this.running, this.idle.take()) {
            (Some(running), _) => running,
            (empty @ None, Some(polling)) => empty.insert(Box::pin(polling.next())),
            (None, None) => return Poll::Ready(None),
        };
        let Poll::Ready((idle, seen)) = running.as_mut().poll(context) else { return Poll::Pending };
        this.running = None;
        this.idle = idle;
        Poll::Ready(Some(seen))
    }
}

impl<T: Clone + Send + 'static> Polling<T> {
    /// Polls until there is a state to report; the first poll is immediate.
    async fn next(mut self: Box<Self>) -> Seen<T> {
        if let Err(error) = check_runtime() {
            return (None, Err(WaitError { error, last: self.last }));
        }
        let start = *self.start.get_or_insert_with(Instant::now);
        let deadline = start + self.wait.timeout.min(LONGEST);
        loop {
            if self.polls > 0 && !self.rest(deadline).await {
                return (None, Err(self.timed_out()));
            }
            self.polls += 1;
            // A wait with a timeout of zero polls once, within the poll's own timeouts.
            let until = if self.wait.timeout.is_zero() { after(LONGEST) } else { deadline };
            // A poll that ends in time reports why it failed; one that is cut off does not.
            let poll = (self.wait.poll)().at_most(until.saturating_duration_since(Instant::now()));
            match timeout_at(until, poll).await {
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
                            Err(self.ended("reached a state from which the wanted state cannot be reached")),
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

    /// Sleeps until the next poll; returns `false` if no time is left for one.
    async fn rest(&mut self, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        // The last poll comes shortly before the end: late enough to be useful, and early enough to get a response.
        let last = left.saturating_sub(LAST_POLL.min(self.wait.timeout / 20));
        if last.is_zero() {
            return false;
        }
        // Jitter of up to a quarter of the delay, so that many waits do not poll in lockstep.
        let (jitter, longest) = (random() / 4.0, self.wait.interval.1);
        let own = Some(self.delay.mul_f64(1.0 + jitter)).filter(|own| *own <= longest);
        let own = own.unwrap_or_else(|| longest.mul_f64(1.0 - jitter).max(self.wait.interval.0));
        self.delay = self.delay.mul_f64(1.5).min(longest);
        let asked = self.trouble.as_ref().and_then(Error::retry_after).unwrap_or_default();
        sleep(own.max(asked.min(LONGEST_REQUESTED_DELAY)).min(last)).await;
        true
    }

    fn timed_out(self) -> WaitError<T> {
        let message = format!("did not reach the wanted state within {:?}", self.wait.timeout);
        let WaitError { error, last } = self.ended(&message);
        WaitError { error: error.with_advice("raise the limit with timeout(..)"), last }
    }

    /// Creates the wait's own error, which contains the resource, how the wait ended, the number of polls, and the last
    /// state.
    fn ended(self, how: &str) -> WaitError<T> {
        let subject = self.wait.subject.as_deref().unwrap_or("the resource");
        let polls = if self.polls == 1 { "1 poll".to_owned() } else { format!("{} polls", self.polls) };
        let mut message = format!("{subject} {how} ({polls}");
        let poll = (self.wait.poll)();
        if let (Some(describe), Some(state)) = (&self.wait.describe, &self.last) {
            let state = excerpt::sanitize(&describe(state), &poll.secrets());
            message = format!("{message}, last state: {state}");
        }
        message.push(')');
        let error = match self.trouble {
            Some(trouble) => {
                Error::new(ErrorKind::Wait, format!("{message}; the last poll failed: {trouble}"))
                    .with_source(Source::Call(trouble))
            }
            None => Error::new(ErrorKind::Wait, message),
        };
        WaitError { error: error.with_operation(poll.operation().name()), last: self.last }
    }
}

impl<T> fmt::Debug for States<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("States").finish_non_exhaustive()
    }
}

//! The retry loop, and the failures that are retried.

#[cfg(test)]
mod tests;

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Earlier, Error, ErrorKind};
use crate::operation::Effect;
use crate::policy::backoff::Backoff;
use crate::policy::budget::Bucket;
use crate::trace;

/// How many times a call is attempted, and the delays between attempts.
///
/// *Which* failures are retried is not part of the policy: it depends on the operation's [`Effect`].
///
/// If a session has expired, the client renews it and sends the request once more; this request is not limited by the
/// policy, but has retries of its own.
///
/// ```
/// use std::time::Duration;
///
/// use http_core::RetryPolicy;
/// use http_core::retry::Backoff;
///
/// let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));
/// let patient = RetryPolicy::attempts(6).with_backoff(backoff);
/// assert_eq!(patient.attempts, 6);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// The number of attempts, including the first one. 1 turns retries off; 0 counts as 1.
    pub attempts: u32,
    /// The delays between attempts.
    pub backoff: Backoff,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { attempts: 4, backoff: Backoff::default() }
    }
}

impl RetryPolicy {
    /// Creates a policy of `attempts` attempts with the default delays.
    pub fn attempts(attempts: u32) -> Self {
        Self { attempts, ..Self::default() }
    }

    /// Creates a policy of a single attempt, without retries.
    pub fn never() -> Self {
        Self::attempts(1)
    }

    /// Sets the delays between attempts.
    pub fn with_backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }
}

/// Returns whether no connection was made, so that no part of the request left this computer.
fn was_never_sent(error: &Error) -> bool {
    error.is_passing_connect_failure()
}

/// Returns whether the server closed the connection or refused the stream, and reported the request as unprocessed.
fn not_processed(error: &Error) -> bool {
    error.is_unprocessed()
}

/// Returns whether the provider rejected the request without processing it.
fn refused_unprocessed(error: &Error) -> bool {
    error.is_refused_unprocessed()
}

/// Returns whether the provider or a proxy in front of it is failing: 408, 500, 502, 503, 504 and similar.
fn provider_fails(error: &Error) -> bool {
    error.kind() == ErrorKind::ErrorResponse && error.is_retryable()
}

/// Returns whether the response was lost or did not arrive in time, so that it is unknown whether the request was
/// processed.
fn response_was_lost(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Transport)
}

/// Returns whether an operation with this effect may be retried after this failure.
pub(crate) fn may_repeat(effect: Effect, error: &Error) -> bool {
    was_never_sent(error)
        || not_processed(error)
        || refused_unprocessed(error)
        || (effect != Effect::NonIdempotent && (provider_fails(error) || response_was_lost(error)))
}

/// The longest delay that a provider can request; longer ones are capped.
pub(crate) const LONGEST_REQUESTED_DELAY: Duration = Duration::from_secs(60);

/// Runs `attempt` until it succeeds or must not be retried. No delay extends beyond the deadline; attempts enforce the
/// deadline themselves. `earlier` is the outcome of requests that this call sent before.
#[expect(clippy::manual_async_fn, reason = "the future of an async fn stores each argument twice")]
pub(crate) fn run<T, F, A>(
    policy: RetryPolicy,
    effect: Effect,
    deadline: Instant,
    bucket: &Bucket,
    random: impl Fn() -> f64,
    mut earlier: Earlier,
    mut attempt: F,
) -> impl Future<Output = Result<(T, u32), Error>>
where
    F: FnMut() -> A,
    A: Future<Output = Result<T, Error>>,
{
    async move {
        let mut number = 1;
        let mut paid = 0;
        loop {
            let error = match attempt().await {
                Ok(value) => {
                    bucket.refund(paid);
                    return Ok((value, number));
                }
                Err(error) => {
                    let sent = error.may_have_been_sent();
                    let attempts = if error.is_before_request() { number - 1 } else { number };
                    let error = error.with_attempts(attempts).after(earlier, effect);
                    earlier = Earlier { sent: earlier.sent || sent, lost: earlier.lost || sent };
                    error
                }
            };
            if number >= policy.attempts || !may_repeat(effect, &error) {
                // The provider works if it rejects a request for a reason of its own.
                if error.kind() == ErrorKind::ErrorResponse && !error.is_retryable() {
                    bucket.refund(paid);
                }
                return Err(error);
            }
            // The backoff is added so that clients with the same `Retry-After` do not retry in lockstep.
            let asked = error.retry_after().unwrap_or_default().min(LONGEST_REQUESTED_DELAY);
            let delay = asked + policy.backoff.delay(number, random());
            if Instant::now() + delay >= deadline {
                return Err(error.with_advice(
                    "not retried: the next attempt would begin after the deadline of the whole call",
                ));
            }
            // During a graceful restart, a server rejects all requests in flight, and a server that asks for a delay
            // expects the retry. Neither means that the provider is failing.
            if !not_processed(&error) && asked.is_zero() {
                let Some(cost) = bucket.take() else {
                    let advice =
                        "not retried: most calls of this client fail, and its retry budget is exhausted";
                    return Err(error.with_advice(advice));
                };
                paid = paid.saturating_add(cost);
            }
            trace::retry(&error, delay);
            tokio::time::sleep(delay).await;
            number += 1;
        }
    }
}

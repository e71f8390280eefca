//! The retry budget, which keeps retries from making an outage worse.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A limit on retries that all clones of a client share.
///
/// It is a token bucket: each retry takes `retry_cost` tokens. A call that is answered at its first attempt adds one
/// token, and a call that is answered later returns the tokens that it took; error responses such as "not found" are
/// answers as well, but not 429 and 5xx. An empty bucket refills within `refill_time`.
/// When most calls fail, the bucket runs empty, and calls fail without a retry until it has tokens again.
///
/// A retry after a delay requested by the provider costs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryBudget {
    /// The tokens in a full bucket.
    pub capacity: u32,
    /// The tokens that one retry takes.
    pub retry_cost: u32,
    /// The time in which an empty bucket refills by itself; 5 minutes by default.
    pub refill_time: Duration,
}

impl RetryBudget {
    /// Creates a bucket of `capacity` tokens; each retry takes `retry_cost` of them.
    pub fn new(capacity: u32, retry_cost: u32) -> Self {
        Self { capacity, retry_cost, ..Self::default() }
    }

    /// Sets the time in which an empty bucket refills by itself.
    pub fn with_refill_time(mut self, time: Duration) -> Self {
        self.refill_time = time;
        self
    }
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self { capacity: 100, retry_cost: 5, refill_time: Duration::from_secs(300) }
    }
}

#[derive(Debug)]
pub(crate) struct Bucket {
    budget: RetryBudget,
    /// The number of tokens at a point in time.
    level: Mutex<(f64, Instant)>,
}

impl Bucket {
    pub(crate) fn new(budget: RetryBudget) -> Self {
        Self { budget, level: Mutex::new((budget.capacity.into(), Instant::now())) }
    }

    /// Takes the cost of one retry and returns it; `None` if too few tokens are left.
    pub(crate) fn take(&self) -> Option<u32> {
        let cost = self.budget.retry_cost;
        self.change(|tokens| {
            if tokens < cost.into() { (tokens, None) } else { (tokens - f64::from(cost), Some(cost)) }
        })
    }

    /// Refunds the tokens that an answered call spent, or adds one token if it spent none.
    pub(crate) fn refund(&self, spent: u32) {
        self.change(|tokens| (tokens + f64::from(spent.max(1)), ()));
    }

    fn change<T>(&self, change: impl FnOnce(f64) -> (f64, T)) -> T {
        let capacity = f64::from(self.budget.capacity);
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let part = now.duration_since(level.1).as_secs_f64() / self.budget.refill_time.as_secs_f64();
        // A refill time of zero may yield NaN, which counts as no refill.
        let refilled = (level.0 + (capacity * part).max(0.0)).min(capacity);
        let (left, result) = change(refilled);
        *level = (left.min(capacity), now);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_budget_empties_with_retries_and_refills_with_successes() {
        let bucket = Bucket::new(RetryBudget::new(10, 5));
        assert!(bucket.take().is_some() && bucket.take().is_some());
        assert!(bucket.take().is_none(), "empty");
        (0..4).for_each(|_| bucket.refund(0));
        assert!(bucket.take().is_none(), "four of five tokens");
        bucket.refund(0);
        assert!(bucket.take().is_some());
        bucket.refund(10);
        assert!(
            bucket.take().is_some() && bucket.take().is_some(),
            "a success returns all tokens that its call took"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn the_budget_refills_with_time() {
        let bucket = Bucket::new(RetryBudget::new(10, 5).with_refill_time(Duration::from_secs(60)));
        assert!(bucket.take().is_some() && bucket.take().is_some());
        tokio::time::advance(Duration::from_secs(29)).await;
        assert!(bucket.take().is_none());
        tokio::time::advance(Duration::from_secs(2)).await;
        assert!(bucket.take().is_some() && bucket.take().is_none());
        for time in [Duration::ZERO, Duration::MAX] {
            let bucket = Bucket::new(RetryBudget::new(5, 5).with_refill_time(time));
            assert!(bucket.take().is_some());
            assert!(bucket.take().is_none(), "{time:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_bucket_does_not_overflow() {
        let bucket = Bucket::new(RetryBudget::new(5, 5));
        (0..100).for_each(|_| bucket.refund(u32::MAX));
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert!(bucket.take().is_some());
        assert!(bucket.take().is_none());
    }
}

//! The retry budget: what keeps retries from making an outage worse.

use std::sync::atomic::{AtomicU32, Ordering};

/// How many retries all clones of a client may spend together.
///
/// A bucket of tokens: a retry takes `retry_cost`, a call that succeeds at its first try gives one back, and a
/// call that succeeds after a retry gives back what that retry took. When most calls fail the bucket runs
/// empty, and failures are returned at once until calls succeed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryBudget {
    /// The tokens in a full bucket.
    pub capacity: u32,
    /// The tokens that one retry takes.
    pub retry_cost: u32,
}

impl RetryBudget {
    /// A bucket of `capacity` tokens of which each retry takes `retry_cost`.
    pub fn new(capacity: u32, retry_cost: u32) -> Self {
        Self { capacity, retry_cost }
    }
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self { capacity: 100, retry_cost: 5 }
    }
}

#[derive(Debug)]
pub(crate) struct Bucket {
    budget: RetryBudget,
    tokens: AtomicU32,
}

impl Bucket {
    pub(crate) fn new(budget: RetryBudget) -> Self {
        Self { budget, tokens: AtomicU32::new(budget.capacity) }
    }

    /// Takes the cost of one retry; `false` where too little is left.
    pub(crate) fn take(&self) -> bool {
        let cost = self.budget.retry_cost;
        let take = |tokens: u32| tokens.checked_sub(cost);
        self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    /// Gives back after a success that took `attempts` tries.
    pub(crate) fn refill(&self, attempts: u32) {
        let back = if attempts > 1 { self.budget.retry_cost } else { 1 };
        let refill = |tokens: u32| {
            let full = tokens.saturating_add(back).min(self.budget.capacity);
            (full != tokens).then_some(full)
        };
        let _ = self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, refill);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_empties_with_retries_and_refills_with_successes() {
        let bucket = Bucket::new(RetryBudget { capacity: 10, retry_cost: 5 });
        assert!(bucket.take() && bucket.take());
        assert!(!bucket.take(), "empty");
        (0..4).for_each(|_| bucket.refill(1));
        assert!(!bucket.take(), "four of five tokens");
        bucket.refill(1);
        assert!(bucket.take());
        bucket.refill(3);
        assert!(bucket.take(), "a success after a retry returns the retry's cost");
    }

    #[test]
    fn a_full_bucket_does_not_overflow() {
        let bucket = Bucket::new(RetryBudget { capacity: 5, retry_cost: 5 });
        (0..100).for_each(|_| bucket.refill(2));
        assert!(bucket.take());
        assert!(!bucket.take());
    }
}

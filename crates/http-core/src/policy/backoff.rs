//! The delay between two attempts: exponential backoff with full jitter.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

use crate::policy::deadline::LONGEST;

/// Exponential backoff with full jitter: the delay before retry `n` is a random time between zero and `base * 2^(n-1)`,
/// but no more than `cap`. The randomness keeps many clients from retrying in lockstep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backoff {
    /// The upper bound before the first retry.
    pub base: Duration,
    /// The upper bound of every delay.
    pub cap: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { base: Duration::from_millis(500), cap: Duration::from_secs(20) }
    }
}

impl Backoff {
    /// Creates a backoff whose upper bound is `base` before the first retry and doubles with each retry, up to `cap`.
    pub fn new(base: Duration, cap: Duration) -> Self {
        Self { base, cap }
    }

    /// Returns the delay before retry `number` (the first is 1); `random` is in `0.0..1.0`.
    pub(crate) fn delay(&self, number: u32, random: f64) -> Duration {
        let doubled = 2u32.saturating_pow(number.saturating_sub(1));
        self.base.saturating_mul(doubled).min(self.cap).min(LONGEST).mul_f64(random.clamp(0.0, 1.0))
    }
}

/// Returns a random number in `0.0..1.0`: the standard library's per-process random keys are enough to spread attempts.
pub(crate) fn random() -> f64 {
    let bits = RandomState::new().build_hasher().finish() >> 40;
    f64::from(u32::try_from(bits).unwrap_or(0)) / f64::from(1 << 24)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_delay_stays_between_zero_and_its_bound(number in 1u32..100, random in 0.0f64..1.0, base in 0u64..5_000, cap in 0u64..60_000) {
            let backoff = Backoff { base: Duration::from_millis(base), cap: Duration::from_millis(cap) };
            let delay = backoff.delay(number, random);
            prop_assert!(delay <= backoff.cap);
            prop_assert!(delay <= backoff.base.saturating_mul(2u32.saturating_pow(number - 1)));
        }
    }

    #[test]
    fn the_bound_doubles_until_the_cap() {
        let backoff = Backoff::default();
        let bounds: Vec<_> = (1..=8).map(|n| backoff.delay(n, 1.0).as_millis()).collect();
        assert_eq!(bounds, [500, 1000, 2000, 4000, 8000, 16000, 20000, 20000]);
    }

    #[test]
    fn random_numbers_differ_and_stay_in_bounds() {
        let numbers: Vec<f64> = (0..1000).map(|_| random()).collect();
        assert!(numbers.iter().all(|n| (0.0..1.0).contains(n)));
        let low = numbers.iter().filter(|n| **n < 0.5).count();
        assert!((350..650).contains(&low), "{low} of 1000 below one half");
    }
}

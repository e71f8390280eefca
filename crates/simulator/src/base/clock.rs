//! The providers' time.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

/// How long a state change takes, such as starting a VM or installing a VPS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Boot {
    /// The response to the request already contains the new state.
    #[default]
    Immediately,
    /// The new state is reached once the simulator's [`Clock`] has advanced by this time.
    After(Duration),
    /// The intermediate state is returned this many times; the next read returns the new state.
    AfterReads(u32),
}

impl FromStr for Boot {
    type Err = String;

    /// Parses `immediately`, a time such as `40s` or `500ms`, or a number of reads such as `3reads`.
    fn from_str(text: &str) -> Result<Self, String> {
        let number = |digits: &str| digits.parse::<u64>().ok();
        let boot = match text {
            "immediately" => Some(Self::Immediately),
            _ => None,
        };
        let boot = boot.or_else(|| Some(Self::AfterReads(text.strip_suffix("reads")?.parse().ok()?)));
        let boot =
            boot.or_else(|| Some(Self::After(Duration::from_millis(number(text.strip_suffix("ms")?)?))));
        let boot = boot.or_else(|| Some(Self::After(Duration::from_secs(number(text.strip_suffix('s')?)?))));
        boot.ok_or_else(|| {
            format!("'{text}' is not immediately, a time like 40s, or a number of reads like 3reads")
        })
    }
}

impl fmt::Display for Boot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Immediately => f.write_str("immediately"),
            Self::After(time) => write!(f, "{}ms", time.as_millis()),
            Self::AfterReads(reads) => write!(f, "{reads}reads"),
        }
    }
}

/// The simulator's clock, which also stores how long state changes take.
///
/// The clock follows tokio's clock, also in tests with `start_paused`. [`advance`](Self::advance) moves it forward. A
/// clock from [`Clock::frozen`] moves only when `advance` is called. All clones share the same time.
#[derive(Clone, Debug)]
pub struct Clock {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    /// The time that the clock showed at `since`.
    shows: DateTime<Utc>,
    /// `None` while the clock is stopped.
    since: Option<Instant>,
    /// The initial time, for [`Clock::reset`].
    first: (DateTime<Utc>, Option<Instant>),
    boot: Boot,
}

impl Inner {
    fn now(&self) -> DateTime<Utc> {
        let run = self.since.map_or(Duration::ZERO, |since| since.elapsed());
        self.shows + TimeDelta::from_std(run).unwrap_or_default()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::starting(Utc::now(), Some(Instant::now()))
    }
}

impl Clock {
    /// Creates a stopped clock, which only [`advance`](Self::advance) moves. This makes every time in a response
    /// predictable.
    pub fn frozen(at: DateTime<Utc>) -> Self {
        Self::starting(at, None)
    }

    fn starting(shows: DateTime<Utc>, since: Option<Instant>) -> Self {
        let inner = Inner { shows, since, first: (shows, since), boot: Boot::default() };
        Self { inner: Arc::new(Mutex::new(inner)) }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the providers' current time.
    pub fn now(&self) -> DateTime<Utc> {
        self.inner().now()
    }

    /// Moves the providers' time forward, so that costs grow and delayed states are reached. The clock cannot be
    /// advanced more than about 200 years beyond its initial time.
    pub fn advance(&self, by: Duration) {
        const CENTURIES: TimeDelta = TimeDelta::days(200 * 366);
        let mut inner = self.inner();
        let by = TimeDelta::from_std(by).unwrap_or(CENTURIES).min(CENTURIES);
        inner.shows = (inner.shows + by).min(inner.first.0 + CENTURIES);
    }

    /// Stops the clock.
    pub fn freeze(&self) {
        let mut inner = self.inner();
        (inner.shows, inner.since) = (inner.now(), None);
    }

    /// Restarts the clock from its current time.
    pub fn run(&self) {
        let mut inner = self.inner();
        (inner.shows, inner.since) = (inner.now(), Some(Instant::now()));
    }

    pub(crate) fn reset(&self) {
        let mut inner = self.inner();
        (inner.shows, inner.since) = inner.first;
    }

    /// Returns how long state changes take, such as booting a VM.
    pub fn boot(&self) -> Boot {
        self.inner().boot
    }

    /// Sets how long future state changes take.
    pub fn set_boot(&self, boot: Boot) {
        self.inner().boot = boot;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_displayed_boot_mode_can_be_parsed() {
        for (text, boot) in [
            ("immediately", Boot::Immediately),
            ("1500ms", Boot::After(Duration::from_millis(1500))),
            ("3reads", Boot::AfterReads(3)),
        ] {
            assert_eq!(text.parse(), Ok(boot));
            assert_eq!(boot.to_string(), text);
        }
        assert_eq!("40s".parse(), Ok(Boot::After(Duration::from_secs(40))));
        for bad in ["", "soon", "4", "-1s", "reads", "1.5s"] {
            assert!(bad.parse::<Boot>().is_err(), "{bad}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_stopped_clock_starts_again_from_the_same_time() {
        let (clock, second) = (Clock::default(), Duration::from_secs(1));
        let start = clock.now();
        let shown = |clock: &Clock| (clock.now() - start).num_seconds();
        tokio::time::advance(second * 5).await;
        clock.freeze();
        tokio::time::advance(second * 5).await;
        assert_eq!(shown(&clock), 5);
        clock.advance(second * 10);
        clock.run();
        tokio::time::advance(second).await;
        assert_eq!(shown(&clock), 16);
        clock.reset();
        assert_eq!(shown(&clock), 11, "no time was lost");
    }
}

//! The providers' time.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

/// How long a state takes that needs time: a VM that starts, a VPS that is installed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Boot {
    /// The new state is there in the response to the request that asked for it.
    #[default]
    AtOnce,
    /// The new state comes when the simulator's [`Clock`] has moved this far.
    After(Duration),
    /// The state on the way is seen this many times; the next look sees the new one.
    AfterReads(u32),
}

impl FromStr for Boot {
    type Err = String;

    /// `at-once`, a time such as `40s` or `500ms`, or a number of looks such as `3reads`.
    fn from_str(text: &str) -> Result<Self, String> {
        let number = |digits: &str| digits.parse::<u64>().ok();
        let boot = match text {
            "at-once" => Some(Self::AtOnce),
            _ => None,
        };
        let boot = boot.or_else(|| Some(Self::AfterReads(text.strip_suffix("reads")?.parse().ok()?)));
        let boot =
            boot.or_else(|| Some(Self::After(Duration::from_millis(number(text.strip_suffix("ms")?)?))));
        let boot = boot.or_else(|| Some(Self::After(Duration::from_secs(number(text.strip_suffix('s')?)?))));
        boot.ok_or_else(|| {
            format!("'{text}' is not at-once, a time like 40s, or a number of looks like 3reads")
        })
    }
}

impl fmt::Display for Boot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtOnce => f.write_str("at-once"),
            Self::After(time) => write!(f, "{}ms", time.as_millis()),
            Self::AfterReads(reads) => write!(f, "{reads}reads"),
        }
    }
}

/// The simulator's clock, and with it how long a state takes that needs time.
///
/// It runs with tokio's time, which a test may have paused, plus what was added to it; made by
/// [`Clock::frozen`] it does not run at all. Clones show the same time.
#[derive(Clone, Debug)]
pub struct Clock {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    /// What it shows, as of `since`.
    shows: DateTime<Utc>,
    /// `None` while it does not run.
    since: Option<Instant>,
    /// What it began with, for [`Clock::reset`].
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
    /// A clock that only [`advance`](Self::advance) moves, so that every time in a response is known.
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

    /// The time that the providers believe in.
    pub fn now(&self) -> DateTime<Utc> {
        self.inner().now()
    }

    /// Moves the providers' time forward, so that costs grow and delayed states arrive.
    /// At most some hundred years count.
    pub fn advance(&self, by: Duration) {
        const CENTURIES: TimeDelta = TimeDelta::days(200 * 366);
        let mut inner = self.inner();
        let by = TimeDelta::from_std(by).unwrap_or(CENTURIES).min(CENTURIES);
        inner.shows = (inner.shows + by).min(inner.first.0 + CENTURIES);
    }

    /// Stops the clock where it is.
    pub fn freeze(&self) {
        let mut inner = self.inner();
        (inner.shows, inner.since) = (inner.now(), None);
    }

    /// Lets the clock run on from where it is.
    pub fn run(&self) {
        let mut inner = self.inner();
        (inner.shows, inner.since) = (inner.now(), Some(Instant::now()));
    }

    pub(crate) fn reset(&self) {
        let mut inner = self.inner();
        (inner.shows, inner.since) = inner.first;
    }

    /// How long states take that need time, such as a VM that boots.
    pub fn boot(&self) -> Boot {
        self.inner().boot
    }

    /// Changes [`boot`](Self::boot) for what starts from now on.
    pub fn set_boot(&self, boot: Boot) {
        self.inner().boot = boot;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_written_as_it_is_read() {
        for (text, boot) in [
            ("at-once", Boot::AtOnce),
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
    async fn a_clock_stops_and_runs_on_from_where_it_is() {
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
        assert_eq!(shown(&clock), 11, "as if it had only run");
    }
}

//! The providers' time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

/// How long a state takes that needs time: a VM that starts, a VPS that is installed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Boot {
    /// The new state is there in the reply to the request that asked for it.
    #[default]
    AtOnce,
    /// The new state comes when the simulator's [`Clock`] has moved this far.
    After(Duration),
    /// The state on the way is seen this many times; the next look sees the new one.
    AfterReads(u32),
}

/// The simulator's clock, and with it how long a state takes that needs time.
///
/// It runs with tokio's time, which a test may have paused, plus what was added to it; made by
/// [`Clock::frozen`] it does not run at all. Clones show the same time.
#[derive(Clone, Debug)]
pub struct Clock {
    start: DateTime<Utc>,
    runs_since: Option<Instant>,
    added_ms: Arc<AtomicI64>,
    boot: Arc<Mutex<Boot>>,
}

impl Default for Clock {
    fn default() -> Self {
        Self { runs_since: Some(Instant::now()), ..Self::frozen(Utc::now()) }
    }
}

impl Clock {
    /// A clock that only [`advance`](Self::advance) moves, so that every time in a reply is known.
    pub fn frozen(at: DateTime<Utc>) -> Self {
        Self { start: at, runs_since: None, added_ms: Arc::default(), boot: Arc::default() }
    }

    /// The time that the providers believe in.
    pub fn now(&self) -> DateTime<Utc> {
        let run = self.runs_since.map_or(Duration::ZERO, |since| since.elapsed());
        let added = TimeDelta::milliseconds(self.added_ms.load(Ordering::Relaxed));
        self.start + TimeDelta::from_std(run).unwrap_or_default() + added
    }

    /// Moves the providers' time forward, so that costs grow and delayed states arrive.
    /// At most some hundred years count.
    pub fn advance(&self, by: Duration) {
        const CENTURIES: i64 = 200 * 366 * 24 * 3600 * 1000;
        let by = i64::try_from(by.as_millis()).unwrap_or(CENTURIES);
        let _ = self.added_ms.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |added| {
            Some(added.saturating_add(by).min(CENTURIES))
        });
    }

    pub(crate) fn reset(&self) {
        self.added_ms.store(0, Ordering::Relaxed);
    }

    /// How long states take that need time, such as a machine that boots.
    pub fn boot(&self) -> Boot {
        *self.boot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes [`boot`](Self::boot) for what starts from now on.
    pub fn set_boot(&self, boot: Boot) {
        *self.boot.lock().unwrap_or_else(PoisonError::into_inner) = boot;
    }
}

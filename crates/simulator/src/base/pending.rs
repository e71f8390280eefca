//! States that change immediately, after a time, or after a number of reads.

use chrono::{DateTime, TimeDelta, Utc};

use super::clock::{Boot, Clock};

#[derive(Clone, Copy, Debug)]
enum Due {
    At(DateTime<Utc>),
    Reads(u32),
}

/// A state that may later change to another one.
#[derive(Clone, Debug)]
pub(crate) struct Pending<S> {
    state: S,
    since: DateTime<Utc>,
    next: Option<(S, Due)>,
}

impl<S: Clone> Pending<S> {
    /// Creates a state without a pending change.
    pub(crate) fn settled(state: S, clock: &Clock) -> Self {
        Self { state, since: clock.now(), next: None }
    }

    /// Changes the state to `via`, and then to `to` after the delay that the clock's [`Boot`] specifies.
    pub(crate) fn go(&mut self, via: S, to: S, clock: &Clock) {
        self.go_in(clock.boot(), via, to, clock);
    }

    /// Changes the state to `via`, and then to `to` after `delay`.
    pub(crate) fn go_in(&mut self, delay: Boot, via: S, to: S, clock: &Clock) {
        let now = clock.now();
        let due = match delay {
            Boot::Immediately => None,
            Boot::After(time) => {
                let time = TimeDelta::from_std(time).unwrap_or(TimeDelta::MAX);
                Some(Due::At(now.checked_add_signed(time).unwrap_or(DateTime::<Utc>::MAX_UTC)))
            }
            Boot::AfterReads(reads) => Some(Due::Reads(reads)),
        };
        *self = match due {
            None => Self { state: to, since: now, next: None },
            Some(due) => Self { state: via, since: now, next: Some((to, due)) },
        };
    }

    /// Returns the state for a response to a client, which counts as a read for [`Boot::AfterReads`].
    pub(crate) fn read(&mut self, clock: &Clock) -> S {
        let state = self.peek(clock);
        if let Some((_, Due::Reads(left))) = &mut self.next {
            *left = left.saturating_sub(1);
        }
        state
    }

    /// Returns the state for the provider's own use, which does not count as a read.
    pub(crate) fn peek(&mut self, clock: &Clock) -> S {
        let arrived = match &self.next {
            Some((_, Due::At(at))) if clock.now() >= *at => Some(*at),
            Some((_, Due::Reads(0))) => Some(clock.now()),
            _ => None,
        };
        if let Some(at) = arrived
            && let Some((to, _)) = self.next.take()
        {
            (self.state, self.since) = (to, at);
        }
        self.state.clone()
    }

    /// Returns the time at which the last observed state began.
    pub(crate) fn since(&self) -> DateTime<Utc> {
        self.since
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn booting(boot: Boot) -> (Pending<&'static str>, Clock) {
        let clock = Clock::frozen(DateTime::UNIX_EPOCH);
        clock.set_boot(boot);
        let mut state = Pending::settled("off", &clock);
        state.go("booting", "on", &clock);
        (state, clock)
    }

    #[test]
    fn at_once_has_no_intermediate_state() {
        let (mut state, clock) = booting(Boot::Immediately);
        assert_eq!(state.read(&clock), "on");
    }

    #[test]
    fn a_delay_follows_the_clock_and_ends_at_the_exact_time() {
        let (mut state, clock) = booting(Boot::After(Duration::from_secs(60)));
        clock.advance(Duration::from_secs(59));
        assert_eq!(state.read(&clock), "booting");
        clock.advance(Duration::from_secs(10));
        assert_eq!(state.read(&clock), "on");
        assert_eq!(state.since().timestamp(), 60);
    }

    #[test]
    fn only_client_reads_count() {
        let (mut state, clock) = booting(Boot::AfterReads(2));
        assert_eq!(state.peek(&clock), "booting");
        assert_eq!(state.read(&clock), "booting");
        assert_eq!(state.read(&clock), "booting");
        assert_eq!(state.read(&clock), "on");
    }

    #[test]
    fn a_delay_beyond_the_range_of_dates_never_ends() {
        let (mut state, clock) = booting(Boot::After(Duration::MAX));
        clock.advance(Duration::MAX);
        assert_eq!(state.read(&clock), "booting");
    }
}

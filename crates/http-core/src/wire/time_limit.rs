//! Stops the decoding of a long response at the call's deadline.
//!
//! Decoding is synchronous, so the runtime cannot cancel it. Instead, the work on each value looks at the clock from time
//! to time.

use std::cell::Cell;

use tokio::time::Instant;

/// The number of values between two looks at the clock.
const STEPS: u32 = 256;

thread_local! {
    /// When the work must stop, if it has a deadline.
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
    /// The number of values since the last look at the clock.
    static STEP: Cell<u32> = const { Cell::new(0) };
    /// Whether work was stopped at the deadline, so that its result is useless.
    static IS_STOPPED: Cell<bool> = const { Cell::new(false) };
}

/// Does work that stops at the deadline.
pub(crate) fn until<T>(deadline: Option<Instant>, work: impl FnOnce() -> T) -> T {
    struct End;

    impl Drop for End {
        fn drop(&mut self) {
            DEADLINE.set(None);
            IS_STOPPED.set(false);
        }
    }

    let _end = End;
    DEADLINE.set(deadline);
    work()
}

/// Does work whose deadline has passed.
pub fn after_deadline<T>(work: impl FnOnce() -> T) -> T {
    until(Some(Instant::now()), work)
}

/// Counts one value. Returns whether the work must stop, which is then true for all further values.
pub(crate) fn step() -> bool {
    if DEADLINE.get().is_none() {
        return false;
    }
    let step = STEP.get() + 1;
    STEP.set(step % STEPS);
    if step == STEPS { is_late() } else { is_stopped() }
}

/// For dialects: returns whether the deadline of the call has passed, so that the work on a long response must stop. The
/// call then fails with a timeout, whatever the result of the work is. Check this before each pass over a response;
/// models and lists check it themselves.
pub fn is_late() -> bool {
    if DEADLINE.get().is_some_and(|deadline| Instant::now() >= deadline) {
        IS_STOPPED.set(true);
    }
    is_stopped()
}

/// Returns whether work was stopped.
pub(crate) fn is_stopped() -> bool {
    IS_STOPPED.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_stops_when_it_looks_at_the_clock_after_the_deadline() {
        let past = Instant::now();
        until(Some(past), || {
            assert_eq!((1..=2 * STEPS).find(|_| step()), Some(STEPS));
            assert!(step() && is_stopped());
        });
        assert!(!step() && !is_stopped(), "the next call has its own deadline");
        until(Some(past), || assert!(is_late()));
        until(None, || assert!(!is_late()));
    }
}

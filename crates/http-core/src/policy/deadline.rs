//! Deadlines that cannot overflow.

use std::time::Duration;

use tokio::time::Instant;

/// The longest timeout or delay. Longer ones mean "no limit" and are capped.
pub(crate) const LONGEST: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// Returns the point in time that is `time` from now.
pub(crate) fn after(time: Duration) -> Instant {
    Instant::now() + time.min(LONGEST)
}

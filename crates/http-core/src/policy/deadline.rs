//! Points in time that no duration can overflow.

use std::time::Duration;

use tokio::time::Instant;

/// Longer limits and delays mean "no limit" and are capped at it.
pub(crate) const LONGEST: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// Returns the point in time this far from now.
pub(crate) fn after(time: Duration) -> Instant {
    Instant::now() + time.min(LONGEST)
}

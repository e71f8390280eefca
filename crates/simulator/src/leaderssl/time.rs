//! LeaderSSL's time format.

use chrono::{DateTime, FixedOffset, Utc};

/// Formats a time as LeaderSSL does, in its time zone.
pub(super) fn time(time: DateTime<Utc>) -> String {
    let moscow = FixedOffset::east_opt(3 * 3600);
    moscow.map_or_else(|| time.to_rfc3339(), |zone| time.with_timezone(&zone).format("%FT%T%:z").to_string())
}

//! The provider's time formats, one for each part of the API.

use chrono::{DateTime, Utc};

/// Formats a time as `2018-02-22 14:18:47`, for VMs, users, tokens and all endpoints below `network`.
pub(crate) fn seconds(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Formats a time as `2018-02-22 11:10:37.793878`, for the storage of a VM.
pub(crate) fn micros(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S%.6f").to_string()
}

/// Formats a time as `2022-09-01T12:03:14.355+0000`, for all endpoints below `storage`.
pub(crate) fn millis(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string()
}

/// Formats a time as `2018-02-22-14-24-32`, for the end of a replica's id.
pub(crate) fn dashed(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d-%H-%M-%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_the_api_has_its_own_time_format() {
        let at = DateTime::from_timestamp(1_662_033_794, 355_000_000).unwrap();
        assert_eq!(seconds(at), "2022-09-01 12:03:14");
        assert_eq!(micros(at), "2022-09-01 12:03:14.355000");
        assert_eq!(millis(at), "2022-09-01T12:03:14.355+0000");
        assert_eq!(dashed(at), "2022-09-01-12-03-14");
    }
}

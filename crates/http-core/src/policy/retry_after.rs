//! The `Retry-After` header: seconds, or an HTTP date.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::HeaderMap;
use http::header::RETRY_AFTER;

/// What the provider wishes; a date in the past is no wait at all, an unreadable value no wish at all.
pub(crate) fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wish = if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        (DateTime::parse_from_rfc2822(text).ok()?.with_timezone(&Utc) - now).to_std().unwrap_or_default()
    };
    Some(wish)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn read(value: &str) -> Option<Duration> {
        let now = Utc.with_ymd_and_hms(2026, 11, 23, 8, 0, 0).single()?;
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, value.parse().ok()?);
        retry_after(&headers, now)
    }

    #[test]
    fn seconds_are_read() {
        assert_eq!(read("7"), Some(Duration::from_secs(7)));
        assert_eq!(read("0"), Some(Duration::ZERO));
    }

    #[test]
    fn a_date_is_read_as_the_time_until_then() {
        assert_eq!(read("Mon, 23 Nov 2026 08:00:20 GMT"), Some(Duration::from_secs(20)));
    }

    #[test]
    fn a_date_in_the_past_is_no_wait() {
        assert_eq!(read("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
    }

    #[test]
    fn an_absurd_wish_is_told_as_it_is() {
        assert_eq!(read("86400"), Some(Duration::from_secs(86_400)));
        for value in ["99999999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
            assert!(read(value) > Some(Duration::from_secs(86_400)), "{value}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_no_wish() {
        for value in ["", "-5", "soon", "1.5"] {
            assert_eq!(read(value), None, "{value}");
        }
    }
}

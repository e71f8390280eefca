//! The `Retry-After` header: seconds, or an HTTP date in any of its three formats.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

/// Returns the delay that the provider asks for: zero for a date in the past, `None` for an invalid value.
///
/// A date is measured against the response's own `Date`, because the provider's clock may differ from the local one.
pub(crate) fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let now = text(DATE).and_then(http_date).unwrap_or(now);
    let text = text(RETRY_AFTER)?;
    let delay = if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        (http_date(text)? - now).to_std().unwrap_or_default()
    };
    Some(delay)
}

/// Parses an HTTP date. RFC 9110 requires clients to accept three formats: its own, that of RFC 850 and that of C's
/// `asctime`.
fn http_date(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(date) = DateTime::parse_from_rfc2822(text) {
        return Some(date.to_utc());
    }
    let forms = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()).map(|date| date.and_utc())
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
        for date in
            ["Mon, 23 Nov 2026 08:00:20 GMT", "Monday, 23-Nov-26 08:00:20 GMT", "Mon Nov 23 08:00:20 2026"]
        {
            assert_eq!(read(date), Some(Duration::from_secs(20)), "{date}");
        }
    }

    #[test]
    fn a_date_is_measured_against_the_date_of_the_response() {
        let mut headers = HeaderMap::new();
        headers.insert(DATE, "Mon, 23 Nov 2026 11:00:00 GMT".parse().unwrap());
        headers.insert(RETRY_AFTER, "Mon, 23 Nov 2026 11:00:20 GMT".parse().unwrap());
        for hour in [8, 14] {
            let now = Utc.with_ymd_and_hms(2026, 11, 23, hour, 0, 0).unwrap();
            assert_eq!(retry_after(&headers, now), Some(Duration::from_secs(20)));
        }
        headers.insert(DATE, "yesterday".parse().unwrap());
        let now = Utc.with_ymd_and_hms(2026, 11, 23, 11, 0, 10).unwrap();
        assert_eq!(retry_after(&headers, now), Some(Duration::from_secs(10)));
    }

    #[test]
    fn a_date_in_the_past_means_no_delay() {
        assert_eq!(read("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
    }

    #[test]
    fn an_absurd_delay_is_returned_unchanged() {
        assert_eq!(read("86400"), Some(Duration::from_secs(86_400)));
        for value in ["99999999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
            assert!(read(value) > Some(Duration::from_secs(86_400)), "{value}");
        }
    }

    #[test]
    fn an_invalid_value_is_ignored() {
        for value in ["", "-5", "soon", "1.5"] {
            assert_eq!(read(value), None, "{value}");
        }
    }
}

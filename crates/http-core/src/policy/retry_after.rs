//! The `Retry-After` header: seconds, or an HTTP date in any of its formats.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

/// The longest delay that is returned, so that programs can add it to a point in time.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Returns the delay that the provider asks for, the longest one if there are several: zero for a date in the past,
/// `None` for an invalid value, at most a day. Proxies may join several headers into one, separated by commas.
///
/// A date is measured against the response's own `Date`, because the provider's clock may differ from the local one.
pub(crate) fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let texts = |name| headers.get_all(name).iter().filter_map(|value| value.to_str().ok().map(str::trim));
    let now = texts(DATE).find_map(http_date).unwrap_or(now);
    let delay = |text| seconds(text).or_else(|| Some((http_date(text)? - now).to_std().unwrap_or_default()));
    // A comma also follows the weekday of a date, which is not needed.
    let values = texts(RETRY_AFTER).flat_map(|text| text.split(',').map(str::trim));
    values.filter_map(delay).max().map(|delay| delay.min(LONGEST))
}

/// Parses a number of seconds. Fractions are not allowed, but some servers send them; they are rounded up.
fn seconds(text: &str) -> Option<Duration> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_whole = fraction.bytes().all(|byte| byte == b'0');
    let seconds = || whole.parse().unwrap_or(u64::MAX).saturating_add((!is_whole).into());
    (is_number(whole) && is_number(fraction)).then(|| Duration::from_secs(seconds()))
}

/// Parses an HTTP date without its weekday, which may be wrong. RFC 9110 requires clients to accept three formats: its
/// own, that of RFC 850 and that of C's `asctime`. Some servers write the year of the second with four digits, as PHP
/// does in cookies, or a zone in the third, and `UTC` in place of `GMT`.
fn http_date(text: &str) -> Option<DateTime<Utc>> {
    let has_weekday = text.starts_with(|first: char| first.is_ascii_alphabetic());
    let text = if has_weekday { text.split_once(' ')?.1 } else { text }.replace(" UTC", " GMT");
    if let Ok(date) = DateTime::parse_from_rfc2822(&text) {
        return Some(date.to_utc());
    }
    let forms =
        ["%d-%b-%y %H:%M:%S GMT", "%d-%b-%Y %H:%M:%S GMT", "%b %e %H:%M:%S %Y", "%b %e %H:%M:%S GMT %Y"];
    forms.iter().find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok()).map(|date| date.and_utc())
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
            let wrong = date.replacen("Mon", "Sun", 1);
            assert_eq!(read(&wrong), Some(Duration::from_secs(20)), "{wrong}");
        }
        for date in [
            "23 Nov 2026 08:00:20 GMT",
            "Monday, 23-Nov-2026 08:00:20 GMT",
            "Mon, 23-Nov-2026 08:00:20 GMT",
            "Mon, 23 Nov 26 08:00:20 GMT",
            "Mon Nov 23 08:00:20 GMT 2026",
        ] {
            for date in [date.to_owned(), date.replace("GMT", "UTC")] {
                assert_eq!(read(&date), Some(Duration::from_secs(20)), "{date}");
            }
        }
        for date in ["Mon, 23 Nov 2026 08:00:20 UTC", "Monday, 23-Nov-26 08:00:20 UTC"] {
            assert_eq!(read(date), Some(Duration::from_secs(20)), "{date}");
        }
        for date in ["Monday, 23-Nov-2026 08:00:20", "Monday, 23-Nov-2026 08:00:20 CET"] {
            assert_eq!(read(date), None, "{date}");
        }
    }

    #[test]
    fn the_longest_of_several_delays_counts() {
        let mut headers = HeaderMap::new();
        for value in ["7", "soon", "30", "Thu, 01 Jan 1970 00:00:00 GMT"] {
            headers.append(RETRY_AFTER, value.parse().unwrap());
        }
        assert_eq!(retry_after(&headers, DateTime::UNIX_EPOCH), Some(Duration::from_secs(30)));
        let date = "Mon, 23 Nov 2026 08:00:20 GMT";
        for (joined, longest) in [
            ("7, 8", 8),
            ("8,7", 8),
            ("soon, 7,, ", 7),
            (&format!("7, {date}"), 20),
            (&format!("{date}, 30"), 30),
            (&format!("Mon Nov 23 08:00:10 2026, Monday, 23-Nov-26 08:00:20 GMT, {date}"), 20),
        ] {
            assert_eq!(read(joined), Some(Duration::from_secs(longest)), "{joined}");
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
    fn a_delay_is_at_most_a_day() {
        for value in [
            "86400",
            "99999",
            "99999999999999999999999999",
            "18446744073709551615.5",
            "Fri, 31 Dec 9999 23:59:59 GMT",
        ] {
            assert_eq!(read(value), Some(Duration::from_secs(86_400)), "{value}");
        }
    }

    #[test]
    fn a_fraction_of_a_second_is_rounded_up() {
        for (value, seconds) in [("1.5", 2), ("1.0", 1), ("0.001", 1), ("0.0", 0)] {
            assert_eq!(read(value), Some(Duration::from_secs(seconds)), "{value}");
        }
    }

    #[test]
    fn an_invalid_value_is_ignored() {
        for value in ["", ",", "-5", "soon", "soon, -5", ".5", "1.", "1.5.0", "1e3"] {
            assert_eq!(read(value), None, "{value}");
        }
    }
}

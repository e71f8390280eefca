use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Serialize, Serializer};

use crate::wire::scalar::{FromScalar, Scalar};

/// A point in time, read in every format that the providers use and written as RFC 3339.
///
/// The formats are those of [`parse_timestamp`], and Unix seconds or milliseconds as numbers. PHP's `0000-00-00` and an
/// empty string mean that the time is absent.
impl FromScalar for DateTime<Utc> {
    const EXPECTED: &'static str = "a point in time";

    fn from_scalar(value: &Scalar<'_>) -> Option<Self> {
        match value {
            Scalar::Text(text) => parse_timestamp(text),
            Scalar::Unsigned(number) => i64::try_from(*number).ok().and_then(unix),
            Scalar::Signed(number) => unix(*number),
            Scalar::Float(number) => unix_float(*number),
            _ => None,
        }
    }

    fn is_absent(value: &Scalar<'_>) -> bool {
        match value {
            Scalar::Text(text) => is_absent(text),
            value => value.is_empty(),
        }
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

/// Returns whether the text is empty or a date that consists only of zeros.
fn is_absent(text: &str) -> bool {
    let text = text.trim_ascii();
    text.is_empty()
        || (text.starts_with("0000-00-00") && !text.bytes().any(|byte| matches!(byte, b'1'..=b'9')))
}

/// Parses a point in time; returns `None` if the text is invalid.
///
/// The text is a date, optionally followed by `T` or a space and a time of day, with fractions of a second down to
/// nanoseconds, and by `Z`, `UTC` or an offset (`+0700`, `+07:00`, `+07`). The time of day defaults to midnight, the
/// offset to UTC. Alternatively, the text consists of the digits of Unix seconds or milliseconds.
///
/// ```
/// use http_core::wire::parse_timestamp;
///
/// let time = parse_timestamp("2022-09-01T12:03:14.355+0700").map(|time| time.to_rfc3339());
/// assert_eq!(time.as_deref(), Some("2022-09-01T05:03:14.355+00:00"));
/// assert_eq!(parse_timestamp("0000-00-00 00:00:00"), None);
/// ```
pub fn parse_timestamp(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim_ascii();
    if text.as_bytes().get(4) == Some(&b'-') {
        return calendar(text.as_bytes());
    }
    match text.parse() {
        Ok(number) => unix(number),
        Err(_) => unix_float(text.parse().ok()?),
    }
}

/// Numbers of at least this size are milliseconds. As seconds, this number would be in the year 5138.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

fn unix(number: i64) -> Option<DateTime<Utc>> {
    if number.unsigned_abs() < MILLISECONDS_FROM.unsigned_abs() {
        DateTime::from_timestamp(number, 0)
    } else {
        DateTime::from_timestamp_millis(number)
    }
}

fn unix_float(number: f64) -> Option<DateTime<Utc>> {
    #[allow(clippy::cast_precision_loss, reason = "a round number far below 2^53")]
    let micros_per_unit = if number.abs() < MILLISECONDS_FROM as f64 { 1e6 } else { 1e3 };
    let micros = (number * micros_per_unit).round();
    #[allow(clippy::cast_possible_truncation, reason = "checked to be within the range of i64")]
    (micros.abs() < 9e18).then(|| DateTime::from_timestamp_micros(micros as i64)).flatten()
}

/// Parses a calendar date and time. Digits are parsed directly, because chrono's format strings take several times as
/// long.
fn calendar(text: &[u8]) -> Option<DateTime<Utc>> {
    let (date, rest) = text.split_at_checked(10)?;
    if date[7] != b'-' {
        return None;
    }
    let year = digits(&date[..4])?.cast_signed();
    let date = NaiveDate::from_ymd_opt(year, digits(&date[5..7])?, digits(&date[8..])?)?;
    let Some((b'T' | b't' | b' ', rest)) = rest.split_first() else {
        return rest.is_empty().then(|| date.and_hms_opt(0, 0, 0))?.map(|time| time.and_utc());
    };

    let (hours_minutes, rest) = rest.split_at_checked(5)?;
    if hours_minutes[2] != b':' {
        return None;
    }
    let (hour, minute) = (digits(&hours_minutes[..2])?, digits(&hours_minutes[3..])?);
    let (second, rest) = match rest.split_first() {
        Some((b':', rest)) => {
            let (second, rest) = rest.split_at_checked(2)?;
            (digits(second)?, rest)
        }
        _ => (0, rest),
    };
    let (nanos, rest) = match rest.split_first() {
        Some((b'.' | b',', rest)) => fraction(rest)?,
        _ => (0, rest),
    };
    // A leap second is read as the first moment of the next minute.
    let (second, leap) = if second == 60 { (59, TimeDelta::seconds(1)) } else { (second, TimeDelta::zero()) };
    let (time, shift) = (date.and_hms_nano_opt(hour, minute, second, nanos)?.and_utc(), leap - offset(rest)?);
    // Few times have to be shifted.
    if shift.is_zero() { Some(time) } else { time.checked_add_signed(shift) }
}

/// Returns the nanoseconds and the text after them. Digits beyond the ninth are dropped.
fn fraction(text: &[u8]) -> Option<(u32, &[u8])> {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (fraction, rest) = text.split_at(length);
    let kept = &fraction[..length.min(9)];
    let missing = u32::try_from(9 - kept.len()).ok()?;
    (length > 0).then_some((digits(kept)? * 10_u32.pow(missing), rest))
}

fn offset(text: &[u8]) -> Option<TimeDelta> {
    let (sign, digits_of) = match text.trim_ascii_start() {
        b"" | b"Z" | b"z" | b"UTC" | b"GMT" => return Some(TimeDelta::zero()),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match digits_of {
        [_, _] => (digits(digits_of)?, 0),
        [_, _, b':', _, _] => (digits(&digits_of[..2])?, digits(&digits_of[3..])?),
        [_, _, _, _] => (digits(&digits_of[..2])?, digits(&digits_of[2..])?),
        _ => return None,
    };
    (hours < 24 && minutes < 60).then(|| TimeDelta::minutes(sign * i64::from(hours * 60 + minutes)))
}

/// Parses up to nine digits, which always fit into a `u32`.
fn digits(text: &[u8]) -> Option<u32> {
    text.iter()
        .try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    crate::wire::models! {
        struct Row {
            at: Option<DateTime<Utc>>,
            name: String,
        }
    }

    fn row(at: &str) -> Row {
        serde_json::from_str(&format!(r#"{{"at": {at}, "name": "after"}}"#)).unwrap()
    }

    fn rfc3339(at: &str) -> String {
        row(at).at.unwrap().to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
    }

    #[test]
    fn every_known_format_is_read() {
        for (json, expected) in [
            (r#""2018-02-22 14:18:47""#, "2018-02-22T14:18:47Z"),
            (r#""2018-02-22 14:18:47.123456""#, "2018-02-22T14:18:47.123456Z"),
            (r#""2022-09-01T12:03:14.355+0000""#, "2022-09-01T12:03:14.355Z"),
            (r#""2022-09-01T12:03:14Z""#, "2022-09-01T12:03:14Z"),
            (r#""2022-09-01T12:03:14.5z""#, "2022-09-01T12:03:14.500Z"),
            (r#""2022-09-01T00:03:14+07:00""#, "2022-08-31T17:03:14Z"),
            (r#""2022-09-01T12:03:14-03""#, "2022-09-01T15:03:14Z"),
            (r#""2022-09-01 12:03:14 UTC""#, "2022-09-01T12:03:14Z"),
            (r#""2022-09-01 12:03:14 +0300""#, "2022-09-01T09:03:14Z"),
            (r#""2022-09-01T12:03""#, "2022-09-01T12:03:00Z"),
            (r#""2016-12-31T23:59:60Z""#, "2017-01-01T00:00:00Z"),
            (r#""2026-11-23""#, "2026-11-23T00:00:00Z"),
            (r#"" 2026-11-23 ""#, "2026-11-23T00:00:00Z"),
            ("1519309127", "2018-02-22T14:18:47Z"),
            ("1519309127355", "2018-02-22T14:18:47.355Z"),
            ("1519309127.5", "2018-02-22T14:18:47.500Z"),
            (r#""1519309127""#, "2018-02-22T14:18:47Z"),
            (r#""1519309127355""#, "2018-02-22T14:18:47.355Z"),
            ("-1", "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(rfc3339(json), expected, "{json}");
        }
    }

    #[test]
    fn an_absent_or_invalid_time_is_none_and_does_not_cost_the_row() {
        for json in [
            "null",
            r#""""#,
            r#""0000-00-00""#,
            r#""0000-00-00 00:00:00""#,
            r#""soon""#,
            "true",
            "[]",
            "[1, [2]]",
            "{}",
            r#"{"a": {"b": []}, "c": 1}"#,
            "1e300",
            "18446744073709551615",
            r#""2022-13-01""#,
            r#""2022-02-30 00:00:00""#,
            r#""2022-09-01T25:00:00Z""#,
            r#""2022-09-01T12:03:14+99:00""#,
            r#""2022-09-01T12:03:14.""#,
            r#""2022-09-01junk""#,
            r#"{"$serde_json::private::Number": []}"#,
        ] {
            let row = row(json);
            assert_eq!((row.at, row.name.as_str()), (None, "after"), "{json}");
        }
        assert_eq!(serde_json::from_str::<Row>("{}").unwrap().at, None);
    }

    #[test]
    fn only_a_time_of_zeros_means_that_there_is_none() {
        assert!(["", " ", "0000-00-00", "0000-00-00T00:00:00Z"].into_iter().all(is_absent));
        assert!(!["soon", "0", "0000-00-00 00:00:01", "0001-01-01"].into_iter().any(is_absent));
    }

    #[test]
    fn a_time_is_written_as_rfc_3339() {
        let json = serde_json::to_value(row(r#""2018-02-22 14:18:47""#)).unwrap();
        assert_eq!(json["at"], "2018-02-22T14:18:47Z");
    }

    fn any_time() -> impl Strategy<Value = DateTime<Utc>> {
        (-62_135_596_800..253_402_300_799_i64, 0..1_000_000_000_u32)
            .prop_map(|(seconds, nanos)| DateTime::from_timestamp(seconds, nanos).unwrap())
    }

    proptest! {
        #[test]
        fn any_time_with_a_four_digit_year_round_trips(time in any_time()) {
            let json = serde_json::to_string(&Row { at: Some(time), name: String::new() }).unwrap();
            prop_assert_eq!(serde_json::from_str::<Row>(&json).unwrap().at, Some(time));
            prop_assert_eq!(parse_timestamp(&time.format("%F %T%.9f").to_string()), Some(time));
        }

        #[test]
        fn parsing_agrees_with_chrono_on_rfc_3339(time in any_time(), minutes in -1439..=1439_i32) {
            let offset = chrono::FixedOffset::east_opt(minutes * 60).unwrap();
            let text = time.with_timezone(&offset).to_rfc3339();
            prop_assume!(text.as_bytes()[4] == b'-');
            prop_assert_eq!(parse_timestamp(&text), Some(time));
        }

        #[test]
        fn no_string_causes_a_panic(text in any::<String>(), near in "[0-9]{0,5}[-0-9T: .,Z+]{0,30}") {
            parse_timestamp(&text);
            parse_timestamp(&near);
        }

        #[test]
        fn no_number_causes_a_panic(whole in any::<i64>(), float in any::<f64>()) {
            unix(whole);
            unix_float(float);
        }
    }

    #[test]
    fn an_offset_of_a_day_or_with_sixty_minutes_is_invalid() {
        for offset in ["+24:00", "-24", "+0060", "+07:60"] {
            assert_eq!(parse_timestamp(&format!("2022-09-01T12:03:14{offset}")), None, "{offset}");
        }
        for offset in ["+23:59", "-2359"] {
            assert!(parse_timestamp(&format!("2022-09-01T12:03:14{offset}")).is_some(), "{offset}");
        }
    }

    #[test]
    fn the_smallest_number_of_milliseconds_is_in_1973() {
        for (number, year) in [("99999999999", "5138"), ("100000000000", "1973"), ("-100000000000", "1966")] {
            for text in [number.to_owned(), format!("{number}.0")] {
                let time = parse_timestamp(&text).unwrap().to_rfc3339();
                assert!(time.starts_with(year), "{text}: {time}");
            }
        }
    }
}

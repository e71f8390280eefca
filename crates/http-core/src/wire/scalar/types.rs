//! The types of the standard library that are read from a single JSON value.

use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::wire::scalar::{FromScalar, Scalar};

macro_rules! whole_numbers {
    ($($type:ty),+) => {
        $crate::__from_scalar! { $($type: "a whole number in range", |value| value.whole()?.try_into().ok();)+ }
    };
}

whole_numbers!(u8, u16, u32, u64, i8, i16, i32, i64);

crate::__from_scalar! {
    String: "text", |value| match value {
        Scalar::Bool(flag) => Some(flag.to_string()),
        value => value.with_text(str::to_owned),
    }, absent = String::new();
    Box<str>: "text", |value| match value {
        Scalar::Bool(flag) => Some(flag.to_string().into()),
        value => value.with_text(|text| text.into()),
    };
    std::net::IpAddr: "an IP address", |value| value.with_text(parsed)?;
    std::net::Ipv4Addr: "an IPv4 address", |value| value.with_text(parsed)?;
    std::net::Ipv6Addr: "an IPv6 address", |value| value.with_text(parsed)?;
}

#[cfg(feature = "uuid")]
crate::__from_scalar! {
    uuid::Uuid: "a UUID", |value| value.with_text(parsed)?;
}

/// Parses a text, which may have space around it. Few have, so it is parsed as it is first.
fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().or_else(|_| text.trim().parse()).ok()
}

/// Reads a boolean that is written as a string, in any of PHP's spellings. Letter case and the space around it are
/// ignored.
pub(crate) fn flag(text: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| text.trim().eq_ignore_ascii_case(word));
    let is_true = is(&["true", "1", "on", "yes"]);
    (is_true || is(&["false", "0", "off", "no", ""])).then_some(is_true)
}

/// A boolean in any of PHP's spellings: `true`, `1`, `on`, `yes` and `false`, `0`, `off`, `no`, an empty string.
/// Booleans and numbers may also be written as strings.
impl FromScalar for bool {
    const EXPECTED: &'static str = "true or false";

    fn from_scalar(value: &Scalar<'_>) -> Option<Self> {
        match value {
            Scalar::Bool(flag) => Some(*flag),
            Scalar::Text(text) => flag(text),
            number => match number.whole()? {
                0 => Some(false),
                1 => Some(true),
                _ => None,
            },
        }
    }

    fn absent() -> Option<Self> {
        Some(false)
    }

    /// An empty string is PHP's `false`.
    fn is_absent(value: &Scalar<'_>) -> bool {
        matches!(value, Scalar::Null)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_boolean_is_read_in_every_letter_case_and_with_space_around_it() {
        for (text, flag) in
            [("true", true), ("1", true), ("on", true), ("yes", true), ("false", false), ("no", false)]
        {
            let capital = text[..1].to_uppercase() + &text[1..];
            for text in
                [text.to_owned(), text.to_uppercase(), capital, format!(" {text}"), format!("{text}\\n")]
            {
                assert_eq!(
                    serde_json::from_str::<Row>(&format!(r#"{{"on": "{text}"}}"#)).unwrap().on,
                    Some(flag),
                    "{text}"
                );
            }
        }
        assert_eq!(serde_json::from_str::<Row>(r#"{"on": "truely"}"#).unwrap().on, None);
    }

    crate::wire::models! {
        struct Row {
            on: Option<bool>,
        }
    }
}

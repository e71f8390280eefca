//! The types of the standard library that are read from a single JSON value.

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
    };
    std::net::IpAddr: "an IP address", |value| value.with_text(|text| text.trim().parse().ok())?;
    std::net::Ipv4Addr: "an IPv4 address", |value| value.with_text(|text| text.trim().parse().ok())?;
    std::net::Ipv6Addr: "an IPv6 address", |value| value.with_text(|text| text.trim().parse().ok())?;
}

#[cfg(feature = "uuid")]
crate::__from_scalar! {
    uuid::Uuid: "a UUID", |value| value.with_text(|text| text.trim().parse().ok())?;
}

/// A boolean in any of PHP's spellings: `true`, `1`, `on`, `yes` and `false`, `0`, `off`, `no`, an empty string.
/// Booleans and numbers may also be written as strings.
impl FromScalar for bool {
    const EXPECTED: &'static str = "true or false";

    fn from_scalar(value: &Scalar<'_>) -> Option<Self> {
        match value {
            Scalar::Bool(flag) => Some(*flag),
            Scalar::Text(text) => match &**text {
                "true" | "1" | "on" | "yes" => Some(true),
                "false" | "0" | "off" | "no" | "" => Some(false),
                _ => None,
            },
            number => match number.whole()? {
                0 => Some(false),
                1 => Some(true),
                _ => None,
            },
        }
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

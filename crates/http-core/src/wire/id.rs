use std::fmt::Display;

use crate::wire::invalid_value::InvalidValue;

/// Parses an id for the `FromStr` implementations of the id macros. The error never quotes the text.
#[doc(hidden)]
pub fn parse_id<T>(name: &str, form: &str, text: &str) -> Result<T, InvalidValue>
where
    T: std::str::FromStr<Err: Display>,
{
    text.trim().parse().map_err(|reason| InvalidValue::new(format!("{name} must be {form}: {reason}")))
}

/// Declares newtypes over `u64` for ids that are whole numbers.
///
/// They are read from a number or from a string of digits, and written as a number.
///
/// ```
/// http_core::wire::integer_id! {
///     /// The id of an order.
///     pub struct OrderId;
/// }
///
/// let id: OrderId = "47000".parse()?;
/// assert_eq!(id, OrderId::new(47000));
/// assert_eq!(format!("{id} {id:?}"), "47000 OrderId(47000)");
/// # Ok::<(), http_core::wire::InvalidValue>(())
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __integer_id {
    ($( $(#[$meta:meta])* $vis:vis struct $name:ident; )+) => {$(
        $crate::__copy_id!($(#[$meta])* $vis $name(u64), "a whole number");

        $crate::__deserialize! { $name }

        $crate::__from_scalar! {
            $name: "a whole number in range", |value| value.whole()?.try_into().ok().map(Self);
        }
    )+};
}

/// Declares newtypes over [`uuid::Uuid`] for ids that are UUIDs. They are read with or without hyphens, and written
/// with hyphens.
///
/// ```
/// http_core::wire::uuid_id! {
///     /// The id of a disk.
///     pub struct DiskId;
/// }
///
/// let id: DiskId = "e2b2e0a6-7a0c-4bd4-b9a7-6f0a4d1bdb40".parse()?;
/// assert_eq!(id.to_string(), "e2b2e0a6-7a0c-4bd4-b9a7-6f0a4d1bdb40");
/// assert!("e2b2".parse::<DiskId>().unwrap_err().to_string().starts_with("DiskId must be a UUID"));
/// # Ok::<(), http_core::wire::InvalidValue>(())
/// ```
#[cfg(feature = "uuid")]
#[doc(hidden)]
#[macro_export]
macro_rules! __uuid_id {
    ($( $(#[$meta:meta])* $vis:vis struct $name:ident; )+) => {$(
        $crate::__copy_id!($(#[$meta])* $vis $name($crate::__private::uuid::Uuid), "a UUID");

        $crate::__deserialize! { $name }

        $crate::__from_scalar! { $name: "a UUID", |value| $crate::__private::FromScalar::from_scalar(value).map(Self); }
    )+};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __copy_id {
    ($(#[$meta:meta])* $vis:vis $name:ident($inner:ty), $form:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis struct $name($inner);

        #[allow(dead_code, unreachable_pub)]
        impl $name {
            /// Creates an id from its value.
            #[inline]
            pub const fn new(id: $inner) -> Self {
                Self(id)
            }

            /// Returns the value.
            #[inline]
            pub const fn get(self) -> $inner {
                self.0
            }
        }

        impl ::std::convert::From<$inner> for $name {
            #[inline]
            fn from(id: $inner) -> Self {
                Self(id)
            }
        }

        impl ::std::convert::From<$name> for $inner {
            #[inline]
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::wire::InvalidValue;

            #[inline]
            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                $crate::__private::parse_id(::std::stringify!($name), $form, text).map(Self)
            }
        }

        impl ::std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }

        impl ::std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::write!(f, "{}({})", ::std::stringify!($name), self.0)
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                $crate::__private::serde::Serialize::serialize(&self.0, serializer)
            }
        }
    };
}

/// Declares string newtypes for ids and names whose format the provider does not document.
///
/// They are read from a string or a number, and written as a string.
///
/// ```
/// http_core::wire::text_id! {
///     /// The name of a bucket.
///     pub struct BucketName;
/// }
///
/// let name = BucketName::from("backups");
/// assert_eq!(name.as_str(), "backups");
/// assert_eq!(format!("{name} {name:?}"), "backups BucketName(backups)");
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __text_id {
    ($( $(#[$meta:meta])* $vis:vis struct $name:ident; )+) => {$(
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis struct $name(::std::boxed::Box<str>);

        #[allow(dead_code, unreachable_pub)]
        impl $name {
            /// Creates an id from its text.
            pub fn new(id: impl ::std::convert::Into<::std::boxed::Box<str>>) -> Self {
                Self(id.into())
            }

            /// Returns the text, e.g. for `as_str().starts_with("debian")`.
            #[inline]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::std::convert::From<&str> for $name {
            #[inline]
            fn from(id: &str) -> Self {
                Self(id.into())
            }
        }

        impl ::std::convert::From<::std::string::String> for $name {
            #[inline]
            fn from(id: ::std::string::String) -> Self {
                Self(id.into())
            }
        }

        impl ::std::convert::AsRef<str> for $name {
            #[inline]
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl ::std::borrow::Borrow<str> for $name {
            #[inline]
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::std::convert::Infallible;

            #[inline]
            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                ::std::result::Result::Ok(Self(text.into()))
            }
        }

        impl ::std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl ::std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::write!(f, "{}({})", ::std::stringify!($name), self.0.escape_debug())
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        $crate::__deserialize! { $name }

        $crate::__from_scalar! { $name: "text", |value| value.with_text(|text| Self(text.into())); }
    )+};
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashSet};

    use proptest::prelude::*;

    crate::wire::integer_id! {
        /// An order, for these tests.
        struct OrderId;
        /// An invoice, for these tests.
        struct InvoiceId;
    }
    crate::wire::text_id! {
        /// A product code, for these tests.
        struct Code;
    }

    #[test]
    fn an_integer_id_is_read_from_a_number_or_digits_and_written_as_a_number() {
        for json in ["47000", r#""47000""#, "47000.0"] {
            let id: OrderId = serde_json::from_str(json).unwrap();
            assert_eq!((id.get(), serde_json::to_string(&id).unwrap().as_str()), (47000, "47000"));
        }
        for json in ["-1", "null", r#""""#, "1.5", r#""x""#, "18446744073709551616"] {
            assert!(serde_json::from_str::<OrderId>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn an_integer_id_can_be_the_key_of_a_map() {
        let map: BTreeMap<InvoiceId, u8> = serde_json::from_str(r#"{"12": 1}"#).unwrap();
        assert_eq!(map[&InvoiceId::new(12)], 1);
        assert_eq!(serde_json::to_string(&map).unwrap(), r#"{"12":1}"#);
    }

    #[test]
    fn pretty_debug_output_stays_on_one_line() {
        assert_eq!(format!("{:#?}", OrderId::from(47000)), "OrderId(47000)");
        assert_eq!(format!("{:#?}", Code::new("gpu-1")), "Code(gpu-1)");
    }

    #[test]
    fn debug_shows_a_text_id_of_a_response_on_one_line_without_control_characters() {
        for (text, shown) in [
            (r#""web\nERROR done""#, r"Code(web\nERROR done)"),
            (r#""\u001b[31mweb\r""#, r"Code(\u{1b}[31mweb\r)"),
            (r#""we\u202eb\u0000""#, r"Code(we\u{202e}b\0)"),
            (r#""bücket-1""#, "Code(bücket-1)"),
        ] {
            let id: Code = serde_json::from_str(text).unwrap();
            assert_eq!((format!("{id:?}"), format!("{id:#?}")), (shown.to_owned(), shown.to_owned()));
        }
    }

    #[test]
    fn a_string_that_is_not_a_number_is_rejected_without_being_quoted() {
        let message = "hunter2".parse::<OrderId>().unwrap_err().to_string();
        assert_eq!(message, "OrderId must be a whole number: invalid digit found in string");
    }

    #[test]
    fn a_text_id_is_read_from_the_digits_of_a_number() {
        assert_eq!(serde_json::from_str::<Code>("12").unwrap(), Code::from("12"));
        let codes = HashSet::from([Code::from("a")]);
        assert!(codes.contains("a"), "looked up without building an id");
    }

    #[cfg(feature = "uuid")]
    #[test]
    fn a_uuid_id_is_read_with_and_without_hyphens_and_written_with_them() {
        crate::wire::uuid_id! {
            /// A disk, for these tests.
            struct DiskId;
        }
        let text = "e2b2e0a6-7a0c-4bd4-b9a7-6f0a4d1bdb40";
        let id: DiskId = text.replace('-', "").parse().unwrap();
        assert_eq!(format!("{id} {id:?}"), format!("{text} DiskId({text})"));
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("{text:?}"));
        assert_eq!(serde_json::from_str::<DiskId>(&format!("{text:?}")).unwrap(), id);
        let message = serde_json::from_str::<DiskId>(r#""hunter2""#).unwrap_err().to_string();
        assert!(!message.contains("hunter2"), "{message}");
    }

    proptest! {
        #[test]
        fn integer_ids_round_trip(number in any::<u64>()) {
            let id = OrderId::new(number);
            prop_assert_eq!(id.to_string().parse::<OrderId>(), Ok(id));
            let json = serde_json::to_string(&id).unwrap();
            prop_assert_eq!(serde_json::from_str::<OrderId>(&json).unwrap(), id);
        }

        #[test]
        fn text_ids_round_trip(text in any::<String>()) {
            let id = Code::from(text.as_str());
            let json = serde_json::to_string(&id).unwrap();
            prop_assert_eq!(serde_json::from_str::<Code>(&json).unwrap(), id);
        }
    }
}

/// Declares an enum for a set of strings that the provider may extend at any time.
///
/// In addition to the listed variants, the enum has `Other`, which keeps an unknown string and writes it back
/// unchanged. The first string of a variant is the one that is written; those after `|` are only read. Letter case and
/// the space around a string are ignored. A number in place of a string is read as its digits.
///
/// ```
/// http_core::wire::open_enum! {
///     /// The state of a disk.
///     pub enum DiskStatus {
///         /// In use or ready to be used.
///         Active = "Active",
///         /// Deleted, but still listed.
///         Deleted = "Deleted" | "removed",
///     }
/// }
///
/// assert_eq!(DiskStatus::from("deleted"), DiskStatus::Deleted);
/// assert_eq!(DiskStatus::Deleted.as_str(), "Deleted");
/// assert_eq!(DiskStatus::from("Moving"), DiskStatus::Other("Moving".into()));
/// assert_eq!(DiskStatus::from("Moving").to_string(), "Moving");
/// assert_eq!(DiskStatus::VALUES, ["Active", "Deleted"]);
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __open_enum {
    ($(
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident = $text:literal $(| $alias:literal)* ),+ $(,)?
        }
    )+) => {$(
        $(#[$meta])*
        #[non_exhaustive]
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        $vis enum $name {
            $( $(#[$variant_meta])* $variant, )+
            /// A value that is unknown to this version, exactly as the provider sent it.
            Other(::std::boxed::Box<str>),
        }

        #[allow(dead_code, unreachable_pub)]
        impl $name {
            /// The known values in the order of the variants, as they are written.
            pub const VALUES: &'static [&'static str] = &[$($text),+];

            /// Returns the value as the provider writes it.
            #[inline]
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$variant => $text, )+
                    Self::Other(text) => text,
                }
            }

            #[inline]
            fn known(text: &str) -> ::std::option::Option<Self> {
                let text = text.trim();
                $(
                    if [$text $(, $alias)*].iter().any(|known| text.eq_ignore_ascii_case(known)) {
                        return ::std::option::Option::Some(Self::$variant);
                    }
                )+
                ::std::option::Option::None
            }
        }

        /// Returns `Other("")`, the value for an absent field.
        impl ::std::default::Default for $name {
            #[inline]
            fn default() -> Self {
                Self::Other(::std::boxed::Box::default())
            }
        }

        impl ::std::convert::From<&str> for $name {
            #[inline]
            fn from(text: &str) -> Self {
                Self::known(text).unwrap_or_else(|| Self::Other(text.into()))
            }
        }

        impl ::std::convert::From<::std::string::String> for $name {
            #[inline]
            fn from(text: ::std::string::String) -> Self {
                Self::known(&text).unwrap_or_else(|| Self::Other(text.into_boxed_str()))
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::std::convert::Infallible;

            #[inline]
            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                ::std::result::Result::Ok(Self::from(text))
            }
        }

        impl ::std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        $crate::__deserialize! { $name }

        $crate::__from_scalar! { $name: "text", |value| value.with_text(|text| Self::from(text)); }
    )+};
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    crate::wire::open_enum! {
        /// A status for these tests.
        enum Status {
            /// Runs.
            Running = "running",
            /// Gone.
            Deleted = "Deleted" | "gone",
            /// Written as a number by some providers.
            One = "1",
        }

        /// A second enum in the same macro call.
        enum Colour {
            /// Red.
            Red = "red",
        }
    }

    #[test]
    fn every_spelling_is_read_and_the_first_one_is_written() {
        for text in ["Deleted", "deleted", "DELETED", "gone", "Gone", " deleted\n"] {
            let status: Status = serde_json::from_value(text.into()).unwrap();
            assert_eq!(status, Status::Deleted);
            assert_eq!(serde_json::to_string(&status).unwrap(), r#""Deleted""#);
        }
        assert_eq!(Status::VALUES, ["running", "Deleted", "1"]);
    }

    #[test]
    fn a_number_is_read_as_its_digits() {
        assert_eq!(serde_json::from_str::<Status>("1").unwrap(), Status::One);
        assert_eq!(serde_json::from_str::<Status>("20").unwrap(), Status::Other("20".into()));
    }

    #[test]
    fn an_enum_can_be_the_key_of_a_map() {
        let map: HashMap<Status, u8> = serde_json::from_str(r#"{"deleted": 1}"#).unwrap();
        assert_eq!(map[&Status::Deleted], 1);
    }

    #[test]
    fn a_list_is_rejected() {
        let message = serde_json::from_str::<Status>("[]").unwrap_err().to_string();
        assert!(message.starts_with("expected text, found a list"), "{message}");
    }

    #[test]
    fn display_honours_the_width_so_that_tables_line_up() {
        assert_eq!(format!("{:>5}|{:<8}|", Colour::Red, Status::Running), "  red|running |");
    }

    proptest! {
        #[test]
        fn any_unknown_string_round_trips(text in any::<String>()) {
            prop_assume!(Status::known(&text).is_none());
            let json = serde_json::to_string(&text).unwrap();
            let status: Status = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(status.as_str(), &text);
            prop_assert_eq!(serde_json::to_string(&status).unwrap(), json);
            prop_assert_eq!(&status, &Status::from(text.as_str()));
            prop_assert_eq!(&status, &text.parse::<Status>().unwrap());
            prop_assert_eq!(status.to_string(), text.clone());
            prop_assert_eq!(status, Status::from(text));
        }
    }
}

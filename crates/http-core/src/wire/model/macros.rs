//! The macros that declare models.

/// Declares models: structs that are read leniently from a provider's JSON, each field according to its type.
///
/// | type | absent | null, `""` | any other invalid value |
/// |---|---|---|---|
/// | `Option<T>` | `None` | `None` (`Some(false)` for `""` as a `bool`) | `None`, with a warning |
/// | `Vec<T>` | empty | empty | empty, with a warning; in a response, invalid items are dropped, with a warning |
/// | `Vec<Value>` | empty | empty | a list of that value |
/// | `String`, `bool`, `#[or_default]` | the default | the default | the default, with a warning |
/// | numbers, [`Decimal`](crate::wire::Decimal), ids, enums, addresses, secrets, models | error | error | error |
///
/// Numbers and booleans are also read from strings, strings also from numbers and booleans, and times in every form
/// that [`parse_timestamp`](crate::wire::parse_timestamp) accepts. Money is exact, and unknown fields are ignored.
/// Secrets are written as [`REDACTED`](crate::wire::REDACTED), and money as a string. Everything except the secrets can
/// be read back: an optional secret becomes `None`, and a model with a required one cannot be read back.
///
/// The models are `Debug + Clone + PartialEq + Serialize + Deserialize` and `#[non_exhaustive]`; two secrets are equal
/// if their exposed values are. A field needs an attribute only if it deviates from the table:
///
/// - `#[required]`: the field must be present and valid, whatever its type.
/// - `#[or_default]`: the field has the default of its type if it is absent or invalid, e.g. `Other("")` for an enum.
/// - `#[serde_as(as = …)]`: an adapter of [`serde_with`] reads and writes the field. The adapter is written without
///   quotes, and reads the value from its JSON text. [`Lenient`](crate::wire::Lenient) decodes like a field without an
///   attribute.
/// - `#[mode(…)]`: a [`Mode`](crate::client::Mode) reads and writes the field, without its JSON text.
/// - `#[serde(default)]`: the field has the default of its type if it is absent, but not if it is invalid.
/// - `#[serde(rename = "…")]`: the field has another name in JSON.
/// - `#[serde(flatten)]`: the field, which must be the last one and a `BTreeMap<String, T>`, contains all members that no
///   other field reads.
///
/// A model with `#[custom_deserialize]` directly below its documentation implements `Deserialize` itself, and reads its
/// fields with [`read_fields`](crate::client::read_fields). One with `#[serde(transparent)]` in that place is read from,
/// and written as, the value of its only field, which is required.
/// [`wire_value!`](crate::wire::wire_value) allows fields of types that have serde implementations of their own.
///
/// ```
/// use http_core::wire::{DateTime, Decimal, Utc};
///
/// http_core::wire::models! {
///     /// An invoice.
///     pub struct Invoice {
///         /// The id of the invoice.
///         pub id: u64,
///         /// Whether the invoice is paid.
///         #[required]
///         pub paid: bool,
///         /// The sum with taxes.
///         #[serde(rename = "totalSum")]
///         pub total: Decimal,
///         /// The day by which the invoice has to be paid.
///         pub due: Option<DateTime<Utc>>,
///     }
/// }
///
/// let json = r#"{"id": "47", "paid": 1, "totalSum": "5.00", "due": "2026-11-23"}"#;
/// let invoice: Invoice = serde_json::from_str(json)?;
/// assert_eq!((invoice.id, invoice.paid, invoice.total), (47, true, Decimal::new(500, 2)));
/// assert!(serde_json::from_str::<Invoice>(r#"{"id": 47, "totalSum": 5}"#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// A field whose type is not in the table does not compile:
///
/// ```compile_fail
/// http_core::wire::models! {
///     struct Row {
///         ratio: std::time::Duration,
///     }
/// }
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __models {
    ($( $(#[$($meta:tt)*])* $vis:vis struct $name:ident { $($fields:tt)* } )+) => {
        $( $crate::__model! { $(#[$($meta)*])* $vis struct $name { $($fields)* } } )+
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __model {
    ($(#[doc = $doc:expr])* #[custom_deserialize] $(#[$meta:meta])* $vis:vis struct $name:ident { $($fields:tt)* }) => {
        $crate::__fields! { [$(#[doc = $doc])* $(#[$meta])* $vis struct $name] $name [] [] [] $($fields)* , }

        $crate::__wire_value!($name);
    };
    ($(#[doc = $doc:expr])* #[serde(transparent)] $(#[$meta:meta])* $vis:vis struct $name:ident {
        $(#[doc = $field_doc:expr])* $field_vis:vis $field:ident: $type:ty $(,)?
    }) => {
        $(#[doc = $doc])*
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        $vis struct $name {
            $(#[doc = $field_doc])*
            $field_vis $field: $type,
        }

        $crate::__wire! { $name, |source| $crate::__private::Wire::read(source).map(|$field| Self { $field }) }
        $crate::__deserialize! { $name }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                $crate::__private::Wire::write(&self.$field, serializer)
            }
        }
    };
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($fields:tt)* }) => {
        $crate::__fields! { [$(#[$meta])* $vis struct $name] $name [] [] [] $($fields)* , }

        $crate::__wire! { $name, $crate::__private::Model::read_fields, $crate::__private::read_model_option }
        $crate::__deserialize! { $name }
    };
}

/// Collects the fields: `[the name, if renamed] [the mode, if any] [the fields before]`, and the remaining fields.
#[doc(hidden)]
#[macro_export]
macro_rules! __fields {
    // The attributes of the next field.
    ($head:tt $model:ident $name:tt [] $done:tt $(#[doc = $doc:expr])* #[required] $($rest:tt)*) => {
        $crate::__fields! { $head $model $name [$crate::__private::Required] $done $(#[doc = $doc])* $($rest)* }
    };
    ($head:tt $model:ident $name:tt [] $done:tt $(#[doc = $doc:expr])* #[or_default] $($rest:tt)*) => {
        $crate::__fields! { $head $model $name [$crate::__private::OrDefault] $done $(#[doc = $doc])* $($rest)* }
    };
    ($head:tt $model:ident $name:tt [] $done:tt $(#[doc = $doc:expr])* #[serde_as(as = $as:ty)] $($rest:tt)*) => {
        $crate::__fields! { $head $model $name [$crate::__private::As<$as>] $done $(#[doc = $doc])* $($rest)* }
    };
    ($head:tt $model:ident $name:tt [] $done:tt $(#[doc = $doc:expr])* #[mode($mode:ty)] $($rest:tt)*) => {
        $crate::__fields! { $head $model $name [$mode] $done $(#[doc = $doc])* $($rest)* }
    };
    ($head:tt $model:ident [] $mode:tt $done:tt
        $(#[doc = $doc:expr])* #[serde(rename = $name:literal $(, $($option:tt)*)?)] $($rest:tt)*) => {
        $crate::__fields! {
            $head $model [$name] $mode $done $(#[doc = $doc])* $(#[serde($($option)*)])? $($rest)*
        }
    };
    ($head:tt $model:ident $name:tt [] $done:tt $(#[doc = $doc:expr])* #[serde(default)] $($rest:tt)*) => {
        $crate::__fields! {
            $head $model $name [$crate::__private::MayBeAbsent<$crate::__private::ByType>] $done
            $(#[doc = $doc])* $($rest)*
        }
    };
    ($head:tt $model:ident $name:tt [$mode:ty] $done:tt $(#[doc = $doc:expr])* #[serde(default)] $($rest:tt)*) => {
        $crate::__fields! {
            $head $model $name [$crate::__private::MayBeAbsent<$mode>] $done $(#[doc = $doc])* $($rest)*
        }
    };
    // The last field, which contains all other members.
    ($head:tt $model:ident [] [] $done:tt
        $(#[doc = $doc:expr])* #[serde(flatten)] $vis:vis $field:ident: $type:ty $(,)*) => {
        $crate::__model_impls! { $head $model $done [[$(#[doc = $doc])*] [$vis] $field: $type] }
    };
    // A field whose attributes are known.
    ($head:tt $model:ident [$($name:literal)?] [$($mode:ty)?] [$($done:tt)*]
        $(#[doc = $doc:expr])* $vis:vis $field:ident: $type:ty, $($rest:tt)*) => {
        $crate::__fields! {
            $head $model [] []
            [$($done)* [
                [$(#[doc = $doc])*] [$vis] $field: $type,
                $crate::__first!($(($name))? ($crate::__private::name(::std::stringify!($field)))),
                $crate::__first!($(($mode))? ($crate::__private::ByType))
            ]]
            $($rest)*
        }
    };
    ($head:tt $model:ident [] [] $done:tt $(,)?) => {
        $crate::__model_impls! { $head $model $done }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __first {
    (($($first:tt)*) $(($($other:tt)*))?) => { $($first)* };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __model_impls {
    (
        [$($head:tt)*] $model:ident
        [$( [[$($doc:tt)*] [$vis:vis] $field:ident: $type:ty, $name:expr, $mode:ty] )*]
        $( [[$($rest_doc:tt)*] [$rest_vis:vis] $rest:ident: $rest_type:ty] )?
    ) => {
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        $($head)* {
            $( $($doc)* $vis $field: $type, )*
            $( $($rest_doc)* $rest_vis $rest: $rest_type, )?
        }

        impl $crate::__private::Model for $model {
            #[inline]
            fn read_fields(
                source: &mut dyn $crate::__private::Source<'_>,
            ) -> ::std::result::Result<Self, $crate::__private::Failed> {
                static LAYOUT: $crate::__private::Layout = $crate::__private::Layout::new(
                    &[$($name),*],
                    &[$(<$mode as $crate::__private::Mode<$type>>::IS_SCALAR),*],
                );

                $( let mut $field = $crate::__private::Slot::<$mode, $type>::empty(); )*
                $( let mut $rest = $crate::__private::Map::empty(); )?
                $crate::__private::fill(
                    source,
                    &LAYOUT,
                    &mut [$(&mut $field),*],
                    $crate::__first!($((::std::option::Option::Some(&mut $rest)))? (::std::option::Option::None)),
                )?;
                // A single exit, because each one drops all fields.
                #[allow(irrefutable_let_patterns, reason = "a model may have no fields")]
                let ($(::std::option::Option::Some($field),)*) = ($($field.into_value(),)*) else {
                    return ::std::result::Result::Err($crate::__private::Failed::incomplete());
                };
                ::std::result::Result::Ok(Self { $($field,)* $($rest: $rest.finish(),)? })
            }
        }

        impl $crate::__private::serde::Serialize for $model {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                use $crate::__private::serde::ser::SerializeMap as _;

                let mut members = serializer.serialize_map(::std::option::Option::None)?;
                $( members.serialize_entry(const { $name }, &$crate::__private::Written::<_, $mode>::new(&self.$field))?; )*
                $(
                    for (key, value) in &self.$rest {
                        members.serialize_entry(key, value)?;
                    }
                )?
                members.end()
            }
        }

        impl ::std::cmp::PartialEq for $model {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                true $(&& $crate::__private::Wire::same(&self.$field, &other.$field))*
                    $(&& $crate::__private::Wire::same(&self.$rest, &other.$rest))?
            }
        }

        // This makes compiler errors about a field's type point to the type.
        const _: () = { $( $crate::__private::is_wire::<$type>(); )* };
    };
}

/// Allows types that are `PartialEq` and have serde implementations of their own to be used as fields of
/// [`models!`](crate::wire::models).
///
/// ```
/// #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
/// #[serde(transparent)]
/// pub struct Tags(Vec<String>);
///
/// http_core::wire::wire_value!(Tags);
///
/// http_core::wire::models! {
///     /// A server.
///     pub struct Server {
///         /// The tags of the server.
///         pub tags: Option<Tags>,
///     }
/// }
///
/// let server: Server = serde_json::from_str(r#"{"tags": 5}"#)?;
/// assert_eq!(server.tags, None);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __wire_value {
    ($($type:ty),+ $(,)?) => {
        $( $crate::__wire! { $type, $crate::__private::read_by_serde, $crate::__private::read_option_by_serde } )+
    };
}

/// Allows a type that keeps a text, which is `Serialize` and `PartialEq`, to be used as a field of
/// [`models!`](crate::wire::models): the content of a string, or the JSON text of any other value. `$new` makes it from a
/// `String`.
///
/// ```
/// #[derive(Clone, Debug, PartialEq, serde::Serialize)]
/// #[serde(transparent)]
/// pub struct Note(String);
///
/// http_core::wire::wire_content!(Note, Self);
///
/// assert_eq!(serde_json::from_str::<Note>(r#""a\"b""#)?.0, r#"a"b"#);
/// assert_eq!(serde_json::from_str::<Note>(r#"{"a": 1}"#)?.0, r#"{"a": 1}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __wire_content {
    ($type:ty, $new:expr) => {
        $crate::__wire! {
            $type,
            |source| $crate::__private::read_content(source).map(|text| $new(text.unwrap_or_default().into_owned())),
            |source| {
                let text = $crate::__private::read_content(source)?.filter(|text| !text.is_empty());
                ::std::result::Result::Ok(text.map(|text| $new(text.into_owned())))
            }
        }
        $crate::__deserialize! { $type }
    };
}

/// Implements `Deserialize` for a type that is `Wire`.
#[doc(hidden)]
#[macro_export]
macro_rules! __deserialize {
    ($type:ty) => {
        impl<'de> $crate::__private::serde::Deserialize<'de> for $type {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::__private::read(deserializer)
            }
        }
    };
}

/// Implements `Wire` for a type that is `Serialize` and `PartialEq`.
#[doc(hidden)]
#[macro_export]
macro_rules! __wire {
    ($type:ty, $read:expr) => {
        $crate::__wire! { $type, $read, $crate::__private::read_option }
    };
    ($type:ty, $read:expr, $read_option:expr) => {
        impl $crate::__private::Wire for $type {
            #[inline]
            fn read(
                source: &mut dyn $crate::__private::Source<'_>,
            ) -> ::std::result::Result<Self, $crate::__private::Failed> {
                let read: fn(&mut dyn $crate::__private::Source<'_>) -> ::std::result::Result<Self, _> =
                    $read;
                read(source)
            }

            #[inline]
            fn read_option(
                source: &mut dyn $crate::__private::Source<'_>,
            ) -> ::std::result::Result<::std::option::Option<Self>, $crate::__private::Failed> {
                let read: fn(
                    &mut dyn $crate::__private::Source<'_>,
                ) -> ::std::result::Result<::std::option::Option<Self>, _> = $read_option;
                read(source)
            }

            fn write<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                $crate::__private::serde::Serialize::serialize(self, serializer)
            }

            #[inline]
            fn same(&self, other: &Self) -> bool {
                self == other
            }
        }
    };
}

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
/// - `#[serde_as(as = "…")]`: an adapter of [`serde_with`] reads and writes the field. Add `#[serde(default)]` if it
///   may be absent. [`Lenient`](crate::wire::Lenient) decodes like a field without an attribute.
/// - `#[serde(flatten)]`, alone or together with other options: the field contains all members that no other field
///   reads. The struct needs [`with_rest!`](crate::wire::with_rest).
/// - any other `#[serde(..)]`, such as `rename`.
///
/// The first four must be placed directly below the documentation of the field.
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
    ($( $(#[$($meta:tt)*])* $vis:vis struct $name:ident { $($fields:tt)* } )+) => {$(
        $crate::__model_struct! { [] [$(#[$($meta)*])* $vis struct $name] {} $($fields)* , }
        $crate::__model_impls! { $name { $($fields)* } }
    )+};
}

/// Adds the serde attributes of the fields, one field after the other.
#[doc(hidden)]
#[macro_export]
macro_rules! __model_struct {
    ([$($serde_as:tt)*] [$($head:tt)*] {$($fields:tt)*} $(,)?) => {
        $($serde_as)*
        #[derive(Clone, Debug, $crate::__private::serde::Serialize, $crate::__private::serde::Deserialize)]
        #[serde(crate = "::http_core::__private::serde")]
        #[non_exhaustive]
        $($head)* { $($fields)* }
    };
    // A field with an attribute that determines how it is read.
    ($serde_as:tt $head:tt {$($done:tt)*}
        $(#[doc = $doc:expr])* #[serde_as($($as:tt)*)] $(#[$meta:meta])* $vis:vis $field:ident: $type:ty, $($rest:tt)*) => {
        $crate::__model_struct! {
            [#[$crate::__private::serde_with::serde_as(crate = "::http_core::__private::serde_with")]]
            $head
            {$($done)* $(#[doc = $doc])* #[serde_as($($as)*)] $(#[$meta])* $vis $field: $type,}
            $($rest)*
        }
    };
    ($serde_as:tt $head:tt {$($done:tt)*}
        $(#[doc = $doc:expr])* #[serde(flatten $($more:tt)*)] $vis:vis $field:ident: $type:ty, $($rest:tt)*) => {
        $crate::__model_struct! {
            $serde_as $head
            {$($done)* $(#[doc = $doc])* #[serde(flatten $($more)*)] $vis $field: $type,}
            $($rest)*
        }
    };
    // A required field.
    ($serde_as:tt $head:tt {$($done:tt)*}
        $(#[doc = $doc:expr])* #[required] $(#[$meta:meta])* $vis:vis $field:ident: $type:ty, $($rest:tt)*) => {
        $crate::__model_struct! {
            $serde_as $head
            {$($done)* $(#[doc = $doc])* $(#[$meta])* #[serde(with = "::http_core::__private::field")]
            $vis $field: $type,}
            $($rest)*
        }
    };
    // A field with a default.
    ($serde_as:tt $head:tt {$($done:tt)*}
        $(#[doc = $doc:expr])* #[or_default] $(#[$meta:meta])* $vis:vis $field:ident: $type:ty, $($rest:tt)*) => {
        $crate::__model_struct! {
            @plain $serde_as $head {$($done)*} {$(#[doc = $doc])* $(#[$meta])*} {$vis $field: $type} $($rest)*
        }
    };
    // A field that may be absent.
    ($serde_as:tt $head:tt {$($done:tt)*} $(#[$meta:meta])* $vis:vis $field:ident: Option<$type:ty>, $($rest:tt)*) => {
        $crate::__model_struct! { @optional $serde_as $head {$($done)*} {$(#[$meta])*} {$vis $field: Option<$type>} $($rest)* }
    };
    ($serde_as:tt $head:tt {$($done:tt)*} $(#[$meta:meta])* $vis:vis $field:ident: Vec<$type:ty>, $($rest:tt)*) => {
        $crate::__model_struct! { @list $serde_as $head {$($done)*} {$(#[$meta])*} {$vis $field: Vec<$type>} $($rest)* }
    };
    ($serde_as:tt $head:tt {$($done:tt)*} $(#[$meta:meta])* $vis:vis $field:ident: String, $($rest:tt)*) => {
        $crate::__model_struct! { @plain $serde_as $head {$($done)*} {$(#[$meta])*} {$vis $field: String} $($rest)* }
    };
    ($serde_as:tt $head:tt {$($done:tt)*} $(#[$meta:meta])* $vis:vis $field:ident: bool, $($rest:tt)*) => {
        $crate::__model_struct! { @plain $serde_as $head {$($done)*} {$(#[$meta])*} {$vis $field: bool} $($rest)* }
    };
    (@plain $serde_as:tt $head:tt {$($done:tt)*} {$($meta:tt)*} {$($field:tt)*} $($rest:tt)*) => {
        $crate::__model_struct! {
            $serde_as $head
            {$($done)* $($meta)* #[serde(default, with = "::http_core::__private::plain")] $($field)*,}
            $($rest)*
        }
    };
    (@list $serde_as:tt $head:tt {$($done:tt)*} {$($meta:tt)*} {$($field:tt)*} $($rest:tt)*) => {
        $crate::__model_struct! {
            $serde_as $head
            {$($done)* $($meta)* #[serde(default, with = "::http_core::__private::list")] $($field)*,}
            $($rest)*
        }
    };
    (@optional $serde_as:tt $head:tt {$($done:tt)*} {$($meta:tt)*} {$($field:tt)*} $($rest:tt)*) => {
        $crate::__model_struct! {
            $serde_as $head
            {$($done)* $($meta)* #[serde(default, with = "::http_core::__private::field")] $($field)*,}
            $($rest)*
        }
    };
    // Any other field is required.
    ($serde_as:tt $head:tt {$($done:tt)*} $(#[$meta:meta])* $vis:vis $field:ident: $type:ty, $($rest:tt)*) => {
        $crate::__model_struct! {
            $serde_as $head
            {$($done)* $(#[$meta])* #[serde(with = "::http_core::__private::field")] $vis $field: $type,}
            $($rest)*
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __model_impls {
    ($name:ident { $( $(#[$meta:meta])* $vis:vis $field:ident: $type:ty ),* $(,)? }) => {
        impl ::std::cmp::PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                true $(&& $crate::__private::Wire::same(&self.$field, &other.$field))*
            }
        }

        $crate::__wire_value!($name);

        // This makes compiler errors about a field's type point to the type.
        const _: () = { $( $crate::__private::is_wire::<$type>(); )* };
    };
}

/// Limits the memory of a model that has a field with `#[serde(flatten)]`. The struct needs `#[serde(remote =
/// "Self")]`; this macro implements serde's traits.
///
/// ```
/// use std::collections::BTreeMap;
///
/// http_core::wire::models! {
///     /// A card.
///     #[serde(remote = "Self")]
///     pub struct Card {
///         /// The brand of the card.
///         pub brand: Option<String>,
///         /// All other fields.
///         #[serde(flatten)]
///         pub others: BTreeMap<String, serde_json::Value>,
///     }
/// }
///
/// http_core::wire::with_rest!(Card, others);
///
/// let card: Card = serde_json::from_str(r#"{"brand": "Visa", "country": "EE"}"#)?;
/// assert_eq!(card.others["country"], "EE");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __with_rest {
    ($model:ident, $rest:ident) => {
        $crate::__with_rest!($model, $rest, ::std::convert::identity);
    };
    // A function that changes the JSON before it is read.
    ($model:ident, $rest:ident, $prepare:path) => {
        impl<'de> $crate::__private::serde::Deserialize<'de> for $model {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::__private::read_with_rest(
                    deserializer,
                    |json| {
                        Self::deserialize(&mut $crate::__private::json(&$prepare(::std::borrow::Cow::from(
                            json,
                        ))))
                    },
                    |model: &Self| !model.$rest.is_empty(),
                )
            }
        }

        impl $crate::__private::serde::Serialize for $model {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                Self::serialize(self, serializer)
            }
        }
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
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::__private::Wire for $type {
            fn read<'de, D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::__private::serde::Deserialize::deserialize($crate::client::OnlyObjects(deserializer))
            }

            fn read_option<'de, D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<::std::option::Option<Self>, D::Error> {
                $crate::__private::read_option(deserializer)
            }

            fn write<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                $crate::__private::serde::Serialize::serialize(self, serializer)
            }

            fn same(&self, other: &Self) -> bool {
                self == other
            }
        }
    )+};
}

//! How models are read from, and written to, a provider's JSON.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};
use serde_with::{DeserializeAs, SerializeAs};

use crate::wire::scalar::{FromScalar, json_text, left_out, read_scalar, read_scalar_option};

/// Declares models: structs that are read leniently from a provider's JSON, each field by its type.
///
/// | type | absent | null, `""` | anything else that does not fit |
/// |---|---|---|---|
/// | `Option<T>` | `None` | `None` (`Some(false)` for `""` as a `bool`) | `None`, with a warning |
/// | `Vec<T>` | empty | empty for null | error |
/// | `String`, `bool` | empty, `false` | empty, `false` | error |
/// | numbers, [`Decimal`](crate::wire::Decimal), ids, enums, addresses, secrets, models | error | error | error |
///
/// Numbers and booleans are also read from text, text also from numbers and booleans, and times in every form that
/// [`parse_timestamp`](crate::wire::parse_timestamp) knows. Money is exact, unknown fields are ignored. Secrets are written
/// as [`REDACTED`](crate::wire::REDACTED) and money as text; what is written can be read again.
///
/// The models are `Debug + Clone + PartialEq + Serialize + Deserialize` and `#[non_exhaustive]`; two secrets are equal
/// if their exposed values are. A field says only what deviates:
///
/// - `#[required]`: the field must be there, whatever its type.
/// - `#[serde_as(as = "…")]`: an adapter of [`serde_with`] reads and writes the field; the `#[serde(default)]` is
///   yours to add. The adapter for what the types do by themselves is [`Lenient`].
/// - `#[serde(flatten)]`, alone or with more in the same brackets: the field takes what no other field does.
/// - any other `#[serde(..)]`, such as `rename`.
///
/// The first three stand directly below the documentation of the field. Types with serde implementations of their own
/// become fields by [`wire_value!`](crate::wire::wire_value).
///
/// ```
/// use http_core::wire::{DateTime, Decimal, Utc};
///
/// http_core::wire::models! {
///     /// An invoice.
///     pub struct Invoice {
///         /// The number of the invoice.
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
/// A field whose type the table does not know does not compile:
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

/// Moves the fields one by one behind their serde attributes.
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
    // What says itself how it is read.
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
    // What must be there.
    ($serde_as:tt $head:tt {$($done:tt)*}
        $(#[doc = $doc:expr])* #[required] $(#[$meta:meta])* $vis:vis $field:ident: $type:ty, $($rest:tt)*) => {
        $crate::__model_struct! {
            $serde_as $head
            {$($done)* $(#[doc = $doc])* $(#[$meta])* #[serde(with = "::http_core::__private::field")]
            $vis $field: $type,}
            $($rest)*
        }
    };
    // What may be absent.
    ($serde_as:tt $head:tt {$($done:tt)*} $(#[$meta:meta])* $vis:vis $field:ident: Option<$type:ty>, $($rest:tt)*) => {
        $crate::__model_struct! { @optional $serde_as $head {$($done)*} {$(#[$meta])*} {$vis $field: Option<$type>} $($rest)* }
    };
    ($serde_as:tt $head:tt {$($done:tt)*} $(#[$meta:meta])* $vis:vis $field:ident: Vec<$type:ty>, $($rest:tt)*) => {
        $crate::__model_struct! { @optional $serde_as $head {$($done)*} {$(#[$meta])*} {$vis $field: Vec<$type>} $($rest)* }
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
    (@optional $serde_as:tt $head:tt {$($done:tt)*} {$($meta:tt)*} {$($field:tt)*} $($rest:tt)*) => {
        $crate::__model_struct! {
            $serde_as $head
            {$($done)* $($meta)* #[serde(default, with = "::http_core::__private::field")] $($field)*,}
            $($rest)*
        }
    };
    // Everything else must be there.
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

        // Errors about a field's type point to the type by this.
        const _: () = { $( $crate::__private::is_wire::<$type>(); )* };
    };
}

/// Lets types that are `PartialEq` and have serde implementations of their own be fields of [`models!`](crate::wire::models).
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
                $crate::__private::serde::Deserialize::deserialize(deserializer)
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

/// How a type is read from, and written to, a provider's JSON: the types that fields of [`models!`](crate::wire::models) have.
#[doc(hidden)]
pub trait Wire: Sized {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;

    /// Reads an optional value. One that cannot be read is `None` and must not leave its source in the middle.
    fn read_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error>;

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// `==`, also of secrets.
    fn same(&self, other: &Self) -> bool;
}

#[doc(hidden)]
pub const fn is_wire<T: Wire>() {}

impl<T: FromScalar> Wire for T {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_scalar(deserializer)
    }

    fn read_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        read_scalar_option(deserializer)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        FromScalar::write(self, serializer)
    }

    fn same(&self, other: &Self) -> bool {
        FromScalar::same(self, other)
    }
}

impl<T: Wire> Wire for Option<T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read_option(deserializer)
    }

    fn read_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        T::read_option(deserializer).map(Some)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_ref().map(Field).serialize(serializer)
    }

    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Some(one), Some(other)) => one.same(other),
            (None, None) => true,
            _ => false,
        }
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(List(PhantomData))
    }

    fn read_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        read_option(deserializer)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Field))
    }

    fn same(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().zip(other).all(|(one, other)| one.same(other))
    }
}

impl<T: Wire> Wire for BTreeMap<String, T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Map(PhantomData))
    }

    fn read_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        read_option(deserializer)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(key, value)| (key, Field(value))))
    }

    fn same(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.iter().zip(other).all(|(one, other)| one.0 == other.0 && one.1.same(other.1))
    }
}

impl Wire for serde_json::Value {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::Deserialize::deserialize(deserializer)
    }

    fn read_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Self::read(deserializer).map(|value| Some(value).filter(|value| !value.is_null()))
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

/// Reads an optional value of several parts. Its end is found first, because a reader that fails halfway leaves its
/// source in the middle of the value.
#[doc(hidden)]
pub fn read_option<'de, T: Wire, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    json_text(deserializer).map(|json| from_text(&json))
}

fn from_text<T: Wire>(json: &str) -> Option<T> {
    if matches!(json, "null" | "\"\"") {
        return None;
    }
    // From bytes, as responses are read: one more kind of source would be compiled for every model.
    let read = T::read(&mut serde_json::Deserializer::from_slice(json.as_bytes()));
    if read.is_err() {
        left_out("a value of several parts", &format_args!("{} bytes of something else", json.len()));
    }
    read.ok()
}

/// What `#[serde(with = "…")]` names.
#[doc(hidden)]
pub mod field {
    use super::{Deserializer, Serializer, Wire};

    pub fn deserialize<'de, T: Wire, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        T::read(deserializer)
    }

    pub fn serialize<T: Wire, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        value.write(serializer)
    }
}

/// The same for text and booleans that may be null.
#[doc(hidden)]
pub mod plain {
    pub use super::field::serialize;
    pub use crate::wire::scalar::read_scalar_or_default as deserialize;
}

/// The adapter of [`serde_with`] that reads and writes as the fields of [`models!`](crate::wire::models) are: for containers
/// of other crates and for structs that are no models.
///
/// ```
/// use http_core::wire::Lenient;
/// use serde_with::{DefaultOnNull, serde_as};
///
/// #[serde_as]
/// #[derive(serde::Deserialize)]
/// struct Uptime {
///     #[serde_as(as = "DefaultOnNull<Lenient>")]
///     seconds: u64,
/// }
///
/// assert_eq!(serde_json::from_str::<Uptime>(r#"{"seconds": "60"}"#)?.seconds, 60);
/// assert_eq!(serde_json::from_str::<Uptime>(r#"{"seconds": null}"#)?.seconds, 0);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Lenient;

impl<'de, T: Wire> DeserializeAs<'de, T> for Lenient {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        T::read(deserializer)
    }
}

impl<T: Wire> SerializeAs<T> for Lenient {
    fn serialize_as<S: Serializer>(source: &T, serializer: S) -> Result<S::Ok, S::Error> {
        source.write(serializer)
    }
}

/// The adapter of [`serde_with`] for an optional id where the provider writes 0 for none.
///
/// ```
/// http_core::wire::models! {
///     /// An order.
///     pub struct Order {
///         /// The invoice of the order, if it has one.
///         #[serde_as(as = "http_core::wire::ZeroAsNone")]
///         #[serde(default)]
///         pub invoice: Option<u64>,
///     }
/// }
///
/// assert_eq!(serde_json::from_str::<Order>(r#"{"invoice": "0"}"#)?.invoice, None);
/// assert_eq!(serde_json::from_str::<Order>(r#"{"invoice": "7"}"#)?.invoice, Some(7));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ZeroAsNone;

impl<'de, T: Wire + Copy + Into<u64>> DeserializeAs<'de, Option<T>> for ZeroAsNone {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        T::read_option(deserializer).map(|id| id.filter(|id| (*id).into() != 0))
    }
}

impl<T: Wire> SerializeAs<Option<T>> for ZeroAsNone {
    fn serialize_as<S: Serializer>(source: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        source.write(serializer)
    }
}

/// A value within another one, on its way out.
struct Field<'a, T>(&'a T);

impl<T: Wire> Serialize for Field<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

/// A value within another one, on its way in.
struct Read<T>(PhantomData<T>);

impl<'de, T: Wire> DeserializeSeed<'de> for Read<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::read(deserializer)
    }
}

struct List<T>(PhantomData<T>);

impl<'de, T: Wire> Visitor<'de> for List<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E: Error>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Read(PhantomData))? {
            list.push(item);
        }
        Ok(list)
    }
}

struct Map<T>(PhantomData<T>);

impl<'de, T: Wire> Visitor<'de> for Map<T> {
    type Value = BTreeMap<String, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(BTreeMap::new())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut map = BTreeMap::new();
        while let Some(key) = members.next_key()? {
            map.insert(key, members.next_value_seed(Read(PhantomData))?);
        }
        Ok(map)
    }
}

#[cfg(test)]
mod tests;

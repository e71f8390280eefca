//! Adapters for `#[serde_as(as = …)]`.

use std::borrow::Cow;

use serde::Serializer;
use serde::de::Deserializer;
use serde_with::{DeserializeAs, SerializeAs};

use crate::wire::model::{Wire, read, read_content};
use crate::wire::scalar::read_from;

/// An adapter for [`serde_with`] that reads and writes values in the same way as the fields of
/// [`models!`](crate::wire::models). Use it for containers from other crates and for structs that are not models.
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
        read(deserializer)
    }
}

impl<T: Wire> SerializeAs<T> for Lenient {
    fn serialize_as<S: Serializer>(source: &T, serializer: S) -> Result<S::Ok, S::Error> {
        source.write(serializer)
    }
}

/// An adapter for [`serde_with`] for an optional text whose presence alone has a meaning: every value except null and an
/// empty string is present, and one that is not text is read as its JSON.
///
/// ```
/// http_core::wire::models! {
///     /// An address.
///     pub struct Address {
///         /// What uses the address.
///         #[serde_as(as = http_core::wire::AnyAsText)]
///         #[serde(default)]
///         pub user: Option<String>,
///     }
/// }
///
/// assert_eq!(serde_json::from_str::<Address>(r#"{"user": ["vm-1"]}"#)?.user.unwrap(), r#"["vm-1"]"#);
/// assert_eq!(serde_json::from_str::<Address>(r#"{"user": null}"#)?.user, None);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct AnyAsText;

impl<'de, T: Wire + From<String>> DeserializeAs<'de, Option<T>> for AnyAsText {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        let text = read_from(deserializer, |source| Ok(read_content(source)?.map(Cow::into_owned)))?;
        Ok(text.filter(|text| !text.trim().is_empty()).map(T::from))
    }
}

impl<T: Wire> SerializeAs<Option<T>> for AnyAsText {
    fn serialize_as<S: Serializer>(source: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        source.write(serializer)
    }
}

/// An adapter for [`serde_with`] for an optional id that the provider writes as 0 if it is absent.
///
/// ```
/// http_core::wire::models! {
///     /// An order.
///     pub struct Order {
///         /// The invoice of the order, if it has one.
///         #[serde_as(as = http_core::wire::ZeroAsNone)]
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
        read_from(deserializer, T::read_option).map(|id| id.filter(|id| (*id).into() != 0))
    }
}

impl<T: Wire> SerializeAs<Option<T>> for ZeroAsNone {
    fn serialize_as<S: Serializer>(source: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        source.write(serializer)
    }
}

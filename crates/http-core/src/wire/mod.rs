//! The vocabulary of models and requests: serde adapters, ids, open enums, money, times and secrets.

pub(crate) mod allowance;
pub(crate) mod body;
pub(crate) mod decode;
pub(crate) mod form;
pub(crate) mod glance;
pub(crate) mod id;
pub(crate) mod invalid_value;
pub(crate) mod json_text;
mod lenient;
pub(crate) mod members;
pub(crate) mod model;
pub(crate) mod money;
pub(crate) mod only_objects;
pub(crate) mod open_enum;
pub(crate) mod path;
pub(crate) mod peek;
pub(crate) mod presumed;
pub(crate) mod public_key;
pub(crate) mod response;
pub(crate) mod scalar;
pub(crate) mod secret;
pub(crate) mod success;
pub(crate) mod time_limit;
pub(crate) mod timestamp;
pub(crate) mod words;

pub use bytes::Bytes;
pub use chrono::{DateTime, Utc};
pub use rust_decimal::Decimal;

pub use body::Body;
pub use decode::{DecodeError, ItemError, PartialList};
pub use invalid_value::InvalidValue;
pub use json_text::JsonText;
pub use model::{AnyAsText, Lenient, ZeroAsNone};
pub use public_key::{PublicKey, public_key};
pub use secret::REDACTED;
pub use timestamp::parse_timestamp;

// `#[macro_export]` puts macros at the root of the crate, under these names.
#[doc(inline)]
#[cfg(feature = "uuid")]
pub use crate::__uuid_id as uuid_id;
#[doc(inline)]
pub use crate::{
    __integer_id as integer_id, __models as models, __open_enum as open_enum, __text_id as text_id,
    __wire_content as wire_content, __wire_value as wire_value,
};

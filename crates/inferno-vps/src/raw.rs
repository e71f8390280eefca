//! JSON that is kept because nobody has published what it looks like.

use std::fmt;

use http_core::wire::REDACTED;
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// The JSON that a model was read from, for fields that the model does not have.
///
/// The provider publishes no sample of it, so it may hold passwords: `Debug` and `Serialize` show nothing of
/// it.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Raw(Value);

http_core::wire::wire_value!(Raw);

impl Raw {
    /// The JSON. Mind that it may hold secrets.
    pub fn expose(&self) -> &Value {
        &self.0
    }

    /// The JSON of this text, and the model that `read` finds in it.
    pub(crate) fn keep<'de, D: Deserializer<'de>, T>(
        deserializer: D,
        read: impl FnOnce(&RawValue) -> serde_json::Result<T>,
    ) -> Result<(T, Self), D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        let value: Value = serde_json::from_str(json.get()).map_err(D::Error::custom)?;
        // A model that was serialized shows nothing of it.
        let value = if value.get("raw").is_some_and(|raw| raw == REDACTED) { Value::Null } else { value };
        Ok((read(&json).map_err(D::Error::custom)?, Self(value)))
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raw({REDACTED})")
    }
}

impl Serialize for Raw {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(REDACTED)
    }
}

/// Makes models with `#[serde(remote = "Self")]` fill their field `raw`, which serde's `flatten` could not do:
/// money does not work under it.
macro_rules! keeps_raw {
    ($model:ident) => {
        impl<'de> serde::Deserialize<'de> for $model {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let (model, raw) = $crate::raw::Raw::keep(deserializer, |json| {
                    Self::deserialize(&mut serde_json::Deserializer::from_str(json.get()))
                })?;
                Ok(Self { raw, ..model })
            }
        }

        impl serde::Serialize for $model {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Self::serialize(self, serializer)
            }
        }
    };
}
pub(crate) use keeps_raw;

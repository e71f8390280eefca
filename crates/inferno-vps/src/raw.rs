//! JSON that is kept because the provider does not document it.

use std::fmt;

use http_core::client::json_text;
use http_core::wire::{JsonText, REDACTED};
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

/// The JSON that a model was decoded from, for access to fields that the model does not have.
///
/// The provider publishes no sample of this JSON, so it may contain passwords: `Debug` and `Serialize` do not show it.
/// Two values are equal if their JSON text is the same.
///
/// The JSON is not a copy: it keeps the memory of the whole response, also of a list, allocated until it is dropped.
#[derive(Clone, Default, PartialEq)]
pub struct Raw(JsonText);

http_core::wire::wire_value!(Raw);

impl Raw {
    /// Parses the JSON again on each call, and returns it. Returns `null` if the model was decoded from its own
    /// serialized form. **The JSON may contain secrets.**
    pub fn expose(&self) -> Value {
        serde_json::from_str(self.0.as_str()).unwrap_or_default()
    }

    /// Returns the model that `read` decodes from the JSON, with the JSON in its field `raw`.
    pub(crate) fn keep<'de, D: Deserializer<'de>, T>(
        deserializer: D,
        read: impl FnOnce(&str) -> serde_json::Result<T>,
        raw_of: impl FnOnce(&mut T) -> &mut Self,
    ) -> Result<T, D::Error> {
        let json = json_text(deserializer)?;
        let mut model = read(&json).map_err(D::Error::custom)?;
        let raw = raw_of(&mut model);
        // A serialized model has `raw` redacted, so there is no original JSON to keep.
        let is_own = raw.0.as_str().trim_matches('"') == REDACTED;
        *raw = if is_own { Self::default() } else { Self(JsonText::keep(json)?) };
        Ok(model)
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        JsonText::deserialize(deserializer).map(Self)
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

/// Implements `Deserialize` for models with `#[custom_deserialize]`, and fills their field `raw`.
macro_rules! keeps_raw {
    ($model:ident) => {
        impl<'de> serde::Deserialize<'de> for $model {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let read = |json: &str| {
                    http_core::client::read_fields(&mut serde_json::Deserializer::from_str(json))
                };
                $crate::raw::Raw::keep(deserializer, read, |model: &mut Self| &mut model.raw)
            }
        }
    };
}
pub(crate) use keeps_raw;

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use serde::de::DeserializeOwned;

    use super::*;
    use crate::{Balance, Confirmation, Service};

    fn check<T: Serialize + DeserializeOwned + Debug>(raw_of: fn(&T) -> &Raw) {
        let json = r#"{"id": 7, "result": "success", "password": "hunter2"}"#;
        let model: T = serde_json::from_str(json).unwrap();
        assert_eq!(raw_of(&model).expose()["password"], "hunter2");
        let own = serde_json::to_string(&model).unwrap();
        assert!(!own.contains("hunter2") && !format!("{model:?}").contains("hunter2"), "{own} {model:?}");
        let again: T = serde_json::from_str(&own).unwrap();
        assert_eq!(raw_of(&again), &Raw::default());
        assert_eq!(raw_of(&again).expose(), Value::Null);
    }

    #[test]
    fn a_model_keeps_its_json_unless_it_is_read_from_its_own_serialized_form() {
        check::<Balance>(|model| &model.raw);
        check::<Confirmation>(|model| &model.raw);
        check::<Service>(|model| &model.raw);
    }
}

//! The texts of a response.

use http_core::wire::Lenient;
use serde::de::{Deserialize, Deserializer, Error as _};
use serde_json::value::RawValue;
use serde_with::DeserializeAs;

/// The text of a value; empty text is text, and what has none is `None`.
pub(crate) struct Words;

impl<'de> DeserializeAs<'de, Option<String>> for Words {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        if json.get() == "\"\"" {
            return Ok(Some(String::new()));
        }
        Lenient::deserialize_as(&mut serde_json::Deserializer::from_str(json.get())).map_err(D::Error::custom)
    }
}

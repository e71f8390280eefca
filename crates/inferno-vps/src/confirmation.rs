//! The provider's response to a change.

use crate::raw::{Raw, keeps_raw};

http_core::wire::models! {
    /// The provider's response to a change. Few of these responses are documented.
    #[custom_deserialize]
    pub struct Confirmation {
        message: Option<String>,
        msg: Option<String>,
        /// The whole response; `{"result": "success"}` if the response was lost and a read confirmed the change.
        #[serde(default)]
        pub raw: Raw,
    }
}

impl Confirmation {
    /// Returns the provider's message, if there is one (wire names `message` and `msg`).
    pub fn message(&self) -> Option<&str> {
        [&self.message, &self.msg].into_iter().flatten().map(String::as_str).find(|words| !words.is_empty())
    }
}

keeps_raw!(Confirmation);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_read_from_both_names_and_the_rest_is_kept() {
        for (json, words) in [
            (r#"{"result": "success", "message": "ok"}"#, Some("ok")),
            (r#"{"result": "success", "message": "", "msg": "ok"}"#, Some("ok")),
            (r#"{"result": "success", "message": []}"#, None),
        ] {
            let confirmation: Confirmation = serde_json::from_str(json).unwrap();
            assert_eq!(confirmation.message(), words, "{json}");
            assert_eq!(confirmation.raw.expose()["result"], "success");
        }
    }

    #[test]
    fn the_kept_response_is_not_shown() {
        let confirmation: Confirmation = serde_json::from_str(r#"{"password": "CANARY"}"#).unwrap();
        let shown = format!("{confirmation:?} {}", serde_json::to_string(&confirmation).unwrap());
        assert!(!shown.contains("CANARY"), "{shown}");
    }
}

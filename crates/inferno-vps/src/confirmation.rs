//! What the provider says about a change that it made.

use crate::raw::{Raw, keeps_raw};

http_core::wire::models! {
    /// What the provider says about a change that it made. Few of these responses are documented.
    #[serde(remote = "Self")]
    pub struct Confirmation {
        message: Option<String>,
        msg: Option<String>,
        /// The whole response.
        #[serde(skip_deserializing)]
        pub raw: Raw,
    }
}

impl Confirmation {
    /// The provider's words, if there are any; responses call them `message` or `msg`.
    pub fn message(&self) -> Option<&str> {
        [&self.message, &self.msg].into_iter().flatten().map(String::as_str).find(|words| !words.is_empty())
    }
}

keeps_raw!(Confirmation);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_under_both_of_their_names_and_the_rest_is_kept() {
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
    fn what_is_kept_is_shown_nowhere() {
        let confirmation: Confirmation = serde_json::from_str(r#"{"password": "CANARY"}"#).unwrap();
        let shown = format!("{confirmation:?} {}", serde_json::to_string(&confirmation).unwrap());
        assert!(!shown.contains("CANARY"), "{shown}");
    }
}

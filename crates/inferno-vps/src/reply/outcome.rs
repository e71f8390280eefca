//! What a reply says of its own success.

use serde::Deserialize;
use serde_with::serde_as;

use crate::php::{Object, Words};

/// What a reply says of its own success, and of that of its parts.
#[serde_as]
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Outcome {
    #[serde_as(as = "Words")]
    pub(crate) result: Option<String>,
    #[serde_as(as = "Words")]
    message: Option<String>,
    #[serde_as(as = "Words")]
    msg: Option<String>,
    #[serde_as(as = "Words")]
    error_code: Option<String>,
    #[serde_as(as = "Object")]
    retx: Option<Box<Outcome>>,
    #[serde_as(as = "Object")]
    vps_info: Option<Box<Outcome>>,
}

impl Outcome {
    /// What JSON says; a list says nothing.
    pub(crate) fn of(json: &[u8]) -> Self {
        if json.starts_with(b"{") {
            serde_json::from_slice(json).unwrap_or_default()
        } else {
            Self::default()
        }
    }

    /// The part that says no: anything but `success`, in whatever spelling.
    pub(crate) fn refused(&self) -> Option<&Self> {
        if self.result.as_ref().is_some_and(|result| !result.trim().eq_ignore_ascii_case("success")) {
            return Some(self);
        }
        [&self.retx, &self.vps_info].into_iter().flatten().find_map(|part| part.refused())
    }

    /// The provider's words, if it has any.
    pub(crate) fn words(&self) -> Option<&str> {
        let mut words = [&self.message, &self.msg].into_iter().flatten().map(|words| words.trim());
        words.find(|words| !words.is_empty())
    }

    /// The provider's number for the reason.
    pub(crate) fn code(&self) -> Option<&str> {
        self.error_code.as_deref().filter(|code| !matches!(*code, "" | "0"))
    }
}

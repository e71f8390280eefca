//! What a reply says of its own success.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_with::serde_as;

use crate::reply::words::Words;

/// Parts lie in parts no deeper than this; the provider nests one.
const MAX_DEPTH: usize = 8;

/// What a reply says of its own success, and of that of its parts.
#[derive(Debug, Default)]
pub(crate) struct ReportedResult {
    pub(crate) result: Option<String>,
    words: Option<String>,
    code: Option<String>,
    part: Option<Box<ReportedResult>>,
    /// Whether there are parts that were not looked into.
    pub(crate) is_too_deep: bool,
}

/// One level of a reply. `retx` is part of what was asked for; `vps_info` only describes the VPS, and a failure there
/// means that there is none yet.
#[serde_as]
#[derive(Default, Deserialize)]
#[serde(default)]
struct Level<'a> {
    #[serde_as(as = "Words")]
    result: Option<String>,
    #[serde_as(as = "Words")]
    message: Option<String>,
    #[serde_as(as = "Words")]
    msg: Option<String>,
    #[serde_as(as = "Words")]
    error_code: Option<String>,
    #[serde(borrow)]
    retx: Option<&'a RawValue>,
}

impl ReportedResult {
    /// What JSON says; a list says nothing, nor does what cannot be read.
    pub(crate) fn of(json: &[u8]) -> Self {
        Self::at_depth(json, 0)
    }

    fn at_depth(json: &[u8], depth: usize) -> Self {
        if !json.starts_with(b"{") {
            return Self::default();
        }
        let Level { result, message, msg, error_code, retx } =
            serde_json::from_slice(json).unwrap_or_default();
        let mut words = [message, msg].into_iter().flatten().map(|words| words.trim().to_owned());
        let mut reported = Self {
            result,
            words: words.find(|words| !words.is_empty()),
            code: error_code.filter(|code| !matches!(code.as_str(), "" | "0")),
            ..Self::default()
        };
        if let Some(part) = retx {
            if depth == MAX_DEPTH {
                reported.is_too_deep = true;
            } else {
                let part = Self::at_depth(part.get().as_bytes(), depth + 1);
                reported.is_too_deep = part.is_too_deep;
                reported.part = Some(Box::new(part));
            }
        }
        reported
    }

    /// The part that says no: anything but `success`, in whatever spelling.
    pub(crate) fn refused(&self) -> Option<&Self> {
        if self.result.as_ref().is_some_and(|result| !result.trim().eq_ignore_ascii_case("success")) {
            return Some(self);
        }
        self.part.as_ref()?.refused()
    }

    /// The provider's words, if it has any.
    pub(crate) fn words(&self) -> Option<&str> {
        self.words.as_deref()
    }

    /// The provider's number for the reason.
    pub(crate) fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }
}

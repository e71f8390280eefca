//! The result that a response reports.

use http_core::wire::Lenient;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_with::DeserializeAs;

/// The deepest nesting of parts that is read; the provider nests one level.
const MAX_DEPTH: usize = 8;

/// The result that a response reports for itself and for its parts.
#[derive(Debug, Default)]
pub(crate) struct ReportedResult {
    pub(crate) result: Option<String>,
    words: Option<String>,
    code: Option<String>,
    part: Option<Box<ReportedResult>>,
    /// Whether a part cannot be read, and may report a failure: it is nested too deeply, invalid or not an object.
    pub(crate) is_unreadable: bool,
}

/// One level of a response. `retx` is part of the requested operation; `vps_info` only describes the VPS, and a failure
/// there means that there is none yet.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Level<'a> {
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow)]
    msg: Option<&'a RawValue>,
    #[serde(borrow)]
    error_code: Option<&'a RawValue>,
    #[serde(borrow)]
    retx: Option<&'a RawValue>,
}

impl ReportedResult {
    /// Returns the result in a JSON text; a list and invalid JSON contain none.
    pub(crate) fn of(json: &[u8]) -> Self {
        if !json.starts_with(b"{") {
            return Self::default();
        }
        serde_json::from_slice(json).map_or_else(|_| Self::default(), |level| Self::at_level(level, 0))
    }

    /// Returns the result in the object at the beginning of the text, and the object's end; `None` if it is invalid.
    pub(super) fn first_of(text: &str) -> Option<(usize, Self)> {
        if !text.starts_with('{') {
            return None;
        }
        let mut levels = serde_json::Deserializer::from_slice(text.as_bytes()).into_iter();
        let level = levels.next()?.ok()?;
        Some((levels.byte_offset(), Self::at_level(level, 0)))
    }

    /// Returns the result of a part.
    fn part(json: &str, depth: usize) -> Self {
        let unreadable = Self { is_unreadable: true, ..Self::default() };
        match json {
            // PHP writes an empty map in many ways.
            "null" | "false" | "true" | "[]" | r#""""# => Self::default(),
            _ if depth > MAX_DEPTH || !json.starts_with('{') => unreadable,
            _ => serde_json::from_str(json).map_or(unreadable, |level| Self::at_level(level, depth)),
        }
    }

    fn at_level(level: Level<'_>, depth: usize) -> Self {
        let words =
            || [level.message, level.msg].into_iter().filter_map(text).map(|words| words.trim().to_owned());
        let mut reported = Self {
            result: text(level.result),
            words: words().find(|words| !words.is_empty()),
            code: text(level.error_code).filter(|code| !matches!(code.as_str(), "" | "0")),
            ..Self::default()
        };
        if let Some(part) = level.retx {
            let part = Self::part(part.get(), depth + 1);
            reported.is_unreadable = part.is_unreadable;
            reported.part = Some(Box::new(part));
        }
        reported
    }

    /// Returns the part that reports a failure: any result but `success`, in upper or lower case.
    pub(crate) fn failed(&self) -> Option<&Self> {
        if self.result.as_ref().is_some_and(|result| !result.trim().eq_ignore_ascii_case("success")) {
            return Some(self);
        }
        self.part.as_ref()?.failed()
    }

    /// Returns the provider's message, if there is one.
    pub(crate) fn words(&self) -> Option<&str> {
        self.words.as_deref()
    }

    /// Returns the provider's error number.
    pub(crate) fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }
}

/// Returns the text of a value, which may be empty; `None` if the value is not text.
fn text(value: Option<&RawValue>) -> Option<String> {
    let json = value?.get();
    let quoted = json.strip_prefix('"').and_then(|json| json.strip_suffix('"'));
    if let Some(text) = quoted.filter(|text| !text.contains('\\')) {
        return Some(text.to_owned());
    }
    Lenient::deserialize_as(&mut serde_json::Deserializer::from_slice(json.as_bytes())).ok()?
}

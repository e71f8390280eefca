//! The result that a response reports.

use std::borrow::Cow;
use std::sync::LazyLock;

use http_core::wire::Lenient;
use memchr::memmem::Finder;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_with::DeserializeAs;

/// The maximum depth of nested parts; the provider nests one level.
const MAX_DEPTH: usize = 8;

/// A search that is prepared once: for most responses, preparing it would take longer than running it.
type Search = LazyLock<Finder<'static>>;

/// The key of the result.
static RESULT: Search = LazyLock::new(|| Finder::new("\"result\""));
/// The key of the nested part whose result counts.
static PART: Search = LazyLock::new(|| Finder::new("\"retx\""));
/// The beginning of every escape sequence that can encode a character of these keys.
static ESCAPE: Search = LazyLock::new(|| Finder::new("\\u00"));

/// The result in a response, at the top level and in nested parts.
#[derive(Debug, Default)]
pub(crate) struct ReportedResult {
    /// Whether the result is `success`, in upper or lower case; `None` if there is no result.
    pub(crate) is_success: Option<bool>,
    words: Option<String>,
    code: Option<String>,
    part: Option<Box<ReportedResult>>,
    /// Whether a part may report a failure but cannot be read, because it is nested too deeply, invalid or not an
    /// object.
    pub(crate) is_unreadable: bool,
}

/// One level of a response. `retx` is part of the requested operation. `vps_info` only describes the VPS: a failure in
/// it means that there is no VPS yet.
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
    /// Returns the result that a JSON object reports. Lists and invalid JSON report none.
    pub(crate) fn of(json: &[u8]) -> Self {
        if !json.starts_with(b"{") {
            return Self::default();
        }
        serde_json::from_slice(json).map_or_else(|_| Self::default(), |level| Self::at_level(level, 0))
    }

    /// Returns whether a JSON text may report a failure. The text is searched without being parsed, which is enough for
    /// nearly every success: each result in it is `success`, it has no nested part, and no escape sequence hides a key.
    pub(crate) fn may_be_failure(json: &[u8]) -> bool {
        let is_success = |at: usize| {
            let value = json[at + RESULT.needle().len()..].trim_ascii_start().strip_prefix(b":");
            value.is_some_and(|value| value.trim_ascii_start().starts_with(b"\"success\""))
        };
        [&PART, &ESCAPE].iter().any(|text| text.find(json).is_some())
            || !RESULT.find_iter(json).all(is_success)
    }

    /// Returns whether a JSON text or one of its parts reports a failure.
    pub(crate) fn is_failure(json: &[u8]) -> bool {
        Self::may_be_failure(json) && Self::of(json).failed().is_some()
    }

    /// Returns the result that a part reports.
    fn part(json: &str, depth: usize) -> Self {
        let unreadable = Self { is_unreadable: true, ..Self::default() };
        match json {
            // The forms in which PHP writes an absent part.
            "null" | "false" | "true" | "[]" | r#""""# => Self::default(),
            _ if depth > MAX_DEPTH || !json.starts_with('{') => unreadable,
            _ => serde_json::from_str(json).map_or(unreadable, |level| Self::at_level(level, depth)),
        }
    }

    fn at_level(level: Level<'_>, depth: usize) -> Self {
        let words = [level.message, level.msg].into_iter().filter_map(text);
        let words = words.map(|words| words.trim().to_owned()).find(|words| !words.is_empty());
        let code = text(level.error_code).filter(|code| !matches!(&**code, "" | "0"));
        let is_success = text(level.result).map(|result| result.trim().eq_ignore_ascii_case("success"));
        let mut reported = Self { is_success, words, code: code.map(Cow::into_owned), ..Self::default() };
        if let Some(part) = level.retx {
            let part = Self::part(part.get(), depth + 1);
            reported.is_unreadable = part.is_unreadable;
            reported.part = Some(Box::new(part));
        }
        reported
    }

    /// Returns the part that reports a failure: any result other than `success`, regardless of case.
    pub(crate) fn failed(&self) -> Option<&Self> {
        if self.is_success == Some(false) { Some(self) } else { self.part.as_ref()?.failed() }
    }

    /// Returns the provider's message, if there is one.
    pub(crate) fn words(&self) -> Option<&str> {
        self.words.as_deref()
    }

    /// Returns the provider's error number, if there is one.
    pub(crate) fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }
}

/// Returns a value as a string, which may be empty; `None` if the value cannot be read as a string.
fn text(value: Option<&RawValue>) -> Option<Cow<'_, str>> {
    let json = value?.get();
    let quoted = json.strip_prefix('"').and_then(|json| json.strip_suffix('"'));
    if let Some(text) = quoted.filter(|text| !text.contains('\\')) {
        return Some(text.into());
    }
    let text: Option<String> = Lenient::deserialize_as(&mut serde_json::Deserializer::from_str(json)).ok()?;
    text.map(Cow::Owned)
}

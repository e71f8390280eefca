//! The result that a response reports.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::LazyLock;

use http_core::client::{members, words};
use http_core::wire::Lenient;
use memchr::memchr;
use memchr::memmem::Finder;
use serde_with::DeserializeAs;

/// The maximum depth of nested parts; the provider nests one level.
const MAX_DEPTH: usize = 8;

/// The results that report a failure for certain, in lower case.
const FAILURES: &[&str] = &["", "0", "error", "fail", "failed", "failure", "false"];

/// A search that is prepared once: for most responses, preparing it would take longer than running it.
type Search = LazyLock<Finder<'static>>;

/// The key of the result.
const RESULT: &[u8] = b"\"result\"";
/// The key of the nested part whose result counts.
const PART: &[u8] = b"\"retx\"";
/// The beginning of both keys.
static KEYS: Search = LazyLock::new(|| Finder::new("\"re"));
/// The beginning of every escape sequence that can encode a character of these keys.
static ESCAPE: Search = LazyLock::new(|| Finder::new("\\u00"));

/// The result in a response, at the top level and in nested parts.
#[derive(Debug, Default)]
pub(crate) struct ReportedResult {
    /// Whether the result is `success`, in upper or lower case; `None` if there is no result.
    pub(crate) is_success: Option<bool>,
    /// Whether the result is neither `success` nor a word for a failure, such as `queued`.
    pub(crate) is_unclear: bool,
    words: Option<String>,
    code: Option<String>,
    /// Whether the response or the part contains anything.
    has_members: bool,
    part: Option<Box<ReportedResult>>,
    /// Whether the response or a part of it may report a failure but cannot be read, because it is nested too deeply,
    /// invalid or not an object.
    pub(crate) is_unreadable: bool,
}

impl ReportedResult {
    /// Returns the result that a JSON object reports. Lists report none.
    pub(crate) fn of(json: &[u8]) -> Self {
        if json.starts_with(b"{") { Self::at_level(json, 0) } else { Self::default() }
    }

    /// Returns whether a JSON text may report a failure. The text is searched without being parsed, which is enough for
    /// nearly every success: each result in it is `success`, it has no nested part, and no escape sequence hides a key.
    pub(crate) fn may_be_failure(json: &[u8]) -> bool {
        let is_harmless = |at: usize| match json[at..].strip_prefix(RESULT) {
            Some(after) => {
                let value = after.trim_ascii_start().strip_prefix(b":");
                value.is_some_and(|value| value.trim_ascii_start().starts_with(b"\"success\""))
            }
            None => !json[at..].starts_with(PART),
        };
        let has_escapes = memchr(b'\\', json).is_some() && ESCAPE.find(json).is_some();
        has_escapes || !KEYS.find_iter(json).all(is_harmless)
    }

    /// Returns whether a JSON text or one of its parts reports a failure.
    pub(crate) fn is_failure(json: &[u8]) -> bool {
        Self::may_be_failure(json) && Self::of(json).failed().is_some()
    }

    /// Returns the result that a part reports.
    fn part(json: &[u8], depth: usize) -> Self {
        match json {
            // The forms in which PHP writes an absent part.
            b"null" | b"false" | b"true" | b"[]" | br#""""# => Self::default(),
            _ if depth > MAX_DEPTH || !json.starts_with(b"{") => {
                Self { is_unreadable: true, ..Self::default() }
            }
            _ => Self::at_level(json, depth),
        }
    }

    /// Returns the result of one level of a response. `retx` is part of the requested operation. `vps_info` only
    /// describes the VPS: a failure in it means that there is no VPS yet.
    ///
    /// If a key appears several times, every result and every part counts.
    fn at_level(json: &[u8], depth: usize) -> Self {
        let (mut reported, mut message, mut msg) = (Self::default(), None, None);
        let note = |found: &mut Option<String>, value| {
            let words = text(value).map(|words| words.trim().to_owned()).filter(|words| !words.is_empty());
            *found = found.take().or(words);
        };
        let is_whole = members(json, |key, value| {
            reported.has_members = true;
            match key {
                "result" => {
                    if let Some(result) = text(value) {
                        let result = result.trim().to_lowercase();
                        let is_success = result == "success";
                        reported.is_unclear |= !is_success && !FAILURES.contains(&&*result);
                        reported.is_success = Some(is_success && reported.is_success != Some(false));
                    }
                }
                "message" => note(&mut message, value),
                "msg" => note(&mut msg, value),
                "error_code" => {
                    let code = text(value).filter(|code| !matches!(&**code, "" | "0" | "false"));
                    reported.code = reported.code.take().or(code.map(Cow::into_owned));
                }
                "retx" => {
                    let part = Self::part(value, depth + 1);
                    reported.is_unreadable |= part.is_unreadable;
                    if reported.part.as_ref().is_none_or(|earlier| earlier.failed().is_none()) {
                        reported.part = Some(Box::new(part));
                    }
                }
                _ => {}
            }
        });
        reported.is_unreadable |= !is_whole;
        reported.words = message.or(msg);
        if reported.words.is_none()
            && reported.is_success == Some(false)
            && let Some(found) = words(json)
        {
            reported.words = Some(found.message);
            reported.code = reported.code.or(found.code);
        }
        reported
    }

    /// Returns the part that reports a failure: any result other than `success`, regardless of case.
    pub(crate) fn failed(&self) -> Option<&Self> {
        if self.is_success == Some(false) { Some(self) } else { self.part.as_ref()?.failed() }
    }

    /// Returns whether a part of this level reports a success, or has a result that is neither success nor failure.
    pub(crate) fn has_unfailed_part(&self) -> bool {
        self.part
            .as_ref()
            .is_some_and(|part| part.is_success == Some(true) || part.is_unclear || part.has_unfailed_part())
    }

    /// Returns whether a response that reports no failure contains a sign of one: an error number beside a success, or a
    /// part with content but without a result.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.code.is_some()
            || self
                .part
                .as_ref()
                .is_some_and(|part| part.is_doubtful() || (part.has_members && part.is_success.is_none()))
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
fn text(value: &[u8]) -> Option<Cow<'_, str>> {
    let json = std::str::from_utf8(value).ok()?;
    let quoted = json.strip_prefix('"').and_then(|json| json.strip_suffix('"'));
    if let Some(text) = quoted.filter(|text| !text.contains('\\')) {
        return Some(text.into());
    }
    let text: Option<String> = Lenient::deserialize_as(&mut serde_json::Deserializer::from_str(json)).ok()?;
    text.map(Cow::Owned)
}

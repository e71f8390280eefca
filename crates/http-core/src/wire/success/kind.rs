//! The meaning of a single value that reports success or an error.

use std::mem::replace;

use super::LONGEST_FLAG;
use crate::wire::scalar::{Scalar, flag};

/// Words for a failure.
const FAILURES: &[&str] = &[
    "declined",
    "denied",
    "err",
    "error",
    "fail",
    "failed",
    "failure",
    "forbidden",
    "invalid",
    "ko",
    "nok",
    "refused",
    "rejected",
    "unauthorized",
    "unsuccessful",
];
/// Parts of names of members that report a failure, in a form that the providers do not document.
const FAILURE_NAMES: &[&str] = &["error", "fail", "declin", "refus", "reject", "unsuccess"];
/// Last words of names of flags that report success.
const SUCCESS_NAMES: &[&str] = &["succeed", "succeeded", "success", "successful", "successfully"];
/// Last words of names of flags that report success of an operation, but may also describe a resource.
const CONSENT_NAMES: &[&str] = &[
    "accepted",
    "allowed",
    "approved",
    "authorised",
    "authorized",
    "charged",
    "granted",
    "paid",
    "permitted",
    "valid",
];
/// Words of texts that report a failure.
const FAILURE_WORDS: &[&str] = &[
    "cannot",
    "denied",
    "exceeded",
    "expired",
    "forbidden",
    "insufficient",
    "invalid",
    "locked",
    "missing",
    "unable",
    "unauthorized",
    "unavailable",
    "unpaid",
    "unsuccessful",
];
/// Words that report a failure after `not`.
const NEGATED: &[&str] = &[
    "accepted",
    "active",
    "allowed",
    "approved",
    "authorised",
    "authorized",
    "available",
    "charged",
    "enough",
    "exist",
    "found",
    "granted",
    "paid",
    "permitted",
    "possible",
    "processed",
    "successful",
    "supported",
    "valid",
];
/// Texts that mean that there is no error.
const NO_ERRORS: &[&str] = &["n/a", "nil", "no error", "no errors", "none", "null", "ok", "success"];

/// The maximum length of a flag and of these words.
const LONGEST_WORD: usize = 16;

/// The meaning of a value that reports success or an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `null`, an empty string, or an empty list or object.
    Empty,
    /// A boolean, in words or as 1.
    Flag(bool),
    /// 0, `off` or `no`, which are false as a flag, but may also be a value.
    Off,
    /// An HTTP status of an error.
    Failure,
    /// A word for a failure, or a text that names one.
    Complaint,
    /// A text such as `none`.
    NoError,
    /// A negative number.
    Negative,
    /// Any other text that is not a number.
    Word,
    /// Anything else, including a value that cannot be decoded.
    Else,
}

impl Kind {
    /// Returns the kind of a value; `None` if it depends on the contents of a list or an object.
    pub(super) fn of_scalar(value: &Scalar<'_>, has_words: bool) -> Option<Self> {
        Some(match value {
            Scalar::Null => Self::Empty,
            Scalar::Bool(value) => Self::Flag(*value),
            Scalar::Unsigned(value) => Self::of_unsigned(*value),
            Scalar::Signed(_) => Self::Negative,
            Scalar::Float(value) => Self::of_float(*value),
            Scalar::Text(text) if text.len() <= LONGEST_FLAG => Self::of_text(text, has_words),
            Scalar::Text(_) => Self::Else,
            Scalar::Number(_) | Scalar::List | Scalar::Object => return None,
        })
    }

    pub(super) fn of_unsigned(value: u64) -> Self {
        match value {
            0 => Self::Off,
            1 => Self::Flag(true),
            _ if is_error_status(value) => Self::Failure,
            _ => Self::Else,
        }
    }

    pub(super) fn of_float(value: f64) -> Self {
        match value {
            0.0 => Self::Off,
            value if value < 0.0 => Self::Negative,
            _ => Self::Else,
        }
    }

    /// Returns the kind of a text. Its words count only if `has_words` is true.
    pub(super) fn of_text(text: &str, has_words: bool) -> Self {
        let text = text.trim();
        let is_short = text.len() <= LONGEST_WORD;
        let is = |words: &[&str]| is_short && words.iter().any(|word| text.eq_ignore_ascii_case(word));
        if text.is_empty() {
            Self::Empty
        } else if let Some(flag) = is_short.then(|| flag(text)).flatten() {
            if flag || is(&["false"]) { Self::Flag(flag) } else { Self::Off }
        } else if is(FAILURES) {
            Self::Complaint
        } else if text.parse().is_ok_and(is_error_status) {
            Self::Failure
        } else if is(NO_ERRORS) {
            Self::NoError
        } else if let Ok(number) = text.parse::<f64>() {
            if number < 0.0 { Self::Negative } else { Self::Else }
        } else if has_words && reports_failure(text) {
            Self::Complaint
        } else {
            Self::Word
        }
    }

    pub(super) fn is_failure(self) -> bool {
        matches!(self, Self::Failure | Self::Complaint)
    }

    /// Returns whether the value denies something as a flag.
    pub(super) fn is_false(self) -> bool {
        matches!(self, Self::Flag(false) | Self::Off)
    }

    pub(super) fn says_something(self) -> bool {
        !matches!(self, Self::Empty | Self::Flag(false) | Self::Off)
    }
}

fn is_error_status(number: u64) -> bool {
    (400..600).contains(&number)
}

/// Returns whether the name of a member suggests a failure: `is_error`, `errMsg`, `failureReason`, but not `referral`.
pub(super) fn names_failure(key: &str) -> bool {
    let is_at = |at: usize, part: &str| {
        key.as_bytes()
            .get(at..at + part.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(part.as_bytes()))
    };
    (0..key.len()).any(|at| {
        FAILURE_NAMES.iter().any(|part| is_at(at, part)) || (is_at(at, "err") && begins_word(key, at))
    })
}

/// Returns whether the name of a flag suggests a success: `is_success`, `isSuccessful`, but not `success_count`.
pub(super) fn names_success(key: &str) -> bool {
    SUCCESS_NAMES.iter().any(|word| ends_with_word(key, word))
}

/// Returns whether the name of a flag suggests that something was accepted: `paid`, `paymentAccepted`, but not `unpaid`.
pub(super) fn names_consent(key: &str) -> bool {
    CONSENT_NAMES.iter().any(|word| ends_with_word(key, word))
}

fn ends_with_word(key: &str, word: &str) -> bool {
    let at = key.len().checked_sub(word.len());
    at.is_some_and(|at| key.as_bytes()[at..].eq_ignore_ascii_case(word.as_bytes()) && begins_word(key, at))
}

/// Returns whether a word begins at this byte of a name in snake case or camel case.
fn begins_word(name: &str, at: usize) -> bool {
    let (before, first) = (at.checked_sub(1).map(|at| name.as_bytes()[at]), name.as_bytes()[at]);
    !before.is_some_and(|before| before.is_ascii_alphabetic())
        || (first.is_ascii_uppercase() && before.is_some_and(|before| before.is_ascii_lowercase()))
}

/// Returns whether the words of a text name a failure: `payment_failed`, `The VM is locked.`, but not `unlocked`.
fn reports_failure(text: &str) -> bool {
    let mut before = "";
    let mut words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let is = |word: &str, known: &[&str]| known.iter().any(|known| word.eq_ignore_ascii_case(known));
    names_failure(text)
        || words.any(|word| {
            let (is_not, after) = (is(word, &["not"]), replace(&mut before, word));
            (is_not && is(after, &["could"]))
                || (is(after, &["not"]) && is(word, NEGATED))
                || is(word, FAILURE_WORDS)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_longer_than_the_limit() {
        assert!([FAILURES, NO_ERRORS].concat().iter().all(|word| word.len() <= LONGEST_WORD));
        for (text, kind) in [("0".repeat(20) + "404", Kind::Failure), ("a".repeat(20), Kind::Word)] {
            assert_eq!(Kind::of_text(&text, true), kind, "{text}");
        }
        assert_eq!(Kind::of_text(&format!("{}failed\n", " ".repeat(20)), true), Kind::Complaint);
    }
}

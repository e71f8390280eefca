//! The members of a JSON object that report success or an error.

use super::LONGEST_FLAG;
use crate::wire::scalar::{Scalar, flag};

/// What a member of an object says about success.
#[derive(Clone, Copy, Debug)]
pub(super) enum Role {
    /// Whether the operation succeeded, or the error, as the providers report them.
    Success,
    Error,
    /// A member that explains an error, and is only in an error response.
    OtherError,
    /// A flag or a word for the result.
    Ok,
    Status,
    /// The number of an error or of a success.
    Code,
    /// A message about an error or a success.
    Message,
    /// The id of a resource, so that a status may be that of the resource.
    Id,
}

impl Role {
    /// Returns whether the words of a text may report a failure.
    pub(super) fn has_words(self) -> bool {
        !matches!(self, Self::Id)
    }
}

/// The names of these members, in lower case, beginning with those that most resources have.
const ROLES: &[(&str, Role)] = &[
    ("uuid", Role::Id),
    ("id", Role::Id),
    ("status", Role::Status),
    ("success", Role::Success),
    ("error", Role::Error),
    ("errors", Role::Error),
    ("detail", Role::OtherError),
    ("error_code", Role::OtherError),
    ("error_description", Role::OtherError),
    ("error_message", Role::OtherError),
    ("errorcode", Role::OtherError),
    ("errormessage", Role::OtherError),
    ("exception", Role::OtherError),
    ("fault", Role::OtherError),
    ("faultstring", Role::OtherError),
    ("ok", Role::Ok),
    ("result", Role::Status),
    ("code", Role::Code),
    ("status_code", Role::Code),
    ("statuscode", Role::Code),
    ("details", Role::Message),
    ("message", Role::Message),
    ("msg", Role::Message),
    ("reason", Role::Message),
];

/// For each length of a name, the [`letters_bit`] of each name of that length.
const LETTERS: [u32; 32] = {
    let (mut letters, mut at) = ([0; 32], 0);
    while at < ROLES.len() {
        let name = ROLES[at].0.as_bytes();
        letters[name.len()] |= letters_bit(name);
        at += 1;
    }
    letters
};

/// Returns a bit that depends on the first and the last letter, but not on their case; 0 for a shorter key.
const fn letters_bit(key: &[u8]) -> u32 {
    match key {
        [first, .., last] => 1 << (first.wrapping_add(*last) & 0x1F),
        _ => 0,
    }
}

/// Returns `false` for most members that have no role.
#[inline]
pub(super) fn may_have_role(key: &[u8]) -> bool {
    LETTERS.get(key.len()).is_some_and(|letters| letters & letters_bit(key) != 0)
}

/// Returns the role of a member, and whether its name is in lower case.
fn role(key: &str) -> Option<(Role, bool)> {
    if !may_have_role(key.as_bytes()) {
        return None;
    }
    let (name, role) = ROLES.iter().find(|(name, _)| name.eq_ignore_ascii_case(key))?;
    Some((*role, *name == key))
}

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
const FAILURE_NAMES: &[&str] = &["error", "fail", "declin", "refus", "reject"];
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
    "active",
    "allowed",
    "authorized",
    "available",
    "enough",
    "exist",
    "found",
    "paid",
    "permitted",
    "possible",
    "supported",
    "valid",
];
/// Texts that mean that there is no error.
const NO_ERRORS: &[&str] = &["n/a", "nil", "no error", "no errors", "none", "null", "ok", "success"];

/// The maximum length of a flag and of these words.
const LONGEST_WORD: usize = 16;

/// What the members of one object say about success.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is an independent fact")]
pub(super) struct Signs {
    /// `success` is true.
    succeeded: bool,
    /// `success` is false, or there is an `error` or `errors`.
    refused: bool,
    /// A flag or an error cannot be understood.
    unclear: bool,
    /// There is an error in a form that the providers do not use.
    other_error: bool,
    /// `status`, `result` or `code` reports a failure.
    failed: bool,
    /// There is a member whose name suggests a failure, and whose value is not empty.
    suspect: bool,
    /// There is a message.
    explained: bool,
    /// The message names a failure.
    complains: bool,
    /// `status` is 0 or off, or `code` is negative or a word, which may be the number or the name of an error.
    may_have_failed: bool,
    /// There is an id, so that `status` may be that of a resource.
    is_resource: bool,
}

impl Signs {
    /// Notes a member. `kind` receives whether the words of a text count.
    pub(super) fn note(&mut self, key: &str, kind: impl FnOnce(bool) -> Kind) {
        if let Some(role) = self.open_role(key) {
            self.note_role(role, kind(role.0.has_words()));
        }
    }

    /// Returns the role of a member; `None` also if its value would not change what is known.
    pub(super) fn open_role(&self, key: &str) -> Option<(Role, bool)> {
        role(key).filter(|(role, _)| !(self.is_resource && matches!(role, Role::Id)))
    }

    /// Notes a member with a role.
    pub(super) fn note_role(&mut self, (role, is_usual): (Role, bool), kind: Kind) {
        let says = kind.says_something();
        match role {
            Role::Success => match kind {
                Kind::Flag(true) => self.succeeded = true,
                Kind::Flag(false) | Kind::Off if is_usual => self.refused = true,
                _ => self.unclear = true,
            },
            Role::Error if kind == Kind::NoError => self.unclear = true,
            Role::Error if is_usual => self.refused |= says,
            Role::Error | Role::OtherError => self.other_error |= says,
            Role::Ok => {
                self.other_error |= matches!(kind, Kind::Flag(false) | Kind::Off) || kind.is_failure();
            }
            Role::Status => {
                self.failed |= kind == Kind::Flag(false) || kind.is_failure();
                self.may_have_failed |= kind == Kind::Off;
            }
            Role::Code => {
                self.failed |= kind.is_failure();
                self.may_have_failed |= matches!(kind, Kind::Negative | Kind::Word);
            }
            Role::Message => {
                self.explained |= says;
                self.complains |= kind.is_failure();
            }
            Role::Id => self.is_resource |= says,
        }
    }

    /// Notes a member of a response that should be empty, whose name alone may suggest a failure.
    pub(super) fn note_strictly(&mut self, key: &str, kind: Kind) {
        self.note(key, |_| kind);
        self.suspect |= kind.says_something() && role(key).is_none() && names_failure(key);
    }

    pub(super) fn is_clear_error(&self) -> bool {
        self.refused && !self.succeeded && !self.unclear
    }

    /// Returns whether the object may be an error response. Only at the top level does a failed `status` without a
    /// message count.
    pub(super) fn is_doubtful(&self, top: bool) -> bool {
        let failed = self.failed && (self.explained || (top && !self.is_resource));
        self.refused || self.unclear || self.other_error || failed
    }

    /// Returns whether the object may report a failure of a call that returns nothing. Such a call has no resource whose
    /// status or fields could be meant.
    pub(super) fn may_be_failure(&self, top: bool) -> bool {
        let is_open = top && !self.succeeded && !self.is_resource;
        let complains = is_open && (self.complains || (self.may_have_failed && self.explained));
        self.is_doubtful(top) || self.suspect || complains
    }

    pub(super) fn has_failed(&self) -> bool {
        self.failed
    }

    pub(super) fn is_resource(&self) -> bool {
        self.is_resource
    }
}

/// Returns whether the words of a text under this key may report a failure.
pub(super) fn has_words(key: &str) -> bool {
    role(key).is_some_and(|(role, _)| role.has_words())
}

/// Returns whether the name of a member suggests a failure: `is_error`, `errMsg`, `failureReason`, but not `referral`.
fn names_failure(key: &str) -> bool {
    let is_at = |at: usize, part: &str| {
        key.as_bytes()
            .get(at..at + part.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(part.as_bytes()))
    };
    let begins_word = |at: usize| {
        let (before, first) = (at.checked_sub(1).map(|at| key.as_bytes()[at]), key.as_bytes()[at]);
        !before.is_some_and(|before| before.is_ascii_alphabetic())
            || (first.is_ascii_uppercase() && before.is_some_and(|before| before.is_ascii_lowercase()))
    };
    (0..key.len())
        .any(|at| FAILURE_NAMES.iter().any(|part| is_at(at, part)) || (is_at(at, "err") && begins_word(at)))
}

/// Returns whether the words of a text name a failure: `payment_failed`, `The VM is locked.`, but not `unlocked`.
fn reports_failure(text: &str) -> bool {
    let mut after_not = false;
    let mut words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let is = |word: &str, known: &[&str]| known.iter().any(|known| word.eq_ignore_ascii_case(known));
    names_failure(text)
        || words.any(|word| {
            let negated = after_not && is(word, NEGATED);
            after_not = word.eq_ignore_ascii_case("not");
            negated || is(word, FAILURE_WORDS)
        })
}

/// The meaning of a value that reports success or an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `null`, an empty string, or an empty list or object.
    Empty,
    /// A boolean, in words or as 1.
    Flag(bool),
    /// 0, `off` or `no`, which are false as a flag, but may also be a value.
    Off,
    /// A word for a failure, or an HTTP status of an error.
    Failure,
    /// A text that names a failure.
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
        } else if is(FAILURES) || text.parse().is_ok_and(is_error_status) {
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

    fn is_failure(self) -> bool {
        matches!(self, Self::Failure | Self::Complaint)
    }

    fn says_something(self) -> bool {
        !matches!(self, Self::Empty | Self::Flag(false) | Self::Off)
    }
}

fn is_error_status(number: u64) -> bool {
    (400..600).contains(&number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_role_of_a_member_is_found_in_any_letter_case() {
        for (name, _) in ROLES {
            let capitalized = [&name[..1].to_uppercase(), &name[1..]].concat();
            for (name, is_usual) in [(*name, true), (&name.to_uppercase(), false), (&capitalized, false)] {
                assert_eq!(role(name).map(|(_, is_usual)| is_usual), Some(is_usual), "{name}");
            }
        }
        for other in ["", "s", "storage", "mac", "\u{53}tatu\u{17f}", "5tatus", &"error".repeat(9)] {
            assert!(role(other).is_none(), "{other}");
        }
    }

    #[test]
    fn no_word_is_longer_than_the_limit() {
        assert!([FAILURES, NO_ERRORS].concat().iter().all(|word| word.len() <= LONGEST_WORD));
        for (text, kind) in [("0".repeat(20) + "404", Kind::Failure), ("a".repeat(20), Kind::Word)] {
            assert_eq!(Kind::of_text(&text, true), kind, "{text}");
        }
        assert_eq!(Kind::of_text(&format!("{}failed\n", " ".repeat(20)), true), Kind::Failure);
    }
}

//! The members of a JSON object that report success or an error.

use super::kind::{Kind, names_consent, names_failure, names_success};

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
    ("messages", Role::Message),
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
    /// There is a member whose name suggests a failure, and whose value is not empty, or one whose name suggests a
    /// success, and which is false.
    suspect: bool,
    /// There is a message.
    explained: bool,
    /// The message names a failure, or a flag such as `paid` is false.
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
                kind if is_usual && kind.is_false() => self.refused = true,
                _ => self.unclear = true,
            },
            Role::Error if kind == Kind::NoError => self.unclear = true,
            Role::Error if is_usual => self.refused |= says,
            Role::Error | Role::OtherError => self.other_error |= says,
            Role::Ok => {
                self.other_error |= kind.is_false() || kind.is_failure();
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
        if role(key).is_none() {
            self.suspect |=
                kind.says_something() && names_failure(key) || kind.is_false() && names_success(key);
            self.complains |= kind.is_false() && names_consent(key);
        }
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
        self.is_doubtful(top) || self.suspect
    }

    /// Returns whether the words or the flags of the object report a failure.
    pub(super) fn complains(&self) -> bool {
        self.complains || (self.may_have_failed && self.explained)
    }

    /// Returns whether what [`complains`](Self::complains) in the object or inside it may be part of a success.
    pub(super) fn outweighs_complaints(&self) -> bool {
        self.succeeded || self.is_resource
    }

    pub(super) fn has_failed(&self) -> bool {
        self.failed
    }

    pub(super) fn is_resource(&self) -> bool {
        self.is_resource
    }
}

pub(super) fn is_message(key: &str) -> bool {
    matches!(role(key), Some((Role::Message, _)))
}

/// Returns whether the words of a text under this key may report a failure.
pub(super) fn has_words(key: &str) -> bool {
    role(key).is_some_and(|(role, _)| role.has_words())
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
}

//! The rule that decides whether a response is a success: it must report success, or report neither success nor an
//! error. A response that cannot be decoded is not a success.

mod kind;
mod signs;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::fmt;
use std::hash::{BuildHasher, RandomState};

use memchr::memchr;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;

use self::kind::Kind;
use self::signs::{Role, Signs, has_words, is_message, may_have_role};
use crate::wire::decode::DecodeError;
use crate::wire::members::{encoded_members, items};
use crate::wire::scalar::{DIGITS, Scalar, number};

/// The maximum length of a body that is searched for a verdict, in bytes. Longer bodies contain data.
const LONGEST: usize = 1024 * 1024;
/// The maximum length of a flag's value, in bytes.
const LONGEST_FLAG: usize = 4096;

/// The verdict of the members of a JSON object that report success or an error, such as `success`, `error` and
/// `status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The body contains no error. Whether the response is a success depends on the operation.
    Silent,
    /// The body contains an error that can be decoded: `success` is false, or there is an `error` or `errors`.
    Refused,
    /// The body may contain an error: a flag that is neither true nor false, an error beside `success: true`, a key
    /// that appears twice, an error that is truncated or not valid text, or a form in which other APIs report errors.
    Doubtful,
}

impl Verdict {
    /// Returns the verdict on a body. A body that is not an object is silent.
    pub fn of(body: &[u8]) -> Self {
        let mut signs = Signs::default();
        // Most keys need not be decoded to see that they have no role.
        let has_escapes = memchr(b'\\', body).is_some();
        encoded_members(body, |key, value| {
            if has_escapes || may_have_role(key.inside()) {
                signs.note(&key.decode(), |has_words| kind(value, has_words));
            }
        });
        if signs.is_clear_error() && body.len() <= LONGEST && strict(body).is_ok() {
            Self::Refused
        } else if signs.is_doubtful(true) {
            Self::Doubtful
        } else {
            Self::Silent
        }
    }
}

/// The [`Verdict`] of an object while it is decoded, so that it need not be scanned before.
#[derive(Debug, Default)]
pub(crate) struct Observer {
    signs: Signs,
    /// The role of the current member.
    role: Option<(Role, bool)>,
    /// Whether a value with a role was not observed.
    has_missed: bool,
}

impl Observer {
    /// Receives the key of the next member. Returns whether the member has a role, so that its value must be passed to
    /// [`value`](Self::value) or [`miss`](Self::miss).
    pub(crate) fn key(&mut self, key: &str) -> bool {
        self.role = if may_have_role(key.as_bytes()) { self.signs.open_role(key) } else { None };
        self.role.is_some()
    }

    pub(crate) fn expects_value(&self) -> bool {
        self.role.is_some()
    }

    pub(crate) fn value(&mut self, value: &Scalar<'_>) {
        let Some(role) = self.role.take() else { return };
        match Kind::of_scalar(value, role.0.has_words()) {
            Some(kind) => self.signs.note_role(role, kind),
            None => self.has_missed = true,
        }
    }

    /// Notes that the value is not passed.
    pub(crate) fn miss(&mut self) {
        (self.role, self.has_missed) = (None, true);
    }

    /// Returns whether the verdict is certainly [`Verdict::Silent`].
    pub(crate) fn is_silent(&self) -> bool {
        !self.has_missed && !self.signs.is_doubtful(true)
    }
}

/// Checks the response body of a call that returns nothing. The body reports success if it is empty, `null` or `true`,
/// or if it is an object or a list of objects without an error anywhere in it. A failed `status` counts as an error even
/// beside an id, but not in a list inside an object, or inside an object with an id. Every member whose name suggests a
/// failure counts, too. A message that names a failure and a flag such as `paid` that is false count unless there is an id
/// or `success` is true in the same object or one that encloses it.
pub(crate) fn acknowledged(body: &[u8]) -> Result<(), DecodeError> {
    let body = body.trim_ascii();
    if body.len() > LONGEST {
        return Err(DecodeError::new("the response is far longer than one that only reports success"));
    }
    if body.starts_with(b"<") {
        return Err(DecodeError::page());
    }
    if matches!(body, b"" | b"null" | b"true") {
        return Ok(());
    }
    if strict(body)?.1 {
        return Err(DecodeError::new("the response looks like an error response"));
    }
    let mut only_objects = true;
    let is_list = items(body, |item| only_objects &= item.starts_with(b"{"));
    if body.starts_with(b"{") || (is_list && only_objects) {
        return Ok(());
    }
    Err(DecodeError::new("the response does not report success"))
}

/// Returns the meaning of an undecoded value.
fn kind(value: &[u8], has_words: bool) -> Kind {
    if value.len() > LONGEST_FLAG {
        return Kind::Else;
    }
    match plain_text(value) {
        Some(text) => Kind::of_text(text, has_words),
        None => strict(value).map_or(Kind::Else, |(kind, _)| kind),
    }
}

/// Returns the content of a string that contains nothing to decode. Most flags are such strings.
fn plain_text(value: &[u8]) -> Option<&str> {
    let inside = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let is_plain = |byte: &u8| !matches!(byte, b'"' | b'\\' | 0..=0x1F);
    if inside.iter().all(is_plain) { str::from_utf8(inside).ok() } else { None }
}

/// Decodes a whole body as JSON that every decoder reads the same way: all strings are valid, all numbers are in range,
/// and no key appears twice. Returns its kind, and whether it contains an error.
fn strict(body: &[u8]) -> Result<(Kind, bool), DecodeError> {
    let (refused, hasher) = (Cell::new(false), RandomState::new());
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let inside = Cell::new(Inside::default());
    let strict = Strict {
        refused: &refused,
        inside: &inside,
        hasher: &hasher,
        is_top: true,
        is_in_list: false,
        is_in_message: false,
        has_words: true,
    };
    let kind = strict.deserialize(&mut deserializer);
    match kind.and_then(|kind| deserializer.end().map(|()| kind)) {
        Ok(kind) => Ok((kind, refused.get())),
        Err(error) if error.classify() == Category::Data => {
            let message = "a key appears twice in the response, or a number is out of range";
            Err(DecodeError::new(message))
        }
        Err(error) => Err(DecodeError::whole(&error)),
    }
}

/// What the objects read so far inside the current one report.
#[derive(Clone, Copy, Default)]
struct Inside {
    /// One has a failed `status`, and no object with an id encloses it.
    failed: bool,
    /// One complains, and neither an id nor `success` outweighs that.
    complains: bool,
}

/// Reads any value. serde_json limits the depth.
#[derive(Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "each is an independent fact")]
struct Strict<'a> {
    refused: &'a Cell<bool>,
    hasher: &'a RandomState,
    is_top: bool,
    inside: &'a Cell<Inside>,
    /// Whether the value is in a list inside an object.
    is_in_list: bool,
    /// Whether the value is a message or in one.
    is_in_message: bool,
    /// Whether the words of a text may report a failure.
    has_words: bool,
}

impl Strict<'_> {
    fn inside(self, key: &str) -> Self {
        let is_in_message = self.is_in_message || is_message(key);
        Self { is_top: false, is_in_message, has_words: is_in_message || has_words(key), ..self }
    }

    /// Adds the kind of a value to that of the list or object that contains it.
    fn add(self, container: &mut Kind, value: Kind) {
        if *container != Kind::Complaint {
            *container = if self.is_in_message && value == Kind::Complaint { value } else { Kind::Else };
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Kind;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Kind, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Kind, E> {
        Ok(Kind::Empty)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Kind, E> {
        Ok(Kind::Flag(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Kind, E> {
        Ok(Kind::of_unsigned(value))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Kind, E> {
        Ok(Kind::Negative)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Kind, E> {
        Ok(Kind::of_float(value))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Kind, E> {
        Ok(Kind::of_text(text, self.has_words))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Kind, A::Error> {
        let mut kind = Kind::Empty;
        // The rows of a list at the top level are at the top level, too.
        let row = Self { is_in_list: !self.is_top, ..self };
        while let Some(item) = list.next_element_seed(row)? {
            self.add(&mut kind, item);
        }
        Ok(kind)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Kind, A::Error> {
        let (mut keys, mut signs): (Vec<u64>, _) = (Vec::new(), Signs::default());
        let (mut whole, before) = (Kind::Empty, self.inside.take());
        while let Some(key) = object.next_key::<String>()? {
            if key == DIGITS && keys.is_empty() {
                self.inside.set(before);
                return match number(&object.next_value::<String>()?) {
                    Some(Scalar::Unsigned(value)) => self.visit_u64(value),
                    Some(Scalar::Signed(value)) => self.visit_i64(value),
                    Some(Scalar::Float(value)) if value.is_finite() => self.visit_f64(value),
                    _ => Err(A::Error::custom("number out of range")),
                };
            }
            let kind = object.next_value_seed(self.inside(&key))?;
            signs.note_strictly(&key, kind);
            self.add(&mut whole, kind);
            // Checked before the list grows, so that endless repetitions of one key take no memory.
            if keys.len() == keys.capacity() {
                distinct(&mut keys)?;
                keys.reserve_exact(keys.len() / 4 + 16);
            }
            keys.push(self.hasher.hash_one(&key));
        }
        distinct(&mut keys)?;
        let mut inside = self.inside.take();
        inside.failed = (inside.failed && !signs.is_resource()) || (signs.has_failed() && !self.is_in_list);
        inside.complains = (inside.complains || signs.complains()) && !signs.outweighs_complaints();
        if signs.may_be_failure(self.is_top) || (self.is_top && (inside.failed || inside.complains)) {
            self.refused.set(true);
        }
        self.inside.set(Inside {
            failed: before.failed || inside.failed,
            complains: before.complains || inside.complains,
        });
        Ok(if signs.outweighs_complaints() { Kind::Else } else { whole })
    }
}

fn distinct<E: Error>(keys: &mut [u64]) -> Result<(), E> {
    keys.sort_unstable();
    let is_twice = keys.windows(2).any(|pair| pair[0] == pair[1]);
    if is_twice { Err(E::custom("a key appears twice")) } else { Ok(()) }
}

//! Compares the rows of a list with a create request.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::error::ticket::Candidate;

/// The prefix of every marker.
const PREFIX: &str = "hostkit-";
/// The length of a marker's random part.
const DIGITS: usize = 32;

/// 128 random bits that identify the result of a create with certainty. The request adds them to a text field that the
/// provider stores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Marker(String);

impl Marker {
    /// Creates a marker that no other create uses.
    pub fn random() -> Self {
        let [high, low] = [(); 2].map(|()| random_bits());
        Self(format!("{PREFIX}{high:016x}{low:016x}"))
    }

    /// Returns the text with the marker appended.
    pub fn plant(&self, text: &str) -> String {
        if text.is_empty() { self.0.clone() } else { format!("{text} {}", self.0) }
    }

    /// Returns whether this text contains the marker of any create.
    fn is_in(text: &str) -> bool {
        text.split(PREFIX)
            .skip(1)
            .any(|rest| rest.len() >= DIGITS && rest.as_bytes()[..DIGITS].iter().all(u8::is_ascii_hexdigit))
    }
}

/// Returns random bits from the keys that the standard library generates for hash maps.
pub(super) fn random_bits() -> u64 {
    RandomState::new().hash_one((SystemTime::now(), std::process::id()))
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The field-by-field comparison of a row with a create request. A field that is missing on either side counts as
/// equal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fit {
    differs: Vec<&'static str>,
    named: bool,
    certain: bool,
    other: bool,
}

impl Fit {
    /// Creates a comparison without differences.
    pub fn new() -> Self {
        Self::default()
    }

    /// Compares the name. Names need not be unique, and a provider may change them, so a row that differs only in its
    /// name is still a candidate.
    pub fn name(mut self, wanted: &str, found: Option<&str>) -> Self {
        self.named = found == Some(wanted);
        self.field("name", Some(wanted), found)
    }

    /// Compares one field.
    pub fn field<T: PartialEq + ?Sized>(
        mut self,
        name: &'static str,
        wanted: Option<&T>,
        found: Option<&T>,
    ) -> Self {
        if let (Some(wanted), Some(found)) = (wanted, found)
            && wanted != found
        {
            self.differs.push(name);
        }
        self
    }

    /// Compares a value that only one resource can have: a row is the result if and only if it has this value.
    pub fn unique(mut self, is_equal: bool) -> Self {
        self.certain |= is_equal;
        self.unless(!is_equal)
    }

    /// Excludes the row, e.g. because the resource is deleted.
    pub fn unless(mut self, is_other: bool) -> Self {
        self.other |= is_other;
        self
    }

    /// Checks for the marker. A row that contains `wanted` is the result, even if other fields differ; any other row is
    /// at most a candidate. If `wanted` is `None`, a row with the marker of another create is excluded.
    pub fn marker(mut self, wanted: Option<&Marker>, text: Option<&str>) -> Self {
        let text = text.unwrap_or_default();
        match wanted {
            Some(marker) if text.contains(&marker.0) => self.certain = true,
            Some(_) => self.differs.push("marker"),
            None => self.other |= Marker::is_in(text),
        }
        self
    }

    pub(super) fn is_certain(&self) -> bool {
        self.certain && !self.other
    }

    pub(super) fn is_likely(&self) -> bool {
        !self.other && self.differs.is_empty()
    }

    /// Returns whether the row has the wanted name. Used to ensure a resource by name.
    pub(super) fn is_named(&self) -> bool {
        self.named && !self.other
    }

    /// Returns the fields in which an existing resource with that name differs. The marker is ignored.
    pub(super) fn differences(self) -> Vec<&'static str> {
        self.differs.into_iter().filter(|name| *name != "marker").collect()
    }

    /// Returns the row as a candidate, if it fits well enough to be listed.
    pub(super) fn candidate(self, id: String) -> Option<Candidate> {
        let near = self.certain || matches!(self.differs[..], [] | ["name" | "marker"]);
        (near && !self.other).then_some(Candidate { id, differs: self.differs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_unique_and_appended_to_the_text() {
        let [one, two] = [(); 2].map(|()| Marker::random());
        assert_ne!(one, two);
        assert_eq!(one.plant("mine"), format!("mine {one}"));
        assert_eq!((one.plant(""), one.to_string().len()), (one.to_string(), PREFIX.len() + DIGITS));
    }

    #[test]
    fn a_row_with_the_marker_is_certain_and_one_without_it_only_a_candidate() {
        let marker = Marker::random();
        let fit = |text: &str| Fit::new().field("vcpu", Some(&1), Some(&1)).marker(Some(&marker), Some(text));
        assert!(fit(&marker.plant("mine")).is_certain());
        let bare = fit("mine");
        assert!(!bare.is_certain() && !bare.is_likely());
        assert_eq!(bare.candidate("a".into()).unwrap().differs, ["marker"]);
    }

    #[test]
    fn a_row_with_the_marker_of_another_create_is_excluded() {
        let other = Marker::random().plant("web");
        let fit = Fit::new().name("web-1", Some("web-1")).marker(None, Some(&other));
        assert!(!fit.is_likely() && !fit.is_named() && fit.candidate("a".into()).is_none());
        assert!(Fit::new().marker(None, Some("runs hostkit-web")).is_likely());
    }

    #[test]
    fn unknown_values_fit_and_different_values_do_not() {
        assert!(Fit::new().field("vcpu", Some(&2), None).name("a", None).is_likely());
        assert!(!Fit::new().name("a", None).is_named());
        let near = Fit::new().name("web-1", Some("web-1(1)")).field("vcpu", Some(&2), Some(&2));
        assert_eq!(near.clone().candidate("a".into()).unwrap().differs, ["name"]);
        assert!(!near.is_likely());
        let far = Fit::new().name("web-1", Some("db")).field("vcpu", Some(&2), Some(&4));
        assert!(far.candidate("a".into()).is_none());
    }

    #[test]
    fn a_unique_value_alone_identifies_the_result() {
        assert!(Fit::new().unique(true).is_certain());
        assert!(!Fit::new().unique(false).is_certain() && !Fit::new().unique(false).is_likely());
        assert!(!Fit::new().unique(true).unless(true).is_certain());
    }
}

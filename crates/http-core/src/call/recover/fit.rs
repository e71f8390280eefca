//! Whether a row of a list fits the request of a create.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::error::ticket::Candidate;

/// How every marker begins.
const PREFIX: &str = "hostkit-";
/// The length of its random part.
const DIGITS: usize = 32;

/// 128 random bits that a create plants in a text that the provider keeps, so that its result is found with
/// certainty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Marker(String);

impl Marker {
    /// Creates a marker that no other create has.
    pub fn random() -> Self {
        let [high, low] = [(); 2].map(|()| random_bits());
        Self(format!("{PREFIX}{high:016x}{low:016x}"))
    }

    /// Returns the text with the marker appended.
    pub fn plant(&self, text: &str) -> String {
        if text.is_empty() { self.0.clone() } else { format!("{text} {}", self.0) }
    }

    /// Returns whether any create planted a marker in this text.
    fn is_in(text: &str) -> bool {
        text.split(PREFIX)
            .skip(1)
            .any(|rest| rest.len() >= DIGITS && rest.as_bytes()[..DIGITS].iter().all(u8::is_ascii_hexdigit))
    }
}

/// Bits from the keys that the system gives to hash maps.
pub(super) fn random_bits() -> u64 {
    RandomState::new().hash_one((SystemTime::now(), std::process::id()))
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The comparison of one row with what a create asked for, field by field. A field that one side lacks fits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fit {
    differs: Vec<&'static str>,
    named: bool,
    certain: bool,
    other: bool,
}

impl Fit {
    /// Creates a comparison in which nothing differs yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Compares the name. Names need not be unique, and a provider may change them: a row that differs in nothing
    /// but its name is a candidate.
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

    /// Compares a value that only one resource can have. A row with it is the result, and a row without it is not.
    pub fn unique(mut self, is_equal: bool) -> Self {
        self.certain |= is_equal;
        self.unless(!is_equal)
    }

    /// Rules the row out, e.g. because the resource is deleted.
    pub fn unless(mut self, is_other: bool) -> Self {
        self.other |= is_other;
        self
    }

    /// Looks for the marker. A row that has it is the result, whatever else differs. A row without it is never
    /// taken, only listed as a candidate; so is a row with the marker of another create.
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

    /// Returns whether the row has the name, for resources that are ensured by name.
    pub(super) fn is_named(&self) -> bool {
        self.named && !self.other
    }

    /// Returns the fields in which an existing resource with that name differs. A marker is not one of them.
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
    fn markers_are_unique_and_follow_the_text() {
        let [one, two] = [(); 2].map(|()| Marker::random());
        assert_ne!(one, two);
        assert_eq!(one.plant("mine"), format!("mine {one}"));
        assert_eq!((one.plant(""), one.to_string().len()), (one.to_string(), PREFIX.len() + DIGITS));
    }

    #[test]
    fn a_marker_is_certain_and_a_row_without_it_only_a_candidate() {
        let marker = Marker::random();
        let fit = |text: &str| Fit::new().field("vcpu", Some(&1), Some(&1)).marker(Some(&marker), Some(text));
        assert!(fit(&marker.plant("mine")).is_certain());
        let bare = fit("mine");
        assert!(!bare.is_certain() && !bare.is_likely());
        assert_eq!(bare.candidate("a".into()).unwrap().differs, ["marker"]);
    }

    #[test]
    fn a_row_with_the_marker_of_another_create_is_ruled_out() {
        let foreign = Marker::random().plant("web");
        let fit = Fit::new().name("web-1", Some("web-1")).marker(None, Some(&foreign));
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
    fn a_unique_value_decides_alone() {
        assert!(Fit::new().unique(true).is_certain());
        assert!(!Fit::new().unique(false).is_certain() && !Fit::new().unique(false).is_likely());
        assert!(!Fit::new().unique(true).unless(true).is_certain());
    }
}

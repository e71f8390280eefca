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

    /// Returns whether the text contains this marker, in any letter case: providers may change the case of a text, or add
    /// to it.
    pub(super) fn is_in(&self, text: &str) -> bool {
        text.to_ascii_lowercase().contains(&self.0)
    }

    /// Returns the position of a marker of any create in this text.
    fn find_in(text: &str) -> Option<usize> {
        let text = text.to_ascii_lowercase();
        let is_marker = |at: &usize| {
            let digits = text.as_bytes().get(at + PREFIX.len()..at + PREFIX.len() + DIGITS);
            digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        };
        text.match_indices(PREFIX).map(|(at, _)| at).find(is_marker)
    }

    /// Returns the text without a marker that [`plant`](Self::plant) appended.
    fn strip(text: &str) -> &str {
        match Self::find_in(text) {
            Some(at) if at + PREFIX.len() + DIGITS == text.len() => text[..at].trim_end_matches(' '),
            _ => text,
        }
    }
}

fn words(name: &str) -> impl Iterator<Item = &str> {
    Marker::strip(name).split_whitespace()
}

/// Returns the form that a name has in common with the names that a provider may change it to.
pub(super) fn folded(name: &str) -> String {
    words(name).map(str::to_lowercase).collect::<Vec<_>>().join(" ")
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
#[allow(clippy::struct_excessive_bools, reason = "independent facts about one row")]
pub struct Fit {
    differs: Vec<&'static str>,
    named: bool,
    /// Whether the row has the name, in any letter case.
    recased: bool,
    /// Whether the row has a value that only the result can have.
    unique: bool,
    /// Whether the row has the marker of the create.
    marked: bool,
    /// Whether the row is the result of another create: it has that create's marker, or lacks the unique value.
    foreign: bool,
    /// Whether the row does not count at all, e.g. because the resource is deleted.
    excluded: bool,
}

impl Fit {
    /// Creates a comparison without differences.
    pub fn new() -> Self {
        Self::default()
    }

    /// Compares the name, without the marker that either name may contain and with any white space equal. Names need not
    /// be unique, and a provider may change them, so a row that differs only in its name is still a candidate.
    pub fn name(mut self, wanted: &str, found: Option<&str>) -> Self {
        let is_equal = found.map(|found| words(wanted).eq(words(found)));
        self.named = is_equal == Some(true);
        self.recased = found.is_some_and(|found| folded(wanted) == folded(found));
        self.field("name", Some(&true), is_equal.as_ref())
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

    /// Compares one field whose letter case has no meaning, such as a UUID or the name of a kind.
    pub fn word(self, name: &'static str, wanted: Option<&str>, found: Option<&str>) -> Self {
        let [wanted, found] = [wanted, found].map(|word| word.map(str::to_lowercase));
        self.field(name, wanted.as_ref(), found.as_ref())
    }

    /// Compares a value that only one resource can have at a time. A row without it is not the result. A row with it is
    /// the result, even if other fields differ, unless the row lacks the marker or has another name. Such a row may be
    /// another resource that had the value earlier, or got it later.
    pub fn unique(mut self, is_equal: bool) -> Self {
        self.unique |= is_equal;
        self.foreign |= !is_equal;
        self
    }

    /// Excludes the row, e.g. because the resource is deleted.
    pub fn unless(mut self, is_excluded: bool) -> Self {
        self.excluded |= is_excluded;
        self
    }

    /// Checks for the marker. A row that contains `wanted` and does not differ in its name is the result, even if other
    /// fields differ. The name may differ in its letter case if no other row contains `wanted`. Any other row is at most
    /// a candidate, because a copy of the result, which may have been deleted, contains the same marker. If `wanted` is
    /// `None`, a row with the marker of another create is not the result.
    pub fn marker(mut self, wanted: Option<&Marker>, text: Option<&str>) -> Self {
        let text = text.unwrap_or_default();
        match wanted {
            Some(marker) if marker.is_in(text) => self.marked = true,
            Some(_) => self.differs.push("marker"),
            None => self.foreign |= Marker::find_in(text).is_some(),
        }
        self
    }

    fn may_be_result(&self) -> bool {
        !self.excluded && !self.foreign
    }

    pub(super) fn is_excluded(&self) -> bool {
        self.excluded
    }

    /// Returns whether the row has the marker, whether or not it may be the result.
    pub(super) fn is_marked(&self) -> bool {
        self.marked
    }

    /// Returns whether the row is the result if no other row has the marker.
    pub(super) fn is_certain_alone(&self) -> bool {
        self.marked && self.recased && self.may_be_result()
    }

    pub(super) fn is_certain(&self) -> bool {
        let is_other = self.differs.iter().any(|field| matches!(*field, "name" | "marker"));
        (self.unique || self.marked) && !is_other && self.may_be_result()
    }

    pub(super) fn is_likely(&self) -> bool {
        self.may_be_result() && self.differs.is_empty()
    }

    /// Returns whether this row of a resource shows more of the request than the other.
    pub(super) fn is_better(&self, other: &Self) -> bool {
        let rank = |fit: &Self| (fit.is_certain(), fit.is_likely(), fit.is_named());
        rank(self) > rank(other)
    }

    /// Returns whether the row has the wanted name, no matter which create produced it. Used to ensure a resource by
    /// name.
    pub(super) fn is_named(&self) -> bool {
        self.named && !self.excluded
    }

    /// Returns whether the row has the wanted name except for its letter case, which some providers change.
    pub(super) fn is_named_in_another_case(&self) -> bool {
        self.recased && !self.named && !self.excluded
    }

    /// Returns the fields in which an existing resource with that name differs. The marker is ignored.
    pub(super) fn differences(self) -> Vec<&'static str> {
        self.differs.into_iter().filter(|name| *name != "marker").collect()
    }

    /// Returns the row as a candidate, if it fits well enough to be listed.
    pub(super) fn candidate(self, id: String) -> Option<Candidate> {
        let near = self.unique || self.marked || matches!(self.differs[..], [] | ["name" | "marker"]);
        (near && self.may_be_result()).then_some(Candidate { id, differs: self.differs })
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
    fn the_letter_case_of_a_word_is_no_difference() {
        let differences = |wanted, found| Fit::new().word("type", Some(wanted), found).differences();
        for found in [Some("EMPTY"), Some("Empty"), Some("empty"), None] {
            assert!(differences("EMPTY", found).is_empty(), "{found:?}");
        }
        assert_eq!(differences("EMPTY", Some("SNAPSHOT")), ["type"]);
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
    fn a_marker_is_found_whatever_the_provider_did_to_the_text() {
        let marker = Marker::random();
        for text in [
            marker.plant("mine").to_uppercase(),
            format!("  {marker}\n"),
            format!("{marker}(1)"),
            format!("<p>{marker}</p>"),
        ] {
            assert!(Fit::new().marker(Some(&marker), Some(&text)).is_certain(), "{text}");
            assert!(!Fit::new().marker(None, Some(&text)).is_likely(), "{text}");
            assert!(!Fit::new().marker(Some(&Marker::random()), Some(&text)).is_certain(), "{text}");
        }
    }

    #[test]
    fn a_row_of_another_create_is_not_the_result_but_has_its_name() {
        let other = Marker::random().plant("web");
        let fit = || Fit::new().name("web-1", Some("web-1"));
        for fit in [fit().marker(None, Some(&other)), fit().unique(false)] {
            assert!(fit.is_named() && !fit.is_likely() && fit.candidate("a".into()).is_none());
        }
        assert!(!fit().unless(true).is_named());
        assert!(Fit::new().marker(None, Some("runs hostkit-web")).is_likely());
    }

    #[test]
    fn a_copy_with_the_marker_and_another_name_is_only_a_candidate() {
        let marker = Marker::random();
        let fit = |name| Fit::new().name("web-1", name).marker(Some(&marker), Some(&marker.0));
        assert!(fit(Some("web-1")).is_certain() && fit(None).is_certain());
        let copy = fit(Some("web-1-copy"));
        assert!(!copy.is_certain() && !copy.is_likely());
        assert_eq!(copy.candidate("a".into()).unwrap().differs, ["name"]);
    }

    #[test]
    fn names_are_compared_without_their_markers() {
        let [one, two] = [(); 2].map(|()| Marker::random().plant("backup job"));
        for (wanted, found) in [(&*one, &*two), ("backup job", &two), (&one, "backup job")] {
            assert!(Fit::new().name(wanted, Some(found)).is_named(), "{wanted} {found}");
        }
        for found in [" backup job", "backup  job\n", &format!("backup job\t{}", Marker::random())] {
            let fit = Fit::new().name(&one, Some(found));
            assert!(fit.is_named() && fit.is_likely(), "{found:?}");
        }
        for found in ["backup", "backupjob", "Backup job", "backup job hostkit-1", &format!("{one}s")] {
            assert!(!Fit::new().name(&one, Some(found)).is_named(), "{found}");
        }
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
    fn the_marker_or_a_unique_value_makes_a_row_that_differs_a_candidate() {
        let marker = Marker::random();
        let far = || Fit::new().name("web-1", Some("db")).field("vcpu", Some(&2), Some(&4));
        for near in [far().unique(true), far().marker(Some(&marker), Some(&marker.0))] {
            assert_eq!(near.candidate("a".into()).unwrap().differs, ["name", "vcpu"]);
        }
    }

    #[test]
    fn a_unique_value_identifies_the_result_unless_the_name_or_the_marker_differs() {
        assert!(Fit::new().unique(true).is_certain());
        assert!(Fit::new().name("web-1", Some("web-1")).unique(true).is_certain());
        assert!(Fit::new().field("vcpu", Some(&1), Some(&2)).unique(true).is_certain());
        let marker = Marker::random();
        for other in [
            Fit::new().name("web-1", Some("db")).unique(true),
            Fit::new().marker(Some(&marker), Some("")).unique(true),
        ] {
            assert!(!other.is_certain() && !other.is_likely(), "{other:?}");
            assert!(other.candidate("a".into()).is_some());
        }
        assert!(!Fit::new().unique(false).is_certain() && !Fit::new().unique(false).is_likely());
        assert!(!Fit::new().unique(true).unless(true).is_certain());
    }
}

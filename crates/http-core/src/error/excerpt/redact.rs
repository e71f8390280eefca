//! Redacts secrets in text, including encoded ones and those of which the text contains only the beginning.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::sync::OnceLock;

use super::escapes::{ESCAPES, FOREIGN, Unit, decode, is_dropped, joined};
use super::views::{fold, is_repeated, named, units, without_foreign, without_repeated};
use crate::wire::form::Encoder;
use crate::wire::glance::MARK;

/// Shorter secrets are not redacted: redacting every "a" would leave no text, and would reveal the secret.
const SHORTEST_SECRET: usize = 4;
/// The number of bytes at the beginning of a string that are searched. The rest is ignored.
pub(super) const WINDOW: usize = 16 * 1024;
/// An id may contain a shorter secret by chance.
const LONG_SECRET: usize = 8;
/// The maximum length of the end of a secret that is searched for.
const LONGEST_END: usize = 256;
/// The maximum number of nested encodings: a page may contain JSON that itself contains JSON.
const MOST_LAYERS: usize = 3;
/// The maximum number of rounds: redacting one secret may join the parts of another one.
const MOST_ROUNDS: usize = 8;

/// The secrets of one request, prepared for searching many strings.
///
/// Instead of searching for every possible encoding of a secret, the search decodes the text first: percent, HTML,
/// backslash and quoted-printable escapes in any spelling, nested up to three times. Base64 and hexadecimal text has no
/// escapes, so secrets are also searched for in these encodings. The search ignores letter case and line breaks.
///
/// Servers often double special characters to quote them, and collapse white space. So secrets are also searched for
/// with each run of the same special character reduced to one, in a text that is reduced in the same way.
///
/// A text that is cut in the middle of a secret contains its beginning. So the beginning of a secret counts as the
/// secret if it is at least half of a long secret, or if the text ends after it or continues with the [`MARK`], the dots
/// or the asterisks that replace omitted text. The end of a secret counts too if it has at least 8
/// characters and follows one of these.
///
/// Servers often damage characters outside of ASCII: they read UTF-8 as another encoding, or replace what they cannot
/// represent. So secrets with such characters are also searched for with any of these characters in their places. The
/// same applies if HTML entities with unknown names represent them.
#[derive(Default)]
pub(crate) struct Secrets {
    needles: Needles,
    /// The ends of the needles, backwards. Few texts need them.
    ends: OnceLock<Needles>,
    /// Whether one of the secrets contains a character outside of ASCII.
    has_foreign: bool,
}

#[derive(Default)]
struct Needles {
    /// The needles, by their first characters.
    by_start: HashMap<[char; SHORTEST_SECRET], HashSet<Needle>>,
    /// The set of the needles' first characters, one bit per ASCII character.
    firsts: u128,
}

impl Needles {
    fn insert(&mut self, needle: Vec<char>) {
        let Some(start) = needle.first_chunk() else { return };
        self.firsts |= bit(start[0]);
        self.by_start.entry(*start).or_default().insert(Needle(needle));
    }

    /// Returns whether no needle begins with this character.
    fn lack(&self, first: char) -> bool {
        self.firsts & bit(first) == 0
    }

    /// Returns the needles that begin like this text.
    fn like(&self, folded: &[char]) -> impl Iterator<Item = &Needle> {
        folded.first_chunk().and_then(|start| self.by_start.get(start)).into_iter().flatten()
    }
}

/// A secret in one of its encodings, folded. A hash map compares only those with equal hashes, which a test counts.
#[derive(Hash)]
#[cfg_attr(not(test), derive(PartialEq, Eq))]
#[cfg_attr(test, expect(clippy::derived_hash_with_manual_eq, reason = "equal needles have equal hashes"))]
struct Needle(Vec<char>);

/// The range of a secret in a text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    start: usize,
    end: usize,
    /// The text contains the whole secret, and the secret is long.
    is_certain: bool,
}

impl Secrets {
    /// Prepares the search. Secrets of fewer than 4 characters are not searched for.
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut prepared = Self::default();
        for secret in secrets {
            prepared.add_secret(secret);
            // A server may trim values.
            let trimmed = secret.trim();
            if trimmed.len() < secret.len() {
                prepared.add_secret(trimmed);
            }
        }
        prepared
    }

    fn add_secret(&mut self, secret: &str) {
        if secret.chars().nth(SHORTEST_SECRET - 1).is_none() {
            return;
        }
        self.add(secret);
        // A window never contains more of the secret than this.
        let secret = &secret[..boundary(secret, WINDOW)];
        let mut form = String::new();
        let _ = Encoder(&mut form).write_str(secret);
        let json = serde_json::to_string(secret).unwrap_or_default();
        let hex: Vec<String> = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        for separator in ["", ":", "-", " "] {
            self.add(&hex.join(separator));
        }
        let hex = hex.concat();
        // The secret itself, and as it appears in form and JSON bodies.
        for text in [secret, &form, json.get(1..json.len() - 1).unwrap_or_default()] {
            self.add_base64(text);
        }
        for text in [&hex, &hex.to_uppercase()] {
            self.add_base64(text);
        }
        for text in base64_forms(secret) {
            self.add_base64(&text);
        }
        if !secret.is_ascii() {
            self.has_foreign = true;
            self.add(&without_foreign(&units(secret)).into_iter().map(|unit| unit.c).collect::<String>());
            self.add(&named(&units(secret)).into_iter().map(|unit| unit.c).collect::<String>());
            self.add(&secret.bytes().map(char::from).collect::<String>());
            self.add(&secret.bytes().map(windows_1252).collect::<String>());
        }
    }

    fn add_base64(&mut self, text: &str) {
        for form in base64_forms(text) {
            self.add(&form);
        }
    }

    fn add(&mut self, secret: &str) {
        let secret = || secret.chars().take(WINDOW);
        self.add_folded(secret().map(fold).collect());
        if secret().any(is_dropped) {
            self.add_folded(secret().filter(|c| !is_dropped(*c)).map(fold).collect());
        }
    }

    fn add_folded(&mut self, needle: Vec<char>) {
        let mut single = needle.clone();
        single.dedup_by(|next, c| is_repeated(*c, *next));
        if single.len() < needle.len() {
            self.needles.insert(single);
        }
        self.needles.insert(needle);
    }

    fn ends(&self) -> &Needles {
        self.ends.get_or_init(|| {
            let mut ends = Needles::default();
            for Needle(needle) in self.needles.by_start.values().flatten() {
                ends.insert(needle.iter().rev().take(LONGEST_END).copied().collect());
            }
            ends
        })
    }

    /// Returns the length of the longest needle.
    #[cfg(test)]
    pub(super) fn longest(&self) -> usize {
        self.needles.by_start.values().flatten().map(|needle| needle.0.len()).max().unwrap_or(0)
    }

    /// Returns the beginning of the text with the secrets redacted. The rest is ignored.
    pub(super) fn redact_window(&self, text: &[u8]) -> String {
        self.redact(&String::from_utf8_lossy(&text[..text.len().min(WINDOW)]))
    }

    /// Returns the text with the secrets redacted.
    pub(super) fn redact(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..MOST_ROUNDS {
            let spans = self.find(&text);
            if spans.is_empty() {
                return text;
            }
            text = mask(&text, spans);
        }
        MARK.to_owned()
    }

    /// Returns whether the text contains a whole secret that is too long to be there by chance.
    pub(super) fn are_in(&self, text: &str) -> bool {
        self.find(text).iter().any(|span| span.is_certain)
    }

    /// Returns the ranges of the secrets, sorted by their starts.
    fn find(&self, text: &str) -> Vec<Span> {
        let mut spans = Vec::new();
        if !self.needles.by_start.is_empty() {
            self.search_layers(&units(text), MOST_LAYERS, &mut HashSet::new(), &mut spans);
            spans.sort_unstable();
        }
        spans
    }

    fn search_layers(
        &self,
        view: &[Unit],
        layers: usize,
        seen: &mut HashSet<(usize, String)>,
        spans: &mut Vec<Span>,
    ) {
        let joined = joined(view);
        let single = without_repeated(joined.as_deref().unwrap_or(view));
        for view in [Some(view), joined.as_deref(), single.as_deref()].into_iter().flatten() {
            self.search(view, spans);
            if self.has_foreign {
                self.search(&without_foreign(view), spans);
                if view.iter().any(|unit| unit.c == FOREIGN) {
                    self.search(&named(view), spans);
                }
            }
        }
        let view = joined.as_deref().unwrap_or(view);
        for escape in ESCAPES.iter().filter(|_| layers > 0) {
            let Some(decoded) = decode(view, escape) else { continue };
            // Adjacent escapes of different kinds decode to the same text in any order.
            if seen.insert((layers, decoded.iter().map(|unit| unit.c).collect())) {
                self.search_layers(&decoded, layers - 1, seen, spans);
            }
        }
    }

    fn search(&self, view: &[Unit], spans: &mut Vec<Span>) {
        let mut folded: Vec<char> = view.iter().map(|unit| fold(unit.c)).collect();
        let mut found = 0;
        for (at, unit) in view.iter().enumerate() {
            if self.needles.lack(folded[at]) {
                continue;
            }
            for Needle(needle) in self.needles.like(&folded[at..]) {
                // Another needle has been found that ends at the same place or later.
                if view.len().min(at + needle.len()) <= found {
                    continue;
                }
                let same = common(&folded[at..], needle);
                let stop = at + same;
                let is_whole = same == needle.len();
                let is_half = same >= LONG_SECRET && same >= needle.len() / 2;
                if is_whole || is_half || Unit::is_cut(view.get(stop)) || is_omission(&folded[stop..]) {
                    found = found.max(stop);
                    // What is left of a cut escape belongs to the secret.
                    let is_open = !is_whole || view[stop - 1].is_open;
                    let cut =
                        view[stop..].iter().take_while(|unit| is_open && Unit::is_cut(Some(unit))).count();
                    let is_certain = is_whole && same >= LONG_SECRET;
                    spans.push(Span { start: unit.start, end: view[stop + cut - 1].end, is_certain });
                }
            }
        }
        if !(0..view.len()).any(|at| is_omission(&folded[at..])) {
            return;
        }
        folded.reverse();
        let ends = self.ends();
        for (at, unit) in view.iter().rev().enumerate() {
            if ends.lack(folded[at]) {
                continue;
            }
            for Needle(needle) in ends.like(&folded[at..]) {
                let same = common(&folded[at..], needle);
                if same >= LONG_SECRET && is_omission(&folded[at + same..]) {
                    let start = view[view.len() - at - same].start;
                    spans.push(Span { start, end: unit.end, is_certain: false });
                }
            }
        }
    }
}

/// Returns the number of characters with which both texts begin.
fn common(text: &[char], needle: &[char]) -> usize {
    text.iter().zip(needle).take_while(|(one, other)| one == other).count()
}

/// Returns whether a text begins with characters that replace omitted text.
fn is_omission(folded: &[char]) -> bool {
    matches!(folded, ['.', '.', '.', ..] | ['*', '*', '*', ..] | ['…', ..])
}

/// Replaces these ranges of the text with marks. The ranges must be sorted by their starts. Ranges that overlap or
/// touch, and marks that are there already, become one mark.
fn mask(text: &str, spans: Vec<Span>) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut end = 0;
    for span in spans {
        masked.push_str(text.get(end..span.start).unwrap_or_default().trim_start_matches(MARK));
        if !masked.ends_with(MARK) {
            masked.push_str(MARK);
        }
        end = end.max(span.end);
    }
    masked.push_str(text[end..].trim_start_matches(MARK));
    masked
}

/// Returns the character's bit if it is ASCII, and all bits otherwise.
fn bit(c: char) -> u128 {
    if c.is_ascii() { 1 << u32::from(c) } else { u128::MAX }
}

/// Decodes a byte as Windows-1252, which differs from Latin-1 between 0x80 and 0x9f.
fn windows_1252(byte: u8) -> char {
    const DIFFERENT: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    let different = byte.checked_sub(0x80).and_then(|at| DIFFERENT.get(usize::from(at)));
    different.copied().unwrap_or(char::from(byte))
}

/// Returns the last character boundary at or before `at`.
fn boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Returns a text in base64 after 0, 1 and 2 other bytes, in both alphabets.
fn base64_forms(text: &str) -> Vec<String> {
    let mut forms = Vec::new();
    for offset in 0..3 {
        let form = base64(text.as_bytes(), offset);
        if form.contains(['+', '/']) {
            forms.push(form.replace('+', "-").replace('/', "_"));
        }
        forms.push(form);
    }
    forms
}

/// Returns the base64 encoding of `bytes` after `offset` other bytes, without the characters that also depend on bytes
/// outside of `bytes`.
fn base64(bytes: &[u8], offset: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let first = (offset * 8).div_ceil(6);
    let last = (offset + bytes.len()) * 8 / 6;
    let byte = |at: usize| at.checked_sub(offset).and_then(|at| bytes.get(at)).copied().unwrap_or(0);
    let character = |index: usize| {
        let (at, shift) = (index * 6 / 8, index * 6 % 8);
        let pair = u16::from_be_bytes([byte(at), byte(at + 1)]);
        char::from(ALPHABET[usize::from(pair << shift >> 10)])
    };
    (first..last).map(character).collect()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        static COMPARED: Cell<usize> = const { Cell::new(0) };
    }

    impl PartialEq for Needle {
        fn eq(&self, other: &Self) -> bool {
            COMPARED.set(COMPARED.get() + 1);
            self.0 == other.0
        }
    }

    impl Eq for Needle {}

    #[test]
    fn similar_secrets_are_prepared_without_comparing_each_with_all_others() {
        let compared = |count: usize| {
            COMPARED.set(0);
            let lines: Vec<String> =
                (0..count).map(|line| format!("- echo {line:08} >> /etc/motd")).collect();
            let prepared = Secrets::new(lines.iter().map(String::as_str));
            assert_eq!(prepared.redact(&lines[count - 1]), MARK);
            COMPARED.get()
        };
        let (few, many) = (compared(20), compared(200));
        assert!(many <= 20 * few.max(200), "{few} comparisons for 20 secrets, {many} for 200");
    }
}

//! Redacts secrets in text, including encoded ones.

use std::collections::HashMap;
use std::fmt::Write;

use crate::wire::form::Encoder;

/// The mark that replaces a secret. One character, so that it cannot contain a secret by itself.
pub(super) const MARK: &str = "…";
/// Shorter secrets are not redacted: redacting every "a" would leave no text, and would reveal the secret.
const SHORTEST_SECRET: usize = 4;
/// The number of bytes at the beginning of a string that are searched. The rest is ignored.
pub(super) const WINDOW: usize = 16 * 1024;
/// The number of bytes at the end of a truncated window that are searched but not shown, because an escape may be
/// truncated there.
const MARGIN: usize = 64;
/// The maximum number of nested encodings: a page may contain JSON that itself contains JSON.
const MOST_LAYERS: usize = 3;
/// The maximum number of rounds: redacting one secret may join the parts of another one.
const MOST_ROUNDS: usize = 8;

/// The secrets of one request, prepared for searching many strings.
///
/// Instead of searching for every possible encoding of a secret, the search decodes the text first: percent, HTML and
/// backslash escapes in any spelling, nested up to three times. Base64 and hexadecimal text has no escapes, so secrets
/// are also searched for in these encodings. The search ignores letter case.
#[derive(Default)]
pub(crate) struct Secrets {
    needles: Vec<Vec<char>>,
    /// The indices of the needles, by the needles' first characters.
    starts: HashMap<[char; SHORTEST_SECRET], Vec<usize>>,
    /// The set of the needles' first characters, one bit per ASCII character.
    firsts: u128,
}

impl Secrets {
    /// Prepares the search. Secrets of fewer than 4 characters are not searched for.
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut prepared = Self::default();
        for secret in secrets {
            if secret.chars().nth(SHORTEST_SECRET - 1).is_none() {
                continue;
            }
            prepared.add(secret.chars());
            // A window never contains more of the secret than this.
            let secret = &secret[..boundary(secret, WINDOW)];
            prepared.add(secret.bytes().flat_map(|byte| [byte >> 4, byte & 15].map(hex)));
            let mut form = String::new();
            let _ = Encoder(&mut form).write_str(secret);
            let json = serde_json::to_string(secret).unwrap_or_default();
            // The secret itself, and as it appears in form and JSON bodies.
            for bytes in [secret, &form, json.get(1..json.len() - 1).unwrap_or_default()] {
                for offset in 0..3 {
                    let core = base64(bytes.as_bytes(), offset);
                    if core.contains(['+', '/']) {
                        prepared.add(core.chars().map(|c| match c {
                            '+' => '-',
                            '/' => '_',
                            c => c,
                        }));
                    }
                    prepared.add(core.chars());
                }
            }
        }
        prepared
    }

    fn add(&mut self, secret: impl Iterator<Item = char>) {
        let needle: Vec<char> = secret.take(WINDOW).map(fold).collect();
        let Some(start) = needle.first_chunk() else { return };
        self.firsts |= bit(start[0]);
        let known = self.starts.entry(*start).or_default();
        if !known.iter().any(|index| self.needles[*index] == needle) {
            known.push(self.needles.len());
            self.needles.push(needle);
        }
    }

    /// Returns the length of the longest needle.
    #[cfg(test)]
    pub(super) fn longest(&self) -> usize {
        self.needles.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// Returns the beginning of the text with the secrets redacted. The rest is ignored.
    pub(super) fn redact_window(&self, text: &[u8]) -> String {
        let cut = text.len() >= WINDOW;
        let mut text = String::from_utf8_lossy(&text[..text.len().min(WINDOW)]).into_owned();
        if cut {
            let end = boundary(&text, text.len() - MARGIN);
            text = mask(&text[..end], self.find(&text, end));
        }
        self.redact(&text)
    }

    /// Returns the text with the secrets redacted.
    pub(super) fn redact(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..MOST_ROUNDS {
            let spans = self.find(&text, text.len());
            if spans.is_empty() {
                return text;
            }
            text = mask(&text, spans);
        }
        MARK.to_owned()
    }

    /// Returns the ranges of the secrets that begin before `end`, truncated at `end`. If the text continues after
    /// `end`, a secret that extends beyond `end` is found too.
    fn find(&self, text: &str, end: usize) -> Vec<(usize, usize)> {
        let mut spans = Vec::new();
        if !self.needles.is_empty() {
            let view = text.char_indices().map(|(at, c)| Unit { c, start: at, end: at + c.len_utf8() });
            self.search_layers(&view.collect::<Vec<_>>(), end, MOST_LAYERS, &mut Vec::new(), &mut spans);
            spans.sort_unstable();
        }
        spans
    }

    fn search_layers(
        &self,
        view: &[Unit],
        end: usize,
        layers: usize,
        seen: &mut Vec<u64>,
        spans: &mut Vec<(usize, usize)>,
    ) {
        self.search(view, end, spans);
        for escape in ESCAPES.iter().filter(|_| layers > 0) {
            let Some(decoded) = decode(view, escape) else { continue };
            // Adjacent escapes of different kinds decode to the same text in any order.
            let hash = decoded.iter().fold(layers as u64, |hash, unit| {
                (hash.rotate_left(5) ^ u64::from(u32::from(unit.c))).wrapping_mul(0x9e37_79b9_7f4a_7c15)
            });
            if !seen.contains(&hash) {
                seen.push(hash);
                self.search_layers(&decoded, end, layers - 1, seen, spans);
            }
        }
    }

    fn search(&self, view: &[Unit], end: usize, spans: &mut Vec<(usize, usize)>) {
        let folded: Vec<char> = view.iter().map(|unit| fold(unit.c)).collect();
        let shown = view.partition_point(|unit| unit.start < end);
        let most = if shown < view.len() { shown } else { usize::MAX };
        let mut found = 0;
        for at in 0..shown {
            if self.firsts & bit(folded[at]) == 0 {
                continue;
            }
            let Some(start) = folded[at..].first_chunk::<SHORTEST_SECRET>() else { break };
            for needle in self.starts.get(start).into_iter().flatten().map(|index| &self.needles[*index]) {
                let stop = most.min(at + needle.len());
                if stop > found.max(at) && folded.get(at..stop).is_some_and(|text| needle.starts_with(text)) {
                    found = stop;
                    spans.push((view[at].start, view[stop - 1].end.min(end)));
                }
            }
        }
    }
}

/// Replaces these ranges of the text with marks. The ranges must be sorted by their starts. Ranges that overlap or
/// touch become one mark.
fn mask(text: &str, spans: Vec<(usize, usize)>) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut end = 0;
    for (start, stop) in spans {
        if start > end || masked.is_empty() {
            masked.push_str(&text[end..start]);
            masked.push_str(MARK);
        }
        end = end.max(stop);
    }
    masked.push_str(&text[end..]);
    masked
}

/// A decoded character, and its position in the text.
#[derive(Clone, Copy)]
struct Unit {
    c: char,
    start: usize,
    end: usize,
}

/// The meaning of an escape.
enum Decoded {
    Char(char),
    /// One byte of a UTF-8 character.
    Byte(u8),
}

/// The character that begins an escape, and a function that decodes the text after it. The function returns the number
/// of these characters that belong to the escape, and the meaning of the escape.
type Escape = (char, fn(&[Unit]) -> Option<(usize, Decoded)>);

const ESCAPES: [Escape; 3] = [('%', percent), ('&', entity), ('\\', backslash)];

/// Decodes one layer of escapes; returns `None` if the text contains no escape.
fn decode(view: &[Unit], (first, read): &Escape) -> Option<Vec<Unit>> {
    let mut decoded: Option<Vec<Unit>> = None;
    let mut bytes: Vec<(u8, Unit)> = Vec::new();
    let mut at = 0;
    while let Some(&unit) = view.get(at) {
        let escape = if unit.c == *first { read(&view[at + 1..]) } else { None };
        let Some((length, meaning)) = escape else {
            if let Some(decoded) = &mut decoded {
                characters(&mut bytes, decoded);
                decoded.push(unit);
            }
            at += 1;
            continue;
        };
        let decoded = decoded.get_or_insert_with(|| view[..at].to_vec());
        let unit = Unit { end: view[at + length].end, ..unit };
        match meaning {
            Decoded::Byte(byte) => bytes.push((byte, unit)),
            Decoded::Char(c) => {
                characters(&mut bytes, decoded);
                decoded.push(Unit { c, ..unit });
            }
        }
        at += length + 1;
    }
    decoded.map(|mut decoded| {
        characters(&mut bytes, &mut decoded);
        decoded
    })
}

/// Decodes the collected bytes into characters. Bytes that are not UTF-8 are decoded as Latin-1.
fn characters(bytes: &mut Vec<(u8, Unit)>, decoded: &mut Vec<Unit>) {
    let mut at = 0;
    while let Some(&(first, unit)) = bytes.get(at) {
        let length = (first.leading_ones() as usize).clamp(1, 4);
        let raw: Vec<u8> = bytes[at..].iter().take(length).map(|(byte, _)| *byte).collect();
        let whole = std::str::from_utf8(&raw).ok().and_then(|text| text.chars().next());
        let length = if whole.is_some() { length } else { 1 };
        let end = bytes[at + length - 1].1.end;
        decoded.push(Unit { c: whole.unwrap_or(char::from(first)), end, ..unit });
        at += length;
    }
    bytes.clear();
}

fn percent(rest: &[Unit]) -> Option<(usize, Decoded)> {
    let byte = number(rest.get(..2)?, 16)?;
    Some((2, Decoded::Byte(u8::try_from(byte).ok()?)))
}

fn backslash(rest: &[Unit]) -> Option<(usize, Decoded)> {
    let digits = |at: usize, count: usize| number(rest.get(at..at + count)?, 16);
    let escaped = rest.first()?.c;
    if let ('x', Some(byte)) = (escaped, digits(1, 2)) {
        return Some((3, Decoded::Byte(u8::try_from(byte).ok()?)));
    }
    if let ('u', Some(unit)) = (escaped, digits(1, 4)) {
        // The second half of a surrogate pair is a separate escape.
        if let (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) = (unit, digits(7, 4)) {
            let c = char::from_u32(0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00))?;
            return Some((11, Decoded::Char(c)));
        }
        return Some((5, Decoded::Char(char::from_u32(unit)?)));
    }
    Some((1, Decoded::Char(if "0abfnrtv".contains(escaped) { '\n' } else { escaped })))
}

fn entity(rest: &[Unit]) -> Option<(usize, Decoded)> {
    let length = rest.iter().take(12).position(|unit| unit.c == ';')?;
    let name: String = rest[..length].iter().map(|unit| unit.c).collect();
    let latin = || {
        let index = LATIN_1.split(' ').position(|known| known == name)?;
        char::from_u32(0xa0 + u32::try_from(index).ok()?)
    };
    let c = match name.strip_prefix('#') {
        Some(code) if code.starts_with(['x', 'X']) => {
            char::from_u32(u32::from_str_radix(&code[1..], 16).ok()?)?
        }
        Some(code) => char::from_u32(code.parse().ok()?)?,
        None => ASCII.iter().find(|(_, known)| *known == name).map(|(c, _)| *c).or_else(latin)?,
    };
    Some((length + 1, Decoded::Char(c)))
}

fn number(digits: &[Unit], radix: u32) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| Some(number * radix + digit.c.to_digit(radix)?))
}

/// Maps characters that the search treats as equal to the same character: letters of both cases, and the characters
/// that encodings use for spaces.
fn fold(c: char) -> char {
    match c {
        '+' => ' ',
        c if c.is_ascii() && !c.is_ascii_control() => c.to_ascii_lowercase(),
        c if c.is_control() || c.is_whitespace() => ' ',
        c => c.to_lowercase().next().unwrap_or(c),
    }
}

/// Returns the character's bit if it is ASCII, and all bits otherwise.
fn bit(c: char) -> u128 {
    if c.is_ascii() { 1 << u32::from(c) } else { u128::MAX }
}

/// Returns the last character boundary at or before `at`.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn hex(digit: u8) -> char {
    char::from_digit(digit.into(), 16).unwrap_or_default()
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

/// The HTML entities of the ASCII characters that are neither letters nor digits.
#[rustfmt::skip]
const ASCII: &[(char, &str)] = &[
    ('&', "amp"), ('<', "lt"), ('>', "gt"), ('"', "quot"), ('\'', "apos"), ('&', "AMP"), ('<', "LT"), ('>', "GT"),
    ('"', "QUOT"), ('\t', "Tab"), ('\n', "NewLine"), ('!', "excl"), ('#', "num"), ('$', "dollar"), ('%', "percnt"),
    ('(', "lpar"), (')', "rpar"), ('*', "ast"), ('*', "midast"), ('+', "plus"), (',', "comma"), ('.', "period"),
    ('/', "sol"), (':', "colon"), (';', "semi"), ('=', "equals"), ('?', "quest"), ('@', "commat"), ('[', "lsqb"),
    ('[', "lbrack"), ('\\', "bsol"), (']', "rsqb"), (']', "rbrack"), ('^', "Hat"), ('_', "lowbar"), ('`', "grave"),
    ('{', "lcub"), ('{', "lbrace"), ('|', "verbar"), ('|', "vert"), ('}', "rcub"), ('}', "rbrace"),
];

/// The HTML entities of the characters from U+00A0 to U+00FF, in order.
const LATIN_1: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn \
    sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml \
    Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml \
    times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave \
    eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute \
    ucirc uuml yacute thorn yuml";

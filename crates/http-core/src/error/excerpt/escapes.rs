//! Decodes escapes in text, one kind and one layer at a time.

use crate::wire::glance::MARK;

/// An incomplete escape at the end of a text is at most this long, in characters.
const LONGEST: usize = 12;
/// The same for an HTML entity, whose name has up to 31 characters.
const LONGEST_ENTITY: usize = 32;

/// Any character outside of ASCII: the meaning of an HTML entity whose name is not known.
pub(super) const FOREIGN: char = '\u{fffc}';

/// A decoded character, and its position in the text.
#[derive(Clone, Copy)]
pub(super) struct Unit {
    pub(super) c: char,
    pub(super) start: usize,
    pub(super) end: usize,
    /// The end of the text may have cut the escape of this character.
    pub(super) is_open: bool,
}

impl Unit {
    /// Returns whether the text may have been cut before this unit.
    pub(super) fn is_cut(this: Option<&Self>) -> bool {
        this.is_none_or(|unit| unit.is_open || unit.c == char::REPLACEMENT_CHARACTER || MARK.contains(unit.c))
    }
}

/// The meaning of an escape.
pub(super) enum Decoded {
    Char(char),
    /// Two characters that share one escape.
    Pair([char; 2]),
    /// One byte of a UTF-8 character.
    Byte(u8),
    /// A character whose escape may be longer, if the text is cut after it.
    Start(char),
}

/// The character that begins an escape, and a function that decodes the text after it. The function returns the number
/// of these characters that belong to the escape, and the meaning of the escape.
pub(super) type Escape = (char, fn(&[Unit]) -> Option<(usize, Decoded)>);

/// URLs and format strings, HTML, programming languages, and quoted-printable text.
pub(super) const ESCAPES: [Escape; 5] =
    [('%', percent), ('%', doubled), ('&', entity), ('\\', backslash), ('=', byte)];

/// Drops line breaks, including those of quoted-printable text, and the zero bytes of UTF-16; returns `None` if the text
/// contains neither.
pub(super) fn joined(view: &[Unit]) -> Option<Vec<Unit>> {
    let is_dropped = |unit: &Unit| is_dropped(unit.c) && !unit.is_open;
    if !view.iter().any(is_dropped) {
        return None;
    }
    let is_kept = |at: &usize| {
        let is_soft_break =
            view[*at].c == '=' && view.get(at + 1).is_some_and(|unit| matches!(unit.c, '\r' | '\n'));
        !is_soft_break && !is_dropped(&view[*at])
    };
    Some((0..view.len()).filter(is_kept).map(|at| view[at]).collect())
}

/// Returns whether [`joined`] drops this character.
pub(super) fn is_dropped(c: char) -> bool {
    matches!(c, '\0' | '\r' | '\n')
}

/// Decodes one layer of escapes; returns `None` if the text contains no escape.
pub(super) fn decode(view: &[Unit], (first, read): &Escape) -> Option<Vec<Unit>> {
    let mut decoded: Option<Vec<Unit>> = None;
    let mut bytes: Vec<(u8, Unit)> = Vec::new();
    let mut at = 0;
    while let Some(&unit) = view.get(at) {
        let rest = &view[at + 1..];
        let escape = if unit.c == *first { read(rest).or_else(|| incomplete(*first, rest)) } else { None };
        let Some((length, meaning)) = escape else {
            if let Some(decoded) = &mut decoded {
                characters(&mut bytes, Unit::is_cut(Some(&unit)), decoded);
                decoded.push(unit);
            }
            at += 1;
            continue;
        };
        let decoded = decoded.get_or_insert_with(|| view[..at].to_vec());
        let is_open = (matches!(meaning, Decoded::Start(_)) && Unit::is_cut(rest.get(length)))
            || rest[..length].iter().any(|unit| unit.is_open);
        let unit = Unit { end: view[at + length].end, is_open, ..unit };
        match meaning {
            Decoded::Byte(byte) => bytes.push((byte, unit)),
            Decoded::Char(c) | Decoded::Start(c) => {
                characters(&mut bytes, is_open, decoded);
                decoded.push(Unit { c, ..unit });
            }
            Decoded::Pair(pair) => {
                characters(&mut bytes, is_open, decoded);
                decoded.extend(pair.map(|c| Unit { c, ..unit }));
            }
        }
        at += length + 1;
    }
    decoded.map(|mut decoded| {
        characters(&mut bytes, true, &mut decoded);
        decoded
    })
}

/// Returns the number of units before the text ends or may have been cut, if it is small.
fn left(rest: &[Unit], most: usize) -> Option<usize> {
    (0..=most).find(|at| Unit::is_cut(rest.get(*at)))
}

/// Reads an escape that the end of the text cuts off.
fn incomplete(first: char, rest: &[Unit]) -> Option<(usize, Decoded)> {
    let left = left(rest, if first == '&' { LONGEST_ENTITY } else { LONGEST })?;
    let is_part = |unit: &Unit| unit.c.is_ascii_alphanumeric() || matches!(unit.c, '#' | '{');
    rest[..left].iter().all(is_part).then_some((left, Decoded::Start(char::REPLACEMENT_CHARACTER)))
}

/// Decodes the collected bytes into characters. Bytes that are not UTF-8 are decoded as Latin-1. `is_cut` shows whether
/// the text may have been cut after the last byte.
fn characters(bytes: &mut Vec<(u8, Unit)>, is_cut: bool, decoded: &mut Vec<Unit>) {
    let mut at = 0;
    while let Some(&(first, unit)) = bytes.get(at) {
        let length = (first.leading_ones() as usize).clamp(1, 4);
        let raw: Vec<u8> = bytes[at..].iter().take(length).map(|(byte, _)| *byte).collect();
        let whole = std::str::from_utf8(&raw).ok().and_then(|text| text.chars().next());
        let is_cut = raw.len() < length && is_cut;
        let length = if whole.is_some() || is_cut { raw.len() } else { 1 };
        let is_open = is_cut || bytes[at..at + length].iter().any(|(_, unit)| unit.is_open);
        let end = bytes[at + length - 1].1.end;
        decoded.push(Unit { c: whole.unwrap_or(char::from(first)), end, is_open, ..unit });
        at += length;
    }
    bytes.clear();
}

fn percent(rest: &[Unit]) -> Option<(usize, Decoded)> {
    byte(rest).or_else(|| utf16(rest, 'u'))
}

fn doubled(rest: &[Unit]) -> Option<(usize, Decoded)> {
    rest.first().filter(|unit| unit.c == '%').map(|unit| (1, Decoded::Char(unit.c)))
}

fn byte(rest: &[Unit]) -> Option<(usize, Decoded)> {
    let byte = number(rest.get(..2)?, 16)?;
    Some((2, Decoded::Byte(u8::try_from(byte).ok()?)))
}

/// Reads `u`, four digits and, for the first half of a surrogate pair, the escape of the second half.
fn utf16(rest: &[Unit], u: char) -> Option<(usize, Decoded)> {
    let unit = |at: usize| (rest.get(at)?.c == u).then(|| number(rest.get(at + 1..at + 5)?, 16))?;
    let high = unit(0)?;
    if !(0xd800..=0xdbff).contains(&high) {
        return Some((5, Decoded::Char(char::from_u32(high)?)));
    }
    match unit(6) {
        Some(low @ 0xdc00..=0xdfff) => {
            Some((11, Decoded::Char(char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))?)))
        }
        Some(_) => None,
        None => {
            let left = left(&rest[5..], LONGEST).filter(|left| *left < 6)?;
            Some((5 + left, Decoded::Start(char::REPLACEMENT_CHARACTER)))
        }
    }
}

fn backslash(rest: &[Unit]) -> Option<(usize, Decoded)> {
    let first = rest.first()?;
    let escaped = first.c;
    // Of an escape that another encoding cuts off, only the first character is known.
    if first.is_open {
        let is_longer = matches!(escaped, 'x' | 'u' | 'U' | '0'..='7');
        return (!is_longer).then_some((1, Decoded::Char(simple(escaped))));
    }
    let digits = |from: usize, most: usize, radix: u32| {
        rest.iter().skip(from).take(most).take_while(|unit| unit.c.is_digit(radix)).count()
    };
    let char = |range: std::ops::Range<usize>, length: usize| {
        let c = char::from_u32(number(rest.get(range)?, 16)?)?;
        Some((length, Decoded::Char(c)))
    };
    let found = match escaped {
        '0'..='7' => {
            let count = digits(0, 3, 8);
            let byte = number(&rest[..count], 8).and_then(|byte| u8::try_from(byte).ok());
            byte.map(|byte| match byte {
                0..0x80 if count < 3 => (count, Decoded::Start(byte.into())),
                _ => (count, Decoded::Byte(byte)),
            })
        }
        'x' | 'u' if rest.get(1).is_some_and(|unit| unit.c == '{') => {
            let count = digits(2, 8, 16);
            let is_closed = rest.get(2 + count).is_some_and(|unit| unit.c == '}');
            if is_closed { char(2..2 + count, 3 + count) } else { None }
        }
        'x' => byte(&rest[1..]).map(|(length, byte)| (length + 1, byte)),
        'u' => utf16(rest, 'u'),
        'U' => char(1..9, 9),
        _ => None,
    };
    let is_incomplete = || matches!(escaped, 'x' | 'u' | 'U') && incomplete('\\', rest).is_some();
    found.or_else(|| (!is_incomplete()).then_some((1, Decoded::Char(simple(escaped)))))
}

/// Returns the meaning of a backslash and this character: control characters all become a line break.
fn simple(escaped: char) -> char {
    if "0abfnrtv".contains(escaped) { '\n' } else { escaped }
}

fn entity(rest: &[Unit]) -> Option<(usize, Decoded)> {
    let ended = |length: usize, c: char| match rest.get(length) {
        Some(unit) if unit.c == ';' => (length + 1, Decoded::Char(c)),
        _ => (length, Decoded::Start(c)),
    };
    if rest.first()?.c == '#' {
        let is_hex = rest.get(1).is_some_and(|unit| matches!(unit.c, 'x' | 'X'));
        let (radix, start) = if is_hex { (16, 2) } else { (10, 1) };
        let count = rest[start..].iter().take_while(|unit| unit.c.is_digit(radix)).count();
        let code = number(&rest[start..start + count], radix).filter(|_| count > 0)?;
        return Some(ended(start + count, char::from_u32(code)?));
    }
    let name: String =
        rest.iter().take(LONGEST_ENTITY).map(|unit| unit.c).take_while(char::is_ascii_alphanumeric).collect();
    let known = |name: &str| {
        let latin = || {
            let index = LATIN_1.split(' ').position(|known| known == name)?;
            char::from_u32(0xa0 + u32::try_from(index).ok()?)
        };
        ASCII.iter().find(|(_, known)| *known == name).map(|(c, _)| *c).or_else(latin)
    };
    let is_whole =
        name.starts_with(char::is_alphabetic) && rest.get(name.len()).is_some_and(|unit| unit.c == ';');
    // No other name begins with one of these.
    let has_prefix = ["amp", "quot"].iter().any(|known| name.to_ascii_lowercase().starts_with(known));
    if is_whole && !has_prefix {
        let meaning = match name.as_str() {
            "fjlig" => Decoded::Pair(['f', 'j']),
            name => Decoded::Char(known(name).unwrap_or(FOREIGN)),
        };
        return Some((name.len() + 1, meaning));
    }
    // The semicolon may be missing.
    (2..=name.len()).rev().find_map(|length| Some(ended(length, known(&name[..length])?)))
}

fn number(digits: &[Unit], radix: u32) -> Option<u32> {
    digits.iter().try_fold(0_u32, |number, digit| {
        Some(number.saturating_mul(radix).saturating_add(digit.c.to_digit(radix)?))
    })
}

/// The HTML entities of the ASCII characters that are neither letters nor digits.
#[rustfmt::skip]
const ASCII: &[(char, &str)] = &[
    ('&', "amp"), ('<', "lt"), ('>', "gt"), ('"', "quot"), ('\'', "apos"), ('&', "AMP"), ('<', "LT"), ('>', "GT"),
    ('"', "QUOT"), ('\t', "Tab"), ('\n', "NewLine"), ('!', "excl"), ('#', "num"), ('$', "dollar"), ('%', "percnt"),
    ('(', "lpar"), (')', "rpar"), ('*', "ast"), ('*', "midast"), ('+', "plus"), (',', "comma"), ('.', "period"),
    ('/', "sol"), (':', "colon"), (';', "semi"), ('=', "equals"), ('?', "quest"), ('@', "commat"), ('[', "lsqb"),
    ('[', "lbrack"), ('\\', "bsol"), (']', "rsqb"), (']', "rbrack"), ('^', "Hat"), ('_', "lowbar"), ('`', "grave"),
    ('{', "lcub"), ('{', "lbrace"), ('|', "verbar"), ('|', "vert"), ('}', "rcub"), ('}', "rbrace"), ('_', "UnderBar"),
    ('|', "VerticalLine"), ('`', "DiacriticalGrave"),
];

/// The HTML entities of the characters from U+00A0 to U+00FF, in order.
const LATIN_1: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn \
    sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml \
    Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml \
    times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave \
    eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute \
    ucirc uuml yacute thorn yuml";

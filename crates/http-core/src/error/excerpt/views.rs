//! Forms of a text in which secrets are found although a server changed their characters.

use super::escapes::{FOREIGN, Unit};

/// Maps characters that the search treats as equal to the same character: letters of both cases, and the characters
/// that encodings use for spaces.
pub(super) fn fold(c: char) -> char {
    match c {
        '+' => ' ',
        c if c.is_ascii() && !c.is_ascii_control() => c.to_ascii_lowercase(),
        c if c.is_control() || c.is_whitespace() => ' ',
        c => c.to_lowercase().next().unwrap_or(c),
    }
}

pub(super) fn units(text: &str) -> Vec<Unit> {
    let unit = |(at, c): (usize, char)| Unit { c, start: at, end: at + c.len_utf8(), is_open: false };
    text.char_indices().map(unit).collect()
}

/// Replaces each run of characters outside of ASCII, and of the question marks that often replace them, with one
/// question mark.
pub(super) fn without_foreign(view: &[Unit]) -> Vec<Unit> {
    let is_foreign = |unit: &Unit| !unit.c.is_ascii() || unit.c == '?';
    let runs = view.chunk_by(|unit, next| is_foreign(unit) && is_foreign(next));
    let replace = |run: &[Unit]| match run {
        [first, .., last] => Unit { c: '?', end: last.end, ..*first },
        [unit] if is_foreign(unit) => Unit { c: '?', ..*unit },
        // A run is never empty.
        _ => run[0],
    };
    runs.map(replace).collect()
}

/// Replaces each character outside of ASCII, which HTML may represent by an unknown name, with the same character.
pub(super) fn named(view: &[Unit]) -> Vec<Unit> {
    let is_named = |unit: &Unit| !unit.c.is_ascii() && !Unit::is_cut(Some(unit));
    view.iter().map(|unit| if is_named(unit) { Unit { c: FOREIGN, ..*unit } } else { *unit }).collect()
}

/// Replaces each run of the same special character with one; returns `None` if the text contains no such run. Three
/// asterisks replace omitted text, and stay.
pub(super) fn without_repeated(view: &[Unit]) -> Option<Vec<Unit>> {
    let runs = || view.chunk_by(|unit, next| is_repeated(unit.c, next.c));
    let is_reduced = |run: &[Unit]| run.len() == 2 || (run.len() > 2 && run[0].c != '*');
    if !runs().any(is_reduced) {
        return None;
    }
    let mut single = Vec::with_capacity(view.len());
    for run in runs() {
        match run {
            [first, .., last] if is_reduced(run) => single.push(Unit { start: first.start, ..*last }),
            _ => single.extend(run),
        }
    }
    Some(single)
}

/// Returns whether `next` repeats the special character `c`. Dots do not count, because three of them replace omitted
/// text.
pub(super) fn is_repeated(c: char, next: char) -> bool {
    !c.is_ascii_alphanumeric() && fold(c) == fold(next) && fold(c).is_ascii() && c != '.'
}

//! Finds out where in a response decoding failed.

use std::fmt::{self, Display};
use std::ops::Range;

use serde_json::de::{Deserializer, StrRead};

use super::error::{DecodeError, shown_path};
use crate::wire::lenient::DecodingFailed;

/// The levels of nesting that a path shows. serde_json decodes at most 128.
const DEEPEST: usize = 128;

/// Decodes a whole text. The path to an invalid value is found only when the [`Failure`] is explained.
///
/// The path follows from the position at which decoding failed. Deserializers that keep track of the path exist, but
/// each model would be compiled a second time for them.
pub(super) fn read<'de, T>(
    text: &'de str,
    read: impl FnOnce(&mut Deserializer<StrRead<'de>>) -> serde_json::Result<T>,
) -> Result<T, Failure> {
    let mut source = Deserializer::from_str(text);
    let value = read(&mut source).and_then(|value| source.end().map(|()| value));
    value.map_err(|error| Failure { error, end: source.end().err() })
}

/// Why and where decoding a text failed.
pub(super) struct Failure {
    error: serde_json::Error,
    /// The error for the rest of the text, if there is any.
    end: Option<serde_json::Error>,
}

impl DecodingFailed for Failure {
    fn is_about_value(&self) -> bool {
        self.error.is_about_value()
    }
}

impl Failure {
    /// Returns the error with the path to the invalid value.
    pub(super) fn explain(&self, text: &str) -> DecodeError {
        // The error for the rest of the text is at the byte after the one that would be read next.
        let stopped = self.end.as_ref().map_or(text.len(), |rest| offset(text, rest).saturating_sub(1));
        let failed = offset(text, &self.error);
        // After an error, only the ends of lists and objects are read. If there is more, the error's position is that
        // within a nested text, e.g. of a value that was decoded in two steps.
        let is_end = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b',' | b']' | b'}');
        let is_here = text.as_bytes().get(failed..stopped).is_some_and(|read| read.iter().all(is_end));
        let position = if is_here { failed } else { stopped };

        let mut place = Place::before(text, position);
        let mut error = DecodeError::whole(&self.error);
        if !is_here {
            let read = text.get(..position).unwrap_or(text);
            (error.line, error.column) = end_of(read.trim_end_matches([' ', '\t', '\n', '\r', ',']));
        }
        // An error about the last member of an object often has a position after the end of the object.
        let is_about_member = match error.what.rsplit_once(", found ") {
            Some((_, "an object" | "a list")) => {
                place.ends_with_container && !text.get(position..).is_some_and(|rest| rest.starts_with(','))
            }
            Some(_) => is_here,
            None => false,
        };
        if is_about_member {
            place.levels.extend(place.closed.take());
        }
        DecodeError { path: shown_path(&place), ..error }
    }
}

/// Returns the line and the column of the last byte.
fn end_of(text: &str) -> (usize, usize) {
    let line = text.rfind('\n').map_or(0, |end| end + 1);
    (text.matches('\n').count() + 1, text.len() - line)
}

/// Returns the offset of an error's position.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    lines.map(str::len).sum::<usize>() + error.column()
}

/// The path to a position in JSON that is valid up to there.
struct Place<'a> {
    text: &'a str,
    levels: Vec<Level>,
    /// The object or list that ends at the position.
    closed: Option<Level>,
    /// Whether the last member of `closed` is an object or a list.
    ends_with_container: bool,
}

/// An object or a list that begins before the position.
enum Level {
    /// The last member before the position; `None` if the object has none there.
    Object(Option<Range<usize>>),
    /// The number of items that begin before the position.
    List(usize),
}

impl<'a> Place<'a> {
    fn before(text: &'a str, position: usize) -> Self {
        let bytes = &text.as_bytes()[..position.min(text.len())];
        let mut place = Self { text, levels: Vec::new(), closed: None, ends_with_container: false };
        let (mut deeper, mut at) = (0_usize, 0);
        // Whether the next token is a key or an item, and not the value of a member.
        let mut is_first = false;
        while let Some(&byte) = bytes.get(at) {
            let start = at;
            at += 1;
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b':' => continue,
                b']' | b'}' => {
                    if deeper > 0 {
                        deeper -= 1;
                    } else {
                        place.ends_with_container = place.closed.is_some();
                        place.closed = place.levels.pop();
                    }
                    is_first = false;
                    continue;
                }
                b'"' => {
                    while let Some(&byte) = bytes.get(at) {
                        at += if byte == b'\\' { 2 } else { 1 };
                        if byte == b'"' {
                            break;
                        }
                    }
                }
                _ => {}
            }
            place.closed = None;
            if is_first && deeper == 0 {
                match place.levels.last_mut() {
                    Some(Level::Object(member)) => *member = Some(start..at.min(bytes.len())),
                    Some(Level::List(items)) => *items += 1,
                    None => {}
                }
            }
            is_first = matches!(byte, b'[' | b'{' | b',');
            if matches!(byte, b'[' | b'{') {
                if place.levels.len() == DEEPEST {
                    deeper += 1;
                } else {
                    place.levels.push(if byte == b'[' { Level::List(0) } else { Level::Object(None) });
                }
            }
        }
        place
    }
}

impl Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut is_empty = true;
        for level in &self.levels {
            match level {
                Level::Object(None) | Level::List(0) => continue,
                Level::Object(Some(key)) => {
                    let key = self.text.get(key.clone()).unwrap_or_default();
                    let dot = if is_empty { "" } else { "." };
                    match serde_json::from_str::<String>(key) {
                        Ok(key) => write!(f, "{dot}{key}")?,
                        Err(_) => write!(f, "{dot}{}", key.trim_matches('"'))?,
                    }
                }
                Level::List(items) => write!(f, "[{}]", items - 1)?,
            }
            is_empty = false;
        }
        if is_empty { f.write_str(".") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_to_every_token_is_found() {
        let text = r#" { "a" : [ 1 , "x\"]" , [ ] , { "b,{" : null , "c" : {} } ] , "d":tr"#;
        let path = |end: &str| Place::before(text, text.find(end).unwrap() + end.len()).to_string();
        for (end, expected) in [
            ("{", "."),
            ("\"a\" :", "a"),
            ("[ ", "a"),
            ("[ 1", "a[0]"),
            ("1 ,", "a[0]"),
            ("\"x", "a[1]"),
            ("]\"", "a[1]"),
            (", [", "a[2]"),
            ("[ ]", "a[2]"),
            (", { \"b,{\"", "a[3].b,{"),
            (": null", "a[3].b,{"),
        ] {
            assert_eq!(path(end), expected, "after {end}");
        }
        assert_eq!(path("\"c\" : {}"), "a[3].c");
        assert_eq!(path("} }"), "a[3]");
        assert_eq!(path("} ]"), "a");
        assert_eq!(path("tr"), "d");
        assert_eq!(Place::before(text, usize::MAX).to_string(), "d");
        for end in 0..text.len() {
            assert!(Place::before(text, end).to_string().len() < text.len());
        }
    }

    #[test]
    fn a_key_is_shown_without_its_escapes_and_may_be_cut_anywhere() {
        let text = r#"{"k\u0065y\n": {"\ud800": {"€": 1}}}"#;
        assert_eq!(Place::before(text, text.len() - 3).to_string(), "key\n.\\ud800.€");
        for end in 0..text.len() {
            assert!(Place::before(text, end).to_string().len() < text.len());
        }
    }

    #[test]
    fn lines_and_columns_are_counted_from_1() {
        assert_eq!((end_of("abc"), end_of("a\nbcd"), end_of("a\n\nb")), ((1, 3), (2, 3), (3, 1)));
    }

    #[test]
    fn nesting_is_followed_to_a_limit() {
        let text = format!("{}1{},2", "[".repeat(500), "]".repeat(499));
        let path = |position| Place::before(&text, position).to_string();
        assert_eq!(path(499), "[0]".repeat(DEEPEST));
        assert_eq!(path(text.len()), "[1]");
    }
}

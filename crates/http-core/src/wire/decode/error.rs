//! Why and where a response could not be decoded, without its values.

use std::fmt::{self, Write};

use serde_json::error::Category;

use crate::wire::allowance::EXCEEDED;
use crate::wire::glance::MARK;

/// The maximum length of a path, in bytes.
const LONGEST_PATH: usize = 512;

const TRUNCATED: &str = "the response is truncated";
const NOT_JSON: &str = "the response is not JSON";
const NULL_LIST: &str = "expected a list, found null, false or an empty text";

/// Why and where a response could not be decoded. It never quotes a value of the response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}{}", self.place())]
#[non_exhaustive]
pub struct DecodeError {
    /// The path to the value, e.g. `[3].storage[0].size`; `.` is the response itself.
    pub path: String,
    /// What is wrong with the value, e.g. "expected a list, found an object".
    pub what: String,
    /// The line in the response, from 1; 0 if the error is about the whole response.
    pub line: usize,
    /// The column in that line, from 1.
    pub column: usize,
}

impl DecodeError {
    /// Creates an error for a response, in any format, that differs from the provider's documentation.
    #[cold]
    pub fn new(what: impl Into<String>) -> Self {
        Self { path: ".".into(), what: what.into(), line: 0, column: 0 }
    }

    /// For provider crates: creates the error for a response that is `null`, or has `null`, `false` or an empty text in
    /// place of the list. Some providers write an empty list in this form, but it proves less than a list.
    #[cold]
    pub fn null_list() -> Self {
        Self::new(NULL_LIST)
    }

    pub(crate) fn is_null_list(&self) -> bool {
        self.what == NULL_LIST
    }

    #[cold]
    pub(crate) fn exceeded() -> Self {
        Self::new(EXCEEDED)
    }

    /// Creates the error for a web page that was returned instead of JSON.
    #[cold]
    pub(crate) fn page() -> Self {
        Self::new("the response is a web page; check the base URL")
    }

    /// Creates the error for a response about another resource than the one with this id.
    #[cold]
    pub(crate) fn about_another(id: &impl fmt::Display) -> Self {
        Self::new(format!("the response is about another resource than {id}"))
    }

    fn place(&self) -> String {
        match self {
            Self { line: 0, .. } => String::new(),
            Self { path, line, column, .. } if path == "." => format!(" (line {line}, column {column})"),
            Self { path, line, column, .. } => format!(" at `{path}` (line {line}, column {column})"),
        }
    }

    /// Creates an error for a response that is invalid as a whole.
    #[cold]
    pub(crate) fn whole(error: &serde_json::Error) -> Self {
        Self { path: ".".into(), what: describe(error), line: error.line(), column: error.column() }
    }

    /// Redacts the secrets in the path and the message, and limits the length of both. The keys of a response can be as
    /// private as its values.
    #[cold]
    pub(crate) fn sanitize(mut self, clean: impl Fn(&str) -> String) -> Self {
        self.path = clean(&self.path);
        self.what = clean(&self.what);
        self
    }
}

/// Returns the parts of a serde_json message that are known to come from types of this crate. The rest may quote the
/// value, which may be a secret.
fn describe(error: &serde_json::Error) -> String {
    let text = Ends::of(error);
    match error.classify() {
        Category::Eof => TRUNCATED.into(),
        Category::Syntax | Category::Io => NOT_JSON.into(),
        Category::Data => {
            let text = text.rsplit_once(" at line ").map_or(&*text, |(message, _)| message);
            let found =
                ["invalid type: ", "invalid value: "].iter().find_map(|start| text.strip_prefix(start));
            match (found, text.strip_prefix("missing field ")) {
                (Some(found), _) => {
                    let expected =
                        found.rsplit_once(", expected ").map_or("something else", |(_, tail)| tail);
                    format!("expected {}, found {}", name_of_type(expected), name_of_type(found))
                }
                (None, Some(field)) => format!("missing field {field}"),
                (None, None) if text == EXCEEDED => text.to_owned(),
                (None, None) => {
                    adapter_message(text).unwrap_or("found a value in an unexpected form").to_owned()
                }
            }
        }
    }
}

/// Converts serde's name for a type to JSON's name for it. A value that follows the name in a message is dropped.
fn name_of_type(name: &str) -> &str {
    const NAMES: &[(&str, &str)] = &[
        ("a map", "an object"),
        ("an object", "an object"),
        ("map", "an object"),
        ("struct ", "an object"),
        ("a sequence", "a list"),
        ("sequence", "a list"),
        ("a string", "text"),
        ("string", "text"),
        ("null", "null"),
        ("unit", "null"),
        ("integer", "a number"),
        ("floating point", "a number"),
        ("boolean", "a boolean"),
    ];
    match NAMES.iter().find(|(start, _)| name.starts_with(start)) {
        Some((_, name)) => name,
        None => name.split(' ').next().unwrap_or_default(),
    }
}

/// Returns a path of limited length. Only a hostile response has longer paths, because they consist of field names.
pub(super) fn shown_path(path: &impl fmt::Display) -> String {
    struct Beginning(String);

    impl Write for Beginning {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            text.chars().try_for_each(|c| {
                self.0.push(c);
                if self.0.len() < LONGEST_PATH { Ok(()) } else { Err(fmt::Error) }
            })
        }
    }

    let mut beginning = Beginning(String::new());
    if write!(beginning, "{path}").is_err() {
        // The mark shows that the path may end in the middle of a secret.
        beginning.0.push_str(MARK);
    }
    beginning.0
}

/// The beginning and the end of a message, without the middle.
#[derive(Default)]
struct Ends {
    beginning: String,
    end: String,
}

impl Ends {
    /// The length of each end, in bytes.
    const LENGTH: usize = 512;

    fn of(text: &impl fmt::Display) -> String {
        let mut ends = Self::default();
        let _ = write!(ends, "{text}");
        ends.beginning + &ends.end
    }
}

impl Write for Ends {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let boundary =
            |text: &str, at: usize| (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let room = if self.end.is_empty() { Self::LENGTH.saturating_sub(self.beginning.len()) } else { 0 };
        let (beginning, rest) = text.split_at(boundary(text, room.min(text.len())));
        self.beginning.push_str(beginning);
        let last = &rest[boundary(rest, rest.len().saturating_sub(Self::LENGTH))..];
        if last.len() < rest.len() {
            self.end.clear();
        }
        self.end.push_str(last);
        if self.end.len() > 2 * Self::LENGTH {
            self.end.drain(..boundary(&self.end, self.end.len() - Self::LENGTH));
        }
        Ok(())
    }
}

/// Returns `text` if it is the message of one of this crate's adapters, which names only the type of the invalid value.
fn adapter_message(text: &str) -> Option<&str> {
    let (_, found) = text.strip_prefix("expected ")?.rsplit_once(", found ")?;
    let by_type = ["null", "a boolean", "a number", "a list", "an object"].contains(&found);
    let length = found.strip_prefix("text of ").and_then(|rest| rest.strip_suffix(" bytes"));
    (by_type || length.is_some_and(|length| length.parse::<usize>().is_ok())).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::decode::json;

    #[test]
    fn the_error_of_an_adapter_names_the_expected_and_the_found_type() {
        crate::wire::models! {
            struct Lenient {
                size: u32,
            }
        }
        let error = json::<Lenient>(br#"{"size": "CANARY"}"#).unwrap_err();
        assert!(error.what.ends_with(", found text of 6 bytes"), "{}", error.what);
        assert!(adapter_message("expected a key, found hunter2").is_none());
    }

    #[test]
    fn the_message_of_another_crate_is_not_shown() {
        let error: serde_json::Error = serde::de::Error::custom("the password hunter2 is too short");
        assert_eq!(DecodeError::whole(&error).what, "found a value in an unexpected form");
    }

    #[test]
    fn an_error_shows_its_place_unless_it_is_about_the_whole_response() {
        let error =
            |path: &str, line| DecodeError { path: path.into(), line, column: 5, ..DecodeError::new("bad") };
        for (error, shown) in [
            (error("[3].size", 2), "bad at `[3].size` (line 2, column 5)"),
            (error(".", 2), "bad (line 2, column 5)"),
            (error(".", 0), "bad"),
        ] {
            assert_eq!(error.to_string(), shown);
        }
    }

    #[test]
    fn a_long_path_is_cut_at_the_maximum_length() {
        for (length, cut) in [(LONGEST_PATH - 1, false), (2 * LONGEST_PATH, true)] {
            let path = "a".repeat(length);
            let shown = if cut { path[..LONGEST_PATH].to_owned() + MARK } else { path.clone() };
            assert_eq!(shown_path(&path), shown);
        }
    }

    #[test]
    fn of_a_long_message_only_the_beginning_and_the_end_are_kept() {
        /// A message that is written in pieces of this many bytes.
        struct Pieces<'a>(&'a str, usize);

        impl fmt::Display for Pieces<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut rest = self.0;
                while !rest.is_empty() {
                    let (piece, after) = rest.split_at(rest.len().min(self.1));
                    f.write_str(piece)?;
                    rest = after;
                }
                Ok(())
            }
        }

        let (most, length) = (3 * Ends::LENGTH, Ends::LENGTH);
        let text = (0..2000).map(|number| format!("{number:04} ")).collect::<Vec<_>>().concat();
        for size in [1, 100, 700, text.len()] {
            for text in [&text[..10], &text[..600], &text[..2 * length], &text[..1400], &text] {
                let kept = Ends::of(&Pieces(text, size));
                let beginning = text.len().min(length);
                assert!(kept.len() <= most && kept.starts_with(&text[..beginning]), "{size}: {kept}");
                let end = kept.len() - beginning;
                assert!(end >= (text.len() - beginning).min(length), "{size}: {kept}");
                assert!(text.ends_with(&kept[beginning..]), "{size}: {kept}");
            }
        }
    }
}

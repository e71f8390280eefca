//! From the bytes of a response to a value: once, and a second time only to say where it failed.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt::{self, Write};
use std::marker::PhantomData;

use serde::de::{
    Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, Error, IgnoredAny, SeqAccess, Visitor,
};
use serde_json::error::Category;
use serde_json::value::RawValue;

use crate::wire::allowance::{self, EXCEEDED};
use crate::wire::members::members;

/// Why and where a response could not be decoded. It never quotes a value of the response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}{}", self.place())]
#[non_exhaustive]
pub struct DecodeError {
    /// The path to the value, e.g. `[3].storage[0].size`; `.` is the response itself.
    pub path: String,
    /// What was wrong with it.
    pub what: String,
    /// The line in the response, from 1; 0 where the response as a whole is meant.
    pub line: usize,
    /// The column in that line, from 1.
    pub column: usize,
}

impl DecodeError {
    /// For responses that are not what their provider promises, in whatever format.
    pub fn new(what: impl Into<String>) -> Self {
        Self { path: ".".into(), what: what.into(), line: 0, column: 0 }
    }

    /// A web page where JSON was promised.
    pub(crate) fn page() -> Self {
        Self::new("a web page came in place of the response, check the base URL")
    }

    fn place(&self) -> String {
        match self {
            Self { line: 0, .. } => String::new(),
            Self { path, line, column, .. } if path == "." => format!(" (line {line}, column {column})"),
            Self { path, line, column, .. } => format!(" at `{path}` (line {line}, column {column})"),
        }
    }

    /// For a response that is broken as a whole.
    pub(crate) fn whole(error: &serde_json::Error) -> Self {
        Self::of(".".into(), error)
    }

    /// Takes the secrets out of path and text, and bounds both. Keys of a response are no more to be trusted than its
    /// values.
    pub(crate) fn sanitize(mut self, clean: impl Fn(&str) -> String) -> Self {
        self.path = clean(&self.path);
        self.what = clean(&self.what);
        self
    }

    fn of(path: String, error: &serde_json::Error) -> Self {
        Self { path, what: describe(error), line: error.line(), column: error.column() }
    }
}

/// serde_json quotes the value that it could not take: a secret, perhaps. Only the parts of its messages that
/// are known to come from our types are kept.
fn describe(error: &serde_json::Error) -> String {
    let text = Ends::of(error);
    match error.classify() {
        Category::Eof => "the response ends too early".into(),
        Category::Syntax | Category::Io => "the response is not JSON".into(),
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
                (None, None) => adapter_message(text)
                    .unwrap_or("found a value that does not have the expected form")
                    .to_owned(),
            }
        }
    }
}

/// What serde calls a type, in the words of JSON. What is found is followed by its value, which is not kept.
fn name_of_type(name: &str) -> &str {
    const NAMES: &[(&str, &str)] = &[
        ("a map", "an object"),
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

/// The beginning and the end of a text; what is between is not kept.
#[derive(Default)]
struct Ends {
    beginning: String,
    end: String,
}

impl Ends {
    /// In bytes, each.
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

/// The words of this crate's own adapters, which name what was found by its type.
fn adapter_message(text: &str) -> Option<&str> {
    let (_, found) = text.strip_prefix("expected ")?.rsplit_once(", found ")?;
    let by_type = ["null", "a boolean", "a number", "a list", "an object"].contains(&found);
    let length = found.strip_prefix("text of ").and_then(|rest| rest.strip_suffix(" bytes"));
    (by_type || length.is_some_and(|length| length.parse::<usize>().is_ok())).then_some(text)
}

/// Decodes JSON; an empty body counts as `null`.
pub(crate) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    decode(
        body,
        |body| serde_json::from_slice(body),
        |body, error| {
            let mut deserializer = serde_json::Deserializer::from_slice(body);
            match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
                Ok(_) => DecodeError::whole(&error),
                Err(error) => DecodeError::of(Ends::of(error.path()), error.inner()),
            }
        },
    )
}

/// Decodes a body by `read`. If that fails, `explain` reads it once more to say where.
fn decode<T>(
    body: &[u8],
    read: impl Fn(&[u8]) -> serde_json::Result<T>,
    explain: impl FnOnce(&[u8], serde_json::Error) -> DecodeError,
) -> Result<T, DecodeError> {
    let body = if body.trim_ascii().is_empty() { b"null" } else { body };
    if body.trim_ascii_start().starts_with(b"<") {
        return Err(DecodeError::page());
    }
    let decode = || {
        let mut error = match allowance::attempt(|| read(body)) {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        // One bad byte costs no more than the text that it is in.
        let lossy = lossy(body)?;
        if let Cow::Owned(body) = &lossy {
            error = match allowance::attempt(|| read(body.as_bytes())) {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
        }
        Err(explain(lossy.as_bytes(), error))
    };
    allowance::within(body.len(), || allowance::attempt(decode))
}

/// A long body that has more bad bytes than one in so many is no text.
const MOST_BAD_BYTES: usize = 4;
/// How long a body is that may consist of bad bytes, in bytes.
const SHORT: usize = 64 * 1024;

/// The body as text, with a mark in place of each bad byte. A mark takes three bytes.
fn lossy(body: &[u8]) -> Result<Cow<'_, str>, DecodeError> {
    if let Ok(text) = std::str::from_utf8(body) {
        return Ok(text.into());
    }
    let bad: usize = body.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    if body.len() > SHORT && bad > body.len() / MOST_BAD_BYTES {
        return Err(DecodeError::new("the response is neither JSON nor text in UTF-8"));
    }
    let mut text = String::with_capacity(body.len() + 2 * bad);
    for chunk in body.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    Ok(text.into())
}

/// Finds the rows of a response and calls the function with each, still undecoded.
pub type FindRows = fn(&[u8], &mut dyn FnMut(&RawValue)) -> Result<(), DecodeError>;

/// Decodes all rows of a response in its usual form; `None` if it has another one, or a row cannot be decoded.
pub type ReadRows<T> = fn(&[u8]) -> Option<Vec<T>>;

/// Finds the rows of a response that is an array; `null` and an empty body count as an empty array.
///
/// # Errors
///
/// A [`DecodeError`] if the body is anything else.
pub(crate) fn array_rows(body: &[u8], each: &mut dyn FnMut(&RawValue)) -> Result<(), DecodeError> {
    if body.trim_ascii().is_empty() {
        return Ok(());
    }
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let rows = deserializer.deserialize_option(EachRow(each));
    rows.and_then(|()| deserializer.end()).map_err(|error| DecodeError::whole(&error))
}

/// The rows of a response that must be an array: nothing else proves that a row is gone.
///
/// # Errors
///
/// [`DecodeError`] if the response is not a JSON array.
pub fn listed_rows(body: &[u8], each: &mut dyn FnMut(&RawValue)) -> Result<(), DecodeError> {
    if body.trim_ascii_start().starts_with(b"[") {
        array_rows(body, each)
    } else {
        Err(DecodeError::new("expected a list"))
    }
}

struct EachRow<'a>(&'a mut dyn FnMut(&RawValue));

impl<'de> Visitor<'de> for EachRow<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        while let Some(row) = rows.next_element::<&RawValue>()? {
            (self.0)(row);
        }
        Ok(())
    }
}

/// Finds the rows of a response that is an object with the array in this member.
///
/// # Errors
///
/// A [`DecodeError`] if the body is no JSON, or has no array in this member.
pub fn member_rows(body: &[u8], member: &str, each: &mut dyn FnMut(&RawValue)) -> Result<(), DecodeError> {
    serde_json::from_slice::<IgnoredAny>(body).map_err(|error| DecodeError::whole(&error))?;
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(DecodeError::new("expected an object"));
    }
    let mut found: Option<&[u8]> = None;
    members(body, |key, value| {
        if key == member {
            found = Some(value);
        }
    });
    let found = found.filter(|value| value.starts_with(b"["));
    array_rows(found.ok_or_else(|| DecodeError::new(format!("expected a list in `{member}`")))?, each)
}

/// Finds the only row of a response that is one object.
///
/// # Errors
///
/// A [`DecodeError`] if the body is no JSON.
pub fn object_row(body: &[u8], each: &mut dyn FnMut(&RawValue)) -> Result<(), DecodeError> {
    each(serde_json::from_slice(body).map_err(|error| DecodeError::whole(&error))?);
    Ok(())
}

/// Decodes an array, all of its rows or none; `null` and nothing count as empty.
pub(crate) fn array<T: DeserializeOwned>(body: &[u8]) -> Result<Vec<T>, DecodeError> {
    let decoded = Cell::new(0);
    decode(
        body,
        |body| {
            let mut deserializer = serde_json::Deserializer::from_slice(body);
            let rows = deserializer.deserialize_option(Array { decoded: &decoded, rows: PhantomData })?;
            deserializer.end().map(|()| rows)
        },
        |body, error| {
            // The rows before the bad one are only skipped.
            let row = BadRow::<T> { index: decoded.get(), path: &RefCell::default(), row: PhantomData };
            let path = row.path;
            match serde_json::Deserializer::from_slice(body).deserialize_option(row) {
                Ok(()) => DecodeError::whole(&error),
                Err(error) => DecodeError::of(path.take().unwrap_or_else(|| ".".into()), &error),
            }
        },
    )
}

/// The rows of an array.
struct Array<'a, T> {
    /// How many are decoded.
    decoded: &'a Cell<usize>,
    rows: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Array<'_, T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_none<E: Error>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<T>, D::Error> {
        deserializer.deserialize_seq(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Vec<T>, A::Error> {
        let mut array = Vec::new();
        self.decoded.set(0);
        while let Some(row) = rows.next_element()? {
            allowance::push(&mut array, row)?;
            self.decoded.set(array.len());
        }
        Ok(array)
    }
}

/// The row of an array that cannot be decoded, and the path to where it fails.
struct BadRow<'a, T> {
    index: usize,
    path: &'a RefCell<Option<String>>,
    row: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for BadRow<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        for _ in 0..self.index {
            rows.next_element::<IgnoredAny>()?;
        }
        rows.next_element_seed(self)?;
        while rows.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for BadRow<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let Err(error) = serde_path_to_error::deserialize::<_, T>(deserializer) else { return Ok(()) };
        let path = Ends::of(error.path());
        let dot = if path.starts_with('[') { "" } else { "." };
        let path = if path == "." { String::new() } else { format!("{dot}{path}") };
        self.path.replace(Some(format!("[{}]{path}", self.index)));
        Err(error.into_inner())
    }
}

/// Decodes rows, all of them or none.
pub(crate) fn rows<T: DeserializeOwned>(body: &[u8], rows: FindRows) -> Result<Vec<T>, DecodeError> {
    let (mut decoded, mut index) = (Ok(Vec::new()), 0);
    let body = lossy(body)?;
    allowance::within(body.len(), || {
        rows(body.as_bytes(), &mut |row| {
            if let Ok(items) = &mut decoded
                && let Err(error) = row_of(index, row).and_then(|item| keep(items, item))
            {
                decoded = Err(error);
            }
            index += 1;
        })
    })?;
    decoded
}

/// Decodes rows in one pass, if the response has its usual form.
pub(crate) fn usual_rows<T>(body: &[u8], read: ReadRows<T>) -> Option<Vec<T>> {
    allowance::within(body.len(), || allowance::attempt(|| read(body).ok_or(()))).ok()
}

/// Decodes rows and keeps the good ones.
pub(crate) fn tolerant<T: DeserializeOwned>(
    body: &[u8],
    rows: FindRows,
) -> Result<PartialList<T>, DecodeError> {
    let mut list = PartialList { items: Vec::new(), errors: Vec::new(), failed: 0 };
    let (mut exceeded, mut index) = (None, 0);
    let body = lossy(body)?;
    allowance::within(body.len(), || {
        rows(body.as_bytes(), &mut |row| {
            let item = if exceeded.is_none() {
                let item = if list.errors.len() < MOST_ERRORS {
                    row_of(index, row)
                } else {
                    // Why it fails is not of interest any more.
                    allowance::attempt(|| serde_json::from_str(row.get()))
                        .map_err(|error| DecodeError::whole(&error))
                };
                item.and_then(|item| keep(&mut list.items, item))
            } else {
                Ok(())
            };
            match item {
                Ok(()) => {}
                Err(reason) if reason.what == EXCEEDED => exceeded = Some(reason),
                Err(reason) => {
                    list.failed += 1;
                    if list.errors.len() < MOST_ERRORS {
                        list.errors.push(ItemError { index, reason });
                    } else if list.failed > MOST_FAILED {
                        exceeded = Some(DecodeError::new("far too many rows cannot be read"));
                    }
                }
            }
            index += 1;
        })
    })?;
    exceeded.map_or(Ok(list), Err)
}

fn keep<T>(items: &mut Vec<T>, item: T) -> Result<(), DecodeError> {
    allowance::push::<_, serde_json::Error>(items, item).map_err(|_| DecodeError::new(EXCEEDED))
}

fn row_of<T: DeserializeOwned>(index: usize, row: &RawValue) -> Result<T, DecodeError> {
    json(row.get().as_bytes()).map_err(|error| {
        let path = if error.path == "." { String::new() } else { format!(".{}", error.path) };
        DecodeError { path: format!("[{index}]{path}"), ..error }
    })
}

/// The errors of more items than these are counted and not kept.
const MOST_ERRORS: usize = 100;
/// A list of which more items cannot be read is none.
const MOST_FAILED: usize = 50_000;

/// A list of which every readable row is kept: the answer of [`ListCall::tolerant`](crate::ListCall::tolerant).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PartialList<T> {
    /// The rows that could be read, in the provider's order.
    pub items: Vec<T>,
    /// Why rows could not be read, of the first 100.
    pub errors: Vec<ItemError>,
    /// How many rows could not be read.
    pub failed: usize,
}

/// One row of a list that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ItemError {
    /// Its place in the provider's list, from 0.
    pub index: usize,
    /// What was wrong with it; line and column count within the row.
    pub reason: DecodeError,
}

impl ItemError {
    pub(crate) fn sanitize(self, clean: impl Fn(&str) -> String) -> Self {
        Self { reason: self.reason.sanitize(clean), ..self }
    }
}

impl fmt::Display for ItemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}: {}", self.index, self.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Disk {
        size: u32,
    }

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Vm {
        storage: Vec<Disk>,
    }

    const LIST: &[u8] =
        br#"[{"storage": []}, {"storage": [{"size": 1}, {"size": "CANARY, expected more"}]}]"#;

    #[test]
    fn a_failure_names_the_path_and_the_types_but_no_value() {
        let error = json::<Vec<Vm>>(LIST).unwrap_err();
        assert_eq!(error.path, "[1].storage[1].size");
        assert_eq!(error.what, "expected u32, found text");
        assert!(!error.to_string().contains("CANARY"));
    }

    /// The rows before the bad one are skipped, which must not show in what is said.
    #[test]
    fn a_bad_row_is_described_like_the_list_as_a_whole() {
        let odd = [
            r#"[{"size": 1}, {"size": "x"}, {"size": 2}]"#,
            r#"[{"size": 1}, 5]"#,
            r#"[{"size": 1}, {"size": 2}"#,
            r#"[{"size": 1}, {"siz"#,
            r#"[{"size": 1} {"size": 2}]"#,
            "[{\"size\": 1},\n {\"size\": 2,}]",
            r#"[{"size": 1}] x"#,
            r#"{"size": 1}"#,
            "7",
            "[",
        ];
        for body in odd {
            let (row, whole) = (array::<Disk>(body.as_bytes()), json::<Option<Vec<Disk>>>(body.as_bytes()));
            assert_eq!(row.unwrap_err(), whole.unwrap_err(), "{body}");
        }
        let nested = [r#"[[{"size": 1}, {"size": "x"}]]"#, r#"[[], {"a": 1}]"#];
        for body in nested {
            let row = array::<Vec<Disk>>(body.as_bytes());
            let whole = json::<Option<Vec<Vec<Disk>>>>(body.as_bytes());
            assert_eq!(row.unwrap_err(), whole.unwrap_err(), "{body}");
        }
    }

    #[test]
    fn an_adapter_says_what_it_expected_and_the_type_it_found() {
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
    fn a_missing_field_is_named() {
        assert_eq!(json::<Disk>(b"{}").unwrap_err().what, "missing field `size`");
    }

    #[test]
    fn text_behind_the_json_is_not_overlooked() {
        assert_eq!(json::<Disk>(b"{\"size\": 1} x").unwrap_err().what, "the response is not JSON");
    }

    #[test]
    fn rows_of_a_member_need_the_member() {
        let count = |body: &str| {
            let mut rows = 0;
            member_rows(body.as_bytes(), "storage", &mut |_| rows += 1).map(|()| rows)
        };
        assert_eq!(count(r#"{"storage": [{}, {}]}"#), Ok(2));
        assert_eq!(count(r#"{"storage": []}"#), Ok(0));
        for body in ["{}", r#"{"storage": null}"#, r#"{"storage": {}}"#, "[]", ""] {
            assert!(count(body).is_err(), "{body}");
        }
    }

    #[test]
    fn an_error_of_rows_names_what_is_expected() {
        let error = array_rows(b"{}", &mut |_| ()).unwrap_err();
        assert_eq!(error.what, "expected a list, found an object");
    }

    #[test]
    fn an_empty_body_counts_as_null() {
        assert_eq!(json::<Option<Disk>>(b" \n").unwrap(), None);
        json::<()>(b"").unwrap();
        assert!(array::<Disk>(b"null").unwrap().is_empty());
    }

    #[test]
    fn one_bad_row_does_not_hide_the_others() {
        let list = tolerant::<Disk>(br#"[{"size": 1}, {"size": -1}, {"size": 3}]"#, array_rows).unwrap();
        assert_eq!(list.items, [Disk { size: 1 }, Disk { size: 3 }]);
        assert_eq!((list.errors.len(), list.failed, list.errors[0].index), (1, 1, 1));
        assert_eq!(list.errors[0].reason.path, "[1].size");
    }

    #[test]
    fn a_bad_byte_costs_no_more_than_the_text_that_it_is_in() {
        let good = b"[{\"size\": 1}, {\"size\": 2, \"name\": \"K\xf5ik\"}]";
        assert_eq!(json::<Vec<Disk>>(good).unwrap().len(), 2);
        assert_eq!(rows::<Disk>(good, array_rows).unwrap().len(), 2);
        let list =
            tolerant::<Disk>(b"[{\"size\": 1}, {\"size\": \"\xff\"}, {\"size\": 3}]", array_rows).unwrap();
        assert_eq!((list.items.len(), list.errors.len()), (2, 1));
        assert_eq!(json::<String>(b"\"K\xf5ik\"").unwrap(), "K\u{fffd}ik");
    }

    #[test]
    fn a_response_that_is_no_list_fails_even_tolerantly() {
        assert!(tolerant::<Disk>(br#"{"error": "x"}"#, array_rows).is_err());
    }
}

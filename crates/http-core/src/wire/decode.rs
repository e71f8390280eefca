//! From the bytes of a reply to a value: once, and a second time only to say where it failed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_json::value::RawValue;

/// Why and where a reply could not be decoded. It never quotes a value of the reply.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}{}", self.place())]
#[non_exhaustive]
pub struct DecodeError {
    /// The path to the value, e.g. `[3].storage[0].size`; `.` is the reply itself.
    pub path: String,
    /// What was wrong with it.
    pub what: String,
    /// The line in the reply, from 1; 0 where the reply as a whole is meant.
    pub line: usize,
    /// The column in that line, from 1.
    pub column: usize,
}

impl DecodeError {
    /// For replies that are not what their provider promises, in whatever format.
    pub fn new(what: impl Into<String>) -> Self {
        Self { path: ".".into(), what: what.into(), line: 0, column: 0 }
    }

    /// A web page where JSON was promised.
    pub(crate) fn page() -> Self {
        Self::new("a web page came in place of the reply, check the base URL")
    }

    fn place(&self) -> String {
        match self {
            Self { line: 0, .. } => String::new(),
            Self { path, line, column, .. } => format!(" at `{path}` (line {line}, column {column})"),
        }
    }

    /// For a reply that is broken as a whole.
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
    let text = error.to_string();
    match error.classify() {
        Category::Eof => "the reply ends too early".into(),
        Category::Syntax | Category::Io => "the reply is not JSON".into(),
        Category::Data => {
            let found =
                ["invalid type: ", "invalid value: "].iter().find_map(|start| text.strip_prefix(start));
            match (found, text.strip_prefix("missing field ")) {
                (Some(rest), _) => {
                    let kind: String =
                        rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == ' ').collect();
                    let expected = rest.rsplit_once(", expected ").map_or("something else", |(_, tail)| tail);
                    let expected = expected.rsplit_once(" at line ").map_or(expected, |(head, _)| head);
                    format!("found {}, expected {expected}", kind.trim())
                }
                (None, Some(field)) => {
                    format!("missing field {}", field.split(" at line ").next().unwrap_or(""))
                }
                (None, None) => adapter_message(&text).unwrap_or("a value that cannot be taken").to_owned(),
            }
        }
    }
}

/// The words of this crate's own adapters, which name what was found by its type.
fn adapter_message(text: &str) -> Option<&str> {
    let text = text.rsplit_once(" at line ").map_or(text, |(message, _)| message);
    let (_, found) = text.strip_prefix("expected ")?.rsplit_once(", found ")?;
    let by_type = ["null", "a boolean", "a number", "a list", "an object"].contains(&found);
    let length = found.strip_prefix("text of ").and_then(|rest| rest.strip_suffix(" bytes"));
    (by_type || length.is_some_and(|length| length.parse::<usize>().is_ok())).then_some(text)
}

/// Decodes JSON; an empty body counts as `null`.
pub(crate) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    let body = if body.trim_ascii().is_empty() { b"null" } else { body };
    if body.trim_ascii_start().starts_with(b"<") {
        return Err(DecodeError::page());
    }
    serde_json::from_slice(body).or_else(|_| {
        // One bad byte costs no more than the text that it is in.
        let body = &*String::from_utf8_lossy(body);
        if let Ok(value) = serde_json::from_str(body) {
            return Ok(value);
        }
        let body = body.as_bytes();
        let mut deserializer = serde_json::Deserializer::from_slice(body);
        let value = serde_path_to_error::deserialize(&mut deserializer)
            .map_err(|error| DecodeError::of(error.path().to_string(), error.inner()))?;
        deserializer.end().map_err(|error| DecodeError::whole(&error))?;
        Ok(value)
    })
}

/// The rows of a reply, each still undecoded.
pub type FindRows = fn(&[u8]) -> Result<Vec<Cow<'_, RawValue>>, DecodeError>;

/// The rows of a reply that is an array; `null` and nothing count as empty.
pub fn array_rows(body: &[u8]) -> Result<Vec<Cow<'_, RawValue>>, DecodeError> {
    if body.trim_ascii().is_empty() {
        return Ok(Vec::new());
    }
    serde_json::from_slice::<Option<Vec<&RawValue>>>(body)
        .map(|rows| rows.unwrap_or_default().into_iter().map(Cow::Borrowed).collect())
        .map_err(|error| DecodeError::whole(&error))
}

/// The rows of a response that is an object with the array in this member; without the member there are none.
pub fn member_rows<'a>(body: &'a [u8], member: &str) -> Result<Vec<Cow<'a, RawValue>>, DecodeError> {
    let members: BTreeMap<String, &RawValue> =
        serde_json::from_slice(body).map_err(|error| DecodeError::whole(&error))?;
    members.get(member).map_or(Ok(Vec::new()), |rows| array_rows(rows.get().as_bytes()))
}

/// A response that is one object, as its only row.
pub fn object_row(body: &[u8]) -> Result<Vec<Cow<'_, RawValue>>, DecodeError> {
    serde_json::from_slice(body)
        .map(|row: &RawValue| vec![Cow::Borrowed(row)])
        .map_err(|error| DecodeError::whole(&error))
}

/// Decodes rows, all of them or none.
pub(crate) fn rows<T: DeserializeOwned>(body: &[u8], rows: FindRows) -> Result<Vec<T>, DecodeError> {
    let body = String::from_utf8_lossy(body);
    let decode = |(index, row): (usize, Cow<'_, RawValue>)| row_of(index, &row);
    rows(body.as_bytes())?.into_iter().enumerate().map(decode).collect()
}

/// Decodes rows and keeps the good ones.
pub(crate) fn tolerant<T: DeserializeOwned>(
    body: &[u8],
    rows: FindRows,
) -> Result<PartialList<T>, DecodeError> {
    let body = String::from_utf8_lossy(body);
    let mut list = PartialList { items: Vec::new(), errors: Vec::new() };
    for (index, row) in rows(body.as_bytes())?.into_iter().enumerate() {
        match row_of(index, &row) {
            Ok(row) => list.items.push(row),
            Err(reason) => list.errors.push(ItemError { index, reason }),
        }
    }
    Ok(list)
}

fn row_of<T: DeserializeOwned>(index: usize, row: &RawValue) -> Result<T, DecodeError> {
    json(row.get().as_bytes()).map_err(|error| {
        let path = if error.path == "." { String::new() } else { format!(".{}", error.path) };
        DecodeError { path: format!("[{index}]{path}"), ..error }
    })
}

/// A list of which every readable row is kept: the answer of [`ListCall::tolerant`](crate::ListCall::tolerant).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PartialList<T> {
    /// The rows that could be read, in the provider's order.
    pub items: Vec<T>,
    /// The rows that could not.
    pub errors: Vec<ItemError>,
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
        assert_eq!(error.what, "found string, expected u32");
        assert!(!error.to_string().contains("CANARY"));
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
        assert_eq!(json::<Disk>(b"{\"size\": 1} x").unwrap_err().what, "the reply is not JSON");
    }

    #[test]
    fn an_empty_body_counts_as_null() {
        assert_eq!(json::<Option<Disk>>(b" \n").unwrap(), None);
        json::<()>(b"").unwrap();
        assert!(rows::<Disk>(b"null", array_rows).unwrap().is_empty());
    }

    #[test]
    fn one_bad_row_does_not_hide_the_others() {
        let list = tolerant::<Disk>(br#"[{"size": 1}, {"size": -1}, {"size": 3}]"#, array_rows).unwrap();
        assert_eq!(list.items, [Disk { size: 1 }, Disk { size: 3 }]);
        assert_eq!((list.errors.len(), list.errors[0].index), (1, 1));
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
    fn rows_lie_in_a_member_or_are_the_object_itself() {
        let body = br#"{"size": 3, "storage": [{"size": 1}, {"size": 2}], "none": null}"#;
        let sizes = |find: FindRows| rows::<Disk>(body, find).unwrap().into_iter().map(|disk| disk.size);
        assert!(sizes(|body| member_rows(body, "storage")).eq([1, 2]));
        assert!(sizes(object_row).eq([3]));
        assert_eq!(
            sizes(|body| member_rows(body, "none")).chain(sizes(|body| member_rows(body, "x"))).count(),
            0
        );
        assert!(rows::<Disk>(b"[]", |body| member_rows(body, "storage")).is_err());
        assert!(rows::<Disk>(b"", object_row).is_err());
    }

    #[test]
    fn a_reply_that_is_no_list_fails_even_tolerantly() {
        assert!(tolerant::<Disk>(br#"{"error": "x"}"#, array_rows).is_err());
    }
}

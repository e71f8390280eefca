//! Finds the rows of a response, whether the response is an array or contains the rows elsewhere.

use serde::de::{DeserializeOwned, IgnoredAny, SeqAccess};
use serde_json::value::RawValue;

use super::error::DecodeError;
use super::json::{json, text};
use super::list::{ReadItems, read_list};
use crate::wire::allowance::{self, LONG};
use crate::wire::members::members;

/// Finds the rows of a response and calls the function with each undecoded row.
pub type FindRows = fn(&str, &mut dyn FnMut(&RawValue)) -> Result<(), DecodeError>;

/// Decodes all rows of a response in its usual form; returns `None` if the response has another form or a row cannot be
/// decoded.
pub type ReadRows<T> = fn(&str) -> Option<Vec<T>>;

/// Finds the rows of a response that is an array; `null` and an empty body count as an empty array.
///
/// # Errors
///
/// A [`DecodeError`] if the body is anything else.
pub(crate) fn array_rows(body: &str, each: &mut dyn FnMut(&RawValue)) -> Result<(), DecodeError> {
    if body.trim_ascii().is_empty() {
        return Ok(());
    }
    read_list(body, EachRow(each)).map_err(|failure| failure.explain(body))
}

struct EachRow<'a>(&'a mut dyn FnMut(&RawValue));

impl<'de> ReadItems<'de> for EachRow<'_> {
    type Value = ();

    fn read<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        while let Some(row) = rows.next_element::<&RawValue>()? {
            allowance::step()?;
            (self.0)(row);
        }
        Ok(())
    }
}

/// Finds the rows of a response that must be an array, because only an array proves that a row is missing.
///
/// # Errors
///
/// A [`DecodeError`] if the response is not a JSON array.
pub fn listed_rows(body: &str, each: &mut dyn FnMut(&RawValue)) -> Result<(), DecodeError> {
    match body.trim_ascii() {
        list if list.starts_with('[') => array_rows(body, each),
        "null" => Err(DecodeError::null_list()),
        _ => Err(DecodeError::new("expected a list")),
    }
}

/// Finds the rows of a response that is an object; its member `member` must be the array of rows.
///
/// # Errors
///
/// A [`DecodeError`] if the body is not JSON, or has no array in `member`.
pub fn member_rows(body: &str, member: &str, each: &mut dyn FnMut(&RawValue)) -> Result<(), DecodeError> {
    serde_json::from_str::<IgnoredAny>(body).map_err(|error| DecodeError::whole(&error))?;
    if !body.trim_ascii_start().starts_with('{') {
        return Err(DecodeError::new("expected an object"));
    }
    let mut found = None;
    members(body.as_bytes(), |key, value| {
        if key == member {
            found = std::str::from_utf8(value).ok();
        }
    });
    match found {
        Some(list) if list.starts_with('[') => array_rows(list, each),
        Some("null" | "false" | r#""""#) => Err(DecodeError::null_list()),
        _ => Err(DecodeError::new(format!("expected a list in `{member}`"))),
    }
}

/// Finds the only row of a response that is one object.
///
/// # Errors
///
/// A [`DecodeError`] if the body is not JSON.
pub fn object_row(body: &str, each: &mut dyn FnMut(&RawValue)) -> Result<(), DecodeError> {
    each(serde_json::from_str(body).map_err(|error| DecodeError::whole(&error))?);
    Ok(())
}

/// Decodes either all rows or none.
pub(crate) fn rows<T: DeserializeOwned>(body: &[u8], rows: FindRows) -> Result<Vec<T>, DecodeError> {
    let text = text(body)?;
    allowance::within(body.len(), || {
        let (mut decoded, mut index) = (Ok(room(text, rows)?), 0);
        rows(text, &mut |row| {
            if let Ok(items) = &mut decoded
                && let Err(error) = row_of(index, row).and_then(|item| keep(items, item))
            {
                decoded = Err(error);
            }
            index += 1;
        })?;
        decoded
    })
}

/// Returns an empty list with room for the rows of a long response, so that it never grows: a growing list would
/// briefly exist in two copies.
pub(super) fn room<T>(text: &str, rows: FindRows) -> Result<Vec<T>, DecodeError> {
    let mut count = 0;
    if text.len() > LONG {
        rows(text, &mut |_| count += 1)?;
    }
    allowance::list::<_, serde_json::Error>(count).map_err(|_| DecodeError::exceeded())
}

/// Decodes rows in one pass, if the response has the usual form and is not so long that its rows have to be counted.
pub(crate) fn usual_rows<T>(body: &[u8], read: ReadRows<T>) -> Option<Vec<T>> {
    let text = std::str::from_utf8(body).ok().filter(|text| text.len() <= LONG)?;
    allowance::within(body.len(), || allowance::attempt(|| read(text).ok_or(()))).ok()
}

pub(super) fn keep<T>(items: &mut Vec<T>, item: T) -> Result<(), DecodeError> {
    allowance::push::<_, serde_json::Error>(items, item).map_err(|_| DecodeError::exceeded())
}

pub(super) fn row_of<T: DeserializeOwned>(index: usize, row: &RawValue) -> Result<T, DecodeError> {
    json(row.get().as_bytes()).map_err(|error| {
        let path = if error.path == "." { String::new() } else { format!(".{}", error.path) };
        DecodeError { path: format!("[{index}]{path}"), ..error }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_row_is_located() {
        let error = rows::<u8>(br#"[1, 2, "x", "y"]"#, array_rows).unwrap_err();
        assert_eq!(error.path, "[2]");
    }

    #[test]
    fn the_rows_of_a_short_response_in_its_usual_form_are_decoded_in_one_pass() {
        let read = |body: &[u8]| usual_rows::<u8>(body, |text| serde_json::from_str(text).ok());
        let body = |length| [b"[1, 2]".to_vec(), vec![b' '; length - 6]].concat();
        for (body, rows) in [
            (body(6), Some(vec![1, 2])),
            (body(LONG), Some(vec![1, 2])),
            (body(LONG + 1), None),
            (b"{}".to_vec(), None),
            (b"[1, 2]\xff".to_vec(), None),
        ] {
            assert_eq!(read(&body), rows, "{} bytes", body.len());
        }
    }

    #[test]
    fn a_value_that_means_an_empty_list_is_reported_as_such() {
        for (value, is_null_list) in
            [("null", true), ("false", true), (r#""""#, true), ("true", false), ("{}", false), ("0", false)]
        {
            let body = format!(r#"{{"rows": {value}}}"#);
            let error = member_rows(&body, "rows", &mut |_| ()).unwrap_err();
            assert_eq!(error.is_null_list(), is_null_list, "{value}");
        }
    }
}

//! Decodes the valid rows of a list, and reports why the others are invalid.

use std::fmt;

use serde::de::DeserializeOwned;

use super::error::DecodeError;
use super::json::text;
use super::rows::{FindRows, keep, room, row_of};
use crate::wire::allowance::{self, EXCEEDED};
use crate::wire::lenient;
use crate::wire::only_objects::Row;

/// The maximum number of errors that are kept; further ones are only counted.
const MOST_ERRORS: usize = 100;
/// A response with more invalid rows does not count as a list.
const MOST_FAILED: usize = 50_000;

/// A list without the rows that cannot be decoded; returned by
/// [`ListCall::tolerant`](crate::ListCall::tolerant).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PartialList<T> {
    /// The rows that could be decoded, in the provider's order.
    pub items: Vec<T>,
    /// The errors of the first 100 rows that could not be decoded.
    pub errors: Vec<ItemError>,
    /// The number of rows that could not be decoded.
    pub failed: usize,
}

/// A row of a list that could not be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ItemError {
    /// The position in the provider's list, from 0.
    pub index: usize,
    /// Why the row could not be decoded; line and column are relative to the row.
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

/// Decodes rows and keeps the valid ones.
pub(crate) fn tolerant<T: DeserializeOwned>(
    body: &[u8],
    rows: FindRows,
) -> Result<PartialList<T>, DecodeError> {
    let mut list = PartialList { items: Vec::new(), errors: Vec::new(), failed: 0 };
    let (mut exceeded, mut index) = (None, 0);
    let text = text(body)?;
    allowance::within(body.len(), || {
        list.items = room(text, rows)?;
        rows(text, &mut |row| {
            let item = if exceeded.is_none() {
                let item = if list.errors.len() < MOST_ERRORS {
                    row_of(index, row)
                } else {
                    // No further errors are kept, so the path to the invalid value is not needed.
                    lenient::attempt(|| serde_json::from_str(row.get()))
                        .map(|Row(item)| item)
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
                        exceeded =
                            Some(DecodeError::new(format!("more than {MOST_FAILED} rows cannot be decoded")));
                    }
                }
            }
            index += 1;
        })
    })?;
    exceeded.map_or(Ok(list), Err)
}

#[cfg(test)]
mod tests {
    use serde::de::{Deserialize, Deserializer, Error};

    use super::*;
    use crate::wire::decode::array_rows;

    #[test]
    fn a_row_that_exceeds_the_allowance_makes_the_list_fail() {
        #[derive(Debug)]
        struct Large;

        impl<'de> Deserialize<'de> for Large {
            fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
                Err(D::Error::custom(EXCEEDED))
            }
        }

        assert_eq!(tolerant::<Large>(b"[1, 2]", array_rows).unwrap_err().what, EXCEEDED);
    }

    #[test]
    fn the_reason_why_a_row_is_invalid_is_sanitized() {
        let list = tolerant::<u8>(br#"["x"]"#, array_rows).unwrap();
        let error = list.errors[0].clone().sanitize(|text| text.replace("[0]", "…"));
        assert_eq!((error.index, &*error.reason.path), (0, "…"));
    }
}

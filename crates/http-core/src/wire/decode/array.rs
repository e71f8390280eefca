//! Decodes a response that is an array, row by row.

use serde::de::{Deserialize, DeserializeOwned, SeqAccess};

use super::error::DecodeError;
use super::json::{decode, text};
use super::list::{ReadItems, read_list};
use crate::wire::allowance::{self, LONG, Skipped};
use crate::wire::lenient;
use crate::wire::only_objects::Row;

/// The number of rows of a long array is estimated from this many bytes.
const SAMPLE: usize = 64 * 1024;

/// Decodes either all rows of an array or none. `null` and an empty body count as empty arrays.
pub(crate) fn array<T: DeserializeOwned>(body: &[u8]) -> Result<Vec<T>, DecodeError> {
    decode(text(body)?, |text| {
        let mut rows = allowance::list::<T, serde_json::Error>(expected_rows(text))
            .map_err(|_| DecodeError::exceeded())?;
        match lenient::first(|| read_list(text, Array { rows: &mut rows, before: 0 })) {
            // Only the rows from the invalid one on are decoded again.
            Err(failure) if lenient::may_help(&failure) => {
                let before = rows.len();
                lenient::without_invalid_items(|| read_list(text, Array { rows: &mut rows, before }))
            }
            read => read,
        }
        .map_err(|failure| failure.explain(text))?;
        // Shrinking may copy the rows, so a little spare room stays.
        if rows.capacity() > 2 * rows.len() {
            rows.shrink_to_fit();
        }
        Ok(rows)
    })
}

/// Returns the number of rows for which there should be room. A growing list briefly exists in two copies, so a long one
/// needs room in advance.
fn expected_rows(text: &str) -> usize {
    if text.len() <= LONG {
        return 0;
    }
    let mut rows = 0;
    if allowance::counts_items() {
        let _ = read_list(text, Count(&mut rows));
        return rows;
    }
    let sample = text.as_bytes().get(..SAMPLE).and_then(|sample| sample.utf8_chunks().next());
    let _ = read_list(sample.map_or("", |sample| sample.valid()), Count(&mut rows));
    // The rows of the sample may be longer than the others.
    rows * (text.len() / SAMPLE) * 9 / 8
}

/// Counts the rows, up to the end of the text or to the first error.
struct Count<'a>(&'a mut usize);

impl<'de> ReadItems<'de> for Count<'_> {
    type Value = ();

    fn read<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        while rows.next_element::<Skipped>()?.is_some() {
            *self.0 += 1;
        }
        Ok(())
    }
}

/// Appends the rows of an array.
struct Array<'a, T> {
    rows: &'a mut Vec<T>,
    /// The number of rows at the beginning that are skipped.
    before: usize,
}

impl<'de, T: Deserialize<'de>> ReadItems<'de> for Array<'_, T> {
    type Value = ();

    fn read<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        for _ in 0..self.before {
            rows.next_element::<Skipped>()?;
        }
        while let Some(Row(row)) = rows.next_element()? {
            allowance::push(self.rows, row)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_rows_from_the_first_invalid_one_on_are_decoded_twice() {
        use std::cell::Cell;

        thread_local! {
            static DECODED: Cell<u32> = const { Cell::new(0) };
        }

        crate::wire::models! {
            #[custom_deserialize]
            struct Row {
                parts: Vec<Part>,
            }

            struct Part {
                size: u8,
            }
        }

        impl<'de> serde::Deserialize<'de> for Row {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                DECODED.set(DECODED.get() + 1);
                crate::wire::model::read_fields(deserializer)
            }
        }

        let row = |parts| format!(r#"{{"parts": [{parts}]}}"#);
        let valid = row(r#"{"size": 1}, {"size": 2}"#) + ", ";
        let body = format!("[{}{}, {}]", valid.repeat(100), row(r#"{}, {"size": 3}"#), row(r#"{"size": 4}"#));
        let rows: Vec<Row> = array(body.as_bytes()).unwrap();
        assert_eq!((rows.len(), DECODED.get()), (102, 101 + 2));
        let sizes = |row: &Row| row.parts.iter().map(|part| part.size).collect::<Vec<_>>();
        assert!(rows[..100].iter().all(|row| sizes(row) == [1, 2]));
        assert!(sizes(&rows[100]) == [3] && sizes(&rows[101]) == [4]);
        DECODED.set(0);
        array::<Row>(format!("[{valid}{}", &valid[..12]).as_bytes()).unwrap_err();
        assert_eq!(DECODED.get(), 2, "no row of invalid JSON is decoded twice");
    }

    /// The first rows may be of any size.
    #[test]
    fn the_room_for_a_long_list_is_estimated_from_its_beginning() {
        for (first, other) in [(30, 30), (3000, 30), (30, 3000)] {
            let row = |length| format!("\"{}\",", "a".repeat(length));
            let body =
                format!("[{}{}\"\"]", row(first).repeat(500), row(other).repeat(2_000_000 / (other + 3)));
            let rows: Vec<String> = array(body.as_bytes()).unwrap();
            assert_eq!(rows.len(), 501 + 2_000_000 / (other + 3));
            assert!(rows.capacity() <= 2 * rows.len());
            let expected = expected_rows(&body);
            assert!(first != other || (rows.len()..2 * rows.len()).contains(&expected), "{expected}");
        }
    }
}

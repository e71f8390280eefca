//! Decodes a response that is an array, row by row.

use std::cell::{Cell, RefCell};
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, IgnoredAny, SeqAccess};

use super::error::{DecodeError, shown_path};
use super::json::decode;
use super::list::{ReadItems, read_list};
use crate::wire::allowance::{self, LONG};

/// Decodes either all rows of an array or none. `null` and an empty body count as empty arrays.
pub(crate) fn array<T: DeserializeOwned>(body: &[u8]) -> Result<Vec<T>, DecodeError> {
    let decoded = Cell::new(0);
    decode(
        body,
        |text| {
            // A growing list briefly exists in two copies, so a long one needs its length in advance.
            let count = if text.len() > LONG { read_list(text, Count).unwrap_or_default() } else { 0 };
            read_list(text, Array { count, decoded: &decoded, rows: PhantomData })
        },
        |text, error| {
            // The rows before the invalid one are skipped without being decoded.
            let path = RefCell::default();
            let row = BadRow::<T> { index: decoded.get(), path: &path, row: PhantomData };
            match read_list(text, row) {
                Ok(()) => error,
                Err(error) => DecodeError::of(path.take().unwrap_or_else(|| ".".into()), &error),
            }
        },
    )
}

/// The number of rows.
struct Count;

impl<'de> ReadItems<'de> for Count {
    type Value = usize;

    fn read<A: SeqAccess<'de>>(self, mut rows: A) -> Result<usize, A::Error> {
        let mut count = 0;
        while rows.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok(count)
    }
}

/// The rows of an array.
struct Array<'a, T> {
    /// The number of rows; 0 if it is unknown.
    count: usize,
    /// The number of decoded rows.
    decoded: &'a Cell<usize>,
    rows: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> ReadItems<'de> for Array<'_, T> {
    type Value = Vec<T>;

    fn read<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Vec<T>, A::Error> {
        self.decoded.set(0);
        let mut array = allowance::list(self.count)?;
        while let Some(row) = rows.next_element()? {
            allowance::push(&mut array, row)?;
            self.decoded.set(array.len());
        }
        Ok(array)
    }
}

/// The invalid row of an array, and the path to the invalid value.
struct BadRow<'a, T> {
    index: usize,
    path: &'a RefCell<Option<String>>,
    row: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> ReadItems<'de> for BadRow<'_, T> {
    type Value = ();

    fn read<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
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
        let path = shown_path(error.path());
        let dot = if path.starts_with('[') { "" } else { "." };
        let path = if path == "." { String::new() } else { format!("{dot}{path}") };
        self.path.replace(Some(format!("[{}]{path}", self.index)));
        Err(error.into_inner())
    }
}

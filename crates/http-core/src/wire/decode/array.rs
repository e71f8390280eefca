//! Decodes a response that is an array, row by row.

use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeOwned, SeqAccess};

use super::error::DecodeError;
use super::json::{decode, text};
use super::list::{ReadItems, read_list};
use crate::wire::allowance::{self, LONG, Skipped};
use crate::wire::only_objects::Row;

/// Decodes either all rows of an array or none. `null` and an empty body count as empty arrays.
pub(crate) fn array<T: DeserializeOwned>(body: &[u8]) -> Result<Vec<T>, DecodeError> {
    decode(text(body)?, |text| {
        // A growing list briefly exists in two copies, so a long one needs its length in advance.
        let count = if text.len() > LONG { read_list(text, Count).unwrap_or_default() } else { 0 };
        read_list(text, Array { count, rows: PhantomData })
    })
}

/// The number of rows.
struct Count;

impl<'de> ReadItems<'de> for Count {
    type Value = usize;

    fn read<A: SeqAccess<'de>>(self, mut rows: A) -> Result<usize, A::Error> {
        let mut count = 0;
        while rows.next_element::<Skipped>()?.is_some() {
            count += 1;
        }
        Ok(count)
    }
}

/// The rows of an array.
struct Array<T> {
    /// The number of rows; 0 if it is unknown.
    count: usize,
    rows: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> ReadItems<'de> for Array<T> {
    type Value = Vec<T>;

    fn read<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Vec<T>, A::Error> {
        let mut array = allowance::list(self.count)?;
        while let Some(Row(row)) = rows.next_element()? {
            allowance::push(&mut array, row)?;
        }
        Ok(array)
    }
}

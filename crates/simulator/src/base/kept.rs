//! A list that counts all additions.

use std::ops::{Deref, DerefMut};

/// A list that counts every row ever added to it.
#[derive(Clone, Debug)]
pub(crate) struct Kept<T> {
    rows: Vec<T>,
    ever: u64,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), ever: 0 }
    }
}

impl<T> From<Vec<T>> for Kept<T> {
    /// Creates a list of initial rows, which do not count as added.
    fn from(rows: Vec<T>) -> Self {
        Self { rows, ever: 0 }
    }
}

impl<T> Kept<T> {
    pub(crate) fn push(&mut self, row: T) {
        self.ever += 1;
        self.rows.push(row);
    }

    /// Returns the number of rows ever added.
    pub(crate) fn ever(&self) -> u64 {
        self.ever
    }
}

impl<T> Deref for Kept<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.rows
    }
}

impl<T> DerefMut for Kept<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.rows
    }
}

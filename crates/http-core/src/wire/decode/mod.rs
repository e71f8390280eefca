//! Decodes the bytes of a response into a value.

mod array;
mod error;
mod json;
mod list;
mod place;
mod rows;
#[cfg(test)]
mod tests;
mod tolerant;

pub(crate) use array::array;
pub use error::DecodeError;
pub use json::json;
pub(crate) use json::make_text;
pub use rows::{FindRows, ReadRows, listed_rows, member_rows, object_row};
pub(crate) use rows::{array_rows, rows, usual_rows};
pub(crate) use tolerant::tolerant;
pub use tolerant::{ItemError, PartialList};

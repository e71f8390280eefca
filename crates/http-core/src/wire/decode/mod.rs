//! Decodes the bytes of a response into a value: once, and a second time only to find out where decoding failed.

mod array;
mod error;
mod json;
mod list;
mod rows;
#[cfg(test)]
mod tests;
mod tolerant;

pub(crate) use array::array;
pub use error::DecodeError;
pub use json::json;
pub use rows::{FindRows, ReadRows, listed_rows, member_rows, object_row};
pub(crate) use rows::{array_rows, rows, usual_rows};
pub(crate) use tolerant::tolerant;
pub use tolerant::{ItemError, PartialList};

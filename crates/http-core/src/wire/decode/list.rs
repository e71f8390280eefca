//! The visitor for JSON lists.

use std::fmt;

use serde::de::{Deserializer, Error, SeqAccess, Visitor};

use super::place::{self, Failure};
use crate::wire::scalar::{Scalar, unexpected};

/// Reads the items of a list.
pub(super) trait ReadItems<'de> {
    /// The result of reading a list. Its default is the result for an empty list.
    type Value: Default;

    fn read<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error>;
}

/// Reads a text that is a list; `null` counts as an empty one.
pub(super) fn read_list<'de, R: ReadItems<'de>>(text: &'de str, reader: R) -> Result<R::Value, Failure> {
    place::read(text, |source| source.deserialize_any(ListOrNull(reader)))
}

struct ListOrNull<R>(R);

impl<'de, R: ReadItems<'de>> Visitor<'de> for ListOrNull<R> {
    type Value = R::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_unit<E: Error>(self) -> Result<R::Value, E> {
        Ok(R::Value::default())
    }

    /// The default error would quote the text, which may be as long as the response.
    fn visit_str<E: Error>(self, text: &str) -> Result<R::Value, E> {
        Err(unexpected("a list", &Scalar::Text(text.into())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<R::Value, A::Error> {
        self.0.read(items)
    }
}

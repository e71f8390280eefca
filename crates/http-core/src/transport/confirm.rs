//! How a change is confirmed.

use std::time::Duration;

use bytes::Bytes;

use crate::wire::response::BoxFuture;

/// Confirms a change whose response was lost or cannot be decoded.
pub(crate) struct Confirm {
    /// Checks within the given time whether the change has happened, and returns a substitute for the response if it
    /// has.
    pub(crate) read: Box<dyn FnOnce(Duration) -> BoxFuture<'static, Option<Bytes>> + Send>,
    /// Returns whether the body of a response can be decoded.
    pub(crate) can_decode: Box<dyn Fn(&Bytes) -> bool + Send>,
}

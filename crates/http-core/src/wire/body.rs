//! The bytes of a request or response.

use std::fmt;
use std::ops::Deref;

use bytes::Bytes;

/// The bytes of a request or response. `Debug` shows only their number, because they may contain passwords.
///
/// ```
/// use http_core::wire::{Body, Bytes};
///
/// let body = Body::from(Bytes::from_static(b"password=1234"));
/// assert_eq!(format!("{body:?}"), "Body(13 bytes)");
/// assert_eq!(Bytes::from(body), "password=1234");
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Body(Bytes);

impl Deref for Body {
    type Target = Bytes;

    fn deref(&self) -> &Bytes {
        &self.0
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(bytes)
    }
}

impl From<Body> for Bytes {
    fn from(body: Body) -> Self {
        body.0
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.0.len())
    }
}

//! The response from a provider.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;

/// A provider's unchanged response: status, headers and all bytes of the body.
pub type Response = http::Response<Bytes>;

/// A boxed future, for the traits of this crate.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

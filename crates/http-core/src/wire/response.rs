//! The response of a provider.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;

/// The unchanged response of a provider: status, headers and all bytes of the body.
pub type Response = http::Response<Bytes>;

/// A boxed future, for the traits of this crate.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

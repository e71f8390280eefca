//! What the simulator has received.

use std::collections::VecDeque;
use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Method};

use crate::base::Request;
use crate::base::router::names;

/// A request that the simulator received. `Debug` leaves out headers, query and body: they carry
/// credentials.
#[derive(Clone)]
#[non_exhaustive]
pub struct Received {
    /// The provider whose prefix the path had, e.g. `elastis`; empty where it had none.
    pub provider: &'static str,
    /// The operation it matched, e.g. `vm.create`.
    pub operation: Option<&'static str>,
    /// The HTTP method.
    pub method: Method,
    /// The path below the provider's prefix, as sent.
    pub path: String,
    /// The query, decoded, in the order sent.
    pub query: Vec<(String, String)>,
    /// All headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Whether the provider processed it; false where a fault took its place.
    pub processed: bool,
    /// The status that was answered; `None` where the connection was closed instead.
    pub status: Option<u16>,
}

impl Received {
    pub(crate) fn request(&self) -> Request {
        Request {
            method: self.method.clone(),
            path: self.path.clone(),
            query: self.query.clone(),
            headers: self.headers.clone(),
            body: self.body.clone(),
        }
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received")
            .field("provider", &self.provider)
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("path", &self.path)
            .field("processed", &self.processed)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// The latest requests, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Log(VecDeque<Received>);

impl Log {
    /// A simulator may run for days: no more than this is kept.
    const KEPT: usize = 10_000;

    pub(crate) fn add(&mut self, received: Received) {
        if self.0.len() == Self::KEPT {
            self.0.pop_front();
        }
        self.0.push_back(received);
    }

    pub(crate) fn all(&self) -> Vec<Received> {
        self.0.iter().cloned().collect()
    }

    pub(crate) fn count(&self, pattern: &str) -> usize {
        self.0.iter().filter(|request| names(pattern, request.provider, request.operation)).count()
    }
}

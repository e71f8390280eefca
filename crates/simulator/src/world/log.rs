//! The log of received requests.

use std::collections::VecDeque;
use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Method};

use crate::base::router::names;
use crate::base::{Request, Response};

/// A request that the simulator received. `Debug` omits headers, query and body, which contain credentials.
#[derive(Clone)]
#[non_exhaustive]
pub struct Received {
    /// The provider named by the path's prefix, e.g. `elastis`; empty if the path has no such prefix.
    pub provider: &'static str,
    /// The matched operation, e.g. `vm.create`.
    pub operation: Option<&'static str>,
    /// The HTTP method.
    pub method: Method,
    /// The path below the provider's prefix, as sent.
    pub path: String,
    /// The decoded query, in the order sent.
    pub query: Vec<(String, String)>,
    /// All headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Whether the provider processed the request; false if a fault prevented it.
    pub processed: bool,
    /// The status of the response; `None` if the connection was closed instead.
    pub status: Option<u16>,
    /// Whether a fault, a disguise or a PHP quirk changed the provider's response.
    pub altered: bool,
}

impl Received {
    pub(crate) fn new(provider: &'static str, operation: Option<&'static str>, request: &Request) -> Self {
        let Request { method, path, query, headers, body, .. } = request.clone();
        Self {
            provider,
            operation,
            method,
            path,
            query,
            headers,
            body,
            processed: false,
            status: None,
            altered: false,
        }
    }

    /// Returns the request's approximate size in memory.
    fn size(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
        let query = self.query.iter().map(|(name, value)| name.len() + value.len());
        self.body.len() + self.path.len() + headers.sum::<usize>() + query.sum::<usize>()
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
pub(crate) struct Log {
    kept: VecDeque<Received>,
    /// The number of requests that have been dropped since the start.
    forgotten: u64,
    size: usize,
}

impl Log {
    /// The maximum number of requests, because a simulator may run for days.
    const KEPT: usize = 10_000;
    /// The maximum total size of the kept requests in bytes.
    const BYTES: usize = 16 << 20;

    /// Adds a request and returns its number.
    pub(crate) fn add(&mut self, received: Received) -> u64 {
        self.size += received.size();
        self.kept.push_back(received);
        while self.kept.len() > Self::KEPT || self.size > Self::BYTES && self.kept.len() > 1 {
            self.size -= self.kept.pop_front().map_or(0, |oldest| oldest.size());
            self.forgotten += 1;
        }
        self.forgotten + self.kept.len() as u64 - 1
    }

    /// Records the outcome of a request, and returns the request unless it was dropped.
    pub(crate) fn answered(
        &mut self,
        number: u64,
        response: Option<&Response>,
        processed: bool,
    ) -> Option<&Received> {
        let kept = number.checked_sub(self.forgotten).and_then(|at| usize::try_from(at).ok());
        let received = self.kept.get_mut(kept?)?;
        received.status = response.map(|response| response.status);
        received.altered = response.is_none_or(|response| response.altered);
        received.processed = processed;
        Some(received)
    }

    pub(crate) fn clear(&mut self) {
        self.forgotten += self.kept.len() as u64;
        self.kept.clear();
        self.size = 0;
    }

    pub(crate) fn all(&self) -> Vec<Received> {
        self.kept.iter().cloned().collect()
    }

    pub(crate) fn count(&self, pattern: &str) -> usize {
        self.kept.iter().filter(|request| names(pattern, request.provider, request.operation)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(bytes: usize) -> Received {
        let request = Request::new(Method::POST, "", "", HeaderMap::new(), vec![0; bytes].into());
        Received::new("elastis", Some("vm.create"), &request)
    }

    #[test]
    fn the_log_keeps_a_bounded_number_of_requests_and_of_bytes() {
        let mut log = Log::default();
        for _ in 0..Log::KEPT + 5 {
            log.add(received(0));
        }
        assert_eq!(log.count("vm.create"), Log::KEPT);
        for _ in 0..40 {
            log.add(received(1 << 20));
        }
        assert_eq!((log.count("*"), log.size), (16, 16 << 20));
        log.add(received(64 << 20));
        assert_eq!(log.count("*"), 1, "the newest is kept whatever its size");
    }

    #[test]
    fn the_outcome_of_a_request_is_recorded_after_others_were_dropped() {
        let mut log = Log::default();
        let first = log.add(received(0));
        let second = log.add(received(15 << 20));
        log.add(received(1 << 20));
        log.answered(second, Some(&Response::empty(200)), true);
        log.answered(first, Some(&Response::empty(500)), true);
        assert_eq!(log.all().iter().map(|row| row.status).collect::<Vec<_>>(), [Some(500), Some(200), None]);
        log.add(received(1 << 20));
        log.answered(first, Some(&Response::empty(500)), true);
        assert!(log.all().iter().all(|row| row.status != Some(500)), "the first was dropped");
        log.clear();
        let next = log.add(received(0));
        log.answered(second, Some(&Response::empty(500)), true);
        log.answered(next, Some(&Response::empty(204)), true);
        assert_eq!(log.all()[0].status, Some(204));
    }
}

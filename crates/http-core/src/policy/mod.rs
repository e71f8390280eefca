//! Timeouts and retries of calls, independent of sockets and the HTTP library.

pub(crate) mod backoff;
pub(crate) mod budget;
pub(crate) mod deadline;
pub(crate) mod retry;
pub(crate) mod retry_after;
pub(crate) mod runtime;
pub(crate) mod settings;

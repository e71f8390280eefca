//! How long a call may take and how often it is repeated. Knows neither sockets nor an HTTP library.

pub(crate) mod backoff;
pub(crate) mod budget;
pub(crate) mod deadline;
pub(crate) mod retry;
pub(crate) mod retry_after;
pub(crate) mod settings;

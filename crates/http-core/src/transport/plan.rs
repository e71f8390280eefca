//! What is decided before a call is sent, and what is recorded at its end.

use std::time::Duration;

use http::StatusCode;
use tokio::time::Instant;

use crate::operation::{Effect, Operation};
use crate::policy::deadline::after;
use crate::policy::retry::RetryPolicy;
use crate::transport::Transport;
use crate::wire::allowance::LONG;
use crate::wire::response::Response;

/// The options of a call, besides its request.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) total: Option<Duration>,
    /// Shortens the timeout of the whole call, and never extends it.
    pub(crate) at_most: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
}

/// What all stages of a call know about it.
pub(super) struct Plan {
    pub(super) operation: &'static Operation,
    pub(super) effect: Effect,
    pub(super) retry: RetryPolicy,
    pub(super) limits: Limits,
}

/// How the attempts of a call ended.
pub(super) struct Ended {
    pub(super) attempts: u32,
    pub(super) status: Option<StatusCode>,
    pub(super) request_id: Option<String>,
    /// When to stop the work on the response.
    pub(super) end: Option<Instant>,
}

/// The timeouts of a call and of each of its attempts.
pub(super) struct Limits {
    pub(super) deadline: Instant,
    pub(super) total: Duration,
    pub(super) attempt: Duration,
}

impl Limits {
    /// Returns when to stop the work on a response; `None` if it is too short to take long.
    pub(super) fn end(&self, response: &Response) -> Option<Instant> {
        (response.body().len() > LONG).then_some(self.deadline)
    }
}

impl Transport {
    /// Plans a call that begins now.
    pub(super) fn plan(&self, operation: &'static Operation, effect: Effect, options: &Options) -> Plan {
        let retry = options.retry.unwrap_or(self.0.retry);
        let timeouts = &self.0.timeouts;
        let attempt = if effect == Effect::Read { timeouts.read } else { timeouts.write };
        let total = options.total.or(timeouts.total).unwrap_or(attempt.saturating_mul(2));
        let total = total.min(options.at_most.unwrap_or(total));
        // A call that must not be retried needs no time after its first attempt.
        let attempt =
            if effect == Effect::NonIdempotent { options.total.unwrap_or(attempt) } else { attempt };
        Plan { operation, effect, retry, limits: Limits { deadline: after(total), total, attempt } }
    }
}

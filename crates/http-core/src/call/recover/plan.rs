//! The state that is recorded before a create is sent.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::search::rows;
use super::seek::{Sight, Wanted};
use super::{Accepted, Fit, fit};
use crate::error::ticket::Ticket;
use crate::error::{Error, ErrorKind};
use crate::wire::response::BoxFuture;

pub(super) type Sending<F> =
    Box<dyn FnOnce(Option<Duration>) -> BoxFuture<'static, Result<Accepted<F>, Error>> + Send>;

pub(super) struct Plan<F> {
    pub(super) wanted: Arc<dyn Wanted<F>>,
    /// `None` if the create was sent earlier, and only its result is searched for.
    pub(super) send: Option<Sending<F>>,
    pub(super) ticket: Option<Ticket>,
    pub(super) search_for: Option<Duration>,
    pub(super) total: Option<Duration>,
    pub(super) only_certain: bool,
}

/// Runs a future until the deadline. The future must not send a mutating request.
pub(super) async fn within<T>(
    deadline: Option<Instant>,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let Some(deadline) = deadline else { return work.await };
    timeout_at(deadline, work).await.unwrap_or_else(|_| Err(too_late()))
}

/// Returns the error for a timeout before the create was sent.
pub(super) fn too_late() -> Error {
    Error::new(ErrorKind::Timeout, "timed out before the create could be sent").unsent()
}

impl<F: Send + 'static> Plan<F> {
    pub(super) fn ids(&self, sight: Sight) -> Result<Vec<String>, Error> {
        if sight.unreadable > 0 {
            let message = format!("the list contains {} without a valid id", rows(sight.unreadable));
            let error = Error::new(ErrorKind::Decode, message).with_operation(self.wanted.operation().name());
            return Err(self.not_sent(error));
        }
        // The id of a deleted resource may become that of the result.
        let is_free = |fit: &Fit| self.wanted.reuses_ids() && fit.is_excluded();
        Ok(sight.rows.into_iter().filter(|(_, fit)| !is_free(fit)).map(|(id, _)| id).collect())
    }

    pub(super) fn ticket(&self, before: Option<Vec<String>>) -> Result<Ticket, Error> {
        let (place, wanted) = (self.wanted.place()?, self.wanted.to_value()?);
        // The salt also distinguishes this create from others of the same client.
        let salt = fit::random_bits();
        let account = (salt, self.wanted.account(salt));
        Ok(Ticket::new(self.wanted.operation().name(), place, account, before, wanted))
    }

    pub(super) fn not_sent(&self, error: Error) -> Error {
        let operation = self.wanted.operation().name();
        error.unsent().with_advice(format!(
            "{operation} was not sent, because the existing resources could not be read"
        ))
    }
}

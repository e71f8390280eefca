//! A create with a ticket: it is sent once, and its result is searched for if the response is lost.

use std::fmt;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::plan::{Plan, too_late, within};
use super::search::{Ended, Search};
use super::seek::Turn;
use super::{Accepted, Certainty, Created};
use crate::error::ticket::Ticket;
use crate::error::{Error, ErrorKind};
use crate::policy::deadline::after;
use crate::policy::runtime::check_runtime;
use crate::trace;
use crate::wire::response::BoxFuture;

/// The maximum time within the whole timeout that is reserved for the search.
const RESERVE: Duration = Duration::from_secs(60);
/// The minimum duration of a search for an old ticket.
const SHORTEST: Duration = Duration::from_secs(10);

/// A create that is ready to be sent, with its [`ticket`](Self::ticket); returned by
/// [`Recover::note`](crate::recovery::Recover::note). `.await` sends it and returns the result, as
/// [`Recover`](crate::recovery::Recover) does.
#[must_use = "the create is not sent until this is awaited"]
pub struct Noted<F> {
    pub(super) plan: Plan<F>,
    pub(super) ticket: Ticket,
    /// The end of the whole timeout, which began when the existing resources were read.
    pub(super) deadline: Option<Instant>,
}

impl<F: Send + 'static> Plan<F> {
    pub(super) async fn note(mut self, deadline: Option<Instant>) -> Result<Noted<F>, Error> {
        let ticket = match self.ticket.take() {
            Some(ticket) => ticket,
            None if self.wanted.is_marked() => self.ticket(None)?,
            None => {
                let sight = self.wanted.note().await.map_err(|error| self.not_sent(error))?;
                self.ticket(Some(self.ids(sight)?))?
            }
        };
        Ok(Noted { plan: self, ticket, deadline })
    }
}

impl<F: Send + 'static> Noted<F> {
    /// Returns the ticket. Store it before the create is sent.
    pub fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    /// Returns whether the create is still to be sent; `false` for a search with a ticket, whose create was sent before.
    pub fn is_unsent(&self) -> bool {
        self.plan.send.is_some()
    }

    /// Rejects a result that is only likely; see [`Recover::only_certain`](crate::recovery::Recover::only_certain).
    pub fn only_certain(mut self) -> Self {
        self.plan.only_certain = true;
        self
    }

    /// Sends the create and blocks this thread until the call ends; see
    /// [`Call::send_blocking`](crate::Call::send_blocking).
    ///
    /// # Errors
    ///
    /// The errors that `.await` returns, and those of [`Call::send_blocking`](crate::Call::send_blocking).
    #[cfg(feature = "blocking")]
    pub fn send_blocking(self) -> Result<Created<F>, Error> {
        crate::call::blocking::block_on(self.into_future())
    }

    /// Sends the create and searches for its result. `turn` is `Some` if the caller has already waited for its turn.
    pub(super) async fn run(self, turn: Option<Turn>) -> Result<Created<F>, Error> {
        check_runtime()?;
        let Self { plan: Plan { wanted, send, search_for, total, only_certain, .. }, ticket, deadline } =
            self;
        let mut search =
            Search { wanted: &*wanted, ticket, only_certain, confirmed: false, until: Instant::now() };
        let search_until = |default: Duration| match (search_for.map(after), deadline) {
            (Some(end), Some(deadline)) => end.min(deadline),
            (end, deadline) => end.or(deadline).unwrap_or_else(|| after(default)),
        };
        let Some(send) = send else {
            search.until =
                search_until(wanted.appears_within().saturating_sub(search.ticket.age()).max(SHORTEST));
            return search.run().await.map_err(|ended| ended.error(&search, None));
        };
        let _turn = match turn {
            Some(turn) => turn,
            // Nothing distinguishes the results of identical creates.
            None => within(deadline, wanted.turn(search.ticket.wanted())).await?,
        };
        let limit = deadline.zip(total).map(|(deadline, total)| {
            deadline.saturating_duration_since(Instant::now()).saturating_sub((total / 4).min(RESERVE))
        });
        if limit.is_some_and(|limit| limit.is_zero()) {
            return Err(too_late().with_operation(wanted.operation().name()));
        }
        let name = search.ticket.name();
        let abandoned = Abandoned { operation: wanted.operation().name(), ticket: Some(name.clone()) };
        let response = match send(limit).await {
            Ok(Accepted::Now(value)) if wanted.is_other(&value, &search.ticket) => {
                let message = "the response shows another resource, which the create did not produce";
                let error = Error::new(ErrorKind::Decode, message).with_outcome_unknown(true);
                let id =
                    Some(wanted.found_id(&value)).filter(|id| !search.ticket.existed(id, wanted.same_id()));
                Err(error.with_operation(wanted.operation().name()).with_attempts(1).with_created_id(id))
            }
            response => response,
        };
        let result = match response {
            Ok(Accepted::Now(value)) => {
                wanted.take(&wanted.found_id(&value), &name, SystemTime::now());
                Ok(Created { value, certainty: Certainty::Confirmed })
            }
            Ok(Accepted::Later(merge)) => {
                (search.confirmed, search.until) = (true, search_until(wanted.appears_within()));
                match search.run().await {
                    Ok(Created { value, certainty }) => {
                        merge(Ok(value)).map(|value| Created { value, certainty })
                    }
                    Err(ended) => merge(Err(ended.error(&search, None)))
                        .map(|value| Created { value, certainty: Certainty::Confirmed }),
                }
            }
            Err(error) if error.is_outcome_unknown() => {
                trace::lost(&error, &name);
                let known = error.created_id().filter(|_| wanted.response_names_row());
                search.ticket = search.ticket.with_known(known.map(str::to_owned), wanted.same_id());
                search.until = search_until(wanted.appears_within());
                search.run().await.map_err(|ended: Ended| ended.error(&search, Some(error)))
            }
            Err(error) => Err(error),
        };
        abandoned.disarm();
        result
    }
}

/// Logs a warning if the future is dropped after the create was sent.
struct Abandoned {
    operation: &'static str,
    ticket: Option<String>,
}

impl Abandoned {
    fn disarm(mut self) {
        self.ticket = None;
    }
}

impl Drop for Abandoned {
    fn drop(&mut self) {
        if let Some(ticket) = &self.ticket {
            trace::abandoned(self.operation, ticket);
        }
    }
}

impl<F: Send + 'static> IntoFuture for Noted<F> {
    type Output = Result<Created<F>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run(None))
    }
}

impl<F> fmt::Debug for Noted<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Noted").field("ticket", &self.ticket).finish_non_exhaustive()
    }
}

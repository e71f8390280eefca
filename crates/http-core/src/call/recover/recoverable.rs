//! A create whose result is found even if the response is lost.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::plan::{Plan, within};
use super::seek::{Seek, Seeker, Sought};
use super::{Created, Noted};
use crate::call::sequence::CallSequence;
use crate::error::Error;
use crate::error::ticket::Ticket;
use crate::policy::deadline::after;
use crate::wire::response::BoxFuture;

/// A create whose result is found even if the response is lost; from
/// [`Create::recover`](crate::recovery::Create::recover). `.await` returns the created resource and how
/// certain it is that this create produced it.
///
/// One list is read before the create is sent; a marked create needs none. The create is sent once. If a response
/// says what happened, nothing else is read. Otherwise the list is read at once and then every 2 to 15 seconds,
/// until a new resource appears that fits the request.
///
/// # Errors
/// If the provider rejects the create, or if it was never sent: its own error. If the outcome stays unknown: an error
/// of [`ErrorKind::Unrecovered`](crate::ErrorKind::Unrecovered) with the create's error as its source. It always
/// [`is_outcome_unknown`](Error::is_outcome_unknown), also if the provider confirmed the create in a response that does
/// not name the result: account for the result before you create another.
/// - Several new resources fit, or one fits without proof: [`candidates`](Error::candidates) contains their ids.
/// - Nothing new was seen. **That does not prove that nothing was created**: it may appear later.
///   [`ticket`](Error::ticket) finds it then.
///
/// # Dropping the future
/// Before the list is read, nothing is sent. Afterwards the create may be processed although nobody waits for it.
/// [`note`](Self::note) returns a [`Ticket`] before anything is sent; whoever has it finds the result.
#[must_use = "a recoverable create does nothing until it is awaited"]
pub struct Recover<F>(pub(super) Result<Plan<F>, Error>);

impl<F: Send + 'static> Recover<F> {
    /// For provider crates: looks for the result of an earlier create, and never sends it.
    ///
    /// A ticket of another operation, provider or location is an invalid argument.
    pub fn find<S: Seek<Found = F>>(handle: S::Handle, ticket: &Ticket) -> Self {
        Self(Self::plan_to_find::<S>(handle, ticket).map_err(Error::invalid_argument))
    }

    fn plan_to_find<S: Seek<Found = F>>(handle: S::Handle, ticket: &Ticket) -> Result<Plan<F>, String> {
        if !ticket.is_readable() {
            return Err("the ticket was written by a later version of this library; update it".into());
        }
        let wrong =
            || format!("the ticket belongs to {}, which this method does not find", ticket.operation());
        let seek = serde_json::from_value::<S>(ticket.sought().clone()).map_err(|_| wrong())?;
        if seek.operation().name() != ticket.operation() {
            return Err(wrong());
        }
        let sought = Seeker::new(handle, seek);
        let place = sought.place().map_err(|error| error.to_string())?;
        if place != ticket.place() {
            let theirs = ticket.place();
            return Err(format!(
                "the ticket belongs to {theirs}, but this client reads {place}; use the same provider and location"
            ));
        }
        // Other credentials may see more, so that what existed before looks new.
        let (salt, account) = ticket.account();
        let only_certain = sought.account(salt) != account;
        let ticket = Some(ticket.clone());
        Ok(Plan { sought: Arc::new(sought), send: None, ticket, look_for: None, total: None, only_certain })
    }

    fn change(self, change: impl FnOnce(&mut Plan<F>)) -> Self {
        Self(self.0.map(|mut plan| {
            change(&mut plan);
            plan
        }))
    }

    /// Sets the time for looking, which begins when the response is lost. The default depends on how long the
    /// provider may take, from one to ten minutes.
    pub fn look_for(self, limit: Duration) -> Self {
        self.change(|plan| plan.look_for = Some(limit))
    }

    /// Sets the time for everything together. A quarter of it, at most a minute, is kept for looking.
    pub fn timeout(self, total: Duration) -> Self {
        self.change(|plan| plan.total = Some(total))
    }

    /// Rejects a result that is only [likely](crate::recovery::Certainty::Likely): an error with the
    /// candidate is returned instead.
    pub fn only_certain(self) -> Self {
        self.change(|plan| plan.only_certain = true)
    }

    /// Notes what exists and returns the ticket, before anything is sent. Store the ticket, then await the result:
    /// it is found even if the future is dropped or the process ends.
    pub fn note(self) -> CallSequence<Noted<F>> {
        CallSequence::new(async move {
            let plan = self.0?;
            let limit = plan.total;
            within(limit.map(after), plan.note()).await
        })
    }

    /// Runs the create and blocks this thread until it ends; see [`Call::send_blocking`](crate::Call::send_blocking).
    ///
    /// # Errors
    ///
    /// Those of awaiting it, and those of [`Call::send_blocking`](crate::Call::send_blocking).
    #[cfg(feature = "blocking")]
    pub fn send_blocking(self) -> Result<Created<F>, Error> {
        crate::call::blocking::block_on(self.into_future())
    }

    async fn run(self) -> Result<Created<F>, Error> {
        let plan = self.0?;
        let deadline = plan.total.map(after);
        within(deadline, plan.note()).await?.run(deadline, None).await
    }
}

impl<F: Send + 'static> IntoFuture for Recover<F> {
    type Output = Result<Created<F>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<F> fmt::Debug for Recover<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.0.as_ref().map(|plan| plan.sought.operation().name());
        f.debug_struct("Recover").field("operation", &operation).finish_non_exhaustive()
    }
}

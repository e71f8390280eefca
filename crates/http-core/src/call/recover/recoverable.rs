//! A create whose result is found even if the response is lost.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::plan::{Plan, within};
use super::seek::{Seek, Seeker, Wanted};
use super::{Created, Noted};
use crate::call::sequence::CallSequence;
use crate::error::Error;
use crate::error::ticket::Ticket;
use crate::policy::deadline::after;
use crate::policy::runtime::check_runtime;
use crate::wire::response::BoxFuture;

/// A create whose result is found even if the response is lost; returned by
/// [`Create::recover`](crate::recovery::Create::recover). `.await` returns the created resource and how certain it is
/// that this create produced it.
///
/// Before the create is sent, the existing resources are listed, unless the create has a marker. The create is sent
/// once. If a response rejects it or contains the created resource, nothing else is read. Otherwise, even if the
/// response confirms the create, the list is read immediately and then every 2 to 15 seconds (more often shortly before
/// the time is up), until a new resource appears that fits the request.
///
/// # Errors
/// If the provider rejects the create, or if the create was never sent, its own error is returned. If the outcome
/// remains unknown, the error is of kind [`ErrorKind::Unrecovered`](crate::ErrorKind::Unrecovered), with the create's
/// error as its source. Its [`is_outcome_unknown`](Error::is_outcome_unknown) is always `true`, even if the provider
/// confirmed the create in a response that does not identify the result: find out what was created before you create
/// another resource. There are two cases:
/// - Several new resources fit, or one fits without proof: [`candidates`](Error::candidates) contains their ids.
/// - No new resource was seen. **That does not prove that nothing was created**: the resource may appear later, and the
///   [`ticket`](Error::ticket) can find it then.
///
/// # Dropping the future
/// The create is not sent before the list has been read. After that, the provider may process the create even though
/// the future was dropped. [`note`](Self::note) provides a [`Ticket`] before the create is sent; the ticket can find
/// the result later.
#[must_use = "a recoverable create does nothing until it is awaited"]
pub struct Recover<F>(pub(super) Result<Plan<F>, Error>);

impl<F: Send + 'static> Recover<F> {
    /// For provider crates: searches for the result of an earlier create without sending the create again.
    ///
    /// A ticket for another operation, provider or location causes an invalid-argument error.
    pub fn find<S: Seek<Found = F>>(handle: S::Handle, ticket: &Ticket) -> Self {
        Self(Self::plan_to_find::<S>(handle, ticket).map_err(Error::invalid_argument))
    }

    fn plan_to_find<S: Seek<Found = F>>(handle: S::Handle, ticket: &Ticket) -> Result<Plan<F>, String> {
        if !ticket.is_readable() {
            return Err(
                "the ticket was written by a later version of this library; update the library".into()
            );
        }
        let wrong = || {
            format!(
                "the ticket is for {}, but this method searches for results of another operation",
                ticket.operation()
            )
        };
        let seek = serde_json::from_value::<S>(ticket.wanted().clone()).map_err(|_| wrong())?;
        if seek.operation().name() != ticket.operation() {
            return Err(wrong());
        }
        let wanted = Seeker::new(handle, seek);
        let place = wanted.place().map_err(|error| error.to_string())?;
        if place != ticket.place() {
            let theirs = ticket.place();
            return Err(format!(
                "the ticket is for {theirs}, but this client reads {place}; use the same provider and location"
            ));
        }
        // Other credentials may give access to more resources, so that existing ones appear to be new.
        let only_certain = is_of_other_credentials(&wanted, ticket);
        let ticket = Some(ticket.clone());
        Ok(Plan { wanted: Arc::new(wanted), send: None, ticket, search_for: None, total: None, only_certain })
    }

    /// For provider crates: returns the error with which the call ends before it sends anything, e.g. because the ticket
    /// is for another location.
    ///
    /// # Errors
    ///
    /// An invalid-argument error.
    pub fn check(&self) -> Result<(), Error> {
        self.0.as_ref().map(drop).map_err(Clone::clone)
    }

    /// For provider crates: also checks that the ticket was noted with the credentials of this client. With others, the
    /// resource may be invisible.
    ///
    /// # Errors
    ///
    /// An invalid-argument error.
    pub fn check_same_client(&self) -> Result<(), Error> {
        self.check()?;
        let is_foreign = |plan: &Plan<F>| {
            plan.ticket.as_ref().is_some_and(|ticket| is_of_other_credentials(&*plan.wanted, ticket))
        };
        if self.0.as_ref().is_ok_and(is_foreign) {
            let message = "the create was noted with other credentials; use the client that noted it";
            return Err(Error::invalid_argument(message));
        }
        Ok(())
    }

    fn change(self, change: impl FnOnce(&mut Plan<F>)) -> Self {
        Self(self.0.map(|mut plan| {
            change(&mut plan);
            plan
        }))
    }

    /// Sets the maximum duration of the search, which begins when the response is lost; [`timeout`](Self::timeout) may
    /// end it earlier. The default depends on how long the provider may take, and is between one and ten minutes, or
    /// the time until the timeout if that is set.
    ///
    /// A search with an old ticket (`find_created`) has only the rest of that time since the ticket was noted by
    /// default, and at least 10 seconds.
    pub fn search_for(self, limit: Duration) -> Self {
        self.change(|plan| plan.search_for = Some(limit))
    }

    /// Sets the timeout for the first list, the create and the search together; the time between [`note`](Self::note)
    /// and the create counts as well. A quarter of the time, up to a minute, is reserved for the search: the create is
    /// not sent if only that is left.
    pub fn timeout(self, total: Duration) -> Self {
        self.change(|plan| plan.total = Some(total))
    }

    /// Rejects a result that is only [likely](crate::recovery::Certainty::Likely) and returns an error with the
    /// candidate instead.
    pub fn only_certain(self) -> Self {
        self.change(|plan| plan.only_certain = true)
    }

    /// Records the existing resources and returns the create with its ticket, before the create is sent. Store the
    /// ticket, then await the create: its result can be found even if the future is dropped or the process ends.
    pub fn note(self) -> CallSequence<Noted<F>> {
        CallSequence::new(async move {
            let plan = self.0?;
            let deadline = plan.total.map(after);
            within(deadline, plan.note(deadline)).await
        })
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

    async fn run(self) -> Result<Created<F>, Error> {
        check_runtime()?;
        let plan = self.0?;
        let deadline = plan.total.map(after);
        within(deadline, plan.note(deadline)).await?.run(None).await
    }
}

fn is_of_other_credentials<F>(wanted: &dyn Wanted<F>, ticket: &Ticket) -> bool {
    let (salt, account) = ticket.account();
    wanted.account(salt) != account
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
        let operation = self.0.as_ref().map(|plan| plan.wanted.operation().name());
        f.debug_struct("Recover").field("operation", &operation).finish_non_exhaustive()
    }
}

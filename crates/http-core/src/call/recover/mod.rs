//! Creates whose result is found again when the response is lost.
//!
//! Providers of this kind have no idempotency keys, so a create is never sent twice. What is left is to look: note
//! what exists, send once, and if no response says what happened, read the list until something new appears that
//! fits the request. With a marker in a text that the provider keeps, that is certain. Without one, a new thing that
//! fits alone is *likely* the result: another program may have created its equal at the same time.

mod ensure;
mod fit;
mod search;
mod seek;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use tokio::time::{Instant, timeout_at};

pub use self::ensure::{Ensure, Ensured};
pub use self::fit::{Fit, Marker};
pub use self::seek::Seek;

use self::search::{Ended, Search};
use self::seek::{Seeker, Sought, Turn};
use crate::call::Call;
use crate::call::sequence::CallSequence;
use crate::error::ticket::Ticket;
use crate::error::{Error, ErrorKind};
use crate::operation::Operation;
use crate::policy::deadline::after;
use crate::policy::retry::RetryPolicy;
use crate::trace;
use crate::wire::response::{BoxFuture, Response};

/// At most this much of the whole time is kept for looking.
const RESERVE: Duration = Duration::from_secs(60);
/// For an old ticket at least this much time is spent on looking.
const SHORTEST: Duration = Duration::from_secs(10);

type Merge<F> = Box<dyn FnOnce(Result<F, Error>) -> Result<F, Error> + Send>;
type Sending<F> = Box<dyn FnOnce(Option<Duration>) -> BoxFuture<'static, Result<Accepted<F>, Error>> + Send>;

/// For provider crates: what the response to a create says.
pub enum Accepted<F> {
    /// The response is the created thing.
    Now(F),
    /// The response does not contain the created thing, which must be looked for. The function gets what was
    /// found, or the error of the search, and returns the result.
    Later(Merge<F>),
}

impl<F: 'static> Accepted<F> {
    /// The response says no more than that the thing was created.
    pub fn unnamed<T>(_: T) -> Self {
        Self::Later(Box::new(|found| found))
    }
}

/// How certain it is that a result belongs to its create.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Certainty {
    /// The provider's response says so.
    Confirmed,
    /// The response was lost, and the result has the create's marker, or something that only one thing can have.
    Certain,
    /// The response was lost, and the result is the only new thing that equals the request in everything that can
    /// be compared. Another program may have created it.
    Likely,
}

/// The result of a create.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Created<F> {
    /// The created thing.
    pub value: F,
    /// How certain it is that this create produced it.
    pub certainty: Certainty,
}

/// A create: `.await` sends one request, as any [`Call`]; [`recover`](Self::recover) finds the result even if the
/// response is lost.
///
/// Neither sends the create twice. `T` is what the response contains, `F` what is created.
#[must_use = "a create does nothing until it is awaited"]
pub struct Create<T, F = T> {
    call: Call<T>,
    sought: Arc<dyn Sought<F>>,
    accept: fn(T) -> Accepted<F>,
}

impl<T: 'static, F: Send + 'static> Create<T, F> {
    /// For provider crates: a create, how its result is sought, and what its response says.
    pub fn new<S: Seek<Found = F>>(
        call: Call<T>,
        handle: S::Handle,
        seek: S,
        accept: fn(T) -> Accepted<F>,
    ) -> Self {
        Self { call, sought: Arc::new(Seeker::new(handle, seek)), accept }
    }

    /// Finds the created thing even if the response is lost: notes what exists, sends the create once, and if no
    /// response says what happened, looks until the new thing appears or the time is over.
    pub fn recover(self) -> Recover<F> {
        let Self { call, sought, accept } = self;
        let send: Sending<F> = Box::new(move |limit| {
            let call = match limit {
                Some(limit) => call.at_most(limit),
                None => call,
            };
            Box::pin(async move { call.await.map(accept) })
        });
        Recover(Ok(Plan {
            sought,
            send: Some(send),
            ticket: None,
            look_for: None,
            total: None,
            only_certain: false,
        }))
    }
}

impl<T: 'static, F> Create<T, F> {
    fn change(mut self, change: impl FnOnce(Call<T>) -> Call<T>) -> Self {
        self.call = change(self.call);
        self
    }

    /// The operation of this create.
    pub fn operation(&self) -> &'static Operation {
        self.call.operation()
    }

    /// Sets the time for the create's own request; see [`Call::timeout`].
    pub fn timeout(self, limit: Duration) -> Self {
        self.change(|call| call.timeout(limit))
    }

    /// Sets how often the request is repeated while it provably was not processed; see [`Call::retry`].
    pub fn retry(self, policy: RetryPolicy) -> Self {
        self.change(|call| call.retry(policy))
    }

    /// Sets a header of the request; see [`Call::header`].
    pub fn header(self, name: impl TryInto<HeaderName>, value: impl TryInto<HeaderValue>) -> Self {
        self.change(|call| call.header(name, value))
    }

    /// Returns the response undecoded; see [`Call::raw`].
    pub fn raw(self) -> Call<Response> {
        self.call.raw()
    }

    /// Returns the request for another HTTP client; see [`Call::prepare`].
    pub fn prepare(&self) -> Result<http::Request<Bytes>, Error> {
        self.call.prepare()
    }

    /// Decodes the response that another HTTP client received; see [`Call::finish`].
    pub fn finish(self, response: http::Response<Bytes>) -> Result<T, Error> {
        self.call.finish(response)
    }

    /// Runs the create and blocks this thread until it ends; see [`Call::send_blocking`].
    #[cfg(feature = "blocking")]
    pub fn send_blocking(self) -> Result<T, Error> {
        self.call.send_blocking()
    }
}

impl<T: 'static, F> IntoFuture for Create<T, F> {
    type Output = Result<T, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        self.call.into_future()
    }
}

impl<T, F> From<Create<T, F>> for Call<T> {
    fn from(create: Create<T, F>) -> Self {
        create.call
    }
}

struct Plan<F> {
    sought: Arc<dyn Sought<F>>,
    /// `None` if the create was sent before and is only looked for.
    send: Option<Sending<F>>,
    ticket: Option<Ticket>,
    look_for: Option<Duration>,
    total: Option<Duration>,
    only_certain: bool,
}

/// A create whose result is found even if the response is lost; from [`Create::recover`]. `.await` returns the
/// created thing and how certain it is that this create produced it.
///
/// One list is read before the create is sent; a marked create needs none. The create is sent once. If a response
/// says what happened, nothing else is read. Otherwise the list is read at once and then every 2 to 15 seconds,
/// until a new thing appears that fits the request.
///
/// # Errors
/// If the provider rejects the create, or it was never sent, its own error. If the outcome stays unknown, an error
/// of [`ErrorKind::Unrecovered`] with the create's error as its source:
/// - Several new things fit, or one fits without proof: [`candidates`](Error::candidates) has their ids.
/// - Nothing new was seen. **That does not prove that nothing was created**: it may appear later.
///   [`ticket`](Error::ticket) finds it then.
///
/// # Dropping the future
/// Before the list is read, nothing is sent. Afterwards the create may be processed although nobody waits for it.
/// [`note`](Self::note) returns a [`Ticket`] before anything is sent; whoever has it finds the result.
#[must_use = "a recoverable create does nothing until it is awaited"]
pub struct Recover<F>(Result<Plan<F>, Error>);

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

    /// Rejects a result that is only [likely](Certainty::Likely): an error with the candidate is returned instead.
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

    /// Runs the create and blocks this thread until it ends; see [`Call::send_blocking`].
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

/// Runs what sends nothing that could be lost until the deadline.
async fn within<T>(
    deadline: Option<Instant>,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let Some(deadline) = deadline else { return work.await };
    timeout_at(deadline, work).await.unwrap_or_else(|_| {
        let message = "timed out while noting what exists; the create was not sent";
        Err(Error::new(ErrorKind::Timeout, message).unsent())
    })
}

impl<F: Send + 'static> Plan<F> {
    async fn note(mut self) -> Result<Noted<F>, Error> {
        let ticket = match self.ticket.take() {
            Some(ticket) => ticket,
            None if self.sought.is_marked() => self.ticket(None)?,
            None => {
                let sight = self.sought.note().await.map_err(|error| self.not_sent(error))?;
                self.ticket(Some(self.ids(sight)?))?
            }
        };
        Ok(Noted { plan: self, ticket })
    }

    fn ids(&self, sight: seek::Sight) -> Result<Vec<String>, Error> {
        if sight.unreadable > 0 {
            let message = format!("{} things in the list have no readable id", sight.unreadable);
            let error = Error::new(ErrorKind::Decode, message).with_operation(self.sought.operation().name());
            return Err(self.not_sent(error));
        }
        Ok(sight.rows.into_iter().map(|(id, _)| id).collect())
    }

    fn ticket(&self, before: Option<Vec<String>>) -> Result<Ticket, Error> {
        let (place, sought) = (self.sought.place()?, self.sought.to_value()?);
        // The salt is also the name of this create among those of one client.
        let salt = fit::random_bits();
        let account = (salt, self.sought.account(salt));
        Ok(Ticket::new(self.sought.operation().name(), place, account, before, sought))
    }

    fn not_sent(&self, error: Error) -> Error {
        let operation = self.sought.operation().name();
        error
            .unsent()
            .with_advice(format!("{operation} was not sent, because what exists could not be read before"))
    }
}

/// A create that is ready to be sent, with its [`ticket`](Self::ticket); from [`Recover::note`]. `.await` sends it
/// and returns the result, as [`Recover`] does.
#[must_use = "the create is not sent until this is awaited"]
pub struct Noted<F> {
    plan: Plan<F>,
    ticket: Ticket,
}

impl<F: Send + 'static> Noted<F> {
    /// The ticket. Store it before the create is sent.
    pub fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    /// Sends the create and blocks this thread until it ends; see [`Call::send_blocking`].
    #[cfg(feature = "blocking")]
    pub fn send_blocking(self) -> Result<Created<F>, Error> {
        crate::call::blocking::block_on(self.into_future())
    }

    /// Sends and looks. `turn` is given by whoever waited for it already.
    async fn run(self, deadline: Option<Instant>, turn: Option<Turn>) -> Result<Created<F>, Error> {
        let Self { plan: Plan { sought, send, look_for, total, only_certain, .. }, ticket } = self;
        let deadline = deadline.or(total.map(after));
        let mut search = Search {
            sought: &*sought,
            ticket: &ticket,
            known: None,
            only_certain,
            confirmed: false,
            until: Instant::now(),
        };
        let looks_until = || deadline.unwrap_or_else(|| after(look_for.unwrap_or(sought.appears_within())));
        let Some(send) = send else {
            let rest = sought.appears_within().saturating_sub(ticket.age()).max(SHORTEST);
            search.until = deadline.unwrap_or_else(|| after(look_for.unwrap_or(rest)));
            return search.run().await.map_err(|ended| ended.error(&search, None));
        };
        let _turn = match turn {
            Some(turn) => turn,
            None => within(deadline, async { Ok(sought.turn().await) }).await?,
        };
        let abandoned = Abandoned { operation: sought.operation().name(), ticket: Some(ticket.name()) };
        let limit = deadline.zip(total).map(|(deadline, total)| {
            deadline.saturating_duration_since(Instant::now()).saturating_sub((total / 4).min(RESERVE))
        });
        let result = match send(limit).await {
            Ok(Accepted::Now(value)) => {
                sought.take(&sought.found_id(&value), &ticket.name());
                Ok(Created { value, certainty: Certainty::Confirmed })
            }
            Ok(Accepted::Later(merge)) => {
                (search.confirmed, search.until) = (true, looks_until());
                match search.run().await {
                    Ok(Created { value, certainty }) => {
                        merge(Ok(value)).map(|value| Created { value, certainty })
                    }
                    Err(ended) => merge(Err(ended.error(&search, None)))
                        .map(|value| Created { value, certainty: Certainty::Confirmed }),
                }
            }
            Err(error) if error.is_outcome_unknown() => {
                trace::lost(&error, &ticket.name());
                search.known = error.created_id().filter(|_| sought.response_names_row()).map(str::to_owned);
                search.until = looks_until();
                search.run().await.map_err(|ended: Ended| ended.error(&search, Some(error)))
            }
            Err(error) => Err(error),
        };
        abandoned.disarm();
        result
    }
}

/// Says so in the log if the future is dropped after the create was sent.
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
        Box::pin(self.run(None, None))
    }
}

impl<T: 'static, F> fmt::Debug for Create<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Create").field("operation", &self.call.operation().name()).finish_non_exhaustive()
    }
}

impl<F> fmt::Debug for Recover<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.0.as_ref().map(|plan| plan.sought.operation().name());
        f.debug_struct("Recover").field("operation", &operation).finish_non_exhaustive()
    }
}

impl<F> fmt::Debug for Noted<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Noted").field("ticket", &self.ticket).finish_non_exhaustive()
    }
}

impl<F> fmt::Debug for Accepted<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Now(_) => "Now",
            Self::Later(_) => "Later",
        })
    }
}

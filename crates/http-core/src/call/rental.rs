//! Resources that are billed while they exist, ended on every way out.
//!
//! Why a thread of its own and not a task: `Drop` cannot wait, and a task that it spawns dies with the runtime, which
//! is what happens when `main` returns, panics or drops the runtime. Waiting inside `Drop` on a single-threaded runtime
//! would block the very thread that drives the connection. The thread has a runtime of its own, and a client opens
//! connections of its own on each runtime.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Builder;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

#[cfg(feature = "blocking")]
use crate::call::blocking::block_on;
use crate::error::Error;
use crate::trace;
use crate::wire::response::BoxFuture;

type End = Arc<dyn Fn() -> BoxFuture<'static, Result<(), Error>> + Send + Sync>;

/// A resource that is billed while it exists, and how to end it.
///
/// [`end`](Self::end) is the normal way out. A rental that is dropped, after an error, a panic or the cancellation of a
/// future, is ended by a background thread; [`settle`] waits for it. [`keep`](Self::keep) keeps the resource running.
///
/// Nothing can end it after `SIGKILL`, `std::process::exit`, a power failure or in a program built with
/// `panic = "abort"`: store the id, or the ticket of the create, before it begins, and end what is stored at the next
/// start, by a new rental of the id or by `end_rented` of the ticket.
#[must_use = "dropping a rental ends it"]
pub struct Rental {
    what: Rented,
    end: Option<End>,
}

/// The resource that is ended, and what to report if that fails.
#[derive(Clone, Debug)]
struct Rented {
    name: String,
    left: &'static str,
}

impl fmt::Display for Rented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.left)
    }
}

impl Rental {
    /// For provider crates: creates a rental of `what`, which `end` ends. `end` may run more than once and must be
    /// patient: it returns when the resource has really ended.
    ///
    /// Create it *before* the request that starts the billing, whose response may be lost.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the background thread cannot be started;
    /// nothing is billed then.
    pub fn new<F>(what: impl Into<String>, end: impl Fn() -> F + Send + Sync + 'static) -> Result<Self, Error>
    where
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        janitor()?;
        let what = Rented { name: what.into(), left: "may still be billed" };
        Ok(Self { what, end: Some(Arc::new(move || Box::pin(end()))) })
    }

    /// For provider crates: sets what errors and logs say if it could not be ended, in place of `may still be billed`.
    pub fn left_as(mut self, left: &'static str) -> Self {
        self.what.left = left;
        self
    }

    /// Ends the rental and waits until it has ended. If this future is dropped, the background thread ends it.
    ///
    /// # Errors
    ///
    /// The error of the call that failed. **The resource may still be billed.**
    pub async fn end(mut self) -> Result<(), Error> {
        // Armed while this runs, so that a cancelled end is finished by the background thread.
        let Some(end) = self.end.clone() else { return Ok(()) };
        let ended = end().await;
        self.end = None;
        if let Err(error) = &ended {
            trace::not_ended(&self.what, error);
        }
        ended
    }

    /// Keeps the resource running: from here on the caller is responsible for ending it.
    pub fn keep(mut self) {
        self.end = None;
    }

    /// Runs `work`, then ends the rental: after success and error before this returns, after a panic before the panic
    /// goes on.
    ///
    /// # Errors
    ///
    /// [`RentalError::Work`] if only the work failed, [`RentalError::End`] if it may still be billed.
    pub async fn run<R, E>(self, work: impl Future<Output = Result<R, E>>) -> Result<R, RentalError<R, E>> {
        let mut work = pin!(work);
        let done = std::future::poll_fn(|context| {
            match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
                Ok(Poll::Pending) => Poll::Pending,
                Ok(Poll::Ready(result)) => Poll::Ready(Ok(result)),
                Err(panic) => Poll::Ready(Err(panic)),
            }
        })
        .await;
        let what = self.what.clone();
        let ended = self.end().await;
        finish(what, done, ended)
    }

    /// Runs `work` and ends the rental, for programs without async code; `work` may use `send_blocking()`. See
    /// [`run`](Self::run).
    ///
    /// # Errors
    ///
    /// Those of [`run`](Self::run). On a thread of an async runtime, where nothing may block, the background thread
    /// ends it, and [`RentalError::End`] says so.
    #[cfg(feature = "blocking")]
    pub fn run_blocking<R, E>(self, work: impl FnOnce() -> Result<R, E>) -> Result<R, RentalError<R, E>> {
        let what = self.what.clone();
        // Outside `block_on`, within which nothing else can block.
        let done = catch_unwind(AssertUnwindSafe(work));
        let ended = block_on(self.end());
        finish(what, done, ended)
    }

    /// For provider crates: begins a rental and blocks this thread until it has begun.
    ///
    /// # Errors
    ///
    /// Those of `begin`, and [`RentalError::Start`] on a thread of an async runtime; nothing is begun then.
    #[cfg(feature = "blocking")]
    pub fn begin_blocking<T, R, E>(
        begin: impl Future<Output = Result<(Self, T), RentalError<R, E>>>,
    ) -> Result<(Self, T), RentalError<R, E>> {
        block_on(async { Ok(begin.await) }).map_err(RentalError::Start)?
    }

    /// For provider crates: ends a resource that did not come up, for the reason `error`.
    pub async fn give_up<R, E>(self, error: Error) -> RentalError<R, E> {
        let what = self.what.clone();
        match self.end().await {
            Ok(()) => RentalError::Start(error),
            Err(error) => RentalError::End { what: what.to_string(), work: None, error },
        }
    }
}

fn finish<R, E>(
    what: Rented,
    done: thread::Result<Result<R, E>>,
    ended: Result<(), Error>,
) -> Result<R, RentalError<R, E>> {
    match (done, ended) {
        (Err(panic), _) => resume_unwind(panic),
        (Ok(work), Err(error)) => Err(RentalError::End { what: what.to_string(), work: Some(work), error }),
        (Ok(work), Ok(())) => work.map_err(RentalError::Work),
    }
}

impl Drop for Rental {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            hand_over(self.what.clone(), &end);
        }
    }
}

impl fmt::Debug for Rental {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rental").field("what", &self.what.name).field("armed", &self.end.is_some()).finish()
    }
}

/// Why work inside a rental failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RentalError<R, E> {
    /// The rental could not be started. What had begun was ended.
    #[error("{0}")]
    Start(#[source] Error),
    /// The work failed. The rental has ended.
    #[error("{0}")]
    Work(E),
    /// The rental could not be ended. **It may still be billed.**
    #[error("{what}: {error}; end it by hand")]
    End {
        /// The resource and what may be wrong with it, e.g. `GPU server 4711 may still be billed`.
        what: String,
        /// What the work returned; `None` if the work did not begin.
        work: Option<Result<R, E>>,
        /// Why the rental could not be ended.
        #[source]
        error: Error,
    },
}

/// A resource that the background thread could not end, or has not ended yet.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Unsettled {
    /// The resource and what may be wrong with it, e.g. `GPU server 4711 may still be billed`.
    pub what: String,
    /// Why ending it failed; `None` if that was still under way.
    pub error: Option<Error>,
}

impl fmt::Display for Unsettled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.error {
            Some(error) => write!(f, "{}: {error}", self.what),
            None => write!(f, "{}: it was still being ended", self.what),
        }
    }
}

/// Waits until all dropped rentals have ended, for `limit` at most, and returns what has not ended. Call it as the last
/// line of `main`. Blocks this thread; on a runtime use [`settled`].
#[must_use = "what is returned may still be billed"]
pub fn settle(limit: Duration) -> Vec<Unsettled> {
    let Some(Ok(janitor)) = JANITOR.get() else { return Vec::new() };
    let deadline = Instant::now().checked_add(limit);
    let mut books = janitor.books();
    while !books.open.is_empty() {
        let left =
            deadline.map_or(Duration::from_secs(60), |at| at.saturating_duration_since(Instant::now()));
        if left.is_zero() {
            break;
        }
        books = janitor.changed.wait_timeout(books, left).unwrap_or_else(PoisonError::into_inner).0;
    }
    let open = books.open.values().map(|what| Unsettled { what: what.to_string(), error: None });
    let open: Vec<_> = open.collect();
    books.failed.drain(..).chain(open).collect()
}

/// Waits until all dropped rentals have ended, for `limit` at most, and returns what has not ended; the async form of
/// [`settle`].
pub async fn settled(limit: Duration) -> Vec<Unsettled> {
    tokio::task::spawn_blocking(move || settle(limit)).await.unwrap_or_default()
}

/// The thread that ends what was dropped.
struct Janitor {
    sender: UnboundedSender<(u64, End)>,
    books: Mutex<Books>,
    changed: Condvar,
}

#[derive(Default)]
struct Books {
    handed_over: u64,
    open: BTreeMap<u64, Rented>,
    failed: Vec<Unsettled>,
}

impl Janitor {
    fn books(&self) -> std::sync::MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self, number: u64, ended: Result<(), Error>) {
        let mut books = self.books();
        let what = books.open.remove(&number);
        if let (Some(what), Err(error)) = (what, ended) {
            trace::not_ended(&what, &error);
            books.failed.push(Unsettled { what: what.to_string(), error: Some(error) });
        }
        self.changed.notify_all();
    }
}

static JANITOR: OnceLock<Result<Janitor, Error>> = OnceLock::new();

fn janitor() -> Result<&'static Janitor, Error> {
    JANITOR.get_or_init(start).as_ref().map_err(Clone::clone)
}

fn start() -> Result<Janitor, Error> {
    let failed = |_| Error::configuration("the thread that ends rentals cannot be started");
    let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
    let (sender, mut receiver) = unbounded_channel::<(u64, End)>();
    thread::Builder::new()
        .name("hostkit-janitor".to_owned())
        .spawn(move || {
            runtime.block_on(async {
                while let Some((number, end)) = receiver.recv().await {
                    tokio::spawn(async move {
                        // A panic while one rental is ended must not keep the others from being ended.
                        let ended = tokio::spawn(async move { end().await }).await;
                        let ended = ended.unwrap_or_else(|_| Err(Error::configuration("ending it panicked")));
                        if let Some(Ok(janitor)) = JANITOR.get() {
                            janitor.close(number, ended);
                        }
                    });
                }
            });
        })
        .map_err(failed)?;
    Ok(Janitor { sender, books: Mutex::default(), changed: Condvar::new() })
}

fn hand_over(what: Rented, end: &End) {
    let Ok(janitor) = janitor() else { return };
    trace::handed_over(&what.name);
    let number = {
        let mut books = janitor.books();
        books.handed_over += 1;
        let number = books.handed_over;
        books.open.insert(number, what);
        number
    };
    if janitor.sender.send((number, Arc::clone(end))).is_err() {
        janitor.close(number, Err(Error::configuration("the thread that ends rentals is gone")));
    }
}

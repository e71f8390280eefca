//! Resources that are billed while they exist, and that are ended no matter how the work with them ends.
//!
//! Why a dedicated thread instead of a task? `Drop` cannot wait, and a task that it spawns dies with the runtime when
//! `main` returns, panics or drops the runtime. Waiting inside `Drop` on a single-threaded runtime would block the very
//! thread that drives the connection. The dedicated thread has its own runtime, and clients open separate connections
//! on each runtime.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::process;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Builder;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

#[cfg(feature = "blocking")]
use crate::call::blocking::block_on;
use crate::error::Error;
use crate::policy::runtime::check_runtime;
use crate::trace;
use crate::transport::per_process::PerProcess;
use crate::transport::permits::without_permit;
use crate::wire::response::BoxFuture;

type End = Arc<dyn Fn() -> BoxFuture<'static, Result<(), Error>> + Send + Sync>;

/// A resource that is billed while it exists, together with the calls that end it.
///
/// Normally, [`end`](Self::end) ends the rental. If a rental is dropped after an error, a panic or the cancellation of
/// a future, a background thread ends it, and [`settle`] waits until the rental has ended. [`keep`](Self::keep) keeps
/// the resource running.
///
/// Nothing can end a rental after `SIGKILL`, `std::process::exit`, a power failure, or a panic in a program built with
/// `panic = "abort"`. So store the id, or the ticket of the create, before the rental begins. At the next start, end
/// the resource with a new rental of that id, or with `end_rented` and the ticket.
#[must_use = "dropping a rental ends it"]
pub struct Rental {
    what: Rented,
    end: Option<End>,
    /// The process that created the rental. A forked child drops a copy of it, and must not end the resource.
    process: u32,
}

/// The name of the resource, and what to report if it cannot be ended.
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
    /// For provider crates: creates a rental of `what`. `end` releases the resource. It may run more than once, and
    /// must return only once the resource has actually been released. Its calls need no permit if the client limits its
    /// concurrency.
    ///
    /// Create the rental *before* sending the request that starts the billing, because the response may be lost.
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
        let end: End = Arc::new(move || Box::pin(without_permit(end())));
        Ok(Self { what, end: Some(end), process: process::id() })
    }

    /// For provider crates: replaces `may still be billed` in the errors and log messages of a rental that could not be
    /// ended.
    pub fn left_as(mut self, left: &'static str) -> Self {
        self.what.left = left;
        self
    }

    /// Ends the rental and waits until it has ended. If this future is dropped, the background thread ends the rental.
    ///
    /// # Errors
    ///
    /// The error of the call that failed. **The resource may still be billed.**
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) in a forked child: only its parent ends the rental.
    #[inline]
    pub async fn end(mut self) -> Result<(), Error> {
        // The rental stays armed until `end` completes, so that the background thread takes over if this future is
        // dropped.
        check_runtime()?;
        if !self.is_of_this_process() {
            return Err(Error::configuration(
                "this forked process has only a copy of the rental: end it in the process that began it",
            ));
        }
        let Some(end) = self.end.clone() else { return Ok(()) };
        let ended = end().await;
        self.end = None;
        if let Err(error) = &ended {
            trace::not_ended(&self.what, error);
        }
        ended
    }

    fn is_of_this_process(&self) -> bool {
        self.process == process::id()
    }

    /// Keeps the resource running. From this point, the caller is responsible for ending it.
    #[inline]
    pub fn keep(mut self) {
        self.end = None;
    }

    /// Runs `work`, then ends the rental. The rental has ended before this method returns, or before a panic in `work`
    /// is propagated. In a child that `work` forks, this method returns without ending the rental, which its parent ends.
    ///
    /// # Errors
    ///
    /// [`RentalError::Work`] if only the work failed, [`RentalError::End`] if the resource may still be billed.
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
        let ended = if self.is_of_this_process() { self.end().await } else { Ok(()) };
        finish(what, done, ended)
    }

    /// Runs `work` and ends the rental, for programs without async code; `work` may use `send_blocking()`. See
    /// [`run`](Self::run).
    ///
    /// # Errors
    ///
    /// The errors of [`run`](Self::run). On a thread of an async runtime, which must not be blocked, the background
    /// thread ends the rental, and [`RentalError::End`] reports this.
    #[cfg(feature = "blocking")]
    pub fn run_blocking<R, E>(self, work: impl FnOnce() -> Result<R, E>) -> Result<R, RentalError<R, E>> {
        let what = self.what.clone();
        // `work` runs outside of `block_on`, because blocking calls cannot be nested.
        let done = catch_unwind(AssertUnwindSafe(work));
        let ended = if self.is_of_this_process() { block_on(self.end()) } else { Ok(()) };
        finish(what, done, ended)
    }

    /// For provider crates: begins a rental and blocks this thread until the rental has begun.
    ///
    /// # Errors
    ///
    /// The errors of `begin`, and [`RentalError::Start`] on a thread of an async runtime, in which case nothing is
    /// started.
    #[cfg(feature = "blocking")]
    pub fn begin_blocking<T, R, E>(
        begin: impl Future<Output = Result<(Self, T), RentalError<R, E>>>,
    ) -> Result<(Self, T), RentalError<R, E>> {
        block_on(async { Ok(begin.await) }).map_err(RentalError::Start)?
    }

    /// For provider crates: ends the rental of a resource that did not start because of `error`.
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
    #[inline]
    fn drop(&mut self) {
        if let Some(end) = self.end.take()
            && self.is_of_this_process()
        {
            hand_over(self.what.clone(), &end);
        }
    }
}

impl fmt::Debug for Rental {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rental")
            .field("what", &self.what.name)
            .field("armed", &self.end.is_some())
            .finish_non_exhaustive()
    }
}

/// The error of a rental or of the work inside it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RentalError<R, E> {
    /// The rental could not be started. Everything that had been started was ended.
    #[error("{0}")]
    Start(#[source] Error),
    /// The work failed. The rental has ended.
    #[error("{0}")]
    Work(E),
    /// The rental could not be ended. **The resource may still be billed.**
    #[error("{what}: {error}; end it yourself")]
    End {
        /// The resource and what may be wrong with it, e.g. `GPU server 4711 may still be billed`.
        what: String,
        /// The result of the work; `None` if the work did not begin.
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
    /// Why it could not be ended; `None` if it was still being ended.
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

/// Waits up to `limit` for all dropped rentals to end, and returns those that have not ended. Call this function as the
/// last line of `main`. It blocks this thread; on an async runtime, use [`settled`].
#[must_use = "the returned resources may still be billed"]
#[inline]
pub fn settle(limit: Duration) -> Vec<Unsettled> {
    let Some(janitor) = JANITOR.get() else { return Vec::new() };
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

/// Waits up to `limit` for all dropped rentals to end, and returns those that have not ended; the async version of
/// [`settle`].
#[inline]
pub async fn settled(limit: Duration) -> Vec<Unsettled> {
    tokio::task::spawn_blocking(move || settle(limit)).await.unwrap_or_default()
}

/// The thread that ends dropped rentals.
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

    #[inline]
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

static JANITOR: PerProcess<Janitor> = PerProcess::new();

#[inline]
fn janitor() -> Result<&'static Janitor, Error> {
    JANITOR.get_or_make(start)
}

#[inline]
fn start() -> Result<Janitor, Error> {
    let failed = |error: std::io::Error| {
        Error::configuration(format!("the thread that ends rentals cannot be started: {error}"))
    };
    let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
    let (sender, mut receiver) = unbounded_channel::<(u64, End)>();
    thread::Builder::new()
        .name("hostkit-janitor".to_owned())
        .spawn(move || {
            runtime.block_on(async {
                while let Some((number, end)) = receiver.recv().await {
                    tokio::spawn(async move {
                        // A panic while ending one rental must not prevent the others from being ended.
                        let ended = tokio::spawn(async move { end().await }).await;
                        let ended = ended.unwrap_or_else(|_| Err(Error::configuration("ending it panicked")));
                        if let Some(janitor) = JANITOR.get() {
                            janitor.close(number, ended);
                        }
                    });
                }
            });
        })
        .map_err(failed)?;
    Ok(Janitor { sender, books: Mutex::default(), changed: Condvar::new() })
}

#[inline]
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
        janitor.close(number, Err(Error::configuration("the thread that ends rentals has stopped")));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_forked_child_does_not_end_a_rental_of_its_parent() {
        for (process, ends) in [(0, false), (process::id(), true)] {
            let ended = Arc::new(AtomicBool::new(false));
            let rental = || {
                let ended = Arc::clone(&ended);
                let end = move || {
                    ended.store(true, Ordering::SeqCst);
                    async { Ok(()) }
                };
                let mut rental = Rental::new("thing 7", end).unwrap();
                rental.process = process;
                rental
            };
            drop(rental());
            assert!(settle(Duration::from_secs(60)).is_empty());
            assert_eq!(ended.swap(false, Ordering::SeqCst), ends, "{process}");
            assert_eq!(rental().end().await.is_ok(), ends, "{process}");
            assert_eq!(ended.swap(false, Ordering::SeqCst), ends, "{process}");
            assert_eq!(rental().run(async { Ok::<_, Error>(7) }).await.unwrap(), 7);
            assert_eq!(ended.load(Ordering::SeqCst), ends, "{process}");
        }
    }
}

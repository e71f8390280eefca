//! Keeps a GPU server running only while work is done on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http_core::client::{SentChange, in_sequence};
use http_core::rental::{Rental, RentalError};
use http_core::{Error, ErrorKind};
use tokio::time::{Instant, sleep};

use crate::ids::ServerId;
use crate::servers::{Server, Servers};

/// The longest time to wait for a queued server before it is started.
const QUEUE: Duration = Duration::from_secs(10 * 60);
/// The longest time to wait for a server to boot, even if the rental ends while the server boots.
const BOOT: Duration = Duration::from_secs(30 * 60);
/// The time for which a server must appear off before a rental whose server was never seen running ends. A start that
/// was sent just before may take effect later, e.g. if its future was dropped or its program was killed. The provider
/// no longer processes a request after this time.
const SETTLING: Duration = Duration::from_secs(2 * 60);
/// The time after which an accepted stop is sent again if the server is still running.
const STOP: Duration = Duration::from_secs(2 * 60);
/// The time after which stopping the server fails if every request fails. The limit is high because the server is
/// billed until it is off: even a refused sign-in may succeed later, e.g. if the account is locked for some minutes.
const TROUBLE: Duration = Duration::from_secs(20 * 60);
/// The time after which stopping the server fails if the server does not stop.
const END: Duration = Duration::from_secs(2 * 60 * 60);
/// The shortest and the longest delay between two polls while the server is being stopped.
const DELAYS: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(15));

impl Servers {
    /// Convenience method: starts a server, runs `work` while it is up, and stops it. **You are billed while the server
    /// runs.**
    ///
    /// A server that was just ordered may be [queued](crate::ServerStatus::Queued) until its hardware is free. This
    /// method waits up to ten minutes until the server can be started. If the queue may be longer, first wait for it:
    /// `servers.wait(id).until(Server::can_start).timeout(..)`.
    ///
    /// After success, an error or a panic, the server is stopped before the future completes. If the future is dropped,
    /// a background thread stops the server; end your program with [`settle`](crate::rental::settle), which waits for
    /// that thread. A server that is still booting is stopped as soon as it is up, because the provider rejects a stop
    /// before that. If the server was not even seen booting, the thread checks for two minutes that it stays off. A
    /// server that this method did not start, because the future was dropped earlier, is not stopped. A program without
    /// async code uses `while_running_blocking` (feature `blocking`).
    ///
    /// # Errors
    ///
    /// - [`RentalError::Start`]: the server was still queued after ten minutes, already ran
    ///   ([`is_conflict`](http_core::Error::is_conflict)), could not be started, or did not come up. It is off, unless
    ///   another program runs it. **The order remains**: start the server later.
    /// - [`RentalError::Work`]: only `work` failed. The server is stopped.
    /// - [`RentalError::End`]: the server could not be stopped, and **it may still be billed**. The error contains the
    ///   result of the work.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::leaderssl_server(async |client, server| {
    /// # client.servers().stop(server.id).await?;
    /// let id = server.id;
    /// let address = client
    ///     .servers()
    ///     .while_running(id, async |server| {
    ///         // Copy the data there, train, copy the model back.
    ///         server.address().ok_or("the server has no address")
    ///     })
    ///     .await?;
    /// println!("worked at {address}");
    /// assert!(client.servers().get(id).await?.can_start());
    /// # Ok(()) });
    /// ```
    pub fn while_running<R, E, W>(
        &self,
        id: ServerId,
        work: W,
    ) -> impl Future<Output = Result<R, RentalError<R, E>>> + use<R, E, W>
    where
        W: AsyncFnOnce(&Server) -> Result<R, E>,
    {
        let servers = self.clone();
        async move {
            let (rental, server) = servers.begin(id).await?;
            rental.run(work(&server)).await
        }
    }

    /// Convenience method: the blocking form of [`while_running`](Self::while_running), for programs without async
    /// code. Blocks the current thread; `work` may call `send_blocking()`.
    ///
    /// After success, an error or a panic, the server is stopped before this method returns.
    ///
    /// # Errors
    ///
    /// - The errors of [`while_running`](Self::while_running).
    /// - [`RentalError::Start`]: the method was called on a thread of an async runtime. The server was not started.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use leaderssl_gpu::{Client, Error};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let client = Client::from_env()?; // LEADERSSL_LOGIN, LEADERSSL_PASSWORD
    /// let address = client.servers().while_running_blocking(4711.into(), |server| {
    ///     // Copy the data there, train, copy the model back.
    ///     let server = client.servers().get(server.id).send_blocking()?;
    ///     Ok::<_, Error>(server.address())
    /// })?;
    /// println!("worked at {address:?}");
    /// # Ok(()) }
    /// ```
    #[cfg(feature = "blocking")]
    pub fn while_running_blocking<R, E>(
        &self,
        id: ServerId,
        work: impl FnOnce(&Server) -> Result<R, E>,
    ) -> Result<R, RentalError<R, E>> {
        let (rental, server) = Rental::begin_blocking(self.begin(id))?;
        rental.run_blocking(|| work(&server))
    }

    async fn begin<R, E>(&self, id: ServerId) -> Result<(Rental, Server), RentalError<R, E>> {
        let queued = self.wait(id).until(|server| !server.is_queued()).timeout(QUEUE).await;
        let server = queued.map_err(|error| RentalError::Start(error.into()))?;
        if server.is_started() {
            let message = format!(
                "server {id} already runs: stop it first, or work on it without while_running, which would stop it"
            );
            return Err(RentalError::Start(Error::conflict(message)));
        }
        let (started, start) = in_sequence(self.start(id).into_future());
        // The rental is created before the start is sent, because the response to the start may be lost.
        let rented = Rented::new(self, id, Some(started));
        let rental = rented.rental().map_err(RentalError::Start)?;
        if let Err(error) = start.await
            && !error.is_outcome_unknown()
        {
            // The start was rejected: if the server runs, another program started it.
            rental.keep();
            return Err(RentalError::Start(error));
        }
        match self.wait(id).until(Server::is_running).timeout(BOOT).await {
            Ok(server) => {
                rented.ran.store(true, Ordering::Relaxed);
                Ok((rental, server))
            }
            Err(error) => Err(rental.give_up(error.into()).await),
        }
    }

    /// Convenience method: returns a guard that stops a running server when the guard is dropped, as
    /// [`while_running`](Self::while_running) does. The guard does not start the server; create the guard before you
    /// start the server.
    ///
    /// The guard can also stop a server that a killed process left running: store the server's id before you start it,
    /// and remove the id when the work has ended. When your program starts and finds a stored id, create a guard for
    /// that id and end it. A server that is off stays off, but must be off for two minutes, because a start that was
    /// sent before the process was killed may take effect later.
    ///
    /// ```
    /// # hostkit_doctest::leaderssl_server(async |client, server| {
    /// let stored_before_the_start = server.id;
    /// client.servers().rental(stored_before_the_start)?.end().await?;
    /// assert!(client.servers().get(server.id).await?.can_start());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Configuration`](http_core::ErrorKind::Configuration): the background thread cannot be started.
    #[inline]
    pub fn rental(&self, id: ServerId) -> Result<Rental, Error> {
        Rented::new(self, id, None).rental()
    }
}

/// The server of a rental.
struct Rented {
    servers: Servers,
    id: ServerId,
    /// Whether the rental started the server; `None` if another process may have started it.
    started: Option<SentChange>,
    /// Whether the server was seen booting or running.
    ran: AtomicBool,
}

impl Rented {
    fn new(servers: &Servers, id: ServerId, started: Option<SentChange>) -> Arc<Self> {
        Arc::new(Self { servers: servers.clone(), id, started, ran: AtomicBool::new(false) })
    }

    #[inline]
    fn rental(self: &Arc<Self>) -> Result<Rental, Error> {
        let rented = Arc::clone(self);
        Rental::new(format!("GPU server {}", self.id), move || Arc::clone(&rented).end())
    }

    /// Stops the server, whatever its state, and returns when it is off and stays off.
    #[inline]
    async fn end(self: Arc<Self>) -> Result<(), Error> {
        if self.started.as_ref().is_some_and(|started| !started.may_have_happened()) {
            return Ok(());
        }
        let begun = Instant::now();
        let (mut succeeded, mut off_since, mut stopped) = (begun, None, None);
        let mut delay = DELAYS.0;
        loop {
            let result = match self.servers.get(self.id).await {
                Ok(server) if server.is_stopped() => {
                    // One response may be out of date, so it proves nothing if no stop was accepted.
                    let is_sure = stopped.is_some() || off_since.is_some();
                    let since = *off_since.get_or_insert_with(Instant::now);
                    if (self.ran.load(Ordering::Relaxed) && is_sure) || since.elapsed() >= SETTLING {
                        return Ok(());
                    }
                    Ok(server)
                }
                Ok(server) => {
                    off_since = None;
                    self.ran.fetch_or(server.is_started(), Ordering::Relaxed);
                    let is_stopping = stopped.is_some_and(|at: Instant| at.elapsed() < STOP);
                    // The provider rejects a stop while the server boots. The next poll shows whether the stop worked,
                    // even if its response was lost or rejects a repeated stop.
                    if server.can_stop() && !is_stopping {
                        match self.servers.stop(self.id).await {
                            Ok(()) => {
                                stopped = Some(Instant::now());
                                continue;
                            }
                            Err(error) => Err(error),
                        }
                    } else {
                        Ok(server)
                    }
                }
                Err(error) => Err(error),
            };
            match result {
                Ok(_) if begun.elapsed() < END => succeeded = Instant::now(),
                Err(_) if begun.elapsed() < END && succeeded.elapsed() < TROUBLE => {}
                Ok(server) => {
                    let message = format!("GPU server {} was still {} after {END:?}", self.id, server.status);
                    return Err(Error::new(ErrorKind::Wait, message));
                }
                Err(error) => return Err(error),
            }
            sleep(delay).await;
            delay = delay.mul_f64(1.5).min(DELAYS.1);
        }
    }
}

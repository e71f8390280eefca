//! Keeps a GPU server running only while work is done on it.

use std::time::Duration;

use http_core::Error;
use http_core::rental::{Rental, RentalError};

use crate::ids::ServerId;
use crate::servers::{Server, Servers};

/// The longest time to wait for a queued server before it is started.
const QUEUE: Duration = Duration::from_secs(10 * 60);
/// The longest time to wait for a server to boot, even if the rental ends while the server boots.
const BOOT: Duration = Duration::from_secs(30 * 60);
/// The time after which a stop is sent again if the server is still running.
const STOP: Duration = Duration::from_secs(2 * 60);
/// The maximum number of times that a stop is sent.
const STOPS: u32 = 5;
/// The number of failed polls in a row after which stopping the server fails. The limit is high because the server is
/// billed until it is off.
const FAILED_POLLS: u32 = 30;

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
    /// before that. A program without async code uses `while_running_blocking` (feature `blocking`).
    ///
    /// # Errors
    ///
    /// - [`RentalError::Start`]: the server was still queued after ten minutes, could not be started, or did not come
    ///   up. It is off, unless another program runs it. **The order remains**: start the server later.
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
        queued.map_err(|error| RentalError::Start(error.into()))?;
        // The rental is created before the start is sent, because the response to the start may be lost.
        let rental = self.rental(id).map_err(RentalError::Start)?;
        if let Err(error) = self.start(id).await
            && !error.is_outcome_unknown()
        {
            // The start was rejected: if the server runs, another program started it.
            rental.keep();
            return Err(RentalError::Start(error));
        }
        match self.wait(id).until(Server::is_running).timeout(BOOT).await {
            Ok(server) => Ok((rental, server)),
            Err(error) => Err(rental.give_up(error.into()).await),
        }
    }

    /// Convenience method: returns a guard that stops a running server when the guard is dropped, as
    /// [`while_running`](Self::while_running) does. The guard does not start the server; create the guard before you
    /// start the server.
    ///
    /// The guard can also stop a server that a killed process left running: store the server's id before you start it,
    /// and remove the id when the work has ended. When your program starts and finds a stored id, create a guard for
    /// that id and end it. A server that is off stays off.
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
    pub fn rental(&self, id: ServerId) -> Result<Rental, Error> {
        let servers = self.clone();
        Rental::new(format!("GPU server {id}"), move || stop(servers.clone(), id))
    }
}

/// Stops a server, whatever its state, and returns when it is off.
async fn stop(servers: Servers, id: ServerId) -> Result<(), Error> {
    let mut result = Ok(());
    for _ in 0..STOPS {
        let settled = servers.wait(id).until(|server| server.is_running() || server.is_stopped());
        let server = settled.timeout(BOOT).max_failed_polls(FAILED_POLLS).await?;
        if server.is_stopped() {
            return Ok(());
        }
        // The next poll shows whether the stop worked: its response may be lost, and a second stop is rejected.
        let stopped = servers.stop(id).await;
        let off =
            servers.wait(id).until(Server::is_stopped).timeout(STOP).max_failed_polls(FAILED_POLLS).await;
        result = match off {
            Ok(_) => return Ok(()),
            Err(error) => stopped.and(Err(error.into())),
        };
    }
    result
}

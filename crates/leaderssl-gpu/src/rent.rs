//! Runs a GPU server only while some work takes place.

use std::time::Duration;

use http_core::Error;
use http_core::rental::{Rental, RentalError};

use crate::ids::ServerId;
use crate::servers::{Server, Servers};

/// The longest time to wait for a server to boot, also if the rental ends while it boots.
const BOOT: Duration = Duration::from_secs(30 * 60);
/// The time after which a stop is sent again if the server still runs.
const STOP: Duration = Duration::from_secs(2 * 60);
/// The number of times that the stop is sent.
const STOPS: u32 = 5;
/// The number of failed looks in a row that end the stop. It is high: until the server is off, it is billed.
const FAILED_LOOKS: u32 = 30;

impl Servers {
    /// Convenience method: starts a server, runs `work` while it is up, and stops it. The server must be
    /// [`Available`](crate::ServerStatus::Available). **You are billed while it runs.**
    ///
    /// The server is stopped after success, after an error and after a panic before this returns, and by a background
    /// thread if this future is dropped; end your program with [`settle`](crate::rental::settle), which waits for that
    /// thread. A server that still boots is stopped as soon as it is up, because the provider rejects a stop before.
    ///
    /// # Errors
    ///
    /// - [`RentalError::Start`]: the server could not be started or did not come up. Nothing is billed any more.
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

    /// Convenience method: [`while_running`](Self::while_running) for programs without async code. Blocks this thread;
    /// `work` may use `send_blocking()` itself.
    ///
    /// The server is stopped after success, after an error and after a panic before this returns.
    ///
    /// # Errors
    ///
    /// Those of [`while_running`](Self::while_running), and [`RentalError::Start`] on a thread of an async runtime,
    /// where the server is not started.
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
        // Before the start is sent, because its response may be lost.
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

    /// Convenience method: returns a guard that stops a running server when it is dropped, as
    /// [`while_running`](Self::while_running) does. It does not start the server: create the guard before you send the
    /// start.
    ///
    /// It also ends what a killed process has left running: store the id before the start, remove it when the work has
    /// ended, and end the rental of an id that is there at the next start. A server that is off stays off.
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
    /// [`ErrorKind::Configuration`](http_core::ErrorKind::Configuration) if the background thread cannot be started.
    pub fn rental(&self, id: ServerId) -> Result<Rental, Error> {
        let servers = self.clone();
        Rental::new(format!("GPU server {id}"), move || stop(servers.clone(), id))
    }
}

/// Stops a server in any state, and returns when it no longer runs.
async fn stop(servers: Servers, id: ServerId) -> Result<(), Error> {
    let mut result = Ok(());
    for _ in 0..STOPS {
        let settled = servers.wait(id).until(|server| server.is_running() || server.is_stopped());
        let server = settled.timeout(BOOT).max_failed_looks(FAILED_LOOKS).await?;
        if server.is_stopped() {
            return Ok(());
        }
        // The next look shows whether the stop worked: its response may be lost, and a second stop is rejected.
        let stopped = servers.stop(id).await;
        let off =
            servers.wait(id).until(Server::is_stopped).timeout(STOP).max_failed_looks(FAILED_LOOKS).await;
        result = match off {
            Ok(_) => return Ok(()),
            Err(error) => stopped.and(Err(error.into())),
        };
    }
    result
}

//! A GPU server for as long as some work takes.

use std::time::Duration;

use http_core::Error;
use http_core::rental::{Rental, RentalError};

use crate::ids::ServerId;
use crate::servers::{Server, ServerStatus, Servers};

/// How long a server may take to boot, and how long a boot that is to be ended may still take.
const BOOT: Duration = Duration::from_secs(30 * 60);
/// How long a server may take to stop before the stop is sent again.
const STOP: Duration = Duration::from_secs(2 * 60);
/// How often the stop is sent.
const STOPS: u32 = 5;
/// The end of a rental has patience with a provider that does not answer.
const FAILED_LOOKS: u32 = 30;

impl Servers {
    /// Convenience method: starts a server, runs `work` while it is up, and stops it. The server must be
    /// [`Available`](ServerStatus::Available). **You are billed while it runs.**
    ///
    /// The server is stopped after success, after an error and after a panic before this returns, and by a background
    /// thread if this future is dropped; end your program with [`settle`](crate::rental::settle), which waits for that
    /// thread. A server that still boots is stopped as soon as it is up, because the provider refuses to stop it before.
    ///
    /// # Errors
    ///
    /// - [`RentalError::Start`] if the server cannot be started or does not come up. Nothing is billed any more.
    /// - [`RentalError::Work`] if only `work` failed. The server is stopped.
    /// - [`RentalError::End`] if the server could not be stopped: **it may still be billed**. The result of the work is
    ///   in it.
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
    /// Those of [`while_running`](Self::while_running). On a thread of an async runtime [`RentalError::Start`], and the
    /// server is not started.
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
        // Before the start is sent, whose response may be lost.
        let rental = self.rental(id).map_err(RentalError::Start)?;
        if let Err(error) = self.start(id).await
            && !error.is_outcome_unknown()
        {
            // It was refused: if the server runs, it runs for somebody else.
            rental.keep();
            return Err(RentalError::Start(error));
        }
        match self.wait(id).until(|server| server.status == ServerStatus::Up).timeout(BOOT).await {
            Ok(server) => Ok((rental, server)),
            Err(error) => Err(rental.give_up(error.into()).await),
        }
    }

    /// Convenience method: returns a guard that stops a running server when it is dropped, as
    /// [`while_running`](Self::while_running) does. It does not start the server: create the guard before you send the
    /// start.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](http_core::ErrorKind::Configuration) if the background thread cannot be started.
    pub fn rental(&self, id: ServerId) -> Result<Rental, Error> {
        let servers = self.clone();
        Rental::new(format!("GPU server {id}"), move || stop(servers.clone(), id))
    }
}

/// Stops a server, whatever it is doing, and returns when it no longer runs.
async fn stop(servers: Servers, id: ServerId) -> Result<(), Error> {
    let mut result = Ok(());
    for _ in 0..STOPS {
        let settled = servers.wait(id).until(|server| server.status == ServerStatus::Up || is_off(server));
        let server = settled.timeout(BOOT).max_failed_looks(FAILED_LOOKS).await?;
        if is_off(&server) {
            return Ok(());
        }
        // Whether the stop worked is what the next look says: its response may be lost, and a repeat refused.
        let stopped = servers.stop(id).await;
        let off = servers.wait(id).until(is_off).timeout(STOP).max_failed_looks(FAILED_LOOKS).await;
        result = match off {
            Ok(_) => return Ok(()),
            Err(error) => stopped.and(Err(error.into())),
        };
    }
    result
}

/// Whether a server does not run, so that nothing is billed.
fn is_off(server: &Server) -> bool {
    matches!(server.status, ServerStatus::Available | ServerStatus::Queued | ServerStatus::Busy)
}

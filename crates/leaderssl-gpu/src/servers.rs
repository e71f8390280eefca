//! The GPU servers of an account.

use std::net::IpAddr;
use std::time::Duration;

use http_core::client::{Operation, Transport, WaitBuilder, listed_rows, operations};
use http_core::wire::{DateTime, JsonText, Utc};
use http_core::{Call, CallSequence, ListCall, SecretString};

use crate::client::Client;
use crate::ids::{ProductId, ServerId};
use crate::os::Os;

impl Client {
    /// Returns the handle for the GPU servers of the account.
    pub fn servers(&self) -> Servers {
        Servers { transport: self.transport.clone() }
    }
}

const CHECK_SERVER: &str = "check the server with servers().get(..)";

operations![
    LIST = Operation::get("server.list", "/api/v1/users/{user_id}/servers"),
    START = Operation::post("server.start", "/api/v1/users/{user_id}/servers/{id}/start")
        .idempotent()
        .requires("the server must be available (see `Server::can_start`)")
        .with_recovery_hint(CHECK_SERVER)
        .confirmed(),
    STOP = Operation::post("server.stop", "/api/v1/users/{user_id}/servers/{id}/stop")
        .idempotent()
        .requires("the server must be up (see `Server::can_stop`)")
        .with_recovery_hint(CHECK_SERVER)
        .confirmed(),
    SUSPEND = Operation::post("server.suspend", "/api/v1/users/{user_id}/servers/{id}/suspend")
        .idempotent()
        .requires("the server must be up and support suspension (see `Server::can_suspend`)")
        .with_recovery_hint(CHECK_SERVER)
        .confirmed(),
    RESUME = Operation::post("server.resume", "/api/v1/users/{user_id}/servers/{id}/resume")
        .idempotent()
        .requires("the server must be available and have a suspended state (see `Server::can_resume`)")
        .with_recovery_hint(CHECK_SERVER)
        .confirmed(),
];

/// The handle for GPU servers; returned by [`Client::servers`].
///
/// If a server is in the wrong state for an action, the provider rejects the action without a reason, and
/// [`is_conflict`](http_core::Error::is_conflict) is true for the error. To check the state first, call
/// [`Server::can_start`], [`can_stop`](Server::can_stop), [`can_suspend`](Server::can_suspend) or
/// [`can_resume`](Server::can_resume).
#[derive(Clone, Debug)]
pub struct Servers {
    transport: Transport,
}

impl Servers {
    /// Returns all servers of the account, including queued ones.
    ///
    /// `GET /api/v1/users/{user_id}/servers`
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::leaderssl_server(async |client, _| {
    /// let servers = client.servers().list().await?;
    /// let up = servers.iter().filter(|server| server.is_running());
    /// assert_eq!(up.count(), 1);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn list(&self) -> ListCall<Server> {
        self.transport.call(&LIST).list()
    }

    /// Convenience method: returns a server from the list, because the provider has no endpoint for a single server.
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): the account has no server with this id.
    /// - [`ErrorKind::Decode`](http_core::ErrorKind::Decode): the server was not found, but a row of the list could not
    ///   be decoded and may be the server.
    #[inline]
    pub fn get(&self, id: ServerId) -> Call<Server> {
        // Only a list of servers proves that a server does not exist.
        let list = self.transport.call(&LIST).rows::<Server>(listed_rows);
        list.only("server", id, |server| server.id.to_string())
    }

    /// Starts a server, which must be [`Available`](ServerStatus::Available). If the server is rented by the minute,
    /// **you are billed while it runs**.
    ///
    /// The server is still booting when the call returns: [`wait`](Self::wait) until it is [`Up`](ServerStatus::Up).
    ///
    /// `POST /api/v1/users/{user_id}/servers/{id}/start`
    ///
    /// # Errors
    ///
    /// - [`is_conflict`](http_core::Error::is_conflict): the server is in the wrong state; see
    ///   [`can_start`](Server::can_start).
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::leaderssl_server(async |client, server| {
    /// client.servers().stop(server.id).await?;
    /// client.servers().start(server.id).await?;
    /// let server = client.servers().wait(server.id).until(|server| server.can_stop()).await?;
    /// println!("{} is up at {:?}", server.name, server.address());
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn start(&self, id: ServerId) -> Call<()> {
        self.act(&START, id, Server::is_started)
    }

    /// Stops a server, which must be [`Up`](ServerStatus::Up). **The contents of its memory are lost.**
    ///
    /// `POST /api/v1/users/{user_id}/servers/{id}/stop`
    ///
    /// # Errors
    ///
    /// - [`is_conflict`](http_core::Error::is_conflict): the server is in the wrong state; see
    ///   [`can_stop`](Server::can_stop).
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::leaderssl_server(async |client, server| {
    /// if server.can_stop() {
    ///     client.servers().stop(server.id).await?;
    /// }
    /// let server = client.servers().get(server.id).await?;
    /// assert!(server.can_start());
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn stop(&self, id: ServerId) -> Call<()> {
        self.act(&STOP, id, Server::is_stopped)
    }

    /// Suspends a server, which must be [`Up`](ServerStatus::Up) and support suspension. [`resume`](Self::resume)
    /// continues it.
    ///
    /// `POST /api/v1/users/{user_id}/servers/{id}/suspend`
    ///
    /// # Errors
    ///
    /// - [`is_conflict`](http_core::Error::is_conflict): the server is in the wrong state; see
    ///   [`can_suspend`](Server::can_suspend).
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::leaderssl_server(async |client, server| {
    /// if server.can_suspend() {
    ///     client.servers().suspend(server.id).await?;
    /// }
    /// let server = client.servers().get(server.id).await?;
    /// assert!(server.can_resume());
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn suspend(&self, id: ServerId) -> Call<()> {
        self.act(&SUSPEND, id, Server::can_resume)
    }

    /// Resumes a suspended server, which must be [`Available`](ServerStatus::Available) and have a suspended state.
    ///
    /// `POST /api/v1/users/{user_id}/servers/{id}/resume`
    ///
    /// # Errors
    ///
    /// - [`is_conflict`](http_core::Error::is_conflict): the server is in the wrong state; see
    ///   [`can_resume`](Server::can_resume).
    ///
    /// # Examples
    ///
    /// ```
    /// use leaderssl_gpu::Server;
    ///
    /// # hostkit_doctest::leaderssl_server(async |client, server| {
    /// client.servers().suspend(server.id).await?;
    /// client.servers().resume(server.id).await?;
    /// let server = client.servers().wait(server.id).until(Server::is_running).await?;
    /// assert!(server.can_stop());
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn resume(&self, id: ServerId) -> Call<()> {
        self.act(&RESUME, id, Server::is_started)
    }

    /// Convenience method: starts a server and waits up to ten minutes until it is up; see [`start`](Self::start) and
    /// [`wait`](Self::wait).
    #[inline]
    pub fn start_and_wait(&self, id: ServerId) -> CallSequence<Server> {
        self.act_and_wait(self.start(id), id, Server::can_stop)
    }

    /// Convenience method: stops a server and waits up to ten minutes until it is off; see [`stop`](Self::stop) and
    /// [`wait`](Self::wait).
    #[inline]
    pub fn stop_and_wait(&self, id: ServerId) -> CallSequence<Server> {
        self.act_and_wait(self.stop(id), id, Server::is_stopped)
    }

    #[inline]
    fn act_and_wait(
        &self,
        act: Call<()>,
        id: ServerId,
        is_done: fn(&Server) -> bool,
    ) -> CallSequence<Server> {
        let wait = self.wait(id).until(is_done);
        CallSequence::new(async move {
            act.await?;
            Ok(wait.await?)
        })
    }

    /// Sends an action. The provider rejects an action that has already taken effect, so the server's state shows what
    /// happened after a lost response.
    #[inline]
    fn act(&self, operation: &'static Operation, id: ServerId, is_done: fn(&Server) -> bool) -> Call<()> {
        let servers = self.clone();
        let read = move || servers.get(id).map(move |server| is_done(&server));
        let call = self.transport.call(operation).path("id", id);
        call.confirm_by(r#"{"success": "true"}"#, read).empty()
    }

    /// Convenience method: waits until a server reaches a state, by default for up to ten minutes. A server may be
    /// queued for days, so set a longer [`timeout`](http_core::Wait::timeout) if necessary.
    ///
    /// A list without the server counts as a failed poll, and five failed polls in a row end the wait. The provider
    /// documents no case in which an ordered server disappears from the list.
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): the server was missing from five lists in a row.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use leaderssl_gpu::Server;
    ///
    /// # hostkit_doctest::leaderssl_server(async |client, server| {
    /// let boot_time = Duration::from_secs(600);
    /// let servers = client.servers();
    /// let wait = servers.wait(server.id).until(Server::is_running).timeout(boot_time);
    /// let server = wait.await?;
    /// println!("{} is up at {:?}", server.name, server.address());
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn wait(&self, id: ServerId) -> WaitBuilder<Server> {
        let servers = self.clone();
        WaitBuilder::new(move || servers.get(id))
            .subject(format_args!("GPU server {id}"))
            .describe(|server| server.status.to_string())
    }
}

http_core::wire::open_enum! {
    /// The status of a server.
    pub enum ServerStatus {
        /// The server waits for hardware: all GPU servers of its kind are in use.
        Queued = "queued",
        /// The hardware of the server is in use by someone else.
        Busy = "busy",
        /// The server is off and can be started or resumed.
        Available = "available",
        /// The server is booting.
        Booting = "booting",
        /// The server is running.
        Up = "up",
    }
}

http_core::wire::models! {
    /// A GPU server of the account.
    pub struct Server {
        /// The id of the server.
        pub id: ServerId,
        /// The IPv4 address, or a word such as `Queued` while there is none; see [`address`](Self::address).
        pub ip: String,
        /// The provider's name for the GPU server, or a word such as `Queued` while there is none.
        pub name: String,
        /// A description of the hardware.
        pub config: String,
        /// When the server was last started.
        pub start_at: Option<DateTime<Utc>>,
        /// When the server was last stopped. According to the provider's documentation, `None` while the server runs.
        pub end_at: Option<DateTime<Utc>>,
        /// The time until which the server is paid for.
        pub valid_to: Option<DateTime<Utc>>,
        /// The status of the server.
        #[or_default]
        pub status: ServerStatus,
        /// The user to log in as.
        pub username: Option<String>,
        /// The operating system of the server.
        pub os_type: Option<Os>,
        /// The token that grants remote access to the server.
        pub token: Option<SecretString>,
        /// Whether the server has a suspended state that can be resumed.
        pub resume_available: bool,
        /// Whether the server supports suspension.
        pub suspend_available: bool,
        /// The total running time of the server, in seconds; see [`total_uptime`](Self::total_uptime).
        #[or_default]
        pub uptime: u64,
        /// The id of the product that was ordered.
        pub nomenclature_id: Option<ProductId>,
        /// The ids of the products that can extend the rental.
        pub nomenclature_ids: Option<Vec<ProductId>>,
        /// The number of billing periods ordered.
        pub period_count: Option<u32>,
        /// The provider's code for the product.
        pub code: Option<String>,
        /// The name of the operating system, as the provider displays it.
        pub os: Option<String>,
        /// The name that the user gave to the server.
        pub server_alias: Option<String>,
        /// The description of the server.
        pub description: Option<String>,
        /// When hardware becomes available for a queued server.
        pub free_time: Option<DateTime<Utc>>,
        /// The remaining paid time. The provider does not document its format, so the value is its JSON.
        pub remaining: Option<JsonText>,
        /// The progress of an action. The provider does not document its format, so the value is its JSON.
        pub progress: Option<JsonText>,
        /// The progress of booting. The provider does not document its format, so the value is its JSON.
        pub boot_status: Option<JsonText>,
    }
}

impl Server {
    /// Returns whether a start or resume took effect.
    pub(crate) fn is_started(&self) -> bool {
        matches!(self.status, ServerStatus::Booting | ServerStatus::Up)
    }

    /// Returns the IP address; `None` while the server has none.
    pub fn address(&self) -> Option<IpAddr> {
        self.ip.parse().ok()
    }

    /// Returns [`uptime`](Self::uptime) as a duration.
    pub fn total_uptime(&self) -> Duration {
        Duration::from_secs(self.uptime)
    }

    /// Returns whether the server is running, which the provider calls `up`.
    pub fn is_running(&self) -> bool {
        self.status == ServerStatus::Up
    }

    /// Returns whether the server is off, so that no running time is billed. [`can_start`](Self::can_start) also
    /// requires that its hardware is free.
    pub fn is_stopped(&self) -> bool {
        matches!(self.status, ServerStatus::Available | ServerStatus::Queued | ServerStatus::Busy)
    }

    /// Returns whether the server is off and waits until its hardware is free, or its status is still missing.
    pub(crate) fn is_queued(&self) -> bool {
        matches!(self.status, ServerStatus::Queued | ServerStatus::Busy) || self.status.as_str().is_empty()
    }

    /// Returns whether the provider would accept [`Servers::start`].
    pub fn can_start(&self) -> bool {
        self.status == ServerStatus::Available
    }

    /// Returns whether the provider would accept [`Servers::stop`].
    pub fn can_stop(&self) -> bool {
        self.is_running()
    }

    /// Returns whether the provider would accept [`Servers::suspend`].
    pub fn can_suspend(&self) -> bool {
        self.is_running() && self.suspend_available
    }

    /// Returns whether the provider would accept [`Servers::resume`].
    pub fn can_resume(&self) -> bool {
        self.status == ServerStatus::Available && self.resume_available
    }
}

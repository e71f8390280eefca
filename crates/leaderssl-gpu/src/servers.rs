//! The servers that were ordered.

use std::net::IpAddr;
use std::time::Duration;

use http_core::client::{Operation, Transport, WaitBuilder, operations};
use http_core::wire::{DateTime, Utc};
use http_core::{Call, CallSequence, Error, ErrorKind, ListCall, SecretString};
use serde_json::Value;

use crate::client::Client;
use crate::ids::{ProductId, ServerId};
use crate::os::Os;

impl Client {
    /// Returns the handle for the GPU servers of the account.
    pub fn servers(&self) -> Servers {
        Servers { transport: self.transport.clone() }
    }
}

const LOOK: &str = "look at the server by servers().get(..)";

operations![
    LIST = Operation::get("server.list", "/api/v1/users/{user_id}/servers"),
    START = Operation::post("server.start", "/api/v1/users/{user_id}/servers/{id}/start")
        .idempotent()
        .requires("the server must be available, see `Server::can_start`")
        .with_recovery_hint(LOOK),
    STOP = Operation::post("server.stop", "/api/v1/users/{user_id}/servers/{id}/stop")
        .idempotent()
        .requires("the server must be up, see `Server::can_stop`")
        .with_recovery_hint(LOOK),
    SUSPEND = Operation::post("server.suspend", "/api/v1/users/{user_id}/servers/{id}/suspend")
        .idempotent()
        .requires("the server must be up and support suspension, see `Server::can_suspend`")
        .with_recovery_hint(LOOK),
    RESUME = Operation::post("server.resume", "/api/v1/users/{user_id}/servers/{id}/resume")
        .idempotent()
        .requires("the server must be available and have a suspended state, see `Server::can_resume`")
        .with_recovery_hint(LOOK),
];

/// The servers that were ordered; from [`Client::servers`].
///
/// The provider refuses an action whose precondition does not hold with an error that
/// [`is_conflict`](Error::is_conflict) and gives no reason; [`Server::can_start`] and its like tell beforehand.
#[derive(Clone, Debug)]
pub struct Servers {
    transport: Transport,
}

impl Servers {
    /// All servers of the account, those still queued included.
    ///
    /// `GET /api/v1/users/{user_id}/servers`
    ///
    /// ```
    /// # hostkit_doctest::leaderssl_server(async |client, _| {
    /// let servers = client.servers().list().await?;
    /// let up = servers.iter().filter(|server| server.is_running());
    /// assert_eq!(up.count(), 1);
    /// # Ok(()) });
    /// ```
    pub fn list(&self) -> ListCall<Server> {
        self.transport.call(&LIST).list()
    }

    /// Convenience method: returns one server, from the list, because the provider has no such operation.
    ///
    /// If the server does not exist, the error [`is_not_found`](Error::is_not_found).
    pub fn get(&self, id: ServerId) -> Call<Server> {
        self.list().tolerant().and_then(move |servers| {
            let found = servers.items.into_iter().find(|server| server.id == id);
            found.ok_or_else(|| match servers.errors.first() {
                Some(bad) => {
                    Error::new(ErrorKind::Decode, format!("server {id} may be the unreadable {bad}"))
                }
                None => Error::not_found(format!("there is no server {id} in this account")),
            })
        })
    }

    /// Starts a server, which must be [`Available`](ServerStatus::Available). It boots from then on;
    /// [`wait`](Self::wait) until it is [`Up`](ServerStatus::Up).
    ///
    /// `POST /api/v1/users/{user_id}/servers/{id}/start`
    ///
    /// ```
    /// # hostkit_doctest::leaderssl_server(async |client, server| {
    /// client.servers().stop(server.id).await?;
    /// client.servers().start(server.id).await?;
    /// let server = client.servers().wait(server.id).until(|server| server.can_stop()).await?;
    /// println!("{} is up at {:?}", server.name, server.address());
    /// # Ok(()) });
    /// ```
    pub fn start(&self, id: ServerId) -> Call<()> {
        self.act(&START, id, Server::is_started)
    }

    /// Stops a server, which must be [`Up`](ServerStatus::Up). What it had in memory is lost.
    ///
    /// `POST /api/v1/users/{user_id}/servers/{id}/stop`
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
    pub fn stop(&self, id: ServerId) -> Call<()> {
        self.act(&STOP, id, Server::can_start)
    }

    /// Suspends a server, which must be [`Up`](ServerStatus::Up) and offer it. It can be
    /// [resumed](Self::resume).
    ///
    /// `POST /api/v1/users/{user_id}/servers/{id}/suspend`
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
    pub fn suspend(&self, id: ServerId) -> Call<()> {
        self.act(&SUSPEND, id, Server::can_resume)
    }

    /// Resumes a suspended server, which must be [`Available`](ServerStatus::Available) and offer it.
    ///
    /// `POST /api/v1/users/{user_id}/servers/{id}/resume`
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
    pub fn resume(&self, id: ServerId) -> Call<()> {
        self.act(&RESUME, id, Server::is_started)
    }

    /// Starts a server and waits until it is up. Convenience method: [`start`](Self::start), then
    /// [`wait`](Self::wait) for up to ten minutes.
    pub fn start_and_wait(&self, id: ServerId) -> CallSequence<Server> {
        self.act_and_wait(self.start(id), id, Server::can_stop)
    }

    /// Stops a server and waits until it is off. Convenience method: [`stop`](Self::stop), then
    /// [`wait`](Self::wait) for up to ten minutes.
    pub fn stop_and_wait(&self, id: ServerId) -> CallSequence<Server> {
        self.act_and_wait(self.stop(id), id, Server::can_start)
    }

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

    /// The provider refuses to repeat what is done, so a lost response is judged by the server's state.
    fn act(&self, operation: &'static Operation, id: ServerId, is_done: fn(&Server) -> bool) -> Call<()> {
        let servers = self.clone();
        let look = move || servers.get(id).map(move |server| is_done(&server));
        let call = self.transport.call(operation).path("id", id);
        call.confirm_by(r#"{"success": "true"}"#, look).empty()
    }

    /// Convenience method: waits for a state of a server. A queued server may wait for days: set
    /// [`timeout`](http_core::Wait::timeout).
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
    pub fn wait(&self, id: ServerId) -> WaitBuilder<Server> {
        let servers = self.clone();
        WaitBuilder::new(move || servers.get(id))
            .subject(format_args!("GPU server {id}"))
            .describe(|server| server.status.to_string())
    }
}

http_core::wire::open_enum! {
    /// What a server is doing.
    pub enum ServerStatus {
        /// All GPU servers of its kind are taken; it waits for one.
        Queued = "queued",
        /// Its own GPU server is used by somebody else.
        Busy = "busy",
        /// It can be started or resumed.
        Available = "available",
        /// It boots.
        Booting = "booting",
        /// It runs.
        Up = "up",
    }
}

http_core::wire::models! {
    /// A server that was ordered.
    pub struct Server {
        /// The server.
        pub id: ServerId,
        /// The IPv4 address, or a word such as `Queued` while there is none; see [`address`](Self::address).
        pub ip: String,
        /// The provider's name of the GPU server, or a word such as `Queued` while there is none.
        pub name: String,
        /// The hardware, in words.
        pub config: String,
        /// When it was last started.
        pub start_at: Option<DateTime<Utc>>,
        /// When it was last stopped; the documentation says that a running server has none.
        pub end_at: Option<DateTime<Utc>>,
        /// Until when it is paid.
        pub valid_to: Option<DateTime<Utc>>,
        /// What it is doing.
        #[or_default]
        pub status: ServerStatus,
        /// The user to log in as.
        pub username: Option<String>,
        /// The operating system.
        pub os_type: Option<Os>,
        /// Grants remote access to the server.
        pub token: Option<SecretString>,
        /// Whether a suspended state is there to be resumed.
        pub resume_available: bool,
        /// Whether it can be suspended.
        pub suspend_available: bool,
        /// The time of all its sessions together, in seconds; see [`total_uptime`](Self::total_uptime).
        #[or_default]
        pub uptime: u64,
        /// The product it was ordered as.
        pub nomenclature_id: Option<ProductId>,
        /// All products that it could be extended with.
        pub nomenclature_ids: Option<Vec<ProductId>>,
        /// The number of billing periods ordered.
        pub period_count: Option<u32>,
        /// The code of its product.
        pub code: Option<String>,
        /// The operating system in the provider's words.
        pub os: Option<String>,
        /// The name that the user gave it.
        pub server_alias: Option<String>,
        /// A description.
        pub description: Option<String>,
        /// When a GPU server comes free for it.
        pub free_time: Option<DateTime<Utc>>,
        /// What is left of the paid time, as the provider gives it; its form is not documented.
        pub remaining: Option<Value>,
        /// How far an action has come, as the provider gives it; its form is not documented.
        pub progress: Option<Value>,
        /// How far booting has come, as the provider gives it; its form is not documented.
        pub boot_status: Option<Value>,
    }
}

impl Server {
    /// Whether a start or resume took effect.
    fn is_started(&self) -> bool {
        matches!(self.status, ServerStatus::Booting | ServerStatus::Up)
    }

    /// The address, once there is one.
    pub fn address(&self) -> Option<IpAddr> {
        self.ip.parse().ok()
    }

    /// [`uptime`](Self::uptime) as a duration.
    pub fn total_uptime(&self) -> Duration {
        Duration::from_secs(self.uptime)
    }

    /// Convenience method: whether the server is running, which the provider calls `up`.
    pub fn is_running(&self) -> bool {
        self.status == ServerStatus::Up
    }

    /// Whether [`Servers::start`] would be taken.
    pub fn can_start(&self) -> bool {
        self.status == ServerStatus::Available
    }

    /// Whether [`Servers::stop`] would be taken.
    pub fn can_stop(&self) -> bool {
        self.is_running()
    }

    /// Whether [`Servers::suspend`] would be taken.
    pub fn can_suspend(&self) -> bool {
        self.is_running() && self.suspend_available
    }

    /// Whether [`Servers::resume`] would be taken.
    pub fn can_resume(&self) -> bool {
        self.status == ServerStatus::Available && self.resume_available
    }
}

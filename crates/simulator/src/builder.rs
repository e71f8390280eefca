//! Configures and starts a simulator.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::net::TcpListener;

use crate::base::{Boot, Clock};
use crate::control::{Simulator, Task};
use crate::http::serve;
use crate::world::addresses::Addresses;
use crate::world::log::Received;
use crate::world::providers::NAMES;
use crate::world::{Initial, Shared};

impl Simulator {
    /// Starts a simulator with default settings on a free port.
    ///
    /// # Errors
    ///
    /// [`io::Error`] if no port can be bound.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Returns a builder that sets the port, the boot mode, the seed and other options.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

/// The settings of a new simulator.
#[derive(Clone, Copy, Debug, Default)]
#[must_use = "a builder starts nothing until `start()` is called"]
pub struct Builder {
    host: Option<IpAddr>,
    port: u16,
    initial: Initial,
    frozen_at: Option<DateTime<Utc>>,
    root: Option<&'static str>,
    ports: bool,
}

impl Builder {
    /// Sets the address to listen on, 127.0.0.1 by default. Anyone who can reach it can control the simulator.
    pub fn host(mut self, host: IpAddr) -> Self {
        self.host = Some(host);
        self
    }

    /// Pays new Inferno orders from the balance if it is sufficient.
    pub fn pay_from_balance(mut self) -> Self {
        self.initial.pays_from_balance = true;
        self
    }

    /// Closes connections whose client sends a request too slowly. Do not use this in tests, because their time may be
    /// paused.
    pub(crate) fn impatient(mut self) -> Self {
        self.initial.impatient = true;
        self
    }

    pub(crate) fn printer(mut self, printer: fn(&Received)) -> Self {
        self.initial.printer = Some(printer);
        self
    }

    /// Sets the port. The default, 0, selects a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets how long state changes take. By default they happen immediately.
    pub fn boot(mut self, boot: Boot) -> Self {
        self.initial.boot = boot;
        self
    }

    /// Sets the seed from which ids, UUIDs and tokens are generated, 0 by default. The same seed and the same requests
    /// produce the same responses.
    pub fn seed(mut self, seed: u64) -> Self {
        self.initial.seed = seed;
        self
    }

    /// Rejects requests that differ from the documentation, e.g. a parameter in the body instead of the query.
    ///
    /// By default, the simulator accepts whatever the providers accept, such as parameters in the query, a form or
    /// JSON, trailing slashes, and `+` for a space. Use strict mode to test a client.
    pub fn strict(mut self) -> Self {
        self.initial.strict = true;
        self
    }

    /// Also serves `provider` without a prefix, for clients that drop the path of a base URL. The provider is
    /// `elastis`, `inferno-vps` or `leaderssl-gpu`. All providers are still served under their names.
    pub fn root(mut self, provider: &'static str) -> Self {
        self.root = Some(provider);
        self
    }

    /// Also serves each provider without a prefix on a port of its own: the three ports after [`port`](Self::port), or
    /// free ones if no port is set. The first port still serves all providers under their names.
    pub fn ports(mut self) -> Self {
        self.ports = true;
        self
    }

    /// Starts the simulator with its clock stopped at `time`, so that only [`Clock::advance`] moves the clock.
    pub fn frozen_at(mut self, time: DateTime<Utc>) -> Self {
        self.frozen_at = Some(time);
        self
    }

    /// Binds the port, and serves requests in tasks on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// [`io::Error`] if the port cannot be bound, or if [`root`](Self::root) names an unknown provider.
    pub async fn start(self) -> io::Result<Simulator> {
        if let Some(unknown) = self.root.filter(|root| !NAMES.contains(root)) {
            let message = format!("unknown provider {unknown}; use one of {}", NAMES.join(", "));
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let bind = |port: u16| {
            TcpListener::bind(SocketAddr::from((self.host.unwrap_or(Ipv4Addr::LOCALHOST.into()), port)))
        };
        let main = bind(self.port).await?;
        let mut addresses = Addresses { main: main.local_addr()?, root: self.root, own: Vec::new() };
        let mut listeners = vec![(main, self.root)];
        for (name, more) in NAMES.into_iter().zip(1..).filter(|_| self.ports) {
            let listener = bind(if self.port == 0 { 0 } else { self.port.saturating_add(more) }).await?;
            addresses.own.push((name, listener.local_addr()?));
            listeners.push((listener, Some(name)));
        }
        let clock = self.frozen_at.map_or_else(Clock::default, Clock::frozen);
        let shared = Arc::new(Shared::new(addresses, clock, self.initial));
        let server = Simulator { shared: shared.clone(), task: None };
        let task = Task::new(tokio::spawn(serve(listeners, server)));
        Ok(Simulator { shared, task: Some(Arc::new(task)) })
    }
}

//! The handle that starts, steers and questions a simulator.

pub(crate) mod elastis;
pub(crate) mod inferno;
pub(crate) mod leaderssl;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use self::elastis::ElastisAccess;
use self::inferno::InfernoAccess;
use self::leaderssl::LeaderSslAccess;
use crate::base::{Books, Boot, Clock};
use crate::elastis::Elastis;
use crate::http::serve;
use crate::inferno::Inferno;
use crate::leaderssl::LeaderSsl;
use crate::world::addresses::Addresses;
use crate::world::disguises::Disguise;
use crate::world::faults::{Faults, Sequence};
use crate::world::injections::Moment;
use crate::world::log::Received;
use crate::world::providers::NAMES;
use crate::world::{Shared, State};

/// The three providers as one server on loopback.
///
/// A handle: clones steer the same server, which stops when the last of them is dropped.
#[derive(Clone, Debug)]
pub struct Simulator {
    shared: Arc<Shared>,
    initial: Builder,
    task: Arc<Task>,
}

#[derive(Debug)]
struct Task(Mutex<Option<JoinHandle<()>>>);

impl Task {
    fn abort(&self) -> Option<JoinHandle<()>> {
        let task = self.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        task.abort();
        Some(task)
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.abort();
    }
}

/// What a simulator starts with.
#[derive(Clone, Copy, Debug, Default)]
#[must_use = "nothing runs before start"]
pub struct Builder {
    port: u16,
    boot: Boot,
    seed: u64,
    frozen_at: Option<DateTime<Utc>>,
    strict: bool,
    root: Option<&'static str>,
    ports: bool,
}

impl Builder {
    /// The port on 127.0.0.1; 0, as it is at first, takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// How long states take that need time; at once, unless set.
    pub fn boot(mut self, boot: Boot) -> Self {
        self.boot = boot;
        self
    }

    /// What ids, uuids and tokens are drawn from: the same seed and the same requests give the same
    /// replies. 0 unless set.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Takes each parameter in its documented place and spelling only.
    ///
    /// Unless this is set, the simulator takes what the providers take: parameters in the query, a form or JSON
    /// alike, trailing slashes, `+` for a space. A test of a client wants to know better.
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Serves this provider without a prefix, for clients that drop the path of a base URL: `elastis`,
    /// `inferno-vps` or `leaderssl-gpu`. All stay served below their names.
    pub fn root(mut self, provider: &'static str) -> Self {
        self.root = Some(provider);
        self
    }

    /// Gives every provider an address of its own, without a prefix: the ports after [`port`](Self::port), or
    /// free ones. All stay served below their names at the first.
    pub fn ports(mut self) -> Self {
        self.ports = true;
        self
    }

    /// Stops the clock at this time, so that only [`Clock::advance`] moves it.
    pub fn frozen_at(mut self, time: DateTime<Utc>) -> Self {
        self.frozen_at = Some(time);
        self
    }

    /// Binds the port and serves on tasks of the running tokio runtime.
    pub async fn start(self) -> io::Result<Simulator> {
        if let Some(unknown) = self.root.filter(|root| !NAMES.contains(root)) {
            let message = format!("no provider is called {unknown}; there are {}", NAMES.join(", "));
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let bind = |port: u16| TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        let main = bind(self.port).await?;
        let mut addresses = Addresses { main: main.local_addr()?, root: self.root, own: Vec::new() };
        let mut listeners = vec![(main, self.root)];
        for (name, more) in NAMES.into_iter().zip(1..).filter(|_| self.ports) {
            let listener = bind(if self.port == 0 { 0 } else { self.port.saturating_add(more) }).await?;
            addresses.own.push((name, listener.local_addr()?));
            listeners.push((listener, Some(name)));
        }
        let clock = self.frozen_at.map_or_else(Clock::default, Clock::frozen);
        clock.set_boot(self.boot);
        let shared = Arc::new(Shared::new(addresses, clock, self.seed, self.strict));
        let task = tokio::spawn(serve(listeners, shared.clone()));
        Ok(Simulator { shared, initial: self, task: Arc::new(Task(Mutex::new(Some(task)))) })
    }
}

/// Where a provider is simulated, and who may enter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Credentials {
    /// The provider, e.g. `leaderssl-gpu`.
    pub name: &'static str,
    /// The base URL that takes the place of the provider's own host.
    pub url: String,
    /// Login or client id; empty for elastis, which has none.
    pub user: String,
    /// Password or API key: made up, and of no use anywhere else.
    pub secret: String,
}

impl Simulator {
    /// Starts a simulator on a free port.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// A simulator with a port, a boot mode or a seed of your own.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The address that is listened on.
    pub fn address(&self) -> SocketAddr {
        self.shared.addresses.main
    }

    /// LeaderSSL's base URL, credentials and switches.
    pub fn leaderssl(&self) -> LeaderSslAccess {
        LeaderSslAccess::new(self.shared.clone())
    }

    /// Inferno's base URL, credentials and switches.
    pub fn inferno(&self) -> InfernoAccess {
        InfernoAccess::new(self.shared.clone())
    }

    /// The base URL and key of elastis, and what a client of its API cannot do.
    pub fn elastis(&self) -> ElastisAccess {
        ElastisAccess::new(self.shared.clone())
    }

    /// Base URL and credentials of each provider, to be shown to people.
    pub fn credentials(&self) -> Vec<Credentials> {
        let (leaderssl, inferno, elastis) = (self.leaderssl(), self.inferno(), self.elastis());
        vec![
            Credentials {
                name: LeaderSsl::NAME,
                url: leaderssl.base_url,
                user: leaderssl.login,
                secret: leaderssl.password,
            },
            Credentials {
                name: Inferno::NAME,
                url: inferno.base_url,
                user: inferno.cid.to_string(),
                secret: inferno.key,
            },
            Credentials {
                name: Elastis::NAME,
                url: elastis.base_url,
                user: String::new(),
                secret: elastis.key,
            },
        ]
    }

    /// The latest requests, oldest first; at most 10,000 are kept.
    pub fn requests(&self) -> Vec<Received> {
        self.shared.state().log.all()
    }

    /// Forgets the requests received so far.
    pub fn clear_requests(&self) {
        self.shared.state().log.clear();
    }

    /// How many requests came for an operation: `vm.create`, `inferno-vps/order.create`,
    /// `elastis/*`, or `*` for all, unknown paths too.
    pub fn count(&self, operation: &str) -> usize {
        self.shared.state().log.count(operation)
    }

    /// Lets the next request for an operation fail; the names are those of [`count`](Self::count).
    ///
    /// Several faults are met by as many requests in turn. Where several plans name an operation,
    /// the oldest that is not used up applies.
    pub fn fail(&self, operation: &str, faults: impl Into<Sequence>) -> Plan {
        let id = self.shared.state().faults.plan(operation, faults.into());
        Plan { shared: self.shared.clone(), id }
    }

    /// The operations whose planned faults were not all met: a test that expects none here notices a
    /// misspelt name.
    pub fn unmet_faults(&self) -> Vec<String> {
        self.shared.state().faults.unmet()
    }

    /// Takes back all planned faults.
    pub fn clear_faults(&self) {
        self.shared.state().faults = Faults::default();
    }

    /// Disguises what an operation creates from now on: hidden for a while, without some values, renamed. The
    /// names are those of [`count`](Self::count); several disguises add up.
    ///
    /// A look is a reply that would have shown it, or a request about it that is refused because it is hidden.
    pub fn disguise(&self, operation: &str, disguise: Disguise) {
        self.shared.state().disguises.add(operation, disguise);
    }

    /// Shows what is created from now on as it is; what is disguised stays so for as long as it was said.
    pub fn clear_disguises(&self, operation: &str) {
        self.shared.state().disguises.end(operation);
    }

    /// Lets another client of the same account send the very same request, before or after the next request for
    /// an operation: an equal thing that is not ours. This happens whether a fault meets the request or not.
    pub fn twin(&self, moment: Moment, operation: &str) {
        self.shared.state().injections.add(moment, operation, None);
    }

    /// Lets another client of the same account perform an operation, before or after the next request for
    /// `operation`. See [`perform`](Self::perform).
    pub fn inject(&self, moment: Moment, operation: &str, foreign: &str, arguments: &Value) {
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        self.shared.state().injections.add(moment, operation, Some((foreign.to_owned(), arguments)));
    }

    /// Status and body of the replies to what was injected so far, in order.
    pub fn injected(&self) -> Vec<(u16, Value)> {
        self.shared.state().injections.replies()
    }

    /// Performs an operation now as another client of the same account, past faults and log; returns status and
    /// body. The arguments have the provider's names, those in the path too; `location` chooses a location of
    /// elastis.
    pub fn perform(&self, operation: &str, arguments: &Value) -> (u16, Value) {
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        self.shared.state().perform(operation, &arguments, &self.shared.clock)
    }

    /// What was ever created, and what is billed now.
    pub fn books(&self) -> Books {
        self.shared.state().providers.books(&self.shared.clock)
    }

    /// The providers' clock, to be moved forward.
    pub fn clock(&self) -> Clock {
        self.shared.clock.clone()
    }

    /// How long states take from now on that need time.
    pub fn set_boot(&self, boot: Boot) {
        self.shared.clock.set_boot(boot);
    }

    /// Goes back to the initial state: no orders, requests, faults or switches; the clock and the
    /// boot mode as they were at the start. Credentials stay.
    pub fn reset(&self) {
        self.seed(self.initial.seed);
    }

    /// Goes back to the initial state with ids of another seed.
    pub fn seed(&self, seed: u64) {
        let mut state = self.shared.state();
        self.shared.clock.reset();
        self.shared.clock.set_boot(self.initial.boot);
        *state = State::new(seed, self.initial.strict, &self.shared.clock);
    }

    /// Stops the server and waits until the port is free; connections end in the middle of what they
    /// were at. Other handles stay usable for looking back.
    pub async fn shutdown(self) {
        if let Some(task) = self.task.abort() {
            // It ends by cancellation, which is what was asked for.
            task.await.ok();
        }
    }
}

/// Planned faults, to be repeated or taken back. Dropping this changes nothing.
#[derive(Clone, Debug)]
pub struct Plan {
    shared: Arc<Shared>,
    id: u64,
}

impl Plan {
    /// Repeats the fault, or the whole sequence, this often.
    pub fn times(self, times: u64) -> Self {
        self.shared.state().faults.repeat(self.id, Some(times));
        self
    }

    /// Repeats it for every request until taken back.
    pub fn standing(self) -> Self {
        self.shared.state().faults.repeat(self.id, None);
        self
    }

    /// Takes it back.
    pub fn end(self) {
        self.shared.state().faults.remove(self.id);
    }
}

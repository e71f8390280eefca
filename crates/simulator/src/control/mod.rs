//! The handle that starts, steers and questions a simulator.

pub(crate) mod elastis;
pub(crate) mod inferno;
pub(crate) mod leaderssl;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinHandle;

use self::elastis::ElastisAccess;
use self::inferno::InfernoAccess;
use self::leaderssl::LeaderSslAccess;
use crate::base::{Books, Boot, Clock};
use crate::elastis::Elastis;
use crate::inferno::Inferno;
use crate::leaderssl::LeaderSsl;
use crate::world::disguises::Disguise;
use crate::world::faults::{Faults, Sequence};
use crate::world::injections::Moment;
use crate::world::log::Received;
use crate::world::{Shared, State};

/// The three providers as one server on loopback.
///
/// A handle: clones steer the same server, which stops when the last of them is dropped.
#[derive(Clone, Debug)]
pub struct Simulator {
    pub(crate) shared: Arc<Shared>,
    /// `None` in the server's own handle, which must not keep the server alive.
    pub(crate) task: Option<Arc<Task>>,
}

#[derive(Debug)]
pub(crate) struct Task(Mutex<Option<JoinHandle<()>>>);

impl Task {
    pub(crate) fn new(server: JoinHandle<()>) -> Self {
        Self(Mutex::new(Some(server)))
    }

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

    /// The plan of this id.
    pub(crate) fn plan(&self, id: u64) -> Plan {
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
    /// A look is a response that would have shown it, or a request about it that is refused because it is hidden.
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

    /// Status and body of the responses to what was injected so far, in order.
    pub fn injected(&self) -> Vec<(u16, Value)> {
        self.shared.state().injections.responses()
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

    /// Holds back every response this long from now on, on top of [`Fault::Latency`](crate::Fault::Latency).
    pub fn set_latency(&self, latency: Duration) {
        self.shared.state().latency = latency;
    }

    /// How long states take from now on that need time.
    pub fn set_boot(&self, boot: Boot) {
        self.shared.clock.set_boot(boot);
    }

    /// Goes back to the initial state: no orders, requests, faults or switches; the clock and the
    /// boot mode as they were at the start. Credentials stay.
    pub fn reset(&self) {
        self.seed(self.shared.initial.seed);
    }

    /// Goes back to the initial state with ids of another seed.
    pub fn seed(&self, seed: u64) {
        let mut state = self.shared.state();
        self.shared.clock.reset();
        self.shared.clock.set_boot(self.shared.initial.boot);
        *state = State::new(seed, self.shared.initial, &self.shared.clock);
    }

    /// Stops the server and waits until the port is free; connections end in the middle of what they
    /// were at. Other handles stay usable for looking back.
    pub async fn shutdown(self) {
        if let Some(task) = self.task.and_then(|task| task.abort()) {
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
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

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

//! The handle that controls and inspects a simulator.

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

/// A running simulator: one server that simulates all three providers.
///
/// Clones of a handle control the same server, which stops when the last clone is dropped.
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

/// The address and the credentials of a simulated provider.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Credentials {
    /// The provider, e.g. `leaderssl-gpu`.
    pub name: &'static str,
    /// The base URL, to use instead of the provider's own.
    pub url: String,
    /// The login or client id; empty for elastis, which has neither.
    pub user: String,
    /// The password or API key, which is made up and works nowhere else.
    pub secret: String,
}

impl Simulator {
    /// Returns the address that the server listens on.
    pub fn address(&self) -> SocketAddr {
        self.shared.addresses.main
    }

    /// Returns a handle with LeaderSSL's base URL, credentials and settings.
    pub fn leaderssl(&self) -> LeaderSslAccess {
        LeaderSslAccess::new(self.shared.clone())
    }

    /// Returns a handle with Inferno's base URL, credentials and settings.
    pub fn inferno(&self) -> InfernoAccess {
        InfernoAccess::new(self.shared.clone())
    }

    /// Returns a handle with elastis's base URL and API key, and with methods for actions that the API does not offer.
    pub fn elastis(&self) -> ElastisAccess {
        ElastisAccess::new(self.shared.clone())
    }

    /// Returns the base URL and credentials of each provider, for display.
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

    /// Returns the latest requests, oldest first; at most 10,000 are kept.
    pub fn requests(&self) -> Vec<Received> {
        self.shared.state().log.all()
    }

    /// Clears the log of received requests.
    pub fn clear_requests(&self) {
        self.shared.state().log.clear();
    }

    /// Returns the number of received requests for an operation, e.g. `vm.create` or `inferno-vps/order.create`.
    /// `elastis/*` counts the requests for all operations of one provider, and `*` counts all requests, including those
    /// to unknown paths.
    pub fn count(&self, operation: &str) -> usize {
        self.shared.state().log.count(operation)
    }

    /// Plans a fault for the next request for an operation, which is named as in [`count`](Self::count).
    ///
    /// If several faults are given, each applies to one request, in order. If several plans match an operation, the
    /// oldest one that is not used up applies.
    pub fn fail(&self, operation: &str, faults: impl Into<Sequence>) -> Plan {
        let id = self.shared.state().faults.plan(operation, faults.into());
        Plan { shared: self.shared.clone(), id }
    }

    /// Returns the plan with this id.
    pub(crate) fn plan(&self, id: u64) -> Plan {
        Plan { shared: self.shared.clone(), id }
    }

    /// Returns the operations whose planned faults have not all occurred. To detect misspelt names, assert at the end
    /// of a test that the list is empty.
    pub fn unmet_faults(&self) -> Vec<String> {
        self.shared.state().faults.unmet()
    }

    /// Removes all planned faults.
    pub fn clear_faults(&self) {
        self.shared.state().faults = Faults::default();
    }

    /// Disguises the resources that an operation creates from now on: hides them for a while, or changes some of their
    /// values. The operation is named as in [`count`](Self::count). Several disguises for an operation are combined.
    ///
    /// For [`Boot::AfterReads`], a read is a response that contains the resource or would contain it without the
    /// disguise, or a request that is rejected because the resource is hidden.
    pub fn disguise(&self, operation: &str, disguise: Disguise) {
        self.shared.state().disguises.add(operation, disguise);
    }

    /// Stops disguising the resources that an operation creates from now on. Resources that are already disguised keep
    /// their disguise for its specified time.
    pub fn clear_disguises(&self, operation: &str) {
        self.shared.state().disguises.end(operation);
    }

    /// Repeats the next request for an operation as another client of the same account, before or after the original
    /// request. If the operation creates a resource, the other client gets an identical resource of its own. The
    /// request is repeated whether or not a fault applies to it.
    pub fn twin(&self, moment: Moment, operation: &str) {
        self.shared.state().injections.add(moment, operation, None);
    }

    /// Performs an operation as another client of the same account, before or after the next request for `operation`.
    /// See [`perform`](Self::perform).
    pub fn inject(&self, moment: Moment, operation: &str, foreign: &str, arguments: &Value) {
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        self.shared.state().injections.add(moment, operation, Some((foreign.to_owned(), arguments)));
    }

    /// Returns the status and body of each response to an injected operation, in order.
    pub fn injected(&self) -> Vec<(u16, Value)> {
        self.shared.state().injections.responses()
    }

    /// Performs an operation immediately as another client of the same account, and returns the status and body of the
    /// response. No fault applies to the operation, and it is not logged. The arguments, including those in the path,
    /// are named as in the provider's API; `location` selects an elastis location.
    pub fn perform(&self, operation: &str, arguments: &Value) -> (u16, Value) {
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        self.shared.state().perform(operation, &arguments, &self.shared.clock)
    }

    /// Returns the number of resources ever created, and everything that is billed now.
    pub fn books(&self) -> Books {
        self.shared.state().providers.books(&self.shared.clock)
    }

    /// Returns the providers' clock.
    pub fn clock(&self) -> Clock {
        self.shared.clock.clone()
    }

    /// Delays every response by `latency` from now on, in addition to [`Fault::Latency`](crate::Fault::Latency).
    pub fn set_latency(&self, latency: Duration) {
        self.shared.state().latency = latency;
    }

    /// Sets how long state changes take from now on.
    pub fn set_boot(&self, boot: Boot) {
        self.shared.clock.set_boot(boot);
    }

    /// Restores the initial state, including the clock, the boot mode and all other settings. Orders, logged requests
    /// and faults are discarded. Credentials stay the same.
    pub fn reset(&self) {
        self.seed(self.shared.initial.seed);
    }

    /// Restores the initial state, with ids that are generated from `seed`.
    pub fn seed(&self, seed: u64) {
        let mut state = self.shared.state();
        self.shared.clock.reset();
        self.shared.clock.set_boot(self.shared.initial.boot);
        *state = State::new(seed, self.shared.initial, &self.shared.clock);
    }

    /// Stops the server, closes open connections and waits until the port is free. Other handles can still inspect the
    /// simulator.
    pub async fn shutdown(self) {
        if let Some(task) = self.task.and_then(|task| task.abort()) {
            // The task returns a cancellation error, because it was aborted above.
            task.await.ok();
        }
    }
}

/// Planned faults, which can be repeated or removed. Dropping this value does not remove them.
#[derive(Clone, Debug)]
pub struct Plan {
    shared: Arc<Shared>,
    id: u64,
}

impl Plan {
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// Makes the fault, or the whole sequence, occur `times` times.
    pub fn times(self, times: u64) -> Self {
        self.shared.state().faults.repeat(self.id, Some(times));
        self
    }

    /// Repeats the fault for every request until it is removed.
    pub fn standing(self) -> Self {
        self.shared.state().faults.repeat(self.id, None);
        self
    }

    /// Removes the plan.
    pub fn end(self) {
        self.shared.state().faults.remove(self.id);
    }
}

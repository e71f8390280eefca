//! The state of one simulator, and the processing of a request.

pub(crate) mod addresses;
pub(crate) mod disguises;
pub(crate) mod faults;
pub(crate) mod injections;
pub(crate) mod log;
pub(crate) mod providers;
mod record;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use serde_json::{Map, Value, json};

use self::addresses::{Addresses, Root};
use self::disguises::Disguises;
use self::faults::{Delivery, Fault, Faults, Work};
use self::injections::{Injections, Moment};
use self::log::{Log, Received};
use self::providers::Providers;
use crate::base::router::{Found, Miss};
use crate::base::{Boot, Clock, Pending, Request, Response, strict};

/// Everything that a request can read or change.
pub(crate) struct State {
    pub(crate) providers: Providers,
    pub(crate) faults: Faults,
    pub(crate) disguises: Disguises,
    pub(crate) injections: Injections,
    pub(crate) log: Log,
    /// The delay added to every response.
    pub(crate) latency: Duration,
    late: Vec<(Pending<bool>, Work)>,
    initial: Initial,
}

/// The settings that a reset restores.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Initial {
    pub(crate) boot: Boot,
    pub(crate) seed: u64,
    /// Whether requests that differ from the documentation are rejected.
    pub(crate) strict: bool,
    /// Whether Inferno's orders are paid from the balance.
    pub(crate) pays_from_balance: bool,
    /// Whether connections of slow clients are closed.
    pub(crate) impatient: bool,
    /// A function that is called with each request once the response is known.
    pub(crate) printer: Option<fn(&Received)>,
}

/// The state that the server's tasks and the handles share. `Debug` shows only the address.
pub(crate) struct Shared {
    pub(crate) addresses: Addresses,
    pub(crate) clock: Clock,
    pub(crate) initial: Initial,
    state: Mutex<State>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}

impl Shared {
    pub(crate) fn new(addresses: Addresses, clock: Clock, initial: Initial) -> Self {
        clock.set_boot(initial.boot);
        let state = Mutex::new(State::new(initial.seed, initial, &clock));
        Self { addresses, clock, initial, state }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Processes and logs a request in one step, so that requests do not interleave.
    pub(crate) fn process(&self, root: Root, parts: Parts, body: Bytes) -> Delivery {
        self.state().process(root, parts, body, &self.clock)
    }

    /// Processes a delayed request once its time has come.
    pub(crate) async fn process_later(self: Arc<Self>, after: Duration, work: Work) -> Delivery {
        // The request is processed in a task of its own, so that it is processed even if the client has disconnected.
        let waiting = Arc::downgrade(&self);
        drop(self);
        let processed = tokio::spawn(async move {
            tokio::time::sleep(after).await;
            let shared = waiting.upgrade()?;
            let mut state = shared.state();
            Some(state.carry_out(work, &Fault::Nothing, &shared.clock))
        });
        processed.await.ok().flatten().unwrap_or(Delivery::Reset)
    }
}

impl State {
    pub(crate) fn new(seed: u64, initial: Initial, clock: &Clock) -> Self {
        let mut providers = Providers::new(seed, clock);
        providers.inferno.pays_from_balance = initial.pays_from_balance;
        Self {
            providers,
            faults: Faults::default(),
            disguises: Disguises::default(),
            injections: Injections::default(),
            log: Log::default(),
            latency: Duration::ZERO,
            late: Vec::new(),
            initial,
        }
    }

    fn process(&mut self, root: Root, parts: Parts, body: Bytes, clock: &Clock) -> Delivery {
        self.catch_up(clock);
        let path = parts.uri.path();
        let (provider, below) = Providers::place(path).or_else(|| Some((root?, path))).unwrap_or(("", path));
        let query = parts.uri.query().unwrap_or_default();
        let request = Request::new(parts.method, below, query, parts.headers, body);
        let operation = self.operation(provider, &request);
        let entry = self.log.add(Received::new(provider, operation, &request));
        let Some(operation) = self.providers.by_name(provider).map(|_| operation) else {
            let response = Response::with_type(404, "text/plain", self.providers.directory());
            self.answered(entry, Some(&response), false);
            return Delivery::whole(response);
        };
        let fault = self.faults.take(provider, operation);
        self.inject(Moment::Before, provider, operation, &request, clock);
        let work = Work { entry, provider, request: request.clone() };
        let delivery = match &fault {
            Fault::SlowProcessing(after) => Delivery::Later { after: *after, work },
            Fault::ResetThenProcessed(delay) => {
                let mut due = Pending::settled(false, clock);
                due.go_in(*delay, false, true, clock);
                if due.peek(clock) {
                    self.carry_out(work, &Fault::Nothing, clock);
                } else {
                    self.late.push((due, work));
                }
                Delivery::Reset
            }
            fault => match fault.before() {
                Some(delivery) => {
                    self.answered(entry, delivery.response(), false);
                    delivery
                }
                None => self.carry_out(work, fault, clock),
            },
        };
        self.inject(Moment::After, provider, operation, &request, clock);
        delivery
    }

    fn answered(&mut self, entry: u64, response: Option<&Response>, processed: bool) {
        let Some(received) = self.log.answered(entry, response, processed) else { return };
        if let Some(print) = self.initial.printer {
            print(received);
        }
        if let Some(response) = response {
            record::write(received, response);
        }
    }

    fn operation(&mut self, provider: &str, request: &Request) -> Option<&'static str> {
        let router = self.providers.by_name(provider)?.router();
        router.find(&request.method, &request.path, &request.query).ok().map(|found| found.route.operation)
    }

    /// Processes the delayed requests that are due. Every request counts as a read.
    fn catch_up(&mut self, clock: &Clock) {
        let mut waiting = Vec::new();
        for (mut due, work) in std::mem::take(&mut self.late) {
            if due.read(clock) {
                self.carry_out(work, &Fault::Nothing, clock);
            } else {
                waiting.push((due, work));
            }
        }
        self.late = waiting;
    }

    fn carry_out(&mut self, work: Work, fault: &Fault, clock: &Clock) -> Delivery {
        let Work { entry, provider, request } = work;
        let response = self.answer(provider, &request, false, clock);
        let delivery = fault.after(response, self.latency);
        self.answered(entry, delivery.response(), true);
        delivery
    }

    /// Returns the provider's response with all disguises applied.
    fn answer(&mut self, name: &'static str, request: &Request, foreign: bool, clock: &Clock) -> Response {
        let Some(provider) = self.providers.by_name(name) else { return Response::empty(404) };
        let found = match provider.router().find(&request.method, &request.path, &request.query) {
            Ok(found) => found,
            Err(miss) => {
                let mut response = provider.unknown(request, &miss);
                if let (Miss::Path, Some(near)) =
                    (miss, provider.router().nearest(&request.method, &request.path))
                {
                    response.headers.push((
                        "x-simulator-hint",
                        format!("the nearest endpoint is {} {}", near.method, near.path),
                    ));
                }
                return response;
            }
        };
        if let Some(objection) =
            strict::objection(name, &found, request).filter(|_| self.initial.strict && !foreign)
        {
            let refused = Response::json(400, &json!({"message": format!("strict mode: {objection}")}));
            return Response { altered: true, ..refused };
        }
        let Found { route, parameters, .. } = found;
        let disguises = &mut self.disguises;
        if let Some(id) = disguises.hides(name, &parameters, request, clock) {
            return provider.unknown_resource(route.operation, &id);
        }
        let before = if disguises.is_for(name, route.operation) {
            provider.newest(route.operation)
        } else {
            Vec::new()
        };
        let response = provider.answer(route, &parameters, request, clock);
        let mut new = provider.newest(route.operation);
        new.retain(|id| !before.contains(id));
        let creates = !new.is_empty() && disguises.is_for(name, route.operation);
        if creates {
            disguises.put_on(name, route.operation, new, clock);
        }
        disguises.apply(name, creates, response, clock)
    }

    fn inject(
        &mut self,
        moment: Moment,
        provider: &'static str,
        operation: Option<&str>,
        request: &Request,
        clock: &Clock,
    ) {
        for foreign in self.injections.due(moment, provider, operation) {
            let response = match foreign {
                None => self.perform_again(provider, request, clock),
                Some((operation, arguments)) => self.perform(&operation, &arguments, clock),
            };
            self.injections.done(response);
        }
    }

    fn perform_again(&mut self, name: &'static str, request: &Request, clock: &Clock) -> (u16, Value) {
        let mut request = request.clone();
        if let Some(provider) = self.providers.by_name(name) {
            request.headers.extend(provider.credentials());
        }
        self.answer(name, &request, true, clock).parts()
    }

    /// Performs an operation as another client of the same account, without a log entry.
    pub(crate) fn perform(
        &mut self,
        operation: &str,
        arguments: &Map<String, Value>,
        clock: &Clock,
    ) -> (u16, Value) {
        let Some((name, request)) = self.providers.request(operation, arguments) else {
            return (404, Value::Null);
        };
        self.answer(name, &request, true, clock).parts()
    }
}

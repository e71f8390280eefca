//! Tests of the search against a scripted provider, without sockets and with paused time.

mod any_fate;
mod cases;
mod ensured;
mod reads;
mod tickets;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::ensure::{Ensure, Named};
use super::plan::{Plan, Sending};
use super::seek::{Sight, Turn, Wanted};
use super::{Accepted, Fit, Marker, Recover};
use crate::error::excerpt::Secrets;
use crate::error::ticket::Ticket;
use crate::error::{Error, ErrorKind};
use crate::operation::Operation;
use crate::transport::ledger::Ledger;
use crate::wire::peek::{SameId, is_same_id};
use crate::wire::response::BoxFuture;

const CREATE: Operation = Operation::post("thing.create", "/things");

#[derive(Clone, Debug, PartialEq)]
struct Thing {
    id: usize,
    name: String,
    size: Option<u32>,
    text: String,
    /// Whether the list shows no id yet.
    is_unnamed: bool,
    is_deleted: bool,
    /// The call that created the resource; `None` if another program did.
    by: Option<usize>,
    visible: Instant,
    /// When the whole resource can be read.
    built: Instant,
}

/// The provider's side: the existing resources, and the number of reads of the list.
#[derive(Default)]
struct World {
    things: Mutex<Vec<Thing>>,
    reads: AtomicUsize,
}

impl World {
    fn create(&self, by: Option<usize>, name: &str, text: &str, hidden: Duration) -> Thing {
        let mut things = self.things.lock().unwrap();
        let now = Instant::now();
        let (id, visible) = (things.len() + 1, now + hidden);
        let (name, text) = (name.into(), text.into());
        let (is_unnamed, is_deleted, built) = (false, false, visible);
        let thing = Thing { id, name, size: Some(1), text, is_unnamed, is_deleted, by, visible, built };
        things.push(thing.clone());
        thing
    }

    fn change(&self, id: usize, change: impl FnOnce(&mut Thing)) {
        change(&mut self.things.lock().unwrap()[id - 1]);
    }

    fn created_by(&self, call: usize) -> Vec<Thing> {
        self.things.lock().unwrap().iter().filter(|thing| thing.by == Some(call)).cloned().collect()
    }
}

/// One client's view of the world.
#[derive(Clone, Default)]
struct Client {
    world: Arc<World>,
    ledger: Arc<Ledger>,
    account: u32,
    /// The error of each read, by the number of the read; `None` if the read succeeds.
    fault: Option<fn(usize) -> Option<Error>>,
    unreadable: usize,
    secret: &'static str,
    reuses_ids: bool,
    /// The default is one minute.
    appears_within: Option<Duration>,
}

struct WantedThing {
    client: Client,
    name: String,
    marker: Option<Marker>,
}

impl WantedThing {
    fn sight(&self) -> Sight {
        let now = Instant::now();
        let things = self.client.world.things.lock().unwrap();
        let rows = things.iter().filter(|thing| thing.visible <= now).map(|thing| {
            let fit = Fit::new()
                .name(&self.name, Some(&thing.name))
                .field("size", Some(&1), thing.size.as_ref())
                .marker(self.marker.as_ref(), Some(&thing.text))
                .unless(thing.is_deleted);
            (if thing.is_unnamed { "0".into() } else { thing.id.to_string() }, fit)
        });
        Sight { rows: rows.collect(), unreadable: self.client.unreadable }
    }
}

impl Wanted<Thing> for WantedThing {
    fn operation(&self) -> Operation {
        CREATE
    }

    fn appears_within(&self) -> Duration {
        self.client.appears_within.unwrap_or(Duration::from_secs(60))
    }

    fn place(&self) -> Result<String, Error> {
        Ok("world".into())
    }

    fn account(&self, _: u64) -> u32 {
        self.client.account
    }

    fn to_value(&self) -> Result<Value, Error> {
        Ok(json!({ "name": self.name, "marker": self.marker }))
    }

    fn note(&self) -> BoxFuture<'static, Result<Sight, Error>> {
        let sight = self.sight();
        Box::pin(async { Ok(sight) })
    }

    fn read(&self, _: Duration) -> BoxFuture<'static, Result<Sight, Error>> {
        let number = self.client.world.reads.fetch_add(1, Ordering::Relaxed);
        let result = match self.client.fault.and_then(|fault| fault(number)) {
            Some(error) => Err(error),
            None => Ok(self.sight()),
        };
        Box::pin(async { result })
    }

    fn fetch(&self, id: &str, _: Duration) -> BoxFuture<'static, Result<Thing, Error>> {
        let thing = self.client.world.things.lock().unwrap()[id.parse::<usize>().unwrap() - 1].clone();
        let is_built = thing.built <= Instant::now();
        let result = if is_built { Ok(thing) } else { Err(Error::new(ErrorKind::Decode, "no size")) };
        Box::pin(async { result })
    }

    fn found_id(&self, found: &Thing) -> String {
        found.id.to_string()
    }

    fn same_id(&self) -> SameId {
        is_same_id
    }

    fn is_other(&self, found: &Thing, ticket: &Ticket) -> bool {
        ticket.existed(&found.id.to_string(), self.same_id())
    }

    fn response_names_row(&self) -> bool {
        true
    }

    fn reuses_ids(&self) -> bool {
        self.client.reuses_ids
    }

    fn is_marked(&self) -> bool {
        self.marker.is_some()
    }

    fn secrets(&self) -> Secrets {
        Secrets::new([self.client.secret])
    }

    fn take(&self, id: &str, owner: &str, since: SystemTime) -> bool {
        self.client.ledger.take(CREATE.name(), id, owner, since)
    }

    fn is_taken(&self, id: &str, owner: &str, since: SystemTime) -> bool {
        self.client.ledger.is_taken(CREATE.name(), id, owner, since)
    }

    fn turn(&self, key: &Value) -> BoxFuture<'static, Result<Turn, Error>> {
        let (ledger, key) = (self.client.ledger.clone(), key.to_string());
        Box::pin(async move { ledger.turn(key).await })
    }
}

/// What happens to one create request.
#[derive(Clone, Copy, Debug)]
struct Fate {
    call: usize,
    /// The time from sending the create until it is processed; `None` if it never is.
    processed: Option<Duration>,
    /// The time from sending the create until the response arrives or is lost.
    ends: Duration,
    lost: bool,
    /// The time for which the provider does not list the new resource.
    hidden: Duration,
    marked: bool,
}

const OK: Fate = Fate {
    call: 0,
    processed: Some(Duration::ZERO),
    ends: Duration::ZERO,
    lost: false,
    hidden: Duration::ZERO,
    marked: false,
};
const LOST: Fate = Fate { lost: true, ..OK };

fn lost() -> Error {
    Error::new(ErrorKind::Transport, "connection reset").with_outcome_unknown(true).with_attempts(3)
}

impl Client {
    fn wanted(&self, name: &str, marked: bool) -> Arc<WantedThing> {
        Arc::new(WantedThing { client: self.clone(), name: name.into(), marker: marked.then(Marker::random) })
    }

    fn create(&self, name: &'static str, fate: Fate) -> Recover<Thing> {
        let (wanted, world) = (self.wanted(name, fate.marked), self.world.clone());
        let text = wanted.marker.as_ref().map(|marker| marker.plant("mine")).unwrap_or_default();
        let send = move |_| -> BoxFuture<'static, Result<Accepted<Thing>, Error>> {
            Box::pin(async move {
                let created = async move {
                    let Some(processed) = fate.processed else { return std::future::pending().await };
                    sleep(processed).await;
                    world.create(Some(fate.call), name, &text, fate.hidden)
                };
                // The provider continues even if the client has given up.
                let created = tokio::spawn(created);
                sleep(fate.ends).await;
                if fate.lost { Err(lost()) } else { Ok(Accepted::Now(created.await.unwrap())) }
            })
        };
        Recover(Ok(plan(wanted, Box::new(send))))
    }

    fn ensure(&self, name: &'static str, fate: Fate) -> Ensure<Thing> {
        Ensure(self.create(name, fate).0.map(|plan| Named { name: name.into(), plan }))
    }

    /// Searches for the result of an earlier create.
    fn find(&self, ticket: &crate::recovery::Ticket) -> Recover<Thing> {
        let wanted = ticket.wanted();
        let marker = serde_json::from_value(wanted["marker"].clone()).unwrap();
        let name = wanted["name"].as_str().unwrap().to_owned();
        let wanted = Arc::new(WantedThing { client: self.clone(), name, marker });
        let only_certain = self.account != ticket.account().1;
        let ticket = Some(ticket.clone());
        Recover(Ok(Plan { wanted, send: None, ticket, search_for: None, total: None, only_certain }))
    }
}

fn plan(wanted: Arc<WantedThing>, send: Sending<Thing>) -> Plan<Thing> {
    Plan { wanted, send: Some(send), ticket: None, search_for: None, total: None, only_certain: false }
}

fn ids(error: &Error) -> Vec<&str> {
    error.candidates().iter().map(|candidate| candidate.id.as_str()).collect()
}

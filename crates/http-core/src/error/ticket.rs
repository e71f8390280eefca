//! Tickets, which let a program find the result of a create later.

use std::fmt;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::excerpt::{Secrets, sanitize};
use crate::wire::peek::SameId;

/// The version of the ticket format that is written. It is also the newest one that can be read.
const VERSION: u32 = 1;

/// A record of the intent to create a resource, made before the request is sent. The ticket is enough to find the
/// result later, even from another process.
///
/// Store it as JSON before the create is sent. It contains no secrets; of a response it contains at most the id of the
/// new resource, in the ticket of an error. After a crash, pass it to `find_created` of the handle that created the
/// resource. That method searches for the result and never sends the create.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    version: u32,
    operation: String,
    /// The URL of the list that is searched, without credentials. It identifies the provider and the location.
    place: String,
    /// A salted 32-bit check value of the credentials.
    account: (u64, u32),
    noted_at: DateTime<Utc>,
    /// The ids that existed before the create; `None` if a marker makes them unnecessary.
    #[serde(default)]
    before: Option<Vec<String>>,
    /// The values that identify the new resource.
    wanted: Value,
    /// The id in a response that could not be decoded as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    known: Option<String>,
}

impl Ticket {
    pub(crate) fn new(
        operation: &'static str,
        place: String,
        account: (u64, u32),
        before: Option<Vec<String>>,
        wanted: Value,
    ) -> Self {
        let operation = operation.to_owned();
        Self {
            version: VERSION,
            operation,
            place,
            account,
            noted_at: SystemTime::now().into(),
            before,
            wanted,
            known: None,
        }
    }

    /// Adds the id of the new resource. An id that existed before is another resource's.
    pub(crate) fn with_known(mut self, id: Option<String>, same_id: SameId) -> Self {
        self.known = id.filter(|id| !self.existed(id, same_id));
        self
    }

    /// Returns the name of the operation, e.g. `vm.create`.
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// Returns the time at which the ticket was created, shortly before the create was sent.
    pub fn noted_at(&self) -> DateTime<Utc> {
        self.noted_at
    }

    /// Returns a short name for log messages, which distinguishes this ticket from others.
    pub fn name(&self) -> String {
        format!("{:016x}", self.account.0)
    }

    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    pub(crate) fn age(&self) -> Duration {
        SystemTime::now().duration_since(self.noted_at.into()).unwrap_or_default()
    }

    pub(crate) fn account(&self) -> (u64, u32) {
        self.account
    }

    pub(crate) fn wanted(&self) -> &Value {
        &self.wanted
    }

    pub(crate) fn known(&self) -> Option<&str> {
        self.known.as_deref()
    }

    pub(crate) fn is_readable(&self) -> bool {
        self.version <= VERSION
    }

    pub(crate) fn existed(&self, id: &str, same_id: SameId) -> bool {
        self.before.as_ref().is_some_and(|before| before.iter().any(|old| same_id(old, id)))
    }
}

/// A new resource that may be the result of a create whose response was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Candidate {
    /// The provider's id of the resource.
    pub id: String,
    /// The fields in which the resource differs from the request, e.g. `name` or `marker`; empty if all fields that can
    /// be compared are equal.
    pub differs: Vec<&'static str>,
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&sanitize(&self.id, &Secrets::default()))?;
        if self.differs.is_empty() { Ok(()) } else { write!(f, " (differs in {})", self.differs.join(", ")) }
    }
}

/// The candidates and the ticket of a create whose result was not found.
#[derive(Clone, Debug)]
pub(crate) struct Lost {
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) ticket: Option<Ticket>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::peek::is_same_id;

    /// Programs store tickets on disk, so it must remain possible to read tickets of version 1.
    const VERSION_1: &str = r#"{"version":1,"operation":"vm.create","place":"https://api.example/v1/vm/list",
        "account":[7,42],"noted_at":"2026-11-25T21:00:00Z","before":["a","b"],"wanted":{"name":"web-1"}}"#;

    #[test]
    fn the_id_of_a_candidate_is_shown_as_one_short_line() {
        for text in ["\u{1b}[2J\n2026 ERROR forged".to_owned(), "x".repeat(100_000)] {
            let shown = Candidate { id: text.clone(), differs: Vec::new() }.to_string();
            assert!(shown.len() < 4096 && !shown.contains(char::is_control), "{shown:?}");
        }
        assert_eq!(
            Candidate { id: "web-1".into(), differs: vec!["name"] }.to_string(),
            "web-1 (differs in name)"
        );
    }

    #[test]
    fn a_stored_ticket_of_version_1_can_be_read() {
        let ticket: Ticket = serde_json::from_str(VERSION_1).unwrap();
        let existed = |ticket: &Ticket, id: &str| ticket.existed(id, is_same_id);
        assert!(ticket.is_readable() && existed(&ticket, "a") && !existed(&ticket, "c"));
        let mut ticket = ticket;
        ticket.before = Some(vec!["0000000a-0000-4000-8000-000000000001".into()]);
        assert!(existed(&ticket, "0000000A000040008000000000000001"));
        assert_eq!((ticket.operation(), ticket.account()), ("vm.create", (7, 42)));
        let again: Ticket = serde_json::from_str(&serde_json::to_string(&ticket).unwrap()).unwrap();
        assert_eq!(again, ticket);
    }

    #[test]
    fn the_age_of_a_ticket_is_the_time_since_it_was_created() {
        let mut ticket: Ticket = serde_json::from_str(VERSION_1).unwrap();
        ticket.noted_at = (SystemTime::now() - Duration::from_secs(3600)).into();
        assert!(ticket.age() >= Duration::from_secs(3600));
        ticket.noted_at = (SystemTime::now() + Duration::from_secs(3600)).into();
        assert_eq!(ticket.age(), Duration::ZERO, "the clock was set back");
    }

    #[test]
    fn a_ticket_without_ids_or_of_a_later_version_is_recognized() {
        let later =
            VERSION_1.replace(r#""version":1"#, r#""version":2"#).replace(r#""before":["a","b"],"#, "");
        let ticket: Ticket = serde_json::from_str(&later).unwrap();
        assert!(!ticket.is_readable() && !ticket.existed("a", is_same_id));
    }

    #[test]
    fn a_candidate_names_the_fields_in_which_it_differs() {
        let same = Candidate { id: "7".into(), differs: Vec::new() };
        let other = Candidate { id: "8".into(), differs: vec!["name"] };
        assert_eq!(format!("{same}, {other}"), "7, 8 (differs in name)");
    }
}

//! Disguises of new resources: hidden at first, or with other values.

use serde_json::{Map, Value};

use crate::base::router::names;
use crate::base::{Boot, Clock, Identity, Parameters, Pending, Request, Response};

/// How clients see what an operation creates, for a while or permanently.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Disguise {
    /// The resource is in no list and unknown to every operation until then, although it exists and is billed.
    ///
    /// The response to the create itself contains the resource. Resources created along with it, such as the disk of a
    /// VM, are visible.
    Hidden(Boot),
    /// These fields have these values until then in every response with the resource, that of the create included.
    ///
    /// Use `null` for fields whose values are known later, or another name for a server that changes names.
    Fields(Map<String, Value>, Boot),
    /// These fields have these values permanently.
    Replaced(Map<String, Value>),
}

/// One new resource with its disguise.
#[derive(Debug)]
struct Thing {
    provider: &'static str,
    identity: Identity,
    disguise: Disguise,
    /// `None` if the disguise is permanent.
    seen_as_it_is: Option<Pending<bool>>,
}

impl Thing {
    fn is_disguised(&mut self, clock: &Clock) -> bool {
        self.seen_as_it_is.as_mut().is_none_or(|arrived| !arrived.peek(clock))
    }

    fn look(&mut self, clock: &Clock) {
        if let Some(arrived) = &mut self.seen_as_it_is {
            arrived.read(clock);
        }
    }

    fn is(&self, value: &Value) -> bool {
        self.identity.iter().any(|(field, id)| match value {
            Value::Object(row) => row.get(*field).is_some_and(|value| is_text(value, id)),
            // A list of ids, such as the VMs of a network.
            Value::String(text) => *field == "uuid" && text == id,
            _ => false,
        })
    }

    /// Disguises the resource in a response; returns false if the response does not contain it.
    fn disguise(&self, value: &mut Value) -> bool {
        let mut found = false;
        let hidden = matches!(self.disguise, Disguise::Hidden(_));
        if let (true, Value::Array(rows)) = (hidden, &mut *value) {
            let before = rows.len();
            rows.retain(|row| !self.is(row));
            found |= rows.len() < before;
        }
        if let (true, Value::Object(rows)) = (hidden, &mut *value) {
            let before = rows.len();
            rows.retain(|_, row| !row.is_object() || !self.is(row));
            found |= rows.len() < before;
            if rows.is_empty() && before > 0 {
                // PHP's empty map.
                *value = Value::Array(Vec::new());
            }
        }
        if let Disguise::Fields(fields, _) | Disguise::Replaced(fields) = &self.disguise
            && self.is(value)
            && let Value::Object(row) = &mut *value
        {
            found = true;
            row.extend(fields.clone());
        }
        match value {
            Value::Array(rows) => rows.iter_mut().for_each(|row| found |= self.disguise(row)),
            Value::Object(rows) => rows.values_mut().for_each(|row| found |= self.disguise(row)),
            _ => {}
        }
        found
    }
}

fn is_text(value: &Value, text: &str) -> bool {
    match value {
        Value::String(found) => found == text,
        Value::Number(number) => number.to_string() == text,
        _ => false,
    }
}

/// The disguises for future creates, and those of existing resources.
#[derive(Debug, Default)]
pub(crate) struct Disguises {
    rules: Vec<(String, Disguise)>,
    things: Vec<Thing>,
}

impl Disguises {
    pub(crate) fn add(&mut self, pattern: &str, disguise: Disguise) {
        self.rules.push((pattern.to_owned(), disguise));
    }

    /// Ends the disguises for future creates; existing ones stay.
    pub(crate) fn end(&mut self, pattern: &str) {
        self.rules.retain(|(of, _)| of != pattern);
    }

    pub(crate) fn is_for(&self, provider: &str, operation: &str) -> bool {
        self.rules.iter().any(|(pattern, _)| names(pattern, provider, Some(operation)))
    }

    pub(crate) fn put_on(
        &mut self,
        provider: &'static str,
        operation: &str,
        identity: Identity,
        clock: &Clock,
    ) {
        for (_, disguise) in
            self.rules.iter().filter(|(pattern, _)| names(pattern, provider, Some(operation)))
        {
            let delay = match disguise {
                Disguise::Hidden(delay) | Disguise::Fields(_, delay) => Some(*delay),
                Disguise::Replaced(_) => None,
            };
            let arrived = delay.map(|delay| {
                let mut arrived = Pending::settled(false, clock);
                arrived.go_in(delay, false, true, clock);
                arrived
            });
            let (identity, disguise) = (identity.clone(), disguise.clone());
            self.things.push(Thing { provider, identity, disguise, seen_as_it_is: arrived });
        }
    }

    /// Returns the id of a hidden resource that a request names. Such a request counts as a read.
    pub(crate) fn hides(
        &mut self,
        provider: &str,
        parameters: &Parameters,
        request: &Request,
        clock: &Clock,
    ) -> Option<String> {
        const ARGUMENTS: [&str; 6] = ["uuid", "vm_uuid", "disk_uuid", "storage_uuid", "orderid", "serviceid"];
        let hidden =
            |thing: &&mut Thing| thing.provider == provider && matches!(thing.disguise, Disguise::Hidden(_));
        for thing in self.things.iter_mut().filter(hidden) {
            let named = thing.identity.iter().find(|(field, id)| {
                let is = |value: &str| value.eq_ignore_ascii_case(id);
                let mut arguments = ARGUMENTS.into_iter().chain(std::iter::once(*field));
                parameters.values().any(is)
                    || arguments.any(|name| request.argument(name).is_some_and(|value| is(&value)))
            });
            let named = named.map(|(_, id)| id.clone());
            if let Some(id) = named.filter(|_| thing.is_disguised(clock)) {
                thing.look(clock);
                return Some(id);
            }
        }
        None
    }

    /// Returns the response as it looks with all disguises. The response to a create contains the new resource, and is
    /// not a read.
    pub(crate) fn apply(
        &mut self,
        provider: &str,
        creates: bool,
        mut response: Response,
        clock: &Clock,
    ) -> Response {
        let mut things: Vec<_> = self
            .things
            .iter_mut()
            .filter(|thing| thing.provider == provider)
            .filter_map(|thing| thing.is_disguised(clock).then_some(thing))
            .filter(|thing| !(creates && matches!(thing.disguise, Disguise::Hidden(_))))
            .collect();
        if things.is_empty() || response.status >= 300 {
            return response;
        }
        let Ok(mut body) = serde_json::from_slice::<Value>(&response.body) else { return response };
        for thing in &mut things {
            if thing.disguise(&mut body) && !creates {
                thing.look(clock);
            }
        }
        let body = body.to_string().into();
        response.altered |= response.body != body;
        response.body = body;
        response
    }
}

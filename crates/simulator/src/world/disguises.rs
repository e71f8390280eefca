//! Disguises for new resources, which hide them or change their fields.

use serde_json::{Map, Value};

use crate::base::router::names;
use crate::base::{Boot, Clock, Identity, Parameters, Pending, Request, Response};

/// How clients see the resources that an operation creates, for a while or permanently.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Disguise {
    /// The resource is hidden for this long: lists omit it, and operations on it fail as if it did not exist. It is
    /// billed nevertheless.
    ///
    /// The response to the create request still contains the resource. Resources created along with it, such as a VM's
    /// disk, are visible.
    Hidden(Boot),
    /// These fields have these values for this long, in every response that contains the resource, including the
    /// response to the create request.
    ///
    /// Use `null` for values that become known later, or a different name to simulate a provider that changes names.
    Fields(Map<String, Value>, Boot),
    /// These fields have these values permanently.
    Replaced(Map<String, Value>),
}

/// A new resource and its disguise.
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
                // PHP encodes an empty map as a list.
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

/// The planned disguises for new resources, and the disguises of existing ones.
#[derive(Debug, Default)]
pub(crate) struct Disguises {
    rules: Vec<(String, Disguise)>,
    things: Vec<Thing>,
}

impl Disguises {
    pub(crate) fn add(&mut self, pattern: &str, disguise: Disguise) {
        self.rules.push((pattern.to_owned(), disguise));
    }

    /// Removes planned disguises; existing resources keep theirs.
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

    /// Returns the id of the hidden resource that the request names, if any. Such a request counts as a read.
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

    /// Returns the response with all disguises applied. The response to a create request contains the new resource, and
    /// does not count as a read.
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

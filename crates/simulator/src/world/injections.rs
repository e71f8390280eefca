//! Operations that another client of the same account performs before or after a request.

use serde_json::{Map, Value};

use crate::base::router::names;

/// When another client of the same account acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Immediately before the request is processed, or is rejected by a fault.
    Before,
    /// Immediately after the request has been processed, or has been rejected by a fault.
    After,
}

/// An operation and its arguments; `None` repeats the triggering request.
pub(crate) type Foreign = Option<(String, Map<String, Value>)>;

/// The planned operations, and the responses to earlier ones.
#[derive(Debug, Default)]
pub(crate) struct Injections {
    waiting: Vec<(Moment, String, Foreign)>,
    responses: Vec<(u16, Value)>,
}

impl Injections {
    pub(crate) fn add(&mut self, moment: Moment, pattern: &str, foreign: Foreign) {
        self.waiting.push((moment, pattern.to_owned(), foreign));
    }

    /// Removes and returns the operations to perform now.
    pub(crate) fn due(&mut self, moment: Moment, provider: &str, operation: Option<&str>) -> Vec<Foreign> {
        let due = |(when, pattern, _): &mut (Moment, String, Foreign)| {
            *when == moment && names(pattern, provider, operation)
        };
        self.waiting.extract_if(.., due).map(|(_, _, foreign)| foreign).collect()
    }

    pub(crate) fn done(&mut self, response: (u16, Value)) {
        self.responses.push(response);
    }

    pub(crate) fn responses(&self) -> Vec<(u16, Value)> {
        self.responses.clone()
    }
}

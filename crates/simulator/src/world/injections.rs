//! Operations of other clients of the same account, at a chosen moment.

use serde_json::{Map, Value};

use crate::base::router::names;

/// When another client of the same account acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Immediately before a request is processed, or fails unprocessed.
    Before,
    /// Immediately after a request was processed, or failed.
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

    /// Returns the operations to perform now, each once.
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

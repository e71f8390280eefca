//! Compares a response directly with the samples: every unknown field, unexpected null and unexpected type is reported.

use std::collections::BTreeMap;

use hostkit_tests::json::Json;

use super::document::Inputs;
use super::schema::{Names, Shape};
use crate::failure::Result;
use crate::fixtures::Provider;

/// A summary of a provider's samples.
pub(crate) struct Strict {
    /// The shapes of responses, by operation.
    shapes: BTreeMap<&'static str, Shape>,
    names: Names,
}

impl Strict {
    /// Summarizes all fixtures of a provider.
    pub(crate) fn of(provider: Provider) -> Result<Self> {
        super::with_inputs(provider, |inputs| Self {
            shapes: inputs
                .endpoints
                .iter()
                .map(|endpoint| (endpoint.name, inputs.joined(endpoint.name)))
                .collect(),
            names: inputs.names(),
        })
    }

    /// Returns the differences between a response and the samples, without values.
    pub(crate) fn differences(&self, operation: &str, response: &Json) -> Vec<String> {
        let mut found = Vec::new();
        if let Some(shape) = self.shapes.get(operation) {
            shape.compare("", "", response, &self.names, &mut found);
        }
        // Every row of a list may have the same differences.
        found.sort();
        found.dedup();
        found
    }
}

impl Inputs<'_> {
    /// Returns the shape of an operation's response, merged with those of all operations that return the same
    /// resource.
    fn joined(&self, operation: &str) -> Shape {
        let mut shape = self.shape(operation);
        for (_, operations) in
            self.decisions.responses.iter().filter(|(_, of)| of.iter().any(|one| one == operation))
        {
            for other in operations {
                let other = self.shape(other);
                shape.join_resource(other.items().unwrap_or(&other));
            }
        }
        for (field, resource) in self.decisions.nested.get(operation).into_iter().flatten() {
            for other in self.decisions.responses.get(resource).into_iter().flatten() {
                let other = self.shape(other);
                shape.join_field(field, other.items().unwrap_or(&other));
            }
        }
        shape
    }
}

//! What a page leaves open or contradicts, and how it is read: `fixtures/contract/decisions`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// The decisions for one provider.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decisions {
    pub(super) title: String,
    pub(super) description: String,
    /// The part of every path that belongs to the servers' URLs.
    #[serde(default)]
    pub(super) prefix: String,
    pub(super) servers: Value,
    pub(super) security: Value,
    /// The operations that need no credentials.
    pub(super) open: Vec<String>,
    /// Where a parameter goes whose place the page does not say.
    pub(super) place: String,
    /// For the whole document.
    pub(super) decision: Option<String>,
    /// For every parameter of that name.
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, Choice>,
    #[serde(default)]
    pub(super) operations: BTreeMap<String, ForOperation>,
    /// The fields that are maps: their keys are values.
    #[serde(default)]
    pub(super) maps: Vec<String>,
    /// The operations that return the same resource, or a list of it.
    pub(super) responses: BTreeMap<String, Vec<String>>,
    /// The fields of an operation's response that hold such a resource.
    #[serde(default)]
    pub(super) nested: BTreeMap<String, BTreeMap<String, String>>,
    /// Whether a refusal has status 200, so that every response may have its fields.
    #[serde(default)]
    pub(super) refuses_with_200: bool,
}

/// The decisions for one operation.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ForOperation {
    pub(super) decision: Option<String>,
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, Choice>,
}

/// What is said of a parameter in place of, or in addition to, what the page says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Choice {
    #[serde(rename = "in")]
    pub(super) place: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) required: Option<bool>,
    pub(super) values: Option<Vec<String>>,
    /// Empty: none.
    pub(super) default: Option<String>,
    /// In place of all that a type says.
    pub(super) schema: Option<Value>,
    pub(super) description: Option<String>,
    /// Why.
    pub(super) decision: Option<String>,
    #[serde(default)]
    pub(super) secret: bool,
    /// Why it is no parameter.
    pub(super) drop: Option<String>,
}

impl Decisions {
    /// What is decided of a parameter: for the operation, else for the name.
    pub(super) fn of(&self, operation: &str, name: &str) -> Choice {
        let general = self.parameters.get(name).cloned().unwrap_or_default();
        let own =
            self.operations.get(operation).and_then(|operation| operation.parameters.get(name)).cloned();
        let own = own.unwrap_or_default();
        Choice {
            place: own.place.or(general.place),
            kind: own.kind.or(general.kind),
            required: own.required.or(general.required),
            values: own.values.or(general.values),
            default: own.default.or(general.default),
            schema: own.schema.or(general.schema),
            description: own.description.or(general.description),
            decision: own.decision.or(general.decision),
            secret: own.secret || general.secret,
            drop: own.drop.or(general.drop),
        }
    }
}

//! How open and contradictory parts of a page are read: `fixtures/contract/decisions`.

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
    /// The operations without credentials.
    pub(super) open: Vec<String>,
    /// The place of parameters whose place the page leaves open.
    pub(super) place: String,
    /// For the whole document.
    pub(super) decision: Option<String>,
    /// For every parameter with this name.
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, Choice>,
    #[serde(default)]
    pub(super) operations: BTreeMap<String, ForOperation>,
    /// The fields that are maps: their keys are values.
    #[serde(default)]
    pub(super) maps: Vec<String>,
    /// The operations that return the same resource, or a list of it.
    pub(super) responses: BTreeMap<String, Vec<String>>,
    /// The fields of an operation's response that contain such a resource.
    #[serde(default)]
    pub(super) nested: BTreeMap<String, BTreeMap<String, String>>,
    /// Whether error responses have status 200, so that every response may have their fields.
    #[serde(default)]
    pub(super) errors_have_status_200: bool,
}

/// The decisions for one operation.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ForOperation {
    pub(super) decision: Option<String>,
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, Choice>,
}

/// What is decided about a parameter, instead of or in addition to the page.
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
    /// Replaces the whole type.
    pub(super) schema: Option<Value>,
    pub(super) description: Option<String>,
    /// The reason.
    pub(super) decision: Option<String>,
    #[serde(default)]
    pub(super) secret: bool,
    /// The reason why it is not a parameter.
    pub(super) drop: Option<String>,
}

impl Decisions {
    /// The decision about a parameter: for the operation, otherwise for the name.
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

//! Decisions about unclear and contradictory parts of a page, from `fixtures/contract/decisions`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// The decisions for one provider.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decisions {
    pub(super) title: String,
    pub(super) description: String,
    /// The path prefix that the servers' URLs already contain.
    #[serde(default)]
    pub(super) prefix: String,
    pub(super) servers: Value,
    pub(super) security: Value,
    /// The operations that need no credentials.
    pub(super) open: Vec<String>,
    /// The default place of parameters, used if the page does not specify one.
    pub(super) place: String,
    /// A decision about the whole document.
    pub(super) decision: Option<String>,
    /// Decisions by parameter name. Each one applies to all parameters with that name.
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, Choice>,
    #[serde(default)]
    pub(super) operations: BTreeMap<String, ForOperation>,
    /// The fields that are maps, i.e. whose keys are data.
    #[serde(default)]
    pub(super) maps: Vec<String>,
    /// For each resource, the operations that return the resource or a list of such resources.
    pub(super) responses: BTreeMap<String, Vec<String>>,
    /// For each operation, the response fields that contain a resource, each with the resource's name.
    #[serde(default)]
    pub(super) nested: BTreeMap<String, BTreeMap<String, String>>,
    /// Whether error responses have status 200, so that every response may contain their fields.
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

/// A decision about a parameter. It replaces or extends the page's description of the parameter.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Choice {
    #[serde(rename = "in")]
    pub(super) place: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) required: Option<bool>,
    pub(super) values: Option<Vec<String>>,
    /// Empty if there is no default.
    pub(super) default: Option<String>,
    /// Replaces the whole type.
    pub(super) schema: Option<Value>,
    pub(super) description: Option<String>,
    /// The reason for the decision.
    pub(super) decision: Option<String>,
    #[serde(default)]
    pub(super) secret: bool,
    /// The reason why this is not a parameter.
    pub(super) drop: Option<String>,
}

impl Decisions {
    /// Returns the decision about a parameter. Decisions for the operation take precedence over those for the name.
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

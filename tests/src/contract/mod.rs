//! Checks requests and responses against the providers' contracts in `fixtures/contract`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::fixture::{self, Fixture, Request};

/// The contract of one provider, read from an OpenAPI document, with a validator for each schema.
#[derive(Debug)]
pub struct Contract {
    operations: BTreeMap<String, Operation>,
}

#[derive(Debug)]
struct Operation {
    method: String,
    /// The path template on the real server, including the query.
    path: String,
    is_located: bool,
    evidence: String,
    parameters: BTreeSet<(String, String)>,
    body: Option<Body>,
    /// The response bodies by status or `default`.
    responses: BTreeMap<String, Option<Body>>,
}

#[derive(Debug)]
struct Body {
    validator: Validator,
    /// The JSON types of the body's fields, by name.
    kinds: BTreeMap<String, String>,
    allows_text: bool,
}

/// An error that occurred while reading a contract.
#[derive(Debug, thiserror::Error)]
#[error("fixtures/contract/{provider}.json: {reason}; run: cargo xtask contract")]
pub struct ContractError {
    provider: String,
    reason: String,
}

impl Contract {
    /// Reads the contract of a provider: `leaderssl-gpu`, `inferno-vps` or `elastis`.
    pub fn load(provider: &str) -> Result<Self, ContractError> {
        let error = |reason: String| ContractError { provider: provider.to_owned(), reason };
        let path = fixture::root().join("contract").join(format!("{provider}.json"));
        let text = fs::read_to_string(path).map_err(|reason| error(reason.to_string()))?;
        let document = serde_json::from_str(&text).map_err(|reason| error(reason.to_string()))?;
        Self::read(&document).map_err(error)
    }

    /// Returns the contract that contains a crate's operations. Each contract is read only once.
    ///
    /// # Panics
    /// Panics if a contract cannot be read.
    #[expect(clippy::panic, reason = "tests cannot continue without a contract")]
    pub fn of(package: &str) -> &'static Self {
        static ALL: LazyLock<[Contract; 3]> = LazyLock::new(|| {
            ["leaderssl-gpu", "inferno-vps", "elastis"]
                .map(|provider| Contract::load(provider).unwrap_or_else(|error| panic!("{error}")))
        });
        let [leaderssl, inferno, elastis] = &*ALL;
        match package {
            _ if package.starts_with("leaderssl") => leaderssl,
            _ if package.starts_with("inferno") => inferno,
            _ => elastis,
        }
    }

    /// Reads a contract from its document.
    ///
    /// # Errors
    ///
    /// Returns the reason if a schema is invalid.
    pub fn read(document: &Value) -> Result<Self, String> {
        // On the server, the path of the server's URL precedes every path in the document.
        let base = document["servers"][0]["url"].as_str().unwrap_or_default();
        let base =
            base.split_once("://").map_or("", |(_, rest)| rest.find('/').map_or("", |slash| &rest[slash..]));
        let mut operations = BTreeMap::new();
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let name = operation["x-operation"].as_str().unwrap_or_default();
                let name = name.rsplit('/').next().unwrap_or_default().to_owned();
                let mut read = Operation {
                    method: method.to_uppercase(),
                    path: format!("{base}{path}"),
                    is_located: operation["x-location"] == true,
                    evidence: operation["x-evidence"].as_str().unwrap_or_default().to_owned(),
                    parameters: BTreeSet::new(),
                    body: None,
                    responses: BTreeMap::new(),
                };
                for parameter in operation["parameters"].as_array().into_iter().flatten() {
                    let text = |key: &str| parameter[key].as_str().unwrap_or_default().to_owned();
                    read.parameters.insert((text("in"), text("name")));
                }
                if let Some(content) = operation["requestBody"]["content"].as_object() {
                    let place = if content.contains_key("application/json") { "json" } else { "form" };
                    let body = body(content, document)?;
                    let names = body.iter().flat_map(|body| body.kinds.keys());
                    read.parameters.extend(names.map(|name| (place.to_owned(), name.clone())));
                    read.body = body;
                }
                for (status, response) in operation["responses"].as_object().into_iter().flatten() {
                    let response = resolve(response, document);
                    let content = response["content"].as_object();
                    let body = content.map(|content| body(content, document)).transpose()?.flatten();
                    read.responses.insert(status.clone(), body);
                }
                operations.insert(name, read);
            }
        }
        Ok(Self { operations })
    }

    /// Returns the names of all operations.
    pub fn operations(&self) -> impl Iterator<Item = &str> {
        self.operations.keys().map(String::as_str)
    }

    /// Returns the place (e.g. `query`) and the name of every parameter of an operation.
    pub fn parameters(&self, operation: &str) -> impl Iterator<Item = (&str, &str)> {
        let of = self.operations.get(operation).into_iter().flat_map(|operation| &operation.parameters);
        of.map(|(place, name)| (place.as_str(), name.as_str()))
    }

    /// Returns the parameters of an operation that no fixture sends, each with its place.
    pub fn unsent<'a>(&self, operation: &str, fixtures: impl Iterator<Item = &'a Fixture>) -> Vec<String> {
        let mut unsent: BTreeSet<_> = self.parameters(operation).collect();
        for fixture in fixtures.filter(|fixture| fixture.operation == operation) {
            let Request { segments, query, form, json, .. } = &fixture.request;
            unsent.retain(|(place, name)| match *place {
                "path" => !segments.contains_key(*name),
                "query" => !query.contains_key(*name),
                "form" => !form.as_ref().is_some_and(|form| form.contains_key(*name)),
                _ => json.as_ref().and_then(|json| json.get(name)).is_none(),
            });
        }
        unsent.into_iter().map(|(place, name)| format!("{place} {name}")).collect()
    }

    /// Converts a string to the value of a parameter in a JSON body, according to the parameter's type in the
    /// contract.
    pub fn json_value(&self, operation: &str, name: &str, text: &str) -> Value {
        let body = self.operations.get(operation).and_then(|operation| operation.body.as_ref());
        let kind = body.and_then(|body| body.kinds.get(name)).map_or("", String::as_str);
        if kind == "string" {
            json!(text)
        } else {
            serde_json::from_str(text).unwrap_or_else(|_| json!(text))
        }
    }

    /// Returns whether the response of an operation is `documented`, `observed` or `assumed`.
    pub fn evidence(&self, operation: &str) -> &str {
        self.operations.get(operation).map_or("", |operation| operation.evidence.as_str())
    }

    /// Returns the operation that a request belongs to. `target` is the request's path and query, with or without a
    /// location.
    pub fn operation(&self, method: &str, target: &str) -> Option<&str> {
        let serves =
            |(_, operation): &(&String, &Operation)| operation.method == method && operation.serves(target);
        // Prefers `/vm/list` to `/vm/{id}`.
        let fixed_first = |(_, operation): &(&String, &Operation)| operation.path.matches('{').count();
        self.operations.iter().filter(serves).min_by_key(fixed_first).map(|(name, _)| name.as_str())
    }

    /// Lists the parts of a request that the contract does not allow, and the required parameters that are missing.
    pub fn check_request(&self, operation: &str, request: &Request) -> Vec<String> {
        let Some(known) = self.operations.get(operation) else {
            return vec![format!("{operation} is not in the contract")];
        };
        let mut problems = Vec::new();
        let own_query = known.path.split_once('?').map_or("", |(_, query)| query);
        for name in request.query.keys().filter(|name| !own_query.starts_with(&format!("{name}="))) {
            if !known.parameters.contains(&("query".to_owned(), name.clone())) {
                problems.push(format!("query parameter `{name}` of {operation} is not in the contract"));
            }
        }
        let (place, sent) = match (&request.form, &request.json) {
            (Some(form), _) => ("form", known.typed(form)),
            (None, Some(json)) => ("json", serde_json::to_value(json).unwrap_or_default()),
            // A request without fields has no body, which is an error only if the contract requires a field.
            (None, None) => ("form", json!({})),
        };
        for name in sent.as_object().into_iter().flat_map(Map::keys) {
            if !known.parameters.contains(&(place.to_owned(), name.clone())) {
                problems.push(format!("{place} parameter `{name}` of {operation} is not in the contract"));
            }
        }
        if let (Some(body), true) = (&known.body, problems.is_empty()) {
            problems.extend(
                errors(&body.validator, &sent).map(|error| format!("request of {operation}: {error}")),
            );
        }
        problems
    }

    /// Lists the parts of a response that the contract does not allow.
    pub fn check_response(&self, operation: &str, status: u16, body: &[u8]) -> Vec<String> {
        let Some(known) = self.operations.get(operation) else {
            return vec![format!("{operation} is not in the contract")];
        };
        let response = known.responses.get(&status.to_string());
        let response = match response {
            None if (200..300).contains(&status) => {
                return vec![format!("status {status} of {operation} is not in the contract")];
            }
            None => known.responses.get("default"),
            found => found,
        };
        let Some(Some(schema)) = response else { return Vec::new() };
        match serde_json::from_slice(body) {
            Ok(json) => errors(&schema.validator, &json)
                .map(|error| format!("response {status} of {operation}: {error}"))
                .collect(),
            Err(_) if schema.allows_text || (body.is_empty() && status >= 400) => Vec::new(),
            Err(error) => vec![format!("response {status} of {operation} is not JSON: {error}")],
        }
    }
}

impl Operation {
    fn serves(&self, target: &str) -> bool {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (template, own_query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let fits = |path: &str| {
            let (mut expected, mut actual) = (template.split('/'), path.trim_end_matches('/').split('/'));
            loop {
                match (expected.next(), actual.next()) {
                    (None, None) => return true,
                    (Some(expected), Some(actual))
                        if expected == actual || (expected.starts_with('{') && !actual.is_empty()) => {}
                    _ => return false,
                }
            }
        };
        // `/v1/bus02/things` is `/v1/things` in the location `bus02`.
        let elsewhere = || {
            let mut parts: Vec<_> = path.split('/').collect();
            parts.len() > 2 && {
                parts.remove(2);
                fits(&parts.join("/"))
            }
        };
        let has_query = own_query.is_empty() || query.split('&').any(|pair| pair == own_query);
        has_query && (fits(path) || (self.is_located && elsewhere()))
    }

    /// Returns the fields of a form, converted to their types in the contract.
    fn typed(&self, form: &BTreeMap<String, String>) -> Value {
        let kinds = self.body.as_ref().map(|body| &body.kinds);
        let value = |(name, text): (&String, &String)| {
            let kind = kinds.and_then(|kinds| kinds.get(name)).map_or("string", String::as_str);
            let value = match kind {
                "integer" | "number" | "boolean" => {
                    serde_json::from_str(text).unwrap_or_else(|_| json!(text))
                }
                _ => json!(text),
            };
            (name.clone(), value)
        };
        Value::Object(form.iter().map(value).collect())
    }
}

/// Returns the body that `content` describes, or `None` if `content` describes only `text/html`.
fn body(content: &Map<String, Value>, document: &Value) -> Result<Option<Body>, String> {
    let Some((_, media)) = content.iter().find(|(name, _)| *name != "text/html") else { return Ok(None) };
    let schema = closed(&media["schema"], document);
    let properties = schema["properties"].as_object().into_iter().flatten();
    let kinds = properties
        .map(|(name, schema)| (name.clone(), schema["type"].as_str().unwrap_or_default().to_owned()))
        .collect();
    let validator = jsonschema::validator_for(&schema).map_err(|error| error.to_string())?;
    Ok(Some(Body { validator, kinds, allows_text: content.contains_key("text/html") }))
}

fn resolve<'a>(value: &'a Value, document: &'a Value) -> &'a Value {
    let reference = value["$ref"].as_str().and_then(|path| path.strip_prefix('#'));
    reference.and_then(|path| document.pointer(path)).unwrap_or(value)
}

/// Returns the schema with its references resolved. An object that lists its properties allows no others, because a
/// schema that allows anything would find no errors.
fn closed(schema: &Value, document: &Value) -> Value {
    match resolve(schema, document) {
        Value::Object(map) => {
            let mut map: Map<_, _> =
                map.iter().map(|(name, value)| (name.clone(), closed(value, document))).collect();
            if map.contains_key("properties") && !map.contains_key("additionalProperties") {
                map.insert("additionalProperties".into(), json!(false));
            }
            Value::Object(map)
        }
        Value::Array(items) => items.iter().map(|item| closed(item, document)).collect(),
        other => other.clone(),
    }
}

fn errors(validator: &Validator, value: &Value) -> impl Iterator<Item = String> {
    let shown = |error: jsonschema::ValidationError<'_>| {
        let path = error.instance_path().to_string();
        if path.is_empty() { error.to_string() } else { format!("{path}: {error}") }
    };
    validator.iter_errors(value).map(shown).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests;

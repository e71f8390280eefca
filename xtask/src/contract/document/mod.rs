//! Writes the contract as an OpenAPI 3.1 document, with requests from the page and responses from the samples.

mod contradictions;
mod parameters;
mod responses;

use std::collections::BTreeMap;

use hostkit_tests::fixture::Fixture;
use hostkit_tests::json::Json;
use serde_json::{Map, Value, json};

use self::parameters::Described;
use super::decisions::Decisions;
use super::page::Page;
use super::schema::{Names, Shape};
use crate::operations::Endpoint;

const LEGEND: &str = "Generated from the provider's documentation and from sample responses; not published by the \
    provider. `x-evidence` is the source: `documented` by the provider (the default), `observed` and published by \
    others, or `assumed`. `x-effect` is the effect of repeating a request, `x-source` the place of a parameter on the \
    page, and `x-decision` the reason for an interpretation if the page is unclear or contradictory. `x-default` \
    is the value that the server uses if the parameter is missing; it is not `default`, because clients would send \
    that. A parameter is required unless the page calls it optional, with a few exceptions.";

/// The data from which a contract document is generated.
pub(super) struct Inputs<'a> {
    pub(super) page: &'a Page,
    pub(super) decisions: &'a Decisions,
    pub(super) endpoints: &'a [Endpoint],
    /// The fixtures of the provider's crates, each with the name of its crate.
    pub(super) fixtures: &'a [(String, Fixture)],
    /// A one-sentence summary of each operation.
    pub(super) summaries: &'a BTreeMap<String, String>,
}

impl Inputs<'_> {
    /// Returns the document.
    pub(super) fn document(&self) -> Value {
        let names = self.names();
        let mut schemas = self.resources(&names);
        schemas.insert("ErrorResponse".into(), self.error_response(&names));
        let mut paths = Map::new();
        for endpoint in self.endpoints {
            let path = endpoint.path.strip_prefix(&self.decisions.prefix).unwrap_or(endpoint.path);
            let operation = self.operation(endpoint, &names, &mut schemas);
            let item = paths.entry(path).or_insert_with(|| json!({}));
            if let Some(item) = item.as_object_mut() {
                item.insert(endpoint.method.to_lowercase(), operation);
            }
        }
        let security: Vec<&String> =
            self.decisions.security.as_object().into_iter().flat_map(|map| map.keys()).collect();
        let mut info = json!({
            "title": self.decisions.title,
            "version": env!("CARGO_PKG_VERSION"),
            "description": format!("{} {LEGEND}", self.decisions.description),
        });
        if let (Some(decision), Some(info)) = (&self.decisions.decision, info.as_object_mut()) {
            info.insert("x-decision".into(), json!(decision));
        }
        json!({
            "openapi": "3.1.0",
            "info": info,
            "servers": self.decisions.servers,
            "security": security.iter().map(|name| json!({name.as_str(): []})).collect::<Vec<_>>(),
            "paths": paths,
            "components": {
                "securitySchemes": self.decisions.security,
                "schemas": schemas,
                "responses": {"Error": {
                    "description": "An error response, or a proxy's error page.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorResponse"}}, "text/html": {"schema": {"type": "string"}}},
                }},
            },
        })
    }

    pub(super) fn names(&self) -> Names {
        let mut names = Names { maps: self.decisions.maps.iter().cloned().collect(), ..Names::default() };
        for (_, fixture) in self.fixtures {
            fixture.response.json.iter().for_each(|json| names.learn("", json));
        }
        names
    }

    fn samples(&self, operation: &str, is_good: bool) -> impl Iterator<Item = &(String, Fixture)> {
        let of = move |(_, fixture): &&(String, Fixture)| {
            fixture.operation == operation && (200..300).contains(&fixture.response.status) == is_good
        };
        self.fixtures.iter().filter(of)
    }

    pub(super) fn shape(&self, operation: &str) -> Shape {
        let mut shape = Shape::default();
        for (_, fixture) in self.samples(operation, true) {
            fixture.response.json.iter().for_each(|json| shape.add(json, fixture.source));
        }
        if self.decisions.errors_have_status_200 {
            let success = Json::Text("success".to_owned());
            let is_error = |json: &&Json| json.get("result").is_some_and(|result| *result != success);
            for (_, fixture) in self.fixtures.iter().filter(|(_, fixture)| fixture.response.status == 200) {
                let errors = fixture.response.json.iter().filter(is_error);
                errors.for_each(|json| shape.may_have(json, fixture.source));
            }
        }
        shape
    }

    /// Returns the schemas of resources that several operations return.
    fn resources(&self, names: &Names) -> Map<String, Value> {
        let schema = |operations: &Vec<String>| {
            let mut joined = Shape::default();
            for operation in operations {
                let shape = self.shape(operation);
                joined.join(shape.items().unwrap_or(&shape));
            }
            joined.schema(names)
        };
        self.decisions.responses.iter().map(|(name, operations)| (name.clone(), schema(operations))).collect()
    }

    /// Returns one schema for all error responses. Their fields depend on which layer of the server responds.
    fn error_response(&self, names: &Names) -> Value {
        let mut shape = Shape::default();
        // An error response that is documented without a status has status 200 in its fixture.
        let is_error = |fixture: &Fixture| {
            let case = fixture.case.as_deref().unwrap_or_default();
            fixture.response.status >= 400
                || (!self.decisions.errors_have_status_200 && case.ends_with("refused"))
        };
        for (_, fixture) in self.fixtures.iter().filter(|(_, fixture)| is_error(fixture)) {
            fixture.response.json.iter().for_each(|json| shape.add(json, fixture.source));
        }
        let mut schema = shape.schema(names);
        // The keys of `errors` are parameter names and codes.
        if let Some(errors) = schema.pointer_mut("/properties/errors") {
            *errors = json!({"type": ["object", "null"], "additionalProperties": true});
        }
        if shape.is_unknown() { json!({"type": "object"}) } else { schema }
    }

    fn operation(&self, endpoint: &Endpoint, names: &Names, schemas: &mut Map<String, Value>) -> Value {
        let mut operation = json!({
            "operationId": endpoint.name.replace('.', "_"),
            "tags": [endpoint.name.split('.').next()],
            "x-effect": endpoint.effect,
            "x-operation": format!("{}/{}", endpoint.package, endpoint.name),
        });
        let mut set = |name: &str, value: Value| {
            if let Some(object) = operation.as_object_mut() {
                object.insert(name.to_owned(), value);
            }
        };
        if let Some(summary) = self.summaries.get(endpoint.name) {
            set("summary", json!(summary));
        }
        if endpoint.located {
            set("x-location", json!(true));
        }
        if self.decisions.open.iter().any(|open| open == endpoint.name) {
            set("security", json!([]));
        }
        if let Some(decision) =
            self.decisions.operations.get(endpoint.name).and_then(|own| own.decision.as_ref())
        {
            set("x-decision", json!(decision));
        }
        if let Some((section, shown)) = self.page.operation(endpoint.name) {
            set("x-section", json!(section.title));
            let contradictions = self.contradictions(endpoint, section, shown);
            if !contradictions.is_empty() {
                set("x-contradictions", json!(contradictions));
            }
        }
        let (body, others): (Vec<_>, Vec<_>) = self
            .parameters(endpoint)
            .into_iter()
            .partition(|parameter| matches!(parameter.place.as_str(), "form" | "json"));
        if !others.is_empty() {
            set("parameters", json!(others.into_iter().map(Described::parameter).collect::<Vec<_>>()));
        }
        if let Some(first) = body.first() {
            let media =
                if first.place == "form" { "application/x-www-form-urlencoded" } else { "application/json" };
            let name = format!("{}Request", pascal(endpoint.name));
            let required: Vec<_> =
                body.iter().filter(|parameter| parameter.required).map(|one| one.name.clone()).collect();
            let properties: Map<_, _> = body.into_iter().map(Described::property).collect();
            let mut schema = json!({"type": "object", "properties": properties});
            if let (false, Some(object)) = (required.is_empty(), schema.as_object_mut()) {
                object.insert("required".into(), json!(required));
            }
            let reference = json!({"$ref": format!("#/components/schemas/{name}")});
            set(
                "requestBody",
                json!({"required": !required.is_empty(), "content": {media: {"schema": reference}}}),
            );
            schemas.insert(name, schema);
        }
        let (evidence, responses) = self.responses(endpoint, names, schemas);
        set("x-evidence", json!(evidence.evidence()));
        set("responses", responses);
        operation
    }
}

/// Returns `VmCreate` for `vm.create`.
fn pascal(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    name.split(['.', '_']).map(capital).collect()
}

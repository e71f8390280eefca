//! The contract as an OpenAPI 3.1 document: requests from the page, responses from the samples.

use std::collections::{BTreeMap, BTreeSet};

use hostkit_tests::fixture::{Fixture, Source};
use serde_json::{Map, Value, json};

use super::decisions::{Choice, Decisions};
use super::page::{Page, Parameter, Section, Shown};
use super::schema::{Names, Shape, strongest};
use crate::operations::{Endpoint, name_of};

const LEGEND: &str = "Generated from the provider's documentation and from sample responses; not a document of the \
    provider. `x-evidence` says who showed it: `documented` by the provider (also where nothing is said), `observed` \
    and published by somebody, or `assumed`. `x-effect` says what a second attempt does, `x-source` where on the \
    page a parameter stands, `x-decision` why an open or contradictory page is read this way. `x-default` is what \
    the server does without the parameter; it is not `default`, which clients would send. What the page does not \
    call optional is required, with exceptions.";

/// What a document is made of.
pub(super) struct Inputs<'a> {
    pub(super) page: &'a Page,
    pub(super) decisions: &'a Decisions,
    pub(super) endpoints: &'a [Endpoint],
    /// The fixtures of the provider's crates, each with its crate.
    pub(super) fixtures: &'a [(String, Fixture)],
    /// What each operation does, in one sentence.
    pub(super) summaries: &'a BTreeMap<String, String>,
}

/// A parameter as the document has it.
struct Described {
    name: String,
    place: String,
    required: bool,
    schema: Value,
    /// The description, and the keys that begin with `x-`.
    notes: Map<String, Value>,
}

impl Inputs<'_> {
    /// The document.
    pub(super) fn document(&self) -> Value {
        let names = self.names();
        let mut schemas = self.resources(&names);
        schemas.insert("Refusal".into(), self.refusal(&names));
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
                "responses": {"Refused": {
                    "description": "An error response, or a page of a proxy.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}, "text/html": {"schema": {"type": "string"}}},
                }},
            },
        })
    }

    fn names(&self) -> Names {
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

    fn shape(&self, operation: &str) -> Shape {
        let mut shape = Shape::default();
        for (_, fixture) in self.samples(operation, true) {
            fixture.response.json.iter().for_each(|json| shape.add(json, fixture.source));
        }
        shape
    }

    /// The schemas that several operations return.
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

    /// All error responses joined. Their fields differ by the layer that answers.
    fn refusal(&self, names: &Names) -> Value {
        let mut shape = Shape::default();
        for (_, fixture) in self.fixtures.iter().filter(|(_, fixture)| fixture.response.status >= 400) {
            fixture.response.json.iter().for_each(|json| shape.add(json, fixture.source));
        }
        let mut schema = shape.schema(names);
        // Below `errors`, keys are names of parameters and codes.
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

    fn responses(
        &self,
        endpoint: &Endpoint,
        names: &Names,
        schemas: &mut Map<String, Value>,
    ) -> (Source, Value) {
        let mut evidence: Option<Source> = None;
        let mut statuses: BTreeSet<u16> = BTreeSet::from([200]);
        let mut samples: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let (mut is_empty, mut is_dump) = (false, false);
        for (package, fixture) in self.samples(endpoint.name, true) {
            evidence = Some(evidence.map_or(fixture.source, |known| strongest(known, fixture.source)));
            statuses.insert(fixture.response.status);
            let body = fixture.response.body();
            is_empty |= body.is_empty() && fixture.source != Source::Assumed;
            is_dump |= body.contains("] => ");
            samples
                .entry(fixture.source.evidence())
                .or_default()
                .push(format!("{package}/{}.json", fixture.name()));
        }
        let action = endpoint.name.rsplit('.').next().unwrap_or_default();
        if self.decisions.place == "form" {
            match endpoint.method {
                "POST" | "PUT" if ["create", "add", "clone"].contains(&action) => statuses.extend([201]),
                "DELETE" => statuses.extend([204]),
                _ => {}
            }
        }
        let shape = self.shape(endpoint.name);
        let shared =
            self.decisions.responses.iter().find(|(_, of)| of.iter().any(|name| name == endpoint.name));
        let schema = match shared {
            Some((name, _)) => {
                let reference = json!({"$ref": format!("#/components/schemas/{name}")});
                if shape.items().is_some() { json!({"type": "array", "items": reference}) } else { reference }
            }
            None if shape.is_unknown() => json!({}),
            None => {
                let name = format!("{}Response", pascal(endpoint.name));
                schemas.insert(name.clone(), shape.schema(names));
                json!({"$ref": format!("#/components/schemas/{name}")})
            }
        };
        let mut content = json!({"application/json": {"schema": schema}});
        if let (true, Some(content)) = (is_dump, content.as_object_mut()) {
            content.insert(
                "text/html".into(),
                json!({"schema": {"type": "string", "description": "PHP's print_r."}}),
            );
        }
        // A deletion that may have an empty body says nothing with another one.
        let says_nothing = endpoint.method == "DELETE" && is_empty;
        let response = |status: u16| {
            let mut response = json!({"description": "Done."});
            if let (false, Some(object)) = (says_nothing || status == 204, response.as_object_mut()) {
                object.insert("content".into(), content.clone());
            }
            response
        };
        let mut responses: Map<_, _> =
            statuses.into_iter().map(|status| (status.to_string(), response(status))).collect();
        if let Some(first) = responses.get_mut("200").and_then(Value::as_object_mut) {
            first.insert("x-samples".into(), json!(samples));
        }
        responses.insert("default".into(), json!({"$ref": "#/components/responses/Refused"}));
        (evidence.unwrap_or(Source::Assumed), Value::Object(responses))
    }

    /// The parameters of an operation: those of its tables and lists, of its path and sample, and decided ones.
    fn parameters(&self, endpoint: &Endpoint) -> Vec<Described> {
        let empty = Shown::default();
        let shown = self.page.operation(endpoint.name).map_or(&empty, |(_, shown)| shown);
        let template: Vec<&str> = endpoint.path.split('/').filter_map(name_of).collect();
        let sample_place = |name: &str| {
            let names =
                shown.curl.iter().flat_map(|curl| &curl.names).filter_map(|known| known.split_once(' '));
            names
                .filter(|(place, _)| *place != "header")
                .find(|(_, known)| *known == name)
                .map(|(place, _)| place)
        };
        // In the page's order, each once.
        let mut found: Vec<(Parameter, &str)> = Vec::new();
        let mut add = |parameter: Parameter, source: &'static str| {
            if !found.iter().any(|(known, _)| known.name == parameter.name) {
                found.push((parameter, source));
            }
        };
        let named = |name: &str| Parameter { name: name.to_owned(), ..Parameter::default() };
        for name in &template {
            let listed = shown.parameters.iter().find(|parameter| parameter.name == *name);
            let source = if listed.is_some() { "table" } else { "request line" };
            add(
                Parameter {
                    place: Some("path".into()),
                    required: Some(true),
                    ..listed.cloned().unwrap_or(named(name))
                },
                source,
            );
        }
        for parameter in &shown.parameters {
            let source = match parameter {
                Parameter { kind: Some(_), .. } | Parameter { place: Some(_), .. } => "table",
                Parameter { text: Some(_), .. } => "list",
                _ => "sample",
            };
            add(parameter.clone(), source);
        }
        let samples = shown.curl.iter().flat_map(|curl| &curl.names).filter_map(|name| name.split_once(' '));
        for (place, name) in samples.filter(|(place, _)| *place != "header") {
            let is_url = self.decisions.place == "json";
            add(Parameter { place: (!is_url).then(|| place.to_owned()), ..named(name) }, "sample");
        }
        let own = self.decisions.operations.get(endpoint.name);
        for name in own.into_iter().flat_map(|own| own.parameters.keys()) {
            add(named(name), "text");
        }
        let describe = |(parameter, source): (Parameter, &str)| {
            let choice = self.decisions.of(endpoint.name, &parameter.name);
            let is_dropped = choice.drop.is_some() && !template.contains(&parameter.name.as_str());
            let place = choice.place.clone().or(parameter.place.clone());
            let place = place.or_else(|| {
                sample_place(&parameter.name).map(str::to_owned).filter(|_| self.decisions.place != "json")
            });
            let place = place.unwrap_or_else(|| self.decisions.place.clone());
            (!is_dropped).then(|| describe(parameter, source, place, choice))
        };
        found.into_iter().filter_map(describe).collect()
    }

    /// Where the page contradicts itself.
    fn contradictions(&self, endpoint: &Endpoint, section: &Section, shown: &Shown) -> Vec<String> {
        let mut found = Vec::new();
        if let Some(curl) = &shown.curl {
            if let Some((method, path)) = curl.request.split_once(' ')
                && !endpoint.serves(method, path)
            {
                found.push(format!("The sample request goes to `{}`.", curl.request));
            }
            for (place, name) in curl.names.iter().filter_map(|name| name.split_once(' ')) {
                let listed = shown.parameters.iter().find(|parameter| parameter.name == name);
                let other = listed.and_then(|listed| listed.place.as_deref()).filter(|other| *other != place);
                found.extend(
                    other.map(|other| {
                        format!("`{name}`: {other} in the table, {place} in the sample request.")
                    }),
                );
            }
        }
        for parameter in
            shown.parameters.iter().filter(|parameter| parameter.place.as_deref() == Some("path"))
        {
            if !endpoint.path.contains(&format!("{{{}}}", parameter.name)) {
                found.push(format!("The table names `{}`, which is not in the path.", parameter.name));
            }
        }
        let documented: Vec<_> = self
            .samples(endpoint.name, true)
            .filter(|(_, fixture)| fixture.source == Source::Documented)
            .filter_map(|(_, fixture)| fixture.response.json.as_ref())
            .collect();
        for field in &section.fields {
            let has = |json: &&hostkit_tests::json::Json| {
                json.items().first().unwrap_or(json).get(&field.name).is_some()
            };
            if !documented.is_empty() && !documented.iter().any(has) {
                found.push(format!(
                    "The list of fields names `{}`, the sample response does not.",
                    field.name
                ));
            }
        }
        found
    }
}

fn describe(parameter: Parameter, source: &str, place: String, choice: Choice) -> Described {
    let kind = choice.kind.or(parameter.kind);
    let mut schema = match kind.as_deref() {
        _ if choice.schema.is_some() => choice.schema.unwrap_or_default(),
        Some("uuid") => json!({"type": "string", "format": "uuid"}),
        Some("json") if place == "form" => json!({"type": "string", "contentMediaType": "application/json"}),
        Some("json") => json!({}),
        Some(kind) => json!({"type": kind}),
        None => json!({"type": "string"}),
    };
    let value = |text: &str| match kind.as_deref() {
        Some("boolean") => json!(text.eq_ignore_ascii_case("true")),
        Some("integer") => text.parse::<i64>().map_or(json!(text), |number| json!(number)),
        _ => json!(text),
    };
    let mut notes = Map::new();
    if let Some(object) = schema.as_object_mut() {
        let values = choice.values.unwrap_or(parameter.values);
        if !values.is_empty() {
            object.insert("enum".into(), json!(values.iter().map(|text| value(text)).collect::<Vec<_>>()));
        }
        let default = choice.default.or(parameter.default.clone()).filter(|default| !default.is_empty());
        if let Some(default) = default {
            object.insert("x-default".into(), value(&default));
        }
        if choice.secret {
            object.insert("x-secret".into(), json!(true));
        }
    }
    let said = parameter.required.or(parameter.default.is_some().then_some(false));
    let required = choice.required.or(said).unwrap_or(true);
    let source = if said.is_some() { source.to_owned() } else { format!("{source}, required not said") };
    notes.insert("x-source".into(), json!(source));
    if let Some(description) = choice.description {
        notes.insert("description".into(), json!(description));
    }
    if let Some(decision) = choice.decision {
        notes.insert("x-decision".into(), json!(decision));
    }
    Described { name: parameter.name, place, required, schema, notes }
}

impl Described {
    /// As an element of `parameters`.
    fn parameter(self) -> Value {
        let Self { name, place, required, schema, mut notes } = self;
        notes.extend(
            [("name", json!(name)), ("in", json!(place)), ("schema", schema)]
                .map(|(name, value)| (name.to_owned(), value)),
        );
        if required {
            notes.insert("required".into(), json!(true));
        }
        Value::Object(notes)
    }

    /// As a property of the body's schema.
    fn property(self) -> (String, Value) {
        let Self { name, mut schema, notes, .. } = self;
        if let Some(object) = schema.as_object_mut() {
            object.extend(notes);
        }
        (name, schema)
    }
}

/// `VmCreate` of `vm.create`.
fn pascal(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    name.split(['.', '_']).map(capital).collect()
}

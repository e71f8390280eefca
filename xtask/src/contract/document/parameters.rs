//! The parameters of an operation.

use serde_json::{Map, Value, json};

use super::Inputs;
use crate::contract::decisions::Choice;
use crate::contract::page::{Parameter, Shown};
use crate::operations::{Endpoint, name_of};

/// A parameter as the OpenAPI document describes it.
pub(super) struct Described {
    pub(super) name: String,
    pub(super) place: String,
    pub(super) required: bool,
    schema: Value,
    /// The description, and the keys that start with `x-`.
    notes: Map<String, Value>,
}

impl Inputs<'_> {
    /// Returns the parameters of an operation: those in its tables and lists, in its path and sample, and those that a
    /// decision adds.
    pub(super) fn parameters(&self, endpoint: &Endpoint) -> Vec<Described> {
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
        // Keeps the page's order, without duplicates.
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
    let source = if said.is_some() { source.to_owned() } else { format!("{source}, required not specified") };
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
    /// Returns the parameter as an element of `parameters`.
    pub(super) fn parameter(self) -> Value {
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

    /// Returns the parameter as a property of the body's schema.
    pub(super) fn property(self) -> (String, Value) {
        let Self { name, mut schema, notes, .. } = self;
        if let Some(object) = schema.as_object_mut() {
            object.extend(notes);
        }
        (name, schema)
    }
}

//! The OpenAPI document of the control API, generated from the table of controls.

use serde_json::{Map, Value, json};

use super::control::{Control, PREFIX};
use super::values::FAULTS;

/// Returns the document.
pub(super) fn document(controls: &[Control]) -> Value {
    let mut paths = Map::new();
    for control in controls {
        let path = format!("{PREFIX}{}", if control.path.is_empty() { "/" } else { control.path });
        let entry = paths.entry(path).or_insert_with(|| json!({}));
        entry[control.method.to_ascii_lowercase()] = operation(control);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "hostkit-simulator: control API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": format!("Kinds of faults: {}.", FAULTS.join(", ")),
        },
        "paths": paths,
    })
}

fn operation(control: &Control) -> Value {
    let words = control.path.split(['/', '.']).filter(|word| !word.is_empty());
    let id: Vec<_> =
        std::iter::once(control.method.to_ascii_lowercase()).chain(words.map(str::to_owned)).collect();
    let mut operation = json!({
        "operationId": id.join("_"),
        "summary": control.summary,
        "responses": {
            "200": {"description": "The control succeeded.", "content": {"application/json": {"schema": {}}}},
            "400": {
                "description": "An argument is invalid.",
                "content": {"application/json": {"schema": {
                    "type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"],
                }}},
            },
        },
    });
    let schema = |kind: &str, text: &str| json!({"type": kind, "description": text});
    if ["GET", "DELETE"].contains(&control.method) {
        let parameter = |(name, kind, required, text): &(&str, &str, bool, &str)| json!({"name": name, "in": "query", "required": required, "schema": schema(kind, text)});
        operation["parameters"] = control.arguments.iter().map(parameter).collect();
    } else if !control.arguments.is_empty() {
        let properties: Map<_, _> = control
            .arguments
            .iter()
            .map(|(name, kind, _, text)| ((*name).to_owned(), schema(kind, text)))
            .collect();
        let required: Vec<_> =
            control.arguments.iter().filter(|(_, _, required, _)| *required).map(|(name, ..)| name).collect();
        let schema = json!({"type": "object", "properties": properties, "required": required});
        operation["requestBody"] =
            json!({"required": true, "content": {"application/json": {"schema": schema}}});
    }
    operation
}

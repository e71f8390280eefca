//! Describes the responses of an operation, based on its samples.

use std::collections::{BTreeMap, BTreeSet};

use hostkit_tests::fixture::Source;
use serde_json::{Map, Value, json};

use super::{Inputs, pascal};
use crate::contract::schema::{Names, strongest};
use crate::operations::Endpoint;

impl Inputs<'_> {
    pub(super) fn responses(
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
                let mut schema = shape.schema(names);
                for (field, resource) in self.decisions.nested.get(endpoint.name).into_iter().flatten() {
                    schema["properties"][field] = json!({"$ref": format!("#/components/schemas/{resource}")});
                }
                schemas.insert(name.clone(), schema);
                json!({"$ref": format!("#/components/schemas/{name}")})
            }
        };
        let mut content = json!({"application/json": {"schema": schema}});
        if let (true, Some(content)) = (is_dump, content.as_object_mut()) {
            content.insert(
                "text/html".into(),
                json!({"schema": {"type": "string", "description": "Output of PHP's print_r."}}),
            );
        }
        // If a deletion may have an empty response, the contract describes no content for its response.
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
        responses.insert("default".into(), json!({"$ref": "#/components/responses/Error"}));
        (evidence.unwrap_or(Source::Assumed), Value::Object(responses))
    }
}

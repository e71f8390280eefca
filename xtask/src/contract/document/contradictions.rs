//! Finds contradictions within a page.

use hostkit_tests::fixture::Source;
use hostkit_tests::json::Json;

use super::Inputs;
use crate::contract::page::{Section, Shown};
use crate::operations::Endpoint;

impl Inputs<'_> {
    /// Returns the contradictions in the page's description of one operation.
    pub(super) fn contradictions(
        &self,
        endpoint: &Endpoint,
        section: &Section,
        shown: &Shown,
    ) -> Vec<String> {
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
                found.push(format!(
                    "The table lists `{}` as a path parameter, but the path does not contain it.",
                    parameter.name
                ));
            }
        }
        let documented: Vec<_> = self
            .samples(endpoint.name, true)
            .filter(|(_, fixture)| fixture.source == Source::Documented)
            .filter_map(|(_, fixture)| fixture.response.json.as_ref())
            .collect();
        for field in &section.fields {
            let has = |json: &&Json| json.items().first().unwrap_or(json).get(&field.name).is_some();
            if !documented.is_empty() && !documented.iter().any(has) {
                found.push(format!(
                    "The list of fields contains `{}`, but the sample response does not.",
                    field.name
                ));
            }
        }
        found
    }
}

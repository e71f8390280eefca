//! Calls any operation, with arguments named as in the provider's API.

use std::collections::BTreeMap;

use hostkit_tests::contract::Contract;
use http_core::SecretString;
use http_core::client::{CallBuilder, Form, Operation};
use serde_json::Value;

use super::{Account, Arguments};
use crate::failure::{Failure, Result};
use crate::fixtures::is_secret_name;

impl Account {
    /// Builds a call to an operation, placing each argument where the contract says.
    pub(crate) fn call(
        &self,
        package: &str,
        operation: &'static Operation,
        given: &Arguments,
    ) -> Result<CallBuilder> {
        let contract = Contract::of(package);
        let places: BTreeMap<_, _> =
            contract.parameters(operation.name()).map(|(place, name)| (name, place)).collect();
        let (mut query, mut path, mut form, mut json) =
            (Vec::new(), Vec::new(), Vec::new(), serde_json::Map::new());
        for (name, text) in &given.0 {
            match places.get(name.as_str()) {
                Some(&"path") => path.push((name, text)),
                Some(&"query") => query.push((name, text)),
                Some(&"form") => form.push((name, text)),
                Some(&"json") => {
                    drop(json.insert(name.clone(), contract.json_value(operation.name(), name, text)));
                }
                _ => {
                    let known: Vec<_> = places.keys().copied().collect();
                    return Err(Failure::new(
                        format_args!("{} has no parameter {name}", operation.name()),
                        format!(
                            "it has: {}",
                            if known.is_empty() { "none".to_owned() } else { known.join(", ") }
                        ),
                    ));
                }
            }
        }
        let mut call = match self {
            Self::LeaderSsl(client) => {
                client.request(operation.method(), operation.path()).effect(operation.effect())
            }
            Self::Inferno(client) => {
                let action = operation.path().split_once("?action=").map_or("", |(_, action)| action);
                client.request(action, Value::Object(std::mem::take(&mut json))).effect(operation.effect())
            }
            Self::Elastis(elastis) => {
                let slug = elastis.location().filter(|_| operation.is_location_scoped());
                let path = operation.path();
                let path =
                    slug.map_or_else(|| path.into(), |slug| path.replacen("/v1", &format!("/v1/{slug}"), 1));
                elastis.request(operation.method(), &path).effect(operation.effect())
            }
        };
        for (name, text) in path {
            call = call.path(name, text);
        }
        for (name, text) in query {
            call = call.query(name, text);
        }
        if !form.is_empty() {
            call = call.form(form.into_iter().fold(Form::new(), |form, (name, text)| form.field(name, text)));
        }
        if !json.is_empty() {
            call = call.json_body(&json);
        }
        let secrets = given.0.iter().filter(|(name, _)| is_secret_name(name));
        Ok(secrets.fold(call, |call, (_, text)| call.secret(&SecretString::from(text.as_str()))))
    }
}

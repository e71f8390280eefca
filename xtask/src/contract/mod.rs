//! `cargo xtask contract`: generates the contracts from the providers' pages.

mod decisions;
mod document;
pub(crate) mod drift;
mod lines;
pub(crate) mod page;
pub(crate) mod responses;
mod schema;
pub(crate) mod strict;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use hostkit_tests::contract::Contract;
use hostkit_tests::fixture;
use serde_json::{Value, json};

use crate::failure::{Failure, Problem, Result};
use crate::fixtures::{self, Provider};
use crate::generated::{self, Generated};
use crate::out::{counted, say};
use crate::root;
use crate::sources::Sources;
use decisions::Decisions;
use document::Inputs;
use page::Page;
use responses::Responses;

const WRITE: &str = "cargo xtask contract";

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask contract
  cargo xtask contract --check")]
pub(crate) struct Arguments {
    /// Fails if a document is out of date.
    #[arg(long)]
    check: bool,
    /// Checks the responses that simulators wrote to this folder; set `HOSTKIT_SIMULATOR_RESPONSES` to collect them.
    #[arg(long, value_name = "FOLDER", conflicts_with = "check")]
    responses: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result {
    if let Some(folder) = &arguments.responses {
        return Responses(folder.clone()).check(false).map(say);
    }
    if arguments.check { check() } else { generated::write(&documents()?) }
}

/// Fails if a document differs from the one generated from pages, decisions and fixtures.
pub(crate) fn check() -> Result {
    let documents = documents()?;
    generated::check(&documents, WRITE)?;
    Failure::unless_none(unknown_operations()?)?;
    say(format_args!("{}, all up to date", counted(Provider::ALL.len(), "contract")));
    Ok(())
}

/// Returns a problem for each operation that an imported page describes, but that no crate has.
fn unknown_operations() -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for provider in Provider::ALL {
        for section in held(provider)?.sections {
            let unknown = section.requests.iter().filter(|shown| shown.operation.is_none());
            problems.extend(unknown.map(|shown| {
                let (name, request, title) = (provider.name(), &shown.request, &section.title);
                Problem::new(
                    format_args!("{name} describes an operation that no crate has: {request} (\"{title}\")"),
                    format!(
                        "add it as described in CONTRIBUTING.md, then: cargo xtask fixtures import {name} <saved page>"
                    ),
                )
            }));
        }
    }
    Ok(problems)
}

/// Generates the document of each provider, and the list of parameters that the simulator accepts in strict mode.
fn documents() -> Result<Vec<Generated>> {
    let mut files = Vec::new();
    let mut parameters = BTreeMap::new();
    for provider in Provider::ALL {
        let (path, document) = document(provider)?;
        parameters.insert(provider.name(), places(&document)?);
        files.push(Generated { path, text: lines::write(&document) });
    }
    let path = root().join("crates/simulator/src/base/documented.json");
    files.push(Generated { path, text: lines::write(&json!(parameters)) });
    Ok(files)
}

fn document(provider: Provider) -> Result<(PathBuf, Value)> {
    let path = fixture::root().join(FOLDER).join(format!("{}.json", provider.name()));
    with_inputs(provider, |inputs| (path, inputs.document()))
}

/// Returns the parameter names of each operation by place, except those in the path.
fn places(document: &Value) -> Result<Value> {
    let contract = Contract::read(document).map_err(|error| Failure::new(error, WRITE))?;
    let mut all = BTreeMap::new();
    for operation in contract.operations() {
        let mut places: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (place, name) in contract.parameters(operation).filter(|(place, _)| *place != "path") {
            places.entry(place).or_default().push(name);
        }
        if !places.is_empty() {
            all.insert(operation, places);
        }
    }
    Ok(json!(all))
}

/// Passes the data for a provider's document to `then`.
fn with_inputs<T>(provider: Provider, then: impl FnOnce(&Inputs<'_>) -> T) -> Result<T> {
    let mut summaries = BTreeMap::new();
    let endpoints = provider.endpoints();
    let mut packages: Vec<_> = endpoints.iter().map(|endpoint| endpoint.package).collect();
    packages.dedup();
    for package in &packages {
        let sources = Sources::read(&root().join("crates").join(package).join("src"))?;
        for endpoint in endpoints.iter().filter(|endpoint| endpoint.package == *package) {
            let method = sources.method(endpoint.name, &format!("{} {}", endpoint.method, endpoint.path));
            summaries.extend(method.map(|method| (endpoint.name.to_owned(), method.summary.clone())));
        }
    }
    let mut fixtures = fixtures::load_all()?;
    fixtures.retain(|(package, _)| packages.contains(&package.as_str()));
    Ok(then(&Inputs {
        page: &held(provider)?,
        decisions: &decided(provider)?,
        endpoints: &endpoints,
        fixtures: &fixtures,
        summaries: &summaries,
    }))
}

fn decided(provider: Provider) -> Result<Decisions> {
    let path = fixture::root().join(FOLDER).join("decisions").join(format!("{}.json", provider.name()));
    let failure = |error: &dyn std::fmt::Display| {
        Failure::new(format_args!("{}: {error}", path.display()), "correct that file")
    };
    let text = fs::read_to_string(&path).map_err(|error| failure(&error))?;
    serde_json::from_str(&text).map_err(|error| failure(&error))
}

/// The folder for contracts, next to the crates' fixture folders.
pub(crate) const FOLDER: &str = "contract";

fn record(provider: Provider) -> PathBuf {
    fixture::root().join(FOLDER).join("pages").join(format!("{}.json", provider.name()))
}

/// Returns the content of the page that the contract was generated from, or an empty page if there is none yet.
pub(crate) fn held(provider: Provider) -> Result<Page> {
    let path = record(provider);
    let Ok(text) = fs::read_to_string(&path) else { return Ok(Page::default()) };
    let fix = format!("cargo xtask fixtures import {} <saved page>", provider.name());
    serde_json::from_str(&text)
        .map_err(|error| Failure::new(format_args!("{}: {error}", path.display()), fix))
}

/// Stores the content of a newer page, from which the contract is then generated.
pub(crate) fn hold(provider: Provider, text: &str) -> Result {
    let path = record(provider);
    let page = Page::read(provider, text, &provider.endpoints());
    let failure = |error: &dyn std::fmt::Display| {
        Failure::new(format_args!("{}: {error}", path.display()), "make that file writable")
    };
    let json = serde_json::to_string_pretty(&page).map_err(|error| failure(&error))?;
    fs::create_dir_all(path.parent().unwrap_or(&path)).map_err(|error| failure(&error))?;
    fs::write(&path, json + "\n").map_err(|error| failure(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_are_openapi_and_describe_every_operation() {
        for provider in Provider::ALL {
            let document = fs::read_to_string(document(provider).unwrap().0).unwrap();
            let document = oas3::from_json(document).unwrap();
            assert_eq!(document.operations().count(), provider.endpoints().len(), "{}", provider.name());
        }
    }
}

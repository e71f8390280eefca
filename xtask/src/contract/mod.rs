//! The providers' pages as contracts.

pub(crate) mod drift;
pub(crate) mod page;

use std::fs;
use std::path::PathBuf;

use hostkit_tests::fixture;

use crate::failure::{Failure, Outcome};
use crate::fixtures::Provider;
use page::Page;

/// The folder beside the fixtures of the crates.
pub(crate) const FOLDER: &str = "contract";

fn record(provider: Provider) -> PathBuf {
    fixture::root().join(FOLDER).join("pages").join(format!("{}.json", provider.name()))
}

/// What the page said from which the contract was made; nothing where there is none yet.
pub(crate) fn held(provider: Provider) -> Outcome<Page> {
    let path = record(provider);
    let Ok(text) = fs::read_to_string(&path) else { return Ok(Page::default()) };
    let fix = format!("cargo xtask fixtures import {} <saved page>", provider.name());
    serde_json::from_str(&text)
        .map_err(|error| Failure::new(format_args!("{}: {error}", path.display()), fix))
}

/// Makes the contract from a newer page.
pub(crate) fn hold(provider: Provider, text: &str) -> Outcome {
    let path = record(provider);
    let page = Page::read(provider, text, &provider.endpoints());
    let failure = |error: &dyn std::fmt::Display| {
        Failure::new(format_args!("{}: {error}", path.display()), "make that file writable")
    };
    let json = serde_json::to_string_pretty(&page).map_err(|error| failure(&error))?;
    fs::create_dir_all(path.parent().unwrap_or(&path)).map_err(|error| failure(&error))?;
    fs::write(&path, json + "\n").map_err(|error| failure(&error))
}

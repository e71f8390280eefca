//! Builds every library alone with the relevant sets of features, so that none relies on the features of another.
//!
//! Every crate is built with all features, with none and with the default ones. Most features of a client only forward
//! to http-core, so the other sets are built for the crate that contains the condition:
//!
//! - each TLS feature alone, and two of them at once, of which http-core has to choose one;
//! - `blocking` without `tracing`, because both wrap the sending of a call;
//! - `blocking` of the clients with rentals, and `check-patterns`;
//! - the facade with one provider each and without default features, where a re-export could lack its condition.
//!
//! The facade forwards a feature to each client whose sources depend on it.

use crate::cargo::{cargo, run as run_cargo};
use crate::failure::{Failure, Problem, Result};
use crate::sources::files_ending;
use crate::{operations, packages};

const CORE: &str = "hostkit-http-core";
const FACADE: &str = "hostkit";

/// Besides none, all and the default ones.
const SETS: &[(&str, &str)] = &[
    (CORE, "rustls"),
    (CORE, "aws-lc"),
    (CORE, "native-tls"),
    (CORE, "rustls,aws-lc"),
    (CORE, "rustls,native-tls"),
    (CORE, "blocking"),
    (CORE, "tracing"),
    (CORE, "uuid"),
    ("elastis-core", "check-patterns"),
    ("leaderssl-gpu", "blocking"),
    ("elastis-network", "blocking"),
    (FACADE, "leaderssl-gpu"),
    (FACADE, "inferno-vps"),
    (FACADE, "elastis-core"),
    (FACADE, "elastis-storage"),
    (FACADE, "elastis-network"),
    (FACADE, "elastis-billing"),
];

/// The names that every client has.
const COMMON: [&str; 8] =
    ["default", "rustls", "aws-lc", "native-tls", "http2", "blocking", "signal", "tracing"];

pub(crate) fn check() -> Result {
    same_names()?;
    facade_forwards()?;
    for package in [CORE].into_iter().chain(operations::packages()).chain([FACADE]) {
        for features in [&[][..], &["--no-default-features"], &["--all-features"]] {
            build(package, features)?;
        }
    }
    SETS.iter().try_for_each(|(package, set)| build(package, &["--no-default-features", "--features", set]))
}

fn build(package: &str, features: &[&str]) -> Result {
    let arguments = ["check", "--quiet", "--lib", "-p", package];
    run_cargo(&mut cargo(arguments.into_iter().chain(features.iter().copied())))
}

/// Fails if a client lacks a feature that the others have.
fn same_names() -> Result {
    packages::lacking_features(&COMMON, |package| {
        package == CORE || package == FACADE || operations::packages().any(|client| client == package)
    })
}

/// Fails if a feature of the facade does not turn on the parts of a client that depend on it.
fn facade_forwards() -> Result {
    let packages = packages::published()?;
    let facade = packages.iter().find(|package| package.name == FACADE);
    let mut problems = Vec::new();
    for client in packages.iter().filter(|package| operations::packages().any(|name| name == package.name)) {
        let sources = files_ending(&["rs"], &client.folder().join("src"))?;
        for feature in client.features.keys() {
            let condition = format!("feature = \"{feature}\"");
            let forward = format!("{}?/{feature}", client.name);
            let forwards = facade
                .and_then(|facade| facade.features.get(feature))
                .is_some_and(|forwards| forwards.contains(&forward));
            if !forwards && sources.iter().any(|(_, text)| text.contains(&condition)) {
                let what = format!("{FACADE} has no feature {feature} with \"{forward}\"");
                problems.push(Problem::new(what, "edit crates/hostkit/Cargo.toml"));
            }
        }
    }
    Failure::unless_none(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facade_turns_on_what_its_features_name_in_each_client() {
        facade_forwards().unwrap();
    }

    #[test]
    fn every_client_has_the_common_features_and_a_missing_one_is_found() {
        same_names().unwrap();
        assert!(packages::lacking_features(&["imaginary"], |package| package == CORE).is_err());
    }
}

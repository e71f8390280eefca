//! Builds each library on its own with the relevant feature sets, to catch a library that relies on features that
//! another library enables, and tests http-core with its default features and with the system's TLS library.
//!
//! Every crate is built with all features, with none, and with the default features. Most features of a client only
//! forward to http-core, so the other sets are built only for the crate whose code depends on the feature:
//!
//! - each TLS feature on its own, and pairs of TLS features, from which http-core must choose one;
//! - `blocking` without `tracing`, because both features wrap how a call is sent;
//! - `blocking` for the clients with rentals, and `check-patterns`;
//! - the facade without default features, and with one provider at a time, in case a re-export lacks its `cfg`
//!   attribute.
//!
//! Without its feature `http2`, http-core must not use HTTP/2 even if another crate of the program enables it in the HTTP
//! library; a test checks this.
//!
//! The facade must forward a feature to each client whose sources depend on it.

use crate::cargo::{cargo, run as run_cargo, run_tests};
use crate::failure::{Failure, Problem, Result};
use crate::sources::files_ending;
use crate::{operations, packages};

const CORE: &str = "hostkit-http-core";
const FACADE: &str = "hostkit";

/// The feature sets to build in addition to none, all and the default features.
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

/// The features that every client has.
const COMMON: [&str; 8] =
    ["default", "rustls", "aws-lc", "native-tls", "http2", "blocking", "signal", "tracing"];

/// The feature sets with which http-core's own tests are run, each with the tests to run. `cargo xtask test` runs all
/// tests with all features, with which TLS is rustls and HTTP/2 is on.
const TESTS: &[&[&str]] =
    &[&["--lib", "--tests"], &["--no-default-features", "--features", "native-tls", "--test", "tls"]];

pub(crate) fn check() -> Result {
    same_names()?;
    for tests in TESTS {
        run_tests(&mut cargo(["test", "--quiet", "-p", CORE].into_iter().chain(tests.iter().copied())))?;
    }
    facade_forwards()?;
    for package in [CORE].into_iter().chain(operations::packages()).chain([FACADE]) {
        for features in [&[][..], &["--no-default-features"], &["--all-features"]] {
            build(package, features)?;
        }
    }
    SETS.iter()
        .try_for_each(|(package, set)| build(package, &["--no-default-features", "--features", set]))?;
    let features = ["--no-default-features", "--features", "rustls,reqwest/http2"];
    let test = ["--test", "tls", "http2_is_not_used"];
    run_cargo(&mut cargo(["test", "--quiet", "-p", CORE].into_iter().chain(features).chain(test)))
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

/// Fails if the facade does not forward a feature to a client whose code depends on that feature.
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
    fn the_facade_forwards_its_features_to_each_client() {
        facade_forwards().unwrap();
    }

    #[test]
    fn every_client_has_the_common_features_and_a_missing_one_is_found() {
        same_names().unwrap();
        assert!(packages::lacking_features(&["imaginary"], |package| package == CORE).is_err());
    }
}

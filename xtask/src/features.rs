//! Builds every library alone with the relevant sets of features, so that none relies on the features of another.
//!
//! Every crate is built with all features, with none and with the default ones. The other sets are built for one crate,
//! because the clients' features only forward to http-core, which contains the conditions:
//!
//! - each TLS feature alone, and two of them at once, of which it has to choose one;
//! - `blocking` without `tracing`, because both wrap the sending of a call;
//! - `check-patterns` alone, the one condition outside http-core;
//! - the facade with one provider each and no default, where a re-export could forget its own condition.

use crate::cargo::{cargo, run as run_cargo};
use crate::failure::Result;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_client_has_the_common_features_and_a_missing_one_is_found() {
        same_names().unwrap();
        assert!(packages::lacking_features(&["imaginary"], |package| package == CORE).is_err());
    }
}

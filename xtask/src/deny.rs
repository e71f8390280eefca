//! The rules for dependencies: `deny.toml`, checked by cargo-deny if it is installed.

use std::process::Stdio;

use crate::cargo::{cargo, run};
use crate::failure::Result;
use crate::out::say;

/// Checks licences, sources and bans. Advisories need a database from the network, so this leaves them out.
pub(crate) fn check() -> Result {
    let installed = cargo(["deny", "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !installed.is_ok_and(|status| status.success()) {
        say("skipped: cargo-deny is not installed (cargo install --locked cargo-deny)");
        return Ok(());
    }
    run(&mut cargo(["deny", "--all-features", "check", "bans", "licenses", "sources"]))
}

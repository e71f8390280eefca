//! Checks the dependencies against the rules in `deny.toml`, if cargo-deny is installed.

use std::process::Stdio;

use crate::cargo::{cargo, run};
use crate::failure::Result;
use crate::out::say;

/// Checks licenses, sources and bans. Leaves out advisories, which need a database from the network.
pub(crate) fn check() -> Result {
    let installed = cargo(["deny", "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !installed.is_ok_and(|status| status.success()) {
        say("skipped: cargo-deny is not installed (cargo install --locked cargo-deny)");
        return Ok(());
    }
    run(&mut cargo(["deny", "--all-features", "check", "bans", "licenses", "sources"]))
}

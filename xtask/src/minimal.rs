//! Checks the lower bounds of dependencies: builds the libraries with the lowest versions that the manifests allow, and
//! runs the unit tests of http-core with them. A program with an old lock file may use these versions.

use std::fs;
use std::process::Command;

use crate::cargo::{cargo, run};
use crate::failure::{Failure, Result};
use crate::out::say;
use crate::root;

/// The folder for the lock file and the build output of this check.
const FOLDER: &str = "target/minimal";
/// All features except those with TLS libraries written in C, which take minutes to build.
const FEATURES: &str = "hostkit/leaderssl-gpu,hostkit/inferno-vps,hostkit/elastis,hostkit/blocking,hostkit/http2,\
    hostkit/signal,elastis-core/check-patterns";
/// Features for the tests; any other crate of a program may enable those of serde_json, for all crates.
const TEST_FEATURES: &str = "blocking,http2,serde_json/preserve_order,serde_json/arbitrary_precision,\
    serde_json/float_roundtrip,serde_json/unbounded_depth";

/// Fails if the lowest versions conflict, do not compile, or fail the tests. Skipped without a network.
pub(crate) fn check() -> Result {
    let folder = root().join(FOLDER);
    fs::create_dir_all(&folder).map_err(|error| {
        Failure::new(format_args!("{}: {error}", folder.display()), "make that folder writable")
    })?;
    if let Err(reason) = output(&mut command(&["generate-lockfile", "-Zdirect-minimal-versions"])) {
        if reason.contains("failed to select a version") {
            return Err(Failure::new(reason, "raise the lower bound in the workspace's Cargo.toml"));
        }
        skip(&reason);
        return Ok(());
    }
    if let Err(reason) = output(&mut command(&["fetch", "--locked"])) {
        skip(&reason);
        return Ok(());
    }
    let packages = ["-p", "hostkit", "-p", "elastis-core", "--features", FEATURES];
    run(command(&["check", "--quiet", "--locked", "--lib", "--target-dir", FOLDER]).args(packages))?;
    let core = ["-p", "hostkit-http-core", "--features", TEST_FEATURES];
    run(command(&["test", "--quiet", "--locked", "--lib", "--target-dir", FOLDER]).args(core))
}

/// Returns a cargo command with a separate lock file.
fn command(arguments: &[&str]) -> Command {
    let mut command = cargo(arguments.iter().copied());
    let lock = root().join(FOLDER).join("Cargo.lock").to_string_lossy().replace('\\', "/");
    command.args(["-Zlockfile-path", &format!("--config=resolver.lockfile-path=\"{lock}\"")]);
    // Lets a stable cargo accept nightly options.
    command.env("RUSTC_BOOTSTRAP", "1");
    command
}

/// Runs a command to completion. Returns its error output if it fails.
fn output(command: &mut Command) -> std::result::Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

fn skip(reason: &str) {
    let reason = reason.lines().find(|line| line.starts_with("error")).unwrap_or(reason);
    say(format_args!("skipped: the lowest versions cannot be fetched: {reason}"));
}

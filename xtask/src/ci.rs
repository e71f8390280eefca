//! `cargo xtask ci`: runs all checks that a change must pass. Their order lets a failing run end early.

use std::time::Instant;

use crate::cargo::{cargo, run as run_cargo};
use crate::failure::Result;
use crate::out::say;
use crate::{
    api, contract, coverage, deny, doctests, features, fixtures, imports, minimal, packages, test, words,
};

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cargo xtask ci")]
pub(crate) struct Arguments;

pub(crate) fn run(_: &Arguments) -> Result {
    let started = Instant::now();
    step("format", || cargo_step(&["fmt", "--all", "--check"]))?;
    step("unused dependencies", packages::unused_dependencies)?;
    step("imports", imports::check)?;
    step("words", words::check)?;
    step("deny", deny::check)?;
    step("clippy", || {
        cargo_step(&["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"])
    })?;
    step("documentation", || {
        run_cargo(
            cargo(["doc", "--workspace", "--no-deps", "--all-features"]).env("RUSTDOCFLAGS", "-D warnings"),
        )
    })?;
    let tests = step("test", || test::all(None))?;
    step("operations", coverage::check)?;
    step("examples", doctests::check)?;
    step("fixtures", fixtures::check)?;
    step("contract", contract::check)?;
    step("public items", api::check)?;
    step("features", features::check)?;
    step("minimal versions", minimal::check)?;
    step("package", packages::check)?;
    say(format_args!("all steps passed in {:.0?}", started.elapsed()));
    say(tests.total());
    say(&tests.responses);
    say(tests.closing_line);
    Ok(())
}

fn step<T>(name: &str, run: impl FnOnce() -> Result<T>) -> Result<T> {
    say(format_args!("== {name}"));
    let started = Instant::now();
    let value = run()?;
    say(format_args!("== {name} passed in {:.1?}", started.elapsed()));
    Ok(value)
}

fn cargo_step(arguments: &[&str]) -> Result {
    run_cargo(&mut cargo(arguments.iter().copied()))
}

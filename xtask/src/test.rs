//! `cargo xtask test`: everything that must pass.

use crate::cargo::{Tests, cargo, run_tests};
use crate::failure::Outcome;
use crate::out::say;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask test
  cargo xtask test vms")]
pub(crate) struct Arguments {
    /// Runs only the tests whose names contain this.
    filter: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let tests = all(arguments.filter.as_deref())?;
    say(tests.total());
    say(tests.closing_line);
    Ok(())
}

/// Unit tests, tests across crates, documentation's examples; the programs in `examples/` are built.
pub(crate) fn all(filter: Option<&str>) -> Outcome<Tests> {
    let arguments = ["test", "--workspace"];
    // A snapshot that changed is a failure here, never a new file.
    run_tests(cargo(arguments.into_iter().chain(filter)).env("INSTA_UPDATE", "no"))
}

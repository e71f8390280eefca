//! `cargo xtask test`: runs all tests.

use crate::cargo::{Tests, cargo, run_tests};
use crate::contract::responses::Responses;
use crate::examples;
use crate::failure::Result;
use crate::out::say;

/// A feature that has its own tests, but that nothing in the workspace turns on.
const HTTP2: &str = "hostkit-http-core/http2";

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask test
  cargo xtask test vms")]
pub(crate) struct Arguments {
    /// Runs only the tests whose names contain this string.
    filter: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result {
    let tests = all(arguments.filter.as_deref())?;
    say(&tests.responses);
    say(tests.total());
    say(tests.closing_line);
    Ok(())
}

/// Runs the unit tests, the cross-crate tests and the documentation examples, and then every program in `examples/`
/// once. The simulator's responses to all of them are checked against the contracts.
pub(crate) fn all(filter: Option<&str>) -> Result<Tests> {
    let examples = examples::find()?;
    let features = [HTTP2.to_owned(), examples::features(&examples)].join(",");
    let arguments = ["test", "--workspace", "--features", &features];
    let responses = Responses::collect()?;
    // A changed snapshot is a failure here, and never becomes a new file.
    let mut command = cargo(arguments.into_iter().chain(filter));
    let mut tests = run_tests(command.env("INSTA_UPDATE", "no").envs([responses.variable()]))?;
    tests.add_examples(examples::run(&examples, &features, filter, responses.variable())?);
    tests.responses = responses.check(filter.is_none())?;
    Ok(tests)
}

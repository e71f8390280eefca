//! `cargo xtask fuzz`: runs the fuzz targets of the tests for longer than a normal test.

use std::path::PathBuf;

use crate::cargo::{cargo, run_tests};
use crate::failure::Result;
use crate::out::say;

/// The number of test programs with fuzz targets: one for each of the six client crates, and a common one. They run one
/// after another.
const PROGRAMS: u64 = 7;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask fuzz --minutes 10
  cargo xtask fuzz --minutes 1 --seed 1000000
  cargo xtask fuzz --input target/fuzz/elastis-core-55ab8d61c1e2f3a0.json")]
pub(crate) struct Arguments {
    /// The total duration of all targets.
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    /// The seed of the first input.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Repeats only the input in this file, which a failed run wrote.
    #[arg(long)]
    input: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result {
    let mut command =
        cargo(["test", "--workspace", "--no-fail-fast", "--test", "replay", "--test", "fuzz", "generated"]);
    match &arguments.input {
        Some(path) => {
            let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            command.env("HOSTKIT_FUZZ_INPUT", path)
        }
        None => command
            .env("HOSTKIT_FUZZ_SECONDS", (arguments.minutes * 60 / PROGRAMS).max(1).to_string())
            .env("HOSTKIT_FUZZ_SEED", arguments.seed.to_string()),
    };
    say(run_tests(&mut command)?.total());
    Ok(())
}

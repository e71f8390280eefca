//! `cargo xtask soak`: makes many purchases on a failing network, for longer than a normal test.

use crate::cargo::{cargo, run_tests};
use crate::failure::Result;
use crate::out::say;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask soak --minutes 5
  cargo xtask soak --minutes 1 --seed 7")]
pub(crate) struct Arguments {
    /// The number of minutes in which new rounds are started.
    #[arg(long, default_value_t = 5)]
    minutes: u64,
    /// The seed of the first round.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

pub(crate) fn run(arguments: &Arguments) -> Result {
    let mut command = cargo(["test", "--workspace", "--test", "soak"]);
    command
        .env("HOSTKIT_SOAK_SECONDS", (arguments.minutes * 60).to_string())
        .env("HOSTKIT_SOAK_SEED", arguments.seed.to_string());
    say(run_tests(&mut command)?.total());
    Ok(())
}

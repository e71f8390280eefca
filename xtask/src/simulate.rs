//! `cargo xtask simulate`: runs the program `hostkit-simulator`.

use std::process::ExitCode;

use crate::failure::{Failure, Result};

#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Arguments {
    /// The arguments of `hostkit-simulator`; `--help` lists them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| {
        Failure::new(
            format_args!("failed to build the runtime: {error}"),
            "close other programs to free memory and threads",
        )
    })?;
    let code = runtime.block_on(hostkit_simulator::program::run(arguments.arguments.iter().cloned()));
    // The program has already printed the error.
    if code == ExitCode::SUCCESS {
        return Ok(());
    }
    Err(Failure::new("the simulator did not start", "cargo xtask simulate --help"))
}

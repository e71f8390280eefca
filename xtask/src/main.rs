//! What a maintainer of hostkit runs.
mod failure;
mod fixtures;
mod operations;
mod out;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What a maintainer of hostkit runs.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Imports, records, tidies and checks the recorded exchanges.
    Fixtures(fixtures::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Fixtures(arguments) => fixtures::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            out::complain(&failure);
            ExitCode::FAILURE
        }
    }
}

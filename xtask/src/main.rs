//! Commands for maintainers of hostkit.
mod account;
mod api;
mod bench;
mod call;
mod cargo;
mod ci;
mod contract;
mod coverage;
mod demo;
mod deny;
mod diff;
mod doctests;
mod examples;
mod failure;
mod features;
mod fixtures;
mod fuzz;
mod generated;
mod imports;
mod live;
mod minimal;
mod operations;
mod out;
mod packages;
mod peers;
mod plot;
mod simulate;
mod snapshots;
mod soak;
mod sources;
mod test;
mod weight;
mod words;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Commands for maintainers of hostkit.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 80)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs a typical program with each client, against the simulator or a real provider.
    Demo(demo::Arguments),
    /// Serves the three providers on this computer until Ctrl-C.
    Simulate(simulate::Arguments),
    /// Calls one operation and prints the response as JSON.
    Call(call::Arguments),
    /// Runs every read operation, and reports where the provider differs from its contract.
    Live(live::Arguments),
    /// Shows the parts of each operation: method, fixture, snapshot, simulator route, example.
    Operations(coverage::Arguments),
    /// Imports, formats and checks the fixtures.
    Fixtures(fixtures::Arguments),
    /// Writes or checks the OpenAPI documents of the three providers.
    Contract(contract::Arguments),
    /// Replays the fixtures and shows the changed snapshots.
    Snapshots(snapshots::Arguments),
    /// Shows which public items of the crates have changed.
    Api(api::Arguments),
    /// Checks that imports never go to a higher layer or form a circle.
    Imports(imports::Arguments),
    /// Checks names and prose for words that this project avoids.
    Words(words::Arguments),
    /// Runs all tests, including the documentation examples.
    Test(test::Arguments),
    /// Searches for responses that break a promise.
    Fuzz(fuzz::Arguments),
    /// Makes purchases on a failing network, and compares the callers' results with the books.
    Soak(soak::Arguments),
    /// Runs the benchmarks and writes a report with a plot.
    Bench(bench::Arguments),
    /// Measures what these crates cost a program: build time and size.
    Weight(weight::Arguments),
    /// Runs every check that a change must pass.
    Ci(ci::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Call(arguments) => call::run(&arguments),
        Command::Live(arguments) => live::run(&arguments),
        Command::Operations(arguments) => coverage::run(&arguments),
        Command::Fixtures(arguments) => fixtures::run(&arguments),
        Command::Contract(arguments) => contract::run(&arguments),
        Command::Snapshots(arguments) => snapshots::run(&arguments),
        Command::Api(arguments) => api::run(&arguments),
        Command::Imports(arguments) => imports::run(&arguments),
        Command::Words(arguments) => words::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Fuzz(arguments) => fuzz::run(&arguments),
        Command::Soak(arguments) => soak::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Weight(arguments) => weight::run(&arguments),
        Command::Ci(arguments) => ci::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            out::complain(&failure);
            ExitCode::FAILURE
        }
    }
}

/// Returns the folder of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_owned()
}

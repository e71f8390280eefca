//! Serves the three simulated providers on this computer.

use std::process::ExitCode;

fn main() -> ExitCode {
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(hostkit_simulator::program::run(std::env::args().skip(1))),
        Err(_) => ExitCode::FAILURE,
    }
}

//! Runs the documentation examples. Each function starts a simulator and passes values to the example, which
//! hides only two lines:
//!
//! ```text
//! # hostkit_doctest::elastis_vm(async |elastis, vm| {
//! let vm = elastis.vms().stop(vm.uuid).await?;
//! # Ok(()) });
//! ```
//!
//! Use this crate only in documentation examples and integration tests. A unit test compiles the crate under test a
//! second time, so its types differ from those that this crate uses.

use hostkit_simulator::Simulator;

#[cfg(feature = "elastis")]
mod elastis;
mod faults;
#[cfg(feature = "inferno")]
mod inferno;
#[cfg(feature = "leaderssl")]
mod leaderssl;

#[cfg(feature = "storage")]
pub use elastis::elastis_disk;
#[cfg(feature = "elastis")]
pub use elastis::{elastis, elastis_recipe, elastis_vm, elastis_vm_recipe};
#[cfg(unix)]
pub use faults::interrupt;
pub use faults::{fails, faults, repeated_faults};
#[cfg(feature = "inferno")]
pub use inferno::{inferno, inferno_login, inferno_order, inferno_vps};
#[cfg(feature = "leaderssl")]
pub use leaderssl::{leaderssl, leaderssl_login, leaderssl_server};

/// The result of an example.
pub type ExampleResult = Result<(), Box<dyn std::error::Error>>;

/// Runs an example to completion. Panics if it fails.
#[cfg_attr(not(any(feature = "elastis", feature = "inferno", feature = "leaderssl")), expect(dead_code))]
#[track_caller]
fn run(example: impl AsyncFnOnce(Simulator) -> ExampleResult) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => panic!("failed to build the runtime: {error}"),
    };
    if let Err(error) =
        runtime.block_on(async { example(Simulator::builder().strict().start().await?).await })
    {
        panic!("the example failed: {error}");
    }
}

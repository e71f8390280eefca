//! Shows how to test your own code that uses these clients: the simulator takes the provider's place, fails on demand
//! and records the requests that it receives. With tokio's time paused, even a wait of several minutes ends
//! immediately.
//!
//! ```text
//! cargo run -p hostkit --example testing_your_own_code
//! ```
//!
//! In your crate, mark each test below `main` with `#[tokio::test(start_paused = true)]`, and add two dev-dependencies:
//! `hostkit-simulator`, and tokio with the feature `test-util`.
#![allow(clippy::print_stdout)]

use std::time::Duration;

use hostkit::prelude::*;
use hostkit_simulator::{Boot, Fault, Simulator};

type TestResult<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// The code under test: returns the one running VM with this name, and never buys a second one.
async fn provision(elastis: &Elastis, account: BillingAccountId, name: &str) -> TestResult<Vm> {
    let login = Login::new("example", "Password123");
    let new = NewVm::from_image(name, Os::new("ubuntu", "22.04-lts"), 20, VmSize::new(1, 1024), login)
        .with_billing_account(account);
    let vm = elastis.vms().ensure(new).await?.into_value();
    Ok(elastis.vms().wait(vm.uuid).until(Vm::is_running).await?)
}

fn main() -> TestResult {
    test("a VM is created once and found the second time", a_vm_is_created_once)?;
    test("a call to a failing provider is retried", a_failed_call_is_retried)?;
    test("a VM is not bought twice if the response is lost", a_lost_response_buys_no_second_vm)?;
    test("an error response is returned and nothing is created", an_error_response_is_returned)?;
    test("a wait lasts until a slow VM has booted", a_slow_vm_is_waited_for)
}

async fn a_vm_is_created_once() -> TestResult {
    let (simulator, elastis, account) = simulated().await?;
    let created = provision(&elastis, account, "web-1").await?;
    let found = provision(&elastis, account, "web-1").await?;
    assert_eq!(created.uuid, found.uuid);
    assert_eq!(simulator.count("vm.create"), 1);
    Ok(())
}

async fn a_failed_call_is_retried() -> TestResult {
    let (simulator, elastis, account) = simulated().await?;
    simulator.fail("vm.list", [Fault::status(503), Fault::status(503)]);
    provision(&elastis, account, "web-1").await?;
    // Without this check, the test would pass even if the operation's name were misspelt.
    assert!(simulator.unmet_faults().is_empty());
    Ok(())
}

async fn a_lost_response_buys_no_second_vm() -> TestResult {
    let (simulator, elastis, account) = simulated().await?;
    simulator.fail("vm.create", Fault::ResetAfter);
    let vm = provision(&elastis, account, "web-1").await?;
    assert_eq!(simulator.count("vm.create"), 1);
    let vms = elastis.vms().list().await?;
    assert_eq!(vms.iter().map(|vm| vm.uuid).collect::<Vec<_>>(), [vm.uuid]);
    Ok(())
}

async fn an_error_response_is_returned() -> TestResult {
    let (_simulator, elastis, _) = simulated().await?;
    let result = provision(&elastis, BillingAccountId::new(404), "web-1").await;
    assert!(result.is_err());
    assert!(elastis.vms().list().await?.is_empty());
    Ok(())
}

async fn a_slow_vm_is_waited_for() -> TestResult {
    let (simulator, elastis, account) = simulated().await?;
    simulator.set_boot(Boot::After(Duration::from_secs(300)));
    let start = tokio::time::Instant::now();
    let vm = provision(&elastis, account, "web-1").await?;
    assert!(vm.is_running());
    assert!(start.elapsed() >= Duration::from_secs(300));
    assert!(simulator.count("vm.get") < 40, "the VM is polled too often");
    Ok(())
}

/// Starts a separate simulator for a test, so that tests can run in parallel.
async fn simulated() -> TestResult<(Simulator, Elastis, BillingAccountId)> {
    let simulator = Simulator::start().await?;
    let access = simulator.elastis();
    let elastis = Elastis::builder(access.key.as_str()).base_url(&access.base_url).no_proxy().build()?;
    Ok((simulator, elastis, access.billing_accounts[0].into()))
}

/// Runs a test as `#[tokio::test(start_paused = true)]` would.
fn test<F: Future<Output = TestResult>>(name: &str, body: impl FnOnce() -> F) -> TestResult {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    runtime.block_on(body())?;
    println!("ok: {name}");
    Ok(())
}

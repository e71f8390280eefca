//! How to test code of your own that uses these clients: the simulator takes the provider's place, fails on
//! demand, tells what it received, and with tokio's time paused minutes cost nothing.
//!
//! ```text
//! cargo run -p hostkit --example testing_your_own_code
//! ```
//!
//! In a crate of yours each function below `main` is a `#[tokio::test(start_paused = true)]`, and
//! `hostkit-simulator` is a dev-dependency, as is tokio with the feature `test-util`.
#![allow(clippy::print_stdout)]

use std::time::Duration;

use hostkit::elastis_core::{BillingAccountId, Login, NewVm, Os, Vm, VmSize};
use hostkit::prelude::*;
use hostkit_simulator::{Boot, Fault, Simulator};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// The code under test: makes sure that there is one running machine of this name, and never buys a second one.
async fn provision(elastis: &Elastis, account: BillingAccountId, name: &str) -> Outcome<Vm> {
    let vm = match elastis.vms().find_by_name(name).await?.pop() {
        Some(vm) => vm,
        None => create(elastis, account, name).await?,
    };
    Ok(elastis.vms().wait(vm.uuid).until(Vm::is_running).await?)
}

async fn create(elastis: &Elastis, account: BillingAccountId, name: &str) -> Result<Vm, Error> {
    let login = Login::new("example", "Password123");
    let new = NewVm::from_image(name, Os::new("ubuntu", "22.04-lts"), 20, VmSize::new(1, 1024), login);
    match elastis.vms().create(new.with_billing_account(account)).await {
        // The reply is lost, but perhaps not the machine: look before buying again.
        Err(error) if error.is_outcome_unknown() => {
            elastis.vms().find_by_name(name).await?.pop().ok_or(error)
        }
        outcome => outcome,
    }
}

fn main() -> Outcome {
    test("a machine is made once and found the second time", a_machine_is_made_once)?;
    test("a provider that is out of order is asked again", a_provider_out_of_order_is_asked_again)?;
    test("a machine whose reply was lost is not bought twice", a_lost_reply_buys_no_second_machine)?;
    test("a refusal is handed on and nothing is made", a_refusal_is_handed_on)?;
    test("a machine that boots for minutes is waited for", a_slow_machine_is_waited_for)
}

async fn a_machine_is_made_once() -> Outcome {
    let (simulator, elastis, account) = simulated().await?;
    let made = provision(&elastis, account, "web-1").await?;
    let found = provision(&elastis, account, "web-1").await?;
    assert_eq!(made.uuid, found.uuid);
    assert_eq!(simulator.count("vm.create"), 1);
    Ok(())
}

async fn a_provider_out_of_order_is_asked_again() -> Outcome {
    let (simulator, elastis, account) = simulated().await?;
    simulator.fail("vm.list", [Fault::status(503), Fault::status(503)]);
    provision(&elastis, account, "web-1").await?;
    assert_eq!(simulator.count("vm.list"), 3);
    // A misspelt name of an operation would have made this test pass for nothing.
    assert!(simulator.unmet_faults().is_empty());
    Ok(())
}

async fn a_lost_reply_buys_no_second_machine() -> Outcome {
    let (simulator, elastis, account) = simulated().await?;
    simulator.fail("vm.create", Fault::ResetAfter);
    let vm = provision(&elastis, account, "web-1").await?;
    assert_eq!(simulator.count("vm.create"), 1);
    let machines = elastis.vms().list().await?;
    assert_eq!(machines.iter().map(|vm| vm.uuid).collect::<Vec<_>>(), [vm.uuid]);
    Ok(())
}

async fn a_refusal_is_handed_on() -> Outcome {
    let (_simulator, elastis, _) = simulated().await?;
    let refused = provision(&elastis, BillingAccountId::new(404), "web-1").await;
    assert!(refused.is_err());
    assert!(elastis.vms().list().await?.is_empty());
    Ok(())
}

async fn a_slow_machine_is_waited_for() -> Outcome {
    let (simulator, elastis, account) = simulated().await?;
    simulator.set_boot(Boot::After(Duration::from_secs(300)));
    let begun = tokio::time::Instant::now();
    let vm = provision(&elastis, account, "web-1").await?;
    assert!(vm.is_running());
    assert!(begun.elapsed() >= Duration::from_secs(300));
    assert!(simulator.count("vm.get") < 40, "it is not asked every second");
    Ok(())
}

/// A simulator of one's own, so that tests run side by side.
async fn simulated() -> Outcome<(Simulator, Elastis, BillingAccountId)> {
    let simulator = Simulator::start().await?;
    let access = simulator.elastis();
    let elastis = Elastis::builder(access.key.as_str()).base_url(&access.base_url).no_proxy().build()?;
    Ok((simulator, elastis, access.billing_accounts[0].into()))
}

/// What `#[tokio::test(start_paused = true)]` does.
fn test<F: Future<Output = Outcome>>(name: &str, body: impl FnOnce() -> F) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    runtime.block_on(body())?;
    println!("ok: {name}");
    Ok(())
}

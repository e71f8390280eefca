use elastis_core::{BillingAccountId, Elastis, Error, Login, NewVm, Os, Vm, VmSize};
use hostkit_simulator::Simulator;

use crate::{ExampleResult, run};

fn client(simulator: &Simulator) -> Result<(Elastis, BillingAccountId), Error> {
    let access = simulator.elastis();
    let elastis = Elastis::builder(access.key).base_url(access.base_url).no_proxy().build()?;
    Ok((elastis, BillingAccountId::new(access.billing_accounts[0])))
}

/// Runs an example with a client and the id of a billing account.
#[track_caller]
pub fn elastis(example: impl AsyncFnOnce(Elastis, BillingAccountId) -> ExampleResult) {
    run(async |simulator| {
        let (elastis, account) = client(&simulator)?;
        example(elastis, account).await
    });
}

/// Runs a recipe as [`elastis`] does. Panics unless the billed resources that the recipe leaves behind are of the
/// kinds in `left`, in this order.
#[track_caller]
pub fn elastis_recipe(left: &[&str], recipe: impl AsyncFnOnce(Elastis, BillingAccountId) -> ExampleResult) {
    run(async |simulator| {
        let (elastis, account) = client(&simulator)?;
        check(&simulator, left, recipe(elastis, account)).await
    });
}

/// Runs a recipe as [`elastis_vm`] does. Panics if the recipe leaves behind a billed resource other than the VM.
#[track_caller]
pub fn elastis_vm_recipe(recipe: impl AsyncFnOnce(Elastis, Vm) -> ExampleResult) {
    run(async |simulator| {
        let (elastis, vm) = with_vm(&simulator).await?;
        check(&simulator, &[], recipe(elastis, vm)).await
    });
}

async fn check(
    simulator: &Simulator,
    named: &[&str],
    recipe: impl Future<Output = ExampleResult>,
) -> ExampleResult {
    let before = simulator.books().billed;
    recipe.await?;
    let books = simulator.books();
    let left: Vec<_> = books.billed.iter().filter(|row| !before.contains(row)).map(|row| row.kind).collect();
    if left == named {
        Ok(())
    } else {
        Err(format!("the recipe leaves {left:?} behind, not {named:?}").into())
    }
}

/// Runs an example with a client and a running VM that has a public address.
#[track_caller]
pub fn elastis_vm(example: impl AsyncFnOnce(Elastis, Vm) -> ExampleResult) {
    run(async |simulator| {
        let (elastis, vm) = with_vm(&simulator).await?;
        example(elastis, vm).await
    });
}

async fn with_vm(simulator: &Simulator) -> Result<(Elastis, Vm), Error> {
    let (elastis, account) = client(simulator)?;
    let (os, size) = (Os::new("ubuntu", "22.04-lts"), VmSize::new(2, 2048));
    let new = NewVm::from_image("web-1", os, 20, size, Login::new("example", "Password123"));
    let vm = elastis.vms().create(new.with_billing_account(account).with_public_ip()).await?;
    Ok((elastis, vm))
}

/// Runs an example with a client and an empty, unattached disk of 50 GiB.
#[cfg(feature = "storage")]
#[track_caller]
pub fn elastis_disk(example: impl AsyncFnOnce(Elastis, elastis_storage::Disk) -> ExampleResult) {
    use elastis_storage::{ElastisStorage, NewDisk};

    run(async |simulator| {
        let (elastis, account) = client(&simulator)?;
        let disk = elastis.disks().create(NewDisk::empty(50).with_billing_account(account)).await?;
        example(elastis, disk).await
    });
}

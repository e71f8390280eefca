use elastis_core::{BillingAccountId, Elastis, Error, Login, NewVm, Os, Vm, VmSize};
use hostkit_simulator::Simulator;

use crate::{ExampleResult, run};

fn client(simulator: &Simulator) -> Result<(Elastis, BillingAccountId), Error> {
    let access = simulator.elastis();
    let elastis = Elastis::builder(access.key).base_url(access.base_url).no_proxy().build()?;
    Ok((elastis, BillingAccountId::new(access.billing_accounts[0])))
}

/// Runs an example with a client and a billing account of its user.
#[track_caller]
pub fn elastis(example: impl AsyncFnOnce(Elastis, BillingAccountId) -> ExampleResult) {
    run(async |simulator| {
        let (elastis, account) = client(&simulator)?;
        example(elastis, account).await
    });
}

/// Runs an example with a client and a running VM with a public address.
#[track_caller]
pub fn elastis_vm(example: impl AsyncFnOnce(Elastis, Vm) -> ExampleResult) {
    run(async |simulator| {
        let (elastis, account) = client(&simulator)?;
        let (os, size) = (Os::new("ubuntu", "22.04-lts"), VmSize::new(2, 2048));
        let new = NewVm::from_image("web-1", os, 20, size, Login::new("example", "Password123"));
        let vm = elastis.vms().create(new.with_billing_account(account).with_public_ip()).await?;
        example(elastis, vm).await
    });
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

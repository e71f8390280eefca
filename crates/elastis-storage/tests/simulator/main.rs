//! Tests of behaviour that spans several calls, run against the simulator.
#![allow(clippy::unwrap_used, reason = "test helpers")]

mod buckets;
mod disks;
mod s3;

use elastis_core::{Login, NewVm, Os, VmSize};
use elastis_storage::{BillingAccountId, Elastis, VmId};
use hostkit_simulator::Simulator;

async fn start() -> (Simulator, Elastis) {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let access = simulator.elastis();
    let builder = Elastis::builder(access.key.as_str()).base_url(&access.base_url);
    (simulator, builder.no_proxy().build().unwrap())
}

/// Returns the user's two billing accounts.
fn accounts(simulator: &Simulator) -> [BillingAccountId; 2] {
    simulator.elastis().billing_accounts.map(BillingAccountId::new)
}

/// Creates a running VM with a boot disk of 20 GiB.
async fn new_vm(simulator: &Simulator, elastis: &Elastis) -> VmId {
    let (size, login) = (VmSize::new(1, 1024), Login::new("web", "Password123"));
    let vm = NewVm::from_image("web1", Os::new("ubuntu", "20.04"), 20, size, login);
    elastis.vms().create(vm.with_billing_account(accounts(simulator)[0])).await.unwrap().uuid
}

//! Behaviour over several calls, against the simulator.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod buckets;
mod disks;
mod s3;

use elastis_storage::http_core::{Form, Method};
use elastis_storage::{BillingAccountId, Elastis, VmId};
use hostkit_simulator::Simulator;
use serde_json::Value;

async fn start() -> (Simulator, Elastis) {
    let simulator = Simulator::start().await.unwrap();
    let access = simulator.elastis();
    let builder = Elastis::builder(access.key.as_str()).base_url(&access.base_url);
    (simulator, builder.no_proxy().build().unwrap())
}

/// The user's two billing accounts.
fn accounts(simulator: &Simulator) -> [BillingAccountId; 2] {
    simulator.elastis().billing_accounts.map(BillingAccountId::new)
}

/// A virtual machine that runs, and that boots from a disk of 20 GiB.
async fn new_vm(simulator: &Simulator, elastis: &Elastis) -> VmId {
    let form = Form::new()
        .field("name", "web1")
        .field("os_name", "ubuntu")
        .field("os_version", "20.04")
        .field("vcpu", 1)
        .field("ram", 1024)
        .field("disks", 20)
        .field("username", "web")
        .field("password", "Password123")
        .field("billing_account_id", accounts(simulator)[0]);
    let vm = elastis.request(Method::Post, "/v1/user-resource/vm").form(form).reply::<Value>();
    vm.await.unwrap()["uuid"].as_str().unwrap().parse().unwrap()
}

/// What a virtual machine's own calls do, e.g. `stop`.
async fn act(elastis: &Elastis, deed: &str, vm: VmId) {
    let path = format!("/v1/user-resource/vm/{deed}");
    elastis.request(Method::Post, &path).form(Form::new().field("uuid", vm)).done().await.unwrap();
}

//! Tests of behaviour that spans several calls, run against the simulator.
#![allow(clippy::unwrap_used, reason = "test helpers")]

mod account;
mod convenience;
mod lost_responses;
mod outside;
mod parameters;
mod recovery;
mod storage;
mod vms;

use elastis_core::{BillingAccountId, Elastis, Login, NewVm, Os, Vm, VmSize};
use hostkit_simulator::Simulator;

const ACCOUNT: BillingAccountId = BillingAccountId::new(6);
const OTHER_ACCOUNT: BillingAccountId = BillingAccountId::new(129_072);
const SMALL: VmSize = VmSize::new(2, 2048);
const LARGE: VmSize = VmSize::new(4, 4096);

async fn start() -> (Simulator, Elastis) {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let elastis = client(&simulator, &simulator.elastis().key);
    (simulator, elastis)
}

fn client(simulator: &Simulator, key: &str) -> Elastis {
    Elastis::builder(key).base_url(&simulator.elastis().base_url).no_proxy().build().unwrap()
}

fn new_vm() -> NewVm {
    let login = Login::new("example", "Password123");
    NewVm::from_image("web-1", Os::new("ubuntu", "20.04"), 20, SMALL, login).with_billing_account(ACCOUNT)
}

async fn vm(elastis: &Elastis) -> Vm {
    elastis.vms().create(new_vm()).await.unwrap()
}

/// Returns the operations of all mutating requests, in order.
fn changes(simulator: &Simulator) -> Vec<&'static str> {
    let requests = simulator.requests();
    requests
        .iter()
        .filter(|request| request.method != "GET")
        .filter_map(|request| request.operation)
        .collect()
}

/// Returns the body of the latest request.
fn last_body(simulator: &Simulator) -> String {
    String::from_utf8(simulator.requests().last().unwrap().body.to_vec()).unwrap()
}

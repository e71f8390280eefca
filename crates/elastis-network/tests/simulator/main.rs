//! Tests of behaviour that spans several calls, run against the simulator.
#![allow(clippy::unwrap_used, reason = "test helpers")]

mod addresses;
mod floating_ips;
mod load_balancers;
mod networks;
mod recovery;
mod rental;

use elastis_network::elastis_core::{Login, NewVm, Os, VmSize};
use elastis_network::{
    BillingAccountId, Elastis, ElastisNetwork, Error, FloatingIp, LoadBalancer, NewFloatingIp,
    NewLoadBalancer, VmId,
};
use hostkit_simulator::Simulator;
use http_core::ErrorKind;

async fn start() -> (Simulator, Elastis) {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let elastis = client(&simulator);
    (simulator, elastis)
}

/// Returns another client for the same account.
fn client(simulator: &Simulator) -> Elastis {
    let account = simulator.elastis();
    Elastis::builder(account.key.as_str()).base_url(&account.base_url).no_proxy().build().unwrap()
}

/// Returns the default billing account and another one.
fn payers(simulator: &Simulator) -> [BillingAccountId; 2] {
    simulator.elastis().billing_accounts.map(BillingAccountId::new)
}

/// Returns the request for a VM without a public address.
fn new_vm(simulator: &Simulator) -> NewVm {
    let (os, size) = (Os::new("ubuntu", "20.04"), VmSize::new(2, 2048));
    NewVm::from_image("web-1", os, 20, size, Login::new("example", "Password123"))
        .with_billing_account(payers(simulator)[0])
}

async fn vm(simulator: &Simulator, elastis: &Elastis) -> VmId {
    elastis.vms().create(new_vm(simulator).with_public_ip()).await.unwrap().uuid
}

async fn private_vm(simulator: &Simulator, elastis: &Elastis) -> VmId {
    elastis.vms().create(new_vm(simulator)).await.unwrap().uuid
}

async fn ip(simulator: &Simulator, elastis: &Elastis) -> FloatingIp {
    elastis.floating_ips().create(NewFloatingIp::new(payers(simulator)[0])).await.unwrap()
}

async fn balancer(elastis: &Elastis) -> LoadBalancer {
    elastis.load_balancers().create(NewLoadBalancer::new()).await.unwrap()
}

/// Returns whether the provider rejected the request for a reason other than a missing resource.
fn rejected(error: &Error) -> bool {
    error.kind() == ErrorKind::ErrorResponse && !error.is_not_found() && !error.is_outcome_unknown()
}

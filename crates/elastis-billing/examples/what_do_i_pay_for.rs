//! Prints everything that is billed in all locations and marks idle resources: stopped VMs, unattached disks,
//! unassigned floating IPs, and load balancers without targets. Then prints the costs of the current month and the
//! unpaid amount of each billing account.
//!
//! ```text
//! cargo run -p elastis-billing --example what_do_i_pay_for
//! ```
//!
//! The example runs against the simulator, or against the provider if `ELASTIS_API_KEY` is set. It changes nothing.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use elastis_billing::{Decimal, Elastis, ElastisBilling};
use elastis_core::{Login, NewVm, Os, VmSize};
use elastis_network::{ElastisNetwork, NewFloatingIp};
use elastis_storage::{ElastisStorage, NewDisk};
use hostkit_simulator::Simulator;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let (elastis, _simulator) = connect().await?;

    let costs = elastis.costs().await?;
    println!("{costs}");

    for account in elastis.billing_accounts().list().await? {
        let used: Decimal = elastis.usage().list(account.id).await?.iter().filter_map(|row| row.cost).sum();
        let unpaid = account.unpaid_amount.map_or("an unknown amount".to_owned(), |sum| format!("{sum:.2}"));
        println!("Account {}: {used:.2} this month, {unpaid} unpaid", account.id);
    }
    // An incomplete report is a failure.
    Ok(if costs.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Connects to the provider if the environment has credentials. Otherwise connects to a simulator in which two VMs, a
/// disk and a floating IP have been billed for a hundred hours.
async fn connect() -> Result<(Elastis, Option<Simulator>), Box<dyn Error>> {
    if std::env::var_os("ELASTIS_API_KEY").is_some() {
        return Ok((Elastis::from_env()?, None));
    }
    let simulator = Simulator::start().await?;
    let access = simulator.elastis();
    let elastis = Elastis::builder(access.key.as_str()).base_url(&access.base_url).build()?;
    let account = access.billing_accounts[0].into();
    for name in ["web-1", "build-1"] {
        let login = Login::new("example", "Password123");
        let new = NewVm::from_image(name, Os::new("ubuntu", "22.04-lts"), 20, VmSize::new(2, 2048), login);
        elastis.vms().create(new.with_billing_account(account)).await?;
    }
    elastis.disks().create(NewDisk::empty(50).with_billing_account(account)).await?;
    elastis.floating_ips().create(NewFloatingIp::new(account).with_name("spare")).await?;
    simulator.clock().advance(Duration::from_secs(20 * 3600));
    for vm in elastis.vms().find_by_name("build-1").await? {
        elastis.vms().stop(vm.uuid).await?;
    }
    simulator.clock().advance(Duration::from_secs(80 * 3600));
    Ok((elastis, Some(simulator)))
}

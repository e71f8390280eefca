//! What the running month has cost, resource by resource; what is still to be paid; and what costs money though
//! nobody uses it: stopped machines, whose disks are paid for, disks that no machine has, and floating IPs
//! that lead nowhere.
//!
//! ```text
//! cargo run -p elastis-billing --example what_do_i_pay_for
//! ```
//!
//! runs against the simulator; with `ELASTIS_API_KEY` in the environment, against the provider. It only reads.
#![allow(clippy::print_stdout)]

use std::collections::{BTreeMap, HashSet};
use std::error::Error;
use std::time::Duration;

use elastis_billing::{Decimal, Elastis, ElastisBilling};
use elastis_core::{Login, NewVm, Os, VmSize};
use elastis_network::{ElastisNetwork, NewFloatingIp};
use elastis_storage::{ElastisStorage, NewDisk};
use hostkit_simulator::Simulator;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (elastis, _simulator) = connect().await?;

    for account in elastis.billing_accounts().list().await? {
        // A resource that changed has a row for each of its prices.
        let mut costs = BTreeMap::<String, Decimal>::new();
        for row in elastis.usage().list(account.id).await? {
            *costs.entry(row.description).or_default() += row.cost;
        }
        let (title, total) = (account.title.as_deref().unwrap_or_default(), costs.values().sum::<Decimal>());
        println!(
            "Account {} {title}: {total:.2} this month, {:.2} unpaid",
            account.id, account.unpaid_amount
        );
        for (resource, cost) in costs {
            println!("{cost:>10.2}  {resource}");
        }
    }

    match idle(&elastis).await?.as_slice() {
        [] => println!("Nothing is idle."),
        found => println!("Idle, yet paid for:\n  {}", found.join("\n  ")),
    }
    Ok(())
}

async fn idle(elastis: &Elastis) -> Result<Vec<String>, Box<dyn Error>> {
    let mut found = Vec::new();
    for there in elastis.everywhere(|elastis| elastis.vms().list()).await? {
        // What cannot be read here might be idle too: a report that leaves it out would be wrong.
        let (slug, vms) = (there.location.slug, there.result?);
        let here = elastis.at(slug.clone());

        let stopped = vms.iter().filter(|vm| !vm.is_running());
        found.extend(stopped.map(|vm| {
            let gib: u64 = vm.storage.iter().map(|disk| disk.size).sum();
            format!("{slug}: {} is {}, with {gib} GiB of disks", vm.name, vm.status)
        }));
        let attached: HashSet<_> = vms.iter().flat_map(|vm| &vm.storage).map(|disk| disk.uuid).collect();
        let disks = here.disks().list().await?;
        let alone = disks.iter().filter(|disk| !disk.is_deleted() && !attached.contains(&disk.uuid));
        found.extend(alone.map(|disk| {
            let gib = disk.size_gb.map_or("unknown".to_owned(), |gib| gib.to_string());
            format!("{slug}: disk {} of {gib} GiB belongs to no machine", disk.uuid)
        }));
        let addresses = here.floating_ips().unassigned().await?;
        found.extend(addresses.iter().map(|ip| format!("{slug}: {} leads nowhere", ip.address)));
    }
    Ok(found)
}

/// The provider, where the environment has credentials; else the simulator, after a hundred hours in which two
/// machines, a disk and an address were paid for.
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

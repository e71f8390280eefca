//! A nightly job: takes a snapshot of each running VM in all locations, keeps the newest three of each VM, and
//! continues with the other VMs if one fails.
//!
//! ```text
//! cargo run -p elastis-core --example nightly_snapshots
//! ```
//!
//! The example runs for five nights against the simulator, and a snapshot fails in one of them. If `ELASTIS_API_KEY` is
//! set, it runs for one night against the provider, and only lists what it would do unless `-- --spend` is given:
//! **snapshots cost money, and all but the newest three are deleted**, including those that you took manually.
#![allow(clippy::print_stdout)]

use std::cmp::Reverse;
use std::error::Error;
use std::time::Duration;

use elastis_core::{Elastis, Login, NewVm, Os, ReplicaKind, Vm, VmSize};
use hostkit_simulator::{Fault, Simulator};

const KEPT: usize = 3;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (elastis, simulator) = connect().await?;
    let Some(simulator) = simulator else {
        let spend = std::env::args().any(|argument| argument == "--spend");
        return night(&elastis, spend).await;
    };
    for number in 1..=5 {
        println!("Night {number}");
        if number == 4 {
            simulator.fail("replica.create", Fault::status(500));
        }
        if let Err(error) = night(&elastis, true).await {
            println!("  {error}");
        }
        simulator.clock().advance(Duration::from_secs(24 * 3600));
    }
    Ok(())
}

async fn night(elastis: &Elastis, spend: bool) -> Result<(), Box<dyn Error>> {
    let mut failures = 0;
    for there in elastis.in_all_locations(|elastis| elastis.vms().list()).await? {
        let slug = there.slug().to_owned();
        let vms = there.result.unwrap_or_else(|error| {
            println!("  {slug}: {error}");
            failures += 1;
            Vec::new()
        });
        if vms.is_empty() {
            println!("  {slug}: no VMs");
        }
        let here = elastis.at(slug.as_str());
        for vm in vms.iter().filter(|vm| vm.is_running()) {
            if !spend {
                println!("  {slug}: would take a snapshot of {} (add --spend)", vm.name);
                continue;
            }
            match rotate(&here, vm).await {
                Ok(deleted) => println!("  {slug}: {} has a new snapshot, {deleted} deleted", vm.name),
                Err(error) => {
                    println!("  {slug}: {}: {error}", vm.name);
                    failures += 1;
                }
            }
        }
    }
    if failures == 0 { Ok(()) } else { Err(format!("failures tonight: {failures}").into()) }
}

/// Takes a snapshot, then deletes all but the newest three. Returns the number of deleted snapshots.
async fn rotate(elastis: &Elastis, vm: &Vm) -> Result<usize, elastis_core::Error> {
    let replicas = elastis.replicas();
    replicas.create(vm.uuid).await?;
    let mut snapshots = replicas.list(vm.uuid, ReplicaKind::Snapshot).await?;
    // A snapshot without a valid time may be recent: keep it.
    snapshots.retain(|snapshot| snapshot.created_at.is_some());
    snapshots.sort_by_key(|snapshot| Reverse(snapshot.created_at));
    let old = snapshots.get(KEPT..).unwrap_or_default();
    for snapshot in old {
        replicas.delete(snapshot.uuid.clone()).await?;
    }
    Ok(old.len())
}

/// Connects to the provider if the environment has credentials, otherwise to a simulator with three VMs, one of which
/// is stopped.
async fn connect() -> Result<(Elastis, Option<Simulator>), Box<dyn Error>> {
    if std::env::var_os("ELASTIS_API_KEY").is_some() {
        return Ok((Elastis::from_env()?, None));
    }
    let simulator = Simulator::start().await?;
    let access = simulator.elastis();
    let elastis = Elastis::builder(access.key.as_str()).base_url(&access.base_url).build()?;
    for name in ["web-1", "db-1", "stopped-1"] {
        let login = Login::new("example", "Password123");
        let new = NewVm::from_image(name, Os::new("ubuntu", "22.04-lts"), 20, VmSize::new(1, 1024), login)
            .with_billing_account(access.billing_accounts[0].into());
        let vm = elastis.vms().create(new).await?;
        if name == "stopped-1" {
            elastis.vms().stop(vm.uuid).await?;
        }
    }
    Ok((elastis, Some(simulator)))
}

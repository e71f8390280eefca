//! Creates two web servers that install themselves by cloud-init, and a load balancer with a public address in front
//! of them. Then it removes all of it, and gives the address back, also if building failed halfway, a response was lost
//! or the program was interrupted. What could not be removed is named, and the program fails.
//!
//! ```text
//! cargo run -p elastis-network --example web_tier
//! ```
//!
//! runs against the simulator. With `ELASTIS_API_KEY`, `ELASTIS_BILLING_ACCOUNT` (its number) and `VM_PASSWORD` in
//! the environment the provider is asked, and nothing is made but by `-- --spend`, **which costs money**.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::Duration;

use elastis_network::elastis_core::{CloudInit, Login, NewVm, Os, Vm, VmSize, WriteFile};
use elastis_network::rental::until_signal;
use elastis_network::{BillingAccountId, Elastis, ElastisNetwork, NewLoadBalancer, NewRule, Released};
use hostkit_simulator::Simulator;

const WEB_SERVERS: [&str; 2] = ["example-web-1", "example-web-2"];
const BALANCER: &str = "example-web";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let site = connect().await?;

    let taken = site.elastis.vms().list().await?.iter().any(|vm| WEB_SERVERS.contains(&vm.name.as_str()));
    if taken || !site.elastis.load_balancers().find_by_name(BALANCER).await?.is_empty() {
        return Err("something here has one of our names, and is not ours to remove".into());
    }
    if site.simulator.is_none() && !std::env::args().any(|argument| argument == "--spend") {
        println!("With --spend I would create {} and the load balancer {BALANCER}.", WEB_SERVERS.join(", "));
        return Ok(());
    }

    let built = until_signal(build(&site), Duration::ZERO).await;
    // Before looking at the result: what was created is billed until it is removed.
    let left = remove(&site.elastis).await;
    if left.is_empty() {
        return built?;
    }
    Err(format!("may still be billed: {}", left.join("; ")).into())
}

async fn build(site: &Site) -> Result<(), Box<dyn Error>> {
    let elastis = &site.elastis;
    let mut balancer = NewLoadBalancer::new()
        .with_name(BALANCER)
        .with_billing_account(site.account)
        .with_public_ip(true)
        .with_rule(NewRule::try_from((80, 8080))?);
    for name in WEB_SERVERS {
        let page = WriteFile::new("/srv/www/index.html", format!("<h1>{name}</h1>\n"));
        let serve = CloudInit::new().write_file(page).run_program([
            "python3",
            "-m",
            "http.server",
            "8080",
            "--directory",
            "/srv/www",
        ]);
        let login = Login::new("example", site.password.as_str());
        let new = NewVm::from_image(name, Os::new("ubuntu", "22.04-lts"), 20, VmSize::new(1, 1024), login)
            .with_cloud_init(serve)
            .with_billing_account(site.account);
        // Found by its marker if the response is lost.
        let vm = elastis.vms().create(new.marked()).recover().await?.value;
        let vm = elastis.vms().wait(vm.uuid).until(Vm::is_running).await?;
        println!("{name} runs at {}", vm.private_ipv4.ok_or("the VM has no address")?);
        balancer = balancer.with_target(vm.uuid);
    }
    let balancer = elastis.load_balancers().create(balancer).await?;
    for ip in elastis.floating_ips().of_load_balancer(balancer.uuid).await? {
        println!("http://{}/ leads to {} VMs", ip.address, balancer.targets.len());
    }
    Ok(())
}

/// Removes what has our names, and returns what could not be removed. One failure does not stop the others.
async fn remove(elastis: &Elastis) -> Vec<String> {
    let mut left = Vec::new();
    match elastis.load_balancers().find_by_name(BALANCER).await {
        Ok(balancers) => {
            for balancer in balancers {
                let removal = elastis.delete_load_balancer_with_addresses(balancer.uuid).await;
                report(BALANCER, removal, &mut left);
            }
        }
        Err(error) => left.push(format!("{BALANCER}: {error}")),
    }
    for name in WEB_SERVERS {
        match elastis.vms().find_by_name(name).await {
            Ok(vms) => {
                for vm in vms.into_iter().filter(|vm| !vm.is_deleted()) {
                    report(name, elastis.delete_vm_with_addresses(vm.uuid).await, &mut left);
                }
            }
            Err(error) => left.push(format!("{name}: {error}")),
        }
    }
    left
}

fn report(name: &str, removal: Result<Released, elastis_network::Error>, left: &mut Vec<String>) {
    match removal {
        Ok(Released { released, failed, .. }) => {
            println!("{name} is removed, and {} of its addresses", released.len());
            left.extend(failed.iter().map(|(address, error)| format!("{address} of {name}: {error}")));
        }
        Err(error) => left.push(format!("{name}: {error}")),
    }
}

struct Site {
    elastis: Elastis,
    account: BillingAccountId,
    password: String,
    simulator: Option<Simulator>,
}

/// The provider, where the environment has credentials; else the simulator.
async fn connect() -> Result<Site, Box<dyn Error>> {
    if std::env::var_os("ELASTIS_API_KEY").is_some() {
        let account: u64 = std::env::var("ELASTIS_BILLING_ACCOUNT")?.parse()?;
        let password =
            std::env::var("VM_PASSWORD").map_err(|_| "set VM_PASSWORD, the password of the VMs")?;
        return Ok(Site {
            elastis: Elastis::from_env()?,
            account: account.into(),
            password,
            simulator: None,
        });
    }
    let simulator = Simulator::start().await?;
    let access = simulator.elastis();
    let elastis = Elastis::builder(access.key.as_str()).base_url(&access.base_url).build()?;
    let (account, password) = (access.billing_accounts[0].into(), "Password123".to_owned());
    Ok(Site { elastis, account, password, simulator: Some(simulator) })
}

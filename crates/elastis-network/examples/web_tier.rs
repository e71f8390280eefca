//! Two web servers that install themselves by cloud-init, and a load balancer with a public address before
//! them. Then all of it is removed again, and the address is given back, also if building it failed halfway.
//!
//! ```text
//! cargo run -p elastis-network --example web_tier
//! ```
//!
//! runs against the simulator. With `ELASTIS_API_KEY`, `ELASTIS_BILLING_ACCOUNT` (its number) and `VM_PASSWORD` in
//! the environment the provider is asked, and nothing is made but by `-- --spend`, **which costs money**.
#![allow(clippy::print_stdout)]

use std::error::Error;

use elastis_network::elastis_core::{CloudInit, Login, NewVm, Os, Vm, VmSize, WriteFile};
use elastis_network::{BillingAccountId, Elastis, ElastisNetwork, NewLoadBalancer, NewRule};
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
        println!("With --spend I would make {} and the load balancer {BALANCER}.", WEB_SERVERS.join(", "));
        return Ok(());
    }

    let built = build(&site).await;
    // Before looking at the outcome: what was made is paid for until it is removed.
    remove(&site.elastis).await?;
    built
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
        let vm = elastis.vms().create(new).await?;
        let vm = elastis.vms().wait(vm.uuid).until(Vm::is_running).await?;
        println!("{name} runs at {}", vm.private_ipv4.ok_or("a machine without an address")?);
        balancer = balancer.with_target(vm.uuid);
    }
    let balancer = elastis.load_balancers().create(balancer).await?;
    for ip in elastis.floating_ips().of_load_balancer(balancer.uuid).await? {
        println!("http://{}/ leads to {} machines", ip.address, balancer.targets.len());
    }
    Ok(())
}

/// Goes by name, so that it also finds what was made when the reply was lost.
async fn remove(elastis: &Elastis) -> Result<(), Box<dyn Error>> {
    for balancer in elastis.load_balancers().find_by_name(BALANCER).await? {
        let released = elastis.delete_load_balancer_with_addresses(balancer.uuid).await?.into_result()?;
        println!("{BALANCER} is removed, {} address is given back", released.len());
    }
    for name in WEB_SERVERS {
        for vm in elastis.vms().find_by_name(name).await? {
            elastis.delete_vm_with_addresses(vm.uuid).await?.into_result()?;
            println!("{name} is removed");
        }
    }
    Ok(())
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
        let password = std::env::var("VM_PASSWORD")?;
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

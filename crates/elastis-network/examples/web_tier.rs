//! Creates two web servers that cloud-init configures, and a load balancer with a public address in front of them. Then
//! deletes all of them and releases the address, even if the setup failed halfway, a response was lost or the program
//! was interrupted. If something cannot be deleted, the program fails with an error that names it.
//!
//! ```text
//! cargo run -p elastis-network --example web_tier
//! ```
//!
//! The example runs against the simulator. If `ELASTIS_API_KEY`, `ELASTIS_BILLING_ACCOUNT` (the account's id) and
//! `VM_PASSWORD` are set, it runs against the provider, and creates nothing unless `-- --spend` is given. **With
//! `--spend`, it costs money.**
#![allow(clippy::print_stdout)]

use std::cell::RefCell;
use std::error::Error;
use std::time::Duration;

use elastis_network::elastis_core::{CloudInit, Login, NewVm, Os, Vm, VmSize, WriteFile};
use elastis_network::recovery::{Created, Recover, Ticket};
use elastis_network::rental::until_signal;
use elastis_network::{BillingAccountId, Elastis, ElastisNetwork, NewLoadBalancer, NewRule, Released};
use hostkit_simulator::Simulator;

const WEB_SERVERS: [&str; 2] = ["example-web-1", "example-web-2"];
const BALANCER: &str = "example-web";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (site, simulator) = connect().await?;
    let may_spend = simulator.is_some() || std::env::args().any(|argument| argument == "--spend");
    run(&site, may_spend).await
}

pub(crate) async fn run(site: &Site, may_spend: bool) -> Result<(), Box<dyn Error>> {
    let taken = site.elastis.vms().list().await?.iter().any(|vm| WEB_SERVERS.contains(&vm.name.as_str()));
    if taken || !site.elastis.load_balancers().find_by_name(BALANCER).await?.is_empty() {
        return Err(
            "a VM or load balancer already has one of this example's names; rename or delete it first".into(),
        );
    }
    if !may_spend {
        println!("would create {} and the load balancer {BALANCER} (add --spend)", WEB_SERVERS.join(", "));
        return Ok(());
    }

    let built = until_signal(build(site), Duration::ZERO).await;
    // The resources are removed before the result is examined, because they are billed until then.
    let mut left = site.wait_for_interrupted_create().await;
    left.extend(remove(&site.elastis).await);
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
        .with_public_ip()
        .with_rule(NewRule::new(80, 8080));
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
        // The VM is found by its marker if the response is lost.
        let vm = site.create(elastis.vms().create(new.marked()).recover()).await?.value;
        let vm = elastis.vms().wait(vm.uuid).until(Vm::is_running).await?;
        println!("{name} runs at {}", vm.private_ipv4.ok_or("the VM has no address")?);
        balancer = balancer.with_target(vm.uuid);
    }
    let balancer = site.create(elastis.load_balancers().create(balancer).recover()).await?.value;
    for ip in elastis.floating_ips().of_load_balancer(balancer.uuid).await? {
        println!("http://{}/ serves {} VMs", ip.address, balancer.targets.len());
    }
    Ok(())
}

/// Removes every resource that has one of this example's names, and returns those that could not be removed. A failure
/// does not stop the other removals.
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
            println!("{name} was removed, with {} of its addresses", released.len());
            left.extend(failed.iter().map(|(address, error)| format!("{address} of {name}: {error}")));
        }
        Err(error) => left.push(format!("{name}: {error}")),
    }
}

pub(crate) struct Site {
    elastis: Elastis,
    account: BillingAccountId,
    password: String,
    /// The ticket of the create in progress. Its request is not undone if the program is interrupted.
    under_way: RefCell<Option<Ticket>>,
}

impl Site {
    pub(crate) fn new(elastis: Elastis, account: BillingAccountId, password: String) -> Self {
        Self { elastis, account, password, under_way: RefCell::default() }
    }

    async fn create<F: Send + 'static>(
        &self,
        create: Recover<F>,
    ) -> Result<Created<F>, elastis_network::Error> {
        let noted = create.note().await?;
        self.under_way.replace(Some(noted.ticket().clone()));
        let created = noted.await;
        self.under_way.replace(None);
        created
    }

    /// Waits until the resource of an interrupted create exists, so that it can be removed. Returns the failures.
    async fn wait_for_interrupted_create(&self) -> Vec<String> {
        let Some(ticket) = self.under_way.take() else { return Vec::new() };
        println!("Interrupted: waiting for the result of {}", ticket.operation());
        let found = match ticket.operation() {
            "vm.create" => self.elastis.vms().find_created(&ticket).await.map(drop),
            _ => self.elastis.load_balancers().find_created(&ticket).await.map(drop),
        };
        found.err().map(|error| format!("{}: {error}", ticket.operation())).into_iter().collect()
    }
}

/// Connects to the provider if the environment has credentials, otherwise to a simulator.
async fn connect() -> Result<(Site, Option<Simulator>), Box<dyn Error>> {
    if std::env::var_os("ELASTIS_API_KEY").is_some() {
        let account =
            std::env::var("ELASTIS_BILLING_ACCOUNT").ok().and_then(|number| number.parse::<u64>().ok());
        let account = account.ok_or("set ELASTIS_BILLING_ACCOUNT to the id of the account that pays")?;
        let password =
            std::env::var("VM_PASSWORD").map_err(|_| "set VM_PASSWORD to the password for the VMs")?;
        return Ok((Site::new(Elastis::from_env()?, account.into(), password), None));
    }
    let simulator = Simulator::start().await?;
    let access = simulator.elastis();
    let elastis = Elastis::builder(access.key.as_str()).base_url(&access.base_url).build()?;
    let site = Site::new(elastis, access.billing_accounts[0].into(), "Password123".to_owned());
    Ok((site, Some(simulator)))
}

//! Kills programs that make several purchases, at every point of their run. In the end, each program must know
//! everything that it bought.
//!
//! Each fault affects the first request of each operation. The program is also killed after that request, and before it
//! sends a create, and restarts with only the tickets that it stored. The simulator's books show what was bought.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "test helpers")]

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use elastis_core::{Elastis, Login, NewVm, Os, VmSize};
use elastis_network::{ElastisNetwork, NewFloatingIp, NewLoadBalancer};
use elastis_storage::{ElastisStorage, NewDisk};
use hostkit_simulator::{Books, Simulator};
use http_core::Error;
use http_core::recovery::{Recover, Ticket};
use inferno_vps::{Install, NewSshKey};
use leaderssl_gpu::{NewOrder, Product};

/// The point where the first process is killed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Death {
    Never,
    /// After the ticket is stored, before anything is sent.
    BeforeSending,
    /// After the provider has received the request.
    AfterSending,
    /// A while after the provider has received the request.
    Later,
}

/// The tickets that a program stores, and the ids that it knows.
#[derive(Clone, Default)]
struct Store(Arc<Mutex<Stored>>);

#[derive(Default)]
struct Stored {
    tickets: BTreeMap<&'static str, String>,
    known: BTreeMap<&'static str, String>,
    dies_at: Option<String>,
    /// Strings that no ticket may contain.
    secrets: Vec<String>,
}

enum Stop {
    Killed,
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Store {
    fn keeps_out<'a>(&self, secrets: impl IntoIterator<Item = &'a str>) {
        self.0.lock().unwrap().secrets = secrets.into_iter().map(str::to_owned).collect();
    }

    /// Creates one resource, or finds the one that an earlier process started to create. Never creates the resource
    /// twice.
    async fn step<F: Send + 'static>(
        &self,
        operation: &'static str,
        create: impl FnOnce() -> Recover<F>,
        find: impl FnOnce(&Ticket) -> Recover<F>,
        id: impl FnOnce(&F) -> String,
    ) -> Result<F, Stop> {
        let ticket = self.0.lock().unwrap().tickets.get(operation).cloned();
        let created = if let Some(ticket) = ticket {
            find(&serde_json::from_str(&ticket).unwrap()).await?
        } else {
            let noted = create().note().await?;
            {
                let mut stored = self.0.lock().unwrap();
                let ticket = serde_json::to_string(noted.ticket()).unwrap();
                assert!(
                    !stored.secrets.iter().any(|secret| ticket.contains(secret)),
                    "{operation}: {ticket}"
                );
                stored.tickets.insert(operation, ticket);
                if stored.dies_at.as_deref() == Some(operation) {
                    return Err(Stop::Killed);
                }
            }
            noted.await?
        };
        self.0.lock().unwrap().known.insert(operation, id(&created.value));
        Ok(created.value)
    }
}

/// A program, and how its purchases are counted.
trait Program {
    const NAME: &'static str;
    const CREATES: &'static [&'static str];
    async fn run(simulator: &Simulator, store: &Store) -> Result<(), Stop>;
    /// Returns the number of purchases of each kind.
    fn bought(books: &Books) -> Vec<u64>;
}

struct OnElastis;

impl Program for OnElastis {
    const NAME: &'static str = "elastis";
    const CREATES: &'static [&'static str] =
        &["network.create", "vm.create", "disk.create", "floating_ip.create", "load_balancer.create"];

    async fn run(simulator: &Simulator, store: &Store) -> Result<(), Stop> {
        let access = simulator.elastis();
        store.keeps_out([access.key.as_str(), "Password123"]);
        let client = Elastis::builder(access.key.as_str()).base_url(&access.base_url).no_proxy().build()?;
        let account = access.billing_accounts[0].into();
        let networks = client.networks();
        let network = store
            .step(
                "network.create",
                || networks.create("inner").recover(),
                |ticket| networks.find_created(ticket),
                |network| network.uuid.to_string(),
            )
            .await?;
        let (os, login) = (Os::new("ubuntu", "20.04"), Login::new("example", "Password123"));
        let vm = NewVm::from_image("web-1", os, 20, VmSize::new(2, 2048), login)
            .with_billing_account(account)
            .with_network(network.uuid)
            .marked();
        let vms = client.vms();
        let vm = store
            .step(
                "vm.create",
                || vms.create(vm).recover(),
                |ticket| vms.find_created(ticket),
                |vm| vm.uuid.to_string(),
            )
            .await?;
        let disks = client.disks();
        store
            .step(
                "disk.create",
                || disks.create(NewDisk::empty(50).with_billing_account(account)).recover(),
                |ticket| disks.find_created(ticket),
                |disk| disk.uuid.to_string(),
            )
            .await?;
        let ips = client.floating_ips();
        store
            .step(
                "floating_ip.create",
                || ips.create(NewFloatingIp::new(account).with_name("web")).recover(),
                |ticket| ips.find_created(ticket),
                |ip| ip.address.to_string(),
            )
            .await?;
        let balancers = client.load_balancers();
        let new = NewLoadBalancer::new()
            .with_name("web")
            .with_billing_account(account)
            .with_network(network.uuid)
            .without_public_ip()
            .with_target(vm.uuid);
        store
            .step(
                "load_balancer.create",
                || balancers.create(new).recover(),
                |ticket| balancers.find_created(ticket),
                |balancer| balancer.uuid.to_string(),
            )
            .await?;
        Ok(())
    }

    fn bought(books: &Books) -> Vec<u64> {
        let vms = books.created("elastis/vm");
        // Each VM has a disk.
        let disks = books.created("elastis/disk") - vms;
        let others = ["network", "ip", "load_balancer"].map(|kind| books.created(&format!("elastis/{kind}")));
        [vms, disks].into_iter().chain(others).collect()
    }
}

struct OnInferno;

impl Program for OnInferno {
    const NAME: &'static str = "inferno";
    const CREATES: &'static [&'static str] = &["ssh_key.add", "order.create", "vps.install"];

    async fn run(simulator: &Simulator, store: &Store) -> Result<(), Stop> {
        let access = simulator.inferno();
        store.keeps_out([access.key.as_str(), "AAAAC3NzaC1lZDI1NTE5AAAAIO0"]);
        access.set_pays_from_balance(true);
        let client = inferno_vps::Client::builder(access.cid, access.key.as_str())
            .base_url(&access.base_url)
            .no_proxy()
            .build()?;
        let (keys, orders, vps) = (client.ssh_keys(), client.orders(), client.vps());
        let key = NewSshKey::new("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO0 web").marked();
        let key = store
            .step(
                "ssh_key.add",
                || keys.add(key).recover(),
                |ticket| keys.find_created(ticket),
                |key| key.id.to_string(),
            )
            .await?;
        let order = store
            .step(
                "order.create",
                || orders.create(303.into()).recover(),
                |ticket| orders.find_created(ticket),
                |order| order.order_id.to_string(),
            )
            .await?;
        let install = Install::new(order.order_id, "debian12-64-default").with_ssh_keys([key.id]);
        store
            .step(
                "vps.install",
                || vps.install(&install).recover(),
                |ticket| vps.find_created(ticket),
                |vps| vps.order_id.to_string(),
            )
            .await?;
        Ok(())
    }

    fn bought(books: &Books) -> Vec<u64> {
        vec![books.created("inferno-vps/order")]
    }
}

struct OnLeaderSsl;

impl Program for OnLeaderSsl {
    const NAME: &'static str = "leaderssl";
    const CREATES: &'static [&'static str] = &["order.create"];

    async fn run(simulator: &Simulator, store: &Store) -> Result<(), Stop> {
        let access = simulator.leaderssl();
        store.keeps_out([access.password.as_str()]);
        let client = leaderssl_gpu::Client::builder(&access.login, access.password.as_str())
            .base_url(&access.base_url)
            .no_proxy()
            .build()?;
        let products = client.products().list().await?;
        let product =
            products.iter().find(|product| product.is_free_now()).map(|product: &Product| product.id);
        let order = NewOrder::new(product.unwrap(), leaderssl_gpu::Os::Ubuntu, 1);
        let orders = client.orders();
        let ordered = store
            .step(
                "order.create",
                || orders.create(order).recover(),
                |ticket| orders.find_created(ticket),
                |ordered| ordered.server.as_ref().map(|server| server.id.to_string()).unwrap_or_default(),
            )
            .await?;
        let server = ordered.server.unwrap().id;
        client.servers().start_and_wait(server).await?;
        Ok(())
    }

    fn bought(books: &Books) -> Vec<u64> {
        vec![books.created("leaderssl-gpu/server")]
    }
}

/// The results of all runs of one program.
#[derive(Debug, Default)]
struct Count {
    requests: usize,
    runs: u64,
    restarts: u64,
    completed: u64,
    bought: u64,
    known: u64,
    twice: u64,
}

/// Runs a program until it ends, and restarts it if it is killed.
async fn run<P: Program>(
    simulator: &Simulator,
    operation: &str,
    death: Death,
    store: &Store,
) -> (bool, Option<Error>) {
    let mut restarted = false;
    if death == Death::BeforeSending {
        store.0.lock().unwrap().dies_at = Some(operation.to_owned());
    }
    loop {
        let result = {
            let mut program = pin!(P::run(simulator, store));
            let dies = async {
                if restarted || matches!(death, Death::Never | Death::BeforeSending) {
                    std::future::pending::<()>().await;
                }
                // The paused clock does not advance in a loop that only yields.
                while simulator.count(operation) == 0 {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                if death == Death::Later {
                    tokio::time::sleep(Duration::from_secs(20)).await;
                }
            };
            tokio::select! {
                biased;
                result = &mut program => result,
                () = dies => Err(Stop::Killed),
            }
        };
        match result {
            Err(Stop::Killed) => {
                restarted = true;
                store.0.lock().unwrap().dies_at = None;
            }
            Ok(()) => return (restarted, None),
            Err(Stop::Failed(error)) => return (restarted, Some(error)),
        }
    }
}

async fn kill<P: Program>() -> Count {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    assert!(run::<P>(&simulator, "", Death::Never, &Store::default()).await.1.is_none(), "{}", P::NAME);
    let operations: BTreeSet<_> =
        simulator.requests().iter().filter_map(|request| request.operation).collect();
    let mut count = Count { requests: operations.len(), ..Count::default() };
    for operation in operations {
        let deaths: &[_] = if P::CREATES.contains(&operation) {
            &[Death::Never, Death::BeforeSending, Death::AfterSending, Death::Later]
        } else {
            &[Death::Never, Death::AfterSending]
        };
        for (name, fault) in hostkit_doctest::faults() {
            for death in deaths {
                simulator.reset();
                simulator.seed(count.runs);
                simulator.fail(operation, fault.clone());
                let store = Store::default();
                let case = format!("{}: {name} affects {operation}, killed {death:?}", P::NAME);
                let (restarted, error) = run::<P>(&simulator, operation, *death, &store).await;
                // Lets a slow provider process the remaining requests.
                tokio::time::sleep(Duration::from_secs(4_000)).await;
                let bought = P::bought(&simulator.books());
                let known = &store.0.lock().unwrap().known;
                let ids: BTreeSet<_> = known.values().collect();
                let reported =
                    error.iter().flat_map(Error::candidates).filter(|one| !ids.contains(&one.id)).count();
                let unbilled =
                    known.keys().filter(|name| ["ssh_key.add", "vps.install"].contains(name)).count();
                let known = (known.len() - unbilled + reported) as u64;
                let sum = bought.iter().sum::<u64>();
                count.twice += bought.iter().map(|number| number.saturating_sub(1)).sum::<u64>();
                assert!(bought.iter().all(|number| *number <= 1), "{case}: {bought:?} bought");
                assert_eq!(known, sum, "{case}: {bought:?} bought, {error:?}");
                for name in P::CREATES {
                    let processed = simulator
                        .requests()
                        .iter()
                        .filter(|it| it.operation == Some(name) && it.processed)
                        .count();
                    assert!(processed <= 1, "{case}: {name} was processed {processed} times");
                }
                count.runs += 1;
                count.restarts += u64::from(restarted);
                count.completed += u64::from(error.is_none());
                count.bought += sum;
                count.known += known;
            }
        }
    }
    println!("{:10} {count:?}", P::NAME);
    count
}

#[tokio::test(start_paused = true)]
async fn a_program_killed_at_any_point_buys_everything_once_and_knows_it() {
    let counts = [kill::<OnElastis>().await, kill::<OnInferno>().await, kill::<OnLeaderSsl>().await];
    for count in counts {
        assert!(
            count.requests > 3 && count.runs > 50 && count.restarts > 20 && count.completed > 20,
            "{count:?}"
        );
        assert_eq!((count.known, count.twice), (count.bought, 0));
    }
}

//! Runs many tasks that buy from all three providers at the same time, on a network that fails at random. In the end,
//! the simulator's books are compared with the results of the tasks.
//!
//! These environment variables, set by `cargo xtask soak`, change a run:
//!
//! - `HOSTKIT_SOAK_SECONDS`: the duration. Such a run also has more tasks than a normal test.
//! - `HOSTKIT_SOAK_SEED`: another seed to start from.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::time::{Duration, Instant};

use elastis_core::{BillingAccountId, Elastis, Login, NewVm, Os, VmSize};
use hostkit_simulator::{Boot, Fault, Simulator};
use hostkit_tests::fuzz::random::Random;
use http_core::recovery::{Certainty, Created};
use http_core::{Error, RetryPolicy};
use inferno_vps::ProductId;
use leaderssl_gpu::{NewOrder, Product};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

/// The number of tasks per round in a normal test, and in a long run.
const SHORT: usize = 150;
const LONG: usize = 1_000;

/// The result of a task's purchase, as the client reported it.
#[derive(Debug)]
enum Reported {
    /// Something was bought.
    Bought(String),
    /// Something was bought, and was found although the response was lost.
    Recovered(String),
    /// It is unknown whether something was bought.
    Unknown,
    /// The request was never processed.
    NotSent,
    /// The provider rejected the request.
    Refused,
}

impl Reported {
    fn of(result: Outcome) -> Self {
        match result {
            Ok((id, Certainty::Confirmed)) => Self::Bought(id),
            Ok((id, _)) => Self::Recovered(id),
            Err(error) if error.is_outcome_unknown() => Self::Unknown,
            Err(error) if !error.may_have_been_sent() => Self::NotSent,
            Err(_) => Self::Refused,
        }
    }

    /// Compares the result with what the task itself has bought, which nobody else could buy.
    fn check(&self, task: &str, own: &[String]) {
        let is_right = match self {
            Self::Bought(id) | Self::Recovered(id) => own == [id.clone()],
            Self::Unknown => own.len() <= 1,
            Self::NotSent | Self::Refused => own.is_empty(),
        };
        assert!(is_right, "{task}: {self:?}, but it has bought {own:?}");
    }

    fn id(&self) -> Option<&String> {
        match self {
            Self::Bought(id) | Self::Recovered(id) => Some(id),
            _ => None,
        }
    }
}

/// The id of what was bought.
type Outcome = Result<(String, Certainty), Error>;

/// The books of one provider, for one round or for all rounds.
#[derive(Debug, Default)]
struct Books {
    tasks: usize,
    bought: usize,
    reported_bought: usize,
    recovered: usize,
    unknown: usize,
    not_sent: usize,
    refused: usize,
}

impl Books {
    /// Compares the ids of the existing purchases with the reported results.
    fn of(what: &str, existing: &[String], reported: &[Reported]) -> Self {
        let mut books = Self { tasks: reported.len(), bought: existing.len(), ..Self::default() };
        let mut owners = BTreeSet::new();
        for reported in reported {
            if let Some(id) = reported.id() {
                assert!(existing.contains(id), "{what}: {id} was reported as bought, but does not exist");
                assert!(owners.insert(id), "{what}: {id} was reported to two tasks");
            }
            match reported {
                Reported::Bought(_) => books.reported_bought += 1,
                Reported::Recovered(_) => books.recovered += 1,
                Reported::Unknown => books.unknown += 1,
                Reported::NotSent => books.not_sent += 1,
                Reported::Refused => books.refused += 1,
            }
        }
        let unreported = existing.len() - owners.len();
        assert!(
            unreported <= books.unknown,
            "{what}: {unreported} purchases were not reported, but only {} tasks ended with an unknown outcome",
            books.unknown
        );
        books
    }

    fn add(&mut self, other: &Self) {
        self.tasks += other.tasks;
        self.bought += other.bought;
        self.reported_bought += other.reported_bought;
        self.recovered += other.recovered;
        self.unknown += other.unknown;
        self.not_sent += other.not_sent;
        self.refused += other.refused;
    }
}

fn fault(random: &mut Random) -> Fault {
    let slow = Duration::from_secs(1_000);
    match random.below(40) {
        0 => Fault::ResetBefore,
        1 => Fault::ResetAfter,
        2 => Fault::ResetThenProcessed(Boot::AfterReads(2)),
        3 => Fault::ResetThenProcessed(Boot::After(Duration::from_secs(20))),
        4 => Fault::status(500),
        5 => Fault::status(503),
        6 => Fault::HtmlAfter(504),
        7 => Fault::TruncatedBody,
        8 => Fault::StalledBody,
        9 => Fault::Latency(slow),
        10 => Fault::SlowProcessing(slow),
        11 => Fault::Html(200),
        12 => Fault::Html(502),
        13 => Fault::Challenge,
        14 => Fault::response(200, "{}"),
        15 => Fault::retry_after(429, "1"),
        16 => Fault::status(409),
        17 => Fault::status(302),
        _ => Fault::Nothing,
    }
}

/// Returns a fault for a read. Such faults delay the result, but do not make it uncertain.
fn read_fault(random: &mut Random) -> Fault {
    match random.below(12) {
        0 => Fault::ResetBefore,
        1 => Fault::status(503),
        2 => Fault::TruncatedBody,
        3 => Fault::retry_after(429, "1"),
        4 => Fault::Html(502),
        _ => Fault::Nothing,
    }
}

struct Round {
    simulator: Simulator,
    /// Whether creates are recovered.
    recovers: bool,
    tasks: usize,
    /// Makes the three providers wait for each other.
    all_reported: Barrier,
}

impl Round {
    async fn start(seed: u64, tasks: usize) -> Self {
        let simulator = Simulator::builder().strict().seed(seed).start().await.unwrap();
        let random = &mut Random::new(seed);
        let mut faults =
            |make: fn(&mut Random) -> Fault| (0..8 * tasks).map(|_| make(random)).collect::<Vec<_>>();
        for create in ["vm.create", "inferno-vps/order.create", "leaderssl-gpu/order.create"] {
            simulator.fail(create, faults(fault));
        }
        for read in ["vm.list", "inferno-vps/order.list", "server.list"] {
            simulator.fail(read, faults(read_fault));
        }
        Self { simulator, recovers: seed % 2 == 1, tasks, all_reported: Barrier::new(3) }
    }

    /// Runs all tasks, and returns their results in the order of the tasks.
    async fn reported<F>(&self, tasks: usize, buy: impl Fn(usize) -> F) -> Vec<Reported>
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        let mut set = JoinSet::new();
        (0..tasks).for_each(|number| {
            let bought = buy(number);
            set.spawn(async move { (number, Reported::of(bought.await)) });
        });
        let reported: BTreeMap<_, _> = set.join_all().await.into_iter().collect();
        reported.into_values().collect()
    }

    /// Lets slow providers finish, and removes all faults.
    async fn settle(&self) {
        self.all_reported.wait().await;
        self.simulator.clear_faults();
        tokio::time::sleep(Duration::from_secs(3_000)).await;
    }

    async fn elastis(&self) -> Books {
        let access = self.simulator.elastis();
        let elastis = Elastis::builder(access.key.as_str()).base_url(&access.base_url).no_proxy();
        // The limit is so low that some tasks never get a permit.
        let elastis = elastis.concurrency(20).build().unwrap();
        let recovers = self.recovers;
        let name = |number: usize| format!("soak-{number}");
        let reported = self
            .reported(self.tasks * 6 / 10, |number| {
                let login = Login::new("example", "Password123");
                let (system, size) = (Os::new("ubuntu", "20.04"), VmSize::new(2, 2048));
                let vm = NewVm::from_image(name(number), system, 20, size, login);
                let vm = vm.with_billing_account(BillingAccountId::new(6)).marked();
                let create = elastis.vms().create(vm);
                async move {
                    if recovers && number % 2 == 0 {
                        let Created { value, certainty, .. } = create.recover().await?;
                        Ok((value.uuid.to_string(), certainty))
                    } else {
                        Ok((create.await?.uuid.to_string(), Certainty::Confirmed))
                    }
                }
            })
            .await;
        self.settle().await;
        let vms = elastis.vms().list().await.unwrap();
        let existing: Vec<_> = vms.iter().map(|vm| vm.uuid.to_string()).collect();
        // The name of a VM identifies its task.
        for (number, reported) in reported.iter().enumerate() {
            let own = vms.iter().filter(|vm| vm.name == name(number)).map(|vm| vm.uuid.to_string());
            reported.check(&name(number), &own.collect::<Vec<_>>());
        }
        assert_eq!(self.simulator.books().created("elastis/vm"), existing.len() as u64);
        Books::of("elastis", &existing, &reported)
    }

    fn inferno_client(&self) -> inferno_vps::Client {
        let access = self.simulator.inferno();
        let client = inferno_vps::Client::builder(access.cid, access.key.as_str()).base_url(&access.base_url);
        client.no_proxy().concurrency(200).build().unwrap()
    }

    /// Orders a VPS, and returns the order's id.
    fn order_vps(&self, client: &inferno_vps::Client) -> impl Future<Output = Outcome> + Send + use<> {
        let (create, recovers) = (client.orders().create(ProductId::new(303)), self.recovers);
        async move {
            if recovers {
                let Created { value, certainty, .. } = create.recover().await?;
                Ok((value.order_id.to_string(), certainty))
            } else {
                Ok((create.await?.order_id.to_string(), Certainty::Confirmed))
            }
        }
    }

    async fn inferno(&self) -> Books {
        let client = self.inferno_client();
        let tasks = if self.recovers { self.tasks / 20 } else { self.tasks / 4 };
        let reported = self.reported(tasks, |_| self.order_vps(&client)).await;
        self.settle().await;
        let orders = client.orders().list().await.unwrap();
        let existing: Vec<_> = orders.iter().map(|order| order.id.to_string()).collect();
        assert_eq!(self.simulator.books().created("inferno-vps/order"), existing.len() as u64);
        Books::of("inferno", &existing, &reported)
    }

    fn leaderssl_client(&self) -> leaderssl_gpu::Client {
        let access = self.simulator.leaderssl();
        let client = leaderssl_gpu::Client::builder(&access.login, access.password.as_str());
        client.base_url(&access.base_url).no_proxy().concurrency(200).build().unwrap()
    }

    /// Orders a GPU server, and returns the id of the server if the order is recovered, or else that of the order.
    fn order_server(
        &self,
        client: &leaderssl_gpu::Client,
        product: leaderssl_gpu::ProductId,
    ) -> impl Future<Output = Outcome> + Send + use<> {
        let create = client.orders().create(NewOrder::new(product, leaderssl_gpu::Os::Ubuntu, 1));
        let recovers = self.recovers;
        async move {
            if recovers {
                let Created { value, certainty, .. } = create.recover().await?;
                Ok((value.server.map_or_else(String::new, |server| server.id.to_string()), certainty))
            } else {
                Ok((create.await?.order_id.to_string(), Certainty::Confirmed))
            }
        }
    }

    async fn leaderssl(&self) -> Books {
        let client = self.leaderssl_client();
        let product = free_product(&client).await;
        let before = servers(&client).await;
        let ordered_before = self.simulator.books().created("leaderssl-gpu/order");
        // An order is identified by its server. Orders that await payment have no server and can only be counted.
        self.simulator.leaderssl().set_awaits_payment(!self.recovers);
        let tasks = if self.recovers { self.tasks / 50 } else { self.tasks * 15 / 100 };
        let reported = self.reported(tasks, |_| self.order_server(&client, product)).await;
        self.settle().await;
        let existing = if self.recovers {
            servers(&client).await.into_iter().filter(|id| !before.contains(id)).collect()
        } else {
            // Orders cannot be listed, so unreported orders are counted, but have no id.
            let ordered = self.simulator.books().created("leaderssl-gpu/order") - ordered_before;
            let mut existing: Vec<String> = reported.iter().filter_map(Reported::id).cloned().collect();
            assert!(existing.len() as u64 <= ordered, "leaderssl: more purchases were reported than made");
            existing.resize(usize::try_from(ordered).unwrap(), String::from("?"));
            existing
        };
        Books::of("leaderssl", &existing, &reported)
    }
}

async fn free_product(client: &leaderssl_gpu::Client) -> leaderssl_gpu::ProductId {
    let products = client.products().list().retry(RetryPolicy::attempts(9)).await.unwrap();
    products.into_iter().find(Product::is_free_now).unwrap().id
}

async fn servers(client: &leaderssl_gpu::Client) -> Vec<String> {
    let servers = client.servers().list().retry(RetryPolicy::attempts(9)).await.unwrap();
    servers.iter().map(|server| server.id.to_string()).collect()
}

/// In an account that only one task uses, everything was bought by this task.
#[tokio::test(start_paused = true)]
async fn a_caller_learns_exactly_what_its_own_account_bought() {
    let mut unclear = [0, 0];
    for seed in 0..60 {
        let round = Round::start(seed, 1).await;
        let (inferno, leaderssl) = (round.inferno_client(), round.leaderssl_client());
        let product = free_product(&leaderssl).await;
        let before = servers(&leaderssl).await;
        let ordered = || round.simulator.books().created("leaderssl-gpu/order");
        let ordered_before = ordered();
        let reported = [
            Reported::of(round.order_vps(&inferno).await),
            Reported::of(round.order_server(&leaderssl, product).await),
        ];
        round.simulator.clear_faults();
        tokio::time::sleep(Duration::from_secs(3_000)).await;
        for (unclear, reported) in unclear.iter_mut().zip(&reported) {
            *unclear += u32::from(matches!(reported, Reported::Recovered(_) | Reported::Unknown));
        }
        let [order, server] = reported;
        let orders = inferno.orders().list().await.unwrap();
        let orders: Vec<_> = orders.iter().map(|order| order.id.to_string()).collect();
        order.check(&format!("inferno, seed {seed}"), &orders);
        let own: Vec<_> = if round.recovers {
            servers(&leaderssl).await.into_iter().filter(|id| !before.contains(id)).collect()
        } else {
            // Orders cannot be listed: only their number can be compared.
            let shown = server.id().cloned().unwrap_or_default();
            (ordered_before..ordered()).map(|_| shown.clone()).collect()
        };
        server.check(&format!("leaderssl, seed {seed}"), &own);
    }
    assert!(unclear.into_iter().all(|count| count > 5), "too few lost responses: {unclear:?}");
}

#[tokio::test(start_paused = true)]
async fn callers_learn_exactly_what_was_bought() {
    let variable = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let limit = variable("HOSTKIT_SOAK_SECONDS").map(Duration::from_secs);
    let first = variable("HOSTKIT_SOAK_SEED").unwrap_or(0);
    let tasks = if limit.is_some() { LONG } else { SHORT };
    let (begun, mut rounds) = (Instant::now(), 0);
    let mut books: BTreeMap<&str, Books> = BTreeMap::new();
    while rounds < 2 || limit.is_some_and(|limit| begun.elapsed() < limit) {
        let seed = first + rounds;
        // Printed, so that the seed can be found in the output of a failed run.
        let _ = writeln!(std::io::stdout(), "soak: HOSTKIT_SOAK_SEED={seed}, {tasks} tasks");
        let round = Round::start(seed, tasks).await;
        let (elastis, inferno, leaderssl) = tokio::join!(round.elastis(), round.inferno(), round.leaderssl());
        for (name, round) in [("elastis", elastis), ("inferno", inferno), ("leaderssl", leaderssl)] {
            books.entry(name).or_default().add(&round);
        }
        rounds += 1;
    }
    for (name, books) in &books {
        let _ = writeln!(std::io::stdout(), "soak, {rounds} rounds: {name}: {books:?}");
        assert!(
            books.reported_bought > 0 && books.recovered + books.unknown > 0,
            "{name}: too few purchases or faults to prove anything: {books:?}"
        );
    }
}

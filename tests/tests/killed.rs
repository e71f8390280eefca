//! Kills real programs at every point of a create or a rental, and checks what the programs find when they start again.
//!
//! Each program is this test, run in a child process. It reports each step on its standard output and waits for a line
//! on its standard input, so that the test can kill it at exactly that step. During calls to the provider, the
//! simulator's log shows how far the program has come. The test stores the program's tickets.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "test helpers")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};
use std::time::Duration;

use elastis_core::{Elastis, Login, NewVm, Os, VmSize};
use elastis_network::ElastisNetwork;
use hostkit_simulator::{Boot, Fault, Simulator};
use hostkit_tests::child;
use http_core::recovery::Ticket;
use inferno_vps::ProductId;
use leaderssl_gpu::{NewOrder, Product, Server, ServerId, ServerStatus};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// The environment variable with the name of the program that a child process runs.
const PROGRAM: &str = "KILLED_PROGRAM";
/// The environment variables with the provider's base URL and with the program's arguments.
const BASE_URL: &str = "KILLED_BASE_URL";
const WITH: &str = "KILLED_WITH";
/// The character that precedes each step that the program reports.
const STEP: char = '@';
/// The product that the program orders.
const PRODUCT: ProductId = ProductId::new(303);
const HOUR: Duration = Duration::from_secs(3_600);

/// The point at which the program is killed.
#[derive(Clone, Copy, Debug)]
enum Point {
    /// After the program has reported this step.
    Step(&'static str),
    /// After the provider has received this many requests for an operation.
    Request(&'static str, usize),
}

/// A running program.
struct Program {
    child: Child,
    steps: UnboundedReceiver<String>,
}

impl Program {
    fn start(name: &str, base_url: &str, with: &[&str]) -> Self {
        let mut child = child::command("one_program")
            .env(PROGRAM, name)
            .env(BASE_URL, base_url)
            .env(WITH, with.join(" "))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, steps) = unbounded_channel();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some((_, step)) = line.split_once(STEP) {
                    drop(sender.send(step.to_owned()));
                }
            }
        });
        Self { child, steps }
    }

    /// Lets the program run up to the point, and kills it there. Returns the ticket that it has stored, if any.
    async fn kill_at(mut self, point: Point, simulator: &Simulator) -> Option<String> {
        let mut stored = None;
        loop {
            if matches!(point, Point::Request(operation, count) if simulator.count(operation) >= count) {
                break;
            }
            if let Ok(step) = self.steps.try_recv() {
                if let Some(ticket) = step.strip_prefix("stored ") {
                    stored = Some(ticket.to_owned());
                }
                if matches!(point, Point::Step(at) if step.starts_with(at)) {
                    break;
                }
                self.child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
            }
            assert!(
                self.child.try_wait().unwrap().is_none(),
                "{point:?}: the program ended before it was killed"
            );
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // On Unix, this sends SIGKILL.
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        stored
    }
}

/// Reports a step, and waits until the test lets the program continue.
fn reached(step: &str) {
    println!("{STEP}{step}");
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

#[tokio::test]
#[ignore = "the other tests run it in a child process"]
async fn one_program() {
    let Ok(name) = std::env::var(PROGRAM) else { return };
    let (base_url, with) = (std::env::var(BASE_URL).unwrap(), std::env::var(WITH).unwrap());
    let with: Vec<_> = with.split(' ').collect();
    if name == "while_running" {
        let [login, password, id] = with[..] else { panic!("{with:?}") };
        let client = gpu(&base_url, login, password);
        reached("stored ");
        let works = async |_: &Server| {
            reached("works");
            Ok::<_, String>(())
        };
        client.servers().while_running(id.parse().unwrap(), works).await.unwrap();
        reached("ended");
        return;
    }
    let [key, account] = with[..] else { panic!("{with:?}") };
    if name == "order" {
        let noted = inferno(&base_url, key, account).orders().create(PRODUCT).recover().note().await.unwrap();
        reached("noted");
        reached(&format!("stored {}", serde_json::to_string(noted.ticket()).unwrap()));
        noted.await.unwrap();
        reached("created");
        return;
    }
    let elastis = elastis(&base_url, key);
    let login = Login::new("example", "Password123");
    let new = NewVm::from_image("web-1", Os::new("ubuntu", "20.04"), 20, VmSize::new(2, 2048), login)
        .with_billing_account(account.parse().unwrap())
        .with_public_ip()
        .marked();
    let noted = elastis.vms().create(new).recover().note().await.unwrap();
    reached("noted");
    reached(&format!("stored {}", serde_json::to_string(noted.ticket()).unwrap()));
    if name == "create" {
        noted.await.unwrap();
        reached("created");
        return;
    }
    let works = async |_: &elastis_core::Vm| {
        reached("works");
        Ok::<_, String>(())
    };
    elastis.while_rented(noted, works).await.unwrap();
    reached("ended");
}

fn elastis(base_url: &str, key: &str) -> Elastis {
    Elastis::builder(key).base_url(base_url).no_proxy().build().unwrap()
}

fn inferno(base_url: &str, key: &str, cid: &str) -> inferno_vps::Client {
    let client = inferno_vps::Client::builder(cid.parse::<u64>().unwrap(), key);
    client.base_url(base_url).no_proxy().build().unwrap()
}

fn gpu(base_url: &str, login: &str, password: &str) -> leaderssl_gpu::Client {
    leaderssl_gpu::Client::builder(login, password).base_url(base_url).no_proxy().build().unwrap()
}

/// Returns the points at which a program is killed during a create, each with the fault that affects the create
/// request. `search` is the point at which the program searches for the created resource.
fn points_of_create(create: &'static str, search: Point) -> Vec<(Point, Fault)> {
    let sent = Point::Request(create, 1);
    vec![
        (Point::Step("noted"), Fault::Nothing),
        (Point::Step("stored"), Fault::Nothing),
        // Before the provider processes the request, which it does later or never.
        (sent, Fault::SlowProcessing(HOUR)),
        (sent, Fault::ResetThenProcessed(Boot::After(HOUR))),
        (sent, Fault::ResetBefore),
        // After the provider has processed the request.
        (sent, Fault::Latency(HOUR)),
        (sent, Fault::StalledBody),
        (sent, Fault::ResetAfter),
        // While the program searches for the created resource.
        (search, Fault::ResetThenProcessed(Boot::After(HOUR))),
    ]
}

fn points_of_vm() -> Vec<(Point, Fault)> {
    points_of_create("vm.create", Point::Request("vm.list", 1))
}

/// Runs a program that needs a VM, kills it, and lets the provider finish what it has started.
async fn kill_on_elastis(name: &str, point: Point, faults: &[(&str, Fault)]) -> (Simulator, Option<Ticket>) {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let access = simulator.elastis();
    for (operation, fault) in faults {
        simulator.fail(operation, fault.clone());
    }
    let account = access.billing_accounts[0].to_string();
    let program = Program::start(name, &access.base_url, &[&access.key, &account]);
    let stored = program.kill_at(point, &simulator).await;
    // From here on, no process is running, so the time can be paused.
    tokio::time::pause();
    tokio::time::sleep(2 * HOUR).await;
    simulator.clock().advance(2 * HOUR);
    simulator.clear_faults();
    (simulator, stored.map(|ticket| serde_json::from_str(&ticket).unwrap()))
}

#[tokio::test]
async fn the_next_start_finds_the_vm_that_a_killed_program_created() {
    let created = (Point::Step("created"), Fault::Nothing);
    let mut found = 0;
    for (point, fault) in points_of_vm().into_iter().chain([created]) {
        let case = format!("{point:?}, {fault:?}");
        let (simulator, ticket) = kill_on_elastis("create", point, &[("vm.create", fault)]).await;
        let access = simulator.elastis();
        let vms = elastis(&access.base_url, &access.key).vms();
        let found_now = match &ticket {
            Some(ticket) => Some(vms.find_created(ticket).await),
            None => None,
        };
        let books = simulator.books();
        let billed: Vec<_> = books.billed("elastis/vm").iter().map(|row| row.id.clone()).collect();
        match found_now {
            Some(Ok(created)) => assert_eq!(billed, [created.value.uuid.to_string()], "{case}"),
            Some(Err(error)) => assert!(billed.is_empty() && error.is_outcome_unknown(), "{case}: {error}"),
            None => assert!(billed.is_empty(), "{case}: the request was sent before the ticket was stored"),
        }
        assert_eq!(books.created("elastis/vm"), billed.len() as u64, "{case}");
        found += billed.len();
        tokio::time::resume();
    }
    assert!(found >= 6, "{found}");
}

#[tokio::test]
async fn the_next_start_finds_the_order_of_a_killed_program() {
    const CREATE: &str = "inferno-vps/order.create";
    let created = (Point::Step("created"), Fault::Nothing);
    let mut found = 0;
    // One list request precedes the create.
    let points = points_of_create(CREATE, Point::Request("inferno-vps/order.list", 2));
    for (point, fault) in points.into_iter().chain([created]) {
        let case = format!("{point:?}, {fault:?}");
        let simulator = Simulator::builder().strict().start().await.unwrap();
        let access = simulator.inferno();
        simulator.fail(CREATE, fault);
        let cid = access.cid.to_string();
        let program = Program::start("order", &access.base_url, &[&access.key, &cid]);
        let stored = program.kill_at(point, &simulator).await;
        tokio::time::pause();
        tokio::time::sleep(2 * HOUR).await;
        simulator.clock().advance(2 * HOUR);
        let orders = inferno(&access.base_url, &access.key, &cid).orders();
        let mut known = None;
        if let Some(ticket) = stored {
            match orders.find_created(&serde_json::from_str(&ticket).unwrap()).await {
                Ok(created) => known = Some(created.value.order_id),
                Err(error) => assert!(error.is_outcome_unknown(), "{case}: {error}"),
            }
        }
        let existing: Vec<_> = orders.list().await.unwrap().iter().map(|order| order.id).collect();
        assert_eq!(existing, known.into_iter().collect::<Vec<_>>(), "{case}");
        assert_eq!(simulator.books().created("inferno-vps/order"), existing.len() as u64, "{case}");
        found += existing.len();
        tokio::time::resume();
    }
    assert!(found >= 6, "{found}");
}

#[tokio::test]
async fn the_next_start_ends_the_rental_of_a_killed_program() {
    let mut points: Vec<_> =
        points_of_vm().into_iter().map(|(point, fault)| (point, vec![("vm.create", fault)])).collect();
    points.push((Point::Step("works"), Vec::new()));
    // The provider may refuse to rename an address, or to delete one that is assigned.
    let rejections = ["floating_ip.update", "floating_ip.delete"].map(|name| (name, Fault::status(409)));
    let slow = [Fault::SlowProcessing(HOUR), Fault::ResetBefore, Fault::Latency(HOUR), Fault::ResetAfter];
    for rejection in &rejections {
        for fault in &slow {
            let number = if rejection.0 == "floating_ip.delete" { 2 } else { 1 };
            for (operation, number) in [("vm.delete", 1), ("floating_ip.delete", number)] {
                let faults = vec![rejection.clone(), (operation, fault.clone())];
                points.push((Point::Request(operation, number), faults));
            }
        }
    }
    points.push((Point::Request("floating_ip.get", 1), vec![rejections[1].clone()]));
    let mut ended = 0;
    for (point, faults) in points {
        let case = format!("{point:?}, {faults:?}");
        let (simulator, ticket) = kill_on_elastis("while_rented", point, &faults).await;
        let access = simulator.elastis();
        let elastis = elastis(&access.base_url, &access.key);
        if let Some(ticket) = &ticket {
            match elastis.end_rented(ticket).await {
                Ok(()) => ended += 1,
                // The VM is already deleted, or was never created.
                Err(error) => assert!(error.is_outcome_unknown(), "{case}: {error}"),
            }
        }
        let books = simulator.books();
        let (left, bought) = (books.billed("elastis/*"), books.created("elastis/vm"));
        assert!(left.is_empty(), "{case}: {left:?}");
        assert!(bought <= 1 && (ticket.is_some() || bought == 0), "{case}: {bought} bought");
        tokio::time::resume();
    }
    assert!(ended >= 7, "{ended}");
}

#[tokio::test]
async fn the_next_start_stops_the_server_that_a_killed_program_started() {
    let (starting, stopping) = (Point::Request("server.start", 1), Point::Request("server.stop", 1));
    let slow = [Fault::SlowProcessing(HOUR), Fault::Latency(HOUR), Fault::StalledBody];
    let points = [(Point::Step("stored"), Fault::Nothing), (Point::Step("works"), Fault::Nothing)];
    let points = points.into_iter();
    let points =
        points.chain([starting, stopping].into_iter().flat_map(|at| slow.clone().map(|it| (at, it))));
    for (point, fault) in points {
        let case = format!("{point:?}, {fault:?}");
        let simulator = Simulator::builder().strict().start().await.unwrap();
        let access = simulator.leaderssl();
        let client = gpu(&access.base_url, &access.login, &access.password);
        let products = client.products().list().await.unwrap();
        let product = products.into_iter().find(Product::is_free_now).unwrap().id;
        client.orders().create(NewOrder::new(product, leaderssl_gpu::Os::Ubuntu, 1)).await.unwrap();
        let id: ServerId = client.servers().list().await.unwrap().pop().unwrap().id;
        let operation =
            if matches!(point, Point::Request("server.start", _)) { "server.start" } else { "server.stop" };
        simulator.fail(operation, fault);
        let with = [access.login.as_str(), &access.password, &id.to_string()];
        Program::start("while_running", &access.base_url, &with).kill_at(point, &simulator).await;
        tokio::time::pause();
        tokio::time::sleep(2 * HOUR).await;
        simulator.clear_faults();
        let next = gpu(&access.base_url, &access.login, &access.password);
        next.servers().rental(id).unwrap().end().await.unwrap();
        let status = next.servers().get(id).await.unwrap().status;
        assert_eq!(status, ServerStatus::Available, "{case}");
        let books = simulator.books();
        let is_billed = books.billed("leaderssl-gpu/server").iter().any(|row| row.id == id.to_string());
        assert!(!is_billed, "{case}: {books:?}");
        tokio::time::resume();
    }
}

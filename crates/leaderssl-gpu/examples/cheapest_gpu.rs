//! Rents the GPU server on which three hours cost least among those that are free: orders it, starts it, lets
//! it work, and stops it again.
//!
//! ```text
//! cargo run -p leaderssl-gpu --example cheapest_gpu
//! ```
//!
//! runs against the simulator, whose hours pass at once. With `LEADERSSL_LOGIN` and `LEADERSSL_PASSWORD` in the
//! environment the provider is asked, and nothing is ordered but by `-- --spend`, **which costs money**.
#![allow(clippy::print_stdout)]

use std::collections::HashSet;
use std::error::Error;
use std::time::Duration;

use hostkit_simulator::{Boot, Simulator};
use leaderssl_gpu::{Client, NewOrder, Os, Server};
use tokio::time::Instant;

const JOB: Duration = Duration::from_secs(3 * 3600);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (client, simulator) = connect().await?;

    // A machine is offered per minute, day, week and month: what counts is what the whole job costs.
    let products = client.products().list().await?;
    let mut offers: Vec<_> = products
        .iter()
        .filter(|product| product.is_free_now() && product.currency == "EUR")
        .filter(|product| product.os.is_empty() || product.os.contains(&Os::Ubuntu))
        .filter_map(|product| Some((product.cost_of(JOB)?, product)))
        .collect();
    offers.sort_by_key(|((_, cost), _)| *cost);
    println!("Three hours on each machine that is free:");
    for ((periods, cost), product) in &offers {
        println!("{cost:>8.2} EUR for {periods:>3} x {:6} {}", product.period_type, product.name);
    }
    let Some(((periods, cost), product)) = offers.first() else { return Err("no machine is free".into()) };
    if simulator.is_none() && !std::env::args().any(|argument| argument == "--spend") {
        println!("With --spend I would order {} for {cost} EUR.", product.name);
        return Ok(());
    }

    // The reply to an order does not tell the server, so it is the one that was not there before.
    let before: HashSet<_> = client.servers().list().await?.iter().map(|server| server.id).collect();
    let order = client.orders().create(NewOrder::new(product.id, Os::Ubuntu, *periods)).await?;
    println!("Order {} of {}", order.order_id, product.name);
    let servers = client.servers().list().await?;
    let server = servers.iter().find(|server| !before.contains(&server.id));
    let id = server.ok_or("the server comes when the order is paid; then start it on the website")?.id;

    client.servers().wait(id).until(Server::can_start).timeout(JOB).await?;
    client.servers().start(id).await?;
    let started = Instant::now();
    let mut states = client.servers().wait(id).until(Server::is_running).states();
    while let Some(server) = states.next().await {
        let server = server?;
        println!("{:>4} s: server {id} at {} is {}", started.elapsed().as_secs(), server.ip, server.status);
    }

    tokio::time::sleep(JOB).await;
    client.servers().stop(id).await?;
    let server = client.servers().get(id).await?;
    println!("Server {id} is {} after {} minutes", server.status, server.total_uptime().as_secs() / 60);
    Ok(())
}

/// The provider, where the environment has credentials; else the simulator, where time passes at once.
async fn connect() -> Result<(Client, Option<Simulator>), Box<dyn Error>> {
    if std::env::var_os("LEADERSSL_LOGIN").is_some() {
        return Ok((Client::from_env()?, None));
    }
    tokio::time::pause();
    let simulator = Simulator::builder().boot(Boot::After(Duration::from_secs(40))).start().await?;
    let account = simulator.leaderssl();
    let client =
        Client::builder(&account.login, account.password.as_str()).base_url(&account.base_url).build()?;
    Ok((client, Some(simulator)))
}

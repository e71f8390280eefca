//! Rents the free GPU server with the lowest cost of three hours: orders it, starts it, works on it, and stops it again,
//! also after an error, a panic, Ctrl-C or SIGTERM.
//!
//! ```text
//! cargo run -p leaderssl-gpu --features signal --example cheapest_gpu
//! ```
//!
//! runs against the simulator, whose hours pass at once. With `LEADERSSL_LOGIN` and `LEADERSSL_PASSWORD` in the
//! environment it runs against the provider, and orders only with `-- --spend`, **which costs money**.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::Duration;

use hostkit_simulator::{Boot, Simulator};
use leaderssl_gpu::rental::until_signal;
use leaderssl_gpu::{Client, NewOrder, Os, Server};

const JOB: Duration = Duration::from_secs(3 * 3600);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (client, simulator) = connect().await?;
    let may_spend = simulator.is_some() || std::env::args().any(|argument| argument == "--spend");
    run(&client, may_spend).await
}

pub(crate) async fn run(client: &Client, may_spend: bool) -> Result<(), Box<dyn Error>> {
    // A GPU server is offered by the minute, day, week and month: compare the cost of the whole job.
    let products = client.products().list().await?;
    let mut offers: Vec<_> = products
        .iter()
        .filter(|product| product.is_free_now() && product.currency == "EUR")
        .filter(|product| product.os.is_empty() || product.os.contains(&Os::Ubuntu))
        .filter_map(|product| Some((product.cost_of(JOB)?, product)))
        .collect();
    offers.sort_by_key(|((_, cost), _)| *cost);
    println!("Three hours on each server that is free:");
    for ((periods, cost), product) in &offers {
        println!("{cost:>8.2} EUR for {periods:>3} x {:6} {}", product.period_type, product.name);
    }
    let Some(((periods, cost), product)) = offers.first() else { return Err("no server is free".into()) };
    if !may_spend {
        println!("With --spend I would order {} for {cost} EUR.", product.name);
        return Ok(());
    }

    // `recover` finds the server also if the response is lost or the program is interrupted while it waits.
    let order = NewOrder::new(product.id, Os::Ubuntu, *periods);
    let noted = client.orders().create(order).recover().note().await?;
    let ticket = noted.ticket().clone();
    let work = async {
        // An order that is not paid yet has no server.
        let server = noted.await?.value.server;
        let id = server.ok_or("the server comes when the order is paid; then start it on the website")?.id;
        println!("Server {id} of {}", product.name);
        client.servers().wait(id).until(Server::can_start).timeout(JOB).await?;
        // The server is billed while it runs: it is stopped after the work, an error or a panic, and on Ctrl-C.
        let rented = client.servers().while_running(id, async |server| {
            println!("Server {id} at {} is {}", server.ip, server.status);
            tokio::time::sleep(JOB).await;
            Ok::<_, Box<dyn Error>>(())
        });
        rented.await.map_err(|error| format!("server {id}: {error}"))?;
        Ok::<_, Box<dyn Error>>(id)
    };
    let worked = until_signal(work, Duration::from_secs(600)).await;
    let id = match worked {
        Ok(worked) => worked?,
        Err(interrupted) => {
            if let Some(server) = client.orders().find_created(&ticket).await?.value.server {
                println!("Server {} was ordered, and is {}", server.id, server.status);
            }
            return Err(interrupted.into());
        }
    };
    let server = client.servers().get(id).await?;
    println!("Server {id} is {} after {} minutes", server.status, server.total_uptime().as_secs() / 60);
    Ok(())
}

/// Connects to the provider if the environment has credentials, otherwise to the simulator, where time passes at once.
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

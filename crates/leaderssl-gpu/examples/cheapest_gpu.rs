//! Rents the available GPU server on which three hours cost the least: orders it, starts it, works on it, and stops it
//! again, even after an error, a panic, Ctrl-C or SIGTERM.
//!
//! ```text
//! cargo run -p leaderssl-gpu --features signal --example cheapest_gpu
//! ```
//!
//! This runs the example against the simulator, where hours pass immediately. With `LEADERSSL_LOGIN` and
//! `LEADERSSL_PASSWORD` in the environment, the example runs against the provider, and orders a server only with
//! `-- --spend`, **which costs money**.
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
    // GPU servers are offered by the minute, day, week and month, so compare the cost of the whole job.
    let products = client.products().list().await?;
    let mut offers: Vec<_> = products
        .iter()
        .filter(|product| product.is_free_now() && product.currency == "EUR")
        .filter(|product| product.os.is_empty() || product.os.contains(&Os::Ubuntu))
        .filter_map(|product| Some((product.cost_of(JOB)?, product)))
        .collect();
    offers.sort_by_key(|((_, cost), _)| *cost);
    println!("Cost of three hours on each available server:");
    for ((periods, cost), product) in &offers {
        println!("{cost:>8.2} EUR for {periods:>3} x {:6} {}", product.period_type, product.name);
    }
    let Some(((periods, cost), product)) = offers.first() else {
        return Err("no server is available".into());
    };
    if !may_spend {
        println!("With --spend I would order {} for {cost} EUR.", product.name);
        return Ok(());
    }

    // `recover` finds the server even if the response is lost, and the ticket finds it after an interruption.
    let order = NewOrder::new(product.id, Os::Ubuntu, *periods);
    let noted = client.orders().create(order).recover().note().await?;
    let ticket = noted.ticket().clone();
    let work = async {
        // An order that is not paid yet has no server.
        let server = noted.await?.value.server;
        let id = server.ok_or("there is no server until the order is paid; start it on the website then")?.id;
        println!("Server {id} of {}", product.name);
        client.servers().wait(id).until(Server::can_start).timeout(JOB).await?;
        // You are billed while the server runs. It is stopped after the work, an error or a panic, and on Ctrl-C.
        let rented = client.servers().while_running(id, async |server| {
            println!("Server {id} at {:?} is {}", server.address(), server.status);
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

/// Connects to the provider if the environment contains credentials. Otherwise connects to the simulator, where hours
/// pass immediately.
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

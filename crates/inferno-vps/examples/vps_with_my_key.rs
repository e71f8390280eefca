//! Orders the cheapest VPS, checks the installation before running it, installs the VPS with an SSH key, and then
//! reinstalls it with another operating system.
//!
//! ```text
//! cargo run -p inferno-vps --example vps_with_my_key
//! ```
//!
//! This runs the example against the simulator, where minutes pass immediately. With `INFERNO_CID` and
//! `INFERNO_API_KEY` in the environment, the example runs against the provider, and orders a VPS only with
//! `-- --spend`, **which costs money**. The key is then read from `SSH_PUBLIC_KEY`, e.g.
//! `SSH_PUBLIC_KEY="$(cat ~/.ssh/id_ed25519.pub)"`.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::Duration;

use hostkit_simulator::{Boot, Simulator};
use inferno_vps::{Client, Install, Order, VpsInfo};

const SAMPLE_KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMadeUpForTheSimulator0000000000000000000 me@laptop";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (client, simulator) = connect().await?;
    let may_spend = simulator.is_some() || std::env::args().any(|argument| argument == "--spend");
    run(&client, simulator.as_ref(), may_spend).await
}

pub(crate) async fn run(
    client: &Client,
    simulator: Option<&Simulator>,
    may_spend: bool,
) -> Result<(), Box<dyn Error>> {
    let catalog = client.catalog().await?;
    let priced = catalog.products.iter().filter_map(|product| Some((product.price?, product)));
    let (price, product) =
        priced.min_by_key(|(price, _)| *price).ok_or("there is no product with a price")?;
    println!("Cheapest: {} for {price} a month", product.name.as_deref().unwrap_or("a product"));
    let template = |system: &str| {
        let mut names = catalog.templates.iter().map(|template| template.name.clone());
        names
            .find(|name| name.as_str().starts_with(system))
            .ok_or(format!("there is no template for {system}"))
    };
    let (first, second) = (template("debian")?, template("ubuntu")?);
    if !may_spend {
        println!(
            "With --spend I would order it, install {first} with your key, and reinstall it with {second}."
        );
        return Ok(());
    }

    let public_key = match (std::env::var("SSH_PUBLIC_KEY"), simulator) {
        (Err(_), Some(_)) => SAMPLE_KEY.to_owned(),
        (key, _) => key.map_err(|_| "set SSH_PUBLIC_KEY to your public key")?,
    };
    let key = client.ssh_keys().add(&public_key).recover().await?.value;

    // `recover` finds the order even if the response is lost.
    let order = client.orders().create(product.pid).recover().await?.value;
    let id = order.order_id;
    if let Some(invoice) = order.invoice_id {
        println!("Order {id} waits until invoice {invoice} is paid");
    }
    if let Some(simulator) = simulator {
        simulator.inferno().pay_order(id.get());
    }
    // From here on, you are billed for the order, even if the installation fails.
    let [first, second] = [first, second].map(|template| Install::new(id, template).with_ssh_keys([key.id]));
    install(client, &first, &second).await.map_err(|error| format!("order {id} is billed: {error}").into())
}

async fn install(client: &Client, first: &Install, second: &Install) -> Result<(), Box<dyn Error>> {
    let paid = client.orders().wait(first.order).until(Order::is_active);
    paid.timeout(Duration::from_secs(24 * 3600)).await?;

    // The check fails for the same reasons as the installation, and changes nothing.
    client.vps().check_install(first).await?;
    // `recover` finds the VPS even if the response is lost.
    client.vps().install(first).recover().await?;
    until_it_is_on(client, first).await?;

    client.vps().check_reinstall(second).await?;
    client.vps().reinstall(second).await?;
    until_it_is_on(client, second).await
}

async fn until_it_is_on(client: &Client, install: &Install) -> Result<(), Box<dyn Error>> {
    let vps = client
        .vps()
        .wait(install.order)
        .until(VpsInfo::is_running)
        .timeout(Duration::from_secs(1800))
        .await?;
    if let Some(address) = vps.address() {
        println!("{} is installed: ssh root@{address}", install.template);
    }
    Ok(())
}

/// Connects to the provider if the environment contains credentials. Otherwise connects to the simulator, where minutes
/// pass immediately.
async fn connect() -> Result<(Client, Option<Simulator>), Box<dyn Error>> {
    if std::env::var_os("INFERNO_API_KEY").is_some() {
        return Ok((Client::from_env()?, None));
    }
    tokio::time::pause();
    let simulator = Simulator::builder().boot(Boot::After(Duration::from_secs(180))).start().await?;
    let access = simulator.inferno();
    let client = Client::builder(access.cid, access.key.as_str()).base_url(&access.base_url).build()?;
    Ok((client, Some(simulator)))
}

//! Lists the servers at all three providers in a program without `async`: every call ends with `send_blocking()`.
//!
//! ```text
//! cargo run -p hostkit --example blocking --features blocking
//! ```
//!
//! This runs the example against the simulator. If the environment contains a provider's credentials
//! (`LEADERSSL_LOGIN` and `LEADERSSL_PASSWORD`; `INFERNO_CID` and `INFERNO_API_KEY`; `ELASTIS_API_KEY`), the example
//! lists the servers at that provider instead. It changes nothing.
#![allow(clippy::print_stdout)]

use std::env;

use hostkit::inferno_vps::Install;
use hostkit::prelude::*;
use hostkit_simulator::Simulator;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let accounts = connect()?;
    println!("{:10} {:22} {:12} ADDRESS", "PROVIDER", "NAME", "STATE");

    // A provider that fails does not hide the others.
    let reports = [
        ("LeaderSSL", accounts.leaderssl.map(|client| gpu_servers(&client))),
        ("Inferno", accounts.inferno.map(|client| vps(&client))),
        ("elastis", accounts.elastis.map(|client| vms(&client))),
    ];
    for (provider, report) in reports {
        match report {
            None => {}
            Some(Err(error)) => println!("{provider:10} {error}"),
            Some(Ok(rows)) => {
                for [name, state, address] in rows {
                    println!("{provider:10} {name:22} {state:12} {address}");
                }
            }
        }
    }
    Ok(())
}

/// The name, state and address of a server.
type Row = [String; 3];

fn gpu_servers(client: &leaderssl_gpu::Client) -> Result<Vec<Row>, Error> {
    let servers = client.servers().list().send_blocking()?;
    let row = |server: &leaderssl_gpu::Server| {
        [format!("server {}", server.id), server.status.to_string(), known(server.address())]
    };
    Ok(servers.iter().map(row).collect())
}

fn vps(client: &inferno_vps::Client) -> Result<Vec<Row>, Error> {
    let orders = client.orders().list().send_blocking()?;
    let paid = orders.into_iter().filter(inferno_vps::Order::is_active);
    paid.map(|order| {
        let vps = client.vps().get(order.id).send_blocking()?;
        Ok([format!("order {}", order.id), known(vps.state()), known(vps.address())])
    })
    .collect()
}

fn vms(client: &Elastis) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    for there in client.in_all_locations(|elastis| elastis.vms().list()).send_blocking()? {
        let slug = there.slug().to_owned();
        for vm in there.result? {
            let name = format!("{} in {slug}", vm.name);
            rows.push([name, vm.status.to_string(), known(vm.public_ipv4.or(vm.private_ipv4))]);
        }
    }
    Ok(rows)
}

fn known(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

#[derive(Default)]
struct Accounts {
    leaderssl: Option<leaderssl_gpu::Client>,
    inferno: Option<inferno_vps::Client>,
    elastis: Option<Elastis>,
    _simulator: Option<(Simulator, tokio::runtime::Runtime)>,
}

/// Connects to each provider whose credentials are in the environment; if there are none, connects to a simulator on
/// its own thread.
fn connect() -> Result<Accounts, Box<dyn std::error::Error>> {
    let has = |name| env::var_os(name).is_some();
    if has("LEADERSSL_LOGIN") || has("INFERNO_API_KEY") || has("ELASTIS_API_KEY") {
        return Ok(Accounts {
            leaderssl: has("LEADERSSL_LOGIN").then(leaderssl_gpu::Client::from_env).transpose()?,
            inferno: has("INFERNO_API_KEY").then(inferno_vps::Client::from_env).transpose()?,
            elastis: has("ELASTIS_API_KEY").then(Elastis::from_env).transpose()?,
            _simulator: None,
        });
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let simulator = runtime.block_on(Simulator::start())?;

    let access = simulator.leaderssl();
    let leaderssl = leaderssl_gpu::Client::builder(&access.login, access.password.as_str());
    let leaderssl = leaderssl.base_url(&access.base_url).build()?;

    let access = simulator.inferno();
    access.set_pays_from_balance(true);
    let inferno = inferno_vps::Client::builder(access.cid, access.key.as_str());
    let inferno = inferno.base_url(&access.base_url).build()?;
    let order = inferno.orders().create(303.into()).send_blocking()?.order_id;
    inferno.vps().install(&Install::new(order, "debian12-64-default")).send_blocking()?;

    let access = simulator.elastis();
    let elastis = Elastis::builder(access.key.as_str()).base_url(&access.base_url).build()?;
    let (os, size) = (elastis_core::Os::new("ubuntu", "22.04-lts"), elastis_core::VmSize::new(1, 1024));
    let login = elastis_core::Login::new("example", "Password123");
    let vm = elastis_core::NewVm::from_image("web-1", os, 20, size, login);
    elastis.vms().create(vm.with_billing_account(access.billing_accounts[0].into())).send_blocking()?;

    Ok(Accounts {
        leaderssl: Some(leaderssl),
        inferno: Some(inferno),
        elastis: Some(elastis),
        _simulator: Some((simulator, runtime)),
    })
}

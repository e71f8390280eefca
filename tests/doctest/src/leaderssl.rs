use hostkit_simulator::Simulator;
use leaderssl_gpu::{Client, Error, NewOrder, SecretString, Server};

use crate::{ExampleResult, run};

fn client(simulator: &Simulator) -> Result<Client, Error> {
    let account = simulator.leaderssl();
    Client::builder(account.login, account.password).base_url(account.base_url).no_proxy().build()
}

/// Runs an example with a client.
#[track_caller]
pub fn leaderssl(example: impl AsyncFnOnce(Client) -> ExampleResult) {
    run(async |simulator| example(client(&simulator)?).await);
}

/// Runs an example with a client, and the login and password of its account.
#[track_caller]
pub fn leaderssl_login(example: impl AsyncFnOnce(Client, String, SecretString) -> ExampleResult) {
    run(async |simulator| {
        let account = simulator.leaderssl();
        example(client(&simulator)?, account.login, account.password.into()).await
    });
}

/// Runs an example with a client and a running server that can be suspended.
#[track_caller]
pub fn leaderssl_server(example: impl AsyncFnOnce(Client, Server) -> ExampleResult) {
    run(async |simulator| {
        let client = client(&simulator)?;
        let products = client.products().list().await?;
        let product = products.iter().find(|product| product.is_free_now()).ok_or("no product is free")?;
        let os = product.os.first().ok_or("the product has no operating system")?.clone();
        client.orders().create(NewOrder::new(product.id, os, 1)).await?;
        let server = client.servers().list().await?.pop().ok_or("no server")?;
        client.servers().start(server.id).await?;
        let server = client.servers().get(server.id).await?;
        example(client, server).await
    });
}

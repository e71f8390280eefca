//! Replays every fixture through the method of its operation.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use hostkit_simulator::Simulator;
use hostkit_tests::replay::{Arguments, CREDENTIAL, Exchange, Replayed};
use leaderssl_gpu::http_core::ExposeSecret;
use leaderssl_gpu::{Client, Error, NewOrder, SecretString, UserId};

hostkit_tests::every_operation!("leaderssl-gpu", leaderssl_gpu::OPERATIONS, ask, arrange);

async fn ask(exchange: Exchange) -> Replayed {
    let token = SecretString::from(exchange.credential("<auth-token:1>"));
    let builder = Client::token_builder(UserId::new(1703), token).base_url(exchange.base_url()).no_proxy();
    let client = builder.build().unwrap();
    let id = || exchange.argument("id");
    match exchange.operation() {
        "auth.sign_in" => {
            let login = exchange.argument::<String>("login");
            let call = client.auth().sign_in(login, exchange.secret("password"));
            exchange.call(call).await
        }
        "product.list" => exchange.call(client.products().list()).await,
        "order.create" => {
            let product = exchange.argument("nomenclature_id");
            let order = NewOrder::new(product, exchange.argument("os"), exchange.argument("period_count"));
            exchange.call(client.orders().create(order)).await
        }
        "server.list" => exchange.call(client.servers().list()).await,
        "server.start" => exchange.call(client.servers().start(id())).await,
        "server.stop" => exchange.call(client.servers().stop(id())).await,
        "server.suspend" => exchange.call(client.servers().suspend(id())).await,
        "server.resume" => exchange.call(client.servers().resume(id())).await,
        _ => exchange.unknown(),
    }
}

async fn arrange(simulator: &Simulator, operation: &'static str) -> Result<Arguments, Error> {
    let account = simulator.leaderssl();
    let builder = Client::builder(account.login.clone(), account.password.clone());
    let client = builder.base_url(account.base_url).no_proxy().build()?;
    let servers = client.servers();
    let products = client.products().list().await?;
    let product = products.iter().find(|product| product.is_free_now()).unwrap();
    let order = NewOrder::new(product.id, product.os[0].clone(), 1);
    let id = client.orders().create(order).recover().await?.value.server.unwrap().id;
    if operation != "server.start" {
        servers.start_and_wait(id).await?;
    }
    if operation == "server.resume" {
        servers.suspend(id).await?;
    }
    let token = client.auth().sign_in(account.login, account.password).await?;
    Ok([(CREDENTIAL, token.auth_token.expose_secret().to_owned()), ("id", id.to_string())].into())
}

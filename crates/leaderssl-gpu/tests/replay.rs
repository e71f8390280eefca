//! Replays every fixture through the method of its operation.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use hostkit_tests::replay::{Exchange, Replayed};
use leaderssl_gpu::{Client, NewOrder, SecretString, UserId};

hostkit_tests::every_operation!("leaderssl-gpu", ask);

async fn ask(exchange: Exchange) -> Replayed {
    let token = SecretString::from("<auth-token:1>");
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

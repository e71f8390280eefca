//! Rents a GPU server, and starts, suspends, resumes and stops it.

use std::time::Duration;

use http_core::Error;
use http_core::wire::Decimal;
use leaderssl_gpu::{Client, NewOrder, Os, Product, Server, ServerId};

use super::Depth;
use super::printer::Printer;
use crate::out::counted;

/// The time for which the GPU server is needed.
const JOB: Duration = Duration::from_secs(3 * 3600);

pub(super) async fn run(client: &Client, depth: Depth, printer: &mut Printer) -> Result<(), Error> {
    let products = printer
        .step("sign in, list the products", client.products().list(), |products| {
            let free = products.iter().filter(|product| product.is_free_now()).count();
            format!("{}, {free} of them free now", counted(products.len(), "product"))
        })
        .await?;
    let servers = client.servers();
    let before =
        printer.step("list the servers", servers.list(), |servers| counted(servers.len(), "server")).await?;
    for server in &before {
        printer.remark(format_args!("server {}: {}, {}", server.id, server.config, server.status));
    }
    let Some((product, periods, cost)) = cheapest(&products) else {
        printer.remark("no GPU server is free now");
        return Ok(());
    };
    printer.remark(format_args!(
        "cheapest free GPU server for three hours: {}, {periods} × {} {} = {cost} {}",
        product.name,
        product.price.unwrap_or_default(),
        product.currency,
        product.currency
    ));
    if depth == Depth::Look {
        printer.remark("read-only: nothing is ordered without --spend");
        return Ok(());
    }
    let order = NewOrder::new(product.id, Os::Ubuntu, periods);
    printer
        .step("order it", client.orders().create(order), |order| format!("order {}", order.order_id))
        .await?;
    let after = printer.step("find the new server", servers.list(), |_| "").await?;
    let new = after.iter().find(|server| before.iter().all(|old| old.id != server.id));
    let Some(server) = new else {
        return Err(Error::not_found("the new server is not in the list yet"));
    };
    printer.remark(format_args!("server {}: {}, {}", server.id, server.config, server.status));
    let id = server.id;
    printer.step("start it", servers.start(id), |()| "accepted").await?;
    until(printer, client, id, "wait until it is up", Server::can_stop).await?;
    printer.step("suspend it", servers.suspend(id), |()| "accepted").await?;
    until(printer, client, id, "wait until it can be resumed", Server::can_resume).await?;
    printer.step("resume it", servers.resume(id), |()| "accepted").await?;
    until(printer, client, id, "wait until it is up again", Server::can_stop).await?;
    printer.step("stop it", servers.stop(id), |()| "accepted").await?;
    until(printer, client, id, "wait until it is available", Server::can_start).await?;
    let refused = servers.stop(id).await.err();
    if let Some(error) = refused {
        printer.remark(format_args!("stopping it twice is an error: {error}"));
    }
    Ok(())
}

/// Returns the free product that costs the least for the job, with the number of billing periods and the cost.
fn cheapest(products: &[Product]) -> Option<(&Product, u32, Decimal)> {
    let free = products.iter().filter(|product| product.is_free_now());
    free.filter_map(|product| product.cost_of(JOB).map(|(periods, cost)| (product, periods, cost)))
        .min_by_key(|(.., cost)| *cost)
}

async fn until(
    printer: &mut Printer,
    client: &Client,
    id: ServerId,
    what: &str,
    test: fn(&Server) -> bool,
) -> Result<(), Error> {
    let wait = client
        .servers()
        .wait(id)
        .until(test)
        .poll_interval(Duration::from_millis(500), Duration::from_secs(15));
    let shown = |server: &Server| match server.address() {
        Some(address) => format!("{}, at {address}", server.status),
        None => server.status.to_string(),
    };
    printer.step(what, wait, shown).await?;
    Ok(())
}

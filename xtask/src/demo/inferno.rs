//! Orders a VPS, installs it with an SSH key, watches, reboots and reinstalls it, and removes the key.

use std::time::Duration;

use http_core::Error;
use inferno_vps::{Client, Install, Order, OrderId, VpsInfo};

use super::Depth;
use super::printer::Printer;
use crate::out::counted;

/// Runs the demo. `pay` is called when an order must be paid. The simulator pays the order; a real order needs a
/// person.
pub(super) async fn run(
    client: &Client,
    depth: Depth,
    printer: &mut Printer,
    pay: impl Fn(OrderId),
) -> Result<(), Error> {
    let catalog = printer
        .step("read the catalog", client.catalog(), |catalog| {
            format!(
                "{}, {}",
                counted(catalog.products.len(), "tariff"),
                counted(catalog.templates.len(), "template")
            )
        })
        .await?;
    printer
        .step("read the balance", client.balance(), |balance| match &balance.balance {
            Some(amount) => format!("{amount} {}", balance.currency.as_deref().unwrap_or("")),
            None => String::from("in an unknown format"),
        })
        .await?;
    let orders = client.orders();
    printer.step("list the orders", orders.list(), |orders| counted(orders.len(), "order")).await?;
    if depth == Depth::Look {
        printer.remark("read-only: nothing is ordered without --spend");
        return Ok(());
    }
    let (Some(tariff), Some(template)) = (catalog.products.first(), catalog.templates.first()) else {
        printer.remark("the catalog is empty");
        return Ok(());
    };
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDemoDemoDemoDemoDemoDemoDemoDemoDemoDemoDem demo";
    let key = printer
        .step("add an SSH key", client.ssh_keys().add(key).recover(), |key| format!("key {}", key.value.id))
        .await?;
    let order = printer
        .step("order a VPS", orders.create(tariff.pid), |order| format!("order {}", order.order_id))
        .await?
        .order_id;
    pay(order);
    let wait = orders.wait(order).until(Order::is_active);
    printer.step("wait until it is paid", wait, |order| order.status.clone()).await?;

    let vps = client.vps();
    let install = Install::new(order, template.name.clone()).with_ssh_keys([key.value.id]);
    printer.step("check the installation", vps.check_install(&install), |_| "it would be accepted").await?;
    printer.step("install it", vps.install(&install), |_| "queued").await?;
    on(printer, client, order, "wait until it is on").await?;
    if let Some(error) = vps.install(&install).await.err() {
        printer.remark(format_args!("installing it twice is an error: {error}"));
    }
    printer.step("stop it", vps.stop(order), |_| "accepted").await?;
    let wait = vps
        .wait(order)
        .until(VpsInfo::is_stopped)
        .poll_interval(Duration::from_millis(500), Duration::from_secs(15));
    printer.step("wait until it is off", wait, state).await?;
    printer.step("boot it", vps.boot(order), |_| "accepted").await?;
    on(printer, client, order, "wait until it is on").await?;
    printer.step("reboot it", vps.reboot(order), |_| "accepted").await?;
    printer.step("reinstall it", vps.reinstall(&install), |_| "queued").await?;
    on(printer, client, order, "wait until it is on").await?;
    let pending = printer
        .step("order another", orders.create(tariff.pid), |order| format!("order {}", order.order_id))
        .await?
        .order_id;
    printer.step("cancel that one", orders.cancel(pending), |_| "cancelled").await?;
    if let Some(error) = orders.cancel(order).await.err() {
        printer.remark(format_args!("cancelling the paid one is an error: {error}"));
    }
    printer.step("remove the SSH key", client.ssh_keys().remove(key.value.id), |_| "removed").await?;
    Ok(())
}

async fn on(printer: &mut Printer, client: &Client, order: OrderId, what: &str) -> Result<(), Error> {
    let wait = client.vps().wait(order).until(VpsInfo::is_running);
    printer
        .step(what, wait.poll_interval(Duration::from_millis(500), Duration::from_secs(15)), state)
        .await?;
    Ok(())
}

fn state(vps: &VpsInfo) -> String {
    let words = vps.vps.as_ref().and_then(|vps| vps.real_state.clone()).unwrap_or_default();
    let state = vps.state().map_or(words.clone(), |state| format!("{state:?} (“{words}”)"));
    match vps.address() {
        Some(address) => format!("{state} at {address}"),
        None => state,
    }
}

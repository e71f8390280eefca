//! A VPS is ordered, installed with an SSH key, watched, rebooted, reinstalled, and the key is removed.

use std::time::Duration;

use http_core::Error;
use inferno_vps::{Client, Install, Order, OrderId, VpsInfo};

use super::Depth;
use super::teller::Teller;
use crate::out::counted;

/// `pay` pays an order, which only a simulation can do by itself.
pub(super) async fn tell(
    client: &Client,
    depth: Depth,
    teller: &mut Teller,
    pay: impl Fn(OrderId),
) -> Result<(), Error> {
    let catalog = teller
        .step("read the catalogue", client.catalog(), |catalog| {
            format!(
                "{}, {}",
                counted(catalog.products.len(), "tariff"),
                counted(catalog.templates.len(), "template")
            )
        })
        .await?;
    teller
        .step("read the balance", client.balance(), |balance| match &balance.balance {
            Some(amount) => format!("{amount} {}", balance.currency.as_deref().unwrap_or("")),
            None => String::from("in a form that is not known"),
        })
        .await?;
    let orders = client.orders();
    teller.step("list our orders", orders.list(), |orders| counted(orders.len(), "order")).await?;
    if depth == Depth::Look {
        teller.remark("only looking: nothing is ordered without --spend");
        return Ok(());
    }
    let (Some(tariff), Some(template)) = (catalog.products.first(), catalog.templates.first()) else {
        teller.remark("the catalogue is empty");
        return Ok(());
    };
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDemoDemoDemoDemoDemoDemoDemoDemoDemoDemoDem demo";
    let key = teller
        .step("add an SSH key", client.ssh_keys().add(key).recover(), |key| format!("key {}", key.value.id))
        .await?;
    let order = teller
        .step("order a VPS", orders.create(tariff.pid), |order| format!("order {}", order.order_id))
        .await?
        .order_id;
    pay(order);
    let wait = orders.wait(order).until(Order::is_active);
    teller.step("wait until it is paid", wait, |order| order.status.clone()).await?;

    let vps = client.vps();
    let install = Install::new(order, template.name.clone()).with_ssh_keys([key.value.id]);
    teller.step("try the install dry", vps.check_install(&install), |_| "nothing stands against it").await?;
    teller.step("install it", vps.install(&install), |_| "queued").await?;
    on(teller, client, order, "wait until it is on").await?;
    if let Some(error) = vps.install(&install).await.err() {
        teller.remark(format_args!("installing it twice is refused, plainly: {error}"));
    }
    teller.step("stop it", vps.stop(order), |_| "accepted").await?;
    let wait = vps
        .wait(order)
        .until(VpsInfo::is_stopped)
        .poll_interval(Duration::from_millis(500), Duration::from_secs(15));
    teller.step("wait until it is off", wait, state).await?;
    teller.step("boot it", vps.boot(order), |_| "accepted").await?;
    on(teller, client, order, "wait until it is on").await?;
    teller.step("reboot it", vps.reboot(order), |_| "accepted").await?;
    teller.step("reinstall it", vps.reinstall(&install), |_| "queued").await?;
    on(teller, client, order, "wait until it is on").await?;
    let pending = teller
        .step("order another", orders.create(tariff.pid), |order| format!("order {}", order.order_id))
        .await?
        .order_id;
    teller.step("cancel that one", orders.cancel(pending), |_| "cancelled").await?;
    if let Some(error) = orders.cancel(order).await.err() {
        teller.remark(format_args!("cancelling the paid one is refused, plainly: {error}"));
    }
    teller.step("remove the SSH key", client.ssh_keys().remove(key.value.id), |_| "removed").await?;
    Ok(())
}

async fn on(teller: &mut Teller, client: &Client, order: OrderId, what: &str) -> Result<(), Error> {
    let wait = client.vps().wait(order).until(VpsInfo::is_running);
    teller.step(what, wait.poll_interval(Duration::from_millis(500), Duration::from_secs(15)), state).await?;
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

//! Helpers shared by the tests against the simulator.
#![allow(dead_code, unreachable_pub, reason = "no test file uses all helpers")]

use hostkit_simulator::{InfernoAccess, Simulator};
use inferno_vps::{Client, Install, OrderId, ProductId};

pub const TEMPLATE: &str = "debian12-64-default";
pub const KEY: &str = "x-key";

pub fn client(simulator: &Simulator) -> (InfernoAccess, Client) {
    let access = simulator.inferno();
    let builder = Client::builder(access.cid, access.key.as_str());
    let client = builder.base_url(&access.base_url).no_proxy().build().unwrap();
    (access, client)
}

/// Places an order and pays for it.
pub async fn paid(simulator: &Simulator, client: &Client) -> OrderId {
    let order = client.orders().create(ProductId::new(303)).await.unwrap().order_id;
    assert!(simulator.inferno().pay_order(order.get()));
    order
}

/// Places an order, pays for it, and installs its VPS, which may still be in the queue.
pub async fn installed(simulator: &Simulator, client: &Client) -> OrderId {
    let order = paid(simulator, client).await;
    client.vps().install(&Install::new(order, TEMPLATE)).await.unwrap();
    order
}

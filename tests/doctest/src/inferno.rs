use hostkit_simulator::{InfernoAccess, Simulator};
use inferno_vps::{Client, Error, Install, OrderId, SecretString};

use crate::{ExampleResult, run};

fn client(access: &InfernoAccess) -> Result<Client, Error> {
    Client::builder(access.cid, access.key.as_str()).base_url(&access.base_url).no_proxy().build()
}

/// Returns a client that pays its orders from the balance, and the id of a paid order.
async fn ordered(simulator: &Simulator) -> Result<(Client, OrderId), Box<dyn std::error::Error>> {
    let access = simulator.inferno();
    access.set_pays_from_balance(true);
    let client = client(&access)?;
    let product = client.catalog().await?.products.remove(0).pid;
    let order = client.orders().create(product).await?.order_id;
    Ok((client, order))
}

/// Runs an example with a client whose orders stay unpaid.
#[track_caller]
pub fn inferno(example: impl AsyncFnOnce(Client) -> ExampleResult) {
    run(async |simulator| example(client(&simulator.inferno())?).await);
}

/// Runs an example with a client that has no API key, and with the email address and password of an account.
#[track_caller]
pub fn inferno_login(example: impl AsyncFnOnce(Client, String, SecretString) -> ExampleResult) {
    run(async |simulator| {
        let access = simulator.inferno();
        let client = Client::anonymous_builder().base_url(access.base_url).no_proxy().build()?;
        example(client, access.email, access.password.into()).await
    });
}

/// Runs an example with a client whose orders are paid immediately, and with a paid order that has no VPS yet.
#[track_caller]
pub fn inferno_order(example: impl AsyncFnOnce(Client, OrderId) -> ExampleResult) {
    run(async |simulator| {
        let (client, order) = ordered(&simulator).await?;
        example(client, order).await
    });
}

/// Runs an example with a client and an order whose VPS is running.
#[track_caller]
pub fn inferno_vps(example: impl AsyncFnOnce(Client, OrderId) -> ExampleResult) {
    run(async |simulator| {
        let (client, order) = ordered(&simulator).await?;
        client.vps().install(&Install::new(order, "debian12-64-default")).await?;
        example(client, order).await
    });
}

//! Replays every fixture through the method of its operation.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use hostkit_simulator::Simulator;
use hostkit_tests::replay::{Arguments, CREDENTIAL, Exchange, Replayed};
use inferno_vps::{Client, Error, Install, NewSshKey, TemplateName};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2xbZDyAvDSLvLzzC4P8V8bUWQ2xpRtWJ0Jk3o5Y0aB me";

hostkit_tests::every_operation!("inferno-vps", inferno_vps::OPERATIONS, ask, arrange);

async fn ask(exchange: Exchange) -> Replayed {
    let builder = Client::builder(777, exchange.credential("<api-key:1>"));
    let client = builder.base_url(exchange.base_url()).no_proxy().build().unwrap();
    let order = || exchange.argument("orderid");
    let runs = || exchange.argument::<u8>("run") == 1;
    let install = || {
        let template: TemplateName = exchange.argument("ostpl");
        let keys = exchange.optional::<String>("sshkey_ids").unwrap_or_default();
        let keys = keys.split(',').filter(|id| !id.is_empty()).map(|id| id.parse().unwrap());
        Install::new(order(), template).with_ssh_keys(keys)
    };
    match exchange.operation() {
        "api_key.get" => {
            let (email, password) = (exchange.argument::<String>("email"), exchange.secret("pass"));
            let call = match exchange.argument::<u8>("generate") {
                0 => client.api_key(email, password),
                _ => client.generate_api_key(email, password),
            };
            exchange.call(call).await
        }
        "catalog.list" => exchange.call(client.catalog()).await,
        "balance.get" => exchange.call(client.balance()).await,
        "order.create" => exchange.call(client.orders().create(exchange.argument("pid"))).await,
        "order.list" => exchange.call(client.orders().list()).await,
        "order.cancel" => exchange.call(client.orders().cancel(order())).await,
        "vps.install" if runs() => exchange.call(client.vps().install(&install())).await,
        "vps.install" => exchange.call(client.vps().check_install(&install())).await,
        "vps.reinstall" if runs() => exchange.call(client.vps().reinstall(&install())).await,
        "vps.reinstall" => exchange.call(client.vps().check_reinstall(&install())).await,
        "vps.info" => match exchange.optional("ip") {
            Some(address) => exchange.call(client.vps().find(address)).await,
            None => exchange.call(client.vps().get(order())).await,
        },
        "vps.reboot" => exchange.call(client.vps().reboot(order())).await,
        "vps.stop" => exchange.call(client.vps().stop(order())).await,
        "vps.boot" => exchange.call(client.vps().boot(order())).await,
        "ssh_key.add" => exchange.call(client.ssh_keys().add(exchange.argument::<String>("sshkey"))).await,
        "ssh_key.list" => exchange.call(client.ssh_keys().list()).await,
        "ssh_key.remove" => exchange.call(client.ssh_keys().remove(exchange.argument("id"))).await,
        "service.list" => exchange.call(client.services().list()).await,
        "service.get" => exchange.call(client.services().get(exchange.argument("serviceid"))).await,
        _ => exchange.unknown(),
    }
}

async fn arrange(simulator: &Simulator, operation: &'static str) -> Result<Arguments, Error> {
    let access = simulator.inferno();
    access.set_pays_from_balance(operation != "order.cancel");
    let client =
        Client::builder(access.cid, access.key.as_str()).base_url(&access.base_url).no_proxy().build()?;
    let product = client.catalog().await?.products.remove(0).pid;
    let order = client.orders().create(product).await?.order_id;
    if operation.starts_with("vps.") {
        client.vps().install(&Install::new(order, "debian12-64-default")).await?;
    }
    if operation == "vps.boot" {
        client.vps().stop(order).await?;
    }
    let key = client.ssh_keys().add(NewSshKey::new(KEY)).recover().await?.value;
    Ok([(CREDENTIAL, access.key.clone()), ("orderid", order.to_string()), ("id", key.id.to_string())].into())
}

//! Replays every fixture through the method of its operation.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use std::net::Ipv4Addr;

use elastis_core::{Error, Login, NewVm, Os, VmSize};
use elastis_network::{
    BillingAccountId, Elastis, ElastisNetwork, FloatingIpFilter, FloatingIpUpdate, LoadBalancerId,
    NewFloatingIp, NewLoadBalancer, NewRule, NewTarget, RuleId, TargetId,
};
use hostkit_simulator::Simulator;
use hostkit_tests::replay::{Arguments, CREDENTIAL, Exchange, Replayed};
use serde_json::Value;

hostkit_tests::every_operation!("elastis-network", elastis_network::OPERATIONS, ask, arrange);

async fn ask(exchange: Exchange) -> Replayed {
    let builder =
        Elastis::builder(exchange.credential("<api-key:1>")).base_url(exchange.base_url()).no_proxy();
    let elastis = builder.build().unwrap();
    let elastis = exchange.location().map_or(elastis.clone(), |slug| elastis.at(slug));
    let (networks, ips, balancers) = (elastis.networks(), elastis.floating_ips(), elastis.load_balancers());
    let network = || exchange.argument("network_uuid");
    let address = || exchange.argument::<Ipv4Addr>("public_ipv4_address");
    let balancer = || exchange.argument::<LoadBalancerId>("load_balancer_uuid");
    let name = || exchange.argument::<String>("name");
    match exchange.operation() {
        "network.get" => exchange.call(networks.get(network())).await,
        "network.list" => exchange.call(networks.list()).await,
        "network.create" => match exchange.optional::<String>("name") {
            Some(name) => exchange.call(networks.create(&name)).await,
            None => exchange.call(networks.default_or_create()).await,
        },
        "network.delete" => exchange.call(networks.delete(network())).await,
        "network.set_default" => exchange.call(networks.set_default(network())).await,
        "network.rename" => exchange.call(networks.rename(network(), name())).await,
        "floating_ip.create" => {
            let new = NewFloatingIp::new(exchange.argument("billing_account_id")).with_name(name());
            exchange.call(ips.create(new)).await
        }
        "floating_ip.list" => {
            let mut filter = FloatingIpFilter::new();
            filter.billing_account_id = exchange.optional("billing_account_id");
            filter.vm = exchange.optional("vm_uuid");
            exchange.call(ips.list_filtered(filter)).await
        }
        "floating_ip.get" => exchange.call(ips.get(address())).await,
        "floating_ip.update" => {
            let payer = exchange.argument::<BillingAccountId>("billing_account_id");
            let update = FloatingIpUpdate::new().with_name(name()).with_billing_account(payer);
            exchange.call(ips.update(address(), update)).await
        }
        "floating_ip.delete" => exchange.call(ips.delete(address())).await,
        "floating_ip.assign" => exchange.call(ips.assign(address(), exchange.argument("vm_uuid"))).await,
        "floating_ip.unassign" => exchange.call(ips.unassign(address())).await,
        "load_balancer.list" => exchange.call(balancers.list()).await,
        "load_balancer.get" => exchange.call(balancers.get(balancer())).await,
        "load_balancer.create" => exchange.call(balancers.create(new_balancer(&exchange))).await,
        "load_balancer.rename" => {
            let name = exchange.argument::<String>("display_name");
            exchange.call(balancers.rename(balancer(), &name)).await
        }
        "load_balancer.delete" => exchange.call(balancers.delete(balancer())).await,
        "load_balancer.add_target" => {
            let target = NewTarget::new(exchange.argument("target_uuid"), exchange.argument("target_type"));
            exchange.call(balancers.add_target(balancer(), target)).await
        }
        "load_balancer.remove_target" => {
            let target = exchange.argument::<TargetId>("target_uuid");
            exchange.call(balancers.remove_target(balancer(), target)).await
        }
        "load_balancer.add_rule" => {
            let rule = NewRule::new(exchange.argument("source_port"), exchange.argument("target_port"));
            exchange.call(balancers.add_rule(balancer(), rule)).await
        }
        "load_balancer.remove_rule" => {
            let rule = exchange.argument::<RuleId>("rule_uuid");
            exchange.call(balancers.remove_rule(balancer(), rule)).await
        }
        "load_balancer.set_billing_account" => {
            let payer = exchange.argument::<BillingAccountId>("set_id");
            exchange.call(balancers.set_billing_account(balancer(), payer)).await
        }
        _ => exchange.unknown(),
    }
}

fn new_balancer(exchange: &Exchange) -> NewLoadBalancer {
    let body: Value = serde_json::from_str(&exchange.fixture().json().unwrap().to_string()).unwrap();
    let rows = |key: &str| body[key].as_array().cloned().unwrap_or_default();
    let port = |row: &Value, key: &str| u16::try_from(row[key].as_u64().unwrap()).unwrap();
    let mut new = NewLoadBalancer::new();
    new.display_name = exchange.optional("display_name");
    new.billing_account_id = exchange.optional("billing_account_id");
    new.network_uuid = exchange.optional("network_uuid");
    new.reserve_public_ip = body["reserve_public_ip"].as_bool();
    for row in rows("rules") {
        new = new.with_rule(NewRule::new(port(&row, "source_port"), port(&row, "target_port")));
    }
    for row in rows("targets") {
        let id = row["target_uuid"].as_str().unwrap().parse().unwrap();
        new = new.with_target(NewTarget::new(id, row["target_type"].as_str().unwrap().into()));
    }
    new
}

const FIRST: BillingAccountId = BillingAccountId::new(6);
const SECOND: BillingAccountId = BillingAccountId::new(129_072);

async fn arrange(simulator: &Simulator, operation: &'static str) -> Result<Arguments, Error> {
    let access = simulator.elastis();
    let elastis = Elastis::builder(access.key.as_str()).base_url(&access.base_url).no_proxy().build()?;
    let mut arguments = Arguments::from([(CREDENTIAL, access.key.clone())]);
    let (os, login) = (Os::new("ubuntu", "20.04"), Login::new("example", "Password123"));
    let new = NewVm::from_image("web-1", os, 20, VmSize::new(2, 2048), login);
    let vm = elastis.vms().create(new.with_billing_account(FIRST).with_public_ip()).await?.uuid;
    match operation.split_once('.').unwrap().0 {
        "network" => {
            arguments.insert("network_uuid", elastis.networks().create("inner").await?.uuid.to_string());
        }
        "floating_ip" => {
            let ips = elastis.floating_ips();
            let assigned = ips.of_vm(vm).await?[0].address;
            let address = match operation {
                "floating_ip.unassign" => assigned,
                _ => ips.create(NewFloatingIp::new(FIRST)).await?.address,
            };
            if operation == "floating_ip.assign" {
                ips.unassign(assigned).await?;
            }
            let account = ("billing_account_id", SECOND.to_string());
            let address = ("public_ipv4_address", address.to_string());
            arguments.extend([address, ("vm_uuid", vm.to_string()), account]);
        }
        _ => {
            let new = NewLoadBalancer::new().with_target(vm).with_rule(NewRule::new(443, 8443));
            let balancer = elastis.load_balancers().create(new).await?;
            let rule = balancer.rule_of(443).unwrap().uuid.unwrap();
            arguments.extend([
                ("load_balancer_uuid", balancer.uuid.to_string()),
                ("rule_uuid", rule.to_string()),
                ("target_uuid", vm.to_string()),
                ("set_id", SECOND.to_string()),
            ]);
        }
    }
    Ok(arguments)
}

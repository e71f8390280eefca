//! A simulator with one of every resource, so that every read operation returns something.

use hostkit_simulator::{Disguise, PhpQuirks, Simulator};
use serde_json::{Map, Value, json};

/// Returns the operations that create the resources, with their arguments.
fn creates() -> [(&'static str, Value); 9] {
    let vm = json!({"name": "web-1", "os_name": "ubuntu", "os_version": "20.04", "disks": 20, "vcpu": 2, "ram": 2048,
        "username": "example", "password": "Password123", "billing_account_id": 6, "reserve_public_ip": true});
    [
        ("vm.create", vm),
        ("disk.create", json!({"size_gb": 5, "billing_account_id": 6})),
        ("network.create", json!({"name": "backend"})),
        ("floating_ip.create", json!({"name": "spare", "billing_account_id": 6})),
        ("bucket.create", json!({"name": "backups", "billing_account_id": 6})),
        ("s3_key.create", json!({})),
        ("inferno-vps/order.create", json!({"cid": 777, "pid": 303})),
        (
            "ssh_key.add",
            json!({"cid": 777, "sshkey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFZ5 me@example.org"}),
        ),
        ("leaderssl-gpu/order.create", json!({"nomenclature_id": 534, "os": "ubuntu", "period_count": 1})),
    ]
}

/// Fills a simulator. With `changed`, the simulator responds with PHP's quirks and with undocumented values.
pub(super) fn fill(simulator: &Simulator, changed: bool) {
    if changed {
        let every_habit = PhpQuirks {
            numbers_as_strings: true,
            php_booleans: true,
            zero_dates: true,
            empty_map_as_object: true,
            escapes: true,
            templates_as_list: true,
            ..PhpQuirks::default()
        };
        simulator.inferno().set_quirks(every_habit);
        let fields: Map<_, _> =
            [("flavour", json!("large")), ("name", Value::Null), ("created_at", json!(true))]
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect();
        for operation in [
            "vm.create",
            "disk.create",
            "network.create",
            "leaderssl-gpu/order.create",
            "inferno-vps/order.create",
        ] {
            simulator.disguise(operation, Disguise::Replaced(fields.clone()));
        }
    }
    for (operation, arguments) in creates() {
        simulator.perform(operation, &arguments);
    }
    let account = simulator.inferno();
    let orders = simulator.perform("order.list", &json!({"cid": 777})).1;
    let ids = orders["orders"].as_object().into_iter().flat_map(Map::keys);
    for order in ids.filter_map(|order| order.parse().ok()) {
        account.pay_order(order);
    }
    let network = simulator.perform("network.list", &json!({})).1[0]["uuid"].clone();
    let vm = simulator.perform("vm.list", &json!({})).1[0]["uuid"].clone();
    let balancer = json!({"network_uuid": network, "billing_account_id": 6, "reserve_public_ip": false,
        "rules": [{"source_port": 80, "target_port": 8080}], "targets": [{"target_uuid": vm, "target_type": "vm"}]});
    simulator.perform("load_balancer.create", &balancer);
    simulator.perform("replica.create", &json!({"uuid": vm}));
}

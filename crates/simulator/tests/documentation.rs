//! Compares the simulated responses with the documented ones.
#![allow(clippy::unwrap_used, reason = "clippy recognizes only functions with `#[test]` as tests")]

mod support;

use std::fs;
use std::mem::discriminant;

use hostkit_simulator::{PhpQuirks, PrintR, Simulator};
use reqwest::Method;
use serde_json::{Value, json};
use support::inferno::call;
use support::{LeaderSsl, elastis, http, sent};

fn documented(exchange: &str) -> Value {
    let file = format!("{}/../../fixtures/{exchange}.json", env!("CARGO_MANIFEST_DIR"));
    let fixture: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(fixture["source"], "documented", "{exchange}");
    fixture["response"].clone()
}

/// Asserts that everything documented is present with the same type; null on either side matches any type.
fn covers(at: &str, documented: &Value, simulated: &Value) {
    match (documented, simulated) {
        (Value::Object(documented), Value::Object(simulated)) => {
            let by_id = documented.keys().all(|key| key.parse::<u64>().is_ok());
            for (key, value) in documented {
                let found = if by_id { simulated.values().next() } else { simulated.get(key) };
                covers(
                    &format!("{at}.{key}"),
                    value,
                    found.unwrap_or_else(|| panic!("{at}.{key} is missing")),
                );
            }
        }
        (Value::Array(documented), Value::Array(simulated)) => {
            for (documented, row) in documented.iter().cycle().zip(simulated) {
                covers(&format!("{at}[]"), documented, row);
            }
        }
        _ => {
            let same_type = discriminant(documented) == discriminant(simulated);
            let fits = same_type || documented.is_null() || simulated.is_null();
            assert!(fits, "{at}: {simulated} instead of {documented}");
        }
    }
}

fn compare(exchange: &str, (status, body): &(u16, Value)) {
    let documented = documented(exchange);
    assert_eq!(documented["status"], *status, "{exchange}");
    // An empty list would leave nothing to compare.
    let is_empty = |list: &Value| list.as_array().is_some_and(Vec::is_empty);
    assert!(is_empty(&documented["json"]) || !is_empty(body), "{exchange} is empty");
    covers(exchange, &documented["json"], body);
}

#[tokio::test]
async fn leaderssl_responses_have_every_documented_field() {
    let simulator = Simulator::start().await.unwrap();
    let client = LeaderSsl::sign_in(&simulator).await;
    let access = simulator.leaderssl();
    let sign_in = |password: &str| {
        let body = json!({"login": access.login, "password": password}).to_string();
        sent(http().post(format!("{}/signin", client.users)).body(body))
    };
    compare("leaderssl-gpu/auth.sign_in", &sign_in(&access.password).await);
    compare("leaderssl-gpu/auth.sign_in.refused", &sign_in("wrong").await);
    compare("leaderssl-gpu/product.list", &(200, client.get("servers/products").await));
    compare("leaderssl-gpu/server.list", &(200, client.get("servers").await));
    compare(
        "leaderssl-gpu/order.create",
        &client.order("nomenclature_id=534&os=centos&period_count=1").await,
    );
    compare("leaderssl-gpu/order.create.refused", &client.order("").await);
    for action in ["start", "suspend", "resume", "stop"] {
        let (done, refused) = (
            client.post(&format!("servers/14/{action}")).await,
            client.post(&format!("servers/1/{action}")).await,
        );
        compare(&format!("leaderssl-gpu/server.{action}"), &(200, done));
        covers(action, &documented(&format!("leaderssl-gpu/server.{action}.refused"))["json"], &refused);
    }
    access.expire_sessions();
    for list in ["product.list", "server.list"] {
        let path = if list == "product.list" { "servers/products" } else { "servers" };
        let response = sent(client.request(Method::GET, path)).await;
        compare(&format!("leaderssl-gpu/{list}.refused"), &response);
    }
}

#[tokio::test]
async fn inferno_responses_have_every_documented_field() {
    let simulator = Simulator::start().await.unwrap();
    let access = simulator.inferno();
    let quirks = PhpQuirks { print_r: PrintR::Always, print_r_on_one_line: true, ..PhpQuirks::default() };
    access.set_quirks(quirks);
    let order = call(&access, "create", json!({"pid": 303})).await;
    compare("inferno-vps/order.create", &(200, order.clone()));
    compare("inferno-vps/order.list", &(200, call(&access, "orders", json!({})).await));
    let second = call(&access, "create", json!({"pid": 303})).await["orderid"].clone();
    for exchange in ["inferno-vps/order.cancel", "inferno-vps/order.cancel.refused"] {
        let response = call(&access, "cancel", json!({"orderid": second})).await;
        assert_eq!(documented(exchange)["json"], response);
    }
    assert!(access.pay_order(order["orderid"].as_u64().unwrap()));
    let install = json!({"orderid": order["orderid"], "ostpl": "centos7-64-default", "run": 1});
    for (action, exchange) in [
        ("install", "inferno-vps/vps.install"),
        ("install", "inferno-vps/vps.install.refused"),
        ("reinstall", "inferno-vps/vps.reinstall"),
    ] {
        let without_ids = |text: &str| -> String {
            text.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect()
        };
        let printed = call(&access, action, install.clone()).await;
        let documented = documented(exchange)["text"].as_str().unwrap().to_owned();
        assert!(without_ids(printed.as_str().unwrap()).contains(&without_ids(&documented)), "{printed}");
    }
    compare(
        "inferno-vps/vps.info",
        &(200, call(&access, "getinfo", json!({"orderid": order["orderid"]})).await),
    );
}

#[tokio::test]
async fn elastis_reads_have_every_documented_field() {
    let simulator = Simulator::start().await.unwrap();
    let done = async |method: Method, path: &str, body: &str| {
        let (status, response) = elastis(&simulator, method, path, body).await;
        assert!(status < 300, "{path}: {status} {response}");
        response
    };
    let new_vm = "name=web-1&os_name=ubuntu&os_version=20.04&disks=20&vcpu=2&ram=2048&username=example\
                  &password=Password123&billing_account_id=6\
                  &designated_pool_uuid=d2fc6881-9316-46d7-b515-b6cddaeee927";
    // The documented list has an empty disk first, then one with an operating system and a snapshot.
    done(Method::POST, "storage/disks", "size_gb=10&billing_account_id=6").await;
    let vm = done(Method::POST, "user-resource/vm", new_vm).await;
    let (disk, vm) = (&vm["storage"][0]["uuid"], vm["uuid"].as_str().unwrap());
    done(Method::POST, "user-resource/vm/replica", &format!("uuid={vm}")).await;
    done(Method::PUT, "storage/bucket", "name=pang1&billing_account_id=6").await;
    done(Method::POST, "storage/user/keys", "").await;
    let address = &done(Method::GET, "network/ip_addresses", "").await[0]["address"];
    let network = &done(Method::GET, "network/networks", "").await[0]["uuid"];
    let balancer = json!({
        "display_name": "web", "billing_account_id": 6, "network_uuid": network, "reserve_public_ip": true,
        "rules": [{"source_port": 80, "target_port": 8080}],
        "targets": [{"target_type": "vm", "target_uuid": vm}],
    });
    let balancer = done(Method::POST, "network/load_balancers", &balancer.to_string()).await["uuid"].clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for (exchange, path) in [
        ("elastis-billing/billing_account.get", "payment/billing_account?billing_account_id=6"),
        ("elastis-billing/billing_account.list", "payment/billing_account/list"),
        (
            "elastis-billing/billing_account.unpaid_amount",
            "payment/billing_account/unpaid_amount?billing_account_id=6",
        ),
        ("elastis-billing/billing_resource.list", "user-resource/billing_resources?id=6"),
        ("elastis-billing/campaign.has_active", "payment/has_active_campaigns"),
        ("elastis-billing/card.get", "payment/card?payment_object_id=6"),
        ("elastis-billing/card.list", "payment/card/list?billing_account_id=6"),
        ("elastis-billing/credit.list", "payment/credit/list?billing_account_id=6"),
        ("elastis-billing/invoice.get", "payment/invoice?invoice_id=1"),
        ("elastis-billing/invoice.list", "payment/invoice/list?billing_account_id=6"),
        ("elastis-billing/pricing.policy", "pricing/policy"),
        ("elastis-billing/usage.list", "charging/usage?billing_account_id=6"),
        ("elastis-core/host_pool.list", "user-resource/host_pool/list"),
        ("elastis-core/image.list", "config/vm_images"),
        ("elastis-core/image.list_app_catalog", "config/vm_images/app_catalog"),
        ("elastis-core/image.list_plain_os", "config/vm_images/plain_os"),
        ("elastis-core/location.list", "config/locations"),
        ("elastis-core/parameters.vm", "api/parameters/vm"),
        ("elastis-core/replica.list", &format!("user-resource/vm/replica?uuid={vm}")),
        ("elastis-core/token.list", "user-resource/token/list"),
        ("elastis-core/user.get", "user-resource/user"),
        ("elastis-core/vm.get", &format!("user-resource/vm?uuid={vm}")),
        ("elastis-core/vm.list", "user-resource/vm/list"),
        ("elastis-network/floating_ip.get", &format!("network/ip_addresses/{}", text(address))),
        ("elastis-network/floating_ip.list", "network/ip_addresses"),
        ("elastis-network/load_balancer.get", &format!("network/load_balancers/{}", text(&balancer))),
        ("elastis-network/load_balancer.list", "network/load_balancers"),
        ("elastis-network/network.get", &format!("network/network/{}", text(network))),
        ("elastis-network/network.list", "network/networks"),
        ("elastis-storage/bucket.get", "storage/bucket?name=pang1"),
        ("elastis-storage/bucket.list", "storage/bucket/list"),
        ("elastis-storage/disk.get", &format!("storage/disks/{}", text(disk))),
        ("elastis-storage/disk.list", "storage/disks"),
        ("elastis-storage/s3.endpoint", "storage/api/s3"),
        ("elastis-storage/s3_key.list", "storage/user/keys"),
        ("elastis-storage/s3_user.get", "storage/user"),
    ] {
        let response = elastis(&simulator, Method::GET, path, "").await;
        compare(exchange, &response);
    }
}

/// The statuses are not compared, because few of them are documented.
#[tokio::test]
async fn elastis_changes_have_every_documented_field() {
    let simulator = Simulator::start().await.unwrap();
    let check = async |exchange: &str, method: Method, path: &str, body: &str| {
        let (status, response) = elastis(&simulator, method, path, body).await;
        assert!(status < 300, "{path}: {status} {response}");
        covers(exchange, &documented(exchange)["json"], &response);
        response
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();

    check("elastis-core/user.update_profile", Method::PATCH, "user-resource/user/profile", "").await;
    let token = "user-resource/token";
    check("elastis-core/token.create", Method::POST, token, "restricted=true&billing_account_id=6").await;

    let new_vm = "name=web-1&os_name=ubuntu&os_version=16.04&disks=20&vcpu=2&ram=2048&username=example\
                  &password=Password123&billing_account_id=6&reserve_public_ip=false\
                  &designated_pool_uuid=d2fc6881-9316-46d7-b515-b6cddaeee927";
    let vm = check("elastis-core/vm.create", Method::POST, "user-resource/vm", new_vm).await;
    let disk = text(&vm["storage"][0]["uuid"]);
    let vm = text(&vm["uuid"]);
    let replica = "user-resource/vm/replica";
    let replicated = check("elastis-core/replica.create", Method::POST, replica, &format!("uuid={vm}")).await;
    let snapshot = text(&replicated["replica"][0]["uuid"]);
    for (operation, method, path, more) in [
        ("vm.change_password", Method::PATCH, "/user", "&username=example&password=Password1234"),
        ("vm.reserve_public_ip", Method::POST, "/ip/public", ""),
        ("vm.release_public_ip", Method::DELETE, "/ip/public", ""),
        ("vm.toggle_backup", Method::POST, "/backup", ""),
        ("vm.reinstall", Method::POST, "/reinstall", ""),
        ("vm.clone", Method::POST, "/clone", "&name=Name%20of%20the%20Clone"),
        ("vm.stop", Method::POST, "/stop", ""),
        ("vm.update", Method::PATCH, "", "&vcpu=4"),
        ("vm.rebuild", Method::POST, "/rebuild", &format!("&replica_uuid={snapshot}")),
        ("vm_disk.resize", Method::PATCH, "/storage", &format!("&disk_uuid={disk}&size_gb=60")),
    ] {
        let path = format!("user-resource/vm{path}");
        check(&format!("elastis-core/{operation}"), method, &path, &format!("uuid={vm}{more}")).await;
    }
    check("elastis-core/replica.delete", Method::DELETE, replica, &format!("replica_uuid={snapshot}")).await;
    let storage = "user-resource/vm/storage";
    let added =
        check("elastis-core/vm_disk.add", Method::POST, storage, &format!("uuid={vm}&size_gb=50")).await;
    let both = format!("uuid={vm}&storage_uuid={}", text(&added["uuid"]));
    check("elastis-core/vm_disk.delete", Method::DELETE, storage, &both).await;

    let empty = "size_gb=50&billing_account_id=6&source_image_type=EMPTY";
    let disk =
        text(&check("elastis-storage/disk.create", Method::POST, "storage/disks", empty).await["uuid"]);
    let one = format!("storage/disks/{disk}");
    check("elastis-storage/disk.update", Method::PATCH, &one, "billing_account_id=129072").await;
    let both = format!("uuid={vm}&storage_uuid={disk}");
    check("elastis-storage/disk.attach", Method::POST, &format!("{storage}/attach"), &both).await;
    check("elastis-storage/disk.detach", Method::POST, &format!("{storage}/detach"), &both).await;
    let bucket = "name=pang1&billing_account_id=6";
    check("elastis-storage/bucket.create", Method::PUT, "storage/bucket", bucket).await;
    check("elastis-storage/bucket.update", Method::PATCH, "storage/bucket", bucket).await;
    check("elastis-storage/s3_key.create", Method::POST, "storage/user/keys", "").await;

    let network = check("elastis-network/network.create", Method::POST, "network/network", "").await;
    let one = format!("network/network/{}", text(&network["uuid"]));
    check("elastis-network/network.rename", Method::PATCH, &one, r#"{"name": "new"}"#).await;
    check("elastis-network/network.set_default", Method::PUT, &format!("{one}/default"), "").await;

    let ips = "network/ip_addresses";
    let new = r#"{"name": "my_ip", "billing_account_id": 6}"#;
    let one = check("elastis-network/floating_ip.create", Method::POST, ips, new).await;
    let one = format!("{ips}/{}", text(&one["address"]));
    check("elastis-network/floating_ip.update", Method::PATCH, &one, new).await;
    let to = json!({"vm_uuid": vm}).to_string();
    check("elastis-network/floating_ip.assign", Method::POST, &format!("{one}/assign"), &to).await;
    check("elastis-network/floating_ip.unassign", Method::POST, &format!("{one}/unassign"), "").await;

    let target = json!({"target_type": "vm", "target_uuid": vm});
    let rule = json!({"source_port": 80, "target_port": 8080});
    let balancer = json!({"display_name": "my LB", "rules": [rule], "targets": [target]}).to_string();
    let one =
        check("elastis-network/load_balancer.create", Method::POST, "network/load_balancers", &balancer)
            .await;
    let one = format!("network/load_balancers/{}", text(&one["uuid"]));
    for (operation, method, path, body) in [
        ("rename", Method::PATCH, "", json!({"display_name": "new"})),
        ("remove_target", Method::DELETE, &format!("/targets/{vm}"), json!({})),
        ("add_target", Method::POST, "/targets", target),
        ("add_rule", Method::POST, "/forwarding_rules", json!({"source_port": 81, "target_port": 81})),
    ] {
        let exchange = format!("elastis-network/load_balancer.{operation}");
        check(&exchange, method, &format!("{one}{path}"), &body.to_string()).await;
    }
}

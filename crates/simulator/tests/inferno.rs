//! Tests Inferno in its documented form, and with PHP quirks.
#![allow(clippy::unwrap_used, reason = "clippy recognizes only functions with `#[test]` as tests")]

mod support;

use std::time::Duration;

use hostkit_simulator::{Boot, InfernoAccess, PhpQuirks, PrintR, Simulator};
use serde_json::{Value, json};
use support::inferno::{call, post};
use support::{frozen, http, sent};

const TEMPLATE: &str = "debian12-64-default";

async fn ordered(access: &InfernoAccess) -> u64 {
    let order = call(access, "create", json!({"cid": 777, "pid": 303})).await;
    assert_eq!(order["result"], "success");
    order["orderid"].as_u64().unwrap()
}

/// Orders, pays for and installs a VPS, and returns the order's id.
async fn installed(access: &InfernoAccess) -> u64 {
    let order = ordered(access).await;
    assert!(access.pay_order(order));
    let response = call(access, "install", json!({"orderid": order, "ostpl": TEMPLATE, "run": 1})).await;
    assert_eq!(response["retx"]["msg"], "VSCD: VPS added to queue");
    order
}

async fn real_state(access: &InfernoAccess, order: u64) -> Value {
    call(access, "getinfo", json!({"orderid": order})).await["vps_info"]["real_state"].clone()
}

#[tokio::test]
async fn the_catalog_needs_no_key_and_lists_products_and_templates() {
    let simulator = Simulator::start().await.unwrap();
    let access = simulator.inferno();
    let url = format!("{}/api_client.php?action=list", access.base_url);
    let (status, catalog) = sent(http().get(url)).await;
    assert_eq!(status, 200);
    assert!(catalog["ostpls"].as_object().unwrap().contains_key(TEMPLATE));
    assert_eq!(catalog["products"][0]["pid"], "303");
    access.set_quirks(PhpQuirks { templates_as_list: true, ..PhpQuirks::default() });
    assert_eq!(call(&access, "list", json!({})).await["ostpls"][1], TEMPLATE);
}

#[tokio::test]
async fn the_key_may_be_in_header_query_or_body_and_the_client_id_is_optional() {
    let simulator = Simulator::start().await.unwrap();
    let access = simulator.inferno();
    let url = format!("{}/api_client.php?action=balance", access.base_url);
    assert_eq!(call(&access, "balance", json!({})).await["balance"], "100.00");
    assert_eq!(sent(http().get(format!("{url}&cid=777&key={}", access.key))).await.0, 200);
    assert_eq!(sent(http().post(&url).body(format!("cid=777&key={}", access.key))).await.0, 200);
    let body = json!({"cid": "777", "key": access.key}).to_string();
    assert_eq!(sent(http().post(&url).body(body)).await.0, 200);
    for wrong in [format!("{url}&cid=778&key={}", access.key), format!("{url}&key=x"), url] {
        let (status, body) = sent(http().get(wrong)).await;
        assert_eq!((status, &body["result"]), (401, &json!("fail")));
    }
}

#[tokio::test]
async fn a_new_key_invalidates_the_old_one() {
    let simulator = Simulator::start().await.unwrap();
    let old = simulator.inferno();
    let mut login = json!({"email": old.email, "pass": old.password, "generate": 0});
    assert_eq!(call(&old, "getApiKey", login.clone()).await["key"], old.key.as_str());
    login["generate"] = 1.into();
    let response = call(&old, "getApiKey", login.clone()).await;
    assert_eq!((&response["cid"], response["key"] != old.key.as_str()), (&json!(777), true));
    assert_eq!(sent(post(&old, "balance", &json!({}))).await.0, 401);
    assert_eq!(simulator.inferno().key, response["key"].as_str().unwrap());
    assert_eq!(call(&simulator.inferno(), "balance", json!({})).await["result"], "success");
    login["pass"] = "wrong".into();
    assert_eq!(call(&old, "getApiKey", login).await["result"], "fail");
}

#[tokio::test]
async fn every_call_from_an_address_off_the_whitelist_is_rejected() {
    let simulator = Simulator::start().await.unwrap();
    let access = simulator.inferno();
    access.set_address_refused(true);
    let (status, body) = sent(post(&access, "list", &json!({}))).await;
    assert_eq!(status, 403);
    assert!(body["message"].as_str().unwrap().contains("whitelist"));
    access.set_address_refused(false);
    assert_eq!(call(&access, "list", json!({})).await["result"], "success");
}

#[tokio::test]
async fn only_a_pending_order_can_be_cancelled() {
    let simulator = Simulator::start().await.unwrap();
    let access = simulator.inferno();
    let (first, second) = (ordered(&access).await, ordered(&access).await);
    let rows = call(&access, "orders", json!({})).await["orders"].clone();
    assert_eq!(rows[first.to_string()]["status"], "Pending");
    assert_eq!(rows[first.to_string()]["amount"], "5.00");
    assert_eq!(call(&access, "cancel", json!({"orderid": first})).await, json!({"result": "success"}));
    assert!(access.pay_order(second) && !access.pay_order(second) && !access.pay_order(first));
    for order in [first, second, 1] {
        let refused = json!({"result": "fail", "message": "Order ID not found or Status not Pending"});
        assert_eq!(call(&access, "cancel", json!({"orderid": order})).await, refused);
    }
    let rows = call(&access, "orders", json!({})).await["orders"].clone();
    assert_eq!(rows.as_object().unwrap().keys().collect::<Vec<_>>(), [&second.to_string()]);
    assert_eq!(rows[second.to_string()]["status"], "Active");
    assert_eq!(call(&access, "create", json!({"pid": 1})).await["result"], "fail");
}

#[tokio::test]
async fn orders_are_paid_from_the_balance_while_it_is_sufficient() {
    let simulator = Simulator::start().await.unwrap();
    let access = simulator.inferno();
    access.set_pays_from_balance(true);
    access.set_balance("7.50".parse().unwrap());
    let (paid, unpaid) = (ordered(&access).await, ordered(&access).await);
    let rows = call(&access, "orders", json!({})).await["orders"].clone();
    assert_eq!(rows[paid.to_string()]["status"], "Active");
    assert_eq!(rows[unpaid.to_string()]["status"], "Pending");
    assert_eq!(call(&access, "balance", json!({})).await["balance"], "2.50");
    access.set_balance("0.30000000000000004".parse().unwrap());
    access.set_quirks(PhpQuirks { strings_as_numbers: true, ..PhpQuirks::default() });
    let response = post(&access, "balance", &json!({})).send().await.unwrap();
    assert!(response.text().await.unwrap().contains(r#""balance":0.30000000000000004,"#));
}

#[tokio::test]
async fn an_installation_can_be_checked_without_running_it() {
    let simulator = Simulator::start().await.unwrap();
    let access = simulator.inferno();
    let order = ordered(&access).await;
    let body = |run: u8, template: &str, keys: &str| json!({"orderid": order, "ostpl": template, "sshkey_ids": keys, "run": run});
    let unpaid = call(&access, "install", body(0, TEMPLATE, "")).await;
    assert_eq!((&unpaid["result"], &unpaid["method"]), (&json!("fail"), &json!("createVPS")));
    access.pay_order(order);
    for (action, wrong) in [
        ("install", body(1, "dos", "")),
        ("install", body(1, TEMPLATE, "9")),
        ("reinstall", body(1, TEMPLATE, "")),
    ] {
        assert_eq!(call(&access, action, wrong).await["result"], "fail");
    }
    let checked = call(&access, "install", body(0, TEMPLATE, "")).await;
    assert_eq!(checked, json!({"method": "createVPS", "result": "success", "msg": "ok"}));
    assert_eq!(call(&access, "getinfo", json!({"orderid": order})).await["vps_info"], json!([]));
}

#[tokio::test]
async fn a_vps_is_queued_exists_once_and_is_found_by_its_address() {
    let simulator = frozen().await;
    simulator.set_boot(Boot::After(Duration::from_secs(120)));
    let access = simulator.inferno();
    let order = installed(&access).await;
    let again = json!({"orderid": order, "ostpl": TEMPLATE, "run": 1});
    for action in ["install", "reinstall"] {
        assert_eq!(call(&access, action, again.clone()).await["error_code"], 904, "{action}");
    }
    assert_eq!(call(&access, "stop", json!({"orderid": order})).await["result"], "fail");
    assert_eq!(real_state(&access, order).await, Value::Null);
    simulator.clock().advance(Duration::from_secs(120));
    let info = call(&access, "getinfo", json!({"orderid": order})).await["vps_info"].clone();
    assert_eq!(info["real_state"], "Включен");
    let by_ip = call(&access, "getinfo", json!({"orderid": 0, "ip": info["ip"]})).await;
    assert_eq!((&by_ip["orderid"], &by_ip["vps_info"]), (&json!(order), &info));
    assert_eq!(call(&access, "getinfo", json!({"orderid": 0, "ip": "198.51.100.1"})).await["result"], "fail");
    assert_eq!(call(&access, "install", again.clone()).await["error_code"], 904);
    assert_eq!(call(&access, "reinstall", again).await["result"], "success");
    simulator.clock().advance(Duration::from_secs(120));
    let renewed = call(&access, "getinfo", json!({"orderid": order})).await["vps_info"].clone();
    assert_eq!((&renewed["main_id"], &renewed["ip"]), (&info["main_id"], &info["ip"]));
    assert_ne!(renewed["vps_password"], info["vps_password"]);
}

#[tokio::test]
async fn a_vps_can_be_stopped_and_booted_but_rebooted_only_while_it_runs() {
    let simulator = Simulator::start().await.unwrap();
    let access = simulator.inferno();
    let order = installed(&access).await;
    simulator.set_boot(Boot::AfterReads(1));
    for (action, result, states) in [
        ("reboot", "success", ["Выключен", "Включен"]),
        ("stop", "success", ["Выключен"; 2]),
        ("stop", "success", ["Выключен"; 2]),
        ("reboot", "fail", ["Выключен"; 2]),
        ("boot", "success", ["Выключен", "Включен"]),
        ("boot", "success", ["Включен"; 2]),
    ] {
        assert_eq!(call(&access, action, json!({"orderid": order})).await["result"], result, "{action}");
        for state in states {
            assert_eq!(real_state(&access, order).await, state, "{action}");
        }
    }
    let unpaid = ordered(&access).await;
    assert_eq!(call(&access, "boot", json!({"orderid": unpaid})).await["result"], "fail");
}

#[tokio::test]
async fn ssh_keys_are_added_listed_installed_and_removed() {
    let simulator = Simulator::start().await.unwrap();
    let access = simulator.inferno();
    let added = call(&access, "sshkey.add", json!({"sshkey": "ssh-ed25519 AAAAC3Nz my laptop"})).await;
    assert_eq!((&added["result"], added.get("id")), (&json!("success"), None));
    assert_eq!(call(&access, "sshkey.add", json!({"sshkey": "my laptop"})).await["result"], "fail");
    assert_eq!(
        call(&access, "sshkey.list", json!({})).await["list"],
        json!([{"id": "1", "name": "my laptop"}])
    );
    let order = installed(&access).await;
    let body = json!({"orderid": order, "ostpl": TEMPLATE, "sshkey_ids": "1", "run": 1});
    assert_eq!(call(&access, "reinstall", body).await["result"], "success");
    let services = call(&access, "services", json!({})).await["services"].clone();
    let service =
        call(&access, "getService", json!({"serviceid": services[0]["id"]})).await["service"].clone();
    assert_eq!((&service["orderid"], &service["sshkey_ids"]), (&json!(order.to_string()), &json!(["1"])));
    for result in ["success", "fail"] {
        assert_eq!(call(&access, "sshkey.remove", json!({"id": "1"})).await["result"], result);
    }
    assert_eq!(call(&access, "getService", json!({"serviceid": 1})).await["result"], "fail");
}

#[tokio::test]
async fn installations_return_print_r_unless_the_request_is_json() {
    let simulator = Simulator::start().await.unwrap();
    let access = simulator.inferno();
    let order = installed(&access).await;
    let url =
        format!("{}/api_client.php?action=install&orderid={order}&ostpl={TEMPLATE}&run=1", access.base_url);
    let get = || http().get(&url).header("x-key", &access.key);
    let (_, printed) = sent(get()).await;
    let exists = "Array\n(\n    [method] => createVPS\n    [result] => fail\n    [msg] => Vps exists with current main_id";
    assert!(printed.as_str().unwrap().starts_with(exists), "{printed}");
    access.set_quirks(PhpQuirks { print_r: PrintR::Never, ..PhpQuirks::default() });
    assert_eq!(sent(get()).await.1["error_code"], 904);
    access.set_quirks(PhpQuirks {
        print_r: PrintR::Always,
        print_r_on_one_line: true,
        ..PhpQuirks::default()
    });
    let printed = call(&access, "install", json!({"orderid": order, "ostpl": TEMPLATE, "run": 1})).await;
    assert!(
        printed.as_str().unwrap().starts_with("Array ( [method] => createVPS [result] => fail"),
        "{printed}"
    );
    assert_eq!(call(&access, "orders", json!({})).await["result"], "success");
}

#[tokio::test]
async fn php_quirks_change_responses() {
    let simulator = Simulator::start().await.unwrap();
    let access = simulator.inferno();
    access.set_quirks(PhpQuirks {
        bom: true,
        blank_lines: true,
        html_content_type: true,
        ..PhpQuirks::default()
    });
    let response = post(&access, "orders", &json!({})).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/html; charset=UTF-8");
    let expected = "\u{feff}\r\n\n{\"result\":\"success\",\"orders\":[]}\n\n";
    assert_eq!(response.bytes().await.unwrap(), expected.as_bytes());
}

#[tokio::test]
async fn an_unknown_action_fails_and_an_unknown_file_is_not_found() {
    let simulator = Simulator::start().await.unwrap();
    let access = simulator.inferno();
    assert_eq!(call(&access, "fly", json!({})).await["result"], "fail");
    assert_eq!(sent(http().get(format!("{}/other.php", access.base_url))).await.0, 404);
}

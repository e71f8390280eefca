//! The simulated replies beside those that the documentation shows.
#![allow(clippy::unwrap_used, reason = "clippy takes only the functions marked as tests for tests")]

mod support;

use std::fs;
use std::mem::discriminant;

use hostkit_simulator::{PhpHabits, PrintR, Simulator};
use serde_json::{Value, json};
use support::inferno::call;
use support::{LeaderSsl, http, sent};

fn documented(exchange: &str) -> Value {
    let file = format!("{}/../../fixtures/{exchange}.json", env!("CARGO_MANIFEST_DIR"));
    let fixture: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(fixture["source"], "reference", "{exchange}");
    fixture["response"].clone()
}

/// Whether all that is documented is there, in the same type, or null on either side.
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
            assert!(!simulated.is_empty(), "{at} is empty");
            for row in simulated {
                covers(&format!("{at}[]"), &documented[0], row);
            }
        }
        (Value::Number(documented), Value::Number(simulated)) => {
            assert_eq!(documented.is_u64(), simulated.is_u64(), "{at}");
        }
        _ => {
            let same_type = discriminant(documented) == discriminant(simulated);
            let fits = same_type || documented.is_null() || simulated.is_null();
            assert!(fits, "{at}: {simulated} in place of {documented}");
        }
    }
}

fn compare(exchange: &str, (status, body): &(u16, Value)) {
    let documented = documented(exchange);
    assert_eq!(documented["status"], *status, "{exchange}");
    covers(exchange, &documented["json"], body);
}

#[tokio::test]
async fn leaderssl_answers_with_every_documented_field() {
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
        let reply = sent(client.request(reqwest::Method::GET, path)).await;
        compare(&format!("leaderssl-gpu/{list}.refused"), &reply);
    }
}

#[tokio::test]
async fn inferno_answers_with_every_documented_field() {
    let simulator = Simulator::start().await.unwrap();
    let access = simulator.inferno();
    let habits = PhpHabits { print_r: PrintR::Always, print_r_on_one_line: true, ..PhpHabits::default() };
    access.set_habits(habits);
    let order = call(&access, "create", json!({"pid": 303})).await;
    compare("inferno-vps/order.create", &(200, order.clone()));
    compare("inferno-vps/order.list", &(200, call(&access, "orders", json!({})).await));
    let second = call(&access, "create", json!({"pid": 303})).await["orderid"].clone();
    for exchange in ["inferno-vps/order.cancel", "inferno-vps/order.cancel.refused"] {
        let reply = call(&access, "cancel", json!({"orderid": second})).await;
        assert_eq!(documented(exchange)["json"], reply);
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

//! Tests LeaderSSL in its documented form.

mod support;

use std::time::Duration;

use hostkit_simulator::{Boot, Simulator};
use reqwest::Method;
use serde_json::{Value, json};
use support::{LeaderSsl, http, sent};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_wrong_password_is_rejected_and_json_works_like_a_form() {
    let simulator = Simulator::start().await.unwrap();
    let access = simulator.leaderssl();
    let url = format!("{}/api/v1/users/signin", access.base_url);
    let (status, body) = sent(http().post(&url).body("login=a&password=b")).await;
    assert_eq!((status, body), (401, json!({"error": "Invalid login or password"})));
    let body = json!({"login": access.login, "password": access.password}).to_string();
    let (status, body) = sent(http().post(&url).header("content-type", "application/json").body(body)).await;
    assert_eq!(status, 200);
    assert!(body["auth_token"] != body["public_token"] && body["auth_token"].is_string(), "{body}");
}

#[tokio::test]
async fn the_token_works_in_header_or_query_until_the_session_expires() {
    let simulator = Simulator::start().await.unwrap();
    let client = LeaderSsl::sign_in(&simulator).await;
    let by_query = format!("{}/1703/servers?auth_token={}", client.users, client.token);
    assert_eq!(sent(client.http.get(&by_query)).await.0, 200);
    assert_eq!(sent(client.request(Method::GET, "servers")).await.0, 200);
    assert_eq!(sent(client.http.get(format!("{}/1703/servers", client.users))).await.0, 401);
    let other_user = format!("{}/1704/servers?auth_token={}", client.users, client.token);
    assert_eq!(sent(client.http.get(other_user)).await.0, 401);
    simulator.leaderssl().expire_sessions();
    let (status, body) = sent(client.http.get(&by_query)).await;
    assert_eq!((status, body), (401, json!({"error": "Authentication required"})));
}

#[tokio::test]
async fn products_of_one_model_share_its_configuration_and_free_time() {
    let simulator = support::frozen().await;
    let client = LeaderSsl::sign_in(&simulator).await;
    let products = client.get("servers/products").await;
    let of = |products: &Value, configuration: u64| -> Vec<Value> {
        let rows = products.as_array().unwrap().iter();
        rows.filter(|row| row["server_configuration_id"] == configuration).cloned().collect()
    };
    let periods: Vec<_> = of(&products, 11).iter().map(|row| row["period_type"].clone()).collect();
    assert_eq!(periods, ["minute", "day", "week", "month"]);
    assert!(of(&products, 11).iter().all(|row| row["free_time"].is_null()));
    assert_eq!(of(&products, 11)[0]["code"], "GPU:Nvidia:GTX1080:2:Minute");
    assert!(of(&products, 13).iter().all(|row| row["free_time"] == "2025-06-15T19:36:40+03:00"));
    simulator.clock().advance(90 * MINUTE);
    let products = client.get("servers/products").await;
    assert!(of(&products, 13).iter().all(|row| row["free_time"].is_null()));
}

#[tokio::test]
async fn an_invalid_order_gets_401_with_every_reason() {
    let simulator = Simulator::start().await.unwrap();
    let client = LeaderSsl::sign_in(&simulator).await;
    let (status, body) = client.order("nomenclature_id=535&os=windows&period_count=0").await;
    let reasons = json!({"error": ["Os is not included in the list", "Period count must be greater than 0"]});
    assert_eq!((status, body), (401, reasons));
    let (status, body) = client.order("nomenclature_id=1&os=centos&period_count=1").await;
    assert_eq!((status, body), (401, json!({"error": ["Nomenclature is not available"]})));
    assert_eq!(client.get("servers").await.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn an_ordered_server_is_available_or_queued_for_a_free_unit() {
    let simulator = Simulator::start().await.unwrap();
    let client = LeaderSsl::sign_in(&simulator).await;
    let (status, order) = client.order("nomenclature_id=534&os=ubuntu&period_count=2").await;
    assert_eq!(status, 200);
    assert!(order["url"].as_str().unwrap().ends_with(order["bill"].as_str().unwrap()));
    let body = json!({"nomenclature_id": 536, "os": "centos", "period_count": 1}).to_string();
    let (status, second) = sent(client.request(Method::POST, "servers/order").body(body)).await;
    assert_eq!(status, 200);
    assert_ne!(order["order_id"], second["order_id"]);
    let servers = client.get("servers").await;
    let ordered = &servers.as_array().unwrap()[3..];
    assert_eq!(ordered[0]["status"], "available");
    assert_eq!(ordered[0]["ip"], "Queued");
    assert_eq!(ordered[1]["status"], "queued");
    assert_ne!(ordered[0]["token"], ordered[1]["token"]);
    simulator.clock().advance(91 * MINUTE);
    assert_eq!(client.get("servers").await[4]["status"], "available");
}

#[tokio::test]
async fn a_server_boots_runs_and_stops_and_its_uptime_counts_whole_minutes() {
    let simulator = support::frozen().await;
    simulator.set_boot(Boot::AfterReads(1));
    let client = LeaderSsl::sign_in(&simulator).await;
    assert_eq!(client.post("servers/14/stop").await, json!({"success": "false"}));
    assert_eq!(client.post("servers/14/start").await, json!({"success": true}));
    assert_eq!(client.post("servers/14/start").await, json!({"success": "false"}));
    assert_eq!(client.server(14).await["status"], "booting");
    let up = client.server(14).await;
    assert_eq!((&up["status"], &up["uptime"], &up["end_at"]), (&json!("up"), &json!(0), &Value::Null));
    simulator.clock().advance(3 * MINUTE + MINUTE / 2);
    assert_eq!(client.server(14).await["uptime"], 180);
    assert_eq!(client.post("servers/14/stop").await, json!({"success": true}));
    simulator.clock().advance(10 * MINUTE);
    let stopped = client.server(14).await;
    assert_eq!((&stopped["status"], &stopped["uptime"]), (&json!("available"), &json!(180)));
    assert_eq!(stopped["resume_available"], false);
}

#[tokio::test]
async fn only_suspended_servers_are_resumed_and_weekly_ones_not_suspended() {
    let simulator = Simulator::start().await.unwrap();
    let client = LeaderSsl::sign_in(&simulator).await;
    assert_eq!(client.post("servers/14/resume").await["success"], "false");
    assert_eq!(client.post("servers/14/start").await["success"], true);
    assert_eq!(client.server(14).await["suspend_available"], true);
    assert_eq!(client.post("servers/14/suspend").await["success"], true);
    let suspended = client.server(14).await;
    assert_eq!((&suspended["status"], &suspended["resume_available"]), (&json!("available"), &json!(true)));
    assert_ne!(suspended["ip"], "Queued");
    assert_eq!(client.post("servers/14/resume").await["success"], true);
    assert_eq!(client.server(14).await["status"], "up");

    client.order("nomenclature_id=543&os=ubuntu&period_count=1").await;
    let weekly = client.get("servers").await[3]["id"].as_u64().unwrap();
    assert_eq!(client.post(&format!("servers/{weekly}/start")).await["success"], true);
    assert_eq!(client.server(weekly).await["suspend_available"], false);
    assert_eq!(client.post(&format!("servers/{weekly}/suspend")).await["success"], "false");
}

#[tokio::test]
async fn a_unit_in_use_leaves_the_next_server_in_the_queue() {
    let simulator = Simulator::start().await.unwrap();
    let client = LeaderSsl::sign_in(&simulator).await;
    for _ in 0..2 {
        client.order("nomenclature_id=535&os=centos&period_count=1").await;
    }
    let ids: Vec<_> =
        client.get("servers").await.as_array().unwrap()[3..].iter().map(|s| s["id"].clone()).collect();
    assert_eq!(client.post(&format!("servers/{}/start", ids[0])).await["success"], true);
    assert_eq!(client.get("servers").await[4]["status"], "queued");
    assert_eq!(client.post(&format!("servers/{}/start", ids[1])).await["success"], "false");
    assert_eq!(client.post(&format!("servers/{}/stop", ids[0])).await["success"], true);
    assert_eq!(client.post(&format!("servers/{}/start", ids[1])).await["success"], true);
}

#[tokio::test]
async fn a_failed_precondition_has_the_configured_status() {
    let simulator = Simulator::start().await.unwrap();
    let client = LeaderSsl::sign_in(&simulator).await;
    simulator.leaderssl().set_failure_status(422);
    assert_eq!(
        sent(client.request(Method::POST, "servers/999/start")).await,
        (422, json!({"success": "false"}))
    );
}

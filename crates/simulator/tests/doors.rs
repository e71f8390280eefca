//! Tests which requests are accepted: everything that the providers accept or, in strict mode, only documented
//! requests.

#![allow(clippy::unwrap_used, reason = "clippy recognizes only functions with `#[test]` as tests")]

mod support;

use hostkit_simulator::Simulator;
use reqwest::Method;
use serde_json::json;
use support::inferno::post;
use support::{elastis, elastis_request, http, sent};

const NEW_VM: &str = "name=web-1&os_name=ubuntu&os_version=20.04&disks=20&vcpu=2&ram=2048&username=example\
                      &password=Password123&billing_account_id=6";

async fn strict() -> Simulator {
    Simulator::builder().strict().start().await.unwrap()
}

/// Returns undocumented requests that the provider accepts, each with a part of the error in strict mode.
fn lenient(vm: &str) -> Vec<(Method, String, String, &'static str)> {
    vec![
        (Method::GET, "user-resource/vm/list/".to_owned(), String::new(), "slash"),
        (Method::GET, "bus02/config/locations".to_owned(), String::new(), "no location"),
        (Method::POST, format!("user-resource/vm/stop?uuid={vm}"), String::new(), "belongs in the form"),
        (
            Method::POST,
            "user-resource/vm/start".to_owned(),
            json!({"uuid": vm}).to_string(),
            "belongs in the form",
        ),
        (Method::PATCH, "user-resource/vm".to_owned(), format!("uuid={vm}&name=web+1"), "plus sign"),
        (Method::POST, format!("network/network?name=a&colour={vm}"), String::new(), "no parameter 'colour'"),
        (Method::PATCH, "user-resource/vm".to_owned(), format!("uuid={vm}&uuid={vm}&name=b"), "twice"),
        (Method::GET, format!("user-resource/vm?uuid={vm}&uuid={vm}"), String::new(), "twice"),
        (
            Method::POST,
            "network/network".to_owned(),
            json!({"name": "b"}).to_string(),
            "belongs in the query",
        ),
    ]
}

#[tokio::test]
async fn undocumented_forms_are_accepted_unless_the_simulator_is_strict() {
    let (lax, strict) = (Simulator::start().await.unwrap(), strict().await);
    for (simulator, is_strict) in [(&lax, false), (&strict, true)] {
        let (status, vm) = elastis(simulator, Method::POST, "user-resource/vm", NEW_VM).await;
        assert_eq!(status, 200, "{vm}");
        for (method, path, body, objection) in lenient(vm["uuid"].as_str().unwrap()) {
            let (status, response) = elastis(simulator, method, &path, &body).await;
            if is_strict {
                let message = response["message"].as_str().unwrap_or_default();
                assert!(status == 400 && message.contains(objection), "{path}: {status} {response}");
            } else {
                assert!(status < 300, "{path}: {status} {response}");
            }
        }
        let (status, _) =
            elastis(simulator, Method::POST, "network/ip_addresses/", r#"{"billing_account_id": 6}"#).await;
        assert_eq!(status, 200, "this path is documented with a trailing slash");
    }
    let refused = strict.requests().into_iter().filter(|request| request.status == Some(400));
    assert!(refused.count() >= 9);
}

#[tokio::test]
async fn strict_mode_requires_the_documented_method_and_content_type() {
    let simulator = strict().await;
    let inferno = simulator.inferno();
    let url = format!("{}/api_client.php?action=orders&cid=777", inferno.base_url);
    assert_eq!(sent(http().get(url).header("x-key", &inferno.key)).await.0, 400);
    assert_eq!(sent(post(&inferno, "orders", &json!({"cid": 777}))).await.0, 200);
    let elastis = simulator.elastis();
    let text = http().post(format!("{}/v1/user-resource/vm", elastis.base_url)).header("apikey", elastis.key);
    let (status, body) = sent(text.header("content-type", "text/plain").body(NEW_VM)).await;
    assert_eq!(status, 400, "{body}");
}

#[tokio::test]
async fn a_reset_keeps_strict_mode_and_other_clients_are_exempt() {
    let simulator = strict().await;
    simulator.reset();
    assert_eq!(elastis(&simulator, Method::GET, "user-resource/vm/list/", "").await.0, 400);
    let (status, vm) = simulator.perform(
        "vm.create",
        &json!({
            "name": "web-1", "os_name": "ubuntu", "os_version": "20.04", "disks": 20, "vcpu": 2, "ram": 2048,
            "username": "example", "password": "Password123", "billing_account_id": 6,
        }),
    );
    assert_eq!(status, 200, "{vm}");
}

#[tokio::test]
async fn a_provider_can_be_served_without_a_prefix() {
    let simulator = Simulator::builder().root("elastis").start().await.unwrap();
    let access = simulator.elastis();
    assert_eq!(access.base_url, format!("http://{}", simulator.address()));
    for base in [access.base_url.clone(), format!("{}/elastis", access.base_url)] {
        let request = http().get(format!("{base}/v1/user-resource/vm/list")).header("apikey", &access.key);
        assert_eq!(sent(request).await, (200, json!([])));
    }
    assert!(simulator.inferno().base_url.ends_with("/inferno-vps"));
    assert!(Simulator::builder().root("hetzner").start().await.is_err());
}

#[tokio::test]
async fn every_provider_can_have_a_port_of_its_own() {
    let simulator = Simulator::builder().ports().start().await.unwrap();
    let (elastis, inferno, gpu) = (simulator.elastis(), simulator.inferno(), simulator.leaderssl());
    let list = http().get(format!("{}/v1/user-resource/vm/list", elastis.base_url));
    assert_eq!(sent(list.header("apikey", &elastis.key)).await, (200, json!([])));
    assert_eq!(sent(post(&inferno, "orders", &json!({}))).await.1["result"], "success");
    let sign_in = format!("login={}&password={}", gpu.login.replace('@', "%40"), gpu.password);
    let sign_in = http().post(format!("{}/api/v1/users/signin", gpu.base_url)).body(sign_in);
    assert_eq!(sent(sign_in).await.0, 200);
    let below = format!("http://{}/elastis/v1/user-resource/vm/list", simulator.address());
    assert_eq!(
        sent(http().get(below).header("apikey", &elastis.key)).await.0,
        200,
        "all addresses share one state"
    );
    assert_eq!(simulator.count("*"), 4);
}

#[tokio::test]
async fn an_unknown_path_lists_the_providers() {
    let simulator = Simulator::start().await.unwrap();
    let (status, text) = sent(http().get(format!("http://{}/v1/vm", simulator.address()))).await;
    assert_eq!(status, 404);
    for name in ["/elastis/v1", "/inferno-vps/api_client.php", "/leaderssl-gpu/api/v1", "/_simulator/"] {
        assert!(text.as_str().unwrap().contains(name), "{text}");
    }
    let response =
        elastis_request(&simulator, Method::GET, "user-resource/vms/list", "").send().await.unwrap();
    assert_eq!(response.status(), 404);
    assert_eq!(
        response.headers()["x-simulator-hint"],
        "the nearest endpoint is GET /v1/user-resource/vm/list"
    );
}

#[tokio::test]
async fn a_body_above_the_size_limit_is_not_kept() {
    let simulator = Simulator::start().await.unwrap();
    let request = elastis_request(&simulator, Method::POST, "user-resource/vm", &"x".repeat(9 << 20));
    // If a client continues to send after the response, it may find the connection closed.
    if let Ok(response) = request.send().await {
        assert_eq!(response.status(), 413);
    }
    assert_eq!(simulator.count("*"), 0);
}

#[tokio::test]
async fn a_network_has_room_for_a_thousand_vms() {
    let simulator = Simulator::start().await.unwrap();
    let new = json!({
        "name": "web-1", "os_name": "ubuntu", "os_version": "20.04", "disks": 20, "vcpu": 1, "ram": 512,
        "username": "example", "password": "Password123", "billing_account_id": 6,
    });
    for _ in 0..1000 {
        assert_eq!(simulator.perform("vm.create", &new).0, 200);
    }
    let (_, list) = elastis(&simulator, Method::GET, "user-resource/vm/list", "").await;
    let addresses: std::collections::BTreeSet<_> =
        list.as_array().unwrap().iter().map(|vm| vm["private_ipv4"].as_str().unwrap()).collect();
    assert_eq!(addresses.len(), 1000);
}

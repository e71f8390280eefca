//! Tests of elastis over a socket, for behaviour that its unit tests cannot show.
#![allow(clippy::unwrap_used, reason = "clippy recognizes only functions with `#[test]` as tests")]

mod support;

use hostkit_simulator::{Boot, Fault, Simulator};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use support::{http, sent};

const NEW_VM: &str = "name=web-1&os_name=ubuntu&os_version=20.04&disks=20&vcpu=2&ram=2048&username=example\
                      &password=Password123&billing_account_id=6";

fn request(simulator: &Simulator, method: Method, path: &str) -> RequestBuilder {
    let access = simulator.elastis();
    http().request(method, format!("{}/v1/{path}", access.base_url)).header("apikey", access.key)
}

async fn vms(simulator: &Simulator, at: &str) -> Value {
    sent(request(simulator, Method::GET, &format!("{at}user-resource/vm/list"))).await.1
}

#[tokio::test]
async fn a_location_in_the_path_has_its_own_vms() {
    let simulator = Simulator::start().await.unwrap();
    let (status, vm) = sent(request(&simulator, Method::POST, "bus02/user-resource/vm").body(NEW_VM)).await;
    assert!(status < 300, "{vm}");
    assert_eq!(vms(&simulator, "bus02/").await[0]["uuid"], vm["uuid"]);
    assert_eq!(vms(&simulator, "").await, json!([]));
    assert_eq!(sent(request(&simulator, Method::GET, "nowhere/user-resource/vm/list")).await.0, 404);
    assert_eq!(simulator.count("elastis/vm.list"), 3);
}

#[tokio::test]
async fn a_create_is_processed_if_only_its_response_was_lost() {
    let simulator = Simulator::start().await.unwrap();
    simulator.fail("vm.create", [Fault::ResetBefore, Fault::HtmlAfter(504)]);
    for count in [0, 1] {
        let response = request(&simulator, Method::POST, "user-resource/vm").body(NEW_VM).send().await;
        assert!(response.is_err() || response.unwrap().status() == 504);
        assert_eq!(vms(&simulator, "").await.as_array().unwrap().len(), count);
    }
}

#[tokio::test]
async fn a_stopped_vm_starts_after_the_configured_number_of_reads() {
    let simulator = Simulator::start().await.unwrap();
    let vm = sent(request(&simulator, Method::POST, "user-resource/vm").body(NEW_VM)).await.1;
    let uuid = vm["uuid"].as_str().unwrap();
    let form = format!("uuid={uuid}");
    assert_eq!(
        sent(request(&simulator, Method::POST, "user-resource/vm/stop").body(form.clone())).await.0,
        200
    );
    simulator.set_boot(Boot::AfterReads(2));
    assert_eq!(sent(request(&simulator, Method::POST, "user-resource/vm/start").body(form)).await.0, 200);
    let mut seen = Vec::new();
    while seen.last().is_none_or(|status| status != "running") && seen.len() < 9 {
        let look = request(&simulator, Method::GET, &format!("user-resource/vm?uuid={uuid}"));
        seen.push(sent(look).await.1["status"].clone());
    }
    assert_eq!(seen.iter().filter(|status| *status != "running").count(), 2, "{seen:?}");
}

#[tokio::test]
async fn a_reset_restores_the_same_account_and_the_same_key() {
    let simulator = Simulator::start().await.unwrap();
    let key = simulator.elastis().key;
    let create = || sent(request(&simulator, Method::POST, "user-resource/vm").body(NEW_VM));
    let first = create().await.1["uuid"].clone();
    simulator.reset();
    assert_eq!(vms(&simulator, "").await, json!([]));
    assert_eq!((create().await.1["uuid"].clone(), simulator.elastis().key), (first, key));
}

#[tokio::test]
async fn every_response_has_an_id_and_bad_keys_have_their_own_statuses() {
    let simulator = Simulator::start().await.unwrap();
    let access = simulator.elastis();
    let url = format!("{}/v1/user-resource/user", access.base_url);
    for (key, status) in [(None, 401), (Some("wrong"), 403), (Some(access.key.as_str()), 200)] {
        let request = key.iter().fold(http().get(&url), |request, key| request.header("apikey", *key));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status);
        assert!(response.headers().contains_key("x-warren-correlation-id"));
    }
}

#[tokio::test]
async fn the_error_for_a_wrong_method_has_null_instead_of_a_message() {
    let simulator = Simulator::start().await.unwrap();
    let refused = sent(request(&simulator, Method::PUT, "user-resource/vm")).await;
    assert_eq!(refused, (405, json!({"errors": {"405 Method Not Allowed": null}})));
}

#[tokio::test]
async fn a_bucket_with_objects_is_not_deleted() {
    let simulator = Simulator::start().await.unwrap();
    let access = simulator.elastis();
    let call = |method, form: &'static str| sent(request(&simulator, method, "storage/bucket").body(form));
    assert!(call(Method::PUT, "name=photos&billing_account_id=6").await.0 < 300);
    assert!(access.put_objects("photos", 5, 3_189_211_059));
    assert!(!access.put_objects("films", 1, 1));
    assert_eq!(call(Method::DELETE, "name=photos").await.0, 409);
    assert!(access.empty_bucket("photos"));
    assert_eq!(call(Method::DELETE, "name=photos").await.0, 204);
}

#[tokio::test]
async fn the_account_constants_are_accounts_of_the_user() {
    let simulator = Simulator::start().await.unwrap();
    let accounts = sent(request(&simulator, Method::GET, "payment/billing_account/list")).await.1;
    let ids: Vec<_> = accounts.as_array().unwrap().iter().filter_map(|row| row["id"].as_u64()).collect();
    assert_eq!(ids, simulator.elastis().billing_accounts);
    assert_eq!(accounts[0]["is_default"], true);
}

//! Tests the features for testing lost and duplicate create requests. Resources appear late, incomplete or renamed;
//! requests are processed after their client has disconnected; other clients act on the same account; and the books
//! show what was created.

#![allow(clippy::unwrap_used, reason = "clippy recognizes only functions with `#[test]` as tests")]

mod support;

use std::time::Duration;

use hostkit_simulator::{Boot, Disguise, Fault, Moment, Simulator};
use reqwest::Method;
use serde_json::{Value, json};
use support::inferno::call;
use support::{LeaderSsl, elastis, sent};

const NEW_VM: &str = "name=web-1&os_name=ubuntu&os_version=20.04&disks=20&vcpu=2&ram=2048&username=example\
                      &password=Password123&billing_account_id=6";
const VM: &str = "user-resource/vm";

async fn create(simulator: &Simulator) -> Value {
    let (status, vm) = elastis(simulator, Method::POST, VM, NEW_VM).await;
    assert_eq!(status, 200, "{vm}");
    vm
}

async fn listed(simulator: &Simulator) -> Vec<Value> {
    let (_, list) = elastis(simulator, Method::GET, "user-resource/vm/list", "").await;
    list.as_array().unwrap().clone()
}

#[tokio::test]
async fn a_hidden_resource_is_unknown_for_the_requested_number_of_reads() {
    let simulator = Simulator::start().await.unwrap();
    let older = create(&simulator).await;
    simulator.disguise("vm.create", Disguise::Hidden(Boot::AfterReads(3)));
    let vm = create(&simulator).await;
    let one = format!("{VM}?uuid={}", vm["uuid"].as_str().unwrap());
    assert_eq!(listed(&simulator).await.len(), 1, "only the older VM");
    let (status, refused) = elastis(&simulator, Method::GET, &one, "").await;
    assert_eq!(status, 400, "{refused}");
    assert!(refused["errors"]["Error"].as_str().unwrap().starts_with("No such virtual machine"), "{refused}");
    let network = elastis(&simulator, Method::GET, "network/networks", "").await.1;
    assert_eq!(network[0]["vm_uuids"], json!([older["uuid"]]), "the third read");
    assert_eq!(listed(&simulator).await.len(), 2);
    assert_eq!(elastis(&simulator, Method::GET, &one, "").await.0, 200);
    simulator.clear_disguises("vm.create");
    create(&simulator).await;
    assert_eq!(listed(&simulator).await.len(), 3);
}

#[tokio::test]
async fn a_hidden_resource_cannot_be_changed_and_appears_after_its_time() {
    let simulator = support::frozen().await;
    simulator.disguise("elastis/*", Disguise::Hidden(Boot::After(Duration::from_secs(60))));
    let vm = create(&simulator).await;
    let uuid = format!("uuid={}", vm["uuid"].as_str().unwrap());
    for (method, path) in [(Method::POST, "/stop"), (Method::DELETE, "")] {
        assert_eq!(elastis(&simulator, method, &format!("{VM}{path}"), &uuid).await.0, 400, "{path}");
    }
    simulator.clock().advance(Duration::from_secs(59));
    assert_eq!(listed(&simulator).await, Vec::<Value>::new());
    simulator.clock().advance(Duration::from_secs(1));
    assert_eq!(listed(&simulator).await[0]["status"], "running", "the VM was not changed meanwhile");
}

#[tokio::test]
async fn every_provider_can_hide_new_orders() {
    let simulator = Simulator::start().await.unwrap();
    simulator.disguise("order.create", Disguise::Hidden(Boot::AfterReads(1)));
    let gpu = LeaderSsl::sign_in(&simulator).await;
    gpu.order("nomenclature_id=534&os=ubuntu&period_count=1").await;
    let lists = [gpu.get("servers").await, gpu.get("servers").await];
    assert_eq!(lists.map(|list| list.as_array().unwrap().len()), [3, 4]);
    let inferno = simulator.inferno();
    let order = call(&inferno, "create", json!({"pid": 303})).await["orderid"].clone();
    let info = async || call(&inferno, "getinfo", json!({"orderid": order})).await["result"].clone();
    assert_eq!([info().await, info().await], ["fail", "success"]);
    for (path, create, method) in [
        ("network/networks", "network/network?name=inner", Method::POST),
        ("storage/disks", "storage/disks?size_gb=5&billing_account_id=6", Method::POST),
        ("storage/bucket/list", "storage/bucket?name=photos&billing_account_id=6", Method::PUT),
    ] {
        simulator.disguise("elastis/*", Disguise::Hidden(Boot::AfterReads(1)));
        elastis(&simulator, method, create, "").await;
        simulator.clear_disguises("elastis/*");
        let lists = [
            elastis(&simulator, Method::GET, path, "").await,
            elastis(&simulator, Method::GET, path, "").await,
        ];
        assert_eq!(lists.map(|(_, list)| list.as_array().unwrap().len()), [0, 1], "{path}");
    }
}

#[tokio::test]
async fn values_can_be_null_for_a_while_and_a_name_changed_permanently() {
    let simulator = Simulator::start().await.unwrap();
    let null = json!({"vcpu": null, "memory": null}).as_object().unwrap().clone();
    simulator.disguise("vm.create", Disguise::Fields(null, Boot::AfterReads(1)));
    simulator
        .disguise("vm.create", Disguise::Replaced(json!({"name": "Web-1"}).as_object().unwrap().clone()));
    let vm = create(&simulator).await;
    assert_eq!((&vm["vcpu"], &vm["memory"], &vm["name"]), (&Value::Null, &Value::Null, &json!("Web-1")));
    assert!(vm["uuid"].is_string());
    for vcpu in [Value::Null, json!(2)] {
        let row = &listed(&simulator).await[0];
        assert_eq!((&row["vcpu"], &row["name"]), (&vcpu, &json!("Web-1")));
    }
}

#[tokio::test]
async fn a_create_can_be_processed_after_its_connection_was_closed() {
    let simulator = support::frozen().await;
    let delays = [Boot::After(Duration::from_secs(9)), Boot::AfterReads(2)];
    simulator.fail("vm.create", delays.map(Fault::ResetThenProcessed));
    for (count, vms) in [0, 1].into_iter().enumerate() {
        support::elastis_request(&simulator, Method::POST, VM, NEW_VM).send().await.unwrap_err();
        let last = simulator.requests().pop().unwrap();
        assert_eq!((last.processed, last.status), (false, None));
        assert_eq!((listed(&simulator).await.len(), listed(&simulator).await.len()), (vms, vms));
        simulator.clock().advance(Duration::from_secs(9));
        assert_eq!(listed(&simulator).await.len(), vms + 1);
        assert_eq!(simulator.books().created("vm"), count as u64 + 1);
        let create =
            simulator.requests().into_iter().rfind(|row| row.operation == Some("vm.create")).unwrap();
        assert_eq!((create.processed, create.status), (true, Some(200)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_create_is_processed_even_if_its_client_disconnects() {
    let simulator = Simulator::start().await.unwrap();
    let minute = Duration::from_secs(60);
    simulator.fail("vm.create", Fault::SlowProcessing(minute)).standing();
    let impatient = support::elastis_request(&simulator, Method::POST, VM, NEW_VM).timeout(minute / 2);
    assert!(impatient.send().await.unwrap_err().is_timeout());
    assert_eq!(listed(&simulator).await.len(), 0);
    tokio::time::sleep(minute).await;
    assert_eq!(listed(&simulator).await.len(), 1);
    create(&simulator).await;
    assert_eq!(listed(&simulator).await.len(), 2);
}

#[tokio::test]
async fn another_client_acts_at_the_chosen_moment() {
    let simulator = Simulator::start().await.unwrap();
    simulator.fail("vm.create", Fault::ResetBefore);
    simulator.twin(Moment::Before, "vm.create");
    let request = support::elastis_request(&simulator, Method::POST, VM, NEW_VM);
    request.send().await.unwrap_err();
    assert_eq!(
        (simulator.count("vm.create"), simulator.books().created("vm")),
        (1, 1),
        "only the twin was created"
    );
    assert_eq!(simulator.injected()[0].1["name"], "web-1");

    let disk = json!({"size_gb": 7, "billing_account_id": 6, "location": "bus02"});
    simulator.inject(Moment::After, "vm.list", "disk.create", &disk);
    let elsewhere = async || {
        elastis(&simulator, Method::GET, "bus02/storage/disks", "").await.1.as_array().unwrap().len()
    };
    assert_eq!(elsewhere().await, 0);
    assert_eq!(listed(&simulator).await.len(), 1);
    assert_eq!((elsewhere().await, elsewhere().await), (1, 1), "once");

    let gpu = json!({"nomenclature_id": 534, "os": "ubuntu", "period_count": 1});
    assert_eq!(simulator.perform("leaderssl-gpu/order.create", &gpu).0, 200);
    assert_eq!(simulator.perform("inferno-vps/order.create", &json!({"pid": 303})).1["result"], "success");
    let address =
        simulator.perform("floating_ip.create", &json!({"billing_account_id": 6})).1["address"].clone();
    let renamed =
        simulator.perform("floating_ip.update", &json!({"public_ipv4_address": address, "name": "theirs"}));
    assert_eq!(renamed.1["name"], "theirs");
    assert_eq!(simulator.perform("vm.craete", &json!({})).0, 404);
    let books = simulator.books();
    assert_eq!((books.created("order"), books.created("ip"), simulator.count("order.create")), (2, 2, 0));
}

#[tokio::test]
async fn the_books_contain_purchases_and_billed_resources() {
    let simulator = Simulator::start().await.unwrap();
    let billed = |simulator: &Simulator| {
        let books = simulator.books();
        books.billed("elastis/*").iter().map(|row| row.kind).collect::<Vec<_>>()
    };
    assert_eq!(simulator.books().created("*"), 0, "the initial resources were not bought");
    let vm = create(&simulator).await;
    elastis(&simulator, Method::POST, VM, "name=x").await;
    assert_eq!(billed(&simulator), ["vm", "ip"], "a rejected create costs nothing");
    let uuid = format!("uuid={}", vm["uuid"].as_str().unwrap());
    elastis(&simulator, Method::DELETE, VM, &uuid).await;
    assert_eq!(billed(&simulator), ["ip"], "the address stays and is still billed");
    let books = simulator.books();
    let of = |kind: &str| books.created(kind);
    assert_eq!([of("vm"), of("disk"), of("ip"), of("elastis/network"), of("inferno-vps/*")], [1, 1, 1, 1, 0]);
    assert_eq!(books.billed("ip")[0].id.len(), 36);

    let inferno = simulator.inferno();
    let order = call(&inferno, "create", json!({"pid": 303})).await["orderid"].as_u64().unwrap();
    assert_eq!(simulator.books().billed("inferno-vps/order").len(), 0, "the order is not paid");
    inferno.pay_order(order);
    assert_eq!(simulator.books().billed("inferno-vps/order")[0].id, order.to_string());

    let gpu = LeaderSsl::sign_in(&simulator).await;
    let before = simulator.books().billed("server").len();
    gpu.post("servers/14/start").await;
    assert_eq!(simulator.books().billed("server").len(), before + 1, "billed by the minute while it runs");
    gpu.post("servers/14/stop").await;
    assert_eq!(simulator.books().billed("server").len(), before);
}

#[tokio::test]
async fn an_unpaid_order_has_no_server_until_it_is_paid() {
    let simulator = Simulator::start().await.unwrap();
    let (gpu, access) = (LeaderSsl::sign_in(&simulator).await, simulator.leaderssl());
    access.set_awaits_payment(true);
    let (status, order) = gpu.order("nomenclature_id=534&os=ubuntu&period_count=2").await;
    assert_eq!(status, 200);
    assert_eq!(gpu.get("servers").await.as_array().unwrap().len(), 3);
    let books = simulator.books();
    assert_eq!((books.created("leaderssl-gpu/order"), books.created("server")), (1, 0));
    let id = order["order_id"].as_u64().unwrap();
    assert!(!access.pay_order(id + 1) && access.pay_order(id) && !access.pay_order(id));
    let servers = gpu.get("servers").await;
    assert_eq!(servers[3]["period_count"], 2);
    assert_eq!(simulator.books().created("server"), 1);
    simulator.reset();
    let gpu = LeaderSsl::sign_in(&simulator).await;
    gpu.order("nomenclature_id=534&os=ubuntu&period_count=1").await;
    assert_eq!(gpu.get("servers").await.as_array().unwrap().len(), 4, "a reset restores the setting");
    let unpaid = sent(gpu.request(Method::GET, "servers")).await;
    assert_eq!(unpaid.0, 200);
}

//! Tests every wait of every crate.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use std::fmt::Display;
use std::time::Duration;

use elastis_core::{Elastis, Login, NewVm, Os, VmSize};
use elastis_network::{ElastisNetwork, NewLoadBalancer};
use elastis_storage::{ElastisStorage, NewDisk};
use hostkit_simulator::{Fault, Plan, Simulator};
use http_core::{Error, Wait};
use leaderssl_gpu::{NewOrder, Product};
use serde::de::DeserializeOwned;

const LIMIT: Duration = Duration::from_secs(20);

struct Ended {
    id: String,
    error: Option<Error>,
}

impl Ended {
    fn text(&self) -> String {
        self.error.as_ref().map_or("the state was reached".to_owned(), Error::to_string)
    }
}

async fn ended<T: Clone + Send + 'static>(id: &dyn Display, wait: Wait<T>, arm: &dyn Fn() -> Plan) -> Ended {
    let plan = arm();
    let error = wait.timeout(LIMIT).await.err().map(Error::from);
    plan.end();
    Ended { id: id.to_string(), error }
}

/// Waits for a state that is never reached, with every wait of every crate. The faults in `polls` affect the polls of
/// each wait.
async fn every_wait(polls: &[Fault]) -> Vec<Ended> {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let arm = || simulator.fail("*", polls.to_vec());
    let mut waits = Vec::new();

    let access = simulator.leaderssl();
    let gpu = leaderssl_gpu::Client::builder(&access.login, access.password.as_str());
    let gpu = gpu.base_url(&access.base_url).no_proxy().build().unwrap();
    let product = gpu.products().list().await.unwrap().into_iter().find(Product::is_free_now).unwrap();
    let order = gpu.orders().create(NewOrder::new(product.id, leaderssl_gpu::Os::Ubuntu, 1)).recover().await;
    let server = order.unwrap().value.server.unwrap().id;
    waits.push(ended(&server, gpu.servers().wait(server).until(|_| false), &arm).await);

    let access = simulator.inferno();
    let vps = inferno_vps::Client::builder(access.cid, access.key.as_str());
    let vps = vps.base_url(&access.base_url).no_proxy().build().unwrap();
    let order = vps.orders().create(inferno_vps::ProductId::new(303)).await.unwrap().order_id;
    waits.push(ended(&order, vps.orders().wait(order).until(|_| false), &arm).await);
    waits.push(ended(&order, vps.vps().wait(order).until(|_| false), &arm).await);

    let access = simulator.elastis();
    let elastis = Elastis::builder(access.key).base_url(access.base_url).no_proxy().build().unwrap();
    let account = access.billing_accounts[0].into();
    let (os, login) = (Os::new("ubuntu", "22.04-lts"), Login::new("example", "Password123"));
    let new = NewVm::from_image("web-1", os, 20, VmSize::new(2, 2048), login).with_billing_account(account);
    let vm = elastis.vms().create(new).await.unwrap().uuid;
    waits.push(ended(&vm, elastis.vms().wait(vm).until(|_| false), &arm).await);
    waits.push(ended(&vm, elastis.vms().wait_deleted(vm), &arm).await);
    let disk = elastis.disks().create(NewDisk::empty(20).with_billing_account(account)).await.unwrap().uuid;
    waits.push(ended(&disk, elastis.disks().wait(disk).until(|_| false), &arm).await);
    waits.push(ended(&disk, elastis.disks().wait_deleted(disk), &arm).await);
    let new = NewLoadBalancer::new().with_billing_account(account);
    let balancer = elastis.load_balancers().create(new).await.unwrap().uuid;
    waits.push(ended(&balancer, elastis.load_balancers().wait(balancer).until(|_| false), &arm).await);
    waits.push(ended(&balancer, elastis.load_balancers().wait_deleted(balancer), &arm).await);

    assert_eq!(waits.len(), 9);
    waits
}

#[tokio::test(start_paused = true)]
async fn every_wait_that_times_out_shows_the_last_state() {
    let waits = every_wait(&[]).await;
    let is_silent = |ended: &&Ended| {
        let error = ended.text();
        !(error.contains("last state: ")
            && error.contains(&format!(" {} ", ended.id))
            && error.contains("poll"))
    };
    let silent: Vec<_> = waits.iter().filter(is_silent).map(Ended::text).collect();
    assert!(silent.is_empty(), "{silent:#?}");
}

/// In particular, an unexpected response must not count as proof of a deletion.
#[tokio::test(start_paused = true)]
async fn one_unexpected_response_ends_no_wait() {
    let mut wrong = Vec::new();
    for odd in [
        Fault::Html(404),
        Fault::response(404, ""),
        Fault::response(404, "{}"),
        Fault::response(404, r#"{"message": "not fou"#),
        Fault::Html(400),
        Fault::Html(403),
        Fault::Html(405),
        Fault::Html(200),
        Fault::Challenge,
        Fault::response(200, ""),
        Fault::response(200, "null"),
        Fault::response(200, "{}"),
        Fault::response(200, "[]"),
        Fault::response(200, r#"{"result": "success", "orders": []}"#),
        // Lists of other resources.
        Fault::response(200, r#"[{"id": 7}]"#),
        Fault::response(200, r#"{"result": "success", "orders": {"7": {"orderid": 7}}}"#),
        Fault::retry_after(429, "9"),
        Fault::status(503),
        Fault::TruncatedBody,
        Fault::ResetAfter,
    ] {
        for polls in [&[odd.clone()][..], &[Fault::Nothing, odd.clone()]] {
            let waits = every_wait(polls).await;
            let ended = waits.iter().filter(|ended| !ended.text().contains("did not reach the wanted state"));
            wrong.extend(ended.map(|ended| format!("{polls:?}: {} {}", ended.id, ended.text())));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Checks which named conditions are met in each documented state. A state without a named condition ends by itself, or
/// somebody else ends it.
#[test]
fn every_documented_state_that_stays_has_a_named_condition() {
    type Named<T> = (&'static str, fn(&T) -> bool);

    fn check<T: DeserializeOwned>(resource: &str, named: &[Named<T>], states: &[(&str, &[&str])]) {
        for (status, expected) in states {
            let json = resource.replace("STATUS", status);
            let state: T = serde_json::from_str(&json).unwrap();
            let holds: Vec<_> =
                named.iter().filter(|(_, holds)| holds(&state)).map(|(name, _)| *name).collect();
            assert_eq!(holds, *expected, "{json}");
        }
    }

    check::<leaderssl_gpu::Server>(
        r#"{"id": 1, "ip": "Queued", "name": "Queued", "config": "1 x GPU", "status": "STATUS"}"#,
        &[
            ("is_running", leaderssl_gpu::Server::is_running),
            ("is_stopped", leaderssl_gpu::Server::is_stopped),
            ("can_start", leaderssl_gpu::Server::can_start),
        ],
        &[
            ("up", &["is_running"]),
            ("available", &["is_stopped", "can_start"]),
            ("busy", &["is_stopped"]),
            ("queued", &["is_stopped"]),
            ("booting", &[]),
        ],
    );
    check::<inferno_vps::Order>(
        r#"{"id": 1, "status": "STATUS"}"#,
        &[
            ("is_pending", inferno_vps::Order::is_pending),
            ("is_active", inferno_vps::Order::is_active),
            ("is_cancelled", inferno_vps::Order::is_cancelled),
        ],
        &[
            ("Pending", &["is_pending"]),
            ("Active", &["is_active"]),
            ("Cancelled", &["is_cancelled"]),
            ("Fraud", &[]),
        ],
    );
    check::<elastis_core::Vm>(
        r#"{"uuid": "7dc1a8f2-0b14-4d08-a3f3-6f4c8f0cbd64", "name": "web-1", "status": "STATUS"}"#,
        &[
            ("is_running", elastis_core::Vm::is_running),
            ("is_stopped", elastis_core::Vm::is_stopped),
            ("is_deleted", elastis_core::Vm::is_deleted),
        ],
        &[("running", &["is_running"]), ("stopped", &["is_stopped"]), ("Deleted", &["is_deleted"])],
    );
    check::<elastis_storage::Disk>(
        r#"{"uuid": "7dc1a8f2-0b14-4d08-a3f3-6f4c8f0cbd64", "size_gb": 20, "status": "STATUS"}"#,
        &[("is_active", elastis_storage::Disk::is_active), ("is_deleted", elastis_storage::Disk::is_deleted)],
        &[("Active", &["is_active"]), ("Deleted", &["is_deleted"])],
    );
}

//! Every wait of every crate.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::fmt::Display;
use std::time::Duration;

use elastis_core::{Elastis, Login, NewVm, Os, VmSize};
use elastis_network::{ElastisNetwork, NewLoadBalancer};
use elastis_storage::{ElastisStorage, NewDisk};
use hostkit_simulator::Simulator;
use http_core::{Wait, WaitError};
use leaderssl_gpu::{NewOrder, Product};

const LIMIT: Duration = Duration::from_secs(20);

async fn timed_out<T: Clone + Send + 'static>(wait: Wait<T>) -> WaitError<T> {
    wait.timeout(LIMIT).await.err().unwrap()
}

#[tokio::test(start_paused = true)]
async fn every_wait_that_times_out_shows_what_it_saw_last() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let mut errors = Vec::new();
    let mut add =
        |id: &dyn Display, error: &http_core::Error| errors.push((id.to_string(), error.to_string()));

    let access = simulator.leaderssl();
    let gpu = leaderssl_gpu::Client::builder(&access.login, access.password.as_str());
    let gpu = gpu.base_url(&access.base_url).no_proxy().build().unwrap();
    let product = gpu.products().list().await.unwrap().into_iter().find(Product::is_free_now).unwrap();
    let order = gpu.orders().create(NewOrder::new(product.id, leaderssl_gpu::Os::Ubuntu, 1)).recover().await;
    let server = order.unwrap().value.server.unwrap().id;
    add(&server, timed_out(gpu.servers().wait(server).until(|_| false)).await.error());

    let access = simulator.inferno();
    let vps = inferno_vps::Client::builder(access.cid, access.key.as_str());
    let vps = vps.base_url(&access.base_url).no_proxy().build().unwrap();
    let order = vps.orders().create(inferno_vps::ProductId::new(303)).await.unwrap().order_id;
    add(&order, timed_out(vps.orders().wait(order).until(|_| false)).await.error());
    add(&order, timed_out(vps.vps().wait(order).until(|_| false)).await.error());

    let access = simulator.elastis();
    let elastis = Elastis::builder(access.key).base_url(access.base_url).no_proxy().build().unwrap();
    let account = access.billing_accounts[0].into();
    let (os, login) = (Os::new("ubuntu", "22.04-lts"), Login::new("example", "Password123"));
    let new = NewVm::from_image("web-1", os, 20, VmSize::new(2, 2048), login).with_billing_account(account);
    let vm = elastis.vms().create(new).await.unwrap().uuid;
    add(&vm, timed_out(elastis.vms().wait(vm).until(|_| false)).await.error());
    add(&vm, timed_out(elastis.vms().wait_deleted(vm)).await.error());
    let disk = elastis.disks().create(NewDisk::empty(20).with_billing_account(account)).await.unwrap().uuid;
    add(&disk, timed_out(elastis.disks().wait(disk).until(|_| false)).await.error());
    add(&disk, timed_out(elastis.disks().wait_deleted(disk)).await.error());
    let new = NewLoadBalancer::new().with_billing_account(account);
    let balancer = elastis.load_balancers().create(new).await.unwrap().uuid;
    add(&balancer, timed_out(elastis.load_balancers().wait(balancer).until(|_| false)).await.error());
    add(&balancer, timed_out(elastis.load_balancers().wait_deleted(balancer)).await.error());

    assert_eq!(errors.len(), 9);
    let silent: Vec<_> = errors
        .iter()
        .filter(|(id, error)| {
            !(error.contains("last state: ") && error.contains(&format!(" {id} ")) && error.contains("look"))
        })
        .collect();
    assert!(silent.is_empty(), "{silent:#?}");
}

//! An idempotent change is confirmed by a read if its response is lost and the repeat is rejected.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use elastis_billing::{BillingAccountId, CardId, ElastisBilling};
use elastis_core::{
    Elastis, Login, NewToken, NewVm, Os, ProfileUpdate, Replica, TokenUpdate, Vm, VmSize, VmUpdate,
};
use elastis_network::{ElastisNetwork, FloatingIpUpdate, NewFloatingIp, NewLoadBalancer, NewRule};
use elastis_storage::{ElastisStorage, NewBucket, NewDisk};
use hostkit_simulator::{Fault, Simulator};
use http_core::Error;
use http_core::client::{Effect, Operation, Recovery};
use inferno_vps::{Install, NewSshKey};
use leaderssl_gpu::NewOrder;

const FIRST: BillingAccountId = BillingAccountId::new(6);
const SECOND: BillingAccountId = BillingAccountId::new(129_072);
const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2xbZDyAvDSLvLzzC4P8V8bUWQ2xpRtWJ0Jk3o5Y0aB me";

/// The error response to the repeat.
fn rejection(package: &str) -> Fault {
    match package {
        "leaderssl-gpu" => Fault::response(422, r#"{"success": "false"}"#),
        "inferno-vps" => Fault::response(200, r#"{"result": "error", "code": 900, "message": "in use"}"#),
        _ => Fault::response(409, r#"{"message": "It is locked."}"#),
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_change_succeeds_only_if_it_happened() {
    let crates: [(&str, &[Operation]); 6] = [
        ("leaderssl-gpu", leaderssl_gpu::OPERATIONS),
        ("inferno-vps", inferno_vps::OPERATIONS),
        ("elastis-core", elastis_core::OPERATIONS),
        ("elastis-storage", elastis_storage::OPERATIONS),
        ("elastis-network", elastis_network::OPERATIONS),
        ("elastis-billing", elastis_billing::OPERATIONS),
    ];
    let (mut tried, mut wrong) = (0, Vec::new());
    for (package, operations) in crates {
        let repeated = operations.iter().filter(|operation| operation.effect() == Effect::Idempotent);
        for operation in repeated.filter(|operation| operation.recovery() == Recovery::Confirmed) {
            let name = operation.name();
            for (first, happens) in [(Fault::ResetAfter, true), (Fault::ResetBefore, false)] {
                let simulator = Simulator::builder().strict().start().await.unwrap();
                let arm = || simulator.fail(name, [first.clone(), rejection(package)]);
                let arm = || drop(arm());
                let ended = match package {
                    "leaderssl-gpu" => on_leaderssl(&simulator, name, &arm).await,
                    "inferno-vps" => on_inferno(&simulator, name, &arm).await,
                    _ => on_elastis(&simulator, name, &arm).await,
                };
                let sent = simulator.count(name);
                let is_right = match &ended {
                    Ok(()) => happens,
                    Err(error) => {
                        !happens
                            && error.is_outcome_unknown()
                            && error.to_string().contains("it may have happened all the same: ")
                    }
                };
                if !is_right || sent != 2 {
                    wrong.push(format!("{name}, happens: {happens}, sent {sent} times: {ended:?}"));
                }
            }
            tried += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 40, "{tried}");
}

async fn on_leaderssl(simulator: &Simulator, name: &str, arm: &dyn Fn()) -> Result<(), Error> {
    let account = simulator.leaderssl();
    let client = leaderssl_gpu::Client::builder(account.login, account.password)
        .base_url(account.base_url)
        .no_proxy()
        .build()?;
    let servers = client.servers();
    let products = client.products().list().await?;
    let product = products.iter().find(|product| product.is_free_now()).unwrap();
    let id = client
        .orders()
        .create(NewOrder::new(product.id, product.os[0].clone(), 1))
        .recover()
        .await?
        .value
        .server
        .unwrap()
        .id;
    if name != "server.start" {
        servers.start_and_wait(id).await?;
    }
    if name == "server.resume" {
        servers.suspend(id).await?;
    }
    arm();
    match name {
        "server.start" => servers.start(id).await,
        "server.stop" => servers.stop(id).await,
        "server.suspend" => servers.suspend(id).await,
        "server.resume" => servers.resume(id).await,
        _ => panic!("{name} is not tested"),
    }
}

async fn on_inferno(simulator: &Simulator, name: &str, arm: &dyn Fn()) -> Result<(), Error> {
    let access = simulator.inferno();
    access.set_pays_from_balance(name != "order.cancel");
    let client = inferno_vps::Client::builder(access.cid, access.key.as_str())
        .base_url(&access.base_url)
        .no_proxy()
        .build()?;
    let product = client.catalog().await?.products.remove(0).pid;
    let order = client.orders().create(product).await?.order_id;
    if name.starts_with("vps.") {
        client.vps().install(&Install::new(order, "debian12-64-default")).await?;
    }
    let done = match name {
        "order.cancel" => {
            arm();
            client.orders().cancel(order).await
        }
        "vps.stop" => {
            arm();
            client.vps().stop(order).await
        }
        "vps.boot" => {
            client.vps().stop(order).await?;
            arm();
            client.vps().boot(order).await
        }
        "ssh_key.remove" => {
            let id = client.ssh_keys().add(NewSshKey::new(KEY)).recover().await?.value.id;
            arm();
            client.ssh_keys().remove(id).await
        }
        _ => panic!("{name} is not tested"),
    };
    done.map(drop)
}

async fn vm(elastis: &Elastis) -> Result<Vm, Error> {
    let (os, login) = (Os::new("ubuntu", "20.04"), Login::new("example", "Password123"));
    let new = NewVm::from_image("web-1", os, 20, VmSize::new(2, 2048), login);
    elastis.vms().create(new.with_billing_account(FIRST).with_public_ip()).await
}

#[expect(clippy::too_many_lines, reason = "a table")]
async fn on_elastis(simulator: &Simulator, name: &str, arm: &dyn Fn()) -> Result<(), Error> {
    let access = simulator.elastis();
    let elastis = Elastis::builder(access.key.as_str()).base_url(&access.base_url).no_proxy().build()?;
    let (vms, disks, networks) = (elastis.vms(), elastis.disks(), elastis.networks());
    let (ips, balancers) = (elastis.floating_ips(), elastis.load_balancers());
    let (accounts, cards) = (elastis.billing_accounts(), elastis.cards());
    let resource = name.split_once('.').unwrap().0;
    match resource {
        "user" => {
            arm();
            elastis.user().update_profile(ProfileUpdate::new().with_first_name("Ada")).await.map(drop)
        }
        "token" => {
            let id = elastis.tokens().create(NewToken::new("job")).recover().await?.value.id;
            arm();
            match name {
                "token.update" => {
                    elastis.tokens().update(id, TokenUpdate::restricted().with_billing_account(FIRST)).await
                }
                "token.delete" => elastis.tokens().delete(id).await,
                _ => panic!("{name} is not tested"),
            }
        }
        "vm" => {
            let id = vm(&elastis).await?.uuid;
            if name == "vm.start" {
                vms.stop(id).await?;
            }
            arm();
            match name {
                "vm.delete" => vms.delete(id).await,
                "vm.update" => vms.update(id, VmUpdate::new().with_name("web-2")).await.map(drop),
                "vm.release_public_ip" => vms.release_public_ip(id).await.map(drop),
                "vm.start" => vms.start(id).await.map(|vm| assert!(vm.is_running())),
                "vm.stop" => vms.stop(id).await.map(|vm| assert!(vm.is_stopped())),
                _ => panic!("{name} is not tested"),
            }
        }
        "replica" => {
            let vm = vm(&elastis).await?.uuid;
            let disk = elastis.replicas().create(vm).await?;
            let replica = Replica::latest(&disk.replica).unwrap().uuid.clone();
            arm();
            elastis.replicas().delete(replica).await
        }
        "vm_disk" => {
            let vm = vm(&elastis).await?.uuid;
            let disk = elastis.vm_disks().add(vm, 5).await?.uuid;
            arm();
            match name {
                "vm_disk.resize" => elastis.vm_disks().resize(vm, disk, 6).await.map(drop),
                "vm_disk.delete" => elastis.vm_disks().delete(vm, disk).await,
                _ => panic!("{name} is not tested"),
            }
        }
        "disk" => {
            let vm = vm(&elastis).await?.uuid;
            let disk = disks.create(NewDisk::empty(50).with_billing_account(FIRST)).await?.uuid;
            if name == "disk.detach" {
                disks.attach(disk, vm).await?;
            }
            arm();
            match name {
                "disk.update" => disks.update(disk, SECOND).await.map(drop),
                "disk.delete" => disks.delete(disk).await,
                "disk.attach" => disks.attach(disk, vm).await.map(drop),
                "disk.detach" => disks.detach(disk, vm).await,
                _ => panic!("{name} is not tested"),
            }
        }
        "bucket" => {
            elastis.buckets().create(NewBucket::new("backups-1").with_billing_account(FIRST)).await?;
            arm();
            match name {
                "bucket.update" => elastis.buckets().update("backups-1", SECOND).await.map(drop),
                "bucket.delete" => elastis.buckets().delete("backups-1").await,
                _ => panic!("{name} is not tested"),
            }
        }
        "s3_key" => {
            elastis.buckets().create(NewBucket::new("backups-1").with_billing_account(FIRST)).await?;
            let key = elastis.s3().keys().generate().await?.value.access_key;
            arm();
            elastis.s3().keys().delete(key).await
        }
        "network" => {
            networks.default_or_create().await?;
            let id = networks.create("inner").await?.uuid;
            arm();
            match name {
                "network.delete" => networks.delete(id).await,
                "network.set_default" => networks.set_default(id).await.map(drop),
                "network.rename" => networks.rename(id, "outer").await.map(drop),
                _ => panic!("{name} is not tested"),
            }
        }
        "floating_ip" => {
            let vm = vm(&elastis).await?.uuid;
            let address = ips.create(NewFloatingIp::new(FIRST)).await?.address;
            let assigned = ips.of_vm(vm).await?[0].address;
            if name == "floating_ip.assign" {
                ips.unassign(assigned).await?;
            }
            arm();
            match name {
                "floating_ip.update" => {
                    ips.update(address, FloatingIpUpdate::new().with_name("mail")).await.map(drop)
                }
                "floating_ip.delete" => ips.delete(address).await,
                "floating_ip.assign" => ips.assign(address, vm).await.map(drop),
                "floating_ip.unassign" => ips.unassign(assigned).await.map(drop),
                _ => panic!("{name} is not tested"),
            }
        }
        "load_balancer" => {
            let vm = vm(&elastis).await?.uuid;
            let new = NewLoadBalancer::new().with_target(vm);
            let balancer = balancers.create(new.with_rule(NewRule::try_from((443, 8443)).unwrap())).await?;
            let id = balancer.uuid;
            arm();
            match name {
                "load_balancer.rename" => balancers.rename(id, "shop").await.map(drop),
                "load_balancer.delete" => balancers.delete(id).await,
                "load_balancer.remove_target" => balancers.remove_target(id, vm).await,
                "load_balancer.remove_rule" => {
                    balancers.remove_rule(id, balancer.rule_of(443).unwrap().uuid.unwrap()).await
                }
                "load_balancer.set_billing_account" => {
                    balancers.set_billing_account(id, SECOND).await.map(drop)
                }
                _ => panic!("{name} is not tested"),
            }
        }
        "billing_resource" => {
            let vm = vm(&elastis).await?.uuid;
            arm();
            elastis.billing_resources().assign(vm, SECOND).await
        }
        "billing_account" => {
            arm();
            match name {
                "billing_account.update" => {
                    accounts.update(FIRST, |details| details.city = Some("Tartu".into())).await.map(drop)
                }
                "billing_account.delete" => accounts.delete(SECOND).await,
                "billing_account.set_default" => accounts.set_default(SECOND).await,
                _ => panic!("{name} is not tested"),
            }
        }
        "card" => {
            let id: CardId = cards.add(FIRST, "tok_visa").await?.id;
            arm();
            match name {
                "card.delete" => cards.delete(id).await,
                "card.set_primary" => cards.set_primary(id).await,
                _ => panic!("{name} is not tested"),
            }
        }
        _ => panic!("{name} is not tested"),
    }
}

//! How the result of every recoverable create is looked for: each look is one request, and it reads rows that contain
//! nothing but their id.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::time::Duration;

use elastis_billing::{CardId, Decimal, ElastisBilling, InvoiceId};
use elastis_core::{BillingAccountId, Elastis, Login, NewToken, NewVm, Os, ReplicaKind, VmId, VmSize};
use elastis_network::{ElastisNetwork, NewFloatingIp, NewLoadBalancer, NewRule};
use elastis_storage::{ElastisStorage, NewBucket, NewDisk};
use hostkit_simulator::{Fault, Simulator};
use http_core::client::Recovery;
use http_core::recovery::{Recover, Ticket};
use http_core::wire::{Body, Bytes};
use http_core::{Call, http};
use inferno_vps::Install;
use leaderssl_gpu::{NewOrder, Product};
use serde_json::Value;

const UUID: &[&str] = &["uuid"];

/// What the looks of one create are tried with.
struct Looks<'a> {
    simulator: &'a Simulator,
    /// The operation of the look.
    operation: &'static str,
    /// Where the rows are in the response.
    at: &'static str,
    /// The members that identify a row.
    ids: &'static [&'static str],
    done: BTreeSet<String>,
    wrong: Vec<String>,
}

impl Looks<'_> {
    /// Creates, then looks for the result under failures and in thin lists.
    async fn of<F: Send + 'static>(
        &mut self,
        create: Recover<F>,
        find: impl Fn(&Ticket) -> Recover<F>,
        id: impl Fn(&F) -> String,
        list: Call<http::Response<Body>>,
    ) {
        let noted = create.note().await.unwrap();
        let ticket = noted.ticket().clone();
        let name = ticket.operation().to_owned();
        let id = id(&noted.await.unwrap().value);
        for fault in [Fault::status(503), Fault::retry_after(429, "1"), Fault::ResetBefore] {
            let plan = self.simulator.fail(self.operation, fault.clone()).standing();
            let before = self.simulator.count(self.operation);
            let looking = find(&ticket).look_for(Duration::from_secs(600)).into_future();
            tokio::time::timeout(Duration::from_secs(20), looking).await.err().unwrap();
            let looks = self.simulator.count(self.operation) - before;
            // At once, and then after growing delays of 1.5 seconds and more.
            if !(4..=6).contains(&looks) {
                self.wrong.push(format!("{name}: {looks} requests in 20 s under {fault:?}"));
            }
            plan.end();
        }
        let whole: Value = serde_json::from_slice(&Bytes::from(list.await.unwrap().into_body())).unwrap();
        for null in [true, false] {
            let mut thin = whole.clone();
            let rows = thin.pointer_mut(self.at).unwrap();
            let rows: Vec<&mut Value> = match rows {
                Value::Array(rows) => rows.iter_mut().collect(),
                Value::Object(rows) if !self.at.is_empty() => rows.values_mut().collect(),
                row => vec![row],
            };
            assert!(!rows.is_empty(), "{name}");
            for row in rows {
                let row = row.as_object_mut().unwrap();
                row.retain(|key, _| null || self.ids.contains(&key.as_str()));
                row.iter_mut()
                    .filter(|(key, _)| !self.ids.contains(&key.as_str()))
                    .for_each(|(_, it)| *it = Value::Null);
            }
            let plan = self.simulator.fail(self.operation, Fault::response(200, thin.to_string())).standing();
            // What is read of it afterwards may need more than the id.
            match find(&ticket).look_for(Duration::from_secs(30)).await {
                Ok(_) => {}
                Err(error) if error.created_id() == Some(&id) => {}
                Err(error) => self.wrong.push(format!("{name}: {error} ({thin})")),
            }
            plan.end();
        }
        self.done.insert(name);
    }

    fn through(
        &mut self,
        operation: &'static str,
        at: &'static str,
        ids: &'static [&'static str],
    ) -> &mut Self {
        (self.operation, self.at, self.ids) = (operation, at, ids);
        self
    }

    /// Every create that is declared as recoverable was tried.
    fn end(self, crates: &[&[http_core::client::Operation]]) {
        let declared = crates.iter().copied().flatten().filter(|it| it.recovery() == Recovery::Recoverable);
        let declared: BTreeSet<_> = declared.map(|operation| operation.name().to_owned()).collect();
        assert_eq!(self.done, declared);
        assert!(self.wrong.is_empty(), "{:#?}", self.wrong);
    }
}

fn looks(simulator: &Simulator) -> Looks<'_> {
    Looks { simulator, operation: "", at: "", ids: &[], done: BTreeSet::new(), wrong: Vec::new() }
}

#[tokio::test(start_paused = true)]
async fn on_elastis_a_look_is_one_request_and_reads_thin_rows() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let access = simulator.elastis();
    let elastis = Elastis::builder(access.key).base_url(access.base_url).no_proxy().build().unwrap();
    let account = BillingAccountId::new(access.billing_accounts[0]);
    let mut looks = looks(&simulator);

    let vm = on_elastis_core(&elastis, account, &mut looks).await;
    on_elastis_network(&elastis, account, vm, &mut looks).await;
    on_elastis_storage_and_billing(&elastis, account, &mut looks).await;
    looks.end(&[
        elastis_core::OPERATIONS,
        elastis_storage::OPERATIONS,
        elastis_network::OPERATIONS,
        elastis_billing::OPERATIONS,
    ]);
}

async fn on_elastis_core(elastis: &Elastis, account: BillingAccountId, looks: &mut Looks<'_>) -> VmId {
    let vms = elastis.vms();
    let new = |name: &str| {
        let (os, login) = (Os::new("ubuntu", "22.04-lts"), Login::new("example", "Password123"));
        NewVm::from_image(name, os, 20, VmSize::new(2, 2048), login).with_billing_account(account)
    };
    let list = || vms.list().raw();
    let vm_id = |vm: &elastis_core::Vm| vm.uuid.to_string();
    looks.through("vm.list", "", UUID);
    looks.of(vms.create(new("web-1")).recover(), |it| vms.find_created(it), vm_id, list()).await;
    let vm = vms.list().await.unwrap()[0].uuid;
    vms.stop(vm).await.unwrap();
    looks.of(vms.clone_vm(vm, "copy").recover(), |it| vms.find_created(it), vm_id, list()).await;

    let disks = elastis.vm_disks();
    looks.through("vm.get", "/storage", UUID);
    let id = |disk: &elastis_core::Storage| disk.uuid.to_string();
    looks.of(disks.add(vm, 50).recover(), |it| disks.find_created(it), id, vms.get(vm).raw()).await;

    let replicas = elastis.replicas();
    looks.through("replica.list", "", UUID);
    let id = |replica: &elastis_core::Replica| replica.uuid.to_string();
    let list = replicas.list(vm, ReplicaKind::Snapshot).raw();
    looks.of(replicas.create(vm).recover(), |it| replicas.find_created(it), id, list).await;

    looks.through("floating_ip.list", "", &["address", "assigned_to"]);
    let id = |address: &std::net::IpAddr| address.to_string();
    let list = elastis.floating_ips().of_vm(vm).raw();
    looks.of(vms.reserve_public_ip(vm).recover(), |it| vms.find_reserved_ip(it), id, list).await;

    let tokens = elastis.tokens();
    looks.through("token.list", "", &["id"]);
    let id = |token: &elastis_core::Token| token.id.to_string();
    let list = tokens.list().raw();
    looks.of(tokens.create(NewToken::new("job")).recover(), |it| tokens.find_created(it), id, list).await;
    vm
}

async fn on_elastis_network(elastis: &Elastis, account: BillingAccountId, vm: VmId, looks: &mut Looks<'_>) {
    let networks = elastis.networks();
    looks.through("network.list", "", UUID);
    let id = |network: &elastis_network::Network| network.uuid.to_string();
    let list = networks.list().raw();
    looks.of(networks.create("inner").recover(), |it| networks.find_created(it), id, list).await;

    let ips = elastis.floating_ips();
    looks.through("floating_ip.list", "", &["address"]);
    let id = |ip: &elastis_network::FloatingIp| ip.address.to_string();
    let new_ip = NewFloatingIp::new(account).with_name("shop");
    looks.of(ips.create(new_ip).recover(), |it| ips.find_created(it), id, ips.list().raw()).await;

    let balancers = elastis.load_balancers();
    looks.through("load_balancer.list", "", UUID);
    let id = |balancer: &elastis_network::LoadBalancer| balancer.uuid.to_string();
    let new_balancer = NewLoadBalancer::new().with_name("shop").with_billing_account(account);
    let list = balancers.list().raw();
    looks.of(balancers.create(new_balancer).recover(), |it| balancers.find_created(it), id, list).await;
    let balancer = balancers.list().await.unwrap()[0].uuid;
    let rule = NewRule::try_from((443, 8443)).unwrap();
    looks.through("load_balancer.get", "/forwarding_rules", &["source_port"]);
    let id = |rule: &elastis_network::ForwardingRule| rule.source_port.unwrap().to_string();
    let list = balancers.get(balancer).raw();
    looks
        .of(balancers.add_rule(balancer, rule).recover(), |it| balancers.find_added_rule(it), id, list)
        .await;
    looks.through("load_balancer.get", "/targets", &["target_uuid"]);
    let id = |target: &elastis_network::Target| target.target_uuid.unwrap().to_string();
    let list = balancers.get(balancer).raw();
    looks
        .of(balancers.add_target(balancer, vm).recover(), |it| balancers.find_added_target(it), id, list)
        .await;
}

async fn on_elastis_storage_and_billing(elastis: &Elastis, account: BillingAccountId, looks: &mut Looks<'_>) {
    let disks = elastis.disks();
    looks.through("disk.list", "", UUID);
    let id = |disk: &elastis_storage::Disk| disk.uuid.to_string();
    let new_disk = NewDisk::empty(50).with_billing_account(account);
    looks.of(disks.create(new_disk).recover(), |it| disks.find_created(it), id, disks.list().raw()).await;
    let buckets = elastis.buckets();
    looks.through("bucket.list", "", &["name"]);
    let id = |bucket: &elastis_storage::Bucket| bucket.name.to_string();
    let new_bucket = NewBucket::new("photos").with_billing_account(account);
    let list = buckets.list().raw();
    looks.of(buckets.create(new_bucket).recover(), |it| buckets.find_created(it), id, list).await;
    let s3 = elastis.s3();
    let keys = s3.keys();
    looks.through("s3_key.list", "", &["accessKey"]);
    let id = |key: &elastis_storage::S3Key| key.access_key.to_string();
    looks.of(keys.create().recover(), |it| keys.find_created(it), id, keys.list().raw()).await;

    let (credit, invoices, cards) = (elastis.credit(), elastis.invoices(), elastis.cards());
    let amount = Decimal::new(1_050, 2);
    looks.through("credit.list", "", &["id"]);
    let id = |record: &elastis_billing::CreditRecord| record.id.to_string();
    let list = credit.list(account).raw();
    looks
        .of(credit.buy(account, CardId::new(6), amount).recover(), |it| credit.find_created(it), id, list)
        .await;
    let id = |invoice: &elastis_billing::Invoice| invoice.id.to_string();
    looks.through("invoice.list", "", &["id"]);
    let list = invoices.list(account).raw();
    let request = credit.request_invoice(account, amount).recover();
    looks.of(request, |it| invoices.find_created(it), id, list).await;
    looks.through("invoice.get", "", &["id", "status"]);
    let oldest = InvoiceId::new(6);
    let list = invoices.get(oldest).raw();
    looks.of(invoices.pay(oldest).recover(), |it| invoices.find_created(it), id, list).await;
    looks.through("card.list", "", &["id"]);
    let id = |card: &elastis_billing::Card| card.id.to_string();
    let list = || cards.list(account).raw();
    looks.of(cards.add(account, "tok_visa").recover(), |it| cards.find_created(it), id, list()).await;
    let application = elastis.billing_accounts().apply_for_invoice_payment(account).recover();
    looks.of(application, |it| cards.find_created(it), id, list()).await;
}

#[tokio::test(start_paused = true)]
async fn on_inferno_a_look_is_one_request_and_reads_thin_rows() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let access = simulator.inferno();
    access.set_pays_from_balance(true);
    let client = inferno_vps::Client::builder(access.cid, access.key.as_str());
    let client = client.base_url(&access.base_url).no_proxy().build().unwrap();
    let mut looks = looks(&simulator);

    let keys = client.ssh_keys();
    looks.through("inferno-vps/ssh_key.list", "/list", &["id"]);
    let id = |key: &inferno_vps::SshKey| key.id.to_string();
    let add = keys.add("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO0 web").recover();
    looks.of(add, |it| keys.find_created(it), id, keys.list().raw()).await;
    let orders = client.orders();
    looks.through("inferno-vps/order.list", "/orders", &["id"]);
    let id = |order: &inferno_vps::PlacedOrder| order.order_id.to_string();
    let create = orders.create(303.into()).recover();
    looks.of(create, |it| orders.find_created(it), id, orders.list().raw()).await;
    let order = orders.list().await.unwrap()[0].id;
    let vps = client.vps();
    looks.through("inferno-vps/vps.info", "", &["result", "orderid", "vps_info"]);
    let id = |vps: &inferno_vps::VpsInfo| vps.order_id.to_string();
    let install = vps.install(&Install::new(order, "debian12-64-default")).recover();
    looks.of(install, |it| vps.find_created(it), id, vps.get(order).raw()).await;
    looks.end(&[inferno_vps::OPERATIONS]);
}

#[tokio::test(start_paused = true)]
async fn on_leaderssl_a_look_is_one_request_and_reads_thin_rows() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let access = simulator.leaderssl();
    let client = leaderssl_gpu::Client::builder(&access.login, access.password.as_str());
    let client = client.base_url(&access.base_url).no_proxy().build().unwrap();
    let product = client.products().list().await.unwrap().into_iter().find(Product::is_free_now).unwrap();
    let mut looks = looks(&simulator);
    let orders = client.orders();
    looks.through("server.list", "", &["id"]);
    let id = |ordered: &leaderssl_gpu::OrderedServer| ordered.server.as_ref().unwrap().id.to_string();
    let create = orders.create(NewOrder::new(product.id, leaderssl_gpu::Os::Ubuntu, 1)).recover();
    looks.of(create, |it| orders.find_created(it), id, client.servers().list().raw()).await;
    looks.end(&[leaderssl_gpu::OPERATIONS]);
}

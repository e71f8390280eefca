//! Checks how the result of every recoverable create is searched for. Each attempt to find the result is one request,
//! and needs only the ids in the rows of the response.
#![allow(clippy::unwrap_used, reason = "test helpers")]

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

/// The state of a test. [`through`](Self::through) sets the operation that the next searches call.
struct Searches<'a> {
    simulator: &'a Simulator,
    /// The operation that the search calls.
    operation: &'static str,
    /// The JSON pointer to the rows in the response.
    at: &'static str,
    /// The members that identify a row.
    ids: &'static [&'static str],
    done: BTreeSet<String>,
    wrong: Vec<String>,
}

impl Searches<'_> {
    /// Sends a create, and then searches for its result: first while requests fail, and then in lists whose rows
    /// contain only their id.
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
            let looking = find(&ticket).search_for(Duration::from_secs(600)).into_future();
            tokio::time::timeout(Duration::from_secs(20), looking).await.err().unwrap();
            let searches = self.simulator.count(self.operation) - before;
            // The first attempt is immediate. The delays before later attempts start at 2 seconds and grow.
            if !(4..=6).contains(&searches) {
                self.wrong.push(format!("{name}: {searches} requests in 20 s under {fault:?}"));
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
            // After finding the id, the search may read the resource, and that read may need more than the id.
            match find(&ticket).search_for(Duration::from_secs(30)).await {
                Ok(_) => {}
                Err(error) if error.created_id() == Some(&id) => {}
                // A key without a name may be another program's key, which must not be returned.
                Err(error) if name == "ssh_key.add" && error.candidates().iter().any(|it| it.id == id) => {}
                Err(error) => self.wrong.push(format!("{name}: {error} ({thin})")),
            }
            plan.end();
        }
        for empty in self.empty_answers(whole) {
            let plan = self.simulator.fail(self.operation, Fault::response(200, empty.clone())).standing();
            let error = find(&ticket).search_for(Duration::from_secs(1)).await.err().unwrap().to_string();
            let proves_nothing = error.contains("the search for the result failed")
                || error.contains("in the list could not be checked");
            if !proves_nothing {
                self.wrong.push(format!("{name}: {empty:?} counts as an empty list: {error}"));
            }
            plan.end();
        }
        self.done.insert(name);
    }

    /// Returns responses without a list, none of which proves that there are no resources.
    fn empty_answers(&self, whole: Value) -> Vec<String> {
        let mut answers = ["", " \n", "null"].map(str::to_owned).to_vec();
        if whole
            .pointer(self.at)
            .is_some_and(|rows| !self.at.is_empty() && (rows.is_array() || rows.is_object()))
        {
            answers.extend([Value::Null, false.into(), "".into()].map(|empty| {
                let mut whole = whole.clone();
                *whole.pointer_mut(self.at).unwrap() = empty;
                whole.to_string()
            }));
        }
        answers
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

    /// Checks that every create that is declared as recoverable was tested.
    fn end(self, crates: &[&[http_core::client::Operation]]) {
        let declared = crates.iter().copied().flatten().filter(|it| it.recovery() == Recovery::Recoverable);
        let declared: BTreeSet<_> = declared.map(|operation| operation.name().to_owned()).collect();
        assert_eq!(self.done, declared);
        assert!(self.wrong.is_empty(), "{:#?}", self.wrong);
    }
}

fn searches(simulator: &Simulator) -> Searches<'_> {
    Searches { simulator, operation: "", at: "", ids: &[], done: BTreeSet::new(), wrong: Vec::new() }
}

#[tokio::test(start_paused = true)]
async fn on_elastis_a_search_attempt_is_one_request_and_needs_only_ids() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let access = simulator.elastis();
    let elastis = Elastis::builder(access.key).base_url(access.base_url).no_proxy().build().unwrap();
    let account = BillingAccountId::new(access.billing_accounts[0]);
    let mut searches = searches(&simulator);

    let vm = on_elastis_core(&elastis, account, &mut searches).await;
    on_elastis_network(&elastis, account, vm, &mut searches).await;
    on_elastis_storage_and_billing(&elastis, account, &mut searches).await;
    searches.end(&[
        elastis_core::OPERATIONS,
        elastis_storage::OPERATIONS,
        elastis_network::OPERATIONS,
        elastis_billing::OPERATIONS,
    ]);
}

async fn on_elastis_core(elastis: &Elastis, account: BillingAccountId, searches: &mut Searches<'_>) -> VmId {
    let vms = elastis.vms();
    let new = |name: &str| {
        let (os, login) = (Os::new("ubuntu", "22.04-lts"), Login::new("example", "Password123"));
        NewVm::from_image(name, os, 20, VmSize::new(2, 2048), login).with_billing_account(account)
    };
    let list = || vms.list().raw();
    let vm_id = |vm: &elastis_core::Vm| vm.uuid.to_string();
    searches.through("vm.list", "", UUID);
    searches.of(vms.create(new("web-1")).recover(), |it| vms.find_created(it), vm_id, list()).await;
    let vm = vms.list().await.unwrap()[0].uuid;
    vms.stop(vm).await.unwrap();
    searches.of(vms.clone_vm(vm, "copy").recover(), |it| vms.find_created(it), vm_id, list()).await;

    let disks = elastis.vm_disks();
    searches.through("vm.get", "/storage", UUID);
    let id = |disk: &elastis_core::Storage| disk.uuid.to_string();
    searches.of(disks.add(vm, 50).recover(), |it| disks.find_created(it), id, vms.get(vm).raw()).await;

    let replicas = elastis.replicas();
    searches.through("replica.list", "", UUID);
    let id = |replica: &elastis_core::Replica| replica.uuid.to_string();
    let list = replicas.list(vm, ReplicaKind::Snapshot).raw();
    searches.of(replicas.create(vm).recover(), |it| replicas.find_created(it), id, list).await;

    searches.through("floating_ip.list", "", &["address", "assigned_to"]);
    let id = |address: &std::net::IpAddr| address.to_string();
    let list = elastis.floating_ips().of_vm(vm).raw();
    searches.of(vms.reserve_public_ip(vm).recover(), |it| vms.find_reserved_ip(it), id, list).await;

    let tokens = elastis.tokens();
    searches.through("token.list", "", &["id"]);
    let id = |token: &elastis_core::Token| token.id.to_string();
    let list = tokens.list().raw();
    searches.of(tokens.create(NewToken::new("job")).recover(), |it| tokens.find_created(it), id, list).await;
    vm
}

async fn on_elastis_network(
    elastis: &Elastis,
    account: BillingAccountId,
    vm: VmId,
    searches: &mut Searches<'_>,
) {
    let networks = elastis.networks();
    searches.through("network.list", "", UUID);
    let id = |network: &elastis_network::Network| network.uuid.to_string();
    let list = networks.list().raw();
    searches.of(networks.create("inner").recover(), |it| networks.find_created(it), id, list).await;

    let ips = elastis.floating_ips();
    searches.through("floating_ip.list", "", &["address"]);
    let id = |ip: &elastis_network::FloatingIp| ip.address.to_string();
    let new_ip = NewFloatingIp::new(account).with_name("shop");
    searches.of(ips.create(new_ip).recover(), |it| ips.find_created(it), id, ips.list().raw()).await;

    let balancers = elastis.load_balancers();
    searches.through("load_balancer.list", "", UUID);
    let id = |balancer: &elastis_network::LoadBalancer| balancer.uuid.to_string();
    let new_balancer = NewLoadBalancer::new().with_name("shop").with_billing_account(account);
    let list = balancers.list().raw();
    searches.of(balancers.create(new_balancer).recover(), |it| balancers.find_created(it), id, list).await;
    let balancer = balancers.list().await.unwrap()[0].uuid;
    let rule = NewRule::new(443, 8443);
    searches.through("load_balancer.get", "/forwarding_rules", &["source_port"]);
    let id = |rule: &elastis_network::ForwardingRule| rule.source_port.unwrap().to_string();
    let list = balancers.get(balancer).raw();
    searches
        .of(balancers.add_rule(balancer, rule).recover(), |it| balancers.find_added_rule(it), id, list)
        .await;
    searches.through("load_balancer.get", "/targets", &["target_uuid"]);
    let id = |target: &elastis_network::Target| target.target_uuid.unwrap().to_string();
    let list = balancers.get(balancer).raw();
    searches
        .of(balancers.add_target(balancer, vm).recover(), |it| balancers.find_added_target(it), id, list)
        .await;
}

async fn on_elastis_storage_and_billing(
    elastis: &Elastis,
    account: BillingAccountId,
    searches: &mut Searches<'_>,
) {
    let disks = elastis.disks();
    searches.through("disk.list", "", UUID);
    let id = |disk: &elastis_storage::Disk| disk.uuid.to_string();
    let new_disk = NewDisk::empty(50).with_billing_account(account);
    searches.of(disks.create(new_disk).recover(), |it| disks.find_created(it), id, disks.list().raw()).await;
    let buckets = elastis.buckets();
    searches.through("bucket.list", "", &["name"]);
    let id = |bucket: &elastis_storage::Bucket| bucket.name.to_string();
    let new_bucket = NewBucket::new("photos").with_billing_account(account);
    let list = buckets.list().raw();
    searches.of(buckets.create(new_bucket).recover(), |it| buckets.find_created(it), id, list).await;
    let s3 = elastis.s3();
    let keys = s3.keys();
    searches.through("s3_key.list", "", &["accessKey"]);
    let id = |key: &elastis_storage::S3Key| key.access_key.to_string();
    searches.of(keys.create().recover(), |it| keys.find_created(it), id, keys.list().raw()).await;

    let (credit, invoices, cards) = (elastis.credit(), elastis.invoices(), elastis.cards());
    let amount = Decimal::new(1_050, 2);
    searches.through("credit.list", "", &["id"]);
    let id = |record: &elastis_billing::CreditRecord| record.id.to_string();
    let list = credit.list(account).raw();
    searches
        .of(credit.buy(account, CardId::new(6), amount).recover(), |it| credit.find_created(it), id, list)
        .await;
    let id = |invoice: &elastis_billing::Invoice| invoice.id.to_string();
    searches.through("invoice.list", "", &["id"]);
    let list = invoices.list(account).raw();
    let request = credit.request_invoice(account, amount).recover();
    searches.of(request, |it| invoices.find_created(it), id, list).await;
    searches.through("invoice.get", "", &["id", "status"]);
    let oldest = InvoiceId::new(6);
    let list = invoices.get(oldest).raw();
    searches.of(invoices.pay(oldest).recover(), |it| invoices.find_created(it), id, list).await;
    searches.through("card.list", "", &["id"]);
    let id = |card: &elastis_billing::Card| card.id.to_string();
    let list = || cards.list(account).raw();
    searches.of(cards.add(account, "tok_visa").recover(), |it| cards.find_created(it), id, list()).await;
    let application = elastis.billing_accounts().apply_for_invoice_payment(account).recover();
    searches.of(application, |it| cards.find_created(it), id, list()).await;
}

#[tokio::test(start_paused = true)]
async fn on_inferno_a_search_attempt_is_one_request_and_needs_only_ids() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let access = simulator.inferno();
    access.set_pays_from_balance(true);
    let client = inferno_vps::Client::builder(access.cid, access.key.as_str());
    let client = client.base_url(&access.base_url).no_proxy().build().unwrap();
    let mut searches = searches(&simulator);

    let keys = client.ssh_keys();
    searches.through("inferno-vps/ssh_key.list", "/list", &["id"]);
    let id = |key: &inferno_vps::SshKey| key.id.to_string();
    let add = keys.add("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO0 web").recover();
    searches.of(add, |it| keys.find_created(it), id, keys.list().raw()).await;
    let orders = client.orders();
    searches.through("inferno-vps/order.list", "/orders", &["id"]);
    let id = |order: &inferno_vps::PlacedOrder| order.order_id.to_string();
    let create = orders.create(303.into()).recover();
    searches.of(create, |it| orders.find_created(it), id, orders.list().raw()).await;
    let order = orders.list().await.unwrap()[0].id;
    let vps = client.vps();
    searches.through("inferno-vps/vps.info", "", &["result", "orderid", "vps_info"]);
    let id = |vps: &inferno_vps::VpsInfo| vps.order_id.to_string();
    let install = vps.install(&Install::new(order, "debian12-64-default")).recover();
    searches.of(install, |it| vps.find_created(it), id, vps.get(order).raw()).await;
    searches.end(&[inferno_vps::OPERATIONS]);
}

#[tokio::test(start_paused = true)]
async fn on_leaderssl_a_search_attempt_is_one_request_and_needs_only_ids() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let access = simulator.leaderssl();
    let client = leaderssl_gpu::Client::builder(&access.login, access.password.as_str());
    let client = client.base_url(&access.base_url).no_proxy().build().unwrap();
    let product = client.products().list().await.unwrap().into_iter().find(Product::is_free_now).unwrap();
    let mut searches = searches(&simulator);
    let orders = client.orders();
    searches.through("server.list", "", &["id"]);
    let id = |ordered: &leaderssl_gpu::OrderedServer| ordered.server.as_ref().unwrap().id.to_string();
    let create = orders.create(NewOrder::new(product.id, leaderssl_gpu::Os::Ubuntu, 1)).recover();
    searches.of(create, |it| orders.find_created(it), id, client.servers().list().raw()).await;
    searches.end(&[leaderssl_gpu::OPERATIONS]);
}

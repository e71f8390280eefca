//! Behaviour over several calls, against the simulator.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::net::{IpAddr, Ipv4Addr};

use elastis_network::{
    BillingAccountId, Elastis, ElastisNetwork, Error, FloatingIp, FloatingIpFilter, FloatingIpUpdate,
    LoadBalancer, NewFloatingIp, NewLoadBalancer, NewRule, VmId,
};
use hostkit_simulator::{Fault, Simulator};
use http_core::{ErrorKind, Form, Method};
use serde_json::Value;

async fn start() -> (Simulator, Elastis) {
    let simulator = Simulator::start().await.unwrap();
    let account = simulator.elastis();
    let builder = Elastis::builder(account.key.as_str()).base_url(&account.base_url).no_proxy();
    (simulator, builder.build().unwrap())
}

fn payers(simulator: &Simulator) -> [BillingAccountId; 2] {
    simulator.elastis().billing_accounts.map(BillingAccountId::new)
}

async fn vm(elastis: &Elastis, more: &[(&str, &str)]) -> VmId {
    let usual = [
        ("name", "web-1"),
        ("os_name", "ubuntu"),
        ("os_version", "20.04"),
        ("disks", "20"),
        ("vcpu", "2"),
        ("ram", "2048"),
        ("username", "example"),
        ("password", "Password123"),
        ("billing_account_id", "6"),
    ];
    let form = usual.iter().chain(more).fold(Form::new(), |form, (name, value)| form.field(name, value));
    let call = elastis.request(Method::Post, "/v1/user-resource/vm").form(form);
    call.reply::<Value>().await.unwrap()["uuid"].as_str().unwrap().parse().unwrap()
}

async fn private_vm(elastis: &Elastis) -> VmId {
    vm(elastis, &[("reserve_public_ip", "false")]).await
}

async fn ip(simulator: &Simulator, elastis: &Elastis) -> FloatingIp {
    elastis.floating_ips().create(NewFloatingIp::new(payers(simulator)[0])).await.unwrap()
}

async fn balancer(elastis: &Elastis) -> LoadBalancer {
    elastis.load_balancers().create(NewLoadBalancer::new()).await.unwrap()
}

fn rule(source: u16, target: u16) -> NewRule {
    NewRule::try_from((source, target)).unwrap()
}

fn refused(error: &Error) -> bool {
    error.kind() == ErrorKind::Refused && !error.is_not_found() && !error.is_outcome_unknown()
}

mod networks {
    use super::*;

    #[tokio::test]
    async fn the_default_is_made_once_and_named_ones_each_time() {
        let (_simulator, elastis) = start().await;
        let networks = elastis.networks();
        let default = networks.default_or_create().await.unwrap();
        assert_eq!(networks.default_or_create().await.unwrap().uuid, default.uuid);
        let (one, other) = (networks.create("a b+c").await.unwrap(), networks.create("a b+c").await.unwrap());
        assert!(default.is_default && !one.is_default && one.uuid != other.uuid);
        assert_eq!((one.name.as_str(), networks.list().await.unwrap().len()), ("a b+c", 3));
        assert_eq!(networks.find_by_name("a b+c").await.unwrap().len(), 2);
        assert!(networks.find_by_name("a").await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_blank_name_never_leaves_this_machine() {
        let (simulator, elastis) = start().await;
        let id = elastis.networks().default_or_create().await.unwrap().uuid;
        for call in [elastis.networks().create(" "), elastis.networks().rename(id, "")] {
            let error = call.await.unwrap_err();
            assert!(error.is_invalid_argument() && !error.may_have_been_sent(), "{error:?}");
        }
        assert_eq!(simulator.count("elastis/*"), 1);
    }

    #[tokio::test]
    async fn only_what_can_be_deleted_is() {
        let (_simulator, elastis) = start().await;
        let networks = elastis.networks();
        let default = networks.default_or_create().await.unwrap();
        let other = networks.create("other").await.unwrap();
        let vm = vm(&elastis, &[("network_uuid", &other.uuid.to_string())]).await;
        let used = networks.get(other.uuid).await.unwrap();
        assert_eq!((used.vm_uuids.as_slice(), used.resources_count), ([vm].as_slice(), Some(1)));
        for network in [&default, &used] {
            assert!(!network.can_be_deleted());
            assert!(refused(&networks.delete(network.uuid).await.unwrap_err()));
        }
        let spare = networks.create("spare").await.unwrap();
        assert!(spare.can_be_deleted());
        networks.delete(spare.uuid).await.unwrap();
        assert!(networks.get(spare.uuid).await.unwrap_err().is_not_found());
    }

    #[tokio::test]
    async fn there_is_one_default_which_can_be_another() {
        let (_simulator, elastis) = start().await;
        let networks = elastis.networks();
        let first = networks.create("first").await.unwrap();
        let second = networks.create("second").await.unwrap();
        assert!(first.is_default, "the first one is");
        assert!(networks.set_default(second.uuid).await.unwrap().is_default);
        assert!(!networks.get(first.uuid).await.unwrap().is_default);
        assert_eq!(networks.default_or_create().await.unwrap().uuid, second.uuid);
    }

    #[tokio::test]
    async fn the_network_of_a_machine_is_found() {
        let (_simulator, elastis) = start().await;
        elastis.networks().create("front").await.unwrap();
        let back = elastis.networks().create("back").await.unwrap();
        let vm = vm(&elastis, &[("network_uuid", &back.uuid.to_string())]).await;
        assert_eq!(elastis.networks().of_vm(vm).await.unwrap().uuid, back.uuid);
        let nobody = VmId::new(back.uuid.get());
        assert!(elastis.networks().of_vm(nobody).await.unwrap_err().is_not_found());
        assert!(elastis.networks().of_vm(nobody).optional().await.unwrap().is_none());
    }

    #[tokio::test]
    async fn locations_have_networks_of_their_own() {
        let (_simulator, elastis) = start().await;
        let there = elastis.at("bus02");
        let network = there.networks().create("there").await.unwrap();
        assert!(elastis.networks().list().await.unwrap().is_empty());
        assert!(elastis.networks().get(network.uuid).await.unwrap_err().is_not_found());
        assert!(elastis.at("nowhere").networks().list().await.unwrap_err().is_unknown_route());
    }

    #[tokio::test(start_paused = true)]
    async fn a_named_network_is_made_once_when_its_reply_is_lost_and_the_error_says_where_to_look() {
        let (simulator, elastis) = start().await;
        simulator.fail("network.create", Fault::ResetAfter);
        let error = elastis.networks().create("web").await.unwrap_err();
        assert!(error.is_outcome_unknown() && error.to_string().contains("find_by_name"), "{error}");
        assert_eq!(simulator.count("network.create"), 1);
        assert_eq!(elastis.networks().find_by_name("web").await.unwrap().len(), 1, "it had happened");
    }

    #[tokio::test(start_paused = true)]
    async fn asking_for_the_default_network_is_repeated_when_its_reply_is_lost() {
        let (simulator, elastis) = start().await;
        simulator.fail("network.create", Fault::ResetAfter);
        let network = elastis.networks().default_or_create().await.unwrap();
        assert_eq!(simulator.count("network.create"), 2);
        assert_eq!(elastis.networks().list().await.unwrap()[0].uuid, network.uuid);
    }
}

mod floating_ips {
    use super::*;

    #[tokio::test]
    async fn an_address_goes_from_one_machine_to_another_by_way_of_nobody() {
        let (simulator, elastis) = start().await;
        let ips = elastis.floating_ips();
        let (one, other) = (private_vm(&elastis).await, private_vm(&elastis).await);
        let address = ip(&simulator, &elastis).await.address;
        assert!(ips.assign(address, one).await.unwrap().is_assigned_to(one));
        assert!(ips.assign(address, one).await.unwrap().is_assigned_to(one), "once more changes nothing");
        assert!(refused(&ips.assign(address, other).await.unwrap_err()));
        let free = ips.unassign(address).await.unwrap();
        assert!(free.assigned_to.is_none() && free.unassigned_at.is_some());
        assert!(ips.assign(address, other).await.unwrap().is_assigned_to(other));
        assert!(ips.of_vm(one).await.unwrap().is_empty());
        assert_eq!(ips.of_vm(other).await.unwrap()[0].address, address);
    }

    #[tokio::test]
    async fn the_list_is_filtered_by_payer_and_by_machine() {
        let (simulator, elastis) = start().await;
        let ips = elastis.floating_ips();
        let vm = vm(&elastis, &[]).await;
        let [payer, other] = payers(&simulator);
        ips.create(NewFloatingIp::new(other)).await.unwrap();
        for (filter, count) in [
            (FloatingIpFilter::new(), 2),
            (FloatingIpFilter::new().with_billing_account(payer), 1),
            (FloatingIpFilter::new().with_vm(vm), 1),
            (FloatingIpFilter::new().with_vm(vm).with_billing_account(other), 0),
        ] {
            assert_eq!(ips.list_filtered(filter).await.unwrap().len(), count, "{filter:?}");
        }
    }

    #[tokio::test]
    async fn an_address_of_another_machine_is_not_a_machines_even_where_the_filter_is_ignored() {
        let (simulator, elastis) = start().await;
        let vm = vm(&elastis, &[]).await;
        let all = elastis.floating_ips().list().raw().await.unwrap();
        simulator.fail("floating_ip.list", Fault::reply(200, all.body().clone())).standing();
        let nobody = VmId::new(elastis.networks().default_or_create().await.unwrap().uuid.get());
        assert_eq!(elastis.floating_ips().of_vm(vm).await.unwrap().len(), 1);
        assert!(elastis.floating_ips().of_vm(nobody).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn an_update_changes_only_what_it_sets() {
        let (simulator, elastis) = start().await;
        let [_, other] = payers(&simulator);
        let (ips, address) = (elastis.floating_ips(), ip(&simulator, &elastis).await.address);
        let named = ips.update(address, FloatingIpUpdate::new().with_name("mail")).await.unwrap();
        let moved = ips.update(address, FloatingIpUpdate::new().with_billing_account(other)).await.unwrap();
        assert_ne!(named.billing_account_id, moved.billing_account_id);
        assert_eq!((moved.name.as_deref(), moved.billing_account_id), (Some("mail"), Some(other)));
        assert_eq!(ips.find_by_name("mail").await.unwrap().len(), 1);
        for update in [FloatingIpUpdate::new(), FloatingIpUpdate::new().with_name("")] {
            let error = ips.update(address, update).await.unwrap_err();
            assert!(error.is_invalid_argument() && !error.may_have_been_sent(), "{error:?}");
        }
    }

    #[tokio::test]
    async fn an_address_given_back_is_no_longer_known() {
        let (simulator, elastis) = start().await;
        let (ips, address) = (elastis.floating_ips(), ip(&simulator, &elastis).await.address);
        ips.delete(address).await.unwrap();
        assert!(ips.get(address).await.unwrap_err().is_not_found());
        assert!(ips.delete(address).optional().await.unwrap().is_none());
        assert!(ips.get(Ipv4Addr::LOCALHOST).optional().await.unwrap().is_none());
    }

    #[tokio::test]
    async fn addresses_that_nothing_has_are_told() {
        let (simulator, elastis) = start().await;
        vm(&elastis, &[]).await;
        balancer(&elastis).await;
        let free = ip(&simulator, &elastis).await.address;
        let unassigned = elastis.floating_ips().unassigned().await.unwrap();
        assert_eq!(unassigned.iter().map(|ip| ip.address).collect::<Vec<IpAddr>>(), [free]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_is_reserved_once_when_its_reply_is_lost() {
        let (simulator, elastis) = start().await;
        simulator.fail("floating_ip.create", Fault::GatewayTimeout);
        let new = NewFloatingIp::new(payers(&simulator)[0]).with_name("shop");
        let error = elastis.floating_ips().create(new).await.unwrap_err();
        assert!(error.is_outcome_unknown() && error.to_string().contains("floating_ips().list()"), "{error}");
        assert_eq!(simulator.count("floating_ip.create"), 1);
        assert_eq!(elastis.floating_ips().find_by_name("shop").await.unwrap().len(), 1, "it had happened");
    }
}

mod load_balancers {
    use super::*;

    #[tokio::test]
    async fn a_load_balancer_is_made_with_all_that_it_is_to_have() {
        let (simulator, elastis) = start().await;
        let vm = private_vm(&elastis).await;
        let network = elastis.networks().of_vm(vm).await.unwrap().uuid;
        let [_, payer] = payers(&simulator);
        let new = NewLoadBalancer::new()
            .with_name("shop")
            .with_billing_account(payer)
            .with_network(network)
            .with_public_ip(false)
            .with_rule(rule(80, 8080))
            .with_rule(rule(443, 8443))
            .with_target(vm);
        let made = elastis.load_balancers().create(new).await.unwrap();
        let seen = elastis.load_balancers().get(made.uuid).await.unwrap();
        assert_eq!((seen.display_name.as_deref(), seen.billing_account_id), (Some("shop"), payer));
        assert_eq!((seen.network_uuid, seen.rule_of(443).unwrap().target_port), (network, 8443));
        assert!(seen.has_target(vm) && seen.rule_of(8080).is_none());
        assert_eq!((seen.targets[0].vm(), seen.forwarding_rules.len()), (Some(vm), 2));
        assert!(elastis.floating_ips().of_load_balancer(made.uuid).await.unwrap().is_empty());
        assert_eq!(elastis.load_balancers().find_by_name("shop").await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_load_balancer_without_anything_is_taken_and_has_a_public_address() {
        let (_simulator, elastis) = start().await;
        let made = balancer(&elastis).await;
        assert!(made.targets.is_empty() && made.forwarding_rules.is_empty() && !made.is_deleted);
        assert_eq!(elastis.floating_ips().of_load_balancer(made.uuid).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn targets_come_and_go() {
        let (_simulator, elastis) = start().await;
        let (balancers, id) = (elastis.load_balancers(), balancer(&elastis).await.uuid);
        let vm = private_vm(&elastis).await;
        let target = balancers.add_target(id, vm).await.unwrap();
        assert!(target.vm() == Some(vm) && target.target_ip_address.is_some());
        assert!(refused(&balancers.add_target(id, vm).await.unwrap_err()), "it is one already");
        balancers.remove_target(id, vm).await.unwrap();
        assert!(balancers.get(id).await.unwrap().targets.is_empty());
        assert!(balancers.remove_target(id, vm).await.unwrap_err().is_not_found());
        let nobody = VmId::new(id.get());
        assert!(balancers.add_target(id, nobody).await.unwrap_err().is_not_found());
    }

    #[tokio::test]
    async fn rules_come_and_go_and_share_no_port() {
        let (_simulator, elastis) = start().await;
        let (balancers, id) = (elastis.load_balancers(), balancer(&elastis).await.uuid);
        let added = balancers.add_rule(id, rule(80, 8080)).await.unwrap();
        assert_eq!((added.source_port, added.target_port), (80, 8080));
        assert!(refused(&balancers.add_rule(id, rule(80, 9090)).await.unwrap_err()));
        let rule = balancers.get(id).await.unwrap().rule_of(80).unwrap().uuid;
        balancers.remove_rule(id, rule).await.unwrap();
        assert!(balancers.get(id).await.unwrap().forwarding_rules.is_empty());
        assert!(balancers.remove_rule(id, rule).await.unwrap_err().is_not_found());
    }

    #[tokio::test]
    async fn name_and_payer_can_change() {
        let (simulator, elastis) = start().await;
        let (balancers, id) = (elastis.load_balancers(), balancer(&elastis).await.uuid);
        assert_eq!(balancers.rename(id, "a \"b\"").await.unwrap().display_name.as_deref(), Some("a \"b\""));
        let [_, other] = payers(&simulator);
        assert_eq!(balancers.set_billing_account(id, other).await.unwrap().billing_account_id, other);
        let nobody = BillingAccountId::new(u64::from(u32::MAX) + 1);
        assert!(balancers.set_billing_account(id, nobody).await.unwrap_err().is_not_found());
        assert!(balancers.rename(id, " ").await.unwrap_err().is_invalid_argument());
        let blank = NewLoadBalancer::new().with_name("");
        assert!(balancers.create(blank).await.unwrap_err().is_invalid_argument());
    }

    #[tokio::test]
    async fn a_deleted_one_is_readable_for_a_while_and_then_not_known_and_both_are_gone() {
        let (simulator, elastis) = start().await;
        let (balancers, id) = (elastis.load_balancers(), balancer(&elastis).await.uuid);
        balancers.delete(id).await.unwrap();
        assert!(balancers.wait_deleted(id).await.unwrap().unwrap().deleted_at.is_some());
        let error = balancers.wait(id).until(|balancer| !balancer.targets.is_empty()).await.unwrap_err();
        assert!(error.last().unwrap().is_deleted, "no target ever comes");
        simulator.clock().advance(std::time::Duration::from_secs(7200));
        assert!(balancers.wait_deleted(id).await.unwrap().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_of_one_is_waited_for() {
        let (simulator, elastis) = start().await;
        let (balancers, id) = (elastis.load_balancers(), balancer(&elastis).await.uuid);
        let before = balancers.get(id).raw().await.unwrap();
        balancers.delete(id).await.unwrap();
        simulator.fail("load_balancer.get", Fault::reply(200, before.body().clone())).times(3);
        simulator.clear_requests();
        assert!(balancers.wait_deleted(id).await.unwrap().unwrap().is_deleted);
        assert_eq!(simulator.count("load_balancer.get"), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn what_adds_is_sent_once_when_its_reply_is_lost() {
        let (simulator, elastis) = start().await;
        let (balancers, id) = (elastis.load_balancers(), balancer(&elastis).await.uuid);
        let vm = private_vm(&elastis).await;
        simulator.clear_requests();
        for operation in ["load_balancer.create", "load_balancer.add_target", "load_balancer.add_rule"] {
            simulator.fail(operation, Fault::ResetAfter);
        }
        let errors = [
            balancers.create(NewLoadBalancer::new()).await.unwrap_err(),
            balancers.add_target(id, vm).await.unwrap_err(),
            balancers.add_rule(id, rule(80, 8080)).await.unwrap_err(),
        ];
        for error in errors {
            assert!(error.is_outcome_unknown() && error.to_string().contains("load_balancers()"), "{error}");
        }
        assert_eq!((simulator.count("elastis/*"), balancers.list().await.unwrap().len()), (3, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn what_leaves_the_same_state_is_repeated() {
        let (simulator, elastis) = start().await;
        let (balancers, id) = (elastis.load_balancers(), balancer(&elastis).await.uuid);
        simulator.fail("load_balancer.rename", [Fault::ResetAfter, Fault::Html(502)]);
        assert_eq!(balancers.rename(id, "shop").await.unwrap().display_name.as_deref(), Some("shop"));
        assert_eq!(simulator.count("load_balancer.rename"), 3);
    }
}

mod addresses {
    use super::*;

    #[tokio::test]
    async fn a_load_balancer_goes_with_its_address() {
        let (simulator, elastis) = start().await;
        let id = balancer(&elastis).await.uuid;
        let other = ip(&simulator, &elastis).await.address;
        let held = elastis.floating_ips().of_load_balancer(id).await.unwrap()[0].address;
        let outcome = elastis.delete_load_balancer_with_addresses(id).await.unwrap();
        assert_eq!(outcome.released, [held]);
        assert!(outcome.reassigned.is_empty() && outcome.failed.is_empty());
        let left = elastis.floating_ips().list().await.unwrap();
        assert_eq!(left.iter().map(|ip| ip.address).collect::<Vec<_>>(), [other]);
    }
}

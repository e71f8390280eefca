//! Tests of load balancers.

use std::time::Duration;

use elastis_network::{BillingAccountId, ElastisNetwork, NewLoadBalancer, NewRule, VmId};
use hostkit_simulator::Fault;

use crate::{balancer, payers, private_vm, rejected, start};

fn rule(source: u16, target: u16) -> NewRule {
    NewRule::new(source, target)
}

#[tokio::test]
async fn a_load_balancer_is_created_with_all_settings() {
    let (simulator, elastis) = start().await;
    let vm = private_vm(&simulator, &elastis).await;
    let network = elastis.networks().of_vm(vm).await.unwrap().uuid;
    let [_, payer] = payers(&simulator);
    let new = NewLoadBalancer::new()
        .with_name("shop")
        .with_billing_account(payer)
        .with_network(network)
        .without_public_ip()
        .with_rule(rule(80, 8080))
        .with_rule(rule(443, 8443))
        .with_target(vm);
    let made = elastis.load_balancers().create(new).await.unwrap();
    let seen = elastis.load_balancers().get(made.uuid).await.unwrap();
    assert_eq!((seen.display_name.as_deref(), seen.billing_account_id), (Some("shop"), Some(payer)));
    assert_eq!((seen.network_uuid, seen.rule_of(443).unwrap().target_port), (Some(network), Some(8443)));
    assert!(seen.has_target(vm) && seen.rule_of(8080).is_none());
    assert_eq!((seen.targets[0].vm(), seen.forwarding_rules.len()), (Some(vm), 2));
    assert!(elastis.floating_ips().of_load_balancer(made.uuid).await.unwrap().is_empty());
    assert_eq!(elastis.load_balancers().find_by_name("shop").await.unwrap().len(), 1);
    assert!(elastis.load_balancers().find_by_name("sho").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_load_balancer_without_settings_has_a_public_address() {
    let (_simulator, elastis) = start().await;
    let made = balancer(&elastis).await;
    assert!(made.targets.is_empty() && made.forwarding_rules.is_empty() && !made.is_deleted());
    assert_eq!(elastis.floating_ips().of_load_balancer(made.uuid).await.unwrap().len(), 1);
}

#[tokio::test]
async fn targets_are_added_and_removed() {
    let (simulator, elastis) = start().await;
    let (balancers, id) = (elastis.load_balancers(), balancer(&elastis).await.uuid);
    let vm = private_vm(&simulator, &elastis).await;
    let target = balancers.add_target(id, vm).await.unwrap();
    assert!(target.vm() == Some(vm) && target.target_ip_address.is_some());
    assert!(rejected(&balancers.add_target(id, vm).await.unwrap_err()), "it is already a target");
    balancers.remove_target(id, vm).await.unwrap();
    assert!(balancers.get(id).await.unwrap().targets.is_empty());
    assert!(balancers.remove_target(id, vm).await.unwrap_err().is_not_found());
    let nobody = VmId::new(id.get());
    assert!(balancers.add_target(id, nobody).await.unwrap_err().is_invalid_argument());
}

#[tokio::test]
async fn rules_are_added_and_removed_and_cannot_share_a_port() {
    let (_simulator, elastis) = start().await;
    let (balancers, id) = (elastis.load_balancers(), balancer(&elastis).await.uuid);
    let added = balancers.add_rule(id, rule(80, 8080)).await.unwrap();
    assert_eq!((added.source_port, added.target_port), (Some(80), Some(8080)));
    assert!(rejected(&balancers.add_rule(id, rule(80, 9090)).await.unwrap_err()));
    let rule = balancers.get(id).await.unwrap().rule_of(80).unwrap().uuid.unwrap();
    balancers.remove_rule(id, rule).await.unwrap();
    assert!(balancers.get(id).await.unwrap().forwarding_rules.is_empty());
    assert!(balancers.remove_rule(id, rule).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn the_name_and_the_billing_account_can_be_changed() {
    let (simulator, elastis) = start().await;
    let (balancers, id) = (elastis.load_balancers(), balancer(&elastis).await.uuid);
    assert_eq!(balancers.rename(id, "a \"b\"").await.unwrap().display_name.as_deref(), Some("a \"b\""));
    let [_, other] = payers(&simulator);
    assert_eq!(balancers.set_billing_account(id, other).await.unwrap().billing_account_id, Some(other));
    let nobody = BillingAccountId::new(u64::from(u32::MAX) + 1);
    assert!(balancers.set_billing_account(id, nobody).await.unwrap_err().is_invalid_argument());
    assert!(balancers.rename(id, " ").await.unwrap_err().is_invalid_argument());
    let blank = NewLoadBalancer::new().with_name("");
    assert!(balancers.create(blank).await.unwrap_err().is_invalid_argument());
}

#[tokio::test]
async fn a_rule_with_port_zero_is_not_sent() {
    let (simulator, elastis) = start().await;
    let (balancers, id) = (elastis.load_balancers(), balancer(&elastis).await.uuid);
    let before = simulator.count("*");
    for zero in [rule(0, 80), rule(80, 0)] {
        assert!(balancers.add_rule(id, zero).await.unwrap_err().is_invalid_argument());
        let new = NewLoadBalancer::new().with_rule(zero);
        assert!(balancers.create(new).await.unwrap_err().is_invalid_argument());
    }
    assert_eq!(simulator.count("*"), before);
}

#[tokio::test(start_paused = true)]
async fn a_deleted_load_balancer_can_be_read_for_a_while() {
    let (simulator, elastis) = start().await;
    let (balancers, id) = (elastis.load_balancers(), balancer(&elastis).await.uuid);
    balancers.delete(id).await.unwrap();
    assert!(balancers.wait_deleted(id).await.unwrap().unwrap().deleted_at.is_some());
    let error = balancers.wait(id).until(|balancer| !balancer.targets.is_empty()).await.unwrap_err();
    assert!(error.last().unwrap().is_deleted(), "no target is ever added");
    simulator.clock().advance(Duration::from_secs(7200));
    assert!(balancers.wait_deleted(id).await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn wait_deleted_lasts_until_the_load_balancer_is_deleted() {
    let (simulator, elastis) = start().await;
    let (balancers, id) = (elastis.load_balancers(), balancer(&elastis).await.uuid);
    let before = balancers.get(id).raw().await.unwrap();
    balancers.delete(id).await.unwrap();
    simulator.fail("load_balancer.get", Fault::response(200, before.body().clone())).times(3);
    simulator.clear_requests();
    assert!(balancers.wait_deleted(id).await.unwrap().unwrap().is_deleted());
    assert_eq!(simulator.count("load_balancer.get"), 4);
}

#[tokio::test(start_paused = true)]
async fn wait_deleted_accepts_a_load_balancer_that_lacks_fields() {
    let (simulator, elastis) = start().await;
    let (balancers, id) = (elastis.load_balancers(), balancer(&elastis).await.uuid);
    let sparse = |rest: &str| Fault::response(200, format!(r#"{{"uuid": "{id}"{rest}}}"#));
    simulator.clear_requests();
    simulator.fail(
        "load_balancer.get",
        [
            sparse(""),
            sparse(r#", "forwarding_rules": [{}, {"source_port": 80}], "targets": [{}]"#),
            sparse(r#", "forwarding_rules": null, "is_deleted": false"#),
            sparse(r#", "forwarding_rules": [{"protocol": "TCP"}], "is_deleted": true"#),
        ],
    );
    let last = balancers.wait_deleted(id).await.unwrap().unwrap();
    assert!(last.is_deleted() && last.forwarding_rules.len() == 1);
    assert_eq!(simulator.count("load_balancer.get"), 4);
}

#[tokio::test(start_paused = true)]
async fn create_requests_are_sent_once_if_the_response_is_lost() {
    let (simulator, elastis) = start().await;
    let (balancers, id) = (elastis.load_balancers(), balancer(&elastis).await.uuid);
    let vm = private_vm(&simulator, &elastis).await;
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
async fn idempotent_calls_are_repeated() {
    let (simulator, elastis) = start().await;
    let (balancers, id) = (elastis.load_balancers(), balancer(&elastis).await.uuid);
    simulator.fail("load_balancer.rename", [Fault::ResetAfter, Fault::Html(502)]);
    assert_eq!(balancers.rename(id, "shop").await.unwrap().display_name.as_deref(), Some("shop"));
    assert_eq!(simulator.count("load_balancer.rename"), 3);
}

#[test]
fn a_deleted_load_balancer_is_not_found_by_its_name() {
    let row = |last: u8, deleted: bool| {
        format!(
            r#"{{"uuid": "7dc1a8f2-0b14-4d08-a3f3-6f4c8f0cbd6{last}", "display_name": "shop", "is_deleted": {deleted}}}"#
        )
    };
    let listed = format!("[{},{}]", row(1, true), row(2, false));
    let find = elastis_core::Elastis::new("key").unwrap().load_balancers().find_by_name("shop");
    let found = find.finish(http_core::http::Response::new(listed.into())).unwrap();
    assert!(found.len() == 1 && !found[0].is_deleted(), "{found:?}");
}

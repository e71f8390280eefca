//! Tests of floating IPs.

use std::net::{IpAddr, Ipv4Addr};

use elastis_network::http_core::ListCall;
use elastis_network::http_core::http::Response;
use elastis_network::{ElastisNetwork, FloatingIp, FloatingIpFilter, FloatingIpUpdate, NewFloatingIp, VmId};
use hostkit_simulator::Fault;

use crate::{balancer, ip, payers, private_vm, rejected, start, vm};

#[tokio::test]
async fn an_address_is_unassigned_and_assigned_to_another_vm() {
    let (simulator, elastis) = start().await;
    let ips = elastis.floating_ips();
    let (one, other) = (private_vm(&simulator, &elastis).await, private_vm(&simulator, &elastis).await);
    let address = ip(&simulator, &elastis).await.address;
    assert!(ips.assign(address, one).await.unwrap().is_assigned_to(one));
    assert!(
        ips.assign(address, one).await.unwrap().is_assigned_to(one),
        "a second assignment changes nothing"
    );
    assert!(rejected(&ips.assign(address, other).await.unwrap_err()));
    let free = ips.unassign(address).await.unwrap();
    assert!(free.assigned_to.is_none() && free.unassigned_at.is_some());
    assert!(ips.assign(address, other).await.unwrap().is_assigned_to(other));
    assert!(ips.of_vm(one).await.unwrap().is_empty());
    assert_eq!(ips.of_vm(other).await.unwrap()[0].address, address);
}

#[tokio::test]
async fn the_list_is_filtered_by_billing_account_and_by_vm() {
    let (simulator, elastis) = start().await;
    let ips = elastis.floating_ips();
    let vm = vm(&simulator, &elastis).await;
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
async fn addresses_of_other_vms_are_removed_even_if_the_filter_is_ignored() {
    let (simulator, elastis) = start().await;
    let vm = vm(&simulator, &elastis).await;
    let all = elastis.floating_ips().list().raw().await.unwrap();
    simulator.fail("floating_ip.list", Fault::response(200, all.body().clone())).standing();
    let nobody = VmId::new(elastis.networks().default_or_create().await.unwrap().uuid.get());
    assert_eq!(elastis.floating_ips().of_vm(vm).await.unwrap().len(), 1);
    assert!(elastis.floating_ips().of_vm(nobody).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_update_changes_only_the_fields_that_it_sets() {
    let (simulator, elastis) = start().await;
    let [_, other] = payers(&simulator);
    let (ips, address) = (elastis.floating_ips(), ip(&simulator, &elastis).await.address);
    let named = ips.update(address, FloatingIpUpdate::new().with_name("mail")).await.unwrap();
    let moved = ips.update(address, FloatingIpUpdate::new().with_billing_account(other)).await.unwrap();
    assert_ne!(named.billing_account_id, moved.billing_account_id);
    assert_eq!((moved.name.as_deref(), moved.billing_account_id), (Some("mail"), Some(other)));
    assert_eq!(ips.find_by_name("mail").await.unwrap().len(), 1);
    assert!(ips.find_by_name("mai").await.unwrap().is_empty());
    for update in [FloatingIpUpdate::new(), FloatingIpUpdate::new().with_name("")] {
        let error = ips.update(address, update).await.unwrap_err();
        assert!(error.is_invalid_argument() && !error.may_have_been_sent(), "{error:?}");
    }
}

#[tokio::test]
async fn a_released_address_is_not_found() {
    let (simulator, elastis) = start().await;
    let (ips, address) = (elastis.floating_ips(), ip(&simulator, &elastis).await.address);
    ips.delete(address).await.unwrap();
    assert!(ips.get(address).await.unwrap_err().is_not_found());
    assert!(ips.delete(address).optional().await.unwrap().is_none());
    assert!(ips.get(Ipv4Addr::LOCALHOST).optional().await.unwrap().is_none());
}

#[tokio::test]
async fn unassigned_addresses_are_listed() {
    let (simulator, elastis) = start().await;
    vm(&simulator, &elastis).await;
    balancer(&elastis).await;
    let free = ip(&simulator, &elastis).await.address;
    let unassigned = elastis.floating_ips().unassigned().await.unwrap();
    assert_eq!(unassigned.iter().map(|ip| ip.address).collect::<Vec<IpAddr>>(), [free]);
}

#[test]
fn released_and_used_addresses_and_those_of_other_vms_are_removed_from_lists() {
    let ips = elastis_core::Elastis::new("key").unwrap().floating_ips();
    let (vm, other) = ("7dc1a8f2-0b14-4d08-a3f3-6f4c8f0cbd64", "0a7ff39b-3c62-4d3d-9d3f-5b5d1a3c9f02");
    let listed = format!(
        r#"[{{"address": "198.18.0.1", "is_deleted": true}}, {{"address": "198.18.0.2"}},
            {{"address": "198.18.0.3", "assigned_to": "{vm}"}}, {{"address": "198.18.0.4", "assigned_to": "{other}"}},
            {{"address": "198.18.0.5", "assigned_to": "{vm}", "name": "shop", "is_deleted": true}},
            {{"address": "198.18.0.6", "name": "shop", "assigned_to_resource_type": "service"}},
            {{"address": "198.18.0.7", "assigned_to": "lb-1", "assigned_to_private_ip": "10.1.0.2"}},
            {{"address": "198.18.0.8", "assigned_to": "lb-1"}}, {{"address": "198.18.0.9", "assigned_to": 4711}},
            {{"address": "198.18.0.10", "assigned_to": "{upper}", "name": "shop2"}},
            {{"address": "198.18.0.11", "assigned_to": "", "assigned_to_private_ip": "10.1.0.2"}},
            {{"address": "198.18.0.12", "assigned_to": "", "assigned_to_resource_type": null}}]"#,
        upper = vm.to_uppercase().replace('-', ""),
    );
    let found = |call: ListCall<FloatingIp>| {
        let ips = call.finish(Response::new(listed.clone().into())).unwrap();
        ips.iter().map(|ip| ip.address.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(found(ips.unassigned()), ["198.18.0.2", "198.18.0.12"]);
    assert_eq!(found(ips.of_vm(vm.parse().unwrap())), ["198.18.0.3", "198.18.0.10"]);
    assert_eq!(found(ips.of_load_balancer(vm.parse().unwrap())), ["198.18.0.3", "198.18.0.10"]);
    assert_eq!(found(ips.find_by_name("shop")), ["198.18.0.6"]);
}

#[tokio::test(start_paused = true)]
async fn an_address_whose_response_is_lost_is_reserved_once() {
    let (simulator, elastis) = start().await;
    simulator.fail("floating_ip.create", Fault::HtmlAfter(504));
    let new = NewFloatingIp::new(payers(&simulator)[0]).with_name("shop");
    let error = elastis.floating_ips().create(new).await.unwrap_err();
    assert!(error.is_outcome_unknown() && error.to_string().contains("floating_ips().list()"), "{error}");
    assert_eq!(simulator.count("floating_ip.create"), 1);
    assert_eq!(
        elastis.floating_ips().find_by_name("shop").await.unwrap().len(),
        1,
        "the create was processed"
    );
}

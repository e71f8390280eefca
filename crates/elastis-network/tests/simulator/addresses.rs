//! Tests of deleting VMs and load balancers together with their public addresses.

use std::net::IpAddr;

use elastis_network::{Elastis, ElastisNetwork, Released, VmId};
use hostkit_simulator::{Fault, Simulator};

use crate::{balancer, ip, private_vm, rejected, start, vm};

/// Creates a VM with a public address, and assigns another address to it.
async fn vm_with_two(simulator: &Simulator, elastis: &Elastis) -> (VmId, [IpAddr; 2]) {
    let vm = vm(simulator, elastis).await;
    let first = elastis.floating_ips().of_vm(vm).await.unwrap()[0].address;
    let second = ip(simulator, elastis).await.address;
    elastis.floating_ips().assign(second, vm).await.unwrap();
    (vm, [first, second])
}

async fn all(elastis: &Elastis) -> Vec<IpAddr> {
    elastis.floating_ips().list().await.unwrap().iter().map(|ip| ip.address).collect()
}

#[tokio::test]
async fn a_vm_is_deleted_with_all_its_addresses_and_no_others() {
    let (simulator, elastis) = start().await;
    let other = ip(&simulator, &elastis).await.address;
    let (vm, held) = vm_with_two(&simulator, &elastis).await;
    let outcome = elastis.delete_vm_with_addresses(vm).await.unwrap();
    assert_eq!(outcome.released, held);
    assert!(outcome.reassigned.is_empty() && outcome.failed.is_empty());
    assert_eq!(all(&elastis).await, [other]);
    assert!(elastis.networks().of_vm(vm).await.unwrap_err().is_not_found());
}

#[tokio::test(start_paused = true)]
async fn a_vm_without_addresses_is_deleted() {
    let (simulator, elastis) = start().await;
    let vm = private_vm(&simulator, &elastis).await;
    assert!(elastis.delete_vm_with_addresses(vm).await.unwrap().into_result().unwrap().is_empty());
    let again = elastis.delete_vm_with_addresses(vm).await.unwrap_err();
    assert!(again.is_not_found(), "{again:?}");
}

#[tokio::test]
async fn a_load_balancer_is_deleted_with_its_address() {
    let (simulator, elastis) = start().await;
    let other = ip(&simulator, &elastis).await.address;
    let id = balancer(&elastis).await.uuid;
    let held = elastis.floating_ips().of_load_balancer(id).await.unwrap()[0].address;
    let released = elastis.delete_load_balancer_with_addresses(id).await.unwrap().into_result().unwrap();
    assert_eq!((released, all(&elastis).await), (vec![held], vec![other]));
}

#[tokio::test]
async fn no_address_is_released_if_the_deletion_fails() {
    let (simulator, elastis) = start().await;
    let (vm, held) = vm_with_two(&simulator, &elastis).await;
    simulator.clear_requests();
    simulator.fail("vm.delete", Fault::status(409));
    assert!(rejected(&elastis.delete_vm_with_addresses(vm).await.unwrap_err()));
    assert_eq!((simulator.count("elastis/*"), simulator.count("vm.delete")), (3, 1));
    let still: Vec<_> = elastis.floating_ips().of_vm(vm).await.unwrap().iter().map(|ip| ip.address).collect();
    assert_eq!(still, held);
}

#[tokio::test(start_paused = true)]
async fn addresses_are_released_even_if_the_response_to_the_deletion_is_lost() {
    let (simulator, elastis) = start().await;
    let (vm, held) = vm_with_two(&simulator, &elastis).await;
    simulator.fail("vm.delete", Fault::ResetAfter);
    let outcome = elastis.delete_vm_with_addresses(vm).await.unwrap();
    assert_eq!((outcome.released.as_slice(), simulator.count("vm.delete")), (held.as_slice(), 2));
    assert!(all(&elastis).await.is_empty());
}

#[tokio::test]
async fn a_failed_release_is_reported_and_does_not_stop_the_others() {
    let (simulator, elastis) = start().await;
    let (vm, [first, second]) = vm_with_two(&simulator, &elastis).await;
    simulator.fail("floating_ip.delete", Fault::status(409));
    let outcome = elastis.delete_vm_with_addresses(vm).await.unwrap();
    assert_eq!((outcome.released.as_slice(), outcome.failed[0].0), ([second].as_slice(), first));
    assert!(outcome.into_result().unwrap_err().is_conflict());
    let left = elastis.floating_ips().unassigned().await.unwrap();
    assert_eq!((left.len(), left[0].address), (1, first));
}

#[tokio::test]
async fn an_address_that_was_reassigned_in_the_meantime_is_kept() {
    let (simulator, elastis) = start().await;
    let (vm, [first, second]) = vm_with_two(&simulator, &elastis).await;
    // The response shows the new owner instead of the actual state.
    let id = balancer(&elastis).await.uuid;
    let mut stolen = elastis.floating_ips().of_load_balancer(id).await.unwrap().remove(0);
    stolen.address = first;
    simulator.fail("floating_ip.get", Fault::response(200, serde_json::to_vec(&stolen).unwrap()));
    let outcome = elastis.delete_vm_with_addresses(vm).await.unwrap();
    assert_eq!((outcome.reassigned, outcome.released), (vec![first], vec![second]));
    assert!(all(&elastis).await.contains(&first));
}

#[tokio::test]
async fn an_assigned_address_is_unassigned_and_a_missing_one_counts_as_released() {
    let (simulator, elastis) = start().await;
    let (vm, held) = vm_with_two(&simulator, &elastis).await;
    let before = elastis.floating_ips().get(held[0]).raw().await.unwrap();
    let gone = Fault::response(404, r#"{"message": "Ip address was not found."}"#);
    simulator.fail("floating_ip.get", [Fault::response(200, before.body().clone()), gone]);
    let outcome = elastis.delete_vm_with_addresses(vm).await.unwrap();
    assert_eq!(outcome.released, held);
    assert_eq!((simulator.count("floating_ip.unassign"), simulator.count("floating_ip.delete")), (1, 1));
}

#[tokio::test]
async fn an_address_whose_assignee_is_missing_in_the_list_is_reported() {
    for (sign, of_vm, of_balancer) in [
        (r#""assigned_to_resource_type": "virtual_machine""#, true, false),
        (r#""assigned_to_resource_type": "load_balancer""#, false, true),
        (r#""assigned_to_resource_type": "service""#, true, true),
        (r#""assigned_to_private_ip": "10.1.2.3""#, true, true),
        (r#""assigned_to": 7, "assigned_to_private_ip": "10.1.2.3""#, true, true),
        (r#""name": "free""#, false, false),
        (r#""is_deleted": true, "assigned_to_private_ip": "10.1.2.3""#, false, false),
    ] {
        let (simulator, elastis) = start().await;
        let (vm, [address, _]) = vm_with_two(&simulator, &elastis).await;
        let balancer = balancer(&elastis).await.uuid;
        let row = Fault::response(200, format!(r#"[{{"address": "{address}", {sign}}}]"#));
        simulator.fail("floating_ip.list", vec![row; 2]);
        let failed = |outcome: Released| {
            assert!(outcome.released.is_empty() && outcome.reassigned.is_empty(), "{sign}: {outcome:?}");
            outcome.failed.iter().any(|(failed, _)| *failed == address)
        };
        // The address is still assigned to the VM.
        let outcome = elastis.delete_load_balancer_with_addresses(balancer).await.unwrap();
        let reassigned = outcome.reassigned == [address];
        assert!(outcome.released.is_empty() && outcome.failed.is_empty(), "{sign}: {outcome:?}");
        assert_eq!(reassigned, of_balancer, "{sign}: {outcome:?}");
        // The address is no longer assigned, but no response showed that it was the VM's.
        assert_eq!(failed(elastis.delete_vm_with_addresses(vm).await.unwrap()), of_vm, "{sign}");
        assert_eq!(simulator.count("floating_ip.delete"), 0, "{sign}");
    }
}

#[tokio::test]
async fn addresses_are_released_if_another_program_deleted_the_vm() {
    let (simulator, elastis) = start().await;
    let (vm, held) = vm_with_two(&simulator, &elastis).await;
    let before = elastis.floating_ips().list().raw().await.unwrap();
    elastis.vms().delete(vm).await.unwrap();
    simulator.fail("floating_ip.list", Fault::response(200, before.body().clone()));
    assert_eq!(elastis.delete_vm_with_addresses(vm).await.unwrap().released, held);
}

#[tokio::test(start_paused = true)]
async fn no_address_is_released_while_the_vm_exists() {
    for absence in [
        r#"{"errors": {"Error": "No such virtual machine exists"}}"#,
        r#"{"errors": {"Error": "Provided billing account is incorrect."}}"#,
        r#"{"message": "Billing account not found."}"#,
        r#"{"message": "Image not found"}"#,
        r#"{"message": "Network UUID is invalid."}"#,
    ] {
        for faults in [
            vec![Fault::response(400, absence)],
            vec![Fault::response(404, absence)],
            vec![Fault::ResetBefore, Fault::response(404, absence)],
        ] {
            let (simulator, elastis) = start().await;
            let (vm, held) = vm_with_two(&simulator, &elastis).await;
            simulator.fail("vm.delete", faults);
            elastis.delete_vm_with_addresses(vm).await.unwrap_err();
            assert_eq!(simulator.count("floating_ip.delete"), 0, "{absence}");
            assert!(elastis.vms().get(vm).await.unwrap().is_running(), "{absence}");
            assert_eq!(all(&elastis).await, held, "{absence}");
        }
    }
    // A deletion that the provider confirms without performing it.
    let (simulator, elastis) = start().await;
    let (vm, held) = vm_with_two(&simulator, &elastis).await;
    simulator.fail("vm.delete", Fault::response(200, r#"{"success": true}"#));
    let error = elastis.delete_vm_with_addresses(vm).await.unwrap_err();
    assert!(error.to_string().contains("still billed"), "{error}");
    assert_eq!(all(&elastis).await, held);
}

/// Bodies that a faulty response may have in place of the list.
const NO_ROWS: [&str; 3] = ["[]", "null", ""];

#[tokio::test(start_paused = true)]
async fn a_list_without_rows_hides_no_address() {
    for body in NO_ROWS {
        let (simulator, elastis) = start().await;
        let vm = vm(&simulator, &elastis).await;
        simulator.fail("floating_ip.list", Fault::response(200, body));
        match elastis.delete_vm_with_addresses(vm).await {
            Ok(outcome) => assert_eq!((outcome.released.len(), body), (1, "[]")),
            Err(_) => assert!(elastis.vms().get(vm).await.unwrap().is_running() && body != "[]", "{body}"),
        }
        let balancer = balancer(&elastis).await.uuid;
        simulator.fail("floating_ip.list", Fault::response(200, body));
        match elastis.delete_load_balancer_with_addresses(balancer).await {
            Ok(outcome) => assert_eq!((outcome.released.len(), body), (1, "[]")),
            Err(_) => assert!(!elastis.load_balancers().get(balancer).await.unwrap().is_deleted(), "{body}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_public_address_of_a_vm_is_released_even_if_no_list_contains_it() {
    let (simulator, elastis) = start().await;
    let vm = vm(&simulator, &elastis).await;
    let address = all(&elastis).await[0];
    let shown = format!(r#"{{"uuid": "{vm}", "name": "web-1", "public_ipv4": "{address}"}}"#);
    simulator.fail("floating_ip.list", vec![Fault::response(200, "[]"); 2]);
    simulator.fail("vm.get", Fault::response(200, shown));
    assert_eq!(elastis.delete_vm_with_addresses(vm).await.unwrap().released, [address]);
}

#[tokio::test]
async fn an_address_that_something_unknown_uses_is_not_released() {
    for used in [
        r#""assigned_to": "lb-1", "assigned_to_private_ip": "10.1.0.2""#,
        r#""assigned_to": "lb-1""#,
        r#""assigned_to": 4711"#,
        r#""assigned_to": null, "assigned_to_private_ip": "10.1.0.2""#,
        r#""assigned_to": null, "assigned_to_resource_type": "service""#,
    ] {
        let (simulator, elastis) = start().await;
        let (vm, held) = vm_with_two(&simulator, &elastis).await;
        let row = format!(r#"{{"address": "{}", {used}}}"#, held[0]);
        simulator.fail("floating_ip.get", Fault::response(200, row));
        let outcome = elastis.delete_vm_with_addresses(vm).await.unwrap();
        assert_eq!((outcome.released, outcome.failed[0].0), (vec![held[1]], held[0]), "{used}");
        assert_eq!(all(&elastis).await, [held[0]], "{used}");
    }
}

#[tokio::test]
async fn a_reservation_of_an_address_that_the_vm_had_earlier_is_kept() {
    let (simulator, elastis) = start().await;
    let vm = private_vm(&simulator, &elastis).await;
    let later = ip(&simulator, &elastis).await.address;
    let earlier = format!(r#"[{{"address": "{later}", "assigned_to": "{vm}", "is_deleted": true}}]"#);
    simulator.fail("floating_ip.list", Fault::response(200, earlier));
    let outcome = elastis.delete_vm_with_addresses(vm).await.unwrap();
    assert!(outcome.released.is_empty() && outcome.failed.is_empty(), "{outcome:?}");
    assert_eq!(all(&elastis).await, [later]);
}

#[tokio::test]
async fn an_address_that_only_the_vm_shows_is_reported() {
    for sign in ["", r#", "assigned_to": null"#, r#", "assigned_to": """#] {
        for is_listed in [true, false] {
            let (simulator, elastis) = start().await;
            let vm = vm(&simulator, &elastis).await;
            let address = all(&elastis).await[0];
            let shown = format!(r#"{{"uuid": "{vm}", "name": "web-1", "public_ipv4": "{address}"}}"#);
            simulator.fail("vm.get", Fault::response(200, shown));
            let row = format!(r#"{{"address": "{address}"{sign}}}"#);
            let rows = if is_listed { format!("[{row}]") } else { "[]".to_owned() };
            simulator
                .fail("floating_ip.list", vec![Fault::response(200, rows); if is_listed { 1 } else { 2 }]);
            simulator.fail("floating_ip.get", Fault::response(200, row));
            let outcome = elastis.delete_vm_with_addresses(vm).await.unwrap();
            assert_eq!(
                outcome.failed.first().map(|(failed, _)| *failed),
                Some(address),
                "{sign} {is_listed}"
            );
            assert_eq!(all(&elastis).await, [address], "{sign} {is_listed}");
        }
    }
}

#[tokio::test]
async fn an_address_that_was_reserved_again_is_kept() {
    for other in [r#""id": 999999"#, r#""uuid": "00000000-0000-4000-8000-000000000000""#] {
        let (simulator, elastis) = start().await;
        let (vm, [first, second]) = vm_with_two(&simulator, &elastis).await;
        let again = format!(r#"{{"address": "{first}", {other}}}"#);
        simulator.fail("floating_ip.get", Fault::response(200, again));
        let outcome = elastis.delete_vm_with_addresses(vm).await.unwrap();
        assert_eq!((outcome.reassigned, outcome.released), (vec![first], vec![second]), "{other}");
        assert_eq!(all(&elastis).await, [first], "{other}");
    }
}

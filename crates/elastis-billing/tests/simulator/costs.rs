//! Tests of the costs of all resources in all locations.

use elastis_billing::{Cost, CostKind, Costs, Decimal, Elastis, ElastisBilling, Idle, LocationSlug};
use elastis_core::{Login, NewVm, Os, VmSize};
use elastis_network::{ElastisNetwork, NewFloatingIp, NewLoadBalancer};
use elastis_storage::{ElastisStorage, NewBucket, NewDisk};
use hostkit_simulator::{Fault, Simulator};
use http_core::ErrorKind;
use http_core::wire::Bytes;
use serde_json::json;

use crate::{FIRST, SECOND, simulated};

const VM: Decimal = Decimal::from_parts(19, 0, 0, false, 3);
const VM_DISK: Decimal = Decimal::from_parts(2, 0, 0, false, 3);
const DISK: Decimal = Decimal::from_parts(5, 0, 0, false, 3);

/// Creates two VMs, one of them stopped, as well as used and unused resources of the other kinds.
async fn furnish(elastis: &Elastis) {
    let mut vms = Vec::new();
    for name in ["web-1", "build-1"] {
        let login = Login::new("example", "Password123");
        let new = NewVm::from_image(name, Os::new("ubuntu", "20.04"), 20, VmSize::new(2, 2048), login);
        vms.push(elastis.vms().create(new.with_billing_account(FIRST)).await.unwrap().uuid);
    }
    elastis.vms().stop(vms[1]).await.unwrap();
    elastis.disks().create(NewDisk::empty(50).with_billing_account(SECOND)).await.unwrap();
    let (ips, balancers) = (elastis.floating_ips(), elastis.load_balancers());
    let used = ips.create(NewFloatingIp::new(FIRST).with_name("used")).await.unwrap();
    ips.assign(used.address, vms[0]).await.unwrap();
    ips.create(NewFloatingIp::new(FIRST).with_name("spare")).await.unwrap();
    let new = |name| NewLoadBalancer::new().with_name(name).with_billing_account(FIRST).without_public_ip();
    balancers.create(new("front").with_target(vms[0])).await.unwrap();
    balancers.create(new("empty")).await.unwrap();
}

async fn furnished() -> (Simulator, Elastis) {
    let (simulator, elastis) = simulated().await;
    furnish(&elastis).await;
    furnish(&elastis.at("bus02")).await;
    elastis.buckets().create(NewBucket::new("backups-of-web1").with_billing_account(FIRST)).await.unwrap();
    (simulator, elastis)
}

fn idle(costs: &Costs) -> Vec<(&str, &str, Idle)> {
    let rows = costs.idle().map(|Cost { location, name, idle, .. }| {
        (location.as_ref().unwrap().as_str(), name.as_deref().unwrap_or("disk"), idle.unwrap())
    });
    rows.collect()
}

#[tokio::test]
async fn each_kind_of_resource_is_listed_in_two_locations() {
    let (_simulator, elastis) = furnished().await;
    let costs = elastis.costs().await.unwrap();
    assert!(costs.failures.is_empty(), "{:?}", costs.failures);
    let disks = costs.rows.iter().filter(|row| row.kind == CostKind::Disk);
    let table =
        disks.fold(costs.to_string(), |table, disk| table.replace(&disk.id[..22], "the-first-22-of-its-id"));
    insta::assert_snapshot!("costs", table);
    let in_one = [
        ("build-1", Idle::Stopped),
        ("disk", Idle::Unattached),
        ("spare", Idle::Unassigned),
        ("empty", Idle::NoTargets),
    ];
    let everywhere = ["cyc01", "bus02"].map(|slug| in_one.map(|(name, why)| (slug, name, why)));
    assert_eq!(idle(&costs), everywhere.concat());
    let disk = costs.rows.iter().find(|row| row.kind == CostKind::Disk).unwrap();
    assert_eq!((disk.hourly, disk.billing_account_id), (Some(DISK), Some(SECOND)));
}

#[tokio::test]
async fn totals_are_exact_and_exclude_unknown_costs() {
    let (_simulator, elastis) = furnished().await;
    let costs = elastis.costs().await.unwrap();
    let (total, idle) = (costs.total(), costs.idle_total());
    assert_eq!(total.hourly, (VM + VM_DISK + DISK) * Decimal::TWO);
    assert_eq!(total.monthly, total.hourly * Decimal::from(730));
    assert_eq!(idle.hourly, (VM_DISK + DISK) * Decimal::TWO);
    // The price list has no prices for the two addresses and the two load balancers in each location.
    assert_eq!((total.unknown, idle.unknown, costs.is_complete()), (8, 4, false));
}

#[tokio::test]
async fn the_costs_equal_those_that_the_provider_charges() {
    let (_simulator, elastis) = furnished().await;
    let mut charged = Decimal::ZERO;
    for account in [FIRST, SECOND] {
        charged +=
            elastis.usage().list(account).await.unwrap().iter().filter_map(|row| row.price).sum::<Decimal>();
    }
    // A stopped VM is charged at two prices in this month; its time at the first price is zero.
    assert_eq!(elastis.costs().await.unwrap().total().hourly, charged);
}

#[tokio::test]
async fn a_location_that_fails_is_reported_and_does_not_hide_the_others() {
    let (simulator, elastis) = furnished().await;
    let whole = elastis.costs().await.unwrap();
    let locations = r#"[{"slug": "cyc01", "display_name": "A", "is_default": true, "is_preferred": true},
        {"slug": "gone01", "display_name": "B", "is_default": false, "is_preferred": false},
        {"slug": "bus02", "display_name": "C", "is_default": false, "is_preferred": false}]"#;
    simulator.fail("location.list", Fault::response(200, locations));
    let costs = elastis.costs().await.unwrap();
    assert_eq!(costs.rows, whole.rows);
    let failed = costs.failures.iter().map(|failure| (failure.location.clone().unwrap(), failure.what));
    let parts = ["VMs", "disks", "floating IPs", "load balancers"];
    let parts = parts.map(|what| (LocationSlug::from("gone01"), what));
    assert_eq!(failed.collect::<Vec<_>>(), parts);
    assert!(costs.failures.iter().all(|failure| failure.error.is_unknown_url()));
    assert!(!costs.is_complete());
    let table = costs.to_string();
    assert!(
        parts.iter().all(|(slug, what)| table.contains(&format!("\n  {slug}: {what}: no route"))),
        "{table}"
    );
}

/// A response without rows is no proof that a location has none of these resources.
#[tokio::test(start_paused = true)]
async fn a_missing_list_is_a_failure_and_makes_no_disk_unattached() {
    for body in ["null", "", "false", "{}"] {
        for (operation, what) in [
            ("vm.list", "VMs"),
            ("disk.list", "disks"),
            ("floating_ip.list", "floating IPs"),
            ("load_balancer.list", "load balancers"),
            ("bucket.list", "buckets"),
        ] {
            let (simulator, elastis) = furnished().await;
            simulator.fail(operation, Fault::response(200, body)).standing();
            let costs = elastis.costs().await.unwrap();
            assert!(!costs.is_complete(), "{operation} {body:?}");
            let failed: Vec<_> = costs.failures.iter().map(|failure| failure.what).collect();
            let locations = if operation == "bucket.list" { 1 } else { 2 };
            assert_eq!(failed, vec![what; locations], "{operation} {body:?}");
            let unattached = costs.idle().filter(|cost| cost.idle == Some(Idle::Unattached)).count();
            let all = if matches!(operation, "vm.list" | "disk.list") { 0 } else { 2 };
            assert_eq!(unattached, all, "{operation} {body:?}");
        }
    }
    let (simulator, elastis) = furnished().await;
    let whole = elastis.costs().await.unwrap();
    simulator.fail("vm.list", Fault::response(200, "[]"));
    let costs = elastis.costs().await.unwrap();
    assert_eq!(costs.rows, whole.rows, "an empty list beside disks is read again");
}

#[tokio::test]
async fn a_location_that_cannot_be_decoded_is_reported_and_does_not_hide_the_others() {
    let (simulator, elastis) = furnished().await;
    let whole = elastis.costs().await.unwrap();
    for damaged in ["{}", "7", r#"["cyc01"]"#, r#"{"slug": null}"#] {
        let locations = format!(r#"[{{"slug": "cyc01"}}, {damaged}, {{"slug": "bus02"}}]"#);
        simulator.fail("location.list", Fault::response(200, locations));
        let costs = elastis.costs().await.unwrap();
        assert_eq!(costs.rows, whole.rows, "{damaged}");
        let [failure] = &costs.failures[..] else { panic!("{damaged}: {:?}", costs.failures) };
        assert_eq!((&failure.location, failure.what), (&None, "everything"), "{damaged}");
        assert_eq!(failure.error.kind(), ErrorKind::Decode, "{damaged}: {failure}");
        assert!(!costs.is_complete(), "{damaged}");
    }
}

#[tokio::test]
async fn costs_without_prices_are_unknown_and_not_zero() {
    let (simulator, elastis) = furnished().await;
    let compute = r#"{"policy": [
        {"policyId": 1, "resourceType": "CPU", "numCpus": 1, "price": 0.00521},
        {"policyId": 2, "resourceType": "RAM", "megsRam": 512, "price": 0.001645}]}"#;
    for (fault, failures) in [(Fault::response(200, compute), 0), (Fault::status(403), 1)] {
        simulator.fail("pricing.policy", fault);
        let costs = elastis.costs().await.unwrap();
        assert!(costs.rows.iter().all(|row| row.hourly.is_none() && row.monthly().is_none()));
        assert_eq!((costs.total().unknown, costs.total().hourly), (costs.rows.len(), Decimal::ZERO));
        assert_eq!(costs.failures.len(), failures);
        assert!(costs.failures.iter().all(|failure| failure.what == "prices" && failure.location.is_none()));
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_decoded_is_reported_and_does_not_hide_others() {
    let (simulator, elastis) = simulated().await;
    let row = r#"{"uuid": "3d91aa31-16ec-44ee-b8b3-22a0bda6559e"}"#;
    simulator.fail("disk.list", Fault::response(200, format!("[{row}, {{}}]"))).times(2);
    let costs = elastis.costs().await.unwrap();
    assert_eq!(costs.rows.len(), 2);
    assert!(costs.rows.iter().all(|row| row.hourly.is_none() && row.idle == Some(Idle::Unattached)));
    let failures: Vec<_> = costs.failures.iter().map(ToString::to_string).collect();
    assert_eq!(failures.len(), 2);
    assert!(failures[0].starts_with("cyc01: disks: 1 of the rows"), "{failures:?}");
}

#[tokio::test]
async fn a_disk_is_not_unattached_if_the_vms_are_unknown() {
    let (simulator, elastis) = furnished().await;
    simulator.fail("vm.list", Fault::status(403)).standing();
    let costs = elastis.costs().await.unwrap();
    let disks: Vec<_> = costs.rows.iter().filter(|row| row.kind == CostKind::Disk).collect();
    // The list includes the disks of the VMs.
    assert_eq!(disks.len(), 6);
    assert!(disks.iter().all(|disk| disk.idle.is_none() && disk.hourly.is_some()));
}

#[tokio::test]
async fn a_disk_is_not_unattached_if_a_vm_has_a_disk_without_a_valid_id() {
    let (simulator, elastis) = simulated().await;
    furnish(&elastis).await;
    let whole: Vec<serde_json::Value> =
        serde_json::from_slice(&Bytes::from(elastis.vms().list().raw().await.unwrap().into_body())).unwrap();
    for (storage, is_known) in [
        (Some(json!([null])), false),
        (Some(json!([{"size": 20}])), false),
        (Some(json!([{"uuid": "disk-1"}])), false),
        (Some(json!({})), false),
        (Some(json!(null)), false),
        (None, false),
        (Some(json!([])), true),
    ] {
        let mut rows = whole.clone();
        let row = rows[0].as_object_mut().unwrap();
        match &storage {
            Some(storage) => row.insert("storage".to_owned(), storage.clone()),
            None => row.remove("storage"),
        };
        for (status, is_known) in [(row["status"].clone(), is_known), ("deleted".into(), true)] {
            rows[0]["status"] = status;
            // Both locations respond with these rows, and only one of them has the disk.
            simulator.fail("vm.list", vec![Fault::response(200, json!(rows).to_string()); 2]);
            let costs = elastis.costs().await.unwrap();
            let is_idle = costs.rows.iter().any(|row| row.idle == Some(Idle::Unattached));
            assert_eq!(is_idle, is_known, "{storage:?}: {costs}");
            let failures: Vec<_> = costs.failures.iter().map(|failure| failure.what).collect();
            assert_eq!(failures, if is_known { vec![] } else { vec!["disks of VMs"; 2] }, "{storage:?}");
        }
    }
}

#[tokio::test]
async fn snapshots_are_priced_by_their_size() {
    let (_simulator, elastis) = simulated().await;
    furnish(&elastis).await;
    let vm = elastis.vms().find_by_name("web-1").await.unwrap()[0].uuid;
    elastis.replicas().create(vm).await.unwrap();
    let costs = elastis.costs().await.unwrap();
    let snapshot = costs.rows.iter().find(|row| row.kind == CostKind::Snapshot).unwrap();
    assert_eq!((snapshot.name.as_deref(), snapshot.hourly), (Some("web-1"), Some(VM_DISK)));
}

#[tokio::test]
async fn an_address_that_a_vm_shows_as_its_own_is_not_idle() {
    let (simulator, elastis) = simulated().await;
    let login = Login::new("example", "Password123");
    let new = NewVm::from_image("web-1", Os::new("ubuntu", "20.04"), 20, VmSize::new(2, 2048), login);
    elastis.vms().create(new.with_public_ip().with_billing_account(FIRST)).await.unwrap();
    let ips = elastis.floating_ips();
    let used = ips.list().await.unwrap()[0].address;
    let spare = ips.create(NewFloatingIp::new(FIRST).with_name("spare")).await.unwrap().address;
    let rows = json!([{"address": used, "name": "used"}, {"address": spare, "name": "spare"}]);
    let vms = elastis.vms().list().raw().await.unwrap().into_body();
    let mut vms: serde_json::Value = serde_json::from_slice(&Bytes::from(vms)).unwrap();
    vms[0]["public_ipv4"] = json!(used);
    // Both locations respond with these rows.
    simulator.fail("floating_ip.list", vec![Fault::response(200, rows.to_string()); 2]);
    simulator.fail("vm.list", vec![Fault::response(200, vms.to_string()); 2]);
    let expected = ["cyc01", "bus02"].map(|location| (location, "spare", Idle::Unassigned));
    assert_eq!(idle(&elastis.costs().await.unwrap()), expected);
}

#[tokio::test(start_paused = true)]
async fn no_list_of_locations_is_read_as_no_costs() {
    for (body, times, is_complete) in [("[]", 1, true), ("[]", 2, false), ("null", 9, false), ("", 9, false)]
    {
        let (simulator, elastis) = furnished().await;
        simulator.fail("location.list", vec![Fault::response(200, body); times]);
        let costs = elastis.costs().await;
        assert_eq!(costs.is_ok(), is_complete, "{body:?} {times}");
        assert!(costs.is_err() || costs.unwrap().rows.len() > 9, "{body:?} {times}");
    }
}

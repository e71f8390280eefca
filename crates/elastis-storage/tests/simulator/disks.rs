//! Tests of disks.

use std::time::Duration;

use elastis_storage::http_core::ErrorKind;
use elastis_storage::{Disk, DiskId, ElastisStorage, NewBucket, NewDisk, SourceImageType};
use hostkit_simulator::{Boot, Fault};

use crate::{accounts, new_vm, start};

#[tokio::test]
async fn a_disk_is_created_attached_detached_and_deleted() {
    let (simulator, elastis) = start().await;
    let [account, other] = accounts(&simulator);
    let disks = elastis.disks();
    let vm = new_vm(&simulator, &elastis).await;
    let disk = disks.create(NewDisk::empty(50).with_billing_account(account)).await.unwrap();
    assert_eq!((disk.size_gb, disk.source_image_type), (Some(50), Some(SourceImageType::Empty)));
    let disk = disks.wait(disk.uuid).until(Disk::is_active).await.unwrap();
    assert!(disks.list().await.unwrap().iter().any(|listed| listed.uuid == disk.uuid));

    let attached = disks.attach(disk.uuid, vm).await.unwrap();
    assert_eq!((attached.name.as_str(), attached.primary, attached.size), ("vdb", false, Some(50)));
    assert_eq!(attached.uuid.guest_device_path(), disk.device_path());
    disks.detach(disk.uuid, vm).await.unwrap();
    assert_eq!(disks.update(disk.uuid, other).await.unwrap().billing_account_id, Some(other));

    disks.delete(disk.uuid).await.unwrap();
    let last = disks.wait_deleted(disk.uuid).await.unwrap();
    assert!(last.is_some_and(|disk| disk.is_deleted()), "it can still be read for a while");
    assert!(disks.list().await.unwrap().iter().all(|listed| listed.uuid != disk.uuid));
}

#[tokio::test]
async fn a_copy_has_the_size_of_its_source_or_a_larger_one() {
    let (simulator, elastis) = start().await;
    let disks = elastis.disks();
    let create = |disk: NewDisk| disks.create(disk.with_billing_account(accounts(&simulator)[0]));
    let system = create(NewDisk::from_image("ubuntu_20.04")).await.unwrap();
    assert_eq!(system.source_image.as_deref(), Some("ubuntu_20.04"));
    let copy = create(NewDisk::copy_of(system.uuid)).await.unwrap();
    assert_eq!((copy.size_gb, copy.source_image), (system.size_gb, Some(system.uuid.to_string())));
    assert_eq!(create(NewDisk::copy_of(system.uuid).with_size(90)).await.unwrap().size_gb, Some(90));
    let too_small = create(NewDisk::copy_of(system.uuid).with_size(1)).await.unwrap_err();
    assert!(too_small.is_invalid_argument() && too_small.code() == Some("size_gb"), "{too_small:?}");
}

#[tokio::test]
async fn a_snapshot_is_listed_with_its_disk_and_copied_to_a_new_one() {
    let (simulator, elastis) = start().await;
    let disks = elastis.disks();
    let vm = new_vm(&simulator, &elastis).await;
    elastis.replicas().create(vm).await.unwrap();
    let boot = disks.list().await.unwrap().remove(0);
    let snapshot = boot.snapshots.unwrap().remove(0);
    assert_eq!((snapshot.size_gb, snapshot.disk_uuid), (Some(20), Some(boot.uuid)));
    let disk = NewDisk::from_snapshot(snapshot.uuid).with_billing_account(accounts(&simulator)[0]);
    let disk = disks.create(disk).await.unwrap();
    assert_eq!((disk.source_image_type, disk.size_gb), (Some(SourceImageType::Snapshot), Some(20)));
}

#[tokio::test]
async fn the_error_of_a_create_names_the_invalid_parameter() {
    let (simulator, elastis) = start().await;
    let disks = elastis.disks();
    let account = accounts(&simulator)[0];
    for (disk, parameter) in [
        (NewDisk::empty(50), "billing_account_id"),
        (NewDisk::from_image("plan9_4").with_billing_account(account), "source_image"),
    ] {
        let error = disks.create(disk).await.unwrap_err();
        assert!(error.is_invalid_argument() && error.code() == Some(parameter), "{error:?}");
    }
    let unknown = NewDisk::copy_of(DiskId::new(uuid::Uuid::nil())).with_billing_account(account);
    assert!(disks.create(unknown).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_disk_without_size_or_image_is_not_sent() {
    let (simulator, elastis) = start().await;
    for disk in [NewDisk::empty(0), NewDisk::from_image("")] {
        let error = elastis.disks().create(disk).await.unwrap_err();
        assert!(error.is_invalid_argument() && !error.may_have_been_sent(), "{error:?}");
    }
    assert_eq!(simulator.count("disk.create"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_create_whose_response_is_lost_is_sent_once() {
    let (simulator, elastis) = start().await;
    let disks = elastis.disks();
    let disk = NewDisk::empty(50).with_billing_account(accounts(&simulator)[0]);
    for (made, fault) in [(1, Fault::ResetAfter), (2, Fault::TruncatedBody), (3, Fault::HtmlAfter(504))] {
        simulator.fail("disk.create", fault);
        let error = disks.create(disk.clone()).await.unwrap_err();
        assert!(error.is_outcome_unknown(), "{error:?}");
        assert!(error.to_string().contains("disks().list()"), "{error}");
        assert_eq!(simulator.count("disk.create"), made);
        assert_eq!(disks.list().await.unwrap().len(), made, "the create was processed");
    }
}

#[tokio::test(start_paused = true)]
async fn an_attach_or_detach_whose_response_is_lost_is_repeated_and_confirmed() {
    let (simulator, elastis) = start().await;
    let disks = elastis.disks();
    let vm = new_vm(&simulator, &elastis).await;
    let disk = NewDisk::empty(50).with_billing_account(accounts(&simulator)[0]);
    let disk = disks.create(disk).await.unwrap().uuid;
    simulator.fail("disk.attach", [Fault::ResetBefore, Fault::Nothing]);
    disks.attach(disk, vm).await.unwrap();
    simulator.fail("disk.detach", Fault::ResetAfter);
    disks.detach(disk, vm).await.unwrap();
    assert_eq!(
        simulator.count("disk.detach"),
        2,
        "the repeated request fails, and a read confirms the first"
    );
    let error = disks.detach(disk, vm).await.unwrap_err();
    assert!(!error.is_outcome_unknown(), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_delete_whose_response_is_lost_is_repeated_and_succeeds() {
    let (simulator, elastis) = start().await;
    let disks = elastis.disks();
    let disk = NewDisk::empty(50).with_billing_account(accounts(&simulator)[0]);
    let disk = disks.create(disk).await.unwrap().uuid;
    simulator.fail("disk.delete", Fault::ResetAfter);
    disks.delete(disk).await.unwrap();
    assert_eq!(simulator.count("disk.delete"), 2);
    assert!(disks.delete(disk).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_boot_disk_can_be_neither_attached_again_nor_detached() {
    let (simulator, elastis) = start().await;
    let disks = elastis.disks();
    let vm = new_vm(&simulator, &elastis).await;
    let boot = disks.list().await.unwrap().remove(0).uuid;
    for refused in [disks.attach(boot, vm).await.map(drop), disks.detach(boot, vm).await] {
        let error = refused.unwrap_err();
        assert!(error.kind() == ErrorKind::ErrorResponse && !error.is_not_found(), "{error:?}");
    }
    assert!(!disks.get(boot).await.unwrap().is_deleted());
}

#[tokio::test]
async fn attaching_to_a_busy_vm_is_a_conflict() {
    let (simulator, elastis) = start().await;
    let disks = elastis.disks();
    let vm = new_vm(&simulator, &elastis).await;
    let disk = NewDisk::empty(50).with_billing_account(accounts(&simulator)[0]);
    let disk = disks.create(disk).await.unwrap().uuid;
    elastis.vms().stop(vm).await.unwrap();
    simulator.set_boot(Boot::After(Duration::from_secs(30)));
    elastis.vms().start(vm).await.unwrap();
    assert!(disks.attach(disk, vm).await.unwrap_err().is_conflict());
    simulator.clock().advance(Duration::from_secs(31));
    disks.attach(disk, vm).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_is_no_longer_known_is_treated_as_deleted() {
    let (simulator, elastis) = start().await;
    let disks = elastis.disks();
    let disk = NewDisk::empty(50).with_billing_account(accounts(&simulator)[0]);
    let disk = disks.create(disk).await.unwrap().uuid;
    let error = disks.wait_deleted(disk).timeout(Duration::from_secs(60)).await.unwrap_err();
    assert_eq!(error.error().kind(), ErrorKind::Wait);
    assert!(error.last().is_some_and(Option::is_some));
    disks.delete(disk).await.unwrap();
    simulator.clock().advance(Duration::from_secs(2 * 3600));
    assert!(disks.get(disk).await.unwrap_err().is_not_found());
    assert!(disks.wait_deleted(disk).await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_another_state_fails_when_the_disk_is_deleted() {
    let (simulator, elastis) = start().await;
    let disks = elastis.disks();
    let disk = NewDisk::empty(50).with_billing_account(accounts(&simulator)[0]);
    let disk = disks.create(disk).await.unwrap().uuid;
    disks.delete(disk).await.unwrap();
    let error = disks.wait(disk).until(Disk::is_active).await.unwrap_err();
    assert!(error.last().is_some_and(Disk::is_deleted), "{error:?}");
    assert_eq!(simulator.count("disk.get"), 1);
    disks.wait(disk).until(Disk::is_deleted).await.unwrap();
}

#[tokio::test]
async fn locations_have_their_own_disks_and_a_wrong_location_is_reported() {
    let (simulator, elastis) = start().await;
    let there = elastis.at("bus02");
    let disk = NewDisk::empty(50).with_billing_account(accounts(&simulator)[0]);
    let disk = there.disks().create(disk).await.unwrap().uuid;
    assert_eq!(there.disks().list().await.unwrap().len(), 1);
    assert!(elastis.disks().list().await.unwrap().is_empty());
    let error = elastis.at("nowhere").disks().wait_deleted(disk).await.unwrap_err();
    assert!(error.error().is_unknown_url(), "{error:?}");
}

#[tokio::test]
async fn one_invalid_disk_does_not_hide_the_others() {
    let (simulator, elastis) = start().await;
    let rows = r#"[{"uuid": "05a61876-86f3-4b05-b0ec-53ee6fa03ced", "status": "Active", "size_gb": 50},
        {"uuid": "unknown", "status": "Active", "size_gb": "large"}]"#;
    simulator.fail("disk.list", Fault::response(200, rows)).times(2);
    let error = elastis.disks().list().await.unwrap_err();
    assert!(error.kind() == ErrorKind::Decode && error.to_string().contains("[1].uuid"), "{error}");
    let disks = elastis.disks().list().tolerant().await.unwrap();
    assert_eq!((disks.items.len(), disks.errors.len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_create_whose_response_is_lost_is_recovered() {
    let (simulator, elastis) = start().await;
    simulator.fail("disk.create", Fault::ResetAfter);
    let disk = NewDisk::empty(7).with_billing_account(accounts(&simulator)[0]);
    let created = elastis.disks().create(disk).recover().await.unwrap();
    assert_eq!((created.value.size_gb, simulator.count("disk.create")), (Some(7), 1));
}

#[tokio::test(start_paused = true)]
async fn a_read_settles_the_outcome_after_a_rejected_repeat() {
    let rejection = || Fault::response(409, r#"{"message": "Locked."}"#);
    for (first, happens) in [(Fault::ResetAfter, true), (Fault::ResetBefore, false)] {
        for name in ["disk.attach", "disk.detach", "disk.delete", "bucket.delete", "s3_key.delete"] {
            let (simulator, elastis) = start().await;
            let (vm, account) = (new_vm(&simulator, &elastis).await, accounts(&simulator)[0]);
            let disks = elastis.disks();
            let disk = disks.create(NewDisk::empty(50).with_billing_account(account)).await.unwrap().uuid;
            if name == "disk.detach" {
                disks.attach(disk, vm).await.unwrap();
            }
            let bucket = NewBucket::new("photos").with_billing_account(account);
            elastis.buckets().create(bucket).await.unwrap();
            let key = elastis.s3().user().await.unwrap().s3_credentials.remove(0).access_key;
            simulator.fail(name, [first.clone(), rejection()]);
            let ended = match name {
                "disk.attach" => disks.attach(disk, vm).await.map(|row| assert_eq!(row.uuid, disk)),
                "disk.detach" => disks.detach(disk, vm).await,
                "disk.delete" => disks.delete(disk).await,
                "bucket.delete" => elastis.buckets().delete("photos").await,
                _ => elastis.s3().keys().delete(key).await,
            };
            assert_eq!(ended.is_ok(), happens, "{name}: {ended:?}");
            assert!(ended.err().is_none_or(|error| error.is_outcome_unknown()), "{name}");
            assert_eq!(simulator.count(name), 2, "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_without_the_list_confirms_no_removal() {
    for look in ["", "null", r#"{"storage": null}"#, r#"{"storage": {}}"#] {
        for (name, looked_at) in [("disk.detach", "vm.get"), ("s3_key.delete", "s3_key.list")] {
            let (simulator, elastis) = start().await;
            let (vm, account) = (new_vm(&simulator, &elastis).await, accounts(&simulator)[0]);
            let disks = elastis.disks();
            let disk = disks.create(NewDisk::empty(50).with_billing_account(account)).await.unwrap().uuid;
            disks.attach(disk, vm).await.unwrap();
            let key = elastis.s3().user().await.unwrap().s3_credentials.remove(0).access_key;
            simulator.fail(name, [Fault::ResetBefore, Fault::response(409, r#"{"message": "Locked."}"#)]);
            let body = look.replacen(
                '{',
                &format!(r#"{{"uuid": "{vm}", "name": "web-1", "status": "running", "#),
                1,
            );
            simulator.fail(looked_at, Fault::response(200, body.clone())).standing();
            let ended = match name {
                "disk.detach" => disks.detach(disk, vm).await,
                _ => elastis.s3().keys().delete(key).await,
            };
            assert!(ended.unwrap_err().is_outcome_unknown(), "{name}: {body}");
        }
    }
}

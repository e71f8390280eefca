use std::time::Duration;

use elastis_core::{NewVm, Vm, VmSize, VmStatus};
use hostkit_simulator::{Boot, Fault};
use http_core::rental::settled;
use http_core::{ErrorKind, RetryPolicy};

use super::{LARGE, changes, new_vm, start, vm};

#[tokio::test(start_paused = true)]
async fn a_wait_lasts_until_a_slow_boot_ends() {
    let (simulator, elastis) = start().await;
    simulator.set_boot(Boot::AfterReads(3));
    let vm = vm(&elastis).await;
    assert!(!vm.is_running());
    let vm = elastis.vms().wait(vm.uuid).until(Vm::is_running).await.unwrap();
    assert!(vm.is_running());
}

#[tokio::test(start_paused = true)]
async fn a_wait_fails_when_the_vm_is_deleted_and_returns_its_last_state() {
    let (_simulator, elastis) = start().await;
    let vm = vm(&elastis).await;
    elastis.vms().delete(vm.uuid).await.unwrap();
    let error = elastis.vms().wait(vm.uuid).until(Vm::is_running).await.unwrap_err();
    assert_eq!(error.error().kind(), ErrorKind::Wait);
    assert_eq!(error.last().unwrap().status, VmStatus::Deleted);
}

#[tokio::test(start_paused = true)]
async fn wait_deleted_ends_for_a_deleted_and_for_an_unknown_vm() {
    let (simulator, elastis) = start().await;
    let vm = vm(&elastis).await;
    let brief = elastis.vms().wait_deleted(vm.uuid).timeout(Duration::from_secs(60)).await;
    assert!(brief.unwrap_err().last().unwrap().as_ref().unwrap().is_running());
    elastis.vms().delete(vm.uuid).await.unwrap();
    let tombstone = elastis.vms().wait_deleted(vm.uuid).await.unwrap();
    assert_eq!(tombstone.unwrap().status, VmStatus::Deleted);
    simulator.clock().advance(Duration::from_secs(7200));
    assert!(elastis.vms().wait_deleted(vm.uuid).await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_wrong_location_is_not_mistaken_for_a_deleted_vm() {
    let (_simulator, elastis) = start().await;
    let vm = vm(&elastis).await;
    let error = elastis.at("xyz09").vms().wait_deleted(vm.uuid).await.unwrap_err();
    assert!(error.error().is_unknown_url(), "{error:?}");
}

#[tokio::test]
async fn set_backup_toggles_only_if_the_setting_differs() {
    let (simulator, elastis) = start().await;
    let vm = vm(&elastis).await;
    for (wanted, toggles) in [(false, 0), (true, 1), (true, 1), (false, 2)] {
        assert_eq!(elastis.vms().set_backup(vm.uuid, wanted).await.unwrap().backup, wanted);
        assert_eq!(simulator.count("vm.toggle_backup"), toggles);
    }
}

#[tokio::test]
async fn a_resize_stops_and_starts_a_running_vm() {
    let (simulator, elastis) = start().await;
    let vm = vm(&elastis).await;
    simulator.clear_requests();
    let vm = elastis.vms().resize(vm.uuid, LARGE).await.unwrap();
    assert!(vm.is_running());
    assert_eq!((vm.vcpu, vm.memory_mib), (Some(4), Some(4096)));
    assert_eq!(changes(&simulator), ["vm.stop", "vm.update", "vm.start"]);
}

#[tokio::test]
async fn a_resize_leaves_a_stopped_vm_stopped_and_skips_an_equal_size() {
    let (simulator, elastis) = start().await;
    let vm = vm(&elastis).await;
    elastis.vms().stop(vm.uuid).await.unwrap();
    simulator.clear_requests();
    let vm = elastis.vms().resize(vm.uuid, LARGE).await.unwrap();
    assert_eq!(vm.status, VmStatus::Stopped);
    elastis.vms().resize(vm.uuid, LARGE).await.unwrap();
    assert_eq!(changes(&simulator), ["vm.update"]);
}

#[tokio::test]
async fn a_resize_stops_and_starts_no_vm_in_any_other_state() {
    for status in ["stopped", "Stopped", "paused", "migrating", "building", "Deleted", "suspended", "new", ""]
    {
        let (simulator, elastis) = start().await;
        let vm = vm(&elastis).await;
        let row = format!(r#"{{"uuid": "{}", "vcpu": 2, "memory": 2048, "status": "{status}"}}"#, vm.uuid);
        simulator.fail("vm.get", Fault::response(200, row));
        simulator.clear_requests();
        // The provider decides whether it can change a VM in this state.
        let _ = elastis.vms().resize(vm.uuid, LARGE).await;
        assert_eq!(changes(&simulator), ["vm.update"], "{status}");
        assert!(elastis.vms().get(vm.uuid).await.unwrap().is_running(), "{status}");
    }
}

#[tokio::test]
async fn a_rejected_size_leaves_a_running_vm_running() {
    let (simulator, elastis) = start().await;
    let vm = vm(&elastis).await;
    simulator.clear_requests();
    let error = elastis.vms().resize(vm.uuid, VmSize::new(99, 2048)).await.unwrap_err();
    assert_eq!((error.operation(), error.code()), (Some("vm.update"), Some("vcpu")));
    assert_eq!(changes(&simulator), ["vm.stop", "vm.update", "vm.start"]);
    assert!(elastis.vms().get(vm.uuid).await.unwrap().is_running());
}

#[tokio::test(start_paused = true)]
async fn a_resize_whose_response_was_lost_succeeds() {
    let (simulator, elastis) = start().await;
    let vm = vm(&elastis).await;
    simulator.fail("vm.update", Fault::ResetAfter);
    let vm = elastis.vms().resize(vm.uuid, LARGE).await.unwrap();
    assert!(vm.is_running() && vm.memory_mib == Some(4096));
    assert_eq!(simulator.count("vm.update"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_resize_starts_the_vm_after_a_stop_with_an_unknown_outcome() {
    let (simulator, elastis) = start().await;
    let vm = vm(&elastis).await;
    // The VM shuts down, the responses to all attempts are lost, and the read that would confirm the stop fails.
    simulator.fail("vm.stop", Fault::ResetAfter).standing();
    simulator.fail("vm.get", [Fault::Nothing, Fault::response(403, "{}")]);
    let error = elastis.vms().resize(vm.uuid, LARGE).await.unwrap_err();
    assert_eq!(error.operation(), Some("vm.stop"));
    let vm = elastis.vms().get(vm.uuid).await.unwrap();
    assert!(vm.is_running() && vm.memory_mib == Some(2048));
}

#[tokio::test]
async fn vms_are_found_by_their_whole_name_in_one_location() {
    let (_simulator, elastis) = start().await;
    vm(&elastis).await;
    vm(&elastis).await;
    elastis.at("bus02").vms().create(new_vm()).await.unwrap();
    assert_eq!(elastis.vms().find_by_name("web-1").await.unwrap().len(), 2);
    assert!(elastis.vms().find_by_name("web").retry(RetryPolicy::never()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_resize_does_not_start_a_deleted_vm() {
    let (simulator, elastis) = start().await;
    let vm = vm(&elastis).await;
    elastis.vms().delete(vm.uuid).await.unwrap();
    simulator.clear_requests();
    elastis.vms().resize(vm.uuid, LARGE).await.unwrap_err();
    assert_eq!(changes(&simulator), ["vm.update"], "the change is sent, and the provider rejects it");
}

#[tokio::test]
async fn a_resize_neither_stops_nor_starts_a_vm_that_does_not_run() {
    let (simulator, elastis) = start().await;
    let id = vm(&elastis).await.uuid;
    for status in
        ["stopped", "paused", "suspended", "migrating", "Moving", "building", "shutting down", "deleted", ""]
    {
        simulator.clear_requests();
        let row = format!(r#"{{"uuid": "{id}", "status": "{status}", "vcpu": 2, "memory": 2048}}"#);
        simulator.fail("vm.get", Fault::response(200, row.clone()));
        simulator.fail("vm.update", Fault::response(200, row));
        elastis.vms().resize(id, LARGE).await.unwrap();
        assert_eq!(changes(&simulator), ["vm.update"], "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_resize_reports_that_the_vm_may_be_stopped() {
    let (simulator, elastis) = start().await;
    let vm = vm(&elastis).await;
    simulator
        .fail("vm.start", Fault::response(400, r#"{"errors": {"Error": "No host has room."}}"#))
        .standing();
    for (size, operation) in [(LARGE, "vm.start"), (VmSize::new(99, 2048), "vm.update")] {
        let error = elastis.vms().resize(vm.uuid, size).await.unwrap_err();
        assert_eq!(error.operation(), Some(operation), "{error}");
        let said = error.to_string();
        assert!(said.contains("No host has room") && said.contains("the VM may be stopped"), "{said}");
        assert!(elastis.vms().get(vm.uuid).await.unwrap().is_stopped());
        simulator.clear_faults();
        elastis.vms().start(vm.uuid).await.unwrap();
        simulator
            .fail("vm.start", Fault::response(400, r#"{"errors": {"Error": "No host has room."}}"#))
            .standing();
    }
}

#[tokio::test]
async fn a_vm_runs_again_after_its_resize_was_dropped() {
    for operation in ["vm.stop", "vm.update", "vm.start"] {
        let (simulator, elastis) = start().await;
        let vm = vm(&elastis).await.uuid;
        simulator.fail(operation, Fault::SlowProcessing(Duration::from_millis(300)));
        let mut resize = std::pin::pin!(elastis.vms().resize(vm, LARGE).into_future());
        while simulator.count(operation) == 0 {
            let _ = tokio::time::timeout(Duration::from_millis(5), resize.as_mut()).await;
        }
        resize.set(Box::pin(std::future::pending()));
        assert!(settled(Duration::from_secs(60)).await.is_empty(), "{operation}");
        assert!(elastis.vms().get(vm).await.unwrap().is_running(), "{operation}");
    }
}

#[tokio::test]
async fn set_backup_changes_nothing_if_the_setting_cannot_be_read() {
    let (simulator, elastis) = start().await;
    let vm = vm(&elastis).await;
    for backup in ["", r#", "backup": null"#, r#", "backup": "enabled""#, r#", "backup": 2"#] {
        let body = format!(r#"{{"uuid": "{}"{backup}}}"#, vm.uuid);
        simulator.fail("vm.get", Fault::response(200, body));
        let error = elastis.vms().set_backup(vm.uuid, true).await.unwrap_err();
        assert!(error.to_string().contains("`backup`"), "{error}");
    }
    assert_eq!(simulator.count("vm.toggle_backup"), 0);
}

#[tokio::test(start_paused = true)]
async fn tasks_that_ensure_one_name_with_different_requests_create_it_once() {
    let larger = |mut vm: NewVm| {
        vm.size = LARGE;
        vm
    };
    let variants: [fn(NewVm) -> NewVm; 3] = [|vm| vm, NewVm::marked, larger];
    for (one, two) in variants.iter().flat_map(|one| variants.iter().map(move |two| (one, two))) {
        let (simulator, elastis) = start().await;
        let ensure = |vm| elastis.vms().ensure(vm).into_future();
        let (one, two) = tokio::join!(ensure(one(new_vm())), ensure(two(new_vm())));
        assert_eq!(one.unwrap().into_value().uuid, two.unwrap().into_value().uuid);
        assert_eq!(simulator.books().created("vm"), 1);
    }
}

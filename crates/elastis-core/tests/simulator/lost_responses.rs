use std::time::Duration;

use elastis_core::{NewToken, Reinstall};
use hostkit_simulator::Fault;

use http_core::client::{Form, Method};

use super::{new_vm, start, vm};

#[tokio::test(start_paused = true)]
async fn a_create_whose_response_is_lost_is_sent_once_and_found_by_name() {
    for fault in [Fault::ResetAfter, Fault::HtmlAfter(504), Fault::TruncatedBody] {
        let (simulator, elastis) = start().await;
        simulator.fail("vm.create", fault.clone());
        let error = elastis.vms().create(new_vm()).await.unwrap_err();
        assert!(error.is_outcome_unknown(), "{fault:?}: {error:?}");
        assert!(error.to_string().contains("find_by_name"), "{error}");
        assert_eq!(simulator.count("vm.create"), 1, "{fault:?}");
        assert_eq!(elastis.vms().find_by_name("web-1").await.unwrap().len(), 1, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn create_and_toggle_requests_are_sent_once() {
    let (simulator, elastis) = start().await;
    let vm = vm(&elastis).await;
    let names =
        ["vm.clone", "vm.toggle_backup", "vm.reinstall", "replica.create", "vm_disk.add", "token.create"];
    for name in names {
        simulator.fail(name, Fault::ResetAfter);
    }
    let id = vm.uuid;
    let errors = [
        elastis.vms().clone_vm(id, "copy").await.unwrap_err(),
        elastis.vms().toggle_backup(id).await.unwrap_err(),
        elastis.vms().reinstall(id, Reinstall::same()).await.unwrap_err(),
        elastis.replicas().create(id).await.unwrap_err(),
        elastis.vm_disks().add(id, 5).await.unwrap_err(),
        elastis.tokens().create(NewToken::new("job")).await.unwrap_err(),
    ];
    for (name, error) in names.into_iter().zip(errors) {
        assert!(error.is_outcome_unknown(), "{error:?}");
        assert!(error.to_string().contains("before sending it again"), "{error}");
        assert_eq!(simulator.count(name), 1, "{name}");
    }
    assert!(elastis.vms().get(id).await.unwrap().backup, "it was toggled once");
}

#[tokio::test(start_paused = true)]
async fn the_original_is_never_taken_for_its_copy() {
    let (simulator, elastis) = start().await;
    let id = vm(&elastis).await.uuid;
    let original = elastis.vms().get(id).raw().await.unwrap().body().to_vec();
    simulator.fail("vm.clone", vec![Fault::BodyAfter(original.into()); 2]);
    let error = elastis.vms().clone_vm(id, "copy").await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error:?}");
    let copy = elastis.vms().clone_vm(id, "copy of copy").recover().await.unwrap().value;
    assert!(copy.uuid != id && copy.name == "copy of copy", "{copy:?}");
}

#[tokio::test(start_paused = true)]
async fn idempotent_calls_are_sent_again() {
    let (simulator, elastis) = start().await;
    let vm = vm(&elastis).await;
    for name in ["vm.stop", "vm.start", "vm.delete"] {
        simulator.fail(name, Fault::ResetAfter);
    }
    elastis.vms().stop(vm.uuid).await.unwrap();
    elastis.vms().start(vm.uuid).await.unwrap();
    // The second attempt does not find the VM that the first one deleted.
    elastis.vms().delete(vm.uuid).await.unwrap();
    for name in ["vm.stop", "vm.start", "vm.delete"] {
        assert_eq!(simulator.count(name), 2, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rate_limited_create_is_sent_again() {
    let (simulator, elastis) = start().await;
    simulator.fail("vm.create", Fault::retry_after(429, "1"));
    elastis.vms().create(new_vm()).await.unwrap();
    assert_eq!(elastis.vms().list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_error_in_a_body_with_status_200_is_an_error() {
    let (simulator, elastis) = start().await;
    let vm = vm(&elastis).await;
    let body = r#"{"errors": {"Error": "Virtual machine is locked."}}"#;
    for name in ["vm.get", "vm.delete"] {
        simulator.fail(name, Fault::response(200, body)).standing();
    }
    assert!(elastis.vms().get(vm.uuid).await.unwrap_err().is_conflict());
    assert!(elastis.vms().delete(vm.uuid).await.unwrap_err().is_conflict());
    simulator.fail("vm.change_password", Fault::response(200, r#"{"success": false}"#));
    let change = elastis.vms().change_password(vm.uuid, "example", "Password1234");
    assert!(change.await.unwrap_err().is_conflict());
}

/// Returns faults: the first request never arrives, and the provider rejects the second one.
fn refused() -> Vec<Fault> {
    vec![Fault::ResetBefore, Fault::response(409, r#"{"message": "Virtual machine is locked."}"#)]
}

#[tokio::test(start_paused = true)]
async fn a_detached_disk_is_not_mistaken_for_a_deleted_one() {
    for status in [404, 409] {
        let (simulator, elastis) = start().await;
        let id = elastis.vms().create(new_vm()).await.unwrap().uuid;
        let disk = elastis.vm_disks().add(id, 5).await.unwrap().uuid;
        let detach = elastis.request(Method::Post, "/v1/user-resource/vm/storage/detach");
        let form = Form::new().field("uuid", id).field("storage_uuid", disk);
        detach.form(form).json::<serde_json::Value>().await.unwrap();
        let rejected = Fault::response(status, r#"{"message": "The VM has no such disk."}"#);
        simulator.fail("vm_disk.delete", [Fault::ResetBefore, rejected]);
        let error = elastis.vm_disks().delete(id, disk).await.unwrap_err();
        assert!(error.is_outcome_unknown(), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_without_the_list_confirms_no_removal() {
    for look in ["", "null", "[]", r#"{"storage": null}"#, r#"{"storage": {}}"#] {
        for (name, looked_at) in [("vm_disk.delete", "vm.get"), ("token.delete", "token.list")] {
            let (simulator, elastis) = start().await;
            let id = elastis.vms().create(new_vm()).await.unwrap().uuid;
            let disk = elastis.vm_disks().add(id, 5).await.unwrap().uuid;
            let token = elastis.tokens().create(NewToken::new("job")).recover().await.unwrap().value.id;
            simulator.fail(name, refused());
            let body = look.replacen(
                '{',
                &format!(r#"{{"uuid": "{id}", "name": "web-1", "status": "running", "#),
                1,
            );
            simulator.fail(looked_at, Fault::response(200, body.clone())).standing();
            let ended = match name {
                "vm_disk.delete" => elastis.vm_disks().delete(id, disk).await,
                _ => elastis.tokens().delete(token).await,
            };
            assert!(ended.unwrap_err().is_outcome_unknown(), "{name}: {body}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_of_another_component_does_not_mean_that_a_vm_is_gone() {
    for (status, body) in [
        (500, r#"{"errors": {"Error": "[Errno 2] No such file or directory: '/run/libvirt/sock'"}}"#),
        (502, r#"{"message": "dial tcp: lookup vm-api on 10.0.0.10:53: no such host"}"#),
        (500, r#"{"errors": {"Error": "No such virtual machine exists: 1"}}"#),
        (404, r#"{"message": "no Route matched with those values"}"#),
        (404, r#"{"message": "Not Found"}"#),
    ] {
        let (simulator, elastis) = start().await;
        let vms = elastis.vms();
        simulator.fail("vm.create", Fault::response(status, body)).standing();
        let error = vms.create(new_vm()).await.unwrap_err();
        assert!(!error.is_not_found() && error.is_outcome_unknown() == (status >= 500), "{error}");
        simulator.clear_faults();
        let id = vm(&elastis).await.uuid;
        for name in ["vm.get", "vm.delete"] {
            simulator.fail(name, Fault::response(status, body)).standing();
        }
        assert!(vms.get(id).optional().await.is_err(), "{status} {body}");
        let error = vms.delete(id).optional().await.unwrap_err();
        assert!(error.is_outcome_unknown() == (status >= 500), "{error}");
        assert!(vms.wait_deleted(id).timeout(Duration::from_secs(60)).await.is_err(), "{status} {body}");
    }
}

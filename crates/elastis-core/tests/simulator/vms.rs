use elastis_core::{
    CloudInit, DiskId, Error, Login, NetworkId, NewVm, Os, Reinstall, Replica, ReplicaSource, VmId, VmSize,
    VmStatus, VmUpdate,
};
use hostkit_simulator::{Boot, Fault};
use http_core::ErrorKind;
use http_core::client::Form;
use http_core::client::Method;
use serde_json::{Value, json};

use super::{ACCOUNT, LARGE, SMALL, last_body, new_vm, start, vm};

const UNKNOWN: &str = "aaaaaaaa-0000-4bbb-8111-cccccccccccc";

#[tokio::test]
async fn a_vm_is_created_renamed_stopped_started_and_deleted() {
    let (_simulator, elastis) = start().await;
    let vms = elastis.vms();
    let pool = elastis.host_pools().list().await.unwrap().pop().unwrap();
    let new = new_vm().with_description("a % b + c").with_host_pool(pool.uuid).with_backup();
    let vm = vms.create(new).await.unwrap();
    assert!(vm.is_running() && vm.backup);
    assert_eq!(vm.description.as_deref(), Some("a % b + c"));
    assert_eq!((vm.vcpu, vm.memory_mib, vm.boot_disk().unwrap().size), (Some(2), Some(2048), Some(20)));
    assert_eq!(vm.designated_pool_uuid, Some(pool.uuid));
    let vm = vms.update(vm.uuid, VmUpdate::new().with_name("web-2")).await.unwrap();
    assert_eq!((vm.name.as_str(), vms.list().await.unwrap().len()), ("web-2", 1));
    assert_eq!(vms.stop(vm.uuid).await.unwrap().status, VmStatus::Stopped);
    assert!(vms.start(vm.uuid).await.unwrap().is_running());
    vms.delete(vm.uuid).await.unwrap();
    assert!(vms.list().await.unwrap().is_empty());
    assert_eq!(vms.get(vm.uuid).await.unwrap().status, VmStatus::Deleted);
}

#[tokio::test(start_paused = true)]
async fn a_response_about_another_vm_is_confirmed_by_a_read() {
    let (simulator, elastis) = start().await;
    let vms = elastis.vms();
    let id = vms.create(new_vm()).await.unwrap().uuid;
    let other = json!({"uuid": "145cc106-e067-419a-85fd-333ded30f169", "name": "other", "status": "stopped"});
    let other = Fault::response(200, other.to_string());
    simulator.fail("vm.stop", other.clone());
    let error = vms.stop(id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.is_outcome_unknown(), "{error}");
    vms.stop(id).await.unwrap();
    simulator.fail("vm.stop", other);
    let vm = vms.stop(id).await.unwrap();
    assert!(vm.uuid == id && vm.is_stopped());
}

#[tokio::test]
async fn an_error_names_all_invalid_values_of_a_new_vm() {
    let (_simulator, elastis) = start().await;
    let login = Login::new("1", "short");
    let bad = NewVm::from_image("-", Os::new("plan9", "4"), 5, VmSize::new(99, 1), login);
    let error = elastis.vms().create(bad.with_billing_account(ACCOUNT)).await.unwrap_err();
    assert!(error.is_invalid_argument() && !error.is_outcome_unknown(), "{error:?}");
    assert_eq!(error.code(), Some("disks, name, os_name, password, ram, username, vcpu"));
    assert!(!error.to_string().contains("short"), "{error}");
}

#[tokio::test]
async fn a_windows_vm_needs_no_user_name() {
    let (_simulator, elastis) = start().await;
    let login = Login::password("Password123");
    let new = NewVm::from_image("win-1", Os::new("windows", "2022"), 40, LARGE, login);
    let vm = elastis.vms().create(new.with_billing_account(ACCOUNT)).await.unwrap();
    assert_eq!(vm.username, None);
}

#[tokio::test]
async fn users_from_cloud_init_replace_the_login() {
    let (simulator, elastis) = start().await;
    let users =
        CloudInit::new().with("users", json!([{"name": "ann", "sudo": "ALL=(ALL) ALL"}])).run("a, b + c");
    elastis.vms().create(new_vm().with_cloud_init(users)).await.unwrap();
    let body = last_body(&simulator);
    assert!(!body.contains("password=") && !body.contains("username="), "{body}");
    assert!(body.contains("a%2C%20b%20%2B%20c"), "{body}");
    let alone = new_vm().with_login(Login::none());
    let error = elastis.vms().create(alone).await.unwrap_err();
    assert_eq!(error.code(), Some("password, username"));
}

#[tokio::test]
async fn a_vm_is_created_from_a_replica() {
    let (_simulator, elastis) = start().await;
    let original = vm(&elastis).await;
    let disk = elastis.replicas().create(original.uuid).await.unwrap();
    let replica = Replica::latest(&disk.replica).unwrap().uuid.clone();
    let source = ReplicaSource::new(original.uuid, replica);
    let copy = NewVm::from_replica("copy", source.clone(), LARGE).with_billing_account(ACCOUNT);
    let copy = elastis.vms().create(copy).await.unwrap();
    assert_eq!((copy.os_name.as_str(), copy.boot_disk().unwrap().size), ("ubuntu", Some(20)));
    let small = NewVm::from_replica("copy", source.with_disk_gib(10), LARGE).with_billing_account(ACCOUNT);
    assert_eq!(elastis.vms().create(small).await.unwrap_err().code(), Some("disks"));
    let wrong = NewVm::from_replica("copy", ReplicaSource::new(original.uuid, "no-such".into()), LARGE);
    let error = elastis.vms().create(wrong.with_billing_account(ACCOUNT)).await.unwrap_err();
    assert!(error.is_invalid_argument(), "{error:?}");
}

#[tokio::test]
async fn a_vm_boots_from_an_unattached_disk() {
    let (_simulator, elastis) = start().await;
    let form = Form::new()
        .field("billing_account_id", ACCOUNT)
        .field("size_gb", 30)
        .field("source_image_type", "OS_BASE")
        .field("source_image", "ubuntu_20.04");
    let disk: Value = elastis.request(Method::Post, "/v1/storage/disks").form(form).json().await.unwrap();
    let disk: DiskId = disk["uuid"].as_str().unwrap().parse().unwrap();
    let new = NewVm::from_disk("disk-1", disk, SMALL).with_billing_account(ACCOUNT);
    let vm = elastis.vms().create(new.clone()).await.unwrap();
    assert_eq!((vm.storage.len(), vm.boot_disk().unwrap().uuid), (1, disk));
    assert!(elastis.vms().create(new).await.unwrap_err().is_conflict(), "it is attached now");
}

#[tokio::test]
async fn an_unknown_network_makes_the_request_invalid() {
    let (_simulator, elastis) = start().await;
    let network: NetworkId = UNKNOWN.parse().unwrap();
    let error = elastis.vms().create(new_vm().with_network(network)).await.unwrap_err();
    assert!(error.is_invalid_argument() && !error.is_not_found(), "{error:?}");
}

#[tokio::test]
async fn a_public_address_is_reserved_only_on_request_and_released() {
    let (_simulator, elastis) = start().await;
    let addresses = async || {
        let path = "/v1/network/ip_addresses";
        let rows: Vec<Value> = elastis.request(Method::Get, path).list().await.unwrap();
        rows.iter().map(|row| row["assigned_to"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let vm = elastis.vms().create(new_vm()).await.unwrap();
    assert!(addresses().await.is_empty());
    elastis.vms().reserve_public_ip(vm.uuid).await.unwrap();
    assert_eq!(addresses().await, [Some(vm.uuid.to_string())]);
    elastis.vms().release_public_ip(vm.uuid).await.unwrap();
    assert_eq!(addresses().await, [None]);
}

#[tokio::test]
async fn every_call_to_an_unknown_vm_is_not_found() {
    let (_simulator, elastis) = start().await;
    let (vms, id) = (elastis.vms(), UNKNOWN.parse::<VmId>().unwrap());
    let is_missing = |error: Error| assert!(error.is_not_found() && !error.is_outcome_unknown(), "{error:?}");
    for call in [vms.get(id), vms.start(id), vms.stop(id), vms.toggle_backup(id)] {
        is_missing(call.await.unwrap_err());
    }
    is_missing(vms.delete(id).await.unwrap_err());
    is_missing(vms.rescue_start(id).await.unwrap_err());
    is_missing(vms.clone_vm(id, "copy").await.unwrap_err());
    is_missing(vms.update(id, VmUpdate::new().with_name("x")).await.unwrap_err());
    assert!(vms.get(id).optional().await.unwrap().is_none());
}

#[tokio::test]
async fn the_size_changes_only_while_the_vm_is_stopped_and_only_to_another_size() {
    let (_simulator, elastis) = start().await;
    let (vms, vm) = (elastis.vms(), vm(&elastis).await);
    let resize = |size| vms.update(vm.uuid, VmUpdate::new().with_size(size));
    assert!(resize(LARGE).await.unwrap_err().is_conflict(), "it runs");
    vms.stop(vm.uuid).await.unwrap();
    let error = resize(SMALL).await.unwrap_err();
    assert!(error.is_conflict() && error.message().contains("values are same"), "{error:?}");
    assert_eq!(resize(VmSize::new(2, 99_999_999)).await.unwrap_err().code(), Some("ram"));
    assert_eq!(resize(LARGE).await.unwrap().memory_mib, Some(4096));
}

#[tokio::test]
async fn a_password_is_changed_only_for_a_user_of_a_running_vm() {
    let (_simulator, elastis) = start().await;
    let (vms, vm) = (elastis.vms(), vm(&elastis).await);
    let change = |user: &str, password: &str| vms.change_password(vm.uuid, user, password);
    change("example", "Password1234").await.unwrap();
    assert_eq!(change("example", "weak").await.unwrap_err().code(), Some("password"));
    // It is not the VM that does not exist.
    assert!(change("nobody", "Password1234").await.unwrap_err().is_conflict());
    vms.stop(vm.uuid).await.unwrap();
    assert!(change("example", "Password1234").await.unwrap_err().is_conflict());
}

#[tokio::test]
async fn a_busy_vm_is_a_conflict_but_can_still_be_force_stopped() {
    let (simulator, elastis) = start().await;
    simulator.set_boot(Boot::AfterReads(100));
    let (vms, vm) = (elastis.vms(), vm(&elastis).await);
    assert_eq!(vm.status, VmStatus::Other("starting".into()));
    let error = vms.stop(vm.uuid).await.unwrap_err();
    assert!(error.is_conflict() && error.status().unwrap() == 409, "{error:?}");
    assert_eq!(vms.force_stop(vm.uuid).await.unwrap().status, VmStatus::Stopped);
}

#[tokio::test]
async fn the_rescue_system_starts_only_on_a_stopped_vm() {
    let (_simulator, elastis) = start().await;
    let (vms, vm) = (elastis.vms(), vm(&elastis).await);
    assert!(vms.rescue_start(vm.uuid).await.unwrap_err().is_conflict());
    vms.stop(vm.uuid).await.unwrap();
    vms.rescue_start(vm.uuid).await.unwrap();
    assert!(vms.get(vm.uuid).await.unwrap().is_running());
}

#[tokio::test]
async fn a_reinstall_keeps_the_system_unless_another_is_given() {
    let (simulator, elastis) = start().await;
    let (vms, vm) = (elastis.vms(), vm(&elastis).await);
    assert_eq!(vms.reinstall(vm.uuid, Reinstall::same()).await.unwrap().os_version, "20.04");
    assert!(!last_body(&simulator).contains("os_"));
    let debian = vms.reinstall(vm.uuid, Os::new("debian", "12")).await.unwrap();
    assert_eq!((debian.os_name.as_str(), debian.os_version.as_str()), ("debian", "12"));
    let error = vms.reinstall(vm.uuid, Os::new("debian", "1")).await.unwrap_err();
    assert_eq!(error.code(), Some("os_version"));
}

#[tokio::test]
async fn a_clone_is_another_vm_with_copies_of_all_disks() {
    let (_simulator, elastis) = start().await;
    let original = vm(&elastis).await;
    elastis.vm_disks().add(original.uuid, 5).await.unwrap();
    let copy = elastis.vms().clone_vm(original.uuid, "web-2").await.unwrap();
    assert_eq!(copy.storage.iter().map(|disk| disk.size).collect::<Vec<_>>(), [Some(20), Some(5)]);
    assert_ne!(copy.storage[0].uuid, original.storage[0].uuid);
    assert_eq!(elastis.vms().find_by_name("web-2").await.unwrap()[0].uuid, copy.uuid);
}

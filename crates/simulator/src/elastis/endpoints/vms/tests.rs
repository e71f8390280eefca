use std::time::Duration;

use serde_json::{Value, json};

use crate::base::Boot;
use crate::elastis::testing::{Lab, NEW_VM};

const VM: &str = "/v1/user-resource/vm";

fn errors(lab: &mut Lab, method: &str, path: &str, form: &str) -> Value {
    let (status, body) = lab.form(method, path, form);
    assert_eq!(status, 400, "{path} {form}: {body}");
    body["errors"].clone()
}

fn error(lab: &mut Lab, path: &str, form: &str) -> String {
    errors(lab, "POST", path, form)["Error"].as_str().unwrap().to_owned()
}

fn stop(lab: &mut Lab, vm: &str) {
    assert_eq!(lab.ok("POST", "/v1/user-resource/vm/stop", &format!("uuid={vm}"))["status"], "stopped");
}

#[test]
fn a_new_vm_runs_as_requested_with_a_default_network_and_public_address() {
    let mut lab = Lab::new();
    let pool = "d2fc6881-9316-46d7-b515-b6cddaeee927";
    let vm = lab.ok("POST", VM, &format!("{NEW_VM}&billing_account_id=6&designated_pool_uuid={pool}"));
    let network = &lab.ok("GET", "/v1/network/networks", "")[0];
    assert_eq!((&network["name"], &network["is_default"]), (&json!("Default network"), &json!(true)));
    assert_eq!((&network["vm_uuids"], &network["resources_count"]), (&json!([vm["uuid"]]), &json!(1)));
    assert_eq!((&network["subnet"], &vm["private_ipv4"]), (&json!("10.1.0.0/22"), &json!("10.1.0.2")));
    let expected = json!({
        "backup": false, "billing_account": 6, "created_at": "2026-01-01 00:00:00", "description": "",
        "designated_pool_name": "Performance", "designated_pool_uuid": pool, "hostname": "web-1",
        "memory": 2048, "name": "web-1", "os_name": "ubuntu", "os_version": "20.04", "status": "running",
        "tags": null, "user_id": 8, "username": "example", "vcpu": 2,
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&vm[key], value, "{key}");
    }
    assert!(vm["password"].is_null());
    let disk = &vm["storage"][0];
    assert_eq!((&disk["size"], &disk["primary"], &disk["name"]), (&json!(20), &json!(true), &json!("vda")));
    let ips =
        lab.ok("GET", &format!("/v1/network/ip_addresses?vm_uuid={}", vm["uuid"].as_str().unwrap()), "");
    assert_eq!(ips[0]["assigned_to_private_ip"], vm["private_ipv4"]);
    assert_eq!(lab.vm(vm["uuid"].as_str().unwrap()), vm);
}

#[test]
fn a_public_address_can_be_declined() {
    let mut lab = Lab::new();
    lab.new_vm("billing_account_id=6&reserve_public_ip=False");
    assert_eq!(lab.ok("GET", "/v1/network/ip_addresses", ""), json!([]));
}

#[test]
fn one_error_names_everything_wrong_with_a_new_vm() {
    let mut lab = Lab::new();
    let form = "name=x&os_name=ubuntu&os_version=3.1&disks=10&vcpu=17&ram=many&password=password";
    let errors = errors(&mut lab, "POST", VM, form);
    let names: Vec<_> = errors.as_object().unwrap().keys().map(String::as_str).collect();
    let expected =
        ["billing_account_id", "disks", "name", "os_version", "password", "ram", "username", "vcpu"];
    assert_eq!(names, expected);
    assert_eq!(errors["ram"], "Invalid whole number provided");
    assert_eq!(errors["username"], "Required parameter 'username' not supplied");
    assert_eq!(lab.ok("GET", "/v1/network/networks", ""), json!([]), "a rejected VM creates nothing else");
}

#[test]
fn windows_has_higher_minimums_and_its_own_user() {
    let mut lab = Lab::new();
    let windows =
        "name=desk&os_name=windows&os_version=2022&disks=40&password=Password123&billing_account_id=6";
    let refused = errors(&mut lab, "POST", VM, &format!("{windows}&vcpu=1&ram=512"));
    assert_eq!(
        refused,
        json!({
            "ram": "Value must be between 1024 and 65536", "vcpu": "Value must be between 2 and 16",
        })
    );
    let vm = lab.ok("POST", VM, &format!("{windows}&vcpu=2&ram=1024"));
    let form = format!("uuid={}&username=Administrator&password=Password124", vm["uuid"].as_str().unwrap());
    assert_eq!(lab.ok("PATCH", "/v1/user-resource/vm/user", &form), json!({"success": true}));
}

#[test]
fn cloud_init_may_create_the_users() {
    let mut lab = Lab::new();
    let base = "name=web-1&os_name=debian&os_version=12&disks=20&vcpu=1&ram=512&billing_account_id=6";
    let vm = lab.ok(
        "POST",
        VM,
        &format!("{base}&cloud_init=%7B%22users%22%3A%5B%7B%22name%22%3A%22ops%22%7D%5D%7D"),
    );
    assert!(vm.get("username").is_none());
    let form = format!("uuid={}&username=ops&password=Password124", vm["uuid"].as_str().unwrap());
    lab.ok("PATCH", "/v1/user-resource/vm/user", &form);
    let refused = errors(&mut lab, "POST", VM, &format!("{base}&cloud_init=%7B%22runcmd%22"));
    assert_eq!(refused["cloud_init"], "Invalid JSON provided");
    let refused = errors(&mut lab, "POST", VM, &format!("{base}&cloud_init=%7B%22runcmd%22%3A%5B%5D%7D"));
    assert_eq!(refused["password"], "Required parameter 'password' not supplied");
}

#[test]
fn a_vm_from_a_replica_has_the_properties_of_its_source() {
    let mut lab = Lab::new();
    let source = lab.new_vm("billing_account_id=6");
    let disk = lab.ok("POST", "/v1/user-resource/vm/replica", &format!("uuid={source}"));
    let replica = disk["replica"][0]["uuid"].as_str().unwrap().to_owned();
    let copy = format!("name=copy&billing_account_id=6&source_uuid={source}&source_replica={replica}");
    let vm = lab.ok("POST", VM, &copy);
    assert_eq!((&vm["os_version"], &vm["memory"]), (&json!("20.04"), &json!(2048)));
    assert_eq!(vm["storage"][0]["size"], 20);
    let made =
        lab.ok("GET", &format!("/v1/storage/disks/{}", vm["storage"][0]["uuid"].as_str().unwrap()), "");
    assert_eq!(made["source_image_type"], "SNAPSHOT");

    let stranger = lab.new_vm("billing_account_id=6");
    let form = format!("name=copy&billing_account_id=6&source_uuid={stranger}&source_replica={replica}");
    assert_eq!(error(&mut lab, VM, &form), format!("No such replica exists: {replica}"));
    let refused =
        errors(&mut lab, "POST", VM, &format!("name=copy&billing_account_id=6&source_uuid={source}"));
    assert_eq!(refused["source_replica"], "Required parameter 'source_replica' not supplied");
}

#[test]
fn a_vm_from_an_unattached_disk_ignores_the_disks_parameter() {
    let mut lab = Lab::new();
    let form = "billing_account_id=6&source_image_type=OS_BASE&source_image=debian_12&size_gb=33";
    let disk = lab.ok("POST", "/v1/storage/disks", form)["uuid"].as_str().unwrap().to_owned();
    let form = format!("name=boot&billing_account_id=6&vcpu=1&ram=512&disks=1&disk_uuid={disk}");
    let vm = lab.ok("POST", VM, &form);
    assert_eq!((&vm["os_name"], &vm["storage"][0]["uuid"]), (&json!("debian"), &json!(disk)));
    assert_eq!((&vm["storage"][0]["size"], &vm["storage"][0]["primary"]), (&json!(33), &json!(true)));
    assert_eq!(error(&mut lab, VM, &form), "Disk is already attached to a virtual machine.");
}

#[test]
fn a_vm_is_resized_only_while_stopped_and_renamed_at_any_time() {
    let mut lab = Lab::new();
    let vm = lab.new_vm("billing_account_id=6");
    assert_eq!(lab.ok("PATCH", VM, &format!("uuid={vm}&name=new-name"))["name"], "new-name");
    let refused = errors(&mut lab, "PATCH", VM, &format!("uuid={vm}&vcpu=4"));
    assert_eq!(refused["Error"], "Virtual machine must be stopped to change vcpu and memory.");
    stop(&mut lab, &vm);
    let refused = errors(&mut lab, "PATCH", VM, &format!("uuid={vm}&vcpu=2&ram=2048"));
    assert_eq!(refused["Error"], "Not changing vcpu and memory because values are same.");
    let refused = errors(&mut lab, "PATCH", VM, &format!("uuid={vm}&ram=100"));
    assert_eq!(refused["ram"], "Value must be between 512 and 65536");
    let resized = lab.ok("PATCH", VM, &format!("uuid={vm}&vcpu=4"));
    assert_eq!((&resized["vcpu"], &resized["memory"]), (&json!(4), &json!(2048)));
}

#[test]
fn a_password_is_changed_for_an_existing_user_of_a_running_vm() {
    let mut lab = Lab::new();
    let vm = lab.new_vm("billing_account_id=6");
    let change = |lab: &mut Lab, user: &str, password: &str| {
        let form = format!("uuid={vm}&username={user}&password={password}");
        lab.form("PATCH", "/v1/user-resource/vm/user", &form)
    };
    assert_eq!(change(&mut lab, "example", "Password1234").1, json!({"success": true}));
    assert_eq!(change(&mut lab, "nobody", "Password1234").0, 400);
    assert!(change(&mut lab, "example", "weak").1["errors"]["password"].is_string());
    stop(&mut lab, &vm);
    assert_eq!(change(&mut lab, "example", "Password1234").0, 400);
}

#[test]
fn starting_takes_the_configured_time_and_locks_the_vm_meanwhile() {
    let mut lab = Lab::new();
    let vm = lab.new_vm("billing_account_id=6");
    stop(&mut lab, &vm);
    lab.clock.set_boot(Boot::After(Duration::from_secs(30)));
    let start = |lab: &mut Lab| lab.form("POST", "/v1/user-resource/vm/start", &format!("uuid={vm}"));
    assert_eq!(start(&mut lab).1["status"], "starting");
    assert_eq!(start(&mut lab).0, 409);
    lab.pass(30);
    assert_eq!(lab.vm(&vm)["status"], "running");
    assert_eq!(start(&mut lab).0, 200, "starting a running VM has no effect");

    lab.ok("POST", "/v1/user-resource/vm/stop", &format!("uuid={vm}"));
    lab.clock.set_boot(Boot::AfterReads(2));
    start(&mut lab);
    let seen: Vec<_> = (0..3).map(|_| lab.vm(&vm)["status"].clone()).collect();
    assert_eq!(seen, ["starting", "starting", "running"]);
}

#[test]
fn a_forced_stop_works_even_while_a_vm_boots() {
    let mut lab = Lab::new();
    lab.clock.set_boot(Boot::After(Duration::from_secs(30)));
    let vm = lab.new_vm("billing_account_id=6");
    let stop = "/v1/user-resource/vm/stop";
    assert_eq!(lab.status("POST", stop, &format!("uuid={vm}")), 409);
    assert_eq!(lab.ok("POST", stop, &format!("uuid={vm}&force=True"))["status"], "stopped");
}

#[test]
fn the_rescue_system_starts_a_stopped_vm_and_ends_when_it_stops() {
    let mut lab = Lab::new();
    let vm = lab.new_vm("billing_account_id=6");
    let (rescue, uuid) = ("/v1/user-resource/vm/rescue_start", format!("uuid={vm}"));
    assert_eq!(lab.status("POST", rescue, &uuid), 400);
    stop(&mut lab, &vm);
    assert_eq!(lab.ok("POST", rescue, &uuid)["status"], "running");
    assert_eq!(lab.status("POST", rescue, &uuid), 200);
    stop(&mut lab, &vm);
    lab.ok("POST", "/v1/user-resource/vm/start", &uuid);
    assert_eq!(lab.status("POST", rescue, &uuid), 400, "the next start is a normal one");
    stop(&mut lab, &vm);
    lab.ok("POST", rescue, &uuid);
    lab.ok("POST", "/v1/user-resource/vm/reinstall", &uuid);
    assert_eq!(lab.status("POST", rescue, &uuid), 400, "the VM was restarted without it");
}

#[test]
fn reinstalling_keeps_the_same_system_by_default() {
    let mut lab = Lab::new();
    let vm = lab.new_vm("billing_account_id=6");
    let path = "/v1/user-resource/vm/reinstall";
    assert_eq!(lab.ok("POST", path, &format!("uuid={vm}"))["os_version"], "20.04");
    let other = lab.ok("POST", path, &format!("uuid={vm}&os_name=debian&os_version=12"));
    assert_eq!((&other["os_name"], &other["status"]), (&json!("debian"), &json!("running")));
    assert!(
        errors(&mut lab, "POST", path, &format!("uuid={vm}&os_version=22.04-lts"))["os_version"].is_string()
    );
    assert!(errors(&mut lab, "POST", path, &format!("uuid={vm}&os_name=ubuntu"))["os_version"].is_string());
}

#[test]
fn a_clone_is_a_new_vm_with_copies_of_all_disks() {
    let mut lab = Lab::new();
    let vm = lab.new_vm("billing_account_id=6&backup=true");
    lab.ok("POST", "/v1/user-resource/vm/storage", &format!("uuid={vm}&size_gb=50"));
    let original = lab.vm(&vm);
    let clone =
        lab.ok("POST", "/v1/user-resource/vm/clone", &format!("uuid={vm}&name=Name%20of%20the%20Clone"));
    assert_eq!((&clone["name"], &clone["backup"]), (&json!("Name of the Clone"), &json!(false)));
    for key in ["uuid", "id", "mac", "private_ipv4", "public_ipv6"] {
        assert_ne!(clone[key], original[key], "{key}");
    }
    let disks = |vm: &Value, key: &str| {
        vm["storage"].as_array().unwrap().iter().map(|disk| disk[key].clone()).collect::<Vec<_>>()
    };
    assert_eq!(disks(&clone, "size"), disks(&original, "size"));
    assert_eq!(disks(&clone, "name"), ["vda", "vdb"]);
    assert_ne!(disks(&clone, "uuid"), disks(&original, "uuid"));
    let addresses = |lab: &mut Lab| lab.ok("GET", "/v1/network/ip_addresses", "").as_array().unwrap().len();
    assert_eq!(addresses(&mut lab), 1);
    lab.elastis.set_clones_with_address(true);
    lab.ok("POST", "/v1/user-resource/vm/clone", &format!("uuid={vm}&name=second"));
    assert_eq!(addresses(&mut lab), 2);
}

#[test]
fn a_deleted_vm_is_readable_for_an_hour_and_its_address_remains() {
    let mut lab = Lab::new();
    let vm = lab.new_vm("billing_account_id=6");
    let disk = lab.vm(&vm)["storage"][0]["uuid"].as_str().unwrap().to_owned();
    assert_eq!(lab.ok("DELETE", VM, &format!("uuid={vm}")), json!({"success": true}));
    let ips = lab.ok("GET", "/v1/network/ip_addresses", "");
    assert_eq!(
        (&ips[0]["assigned_to"], &ips[0]["unassigned_at"]),
        (&json!(null), &json!("2026-01-01 00:00:00"))
    );
    assert_eq!(lab.vm(&vm)["status"], "Deleted");
    assert_eq!(lab.ok("GET", &format!("/v1/storage/disks/{disk}"), "")["status"], "Deleted");
    assert_eq!(lab.ok("GET", "/v1/user-resource/vm/list", ""), json!([]));
    let unknown = format!("No such virtual machine exists: {vm}");
    assert_eq!(errors(&mut lab, "DELETE", VM, &format!("uuid={vm}"))["Error"], unknown);
    assert_eq!(error(&mut lab, "/v1/user-resource/vm/start", &format!("uuid={vm}")), unknown);
    lab.pass(3600);
    assert_eq!(errors(&mut lab, "GET", &format!("{VM}?uuid={vm}"), "")["Error"], unknown);
    assert_eq!(lab.status("GET", &format!("/v1/storage/disks/{disk}"), ""), 404);
}

#[test]
fn the_older_endpoint_for_a_public_address_has_the_same_effect() {
    let mut lab = Lab::new();
    let vm = lab.new_vm("billing_account_id=6&reserve_public_ip=false");
    let (path, uuid) = ("/v1/user-resource/vm/ip/public", format!("uuid={vm}"));
    lab.ok("POST", path, &uuid);
    assert_eq!(lab.status("POST", path, &uuid), 400);
    let assigned = |lab: &mut Lab| lab.ok("GET", "/v1/network/ip_addresses", "")[0]["assigned_to"].clone();
    assert_eq!(assigned(&mut lab), vm.as_str());
    assert_eq!(lab.ok("DELETE", path, &uuid)["uuid"], vm.as_str());
    assert_eq!(assigned(&mut lab), json!(null));
}

#[test]
fn an_unknown_network_is_rejected_before_anything_is_created() {
    let mut lab = Lab::new();
    let unknown = "aaaaaaaa-0000-bbbb-1111-cccccccccccc";
    let (status, body) =
        lab.form("POST", VM, &format!("{NEW_VM}&billing_account_id=6&network_uuid={unknown}"));
    assert_eq!((status, body), (400, json!({"message": "Network UUID is invalid."})));
    assert_eq!(lab.ok("GET", "/v1/storage/disks", ""), json!([]));
}

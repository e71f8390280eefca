use super::*;

const ID: &str = "f80b1d62-ffe4-43ef-9210-60f05445456a";

fn image() -> NewVm {
    let login = Login::new("example", "Password123");
    NewVm::from_image("web-1", Os::new("ubuntu", "22.04"), 20, VmSize::new(2, 2048), login)
}

fn names(vm: &NewVm) -> Vec<&'static str> {
    vm.fields().map(|(name, _)| name).collect()
}

#[test]
fn only_fields_that_were_set_are_sent() {
    let common = [
        "disks",
        "name",
        "os_name",
        "os_version",
        "password",
        "ram",
        "reserve_public_ip",
        "username",
        "vcpu",
    ];
    assert_eq!(names(&image()), common);
    let all = image()
        .with_backup()
        .with_billing_account(BillingAccountId::new(6))
        .with_cloud_init(CloudInit::new().run("a"))
        .with_description("d")
        .with_host_pool(ID.parse().unwrap())
        .with_network(ID.parse().unwrap())
        .with_public_key("ssh-ed25519 AAAA");
    assert_eq!(names(&all).len(), common.len() + 7);
}

#[test]
fn the_password_and_the_cloud_config_are_sent_as_secrets() {
    let secrets = |vm: &NewVm| {
        let fields = vm.fields().filter(|(_, field)| matches!(field, Field::Secret(_)));
        fields.map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(secrets(&image()), ["password"]);
    assert_eq!(secrets(&image().with_cloud_init(CloudInit::new().run("a"))), ["cloud_init", "password"]);
}

#[test]
fn a_public_address_is_reserved_only_on_request() {
    fn asked(vm: &NewVm) -> Option<Field<'_>> {
        vm.fields().find(|(name, _)| *name == "reserve_public_ip").map(|(_, field)| field)
    }
    assert!(matches!(asked(&image()), Some(Field::Plain(no)) if no == "false"));
    // The field is not sent, because the provider reserves an address by default.
    assert!(asked(&image().with_public_ip()).is_none());
}

#[test]
fn an_existing_disk_is_sent_without_a_size() {
    let vm = NewVm::from_disk("web-1", ID.parse().unwrap(), VmSize::new(1, 512));
    assert_eq!(names(&vm), ["disk_uuid", "name", "ram", "reserve_public_ip", "vcpu"]);
}

#[test]
fn a_copy_sends_the_ids_of_the_vm_and_the_replica() {
    let source = ReplicaSource::new(ID.parse().unwrap(), ReplicaId::from("r"));
    let vm = NewVm::from_replica("web-1", source.clone(), VmSize::new(1, 512));
    assert_eq!(names(&vm), ["name", "ram", "reserve_public_ip", "source_replica", "source_uuid", "vcpu"]);
    let vm = NewVm::from_replica("web-1", source.with_disk_gib(40), VmSize::new(1, 512));
    assert!(names(&vm).contains(&"disks"));
}

#[test]
fn a_login_is_not_sent_if_cloud_init_defines_users() {
    let vm = image().with_cloud_init(CloudInit::new().with("users", ["default"]));
    let names = names(&vm);
    assert!(!names.contains(&"username") && !names.contains(&"password"), "{names:?}");
}

#[test]
fn a_private_key_is_not_sent_as_a_public_one() {
    for key in ["-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blb\n-----END OPENSSH PRIVATE KEY-----", "b3Blb", ""]
    {
        let error = crate::Elastis::new("key").unwrap().vms().create(image().with_public_key(key)).prepare();
        assert!(error.unwrap_err().is_invalid_argument(), "{key}");
    }
}

#[test]
fn debug_shows_no_secret() {
    let vm = image().with_cloud_init(CloudInit::new().run("echo hunter2"));
    let shown = format!("{vm:?} {:?}", vm.form().unwrap());
    assert!(!shown.contains("Password123") && !shown.contains("hunter2"), "{shown}");
}

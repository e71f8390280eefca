//! Every fixture through the method that it belongs to.
use elastis_core::{
    CloudInit, DiskId, Elastis, Login, NewToken, NewVm, Os, ProfileUpdate, ReplicaId, ReplicaKind,
    TokenUpdate, VmId, VmSize, VmUpdate, WriteFile,
};
use hostkit_tests::replay::{Exchange, Replayed, every_fixture};

#[tokio::test]
async fn every_fixture_is_sent_and_read_as_its_snapshot_says() {
    every_fixture("elastis-core", async |exchange| {
        let builder = Elastis::builder("<api-key:1>").base_url(exchange.base_url()).no_proxy();
        ask(&builder.build().unwrap(), &exchange).await
    })
    .await;
}

async fn ask(elastis: &Elastis, exchange: &Exchange) -> Replayed {
    let vms = elastis.vms();
    let text = |name: &str| exchange.argument::<String>(name);
    let id = || exchange.argument::<VmId>("uuid");
    let replica = || exchange.argument::<ReplicaId>("replica_uuid");
    match exchange.operation() {
        "user.get" => exchange.call(elastis.user().get()).await,
        "user.update_profile" => {
            let update = ProfileUpdate::new()
                .with_first_name(text("first_name"))
                .with_last_name(text("last_name"))
                .with_phone_number(text("phone_number"))
                .with_personal_id_number(text("personal_id_number"));
            exchange.call(elastis.user().update_profile(update)).await
        }
        "token.list" => exchange.call(elastis.tokens().list()).await,
        "token.create" => {
            let token = NewToken::new(text("description"));
            let token = token.restricted_to(exchange.argument("billing_account_id"));
            exchange.call(elastis.tokens().create(token)).await
        }
        "token.update" => {
            let update = TokenUpdate::unrestricted().with_description(text("description"));
            exchange.call(elastis.tokens().update(exchange.argument("token_id"), update)).await
        }
        "token.delete" => exchange.call(elastis.tokens().delete(exchange.argument("token_id"))).await,
        "location.list" => exchange.call(elastis.locations().list()).await,
        "host_pool.list" => exchange.call(elastis.host_pools().list()).await,
        "vm.list" => exchange.call(vms.list()).await,
        "vm.get" => exchange.call(vms.get(id())).await,
        "vm.create" => exchange.call(vms.create(new_vm(exchange))).await,
        "vm.update" => {
            let update = VmUpdate::new().with_name(text("name")).with_size(size(exchange));
            exchange.call(vms.update(id(), update)).await
        }
        "vm.delete" => exchange.call(vms.delete(id())).await,
        "vm.start" => exchange.call(vms.start(id())).await,
        "vm.stop" => exchange.call(vms.stop(id())).await,
        "vm.rescue_start" => exchange.call(vms.rescue_start(id())).await,
        "vm.reinstall" => exchange.call(vms.reinstall(id(), Some(os(exchange)))).await,
        "vm.rebuild" => exchange.call(vms.rebuild(id(), replica())).await,
        "vm.toggle_backup" => exchange.call(vms.toggle_backup(id())).await,
        "vm.clone" => exchange.call(vms.clone_vm(id(), text("name"))).await,
        "vm.change_password" => {
            let password = exchange.secret("password");
            exchange.call(vms.change_password(id(), text("username"), password)).await
        }
        "vm.release_public_ip" => exchange.call(vms.release_public_ip(id())).await,
        "vm.reserve_public_ip" => exchange.call(vms.reserve_public_ip(id())).await,
        "replica.list" => {
            let kind = exchange.optional("r_type").unwrap_or(ReplicaKind::Snapshot);
            exchange.call(elastis.replicas().list(id(), kind)).await
        }
        "replica.create" => exchange.call(elastis.replicas().create(id())).await,
        "replica.delete" => exchange.call(elastis.replicas().delete(replica())).await,
        "vm_disk.add" => exchange.call(elastis.vm_disks().add(id(), exchange.argument("size_gb"))).await,
        "vm_disk.resize" => {
            let disk = exchange.argument::<DiskId>("disk_uuid");
            exchange.call(elastis.vm_disks().resize(id(), disk, exchange.argument("size_gb"))).await
        }
        "vm_disk.delete" => {
            exchange.call(elastis.vm_disks().delete(id(), exchange.argument("storage_uuid"))).await
        }
        "parameters.vm" => exchange.call(elastis.parameters().vm()).await,
        "image.list" => exchange.call(elastis.images().list()).await,
        "image.list_plain_os" => exchange.call(elastis.images().list_plain_os()).await,
        "image.list_app_catalog" => exchange.call(elastis.images().list_app_catalog()).await,
        _ => exchange.unknown(),
    }
}

fn os(exchange: &Exchange) -> Os {
    Os::new(exchange.argument::<String>("os_name"), exchange.argument::<String>("os_version"))
}

fn size(exchange: &Exchange) -> VmSize {
    VmSize::new(exchange.argument("vcpu"), exchange.argument("ram"))
}

fn new_vm(exchange: &Exchange) -> NewVm {
    let login = Login::new(exchange.argument::<String>("username"), exchange.secret("password"));
    let script = WriteFile::new("/firstboot", "#!/bin/bash\necho Now Booting\n\n").with_mode(0o755);
    let name = exchange.argument::<String>("name");
    NewVm::from_image(name, os(exchange), exchange.argument("disks"), size(exchange), login)
        .with_billing_account(exchange.argument("billing_account_id"))
        .with_network(exchange.argument("network_uuid"))
        .with_host_pool(exchange.argument("designated_pool_uuid"))
        // The sample leaves it out, which means yes.
        .with_public_ip()
        .with_cloud_init(CloudInit::new().run("/firstboot").write_file(script))
}

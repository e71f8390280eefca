//! Replays every fixture through the method of its operation.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use elastis_core::{
    BillingAccountId, CloudInit, DiskId, Elastis, Error, Login, NewToken, NewVm, Os, ProfileUpdate,
    Reinstall, Replica, ReplicaId, ReplicaKind, ReplicaSource, TokenUpdate, VmId, VmSize, VmUpdate,
    WriteFile,
};
use hostkit_simulator::Simulator;
use hostkit_tests::replay::{Arguments, CREDENTIAL, Exchange, Replayed};

hostkit_tests::every_operation!("elastis-core", elastis_core::OPERATIONS, ask, arrange);

async fn ask(exchange: Exchange) -> Replayed {
    let builder =
        Elastis::builder(exchange.credential("<api-key:1>")).base_url(exchange.base_url()).no_proxy();
    let elastis = builder.build().unwrap();
    let elastis = exchange.location().map_or(elastis.clone(), |slug| elastis.at(slug));
    call(&elastis, &exchange).await
}

async fn call(elastis: &Elastis, exchange: &Exchange) -> Replayed {
    let vms = elastis.vms();
    let text = |name: &str| exchange.argument::<String>(name);
    let optional = |name: &str| exchange.optional::<String>(name);
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
            let token = optional("description").map_or_else(NewToken::without_description, NewToken::new);
            let account = exchange.argument("billing_account_id");
            let is_restricted = exchange.optional("restricted").unwrap_or(false);
            let token = if is_restricted {
                token.restricted_to(account)
            } else {
                token.with_billing_account(account)
            };
            exchange.call(elastis.tokens().create(token)).await
        }
        "token.update" => {
            let is_restricted = exchange.optional("restricted").unwrap_or(false);
            let update = if is_restricted { TokenUpdate::restricted() } else { TokenUpdate::unrestricted() };
            let update = optional("description").into_iter().fold(update, TokenUpdate::with_description);
            let account = exchange.optional("billing_account_id");
            let update = account.into_iter().fold(update, TokenUpdate::with_billing_account);
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
        "vm.stop" if exchange.optional("force").unwrap_or(false) => exchange.call(vms.force_stop(id())).await,
        "vm.stop" => exchange.call(vms.stop(id())).await,
        "vm.rescue_start" => exchange.call(vms.rescue_start(id())).await,
        "vm.reinstall" => {
            let system = optional("os_name").into_iter().fold(Reinstall::same(), Reinstall::with_os_name);
            let system = optional("os_version").into_iter().fold(system, Reinstall::with_os_version);
            exchange.call(vms.reinstall(id(), system)).await
        }
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
            let kind: ReplicaKind = exchange.argument("r_type");
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
    let name = exchange.argument::<String>("name");
    let vm = match (exchange.optional("disk_uuid"), exchange.optional("source_uuid")) {
        (Some(disk), _) => NewVm::from_disk(name, disk, size(exchange)),
        (None, Some(vm)) => {
            let source = ReplicaSource::new(vm, exchange.argument("source_replica"));
            NewVm::from_replica(name, source, size(exchange))
        }
        (None, None) => {
            let login = Login::new(exchange.argument::<String>("username"), exchange.secret("password"));
            NewVm::from_image(name, os(exchange), exchange.argument("disks"), size(exchange), login)
        }
    };
    let account = exchange.optional("billing_account_id");
    let mut vm = account.into_iter().fold(vm, NewVm::with_billing_account);
    vm.network_uuid = exchange.optional("network_uuid");
    vm.designated_pool_uuid = exchange.optional("designated_pool_uuid");
    vm.description = exchange.optional("description");
    vm.public_key = exchange.optional("public_key");
    vm.backup = exchange.optional("backup").unwrap_or(false);
    vm.reserve_public_ip = exchange.optional("reserve_public_ip").unwrap_or(true);
    if exchange.optional::<String>("cloud_init").is_some() {
        let script = WriteFile::new("/firstboot", "#!/bin/bash\necho Now Booting\n\n").with_mode(0o755);
        vm.cloud_init = Some(CloudInit::new().run("/firstboot").write_file(script));
    }
    vm
}

const FIRST: BillingAccountId = BillingAccountId::new(6);

async fn arrange(simulator: &Simulator, operation: &'static str) -> Result<Arguments, Error> {
    let access = simulator.elastis();
    let elastis = Elastis::builder(access.key.as_str()).base_url(&access.base_url).no_proxy().build()?;
    let (os, login) = (Os::new("ubuntu", "20.04"), Login::new("example", "Password123"));
    let new = NewVm::from_image("web-1", os, 20, VmSize::new(2, 2048), login).with_billing_account(FIRST);
    let vm = elastis.vms().create(new.with_public_ip()).await?.uuid;
    let mut arguments = Arguments::from([(CREDENTIAL, access.key.clone()), ("uuid", vm.to_string())]);
    match operation {
        "vm.start" | "vm.update" => drop(elastis.vms().stop(vm).await?),
        "token.update" | "token.delete" => {
            let token = elastis.tokens().create(NewToken::new("job")).recover().await?.value.id;
            arguments.insert("token_id", token.to_string());
        }
        "replica.delete" => {
            let disk = elastis.replicas().create(vm).await?;
            let replica = Replica::latest(&disk.replica).unwrap();
            arguments.insert("replica_uuid", replica.uuid.to_string());
        }
        "vm_disk.resize" | "vm_disk.delete" => {
            let disk = elastis.vm_disks().add(vm, 5).await?.uuid.to_string();
            arguments.extend([("disk_uuid", disk.clone()), ("storage_uuid", disk)]);
        }
        _ => {}
    }
    Ok(arguments)
}

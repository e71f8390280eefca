//! Replays every fixture through the method of its operation.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use elastis_core::{Error, Login, NewVm, Os, VmSize};
use elastis_storage::{BillingAccountId, Elastis, ElastisStorage, NewBucket, NewDisk, SourceImageType};
use hostkit_simulator::Simulator;
use hostkit_tests::replay::{Arguments, CREDENTIAL, Exchange, Replayed};

fn new_disk(exchange: &Exchange) -> NewDisk {
    let size = exchange.optional("size_gb");
    let disk = match exchange.argument("source_image_type") {
        SourceImageType::OsBase => NewDisk::from_image(exchange.argument::<String>("source_image")),
        SourceImageType::Disk => NewDisk::copy_of(exchange.argument("source_image")),
        SourceImageType::Snapshot => NewDisk::from_snapshot(exchange.argument("source_image")),
        _ => NewDisk::empty(exchange.argument("size_gb")),
    };
    let disk = size.into_iter().fold(disk, NewDisk::with_size);
    exchange.optional("billing_account_id").into_iter().fold(disk, NewDisk::with_billing_account)
}

fn new_bucket(exchange: &Exchange) -> NewBucket {
    let bucket = NewBucket::new(exchange.argument::<String>("name"));
    exchange.optional("billing_account_id").into_iter().fold(bucket, NewBucket::with_billing_account)
}

hostkit_tests::every_operation!("elastis-storage", elastis_storage::OPERATIONS, ask, arrange);

async fn ask(exchange: Exchange) -> Replayed {
    let builder =
        Elastis::builder(exchange.credential("<api-key:1>")).base_url(exchange.base_url()).no_proxy();
    let elastis = builder.build().unwrap();
    let elastis = exchange.location().map_or(elastis.clone(), |slug| elastis.at(slug));
    let (disks, buckets, s3) = (elastis.disks(), elastis.buckets(), elastis.s3());
    let id = || exchange.argument("disk_uuid");
    let (attached, vm) = (|| exchange.argument("storage_uuid"), || exchange.argument("uuid"));
    let name = || exchange.argument::<String>("name");
    let account = || exchange.argument("billing_account_id");
    match exchange.operation() {
        "disk.create" => exchange.call(disks.create(new_disk(&exchange))).await,
        "disk.get" => exchange.call(disks.get(id())).await,
        "disk.list" => exchange.call(disks.list()).await,
        "disk.update" => exchange.call(disks.update(id(), account())).await,
        "disk.delete" => exchange.call(disks.delete(id())).await,
        "disk.attach" => exchange.call(disks.attach(attached(), vm())).await,
        "disk.detach" => exchange.call(disks.detach(attached(), vm())).await,
        "bucket.create" => exchange.call(buckets.create(new_bucket(&exchange))).await,
        "bucket.update" => exchange.call(buckets.update(name(), account())).await,
        "bucket.delete" => exchange.call(buckets.delete(name())).await,
        "bucket.get" => exchange.call(buckets.get(name())).await,
        "bucket.list" => match exchange.optional("billing_account_id") {
            Some(account) => exchange.call(buckets.list_paid_by(account)).await,
            None => exchange.call(buckets.list()).await,
        },
        "s3.endpoint" => exchange.call(s3.endpoint()).await,
        "s3_user.get" => exchange.call(s3.user()).await,
        "s3_key.list" => exchange.call(s3.keys().list()).await,
        "s3_key.create" => exchange.call(s3.keys().create()).await,
        "s3_key.delete" => exchange.call(s3.keys().delete(exchange.argument::<String>("access_key"))).await,
        _ => exchange.unknown(),
    }
}

const FIRST: BillingAccountId = BillingAccountId::new(6);

async fn arrange(simulator: &Simulator, operation: &'static str) -> Result<Arguments, Error> {
    let access = simulator.elastis();
    let elastis = Elastis::builder(access.key.as_str()).base_url(&access.base_url).no_proxy().build()?;
    let mut arguments = Arguments::from([(CREDENTIAL, access.key.clone())]);
    if operation.starts_with("disk.") {
        let (os, login) = (Os::new("ubuntu", "20.04"), Login::new("example", "Password123"));
        let new = NewVm::from_image("web-1", os, 20, VmSize::new(2, 2048), login);
        let vm = elastis.vms().create(new.with_billing_account(FIRST)).await?.uuid;
        let disk = elastis.disks().create(NewDisk::empty(50).with_billing_account(FIRST)).await?.uuid;
        if operation == "disk.detach" {
            elastis.disks().attach(disk, vm).await?;
        }
        let disk = disk.to_string();
        arguments.extend([("disk_uuid", disk.clone()), ("storage_uuid", disk), ("uuid", vm.to_string())]);
    } else {
        elastis.buckets().create(NewBucket::new("pang1").with_billing_account(FIRST)).await?;
        arguments.insert("access_key", elastis.s3().keys().generate().await?.value.access_key.to_string());
    }
    Ok(arguments)
}

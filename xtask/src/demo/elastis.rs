//! Builds a small site in the cloud, with VMs, a disk, a network, a load balancer and a bucket, shows the bill, and
//! then removes the site.

use elastis_billing::{BillingAccountId, ElastisBilling};
use elastis_core::{CloudInit, Elastis, Login, NewVm, Os, Vm, VmId, VmSize, WriteFile};
use elastis_network::{ElastisNetwork, NetworkId, NewLoadBalancer, NewRule, Released};
use elastis_storage::{ElastisStorage, NewBucket, NewDisk};
use http_core::Error;

use super::Depth;
use super::printer::Printer;
use crate::out::counted;

const SIZE: VmSize = VmSize::new(2, 2048);

pub(super) async fn run(elastis: &Elastis, depth: Depth, printer: &mut Printer) -> Result<(), Error> {
    let account = look(elastis, printer).await?;
    let Some(account) = account else {
        printer.remark("the account has no billing account, so nothing can be created");
        return Ok(());
    };
    if depth == Depth::Look {
        printer.remark("read-only: nothing is created without --spend");
        return Ok(());
    }
    // The first network of a location becomes its default network, which cannot be deleted.
    printer
        .step("get the default network", elastis.networks().default_or_create(), |network| {
            network.name.clone()
        })
        .await?;
    let network = printer
        .step("create a private network", elastis.networks().create("demo"), |network| {
            format!("{}, {}", network.name, network.subnet.as_deref().unwrap_or("no subnet yet"))
        })
        .await?
        .uuid;
    let web = [
        vm(elastis, printer, account, network, "demo-web-1").await?,
        vm(elastis, printer, account, network, "demo-web-2").await?,
    ];
    snapshot(elastis, printer, web[0].uuid).await?;
    let disk = storage(elastis, printer, account, web[0].uuid).await?;

    let ips = elastis.floating_ips();
    let addresses = printer
        .step("find its public address", ips.of_vm(web[0].uuid), |ips| format!("{} found", ips.len()))
        .await?;
    for ip in &addresses {
        printer.remark(format_args!("{} points to {}", ip.address, web[0].name));
    }
    let balancer = NewLoadBalancer::new()
        .with_name("demo")
        .with_billing_account(account)
        .with_network(network)
        .with_rule(NewRule::new(80, 8080))
        .with_target(web[0].uuid)
        .with_target(web[1].uuid);
    let balancer = printer
        .step("create a load balancer", elastis.load_balancers().create(balancer), |balancer| {
            format!("{} behind rule 80 → 8080", counted(balancer.targets.len(), "target"))
        })
        .await?;

    let away = elsewhere(elastis, printer, account).await?;
    everywhere(elastis, printer).await?;
    bill(elastis, printer, account).await?;

    if let Some((there, vm)) = away {
        let removed = there.delete_vm_with_addresses(vm);
        printer.step("delete the VM in the other location", removed, released).await?.into_result()?;
    }

    let removed = elastis.delete_load_balancer_with_addresses(balancer.uuid);
    printer.step("delete the load balancer", removed, released).await?.into_result()?;
    printer.step("detach the disk", elastis.disks().detach(disk, web[0].uuid), |()| "done").await?;
    printer.step("delete the disk", elastis.disks().delete(disk), |()| "done").await?;
    for vm in &web {
        let what = format!("delete {}", vm.name);
        printer.step(&what, elastis.delete_vm_with_addresses(vm.uuid), released).await?.into_result()?;
        printer.step("wait until it is gone", elastis.vms().wait_deleted(vm.uuid), |_| "gone").await?;
    }
    printer.step("delete the network", elastis.networks().delete(network), |()| "done").await?;
    printer.step("list unassigned addresses", ips.unassigned(), |ips| format!("{} left", ips.len())).await?;
    Ok(())
}

fn released(released: &Released) -> String {
    format!("{} released", counted(released.released.len(), "address"))
}

/// Prints what can be read without creating anything, and returns the billing account to use.
async fn look(elastis: &Elastis, printer: &mut Printer) -> Result<Option<BillingAccountId>, Error> {
    let user = elastis.user().get();
    printer.step("read the user", user, |user| format!("user {}", user.id)).await?;
    let locations = printer
        .step("list the locations", elastis.locations().list(), |locations| {
            counted(locations.len(), "location")
        })
        .await?;
    for location in &locations {
        let default = if location.is_default { " (default)" } else { "" };
        printer.remark(format_args!("{}: {}{default}", location.slug, location.display_name));
    }
    everywhere(elastis, printer).await?;
    let accounts = printer
        .step("list the billing accounts", elastis.billing_accounts().list(), |accounts| {
            counted(accounts.len(), "account")
        })
        .await?;
    let account = accounts.iter().find(|account| account.is_default).or(accounts.first());
    printer
        .step("read the price of a VM", elastis.pricing().policy(), |policy| {
            match policy.hourly_cost(SIZE, 20) {
                Some(cost) => format!("{cost} an hour for 2 CPUs, 2 GiB, 20 GiB of disk"),
                None => String::from("not in the published prices"),
            }
        })
        .await?;
    Ok(account.map(|account| account.id))
}

/// Creates a VM in a location that is not the default one, if there is such a location.
async fn elsewhere(
    elastis: &Elastis,
    printer: &mut Printer,
    account: BillingAccountId,
) -> Result<Option<(Elastis, VmId)>, Error> {
    let locations = elastis.locations().list().await?;
    let Some(location) = locations.iter().find(|location| !location.is_default) else { return Ok(None) };
    printer.remark(format_args!("one more VM in {}:", location.display_name));
    let there = elastis.at(location.slug.clone());
    let network = there.networks().default_or_create().await?.uuid;
    let vm = vm(&there, printer, account, network, "demo-edge").await?;
    Ok(Some((there, vm.uuid)))
}

async fn everywhere(elastis: &Elastis, printer: &mut Printer) -> Result<(), Error> {
    let all = elastis.in_all_locations(|elastis| elastis.vms().list());
    printer
        .step("list VMs in all locations", all, |locations| {
            let count = |one: &elastis_core::InLocation<Vec<Vm>>| match &one.result {
                Ok(vms) => format!("{}: {}", one.slug(), vms.len()),
                Err(error) => format!("{}: {error}", one.slug()),
            };
            locations.iter().map(count).collect::<Vec<_>>().join(", ")
        })
        .await?;
    Ok(())
}

async fn vm(
    elastis: &Elastis,
    printer: &mut Printer,
    account: BillingAccountId,
    network: NetworkId,
    name: &str,
) -> Result<Vm, Error> {
    let page = format!("hello from {name}\n");
    let boot = CloudInit::new()
        .write_file(WriteFile::new("/srv/index.html", page).with_mode(0o644))
        .run("cd /srv && python3 -m http.server 8080 &");
    let image = elastis.images().list_plain_os().await?;
    let Some(os) = image.iter().find_map(|image| image.published().next_back()) else {
        return Err(Error::not_found("the location has no image"));
    };
    let login = Login::new("demo", "Correct-Horse-7");
    let vm = NewVm::from_image(name, Os::new(&*os.name, &*os.version), 20, SIZE, login)
        .with_billing_account(account)
        .with_network(network)
        .with_public_ip()
        .with_cloud_init(boot);
    let parameters = elastis.parameters().vm().await?;
    for violation in parameters.check(&vm) {
        printer.remark(format_args!("would be rejected: {violation}"));
    }
    let what = format!("create {name} with cloud-init");
    let vm = printer.step(&what, elastis.vms().create(vm), |vm| vm.status.clone()).await?;
    let wait = elastis.vms().wait(vm.uuid).until(Vm::is_running);
    Ok(printer
        .step("wait until it runs", wait, |vm| match vm.private_ipv4 {
            Some(address) => format!("{} at {address}", vm.status),
            None => vm.status.to_string(),
        })
        .await?)
}

async fn snapshot(elastis: &Elastis, printer: &mut Printer, vm: VmId) -> Result<(), Error> {
    let replicas = elastis.replicas();
    let storage =
        printer.step("create a snapshot", replicas.create(vm), |storage| storage.name.clone()).await?;
    let taken = replicas.list(vm, elastis_core::ReplicaKind::Snapshot).await?;
    let Some(latest) = elastis_core::Replica::latest(&taken) else {
        return Err(Error::not_found(format!("{} has no snapshot yet", storage.name)));
    };
    printer.step("stop the VM", elastis.vms().stop(vm), |vm| vm.status.clone()).await?;
    printer
        .step("rebuild it from the snapshot", elastis.vms().rebuild(vm, latest.uuid.clone()), |vm| {
            vm.status.clone()
        })
        .await?;
    printer.step("start it again", elastis.vms().start(vm), |vm| vm.status.clone()).await?;
    let wait = elastis.vms().wait(vm).until(Vm::is_running);
    printer.step("wait until it runs", wait, |vm| vm.status.clone()).await?;
    Ok(())
}

async fn storage(
    elastis: &Elastis,
    printer: &mut Printer,
    account: BillingAccountId,
    vm: VmId,
) -> Result<elastis_core::DiskId, Error> {
    let disk = NewDisk::empty(50).with_billing_account(account);
    let disk = printer
        .step("create a disk", elastis.disks().create(disk), |disk| {
            format!("{} GiB", disk.size_gb.unwrap_or_default())
        })
        .await?;
    printer
        .step("attach it", elastis.disks().attach(disk.uuid, vm), |attached| {
            attached.uuid.guest_device_path()
        })
        .await?;
    let bucket = NewBucket::new("hostkit-demo").with_billing_account(account);
    printer.step("create a bucket", elastis.buckets().create(bucket), |bucket| bucket.name.clone()).await?;
    printer
        .step("get keys for an S3 client", elastis.s3().credentials(), |keys| {
            format!("{} with {}", keys.endpoint, keys.access_key)
        })
        .await?;
    printer.step("delete the bucket", elastis.buckets().delete("hostkit-demo"), |()| "done").await?;
    Ok(disk.uuid)
}

async fn bill(elastis: &Elastis, printer: &mut Printer, account: BillingAccountId) -> Result<(), Error> {
    printer
        .step("list what is billed", elastis.usage().list(account), |usage| counted(usage.len(), "resource"))
        .await?;
    printer
        .step(
            "read the unpaid amount",
            elastis.billing_accounts().unpaid_amount(account),
            ToString::to_string,
        )
        .await?;
    let invoices = printer
        .step("list the invoices", elastis.invoices().list(account), |invoices| {
            counted(invoices.len(), "invoice")
        })
        .await?;
    for invoice in invoices.iter().take(3) {
        let total = invoice.totals.total.map_or_else(|| "unknown".to_owned(), |total| total.to_string());
        printer.remark(format_args!("invoice {}: {total}, {:?}", invoice.id, invoice.status));
    }
    Ok(())
}

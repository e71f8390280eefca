//! Creates a VM in each of the documented ways.
use serde_json::Value;

use crate::base::{Pending, Response};
use crate::elastis::endpoints::context::{Answer, Context};
use crate::elastis::endpoints::parameters::{check_os, check_pattern, check_range, is_windows};
use crate::elastis::state::disk::{Disk, Source};
use crate::elastis::state::host_pool::{self, HostPool};
use crate::elastis::state::vm::{RUNNING, STARTING, STOPPED, Vm, mac};
use crate::elastis::wire::errors;
use crate::elastis::wire::fields::Fields;

/// The source of the boot disk, and the defaults that the new VM takes from it.
#[derive(Default)]
struct Origin {
    boot: BootFrom,
    os: Option<(String, String)>,
    size_gib: Option<u64>,
    memory_mib: Option<u64>,
    vcpu: Option<u64>,
    users: Vec<String>,
}

#[derive(Default)]
enum BootFrom {
    #[default]
    Image,
    Replica(String),
    Disk(String),
}

pub(crate) fn create(context: &mut Context<'_>) -> Answer {
    let mut fields = context.fields();
    let payer = context.payer(&mut fields);
    let origin = origin(context, &mut fields)?;
    let fresh = matches!(origin.boot, BootFrom::Image);

    let name = fields.need_text("name");
    check_pattern(&mut fields, "name");
    let (os_name, os_version) = match origin.os {
        Some(os) => os,
        None if fresh => (fields.need_text("os_name"), fields.need_text("os_version")),
        None => (fields.text("os_name").unwrap_or_default(), fields.text("os_version").unwrap_or_default()),
    };
    if fresh {
        check_os(&mut fields, &os_name, &os_version);
    }
    let mut number = |name: &str, known: Option<u64>| {
        let sent = fields.whole(name);
        check_range(&mut fields, name, sent, &os_name);
        fields.need(name, sent.or(known))
    };
    let (vcpu, memory_mib) = (number("vcpu", origin.vcpu), number("ram", origin.memory_mib));
    let size_gib = match &origin.boot {
        // The VM uses the disk at its current size, and the `disks` parameter has no effect.
        BootFrom::Disk(_) => 0,
        BootFrom::Image | BootFrom::Replica(_) => number("disks", origin.size_gib),
    };
    if origin.size_gib.is_some_and(|least| size_gib != 0 && size_gib < least) {
        fields.refuse("disks", "Value must not be smaller than the source");
    }
    let username = fields.text("username");
    let users = users(&mut fields, origin.users, fresh, &os_name);
    let pool = host_pool(&mut fields);
    let network = fields.uuid("network_uuid");
    let backup = fields.flag("backup").unwrap_or(false);
    let public = fields.flag("reserve_public_ip").unwrap_or(true);
    let description = fields.text("description").unwrap_or_default();
    fields.finish()?;
    context.may_charge(payer)?;

    let network = context.site.network_or_default(network.as_deref(), context.ids, context.now)?;
    let (private_ipv4, public_ipv6) = context.site.free_address(&network)?;
    let uuid = context.ids.uuid();
    boot_disk(context, origin.boot, &uuid, payer, size_gib, &format!("{os_name}_{os_version}"))?;
    let mut status = Pending::settled(STOPPED, context.clock);
    status.go(STARTING, RUNNING, context.clock);
    context.site.vms.push(Vm {
        id: context.ids.number(0),
        uuid: uuid.clone(),
        hostname: name.clone(),
        name,
        description,
        backup_since: backup.then_some(context.now),
        billing_account: payer,
        created_at: context.now,
        updated_at: Some(context.now),
        deleted_at: None,
        mac: mac(context.ids),
        memory_mib,
        vcpu,
        os_name,
        os_version,
        network,
        private_ipv4,
        public_ipv6,
        pool,
        username,
        users,
        status,
        rescue: false,
    });
    if public {
        context.site.reserve_for_vm(&uuid, payer, context.ids, context.now)?;
    }
    context.show_vm(&uuid)
}

/// Returns the source of the boot disk, or an error if the source does not exist.
fn origin(context: &mut Context<'_>, fields: &mut Fields) -> Result<Origin, Response> {
    let (vm, replica) = (fields.uuid("source_uuid"), fields.text("source_replica"));
    let disk = fields.uuid("disk_uuid");
    if disk.is_some() && (vm.is_some() || replica.is_some()) {
        fields.refuse("disk_uuid", "Cannot be combined with source_uuid and source_replica");
    }
    if let Some(uuid) = disk {
        let disk = context.site.disk(&uuid, context.caller)?;
        if disk.attached.is_some() {
            return Err(errors::error(400, "Disk is already attached to a virtual machine."));
        }
        let os = disk.os().map(|(name, version)| (name.to_owned(), version.to_owned()));
        return Ok(Origin { boot: BootFrom::Disk(uuid), os, ..Origin::default() });
    }
    if vm.is_none() && replica.is_none() {
        return Ok(Origin::default());
    }
    let (vm, name) = (fields.need("source_uuid", vm), fields.need("source_replica", replica));
    if vm.is_empty() || name.is_empty() {
        return Ok(Origin::default());
    }
    context.site.vm(&vm, context.caller)?;
    let (disk, replica) = context.site.replica(&name, context.caller)?;
    if !disk.is_attached_to(&vm) {
        return Err(errors::unknown_replica(&name));
    }
    let (boot, size_gib) = (BootFrom::Replica(replica.snapshot_uuid.clone()), Some(replica.size_gib));
    let vm = context.site.vm(&vm, context.caller)?;
    Ok(Origin {
        boot,
        size_gib,
        os: Some((vm.os_name.clone(), vm.os_version.clone())),
        memory_mib: Some(vm.memory_mib),
        vcpu: Some(vm.vcpu),
        users: vm.users.clone(),
    })
}

fn boot_disk(
    context: &mut Context<'_>,
    boot: BootFrom,
    vm: &str,
    payer: u64,
    size_gib: u64,
    image: &str,
) -> Result<(), Response> {
    let source = match boot {
        BootFrom::Disk(uuid) => {
            let disk = context.site.disk(&uuid, context.caller)?;
            disk.primary = true;
            return disk.attach(vm, &[]);
        }
        BootFrom::Image => Source::OsBase(image.to_owned()),
        BootFrom::Replica(snapshot) => Source::Snapshot(snapshot),
    };
    let mut disk = Disk::new(context.ids, context.now, payer, size_gib, source);
    disk.primary = true;
    disk.attach(vm, &[])?;
    context.site.disks.push(disk);
    Ok(())
}

/// Returns the users that can log in. The user name and password are optional if cloud-init creates a user.
fn users(fields: &mut Fields, mut users: Vec<String>, fresh: bool, os_name: &str) -> Vec<String> {
    let cloud_init = fields.object("cloud_init").unwrap_or_default();
    let name = |user: &Value| user.as_str().or(user["name"].as_str()).map(str::to_owned);
    users.extend(cloud_init.get("users").and_then(Value::as_array).into_iter().flatten().filter_map(name));
    if fresh && users.is_empty() {
        if !is_windows(os_name) {
            fields.need_text("username");
        }
        fields.need_text("password");
    }
    check_pattern(fields, "username");
    check_pattern(fields, "password");
    users.extend(fields.text("username"));
    if is_windows(os_name) && users.is_empty() {
        users.push("Administrator".to_owned());
    }
    users
}

fn host_pool(fields: &mut Fields) -> Option<&'static HostPool> {
    let uuid = fields.uuid("designated_pool_uuid")?;
    let pool = host_pool::find(&uuid);
    if pool.is_none() {
        fields.refuse("designated_pool_uuid", "No such resource pool exists");
    }
    pool
}

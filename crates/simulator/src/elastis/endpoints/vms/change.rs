//! Operations that change a VM other than by starting or stopping it.
use serde_json::json;

use crate::base::{Pending, Response};
use crate::elastis::endpoints::context::{Answer, Context};
use crate::elastis::endpoints::parameters::{check_os, check_pattern, check_range};
use crate::elastis::state::disk::{Disk, Source};
use crate::elastis::state::vm::{RUNNING, STARTING, STOPPED, Vm, mac};
use crate::elastis::wire::errors;

pub(crate) fn password(context: &mut Context<'_>) -> Answer {
    let mut fields = context.fields();
    let uuid = fields.need_uuid("uuid");
    let username = fields.need_text("username");
    fields.need_text("password");
    check_pattern(&mut fields, "password");
    fields.finish()?;
    let vm = context.site.idle_vm(&uuid, context.caller, context.clock)?;
    if vm.status.peek(context.clock) != RUNNING {
        return Err(errors::error(400, "Virtual machine must be running to change the password."));
    }
    if !vm.users.contains(&username) {
        return Err(errors::error(400, &format!("No such user exists: {username}")));
    }
    Ok(Response::json(200, &json!({"success": true})))
}

pub(crate) fn update(context: &mut Context<'_>) -> Answer {
    let mut fields = context.fields();
    let uuid = fields.need_uuid("uuid");
    let name = fields.text("name");
    let (vcpu, ram) = (fields.whole("vcpu"), fields.whole("ram"));
    let os_name = context.site.vm(&uuid, context.caller).map(|vm| vm.os_name.clone());
    if let Ok(os_name) = &os_name {
        check_range(&mut fields, "vcpu", vcpu, os_name);
        check_range(&mut fields, "ram", ram, os_name);
    }
    fields.finish()?;
    os_name?;
    let vm = if vcpu.is_some() || ram.is_some() {
        let vm = context.site.idle_vm(&uuid, context.caller, context.clock)?;
        let wanted = (vcpu.unwrap_or(vm.vcpu), ram.unwrap_or(vm.memory_mib));
        if wanted == (vm.vcpu, vm.memory_mib) {
            return Err(errors::error(400, "Not changing vcpu and memory because values are same."));
        }
        if vm.status.peek(context.clock) != STOPPED {
            return Err(errors::error(400, "Virtual machine must be stopped to change vcpu and memory."));
        }
        (vm.vcpu, vm.memory_mib) = wanted;
        vm
    } else {
        context.site.vm(&uuid, context.caller)?
    };
    if let Some(name) = name {
        vm.name = name;
    }
    vm.updated_at = Some(context.now);
    context.show_vm(&uuid)
}

pub(crate) fn reinstall(context: &mut Context<'_>) -> Answer {
    let mut fields = context.fields();
    let uuid = fields.need_uuid("uuid");
    let (os_name, os_version) = (fields.text("os_name"), fields.text("os_version"));
    if os_name.is_some() {
        // A request that names an operating system must also name the version.
        fields.need_text("os_version");
    }
    let present =
        context.site.vm(&uuid, context.caller).map(|vm| (vm.os_name.clone(), vm.os_version.clone()));
    let wanted = present.map(|(name, version)| (os_name.unwrap_or(name), os_version.unwrap_or(version)));
    if let Ok((os_name, os_version)) = &wanted {
        check_os(&mut fields, os_name, os_version);
    }
    fields.finish()?;
    let (os_name, os_version) = wanted?;
    context.site.idle_vm(&uuid, context.caller, context.clock)?;
    context.site.boot_disk(&uuid)?.source = Source::OsBase(format!("{os_name}_{os_version}"));
    let vm = context.site.vm(&uuid, context.caller)?;
    (vm.os_name, vm.os_version) = (os_name, os_version);
    vm.status.go(STARTING, RUNNING, context.clock);
    (vm.rescue, vm.updated_at) = (false, Some(context.now));
    context.show_vm(&uuid)
}

/// Rebuilds a VM from a replica. Assumed: the VM is stopped afterwards, and its disk keeps its current size.
pub(crate) fn rebuild(context: &mut Context<'_>) -> Answer {
    let mut fields = context.fields();
    let (uuid, name) = (fields.need_uuid("uuid"), fields.need_text("replica_uuid"));
    fields.finish()?;
    context.site.idle_vm(&uuid, context.caller, context.clock)?;
    if !context.site.replica(&name, context.caller)?.0.is_attached_to(&uuid) {
        return Err(errors::unknown_replica(&name));
    }
    let vm = context.site.vm(&uuid, context.caller)?;
    vm.status = Pending::settled(STOPPED, context.clock);
    vm.updated_at = Some(context.now);
    context.show_vm(&uuid)
}

pub(crate) fn toggle_backup(context: &mut Context<'_>) -> Answer {
    let uuid = context.vm_uuid()?;
    let vm = context.site.idle_vm(&uuid, context.caller, context.clock)?;
    vm.backup_since = if vm.backup_since.is_some() { None } else { Some(context.now) };
    vm.updated_at = Some(context.now);
    context.show_vm(&uuid)
}

/// Clones a VM. The clone has copies of all disks, but no replicas and no backups. Assumed: it has no public address
/// unless `set_clones_with_address` is on; the documented sample has one.
pub(crate) fn clone(context: &mut Context<'_>) -> Answer {
    let mut fields = context.fields();
    let (source, name) = (fields.need_uuid("uuid"), fields.need_text("name"));
    fields.finish()?;
    let template = context.site.idle_vm(&source, context.caller, context.clock)?.clone();
    let payer = template.billing_account;
    let (private_ipv4, public_ipv6) = context.site.free_address(&template.network)?;
    let uuid = context.ids.uuid();
    let disks: Vec<Disk> =
        context.site.disks.iter().filter(|disk| disk.is_attached_to(&source)).cloned().collect();
    for original in disks {
        let mut copy =
            Disk::new(context.ids, context.now, template.billing_account, original.size_gib, original.source);
        copy.primary = original.primary;
        copy.attached = original.attached.map(|(_, device)| (uuid.clone(), device));
        context.site.disks.push(copy);
    }
    let mut status = Pending::settled(STOPPED, context.clock);
    status.go(STARTING, RUNNING, context.clock);
    context.site.vms.push(Vm {
        id: context.ids.number(0),
        uuid: uuid.clone(),
        name,
        backup_since: None,
        created_at: context.now,
        updated_at: None,
        mac: mac(context.ids),
        private_ipv4,
        public_ipv6,
        status,
        rescue: false,
        ..template
    });
    if context.customer.clones_with_address {
        context.site.reserve_for_vm(&uuid, payer, context.ids, context.now)?;
    }
    context.show_vm(&uuid)
}

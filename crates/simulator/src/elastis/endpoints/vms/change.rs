//! What can be done to a VM besides switching it on and off.
use serde_json::json;

use crate::base::{Pending, Reply};
use crate::elastis::endpoints::call::{Answer, Call};
use crate::elastis::endpoints::parameters::{check_os, check_pattern, check_range};
use crate::elastis::state::disk::{Disk, Source};
use crate::elastis::state::vm::{RUNNING, STARTING, STOPPED, Vm, mac};
use crate::elastis::wire::refusals;

pub(crate) fn password(call: &mut Call<'_>) -> Answer {
    let mut fields = call.fields();
    let uuid = fields.need_uuid("uuid");
    let username = fields.need_text("username");
    fields.need_text("password");
    check_pattern(&mut fields, "password");
    fields.finish()?;
    let vm = call.site.idle_vm(&uuid, call.caller, call.clock)?;
    if vm.status.peek(call.clock) != RUNNING {
        return Err(refusals::error(400, "Virtual machine must be running to change the password."));
    }
    if !vm.users.contains(&username) {
        return Err(refusals::error(400, &format!("No such user exists: {username}")));
    }
    Ok(Reply::json(200, &json!({"success": true})))
}

pub(crate) fn update(call: &mut Call<'_>) -> Answer {
    let mut fields = call.fields();
    let uuid = fields.need_uuid("uuid");
    let name = fields.text("name");
    let (vcpu, ram) = (fields.whole("vcpu"), fields.whole("ram"));
    let os_name = call.site.vm(&uuid, call.caller).map(|vm| vm.os_name.clone());
    if let Ok(os_name) = &os_name {
        check_range(&mut fields, "vcpu", vcpu, os_name);
        check_range(&mut fields, "ram", ram, os_name);
    }
    fields.finish()?;
    os_name?;
    let vm = if vcpu.is_some() || ram.is_some() {
        let vm = call.site.idle_vm(&uuid, call.caller, call.clock)?;
        let wanted = (vcpu.unwrap_or(vm.vcpu), ram.unwrap_or(vm.ram_mib));
        if wanted == (vm.vcpu, vm.ram_mib) {
            return Err(refusals::error(400, "Not changing vcpu and memory because values are same."));
        }
        if vm.status.peek(call.clock) != STOPPED {
            return Err(refusals::error(400, "Virtual machine must be stopped to change vcpu and memory."));
        }
        (vm.vcpu, vm.ram_mib) = wanted;
        vm
    } else {
        call.site.vm(&uuid, call.caller)?
    };
    if let Some(name) = name {
        vm.name = name;
    }
    vm.updated_at = Some(call.now);
    call.show_vm(&uuid)
}

pub(crate) fn reinstall(call: &mut Call<'_>) -> Answer {
    let mut fields = call.fields();
    let uuid = fields.need_uuid("uuid");
    let (os_name, os_version) = (fields.text("os_name"), fields.text("os_version"));
    if os_name.is_some() {
        // Another system's version would make no sense.
        fields.need_text("os_version");
    }
    let present = call.site.vm(&uuid, call.caller).map(|vm| (vm.os_name.clone(), vm.os_version.clone()));
    let wanted = present.map(|(name, version)| (os_name.unwrap_or(name), os_version.unwrap_or(version)));
    if let Ok((os_name, os_version)) = &wanted {
        check_os(&mut fields, os_name, os_version);
    }
    fields.finish()?;
    let (os_name, os_version) = wanted?;
    call.site.idle_vm(&uuid, call.caller, call.clock)?;
    call.site.boot_disk(&uuid)?.source = Source::OsBase(format!("{os_name}_{os_version}"));
    let vm = call.site.vm(&uuid, call.caller)?;
    (vm.os_name, vm.os_version) = (os_name, os_version);
    vm.status.go(STARTING, RUNNING, call.clock);
    (vm.rescue, vm.updated_at) = (false, Some(call.now));
    call.show_vm(&uuid)
}

/// Assumed: leaves the VM stopped, with the size that its disk has now.
pub(crate) fn rebuild(call: &mut Call<'_>) -> Answer {
    let mut fields = call.fields();
    let (uuid, name) = (fields.need_uuid("uuid"), fields.need_text("replica_uuid"));
    fields.finish()?;
    call.site.idle_vm(&uuid, call.caller, call.clock)?;
    if !call.site.replica(&name, call.caller)?.0.is_attached_to(&uuid) {
        return Err(refusals::unknown_replica(&name));
    }
    let vm = call.site.vm(&uuid, call.caller)?;
    vm.status = Pending::settled(STOPPED, call.clock);
    vm.updated_at = Some(call.now);
    call.show_vm(&uuid)
}

pub(crate) fn toggle_backup(call: &mut Call<'_>) -> Answer {
    let uuid = call.vm_uuid()?;
    let vm = call.site.idle_vm(&uuid, call.caller, call.clock)?;
    vm.backup_since = if vm.backup_since.is_some() { None } else { Some(call.now) };
    vm.updated_at = Some(call.now);
    call.show_vm(&uuid)
}

/// The clone has copies of all disks, no replicas and no backups. Assumed: it has no public address, unless that is
/// switched on; the page's sample shows one.
pub(crate) fn clone(call: &mut Call<'_>) -> Answer {
    let mut fields = call.fields();
    let (source, name) = (fields.need_uuid("uuid"), fields.need_text("name"));
    fields.finish()?;
    let template = call.site.idle_vm(&source, call.caller, call.clock)?.clone();
    let payer = template.billing_account;
    let (private_ipv4, public_ipv6) = call.site.free_address(&template.network)?;
    let uuid = call.ids.uuid();
    let disks: Vec<Disk> =
        call.site.disks.iter().filter(|disk| disk.is_attached_to(&source)).cloned().collect();
    for original in disks {
        let mut copy =
            Disk::new(call.ids, call.now, template.billing_account, original.size_gib, original.source);
        copy.primary = original.primary;
        copy.attached = original.attached.map(|(_, device)| (uuid.clone(), device));
        call.site.disks.push(copy);
    }
    let mut status = Pending::settled(STOPPED, call.clock);
    status.go(STARTING, RUNNING, call.clock);
    call.site.vms.push(Vm {
        id: call.ids.number(0),
        uuid: uuid.clone(),
        name,
        backup_since: None,
        created_at: call.now,
        updated_at: None,
        mac: mac(call.ids),
        private_ipv4,
        public_ipv6,
        status,
        rescue: false,
        ..template
    });
    if call.customer.clones_with_address {
        call.site.reserve_for_vm(&uuid, payer, call.ids, call.now)?;
    }
    call.show_vm(&uuid)
}

//! The endpoints for VMs, and the handlers that read, delete, start and stop them.

mod change;
mod create;
mod public_ip;
#[cfg(test)]
mod tests;
use serde_json::json;

use super::context::{Answer, Context, Endpoint};
use crate::base::{Pending, Response};
use crate::elastis::state::vm::{RUNNING, STARTING, STOPPED};
use crate::elastis::wire::caller::{may_use, reachable};
use crate::elastis::wire::errors;

const PATH: &str = "/v1/user-resource/vm";
const PUBLIC_IP: &str = "/v1/user-resource/vm/ip/public";

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::located("vm.delete", "DELETE", PATH, delete),
    Endpoint::located("vm.get", "GET", PATH, get),
    Endpoint::located("vm.change_password", "PATCH", "/v1/user-resource/vm/user", change::password),
    Endpoint::located("vm.update", "PATCH", PATH, change::update),
    Endpoint::located("vm.create", "POST", PATH, create::create),
    Endpoint::located("vm.reinstall", "POST", "/v1/user-resource/vm/reinstall", change::reinstall),
    Endpoint::located("vm.toggle_backup", "POST", "/v1/user-resource/vm/backup", change::toggle_backup),
    Endpoint::located("vm.clone", "POST", "/v1/user-resource/vm/clone", change::clone),
    Endpoint::located("vm.release_public_ip", "DELETE", PUBLIC_IP, public_ip::release),
    Endpoint::located("vm.reserve_public_ip", "POST", PUBLIC_IP, public_ip::reserve),
    Endpoint::located("vm.list", "GET", "/v1/user-resource/vm/list", list),
    Endpoint::located("vm.rebuild", "POST", "/v1/user-resource/vm/rebuild", change::rebuild),
    Endpoint::located("vm.start", "POST", "/v1/user-resource/vm/start", |context| start(context, false)),
    Endpoint::located("vm.stop", "POST", "/v1/user-resource/vm/stop", stop),
    Endpoint::located("vm.rescue_start", "POST", "/v1/user-resource/vm/rescue_start", |context| {
        start(context, true)
    }),
];

fn get(context: &mut Context<'_>) -> Answer {
    let uuid = context.vm_uuid()?;
    let found = context.site.vms.iter_mut().find(|vm| vm.uuid == uuid);
    let vm = reachable(found, context.caller, |vm| vm.billing_account, || errors::unknown_vm(&uuid))?;
    let status = vm.status.read(context.clock);
    let mut body = vm.json(status);
    body["storage"] = context.site.storage(&uuid);
    Ok(Response::json(200, &body))
}

fn list(context: &mut Context<'_>) -> Answer {
    let mut rows = Vec::new();
    for vm in context.site.vms.iter_mut().rev() {
        if vm.deleted_at.is_none() && may_use(context.caller, vm.billing_account) {
            let status = vm.status.read(context.clock);
            rows.push((vm.uuid.clone(), vm.json(status)));
        }
    }
    let with_storage = rows.into_iter().map(|(uuid, mut body)| {
        body["storage"] = context.site.storage(&uuid);
        body
    });
    Ok(Response::json(200, &with_storage.collect()))
}

/// Deletes a VM. Assumed: the disks are deleted too, and the floating IPs are unassigned but not deleted.
fn delete(context: &mut Context<'_>) -> Answer {
    let uuid = context.vm_uuid()?;
    let vm = context.site.vm(&uuid, context.caller)?;
    vm.deleted_at = Some(context.now);
    for disk in context.site.disks.iter_mut().filter(|disk| disk.is_attached_to(&uuid)) {
        disk.attached = None;
        disk.deleted_at = Some(context.now);
    }
    context.site.unassign_all(&uuid, context.now);
    Ok(Response::json(200, &json!({"success": true})))
}

/// Starts a VM. Assumed: starting a running VM has no effect, and the rescue system is used only for this start.
fn start(context: &mut Context<'_>, rescue: bool) -> Answer {
    let uuid = context.vm_uuid()?;
    let vm = context.site.idle_vm(&uuid, context.caller, context.clock)?;
    if vm.status.peek(context.clock) == STOPPED {
        vm.status.go(STARTING, RUNNING, context.clock);
        vm.rescue = rescue;
        vm.updated_at = Some(context.now);
    } else if rescue && !vm.rescue {
        return Err(errors::error(400, "Virtual machine must be stopped to start in rescue mode."));
    }
    context.show_vm(&uuid)
}

fn stop(context: &mut Context<'_>) -> Answer {
    let mut fields = context.fields();
    let uuid = fields.need_uuid("uuid");
    let force = fields.flag("force") == Some(true);
    fields.finish()?;
    // A forced stop works even on a VM that is still booting; a graceful stop does not.
    let vm = if force {
        context.site.vm(&uuid, context.caller)?
    } else {
        context.site.idle_vm(&uuid, context.caller, context.clock)?
    };
    if vm.status.peek(context.clock) != STOPPED {
        vm.status = Pending::settled(STOPPED, context.clock);
        vm.updated_at = Some(context.now);
    }
    context.show_vm(&uuid)
}

//! Virtual machines: what they are, and their power switch.

mod change;
mod create;
mod public_ip;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::call::{Answer, Call, Endpoint, may_use, reachable};
use super::host_pools::HostPool;
use super::times::seconds;
use super::{refusals, user};
use crate::pending::Pending;
use crate::provider::{Clock, Reply};

const PATH: &str = "/v1/user-resource/vm";
const PUBLIC_IP: &str = "/v1/user-resource/vm/ip/public";

pub(super) const ENDPOINTS: &[Endpoint] = &[
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
    Endpoint::located("vm.start", "POST", "/v1/user-resource/vm/start", |call| start(call, false)),
    Endpoint::located("vm.stop", "POST", "/v1/user-resource/vm/stop", stop),
    Endpoint::located("vm.rescue_start", "POST", "/v1/user-resource/vm/rescue_start", |call| {
        start(call, true)
    }),
];

pub(super) const RUNNING: &str = "running";
pub(super) const STOPPED: &str = "stopped";
const STARTING: &str = "starting";

#[derive(Clone)]
pub(super) struct Vm {
    pub(super) id: u64,
    pub(super) uuid: String,
    pub(super) name: String,
    hostname: String,
    description: String,
    /// When automatic backups were switched on or last made; `None` while they are off.
    pub(super) backup_since: Option<DateTime<Utc>>,
    pub(super) billing_account: u64,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: Option<DateTime<Utc>>,
    pub(super) deleted_at: Option<DateTime<Utc>>,
    mac: String,
    pub(super) ram_mib: u64,
    pub(super) vcpu: u64,
    pub(super) os_name: String,
    os_version: String,
    pub(super) network: String,
    pub(super) private_ipv4: String,
    public_ipv6: String,
    pool: Option<&'static HostPool>,
    /// As asked for; a VM made with cloud-init may have none.
    username: Option<String>,
    /// Everybody who can sign in.
    users: Vec<String>,
    pub(super) status: Pending<&'static str>,
    rescue: bool,
}

impl Vm {
    /// Whether it is on its way to another state, and therefore locked.
    pub(super) fn is_busy(&mut self, clock: &Clock) -> bool {
        ![RUNNING, STOPPED].contains(&self.status.peek(clock))
    }

    /// Without its storage, which the location keeps.
    pub(super) fn json(&self, status: &str) -> Value {
        let mut body = json!({
            "backup": self.backup_since.is_some(),
            "billing_account": self.billing_account,
            "created_at": seconds(self.created_at),
            "description": self.description,
            "hostname": self.hostname,
            "id": self.id,
            "mac": self.mac,
            "memory": self.ram_mib,
            "name": self.name,
            "os_name": self.os_name,
            "os_version": self.os_version,
            "private_ipv4": self.private_ipv4,
            "public_ipv6": self.public_ipv6,
            "status": if self.deleted_at.is_some() { "Deleted" } else { status },
            "tags": null,
            "updated_at": self.updated_at.map(seconds),
            "user_id": user::ID,
            "uuid": self.uuid,
            "vcpu": self.vcpu,
        });
        if let Some(pool) = self.pool {
            body["designated_pool_name"] = json!(pool.name);
            body["designated_pool_uuid"] = json!(pool.uuid);
        }
        if let Some(username) = &self.username {
            body["username"] = json!(username);
        }
        body
    }
}

/// The reply of nearly every operation on a VM: the VM as it is now.
fn show(call: &mut Call<'_>, uuid: &str) -> Answer {
    call.site.show_vm(uuid, call.caller, call.clock).map(|body| Reply::json(200, &body))
}

fn get(call: &mut Call<'_>) -> Answer {
    let uuid = call.vm_uuid()?;
    let found = call.site.vms.iter_mut().find(|vm| vm.uuid == uuid);
    let vm = reachable(found, call.caller, |vm| vm.billing_account, || refusals::unknown_vm(&uuid))?;
    let status = vm.status.read(call.clock);
    let mut body = vm.json(status);
    body["storage"] = call.site.storage(&uuid);
    Ok(Reply::json(200, &body))
}

fn list(call: &mut Call<'_>) -> Answer {
    let mut rows = Vec::new();
    for vm in call.site.vms.iter_mut().rev() {
        if vm.deleted_at.is_none() && may_use(call.caller, vm.billing_account) {
            let status = vm.status.read(call.clock);
            rows.push((vm.uuid.clone(), vm.json(status)));
        }
    }
    let with_storage = rows.into_iter().map(|(uuid, mut body)| {
        body["storage"] = call.site.storage(&uuid);
        body
    });
    Ok(Reply::json(200, &with_storage.collect()))
}

/// Takes the disks along and leaves the floating IPs, unassigned.
fn delete(call: &mut Call<'_>) -> Answer {
    let uuid = call.vm_uuid()?;
    let vm = call.site.vm(&uuid, call.caller)?;
    vm.deleted_at = Some(call.now);
    for disk in call.site.disks.iter_mut().filter(|disk| disk.is_attached_to(&uuid)) {
        disk.attached = None;
        disk.deleted_at = Some(call.now);
    }
    call.site.unassign_all(&uuid, call.now);
    Ok(Reply::json(200, &json!({"success": true})))
}

/// Starting what runs changes nothing; the rescue system is there for this one start.
fn start(call: &mut Call<'_>, rescue: bool) -> Answer {
    let uuid = call.vm_uuid()?;
    let vm = call.site.idle_vm(&uuid, call.caller, call.clock)?;
    if vm.status.peek(call.clock) == STOPPED {
        vm.status.go(STARTING, RUNNING, call.clock);
        vm.rescue = rescue;
        vm.updated_at = Some(call.now);
    } else if rescue && !vm.rescue {
        return Err(refusals::error(400, "Virtual machine must be stopped to start in rescue mode."));
    }
    show(call, &uuid)
}

fn stop(call: &mut Call<'_>) -> Answer {
    let mut fields = call.form();
    let uuid = fields.need_uuid("uuid");
    let force = fields.flag("force") == Some(true);
    fields.finish()?;
    // Pulling the plug works on a machine that still boots, asking it politely does not.
    let vm = if force {
        call.site.vm(&uuid, call.caller)?
    } else {
        call.site.idle_vm(&uuid, call.caller, call.clock)?
    };
    if vm.status.peek(call.clock) != STOPPED {
        vm.status = Pending::settled(STOPPED, call.clock);
        vm.updated_at = Some(call.now);
    }
    show(call, &uuid)
}

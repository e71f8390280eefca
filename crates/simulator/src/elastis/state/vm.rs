//! A VM.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::host_pool::HostPool;
use super::user;
use crate::base::{Clock, Ids, Pending};
use crate::elastis::wire::times::seconds;

pub(crate) const RUNNING: &str = "running";

pub(crate) const STOPPED: &str = "stopped";

pub(crate) const STARTING: &str = "starting";

#[derive(Clone)]
pub(crate) struct Vm {
    pub(crate) id: u64,
    pub(crate) uuid: String,
    pub(crate) name: String,
    pub(crate) hostname: String,
    pub(crate) description: String,
    /// The time when automatic backups were enabled or last created; `None` while they are disabled.
    pub(crate) backup_since: Option<DateTime<Utc>>,
    pub(crate) billing_account: u64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: Option<DateTime<Utc>>,
    pub(crate) deleted_at: Option<DateTime<Utc>>,
    pub(crate) mac: String,
    pub(crate) memory_mib: u64,
    pub(crate) vcpu: u64,
    pub(crate) os_name: String,
    pub(crate) os_version: String,
    pub(crate) network: String,
    pub(crate) private_ipv4: String,
    pub(crate) public_ipv6: String,
    pub(crate) pool: Option<&'static HostPool>,
    /// The user name as requested; a VM with cloud-init may have none.
    pub(crate) username: Option<String>,
    /// The users that can log in.
    pub(crate) users: Vec<String>,
    pub(crate) status: Pending<&'static str>,
    pub(crate) rescue: bool,
}

impl Vm {
    /// Returns whether the VM is in an intermediate state, and therefore locked.
    pub(crate) fn is_busy(&mut self, clock: &Clock) -> bool {
        ![RUNNING, STOPPED].contains(&self.status.peek(clock))
    }

    /// Returns the VM without its disks, which belong to the location.
    pub(crate) fn json(&self, status: &str) -> Value {
        let mut body = json!({
            "backup": self.backup_since.is_some(),
            "billing_account": self.billing_account,
            "created_at": seconds(self.created_at),
            "description": self.description,
            "hostname": self.hostname,
            "id": self.id,
            "mac": self.mac,
            "memory": self.memory_mib,
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

/// Returns a MAC address of the kind that the hypervisor assigns to network cards.
pub(crate) fn mac(ids: &mut Ids) -> String {
    let digits = ids.token(6);
    format!("52:54:00:{}:{}:{}", &digits[..2], &digits[2..4], &digits[4..])
}

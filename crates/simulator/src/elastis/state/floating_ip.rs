//! A public address that can be moved from one VM to another.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::user;
use crate::elastis::wire::times::seconds;

#[derive(Clone)]
pub(crate) struct Assignment {
    pub(crate) uuid: String,
    pub(crate) resource_type: &'static str,
    pub(crate) private_ip: String,
}

pub(crate) struct FloatingIp {
    pub(crate) id: u64,
    pub(crate) uuid: String,
    pub(crate) address: String,
    pub(crate) billing_account: u64,
    pub(crate) name: Option<String>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) assigned: Option<Assignment>,
    pub(crate) unassigned_at: Option<DateTime<Utc>>,
}

impl FloatingIp {
    pub(crate) fn is_assigned_to(&self, uuid: &str) -> bool {
        self.assigned.as_ref().is_some_and(|assigned| assigned.uuid == uuid)
    }

    pub(crate) fn unassign(&mut self, now: DateTime<Utc>) {
        if self.assigned.take().is_some() {
            self.unassigned_at = Some(now);
            self.updated_at = now;
        }
    }

    pub(crate) fn json(&self) -> Value {
        let mut body = json!({
            "id": self.id,
            "address": self.address,
            "user_id": user::ID,
            "billing_account_id": self.billing_account,
            "type": "public",
            "network_id": null,
            "name": self.name,
            "enabled": true,
            "created_at": seconds(self.created_at),
            "updated_at": seconds(self.updated_at),
            "is_deleted": false,
            "is_ipv6": false,
            "is_virtual": false,
            "uuid": self.uuid,
            "assigned_to": self.assigned.as_ref().map(|assigned| &assigned.uuid),
        });
        if let Some(assigned) = &self.assigned {
            body["assigned_to_resource_type"] = json!(assigned.resource_type);
            body["assigned_to_private_ip"] = json!(assigned.private_ip);
        } else if let Some(at) = self.unassigned_at {
            body["unassigned_at"] = json!(seconds(at));
        }
        body
    }
}

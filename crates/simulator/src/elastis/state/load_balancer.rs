//! A network load balancer.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::base::{Ids, Response};
use crate::elastis::wire::errors;
use crate::elastis::wire::times::seconds;

pub(crate) struct Rule {
    pub(crate) uuid: String,
    pub(crate) source_port: u64,
    pub(crate) target_port: u64,
    pub(crate) created_at: DateTime<Utc>,
}

impl Rule {
    pub(crate) fn json(&self) -> Value {
        json!({
            "uuid": self.uuid,
            "protocol": "TCP",
            "created_at": seconds(self.created_at),
            "source_port": self.source_port,
            "target_port": self.target_port,
            "settings": {"connection_limit": 10000, "session_persistence": "SOURCE_IP"},
        })
    }
}

pub(crate) struct Target {
    pub(crate) vm: String,
    pub(crate) created_at: DateTime<Utc>,
}

pub(crate) struct LoadBalancer {
    pub(crate) uuid: String,
    pub(crate) display_name: Option<String>,
    pub(crate) network: String,
    pub(crate) billing_account: u64,
    pub(crate) private_address: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) deleted_at: Option<DateTime<Utc>>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) targets: Vec<Target>,
}

impl LoadBalancer {
    pub(crate) fn add_rule(
        &mut self,
        (source_port, target_port): (u64, u64),
        ids: &mut Ids,
        now: DateTime<Utc>,
    ) -> Result<(), Response> {
        if self.rules.iter().any(|rule| rule.source_port == source_port) {
            return Err(errors::message(400, &format!("Source port {source_port} is in use already.")));
        }
        self.rules.push(Rule { uuid: ids.uuid(), source_port, target_port, created_at: now });
        Ok(())
    }

    pub(crate) fn add_target(&mut self, vm: String, now: DateTime<Utc>) -> Result<(), Response> {
        if self.targets.iter().any(|target| target.vm == vm) {
            return Err(errors::message(400, &format!("Target {vm} is linked already.")));
        }
        self.targets.push(Target { vm, created_at: now });
        Ok(())
    }
}

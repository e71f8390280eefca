//! The models of load balancers.

use std::net::IpAddr;

use elastis_core::{BillingAccountId, NetworkId, UserId, VmId};
use http_core::wire::{DateTime, Utc};
use serde::Serialize;

http_core::wire::uuid_id! {
    /// The id of a load balancer.
    pub struct LoadBalancerId;

    /// The id of a forwarding rule.
    pub struct RuleId;

    /// The id of a target. For a VM, it is the VM's id.
    pub struct TargetId;
}

impl From<VmId> for TargetId {
    fn from(vm: VmId) -> Self {
        Self::new(vm.get())
    }
}

http_core::wire::open_enum! {
    /// The kind of a target.
    pub enum TargetType {
        /// A VM.
        Vm = "vm",
    }

    /// The protocol that a rule forwards.
    pub enum Protocol {
        /// TCP connections.
        Tcp = "TCP",
    }

    /// How a rule assigns connections of the same client to the same target.
    pub enum SessionPersistence {
        /// By the client's IP address.
        SourceIp = "SOURCE_IP",
    }
}

/// The request for a new load balancer.
///
/// Without further settings, the load balancer has no rules or targets, is in the default network, has a public
/// address, and is paid for by the default billing account.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct NewLoadBalancer {
    /// The name, which must not be blank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The billing account that pays for the load balancer; `None` is the default account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_account_id: Option<BillingAccountId>,
    /// The network, usually that of the targets; `None` is the default network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_uuid: Option<NetworkId>,
    /// Whether a floating IP is reserved for the load balancer. **The address is billed.** The provider's default is
    /// `true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserve_public_ip: Option<bool>,
    /// The forwarding rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<NewRule>,
    /// The targets. The field is always sent, because the provider fails without it.
    pub targets: Vec<NewTarget>,
}

impl NewLoadBalancer {
    /// Creates a request for a load balancer without rules or targets.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name, which must not be blank.
    pub fn with_name(mut self, display_name: impl Into<String>) -> Self {
        self.display_name = Some(display_name.into());
        self
    }

    /// Sets the billing account that pays for the load balancer.
    pub fn with_billing_account(mut self, billing_account: BillingAccountId) -> Self {
        self.billing_account_id = Some(billing_account);
        self
    }

    /// Sets the network.
    pub fn with_network(mut self, network: NetworkId) -> Self {
        self.network_uuid = Some(network);
        self
    }

    /// Reserves a new floating IP for the load balancer. This is the provider's default. **You are billed for the
    /// address.**
    ///
    /// Whether a load balancer can get a floating IP that you already have is not documented: the provider's API
    /// [assigns](crate::FloatingIps::assign) addresses only to VMs.
    pub fn with_public_ip(mut self) -> Self {
        self.reserve_public_ip = Some(true);
        self
    }

    /// Reserves no floating IP: the load balancer is only reachable in its network.
    pub fn without_public_ip(mut self) -> Self {
        self.reserve_public_ip = Some(false);
        self
    }

    /// Adds a rule.
    pub fn with_rule(mut self, rule: NewRule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Adds a target: a [`VmId`], or a [`NewTarget`] for another kind of target.
    pub fn with_target(mut self, target: impl Into<NewTarget>) -> Self {
        self.targets.push(target.into());
        self
    }
}

/// The request for a new forwarding rule.
///
/// ```
/// use elastis_network::NewRule;
///
/// let rule = NewRule::new(443, 8443);
/// assert_eq!((rule.source_port, rule.target_port), (443, 8443));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NewRule {
    /// The port of the load balancer, for which there must be no other rule; at least 1.
    pub source_port: u16,
    /// The port of the targets; at least 1.
    pub target_port: u16,
}

impl NewRule {
    /// Creates a rule that forwards a port of the load balancer to a port of its targets.
    pub const fn new(source_port: u16, target_port: u16) -> Self {
        Self { source_port, target_port }
    }
}

/// The request for a new target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NewTarget {
    /// The id of the target; `target_uuid` on the wire.
    #[serde(rename = "target_uuid")]
    pub id: TargetId,
    /// The kind of the target.
    pub target_type: TargetType,
}

impl NewTarget {
    /// Creates a target of any kind. For a VM, `NewTarget::from(vm)` is shorter.
    pub fn new(id: TargetId, target_type: TargetType) -> Self {
        Self { id, target_type }
    }
}

impl From<VmId> for NewTarget {
    fn from(vm: VmId) -> Self {
        Self::new(vm.into(), TargetType::Vm)
    }
}

http_core::wire::models! {
    /// A load balancer.
    pub struct LoadBalancer {
        /// The load balancer's id.
        pub uuid: LoadBalancerId,
        /// The name, which is not necessarily unique.
        pub display_name: Option<String>,
        /// The load balancer's network.
        pub network_uuid: Option<NetworkId>,
        /// The user that owns the load balancer.
        pub user_id: Option<UserId>,
        /// The billing account that pays for the load balancer.
        pub billing_account_id: Option<BillingAccountId>,
        /// The private address in the network. The public address is a [floating
        /// IP](crate::FloatingIps::of_load_balancer).
        pub private_address: Option<IpAddr>,
        /// The time at which the load balancer was created.
        pub created_at: Option<DateTime<Utc>>,
        /// The time of the last update.
        pub updated_at: Option<DateTime<Utc>>,
        /// Whether the load balancer was deleted. It can still be read for a while.
        #[serde(rename = "is_deleted")]
        pub deleted: bool,
        /// The time at which the load balancer was deleted.
        pub deleted_at: Option<DateTime<Utc>>,
        /// The forwarding rules. Those of a deleted load balancer may lack most fields.
        pub forwarding_rules: Vec<ForwardingRule>,
        /// The targets. Those of a deleted load balancer may lack most fields.
        pub targets: Vec<Target>,
    }
}

impl LoadBalancer {
    /// Convenience method: returns whether the load balancer was deleted. The provider still returns it for a while.
    pub fn is_deleted(&self) -> bool {
        self.deleted
    }

    /// Convenience method: returns whether the load balancer has a private address in its network.
    pub fn has_address(&self) -> bool {
        self.private_address.is_some()
    }

    /// Convenience method: returns the rule for this port of the load balancer.
    pub fn rule_of(&self, source_port: u16) -> Option<&ForwardingRule> {
        self.forwarding_rules.iter().find(|rule| rule.source_port == Some(source_port))
    }

    /// Convenience method: returns whether this VM is a target of the load balancer.
    pub fn has_target(&self, target: impl Into<TargetId>) -> bool {
        let target = target.into();
        self.targets.iter().any(|row| row.target_uuid == Some(target))
    }
}

http_core::wire::models! {
    /// A forwarding rule of a load balancer. The response to adding a rule may contain only the two ports.
    pub struct ForwardingRule {
        /// The rule's id. If it is missing, get the load balancer and use [`LoadBalancer::rule_of`].
        pub uuid: Option<RuleId>,
        /// The protocol that the rule forwards.
        pub protocol: Option<Protocol>,
        /// The port of the load balancer.
        pub source_port: Option<u16>,
        /// The port of the targets.
        pub target_port: Option<u16>,
        /// The time at which the rule was created.
        pub created_at: Option<DateTime<Utc>>,
        /// The connection settings of the rule.
        pub settings: Option<RuleSettings>,
    }

    /// The connection settings of a forwarding rule.
    #[derive(Eq)]
    pub struct RuleSettings {
        /// The maximum number of concurrent connections.
        pub connection_limit: Option<u64>,
        /// How connections of the same client are assigned to the same target.
        pub session_persistence: Option<SessionPersistence>,
    }

    /// A target of a load balancer.
    pub struct Target {
        /// The target's id. For a VM, it is the VM's id: see [`vm`](Self::vm).
        pub target_uuid: Option<TargetId>,
        /// The kind of the target.
        pub target_type: Option<TargetType>,
        /// The private address of the target; `None`, for example, after the VM was deleted.
        pub target_ip_address: Option<IpAddr>,
        /// The time at which the target was added.
        pub created_at: Option<DateTime<Utc>>,
    }
}

impl Target {
    /// Convenience method: returns the id of the VM, or `None` if the target is not a VM.
    pub fn vm(&self) -> Option<VmId> {
        let is_vm = self.target_type == Some(TargetType::Vm);
        self.target_uuid.filter(|_| is_vm).map(|id| VmId::new(id.get()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn observed_a_deleted_balancer_is_decoded_without_most_fields() {
        let json = r#"{"uuid": "f80b1d62-ffe4-43ef-9210-60f05445456a", "is_deleted": true,
            "forwarding_rules": [{"source_port": 80}, {"protocol": null, "settings": {}}], "targets": [{}]}"#;
        let balancer: LoadBalancer = serde_json::from_str(json).unwrap();
        assert!(balancer.is_deleted() && balancer.rule_of(80).is_some());
        assert_eq!((balancer.forwarding_rules.len(), balancer.targets[0].vm()), (2, None));
    }
}

//! What is said of load balancers.

use std::net::IpAddr;
use std::num::NonZeroU16;

use elastis_core::{BillingAccountId, NetworkId, UserId, VmId};
use http_core::wire::{DateTime, InvalidValue, Utc};
use serde::Serialize;

http_core::wire::uuid_id! {
    /// The id of a load balancer.
    pub struct LoadBalancerId;

    /// The id of a forwarding rule.
    pub struct RuleId;

    /// The id of a target: that of the VM, where the target is one.
    pub struct TargetId;
}

impl From<VmId> for TargetId {
    fn from(vm: VmId) -> Self {
        Self::new(vm.get())
    }
}

http_core::wire::open_enum! {
    /// What kind of thing a target is.
    pub enum TargetType {
        /// A VM.
        Vm = "vm",
    }

    /// What a rule passes on.
    pub enum Protocol {
        /// TCP connections.
        Tcp = "TCP",
    }

    /// By what a rule leads the same visitor to the same target.
    pub enum SessionPersistence {
        /// The visitor's address.
        SourceIp = "SOURCE_IP",
    }
}

/// A load balancer that is to be made. Without settings it has neither rules nor targets, stands in the default
/// network, has a public address, and the default billing account pays.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct NewLoadBalancer {
    /// Its name, not blank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Who pays for it.
    #[serde(rename = "billing_account_id", skip_serializing_if = "Option::is_none")]
    pub billing_account: Option<BillingAccountId>,
    /// The load balancer's network, which should be that of its targets.
    #[serde(rename = "network_uuid", skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkId>,
    /// Whether a floating IP is reserved for it; the provider does so unless told otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserve_public_ip: Option<bool>,
    /// Its rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<NewRule>,
    /// Its targets. Always sent: the provider fails where they are left out.
    pub targets: Vec<NewTarget>,
}

impl NewLoadBalancer {
    /// A load balancer without rules and targets.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names it.
    pub fn with_name(mut self, display_name: impl Into<String>) -> Self {
        self.display_name = Some(display_name.into());
        self
    }

    /// Lets this account pay.
    pub fn with_billing_account(mut self, billing_account: BillingAccountId) -> Self {
        self.billing_account = Some(billing_account);
        self
    }

    /// Puts it into this network.
    pub fn with_network(mut self, network: NetworkId) -> Self {
        self.network = Some(network);
        self
    }

    /// Says whether a floating IP is reserved for it.
    pub fn with_public_ip(mut self, reserve: bool) -> Self {
        self.reserve_public_ip = Some(reserve);
        self
    }

    /// Adds a rule.
    pub fn with_rule(mut self, rule: NewRule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Adds a target: a [`VmId`], or a [`NewTarget`] of another kind.
    pub fn with_target(mut self, target: impl Into<NewTarget>) -> Self {
        self.targets.push(target.into());
        self
    }
}

/// A rule that is to be made.
///
/// ```
/// use elastis_network::NewRule;
///
/// let rule = NewRule::try_from((443, 8443))?;
/// assert_eq!((rule.source_port.get(), rule.target_port.get()), (443, 8443));
/// assert!(NewRule::try_from((0, 8443)).is_err());
/// # Ok::<(), elastis_network::http_core::wire::InvalidValue>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NewRule {
    /// The port of the load balancer; one that no other rule of it has.
    pub source_port: NonZeroU16,
    /// The port of the targets.
    pub target_port: NonZeroU16,
}

impl NewRule {
    /// A rule from a port of the load balancer to a port of its targets.
    pub const fn new(source_port: NonZeroU16, target_port: NonZeroU16) -> Self {
        Self { source_port, target_port }
    }
}

impl TryFrom<(u16, u16)> for NewRule {
    type Error = InvalidValue;

    fn try_from((source, target): (u16, u16)) -> Result<Self, InvalidValue> {
        match (NonZeroU16::new(source), NonZeroU16::new(target)) {
            (Some(source), Some(target)) => Ok(Self::new(source, target)),
            _ => Err(InvalidValue::new("a port must be between 1 and 65535")),
        }
    }
}

/// A target that is to be added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NewTarget {
    /// Which.
    #[serde(rename = "target_uuid")]
    pub id: TargetId,
    /// Of what kind.
    pub target_type: TargetType,
}

impl NewTarget {
    /// A target of any kind. For a VM, its id alone will do: `NewTarget::from(vm)`.
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
        /// The load balancer.
        pub uuid: LoadBalancerId,
        /// Its name.
        pub display_name: Option<String>,
        /// The load balancer's network.
        pub network_uuid: Option<NetworkId>,
        /// Whose it is.
        pub user_id: Option<UserId>,
        /// Who pays for it.
        pub billing_account_id: Option<BillingAccountId>,
        /// Its address in the network; the public one is a
        /// [floating IP](crate::FloatingIps::of_load_balancer).
        pub private_address: Option<IpAddr>,
        /// When it was made.
        pub created_at: Option<DateTime<Utc>>,
        /// When it was last changed.
        pub updated_at: Option<DateTime<Utc>>,
        /// Whether it was deleted, and is readable for only a while.
        #[serde(rename = "is_deleted")]
        pub deleted: bool,
        /// When it was deleted.
        pub deleted_at: Option<DateTime<Utc>>,
        /// The forwarding rules. Those of a deleted load balancer may lack most fields.
        pub forwarding_rules: Vec<ForwardingRule>,
        /// The targets. Those of a deleted load balancer may lack most fields.
        pub targets: Vec<Target>,
    }
}

impl LoadBalancer {
    /// Convenience method: whether the load balancer was deleted. The provider still returns it for a while.
    pub fn is_deleted(&self) -> bool {
        self.deleted
    }

    /// The rule of this port of the load balancer, if there is one.
    pub fn rule_of(&self, source_port: u16) -> Option<&ForwardingRule> {
        self.forwarding_rules.iter().find(|rule| rule.source_port == Some(source_port))
    }

    /// Whether this VM is among its targets.
    pub fn has_target(&self, target: impl Into<TargetId>) -> bool {
        let target = target.into();
        self.targets.iter().any(|row| row.target_uuid == Some(target))
    }
}

http_core::wire::models! {
    /// A forwarding rule of a load balancer. The response to adding one may contain no more than the two ports.
    pub struct ForwardingRule {
        /// The id of the rule. Where it is missing, [`LoadBalancer::rule_of`] finds it.
        pub uuid: Option<RuleId>,
        /// The protocol that the rule forwards.
        pub protocol: Option<Protocol>,
        /// The port of the load balancer.
        pub source_port: Option<u16>,
        /// The port of the targets.
        pub target_port: Option<u16>,
        /// When the rule was created.
        pub created_at: Option<DateTime<Utc>>,
        /// How the rule treats connections.
        pub settings: Option<RuleSettings>,
    }

    /// How a rule treats connections.
    #[derive(Eq)]
    pub struct RuleSettings {
        /// The maximum number of connections at a time.
        pub connection_limit: Option<u64>,
        /// By what the same visitor comes to the same target.
        pub session_persistence: Option<SessionPersistence>,
    }

    /// A target of a load balancer.
    pub struct Target {
        /// The id of the target: that of the VM, where the target is one. See [`vm`](Self::vm).
        pub target_uuid: Option<TargetId>,
        /// What kind of thing the target is.
        pub target_type: Option<TargetType>,
        /// The private address of the target; `None` e.g. once the VM is gone.
        pub target_ip_address: Option<IpAddr>,
        /// When the target was added.
        pub created_at: Option<DateTime<Utc>>,
    }
}

impl Target {
    /// Returns the id of the VM, where the target is one.
    pub fn vm(&self) -> Option<VmId> {
        let is_vm = self.target_type == Some(TargetType::Vm);
        self.target_uuid.filter(|_| is_vm).map(|id| VmId::new(id.get()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn observed_a_deleted_balancer_is_read_whatever_its_rules_and_targets_lack() {
        let json = r#"{"uuid": "f80b1d62-ffe4-43ef-9210-60f05445456a", "is_deleted": true,
            "forwarding_rules": [{"source_port": 80}, {"protocol": null, "settings": {}}], "targets": [{}]}"#;
        let balancer: LoadBalancer = serde_json::from_str(json).unwrap();
        assert!(balancer.is_deleted() && balancer.rule_of(80).is_some());
        assert_eq!((balancer.forwarding_rules.len(), balancer.targets[0].vm()), (2, None));
    }
}

//! What is said of load balancers.

use std::net::IpAddr;
use std::num::NonZeroU16;

use elastis_core::{BillingAccountId, NetworkId, UserId, VmId};
use http_core::wire::{DateTime, EmptyAsNone, Flag, Int, Invalid, Opt, Rows, Timestamp, Utc};
use serde::{Deserialize, Serialize};
use serde_with::{DefaultOnNull, serde_as};

http_core::uuid_id! {
    /// The id of a load balancer.
    pub struct LoadBalancerId;

    /// The id of a forwarding rule.
    pub struct RuleId;

    /// The id of a target: that of the machine, where the target is one.
    pub struct TargetId;
}

impl From<VmId> for TargetId {
    fn from(vm: VmId) -> Self {
        Self::new(vm.get())
    }
}

http_core::open_enum! {
    /// What kind of thing a target is.
    pub enum TargetType {
        /// A machine.
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
    /// The network that it stands in, which should be that of its targets.
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
/// # Ok::<(), elastis_network::http_core::wire::Invalid>(())
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
    type Error = Invalid;

    fn try_from((source, target): (u16, u16)) -> Result<Self, Invalid> {
        match (NonZeroU16::new(source), NonZeroU16::new(target)) {
            (Some(source), Some(target)) => Ok(Self::new(source, target)),
            _ => Err(Invalid::new("a port must be between 1 and 65535")),
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
    /// A target of any kind. For a machine, its id alone will do: `NewTarget::from(vm)`.
    pub fn new(id: TargetId, target_type: TargetType) -> Self {
        Self { id, target_type }
    }
}

impl From<VmId> for NewTarget {
    fn from(vm: VmId) -> Self {
        Self::new(vm.into(), TargetType::Vm)
    }
}

/// A load balancer.
#[serde_as]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LoadBalancer {
    /// The load balancer.
    pub uuid: LoadBalancerId,
    /// Its name.
    #[serde_as(as = "EmptyAsNone")]
    #[serde(default)]
    pub display_name: Option<String>,
    /// The network that it stands in.
    pub network_uuid: NetworkId,
    /// Whose it is.
    #[serde_as(as = "EmptyAsNone")]
    #[serde(default)]
    pub user_id: Option<UserId>,
    /// Who pays for it.
    pub billing_account_id: BillingAccountId,
    /// Its address in the network; the public one is a
    /// [floating IP](crate::FloatingIps::of_load_balancer).
    #[serde_as(as = "Opt")]
    #[serde(default)]
    pub private_address: Option<IpAddr>,
    /// When it was made.
    #[serde_as(as = "Timestamp")]
    #[serde(default)]
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    #[serde_as(as = "Timestamp")]
    #[serde(default)]
    pub updated_at: Option<DateTime<Utc>>,
    /// Whether it was deleted, and is readable for only a while.
    #[serde_as(as = "DefaultOnNull<Flag>")]
    #[serde(default)]
    pub is_deleted: bool,
    /// When it was deleted.
    #[serde_as(as = "Timestamp")]
    #[serde(default)]
    pub deleted_at: Option<DateTime<Utc>>,
    /// What it passes on.
    #[serde_as(as = "Rows")]
    #[serde(default)]
    pub forwarding_rules: Vec<ForwardingRule>,
    /// To whom.
    #[serde_as(as = "Rows")]
    #[serde(default)]
    pub targets: Vec<Target>,
}

impl LoadBalancer {
    /// The rule of this port of the load balancer, if there is one.
    pub fn rule_of(&self, source_port: u16) -> Option<&ForwardingRule> {
        self.forwarding_rules.iter().find(|rule| rule.source_port == source_port)
    }

    /// Whether this machine is among its targets.
    pub fn has_target(&self, target: impl Into<TargetId>) -> bool {
        let target = target.into();
        self.targets.iter().any(|row| row.target_uuid == target)
    }
}

/// A rule of a load balancer.
#[serde_as]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ForwardingRule {
    /// The rule.
    pub uuid: RuleId,
    /// What it passes on; TCP where the provider does not tell.
    #[serde(default = "tcp")]
    pub protocol: Protocol,
    /// The port of the load balancer.
    #[serde_as(as = "Int")]
    pub source_port: u16,
    /// The port of the targets.
    #[serde_as(as = "Int")]
    pub target_port: u16,
    /// When it was made.
    #[serde_as(as = "Timestamp")]
    #[serde(default)]
    pub created_at: Option<DateTime<Utc>>,
    /// How it treats connections.
    #[serde_as(as = "Opt")]
    #[serde(default)]
    pub settings: Option<RuleSettings>,
}

fn tcp() -> Protocol {
    Protocol::Tcp
}

/// How a rule treats connections.
#[serde_as]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RuleSettings {
    /// How many connections there may be at a time.
    #[serde_as(as = "Opt<Int>")]
    #[serde(default)]
    pub connection_limit: Option<u64>,
    /// By what the same visitor comes to the same target.
    #[serde_as(as = "EmptyAsNone")]
    #[serde(default)]
    pub session_persistence: Option<SessionPersistence>,
}

/// A rule as the reply to adding it tells: two ports, or more.
#[serde_as]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AddedRule {
    /// The rule, where the provider tells; else [`LoadBalancer::rule_of`] finds it.
    #[serde_as(as = "EmptyAsNone")]
    #[serde(default)]
    pub uuid: Option<RuleId>,
    /// What it passes on, where the provider tells.
    #[serde_as(as = "EmptyAsNone")]
    #[serde(default)]
    pub protocol: Option<Protocol>,
    /// The port of the load balancer.
    #[serde_as(as = "Int")]
    pub source_port: u16,
    /// The port of the targets.
    #[serde_as(as = "Int")]
    pub target_port: u16,
    /// When it was made, where the provider tells.
    #[serde_as(as = "Timestamp")]
    #[serde(default)]
    pub created_at: Option<DateTime<Utc>>,
    /// How it treats connections, where the provider tells.
    #[serde_as(as = "Opt")]
    #[serde(default)]
    pub settings: Option<RuleSettings>,
}

/// A target of a load balancer.
#[serde_as]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Target {
    /// Which; the machine's id, where it is one. See [`vm`](Self::vm).
    pub target_uuid: TargetId,
    /// Of what kind.
    pub target_type: TargetType,
    /// Its private address; `None` e.g. once the machine is gone.
    #[serde_as(as = "Opt")]
    #[serde(default)]
    pub target_ip_address: Option<IpAddr>,
    /// When it was added.
    #[serde_as(as = "Timestamp")]
    #[serde(default)]
    pub created_at: Option<DateTime<Utc>>,
}

impl Target {
    /// The machine, where the target is one.
    pub fn vm(&self) -> Option<VmId> {
        (self.target_type == TargetType::Vm).then(|| VmId::new(self.target_uuid.get()))
    }
}

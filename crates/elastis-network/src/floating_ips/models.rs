//! What is said of floating IPs.

use std::net::IpAddr;

use elastis_core::{BillingAccountId, UserId, VmId};
use http_core::wire::{DateTime, Utc};
use serde::Serialize;

use crate::load_balancers::LoadBalancerId;

/// Which address is to be reserved.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct NewFloatingIp {
    /// Who pays for it.
    #[serde(rename = "billing_account_id")]
    pub billing_account: BillingAccountId,
    /// A name for it, not blank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl NewFloatingIp {
    /// An address without a name that this account pays for.
    pub fn new(billing_account: BillingAccountId) -> Self {
        Self { billing_account, name: None }
    }

    /// Names it.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

/// Which floating IPs are listed: all, unless told otherwise.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct FloatingIpFilter {
    /// Only those that this account pays for.
    pub billing_account: Option<BillingAccountId>,
    /// Only those that this VM has.
    pub vm: Option<VmId>,
}

impl FloatingIpFilter {
    /// All of them.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only those that this account pays for.
    pub fn with_billing_account(mut self, billing_account: BillingAccountId) -> Self {
        self.billing_account = Some(billing_account);
        self
    }

    /// Only those that this VM has.
    pub fn with_vm(mut self, vm: VmId) -> Self {
        self.vm = Some(vm);
        self
    }
}

/// What is to change about a floating IP; at least one thing must be set.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct FloatingIpUpdate {
    /// Its new name, not blank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who pays for it from now on.
    #[serde(rename = "billing_account_id", skip_serializing_if = "Option::is_none")]
    pub billing_account: Option<BillingAccountId>,
}

impl FloatingIpUpdate {
    /// No change yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives it another name.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Lets another billing account pay.
    pub fn with_billing_account(mut self, billing_account: BillingAccountId) -> Self {
        self.billing_account = Some(billing_account);
        self
    }
}

http_core::wire::integer_id! {
    /// The number of a floating IP. Calls name it by its address, not by this.
    pub struct FloatingIpId;
}

http_core::wire::uuid_id! {
    /// The id of what has a floating IP: a VM, a load balancer or another service.
    pub struct AssigneeId;
}

impl From<VmId> for AssigneeId {
    fn from(vm: VmId) -> Self {
        Self::new(vm.get())
    }
}

impl From<LoadBalancerId> for AssigneeId {
    fn from(id: LoadBalancerId) -> Self {
        Self::new(id.get())
    }
}

http_core::wire::open_enum! {
    /// What kind a floating IP is of.
    pub enum FloatingIpType {
        /// Reached from everywhere.
        Public = "public",
    }

    /// The kind of resource that a floating IP is assigned to. Some responses say `service` for a VM: compare ids instead.
    pub enum AssigneeType {
        /// A VM.
        VirtualMachine = "virtual_machine",
        /// A load balancer.
        LoadBalancer = "load_balancer",
        /// A service of the provider, or a VM.
        Service = "service",
    }
}

http_core::wire::models! {
    /// A public address.
    pub struct FloatingIp {
        /// The number of the address.
        pub id: Option<FloatingIpId>,
        /// The address, by which calls name it.
        pub address: IpAddr,
        /// Its UUID, which the provider shows at times; no call takes it.
        pub uuid: Option<String>,
        /// Whose it is.
        pub user_id: Option<UserId>,
        /// Who pays for it.
        pub billing_account_id: Option<BillingAccountId>,
        /// Its kind.
        #[serde(rename = "type")]
        pub ip_type: Option<FloatingIpType>,
        /// Its network as the provider gives it, which is not at all so far.
        pub network_id: Option<String>,
        /// Its name.
        pub name: Option<String>,
        /// Whether the address is in service.
        pub enabled: Option<bool>,
        /// Whether it was given back; `false` if the provider does not say.
        #[serde(rename = "is_deleted")]
        pub deleted: bool,
        /// Whether the provider calls it virtual.
        pub is_virtual: Option<bool>,
        /// Whether it is an IPv6 address, if the provider says so; [`address`](Self::address) always shows it.
        pub is_ipv6: Option<bool>,
        /// When it was reserved.
        pub created_at: Option<DateTime<Utc>>,
        /// When it was last changed.
        pub updated_at: Option<DateTime<Utc>>,
        /// When it was last taken from what had it.
        pub unassigned_at: Option<DateTime<Utc>>,
        /// What has it; `None` while nothing does. See [`is_assigned_to`](Self::is_assigned_to).
        pub assigned_to: Option<AssigneeId>,
        /// What kind of thing has it.
        pub assigned_to_resource_type: Option<AssigneeType>,
        /// The private address behind it.
        pub assigned_to_private_ip: Option<IpAddr>,
    }
}

impl FloatingIp {
    /// Convenience method: whether the floating IP was deleted. The provider still returns it for a while.
    pub fn is_deleted(&self) -> bool {
        self.deleted
    }

    /// Whether this VM, or this load balancer, has it.
    pub fn is_assigned_to(&self, id: impl Into<AssigneeId>) -> bool {
        self.assigned_to == Some(id.into())
    }
}

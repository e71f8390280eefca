//! The models of floating IPs.

use std::net::IpAddr;

use elastis_core::{BillingAccountId, UserId, VmId};
use http_core::wire::{DateTime, Utc};
use serde::Serialize;

use crate::load_balancers::LoadBalancerId;

/// The request for a new floating IP.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct NewFloatingIp {
    /// The billing account that pays for the address.
    pub billing_account_id: BillingAccountId,
    /// The name, which must not be blank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl NewFloatingIp {
    /// Creates a request for an unnamed address that this account pays for.
    pub fn new(billing_account: BillingAccountId) -> Self {
        Self { billing_account_id: billing_account, name: None }
    }

    /// Sets the name, which must not be blank.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

/// A filter for floating IPs. An empty filter matches all of them.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct FloatingIpFilter {
    /// The billing account that pays for the floating IPs.
    pub billing_account_id: Option<BillingAccountId>,
    /// The VM that the floating IPs are assigned to.
    pub vm: Option<VmId>,
}

impl FloatingIpFilter {
    /// Creates a filter that matches all floating IPs.
    pub fn new() -> Self {
        Self::default()
    }

    /// Restricts the filter to floating IPs that this account pays for.
    pub fn with_billing_account(mut self, billing_account: BillingAccountId) -> Self {
        self.billing_account_id = Some(billing_account);
        self
    }

    /// Restricts the filter to floating IPs that are assigned to this VM.
    pub fn with_vm(mut self, vm: VmId) -> Self {
        self.vm = Some(vm);
        self
    }
}

/// The update of a floating IP. At least one field must be set.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct FloatingIpUpdate {
    /// The new name, which must not be blank; `None` keeps the current one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The new billing account; `None` keeps the current one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_account_id: Option<BillingAccountId>,
}

impl FloatingIpUpdate {
    /// Creates an update without fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the new name, which must not be blank.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the new billing account.
    pub fn with_billing_account(mut self, billing_account: BillingAccountId) -> Self {
        self.billing_account_id = Some(billing_account);
        self
    }
}

http_core::wire::integer_id! {
    /// The id of a floating IP. Calls use the address instead.
    pub struct FloatingIpId;
}

http_core::wire::text_id! {
    /// The id of the resource that a floating IP is assigned to: a VM, a load balancer or another service. VMs and load
    /// balancers have UUIDs; an id in another form shows only that the address is in use.
    pub struct AssigneeId;
}

impl AssigneeId {
    /// Returns the UUID of a VM or load balancer, or `None` for an id in another form.
    pub(crate) fn uuid(&self) -> Option<impl Copy + Eq + use<>> {
        self.as_str().parse().map(VmId::get).ok()
    }
}

impl From<VmId> for AssigneeId {
    fn from(vm: VmId) -> Self {
        Self::new(vm.to_string())
    }
}

impl From<LoadBalancerId> for AssigneeId {
    fn from(id: LoadBalancerId) -> Self {
        Self::new(id.to_string())
    }
}

http_core::wire::open_enum! {
    /// The kind of a floating IP.
    pub enum FloatingIpType {
        /// Reachable from the internet.
        Public = "public",
    }

    /// The kind of resource that a floating IP is assigned to. Some responses contain `service` for a VM: compare ids
    /// instead.
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
    /// A floating IP: a public address that can be assigned to a VM or load balancer.
    pub struct FloatingIp {
        /// The id of the floating IP.
        pub id: Option<FloatingIpId>,
        /// The address, which identifies the floating IP in calls.
        pub address: IpAddr,
        /// A UUID that some responses contain. No call uses it.
        pub uuid: Option<String>,
        /// The user that owns the floating IP.
        pub user_id: Option<UserId>,
        /// The billing account that pays for the floating IP.
        pub billing_account_id: Option<BillingAccountId>,
        /// The kind of the floating IP; `type` on the wire.
        #[serde(rename = "type")]
        pub ip_type: Option<FloatingIpType>,
        /// The network, as the provider sends it. All known responses contain null.
        pub network_id: Option<String>,
        /// The name, which is not necessarily unique.
        pub name: Option<String>,
        /// Whether the address is in service.
        pub enabled: Option<bool>,
        /// Whether the floating IP was released; `false` if the response does not contain the field.
        #[serde(rename = "is_deleted")]
        pub deleted: bool,
        /// The provider's flag for virtual addresses; its meaning is not documented.
        pub is_virtual: Option<bool>,
        /// Whether the address is an IPv6 address, if the response contains the field. [`address`](Self::address)
        /// always shows the version.
        pub is_ipv6: Option<bool>,
        /// The time at which the address was reserved.
        pub created_at: Option<DateTime<Utc>>,
        /// The time of the last update.
        pub updated_at: Option<DateTime<Utc>>,
        /// The time at which the address was last unassigned.
        pub unassigned_at: Option<DateTime<Utc>>,
        /// The id of the resource that the address is assigned to, usually a VM or load balancer. `None` does not prove
        /// that it is unassigned: see [`is_unassigned`](Self::is_unassigned).
        #[serde_as(as = http_core::wire::AnyAsText)]
        #[serde(default)]
        pub assigned_to: Option<AssigneeId>,
        /// The kind of resource that the address is assigned to.
        #[serde_as(as = http_core::wire::AnyAsText)]
        #[serde(default)]
        pub assigned_to_resource_type: Option<AssigneeType>,
        /// The private address that the floating IP forwards to.
        pub assigned_to_private_ip: Option<IpAddr>,
    }
}

impl FloatingIp {
    /// Convenience method: returns whether the floating IP was released. The provider still returns it for a while.
    pub fn is_deleted(&self) -> bool {
        self.deleted
    }

    /// Convenience method: returns whether the floating IP is assigned to this VM or load balancer.
    pub fn is_assigned_to(&self, id: impl Into<AssigneeId>) -> bool {
        let assignee = self.assigned_to.as_ref().and_then(AssigneeId::uuid);
        assignee.is_some() && assignee == id.into().uuid()
    }

    /// Returns whether the floating IP is assigned to this resource, or to one whose id is missing or unreadable in the
    /// response and that is not known to be of the `other` kind.
    pub(crate) fn may_be_assigned_to(&self, id: impl Into<AssigneeId>, other: &AssigneeType) -> bool {
        let is_unclear = self.assigned_to.as_ref().and_then(AssigneeId::uuid).is_none()
            && !self.is_unassigned()
            && self.assigned_to_resource_type.as_ref() != Some(other);
        !self.is_deleted() && (is_unclear || self.is_assigned_to(id))
    }

    /// Returns whether both show the same address, but an id that differs. The creation times are not compared, because
    /// their precision differs between responses.
    pub(crate) fn is_other_reservation(&self, other: &Self) -> bool {
        let uuids = self.uuid.as_ref().zip(other.uuid.as_ref());
        self.id.zip(other.id).is_some_and(|(one, other)| one != other)
            || uuids.is_some_and(|(one, other)| !one.eq_ignore_ascii_case(other))
    }

    /// Convenience method: returns whether nothing uses the floating IP. A response may lack the id of the resource
    /// that the floating IP is assigned to, so the resource's type and private address must be missing as well. If the
    /// provider leaves one of them in the response after the address was unassigned, the address counts as used, because
    /// an address in use must not be released.
    pub fn is_unassigned(&self) -> bool {
        self.assigned_to.is_none()
            && self.assigned_to_resource_type.is_none()
            && self.assigned_to_private_ip.is_none()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn an_address_whose_use_has_an_unexpected_form_is_not_unassigned() {
        let read = |key: &str, value: Value| -> FloatingIp {
            serde_json::from_value(json!({"address": "198.18.0.1", key: value})).unwrap()
        };
        for key in ["assigned_to", "assigned_to_resource_type"] {
            for value in
                [json!({"uuid": "f80b1d62"}), json!([7]), json!([]), json!(true), json!(7), json!("x")]
            {
                assert!(!read(key, value.clone()).is_unassigned(), "{key} {value}");
            }
            for value in [Value::Null, json!("")] {
                assert!(read(key, value.clone()).is_unassigned(), "{key} {value}");
            }
        }
    }
}

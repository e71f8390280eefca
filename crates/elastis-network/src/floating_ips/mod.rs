//! Public addresses that can be moved from one VM to another.

use std::net::IpAddr;

use elastis_core::{Elastis, VmId};
use http_core::client::{Accepted, CallBuilder, Operation, operations};
use http_core::recovery::Create;
use http_core::wire::InvalidValue;
use http_core::{Call, ListCall};
use serde::Serialize;

use self::recover::SoughtAddress;
use crate::load_balancers::LoadBalancerId;
use crate::networks::named;

mod models;
mod recover;

pub use models::{
    AssigneeId, AssigneeType, FloatingIp, FloatingIpFilter, FloatingIpId, FloatingIpType, FloatingIpUpdate,
    NewFloatingIp,
};

operations![
    CREATE = Operation::post("floating_ip.create", "/v1/network/ip_addresses")
        .location_scoped()
        .with_recovery_hint("look in floating_ips().list() for a new address")
        .recoverable(),
    LIST = Operation::get("floating_ip.list", "/v1/network/ip_addresses").location_scoped(),
    GET =
        Operation::get("floating_ip.get", "/v1/network/ip_addresses/{public_ipv4_address}").location_scoped(),
    UPDATE = Operation::patch("floating_ip.update", "/v1/network/ip_addresses/{public_ipv4_address}")
        .location_scoped(),
    DELETE = Operation::delete("floating_ip.delete", "/v1/network/ip_addresses/{public_ipv4_address}")
        .location_scoped(),
    ASSIGN = Operation::post("floating_ip.assign", "/v1/network/ip_addresses/{public_ipv4_address}/assign")
        .idempotent()
        .location_scoped(),
    UNASSIGN =
        Operation::post("floating_ip.unassign", "/v1/network/ip_addresses/{public_ipv4_address}/unassign")
            .idempotent()
            .location_scoped(),
];

/// The floating IPs of a location; from [`ElastisNetwork::floating_ips`](crate::ElastisNetwork::floating_ips).
///
/// **A floating IP is paid for as long as it exists**, also while nothing has it, e.g. after its VM or
/// load balancer was deleted: see [`unassigned`](Self::unassigned).
///
/// An address stands for its floating IP in every call; the provider documents IPv4 addresses only. One that
/// the location does not know gives an error that [`is_not_found`](http_core::Error::is_not_found).
#[derive(Clone, Debug)]
pub struct FloatingIps {
    pub(crate) elastis: Elastis,
}

impl FloatingIps {
    pub(crate) fn new(elastis: Elastis) -> Self {
        Self { elastis }
    }

    /// Reserves an address. **You are billed from this point.**
    ///
    /// [`recover`](Create::recover) finds the address if the response is lost: give it a
    /// [name](NewFloatingIp::with_name), because an address without one cannot be told from any other new one.
    ///
    /// `POST /v1/network/ip_addresses`
    ///
    /// ```
    /// use elastis_network::{ElastisNetwork, NewFloatingIp};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let new = NewFloatingIp::new(account).with_name("shop");
    /// let ip = elastis.floating_ips().create(new).await?;
    /// println!("{} is ours", ip.address);
    /// # Ok(()) });
    /// ```
    pub fn create(&self, new: NewFloatingIp) -> Create<FloatingIp> {
        let sought = SoughtAddress::new(&new);
        let draft = self.elastis.call(&CREATE).json_body(&new);
        let draft = match new.name {
            Some(name) => named(draft, &name),
            None => draft,
        };
        Create::new(draft.json(), self.clone(), sought, Accepted::Now)
    }

    /// All floating IPs of the location.
    ///
    /// `GET /v1/network/ip_addresses`
    ///
    /// ```
    /// use elastis_network::ElastisNetwork;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// for ip in elastis.floating_ips().list().await? {
    ///     println!("{} is assigned to {:?}", ip.address, ip.assigned_to);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn list(&self) -> ListCall<FloatingIp> {
        self.list_filtered(FloatingIpFilter::new())
    }

    /// The floating IPs that one billing account pays for, or that one VM has.
    ///
    /// `GET /v1/network/ip_addresses`
    ///
    /// ```
    /// use elastis_network::{ElastisNetwork, FloatingIpFilter};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let filter = FloatingIpFilter::new().with_billing_account(account);
    /// let ips = elastis.floating_ips().list_filtered(filter).await?;
    /// assert!(ips.iter().all(|ip| ip.billing_account_id == Some(account)));
    /// # Ok(()) });
    /// ```
    pub fn list_filtered(&self, filter: FloatingIpFilter) -> ListCall<FloatingIp> {
        self.elastis
            .call(&LIST)
            .query_optional("billing_account_id", filter.billing_account)
            .query_optional("vm_uuid", filter.vm)
            .list()
    }

    /// One floating IP.
    ///
    /// `GET /v1/network/ip_addresses/{public_ipv4_address}`
    ///
    /// ```
    /// use std::net::Ipv4Addr;
    ///
    /// use elastis_network::ElastisNetwork;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let ip = elastis.floating_ips().get(Ipv4Addr::new(203, 0, 113, 7)).optional().await?;
    /// println!("{}", if ip.is_some() { "still ours" } else { "somebody else's" });
    /// # Ok(()) });
    /// ```
    pub fn get(&self, address: impl Into<IpAddr>) -> Call<FloatingIp> {
        self.one(&GET, address).json()
    }

    /// Changes the name of a floating IP, or who pays for it. What is not set stays as it is.
    ///
    /// `PATCH /v1/network/ip_addresses/{public_ipv4_address}`
    ///
    /// ```
    /// use elastis_network::{ElastisNetwork, FloatingIpUpdate, NewFloatingIp};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let ip = elastis.floating_ips().create(NewFloatingIp::new(account)).await?;
    /// let ip = elastis.floating_ips().update(ip.address, FloatingIpUpdate::new().with_name("mail")).await?;
    /// assert_eq!(ip.name.as_deref(), Some("mail"));
    /// # Ok(()) });
    /// ```
    pub fn update(&self, address: impl Into<IpAddr>, update: FloatingIpUpdate) -> Call<FloatingIp> {
        let draft = self.one(&UPDATE, address).json_body(&update);
        match (update.name, update.billing_account) {
            (None, None) => draft.invalid(InvalidValue::new(
                "the update of a floating IP must set a name or a billing account",
            )),
            (Some(name), _) => named(draft, &name),
            (None, Some(_)) => draft,
        }
        .json()
    }

    /// Gives an address back for good: whoever comes next may get it. It is no longer paid for.
    ///
    /// `DELETE /v1/network/ip_addresses/{public_ipv4_address}`
    ///
    /// ```
    /// use elastis_network::{ElastisNetwork, NewFloatingIp};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let ip = elastis.floating_ips().create(NewFloatingIp::new(account)).await?;
    /// elastis.floating_ips().delete(ip.address).await?;
    /// assert!(elastis.floating_ips().get(ip.address).optional().await?.is_none());
    /// # Ok(()) });
    /// ```
    pub fn delete(&self, address: impl Into<IpAddr>) -> Call<()> {
        let (address, ips) = (address.into(), self.clone());
        let look = move || ips.get(address).optional().map(|ip| ip.is_none_or(|ip| ip.is_deleted()));
        self.one(&DELETE, address).confirm_by("", look).empty()
    }

    /// Gives an address to a VM of the same location. [Unassign](Self::unassign) one that something else
    /// has first: the provider does not promise to move it, and may refuse.
    ///
    /// `POST /v1/network/ip_addresses/{public_ipv4_address}/assign`
    ///
    /// ```
    /// use elastis_network::{ElastisNetwork, NewFloatingIp};
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// # let account = vm.billing_account.ok_or("no billing account")?;
    /// let ip = elastis.floating_ips().create(NewFloatingIp::new(account)).await?;
    /// let ip = elastis.floating_ips().assign(ip.address, vm.uuid).await?;
    /// assert!(ip.is_assigned_to(vm.uuid));
    /// # Ok(()) });
    /// ```
    pub fn assign(&self, address: impl Into<IpAddr>, vm: VmId) -> Call<FloatingIp> {
        #[derive(Serialize)]
        struct Body {
            vm_uuid: VmId,
        }
        let (address, ips) = (address.into(), self.clone());
        let call = self.one(&ASSIGN, address).json_body(&Body { vm_uuid: vm });
        call.confirm_by_state(move || ips.get(address), move |ip| ip.is_assigned_to(vm)).json()
    }

    /// Takes an address from what has it. It stays reserved, and paid for.
    ///
    /// `POST /v1/network/ip_addresses/{public_ipv4_address}/unassign`
    ///
    /// ```
    /// use elastis_network::ElastisNetwork;
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// for ip in elastis.floating_ips().of_vm(vm.uuid).await? {
    ///     elastis.floating_ips().unassign(ip.address).await?;
    /// }
    /// assert_eq!(elastis.floating_ips().unassigned().await?.len(), 1);
    /// # Ok(()) });
    /// ```
    pub fn unassign(&self, address: impl Into<IpAddr>) -> Call<FloatingIp> {
        let (address, ips) = (address.into(), self.clone());
        let call = self.one(&UNASSIGN, address);
        // An id that cannot be read is none either: the address must show nothing of what had it.
        let is_free = |ip: &FloatingIp| {
            ip.assigned_to.is_none()
                && ip.assigned_to_resource_type.is_none()
                && ip.assigned_to_private_ip.is_none()
        };
        call.confirm_by_state(move || ips.get(address), is_free).json()
    }

    /// Convenience method: returns the floating IPs of exactly this name, from the list. Names are not unique.
    ///
    /// ```
    /// use elastis_network::{ElastisNetwork, NewFloatingIp};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// elastis.floating_ips().create(NewFloatingIp::new(account).with_name("shop")).await?;
    /// let ips = elastis.floating_ips().find_by_name("shop").await?;
    /// assert_eq!(ips.len(), 1);
    /// # Ok(()) });
    /// ```
    pub fn find_by_name(&self, name: impl Into<String>) -> ListCall<FloatingIp> {
        let name = name.into();
        self.list().filter(move |ip| ip.name.as_ref() == Some(&name))
    }

    /// Convenience method: returns the public addresses of a VM: [`list_filtered`](Self::list_filtered) by the VM,
    /// without those that are not assigned to it.
    ///
    /// ```
    /// use elastis_network::ElastisNetwork;
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// for ip in elastis.floating_ips().of_vm(vm.uuid).await? {
    ///     println!("{} is reached at {}", vm.name, ip.address);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn of_vm(&self, vm: VmId) -> ListCall<FloatingIp> {
        let filtered = self.list_filtered(FloatingIpFilter::new().with_vm(vm));
        filtered.filter(move |ip| ip.is_assigned_to(vm))
    }

    /// Convenience method: returns the public addresses of a load balancer, from the list, because the load
    /// balancer does not contain them.
    pub fn of_load_balancer(&self, id: LoadBalancerId) -> ListCall<FloatingIp> {
        self.list().filter(move |ip| ip.is_assigned_to(id))
    }

    /// Convenience method: returns the addresses that are billed and assigned to nothing, from the list.
    ///
    /// ```
    /// use elastis_network::ElastisNetwork;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// for ip in elastis.floating_ips().unassigned().await? {
    ///     println!("{} is unused since {:?}", ip.address, ip.unassigned_at.or(ip.created_at));
    /// }
    /// # Ok(()) });
    /// ```
    pub fn unassigned(&self) -> ListCall<FloatingIp> {
        self.list().filter(|ip| ip.assigned_to.is_none() && !ip.is_deleted())
    }

    fn one(&self, operation: &'static Operation, address: impl Into<IpAddr>) -> CallBuilder {
        self.elastis.call(operation).path("public_ipv4_address", address.into())
    }
}

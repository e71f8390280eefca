//! Floating IPs: public addresses that can be moved between VMs.

use std::fmt::Display;
use std::net::IpAddr;

use elastis_core::{Elastis, VmId};
use http_core::client::{Accepted, CallBuilder, Operation, operations};
use http_core::recovery::{Create, Ensure, Recover, Ticket};
use http_core::wire::InvalidValue;
use http_core::{Call, ListCall};
use serde::Serialize;

use self::recover::WantedAddress;
use crate::networks::named;

mod convenience;
mod held;
mod models;
mod recover;

pub use models::{
    AssigneeId, AssigneeType, FloatingIp, FloatingIpFilter, FloatingIpId, FloatingIpType, FloatingIpUpdate,
    NewFloatingIp,
};

operations![
    CREATE = Operation::post("floating_ip.create", "/v1/network/ip_addresses")
        .location_scoped()
        .with_recovery_hint("look for the new floating IP in floating_ips().list()")
        .recoverable()
        .returns_id("address"),
    LIST = Operation::get("floating_ip.list", "/v1/network/ip_addresses").location_scoped(),
    GET =
        Operation::get("floating_ip.get", "/v1/network/ip_addresses/{public_ipv4_address}").location_scoped(),
    UPDATE = Operation::patch("floating_ip.update", "/v1/network/ip_addresses/{public_ipv4_address}")
        .location_scoped()
        .confirmed(),
    DELETE = Operation::delete("floating_ip.delete", "/v1/network/ip_addresses/{public_ipv4_address}")
        .location_scoped()
        .confirmed(),
    ASSIGN = Operation::post("floating_ip.assign", "/v1/network/ip_addresses/{public_ipv4_address}/assign")
        .idempotent()
        .location_scoped()
        .confirmed(),
    UNASSIGN =
        Operation::post("floating_ip.unassign", "/v1/network/ip_addresses/{public_ipv4_address}/unassign")
            .idempotent()
            .location_scoped()
            .confirmed(),
];

/// The handle for the floating IPs of a location; returned by
/// [`ElastisNetwork::floating_ips`](crate::ElastisNetwork::floating_ips).
///
/// **You are billed for a floating IP as long as it exists**, even if it is not assigned, e.g. after its VM or load
/// balancer was deleted: see [`unassigned`](Self::unassigned).
///
/// All calls identify a floating IP by its address; the provider documents only IPv4 addresses. Calls with an address
/// that is unknown in the location return an [`is_not_found`](http_core::Error::is_not_found) error.
#[derive(Clone, Debug)]
pub struct FloatingIps {
    pub(crate) elastis: Elastis,
}

impl FloatingIps {
    pub(crate) fn new(elastis: Elastis) -> Self {
        Self { elastis }
    }

    /// Reserves a public address. **You are billed from this point.**
    ///
    /// If the response is lost, [`recover`](Create::recover) finds the address. Give the address a
    /// [name](NewFloatingIp::with_name); without one, it cannot be distinguished from other new addresses.
    ///
    /// `POST /v1/network/ip_addresses`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and **the address may
    ///   exist and be billed**.
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): there is no billing account with this id.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_network::{ElastisNetwork, NewFloatingIp};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let new = NewFloatingIp::new(account).with_name("shop");
    /// let ip = elastis.floating_ips().create(new).await?;
    /// println!("reserved {}", ip.address);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn create(&self, new: NewFloatingIp) -> Create<FloatingIp> {
        let wanted = WantedAddress::new(&new);
        let draft = self.elastis.call(&CREATE).json_body(&new);
        let draft = match new.name {
            Some(name) => named(draft, &name),
            None => draft,
        };
        Create::new(draft.json(), self.clone(), wanted, Accepted::Now)
    }

    /// Returns all floating IPs in the location.
    ///
    /// `GET /v1/network/ip_addresses`
    ///
    /// # Errors
    ///
    /// - [`is_unknown_url`](http_core::Error::is_unknown_url): the provider has no such location.
    ///
    /// # Examples
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
    #[inline]
    pub fn list(&self) -> ListCall<FloatingIp> {
        self.list_filtered(FloatingIpFilter::new())
    }

    /// Returns the floating IPs that a billing account pays for, or that are assigned to a VM.
    ///
    /// `GET /v1/network/ip_addresses`
    ///
    /// # Examples
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
    #[inline]
    pub fn list_filtered(&self, filter: FloatingIpFilter) -> ListCall<FloatingIp> {
        self.elastis
            .call(&LIST)
            .query_optional("billing_account_id", filter.billing_account_id)
            .query_optional("vm_uuid", filter.vm)
            .list()
    }

    /// Returns a floating IP.
    ///
    /// `GET /v1/network/ip_addresses/{public_ipv4_address}`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): the location has no floating IP with this address.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::net::Ipv4Addr;
    ///
    /// use elastis_network::ElastisNetwork;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let ip = elastis.floating_ips().get(Ipv4Addr::new(203, 0, 113, 7)).optional().await?;
    /// println!("{}", if ip.is_some() { "still reserved" } else { "released" });
    /// # Ok(()) });
    /// ```
    pub fn get(&self, address: impl Into<IpAddr>) -> Call<FloatingIp> {
        self.read(address.into()).json()
    }

    /// Updates the name or the billing account of a floating IP. Fields that are `None` keep their values.
    ///
    /// `PATCH /v1/network/ip_addresses/{public_ipv4_address}`
    ///
    /// # Errors
    ///
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the update has no fields, or the name is
    ///   blank.
    /// - [`is_not_found`](http_core::Error::is_not_found): the location has no floating IP with this address.
    ///
    /// # Examples
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
        let (address, ips) = (address.into(), self.clone());
        let draft = self.one(&UPDATE, address).json_body(&update);
        let draft = match (&update.name, update.billing_account_id) {
            (None, None) => {
                draft.invalid(InvalidValue::new("the update is empty: set a name or a billing account"))
            }
            (Some(name), _) => named(draft, name),
            (None, Some(_)) => draft,
        };
        let is_done = move |ip: &FloatingIp| {
            (update.name.is_none() || update.name == ip.name)
                && (update.billing_account_id.is_none() || update.billing_account_id == ip.billing_account_id)
        };
        draft.confirm_by_state(move || ips.get(address), is_done).json()
    }

    /// Releases a floating IP. **The address is lost: another customer may get it.** You are no longer billed for it.
    ///
    /// `DELETE /v1/network/ip_addresses/{public_ipv4_address}`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): the location has no floating IP with this address.
    ///
    /// # Examples
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
        let read = move || ips.get(address).gone(FloatingIp::is_deleted);
        self.elastis.call(&DELETE).path("public_ipv4_address", address).confirm_gone("", read).empty()
    }

    /// Assigns a floating IP to a VM in the same location. [Unassign](Self::unassign) an assigned address first: the
    /// provider does not guarantee that an assigned address is moved. Whether an address can be assigned to a load
    /// balancer is not documented.
    ///
    /// `POST /v1/network/ip_addresses/{public_ipv4_address}/assign`
    ///
    /// # Errors
    ///
    /// - [`is_conflict`](http_core::Error::is_conflict): the address is assigned to another resource.
    /// - [`is_not_found`](http_core::Error::is_not_found): the location has no floating IP with this address.
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the location has no such VM.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_network::{ElastisNetwork, NewFloatingIp};
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// # let account = vm.billing_account_id.ok_or("no billing account")?;
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

    /// Unassigns a floating IP from its VM or load balancer. **The address stays reserved, and you are billed for it.**
    ///
    /// `POST /v1/network/ip_addresses/{public_ipv4_address}/unassign`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): the location has no floating IP with this address.
    ///
    /// # Examples
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
        call.confirm_by_state(move || ips.get(address), FloatingIp::is_unassigned).json()
    }

    /// Returns the floating IP with this name, or creates it as `create(..).recover()` does if there is none. An
    /// existing floating IP is not changed; the result lists the fields in which it differs from the request, e.g.
    /// `assigned_to` if it is assigned.
    ///
    /// **This is not a lock**: see [`Ensure`].
    ///
    /// # Errors
    ///
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the request has no name.
    /// - Several floating IPs have this name; [`candidates`](http_core::Error::candidates) returns their addresses.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_network::{ElastisNetwork, NewFloatingIp};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let new = NewFloatingIp::new(account).with_name("shop");
    /// let ip = elastis.floating_ips().ensure(new.clone()).await?.into_value();
    /// assert_eq!(elastis.floating_ips().ensure(new).await?.into_value().address, ip.address);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn ensure(&self, new: NewFloatingIp) -> Ensure<FloatingIp> {
        Ensure::new(new.name.clone().as_deref(), self.create(new))
    }

    /// Finds the address of a [`create`](Self::create) whose outcome is unknown. Takes the ticket that
    /// [`note`](Recover::note) provided before the request was sent. Creates nothing.
    #[inline]
    pub fn find_created(&self, ticket: &Ticket) -> Recover<FloatingIp> {
        Recover::find::<WantedAddress>(self.clone(), ticket)
    }

    fn read(&self, address: impl Display + Copy) -> CallBuilder {
        self.elastis.call(&GET).path("public_ipv4_address", address).about("address", address)
    }

    fn one(&self, operation: &'static Operation, address: impl Into<IpAddr>) -> CallBuilder {
        let address = address.into();
        self.elastis.call(operation).path("public_ipv4_address", address).about("address", address)
    }
}

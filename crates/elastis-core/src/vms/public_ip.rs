//! The older endpoints that reserve and release the public address of a VM.

use std::net::IpAddr;

use http_core::client::{Accepted, Fit, Gone, Method, Operation, Seek, listed_rows, operations};
use http_core::recovery::{Create, Recover, Ticket};
use http_core::{Call, Error, ListCall};
use serde::{Deserialize, Serialize};

use super::{Vm, Vms, of};
use crate::ids::VmId;

const PATH: &str = "/v1/user-resource/vm/ip/public";

operations![
    RELEASE_PUBLIC_IP = Operation::delete("vm.release_public_ip", PATH).location_scoped().confirmed(),
    RESERVE_PUBLIC_IP = Operation::post("vm.reserve_public_ip", PATH)
        .location_scoped()
        .with_recovery_hint("check the VM's floating IPs with floating_ips() of elastis-network")
        .recoverable(),
];

impl Vms {
    /// Removes the public address from a VM. **The address is kept, and you are billed for it** until you delete it.
    ///
    /// The provider recommends unassigning the floating IP instead: see `floating_ips()` in elastis-network.
    ///
    /// `DELETE /v1/user-resource/vm/ip/public`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no VM with this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let vm = elastis.vms().release_public_ip(vm.uuid).await?;
    /// assert_eq!(vm.public_ipv4, None);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn release_public_ip(&self, id: VmId) -> Call<Vm> {
        let vms = self.clone();
        // A VM may omit its address, so its floating IPs show whether it still has one.
        let read = move || async move {
            let held = move |row: &AddressRow| row.assigned_to.is_none_or(|vm| vm == id);
            let is_free = Gone::is_proven(|| WantedAddress { vm: id }.rows(&vms).gone(held)).await?;
            if is_free { vms.get(id).await } else { Err(Error::not_found("the VM still has its public IP")) }
        };
        self.one(&RELEASE_PUBLIC_IP, id, of(id)).confirm_by_state(read, |_| true).json()
    }

    /// Reserves a new public address for a VM. **You are billed for the address from this point.** The response does
    /// not contain the address.
    ///
    /// The provider recommends creating and assigning a floating IP instead: see `floating_ips()` in elastis-network.
    /// [`recover`](Create::recover) returns the new address, even if the response is lost.
    ///
    /// `POST /v1/user-resource/vm/ip/public`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and **the address may
    ///   exist and be billed**.
    /// - [`is_conflict`](http_core::Error::is_conflict): the VM already has a public address.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no VM with this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// {
    ///     elastis.vms().release_public_ip(vm.uuid).await?;
    ///     elastis.vms().reserve_public_ip(vm.uuid).await?;
    /// }
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn reserve_public_ip(&self, id: VmId) -> Create<Vm, IpAddr> {
        let call = self.one(&RESERVE_PUBLIC_IP, id, of(id)).json();
        Create::new(call, self.clone(), WantedAddress { vm: id }, Accepted::unnamed)
    }

    /// Finds the address of a [`reserve_public_ip`](Self::reserve_public_ip) whose outcome is unknown. Takes the ticket
    /// that [`note`](Recover::note) provided before the request was sent. Reserves nothing.
    #[inline]
    pub fn find_reserved_ip(&self, ticket: &Ticket) -> Recover<IpAddr> {
        Recover::find::<WantedAddress>(self.clone(), ticket)
    }
}

/// The new address of a VM. A VM has only one of these addresses.
#[derive(Serialize, Deserialize)]
struct WantedAddress {
    vm: VmId,
}

http_core::wire::models! {
    /// A floating IP; only the address is required.
    struct AddressRow {
        #[required]
        address: String,
        assigned_to: Option<VmId>,
    }
}

impl WantedAddress {
    /// Lists the VM's floating IPs. Floating IPs are covered by another crate, so this request has no operation
    /// constant here.
    #[inline]
    fn rows(&self, vms: &Vms) -> ListCall<AddressRow> {
        let slug = vms.elastis.location().map(|slug| format!("/{slug}")).unwrap_or_default();
        let path = format!("/v1{slug}/network/ip_addresses");
        vms.elastis.request(Method::Get, &path).query("vm_uuid", self.vm).rows(listed_rows)
    }
}

impl Seek for WantedAddress {
    type Handle = Vms;
    type Row = AddressRow;
    type Found = IpAddr;

    fn operation(&self) -> Operation {
        RESERVE_PUBLIC_IP
    }

    #[inline]
    fn list(&self, vms: &Vms) -> ListCall<AddressRow> {
        self.rows(vms)
    }

    fn id(row: &AddressRow) -> String {
        row.address.clone()
    }

    #[inline]
    fn fit(&self, row: &AddressRow) -> Fit {
        Fit::new().unique(row.assigned_to == Some(self.vm))
    }

    #[inline]
    fn fetch(&self, vms: &Vms, id: &str) -> Call<IpAddr> {
        let id = id.to_owned();
        self.rows(vms)
            .and_then(move |_| id.parse().map_err(|_| Error::not_found(format!("{id} is not an IP address"))))
    }

    fn found_id(address: &IpAddr) -> String {
        address.to_string()
    }
}

//! The older way to give a VM a public address and to take it away.

use std::net::IpAddr;

use http_core::client::{Accepted, Fit, Method, Operation, Seek, operations};
use http_core::recovery::{Create, Recover, Ticket};
use http_core::{Call, Error, ListCall};
use serde::{Deserialize, Serialize};

use super::{Vm, Vms, of};
use crate::ids::VmId;

const PATH: &str = "/v1/user-resource/vm/ip/public";

operations![
    RELEASE_PUBLIC_IP = Operation::delete("vm.release_public_ip", PATH).location_scoped(),
    RESERVE_PUBLIC_IP = Operation::post("vm.reserve_public_ip", PATH)
        .location_scoped()
        .with_recovery_hint("look at the floating IPs of the VM, in elastis-network")
        .recoverable(),
];

impl Vms {
    /// Takes the public address from a VM. **The address stays, and you are billed for it.**
    ///
    /// The provider recommends to unassign the floating IP instead: `floating_ips()` of elastis-network.
    ///
    /// `DELETE /v1/user-resource/vm/ip/public`
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let vm = elastis.vms().release_public_ip(vm.uuid).await?;
    /// assert_eq!(vm.public_ipv4, None);
    /// # Ok(()) });
    /// ```
    pub fn release_public_ip(&self, id: VmId) -> Call<Vm> {
        self.elastis.call(&RELEASE_PUBLIC_IP).form(of(id)).json()
    }

    /// Gives a VM a new public address. **You are billed for the address from this point.** The response does not
    /// contain it.
    ///
    /// The provider recommends to create and assign a floating IP instead: `floating_ips()` of elastis-network.
    ///
    /// [`recover`](Create::recover) returns the new address, also if the response is lost. A VM that has an address
    /// already is refused.
    ///
    /// `POST /v1/user-resource/vm/ip/public`
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// {
    ///     elastis.vms().release_public_ip(vm.uuid).await?;
    ///     elastis.vms().reserve_public_ip(vm.uuid).await?;
    /// }
    /// # Ok(()) });
    /// ```
    pub fn reserve_public_ip(&self, id: VmId) -> Create<Vm, IpAddr> {
        let call = self.elastis.call(&RESERVE_PUBLIC_IP).form(of(id)).json();
        Create::new(call, self.clone(), SoughtAddress { vm: id }, Accepted::unnamed)
    }

    /// Finds the address of a [`reserve_public_ip`](Self::reserve_public_ip) whose outcome is unknown, by the ticket
    /// that [`note`](Recover::note) returned before. It only looks and reserves nothing.
    pub fn find_reserved_ip(&self, ticket: &Ticket) -> Recover<IpAddr> {
        Recover::find::<SoughtAddress>(self.clone(), ticket)
    }
}

/// A new address of a VM, of which a VM has one.
#[derive(Serialize, Deserialize)]
struct SoughtAddress {
    vm: VmId,
}

http_core::wire::models! {
    /// A floating IP of which only the address has to be there.
    struct AddressRow {
        #[required]
        address: String,
        assigned_to: Option<VmId>,
    }
}

impl SoughtAddress {
    /// The floating IPs belong to another crate, so that this request has no constant here.
    fn rows(&self, vms: &Vms) -> ListCall<AddressRow> {
        let slug = vms.elastis.location().map(|slug| format!("/{slug}")).unwrap_or_default();
        let path = format!("/v1{slug}/network/ip_addresses");
        vms.elastis.request(Method::Get, &path).query("vm_uuid", self.vm).list()
    }
}

impl Seek for SoughtAddress {
    type Handle = Vms;
    type Row = AddressRow;
    type Found = IpAddr;

    fn operation(&self) -> Operation {
        RESERVE_PUBLIC_IP
    }

    fn list(&self, vms: &Vms) -> ListCall<AddressRow> {
        self.rows(vms)
    }

    fn id(row: &AddressRow) -> String {
        row.address.clone()
    }

    fn fit(&self, row: &AddressRow) -> Fit {
        Fit::new().unique(row.assigned_to == Some(self.vm))
    }

    fn fetch(&self, vms: &Vms, id: &str) -> Call<IpAddr> {
        let id = id.to_owned();
        self.rows(vms)
            .and_then(move |_| id.parse().map_err(|_| Error::not_found(format!("{id} is not an address"))))
    }

    fn found_id(address: &IpAddr) -> String {
        address.to_string()
    }
}

//! The older way to give a VM a public address and to take it away.

use http_core::Call;
use http_core::client::Operation;

use super::{Vm, Vms, of};
use crate::ids::VmId;

const PATH: &str = "/v1/user-resource/vm/ip/public";

pub(crate) const RELEASE_PUBLIC_IP: Operation =
    Operation::delete("vm.release_public_ip", PATH).location_scoped();
pub(crate) const RESERVE_PUBLIC_IP: Operation = Operation::post("vm.reserve_public_ip", PATH)
    .location_scoped()
    .with_recovery_hint("look at the floating IPs of the machine, in elastis-network");

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
    pub fn reserve_public_ip(&self, id: VmId) -> Call<Vm> {
        self.elastis.call(&RESERVE_PUBLIC_IP).form(of(id)).json()
    }
}

//! The older way to give a machine a public address and to take it away.

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
    /// Takes the public address from a machine. The address stays, and is charged for.
    ///
    /// `DELETE /v1/user-resource/vm/ip/public`
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// #[allow(deprecated)]
    /// elastis.vms().release_public_ip(vm.uuid).await?;
    /// # Ok(()) });
    /// ```
    #[deprecated(note = "the provider says to unassign the floating IP: floating_ips() of elastis-network")]
    pub fn release_public_ip(&self, id: VmId) -> Call<()> {
        self.elastis.call(&RELEASE_PUBLIC_IP).form(of(id)).empty()
    }

    /// Gives a machine a new public address. **The address is charged for.** The reply does not tell it.
    ///
    /// `POST /v1/user-resource/vm/ip/public`
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// #[allow(deprecated)]
    /// {
    ///     elastis.vms().release_public_ip(vm.uuid).await?;
    ///     elastis.vms().reserve_public_ip(vm.uuid).await?;
    /// }
    /// # Ok(()) });
    /// ```
    #[deprecated(
        note = "the provider says to create and assign a floating IP: floating_ips() of elastis-network"
    )]
    pub fn reserve_public_ip(&self, id: VmId) -> Call<Vm> {
        self.elastis.call(&RESERVE_PUBLIC_IP).form(of(id)).json()
    }
}

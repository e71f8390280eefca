//! Starts and stops VMs.

use http_core::Call;
use http_core::client::{CallBuilder, Form, Operation, operations};

use super::{Vm, Vms, of};
use crate::ids::VmId;

operations![
    START =
        Operation::post("vm.start", "/v1/user-resource/vm/start").idempotent().location_scoped().confirmed(),
    STOP = Operation::post("vm.stop", "/v1/user-resource/vm/stop")
        .idempotent()
        .location_scoped()
        .requires("the VM must be running and must shut down in time; force_stop(..) stops it immediately")
        .confirmed(),
    RESCUE_START = Operation::post("vm.rescue_start", "/v1/user-resource/vm/rescue_start")
        .idempotent()
        .location_scoped()
        .unrecoverable("no response shows which system a VM runs"),
];

impl Vms {
    /// Starts a VM.
    ///
    /// Assumed: a running VM keeps running.
    ///
    /// `POST /v1/user-resource/vm/start`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no VM with this id in the location.
    /// - [`is_conflict`](http_core::Error::is_conflict): the VM is busy with another change; send the call again later.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// elastis.vms().stop(vm.uuid).await?;
    /// let vm = elastis.vms().start(vm.uuid).await?;
    /// assert!(vm.is_running());
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn start(&self, id: VmId) -> Call<Vm> {
        self.switch(&START, of(id), id, Vm::is_running).json()
    }

    /// Shuts down the operating system of a VM and waits until the VM is off.
    ///
    /// The call fails if the operating system does not respond; in that case, use [`force_stop`](Self::force_stop).
    ///
    /// `POST /v1/user-resource/vm/stop`
    ///
    /// # Errors
    ///
    /// - [`is_conflict`](http_core::Error::is_conflict): the VM is not running, is busy with another change, or did not
    ///   shut down in time.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no VM with this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let vm = elastis.vms().stop(vm.uuid).await?;
    /// assert!(!vm.is_running());
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn stop(&self, id: VmId) -> Call<Vm> {
        self.switch(&STOP, of(id), id, Vm::is_stopped).json()
    }

    /// Stops a VM immediately, like a power failure. **Data that the guest has not written to disk is lost.**
    ///
    /// `POST /v1/user-resource/vm/stop`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no VM with this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let vm = elastis.vms().force_stop(vm.uuid).await?;
    /// assert!(!vm.is_running());
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn force_stop(&self, id: VmId) -> Call<Vm> {
        self.switch(&STOP, of(id).field("force", true), id, Vm::is_stopped).json()
    }

    /// Starts a stopped VM from a rescue system. The next start is a normal one.
    ///
    /// A lost response cannot be confirmed, because no response shows which system a VM runs. Stop the VM before
    /// calling this method again.
    ///
    /// `POST /v1/user-resource/vm/rescue_start`
    ///
    /// # Errors
    ///
    /// - [`is_conflict`](http_core::Error::is_conflict): the VM is not stopped.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no VM with this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// elastis.vms().stop(vm.uuid).await?;
    /// elastis.vms().rescue_start(vm.uuid).await?;
    /// // ... repair the system, then:
    /// elastis.vms().stop(vm.uuid).await?;
    /// elastis.vms().start(vm.uuid).await?;
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn rescue_start(&self, id: VmId) -> Call<()> {
        self.elastis.call(&RESCUE_START).form(of(id)).empty()
    }

    /// Creates a call that starts or stops a VM. The provider may reject a repeated request, so after a lost response
    /// the VM's state shows the outcome.
    #[inline]
    pub(super) fn switch(
        &self,
        operation: &'static Operation,
        form: Form,
        id: VmId,
        is_done: fn(&Vm) -> bool,
    ) -> CallBuilder {
        let vms = self.clone();
        self.one(operation, id, form).confirm_by_state(move || vms.get(id), is_done)
    }
}

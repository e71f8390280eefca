//! The power switch of a VM.

use http_core::Call;
use http_core::client::{CallBuilder, Form, Operation, operations};

use super::{Vm, Vms, of};
use crate::ids::VmId;

operations![
    START = Operation::post("vm.start", "/v1/user-resource/vm/start").idempotent().location_scoped(),
    STOP = Operation::post("vm.stop", "/v1/user-resource/vm/stop").idempotent().location_scoped().requires(
        "the VM must be running and shut down in time: if it does not, force_stop(..) stops it at once",
    ),
    RESCUE_START = Operation::post("vm.rescue_start", "/v1/user-resource/vm/rescue_start")
        .idempotent()
        .location_scoped(),
];

impl Vms {
    /// Starts a VM.
    ///
    /// Assumed: one that runs goes on running.
    ///
    /// `POST /v1/user-resource/vm/start`
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// elastis.vms().stop(vm.uuid).await?;
    /// let vm = elastis.vms().start(vm.uuid).await?;
    /// assert!(vm.is_running());
    /// # Ok(()) });
    /// ```
    pub fn start(&self, id: VmId) -> Call<Vm> {
        self.switch(&START, of(id), id, Vm::is_running).json()
    }

    /// Asks the system of a VM to shut down, and waits for it. A system that does not listen makes the
    /// call fail: see [`force_stop`](Self::force_stop).
    ///
    /// `POST /v1/user-resource/vm/stop`
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let vm = elastis.vms().stop(vm.uuid).await?;
    /// assert!(!vm.is_running());
    /// # Ok(()) });
    /// ```
    pub fn stop(&self, id: VmId) -> Call<Vm> {
        self.switch(&STOP, of(id), id, Vm::is_stopped).json()
    }

    /// Stops a VM at once, as if its power failed. **What it has not written is lost.**
    ///
    /// `POST /v1/user-resource/vm/stop`
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let vm = elastis.vms().force_stop(vm.uuid).await?;
    /// assert!(!vm.is_running());
    /// # Ok(()) });
    /// ```
    pub fn force_stop(&self, id: VmId) -> Call<Vm> {
        self.switch(&STOP, of(id).field("force", true), id, Vm::is_stopped).json()
    }

    /// Starts a stopped VM from a rescue system, this once: its next start is a usual one.
    ///
    /// `POST /v1/user-resource/vm/rescue_start`
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
    pub fn rescue_start(&self, id: VmId) -> Call<()> {
        self.elastis.call(&RESCUE_START).form(of(id)).empty()
    }

    /// A repeat of what is done may be refused, so a lost response is judged by the VM's state.
    pub(super) fn switch(
        &self,
        operation: &'static Operation,
        form: Form,
        id: VmId,
        is_done: fn(&Vm) -> bool,
    ) -> CallBuilder {
        let vms = self.clone();
        self.elastis.call(operation).form(form).confirm_by_state(move || vms.get(id), is_done)
    }
}

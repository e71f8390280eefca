//! What the provider leaves to the caller: waiting, looking first, stopping around a change.

use http_core::client::WaitBuilder;
use http_core::{CallSequence, Error, ListCall, Wait};

use super::{Vm, VmSize, VmUpdate, Vms};
use crate::ids::VmId;

impl Vms {
    /// Convenience method: returns the VMs of the location that have this name, without deleted ones. Names are not
    /// unique.
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let found = elastis.vms().find_by_name("web-1").await?;
    /// assert_eq!(found[0].uuid, vm.uuid);
    /// # Ok(()) });
    /// ```
    pub fn find_by_name(&self, name: impl Into<String>) -> ListCall<Vm> {
        let name = name.into();
        let is_it = move |vm: &Vm| vm.name == name && !vm.is_deleted();
        self.list().filter(is_it)
    }

    /// Convenience method: waits for a state of a VM, which [`until`](WaitBuilder::until) sets. It ends early if the
    /// VM is deleted, unless that is the state.
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let vm = elastis.vms().wait(vm.uuid).until(|vm| vm.is_running()).await?;
    /// println!("{} runs at {:?}", vm.name, vm.private_ipv4);
    /// # Ok(()) });
    /// ```
    pub fn wait(&self, id: VmId) -> WaitBuilder<Vm> {
        let vms = self.clone();
        WaitBuilder::new(move || vms.get(id))
            .subject(format_args!("VM {id}"))
            .describe(|vm| vm.status.to_string())
            .fail_on(Vm::is_deleted)
    }

    /// Convenience method: waits until a VM is deleted. Returns its last state, or `None` if the provider no longer
    /// knows it.
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// elastis.vms().delete(vm.uuid).await?;
    /// elastis.vms().wait_deleted(vm.uuid).await?;
    /// # Ok(()) });
    /// ```
    pub fn wait_deleted(&self, id: VmId) -> Wait<Option<Vm>> {
        let vms = self.clone();
        WaitBuilder::new(move || vms.get(id).optional())
            .subject(format_args!("VM {id}"))
            .until(|vm| vm.as_ref().is_none_or(Vm::is_deleted))
    }

    /// Convenience method: switches automatic backups on or off. It reads the VM first, because the provider can
    /// only toggle them.
    ///
    /// If somebody else toggles them between the read and the change, the returned VM shows it.
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let vm = elastis.vms().set_backup(vm.uuid, true).await?;
    /// assert!(vm.backup);
    /// # Ok(()) });
    /// ```
    pub fn set_backup(&self, id: VmId, backup: bool) -> CallSequence<Vm> {
        let vms = self.clone();
        CallSequence::new(async move {
            let vm = vms.get(id).await?;
            if vm.backup == backup { Ok(vm) } else { vms.toggle_backup(id).await }
        })
    }

    /// Convenience method: changes the processors and memory of a VM. It does nothing if the VM has them already. A
    /// running VM is shut down for the change and started again, also if the change fails; the error is that of
    /// the change then.
    ///
    /// If the start fails after that, the VM stays stopped: see [`get`](Self::get).
    ///
    /// ```
    /// use elastis_core::VmSize;
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let vm = elastis.vms().resize(vm.uuid, VmSize::new(4, 4096)).await?;
    /// assert!(vm.is_running());
    /// assert_eq!(vm.vcpu, Some(4));
    /// # Ok(()) });
    /// ```
    pub fn resize(&self, id: VmId, size: VmSize) -> CallSequence<Vm> {
        let vms = self.clone();
        CallSequence::new(async move {
            let vm = vms.get(id).await?;
            if vm.size() == Some(size) {
                return Ok(vm);
            }
            if !vm.is_running() {
                return vms.change_size(id, size).await;
            }
            let changed = vms.stop_and_change_size(id, size).await;
            let started = vms.start(id).await;
            changed.and(started)
        })
    }

    async fn stop_and_change_size(&self, id: VmId, size: VmSize) -> Result<Vm, Error> {
        self.stop(id).await?;
        self.change_size(id, size).await
    }

    /// Takes "it has these values" for done: the reply to an earlier try may have been lost.
    async fn change_size(&self, id: VmId, size: VmSize) -> Result<Vm, Error> {
        match self.update(id, VmUpdate::new().with_size(size)).await {
            Err(error) if error.message().contains("values are same") => self.get(id).await,
            result => result,
        }
    }
}

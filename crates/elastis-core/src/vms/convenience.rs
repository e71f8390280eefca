//! Convenience methods: waits, a search by name, and changes that need several calls.

use http_core::client::{WaitBuilder, decode_json};
use http_core::wire::DecodeError;
use http_core::{CallSequence, ListCall, Wait};

use super::{Vm, Vms};
use crate::ids::VmId;

impl Vms {
    /// Convenience method: returns the VMs in the location that have this name, except deleted ones. Names are not
    /// unique.
    ///
    /// # Examples
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

    /// Convenience method: waits until a VM reaches the state set with [`until`](WaitBuilder::until), by default for
    /// up to ten minutes. The wait fails early if the VM is deleted, unless it waits for exactly that.
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no VM with this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let vm = elastis.vms().wait(vm.uuid).until(|vm| vm.is_running()).await?;
    /// println!("{} runs at {:?}", vm.name, vm.private_ipv4);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn wait(&self, id: VmId) -> WaitBuilder<Vm> {
        let vms = self.clone();
        WaitBuilder::new(move || vms.get(id))
            .subject(format_args!("VM {id}"))
            .describe(|vm| vm.status.to_string())
            .fail_on(Vm::is_deleted)
    }

    /// Convenience method: waits until a VM is deleted, by default for up to ten minutes. Returns its last state, or
    /// `None` if the provider no longer returns the VM.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// elastis.vms().delete(vm.uuid).await?;
    /// elastis.vms().wait_deleted(vm.uuid).await?;
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn wait_deleted(&self, id: VmId) -> Wait<Option<Vm>> {
        let vms = self.clone();
        WaitBuilder::new(move || vms.get(id).optional())
            .subject(format_args!("VM {id}"))
            .describe(|vm| vm.as_ref().map_or("deleted", |vm| vm.status.as_str()).to_owned())
            .until(|vm| vm.as_ref().is_none_or(Vm::is_deleted))
    }

    /// Convenience method: turns automatic backups on or off. Reads the VM first, because the provider can only toggle
    /// the setting.
    ///
    /// If another program toggles the setting between the read and the change, the returned VM shows the result.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Decode`](http_core::ErrorKind::Decode): the response does not contain the current setting, so
    ///   nothing was changed.
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response to the toggle was lost;
    ///   [`get`](Self::get) shows the current setting.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no VM with this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let vm = elastis.vms().set_backup(vm.uuid, true).await?;
    /// assert!(vm.backup);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn set_backup(&self, id: VmId, backup: bool) -> CallSequence<Vm> {
        let vms = self.clone();
        CallSequence::new(async move {
            let vm = vms.read(id).decode(|body| {
                let BackupRow { backup } = decode_json(body)?;
                let backup = backup.ok_or_else(|| DecodeError::new("no readable value in `backup`"))?;
                Ok(Vm { backup, ..decode_json(body)? })
            });
            let vm = vm.await?;
            if vm.backup == backup { Ok(vm) } else { vms.toggle_backup(id).await }
        })
    }
}

http_core::wire::models! {
    /// The setting for automatic backups; `None` if the response does not show it.
    struct BackupRow {
        backup: Option<bool>,
    }
}

#[cfg(test)]
mod tests {
    use http_core::http::Response;

    #[test]
    fn a_deleted_vm_is_not_found_by_its_name() {
        let id = "7dc1a8f2-0b14-4d08-a3f3-6f4c8f0cbd64";
        let vm = |status| format!(r#"{{"uuid": "{id}", "name": "web", "status": "{status}"}}"#);
        let listed = format!("[{},{}]", vm("deleted"), vm("running"));
        let found = crate::Elastis::new("key").unwrap().vms().find_by_name("web");
        let found = found.finish(Response::new(listed.into())).unwrap();
        assert!(found.len() == 1 && found[0].is_running(), "{found:?}");
    }
}

//! Convenience methods: waits, a search by name, and changes that need several calls.

use std::time::Duration;

use http_core::client::WaitBuilder;
use http_core::rental::Rental;
use http_core::{CallSequence, Error, ListCall, Wait};

use tokio::time::sleep;

use super::{Vm, VmSize, VmUpdate, Vms};
use crate::ids::VmId;

impl Vms {
    /// Convenience method: returns the VMs of the location that have this name, without deleted ones. Names are not
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

    /// Convenience method: waits for a state of a VM, which [`until`](WaitBuilder::until) sets. The wait fails early if
    /// the VM is deleted, unless that is the state.
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no VM of this id in the location.
    ///
    /// # Examples
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
    /// returns it.
    ///
    /// # Examples
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

    /// Convenience method: turns automatic backups on or off. It reads the VM first, because the provider can only
    /// toggle them.
    ///
    /// If another program toggles them between the read and the change, the returned VM shows it.
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response to the toggle was lost;
    ///   [`get`](Self::get) shows the current setting.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no VM of this id in the location.
    ///
    /// # Examples
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

    /// Convenience method: changes the processors and memory of a VM, and does nothing if the VM already has them. **A
    /// running VM is shut down** for the change and started again, even if the change fails; the error is then that of
    /// the change.
    ///
    /// If this future is dropped after the stop was sent, a background thread starts the VM again:
    /// [`settle`](http_core::rental::settle) waits for it. A guest that takes long to shut down may still stop after
    /// that start, so check the VM afterwards.
    ///
    /// # Errors
    ///
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the provider does not accept the size.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no VM of this id in the location.
    /// - Any error after the stop: **the VM may be stopped**; the message says so.
    ///
    /// # Examples
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
            // Created before the stop is sent, so that the VM is started again in every case.
            let restart = vms.clone();
            let rental = Rental::new(format!("VM {id}"), move || start_again(restart.clone(), id))?
                .left_as("may have been left stopped by a resize");
            let changed = vms.stop_and_change_size(id, size).await;
            let started = vms.start(id).await;
            rental.keep();
            match (changed, started) {
                (Ok(_), started) => started.map_err(left_stopped),
                // A stop in progress may take effect after the start.
                (Err(error), Ok(_)) if error.is_outcome_unknown() => Err(left_stopped(error)),
                (Err(error), Ok(_)) => Err(error),
                (Err(error), Err(start)) => {
                    Err(left_stopped(error).with_advice(format!("starting it failed: {}", start.message())))
                }
            }
        })
    }

    async fn stop_and_change_size(&self, id: VmId, size: VmSize) -> Result<Vm, Error> {
        self.stop(id).await?;
        self.change_size(id, size).await
    }

    /// Treats "values are same" as success, because the response to an earlier attempt may have been lost.
    async fn change_size(&self, id: VmId, size: VmSize) -> Result<Vm, Error> {
        match self.update(id, VmUpdate::new().with_size(size)).await {
            Err(error) if error.message().contains("values are same") => self.get(id).await,
            result => result,
        }
    }
}

fn left_stopped(error: Error) -> Error {
    error.with_advice("the VM may be stopped: start it with vms().start(..)")
}

/// The number of starts and the delay between them. A VM that is being stopped is locked for a while.
const STARTS: u32 = 20;
const BETWEEN_STARTS: Duration = Duration::from_secs(15);
/// The time that a VM has to boot before the start is sent again.
const BOOT: Duration = Duration::from_secs(60);
/// The delay after which a stop in progress has taken effect.
const SETTLED: Duration = Duration::from_secs(2);

/// Starts a VM after its resize was dropped, and returns when the VM is running.
async fn start_again(vms: Vms, id: VmId) -> Result<(), Error> {
    let mut result = Ok(());
    for _ in 0..STARTS {
        let started = vms.start(id).await.map(drop);
        sleep(SETTLED).await;
        let settled = vms.wait(id).until(|vm| vm.is_running() || vm.is_stopped() || vm.is_deleted());
        match settled.timeout(BOOT).await {
            Ok(vm) if !vm.is_stopped() => return Ok(()),
            // The stop took effect after the start.
            Ok(_) if started.is_ok() => {
                result = Err(Error::configuration(format!("VM {id} does not stay running")));
                continue;
            }
            Ok(_) => result = started,
            Err(error) => result = started.and(Err(error.into())),
        }
        sleep(BETWEEN_STARTS).await;
    }
    result
}

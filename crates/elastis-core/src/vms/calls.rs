//! Creates, lists, changes and deletes VMs.

use std::fmt::Display;

use http_core::client::{Accepted, CallBuilder, Form, Marker, Operation, decode_json};
use http_core::recovery::Create;
use http_core::wire::DecodeError;
use http_core::{Call, Error, ListCall, SecretString};

use super::recover::WantedVm;
use super::{
    CHANGE_PASSWORD, CLONE, CREATE, DELETE, GET, LIST, NewVm, REBUILD, REINSTALL, Reinstall, TOGGLE_BACKUP,
    UPDATE, Vm, VmUpdate, Vms, of,
};
use crate::ids::{DiskId, ReplicaId, VmId};

http_core::wire::models! {
    /// The disks of a VM.
    struct Attached {
        #[required]
        storage: Vec<AttachedDisk>,
    }

    struct AttachedDisk {
        uuid: DiskId,
    }
}

impl Vms {
    /// Creates a VM and starts it. **You are billed from this point.** The response arrives when the VM is running,
    /// after half a minute or more.
    ///
    /// `.await` sends one request and never repeats it after the provider may have processed it.
    /// [`recover`](http_core::recovery::Create::recover) also finds the VM if the response is lost. Use it unless you
    /// search for the VM yourself, and mark the VM with [`NewVm::marked`], because names are not unique.
    /// [`VmParameters::check`](crate::VmParameters::check) finds invalid values without sending anything.
    ///
    /// `POST /v1/user-resource/vm`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and **the VM may exist
    ///   and be billed**.
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the provider does not accept one or more
    ///   values; the message names each of them.
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): there is no network, disk, replica or billing
    ///   account with the given id.
    /// - [`is_conflict`](http_core::Error::is_conflict): the disk that the VM boots from is attached to another VM.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_core::{Login, NewVm, Os, VmSize};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let (os, size) = (Os::new("ubuntu", "22.04-lts"), VmSize::new(2, 2048));
    /// let login = Login::new("example", "Password123");
    /// let new = NewVm::from_image("web-1", os, 20, size, login).with_billing_account(account);
    /// let vm = elastis.vms().create(new).await?;
    /// println!("{} is {}", vm.uuid, vm.status);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn create(&self, mut vm: NewVm) -> Create<Vm> {
        let marker = vm.marked.then(Marker::random);
        if let Some(marker) = &marker {
            vm.description = Some(marker.plant(vm.description.as_deref().unwrap_or_default()));
        }
        let draft = self.elastis.call(&CREATE);
        let call = match vm.form() {
            Ok(form) => draft.form(form).json(),
            Err(invalid) => draft.invalid(invalid).json(),
        };
        Create::new(call, self.clone(), WantedVm::new(vm, marker), Accepted::Now)
    }

    /// Returns all VMs in the location, in one response. If a VM cannot be decoded, the whole list fails, unless you
    /// call [`tolerant`](http_core::ListCall::tolerant).
    ///
    /// `GET /v1/user-resource/vm/list`
    ///
    /// # Errors
    ///
    /// - [`is_unknown_url`](http_core::Error::is_unknown_url): the provider has no such location.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, _| {
    /// for vm in elastis.vms().list().await? {
    ///     println!("{} {}: {}", vm.uuid, vm.name, vm.status);
    /// }
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn list(&self) -> ListCall<Vm> {
        self.elastis.call(&LIST).list()
    }

    /// Returns a VM. A deleted VM can still be read for a while, with the status
    /// [`VmStatus::Deleted`](crate::VmStatus::Deleted).
    ///
    /// `GET /v1/user-resource/vm`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no VM with this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let vm = elastis.vms().get(vm.uuid).await?;
    /// assert_eq!((vm.vcpu, vm.memory_mib), (Some(2), Some(2048)));
    /// println!("{} is {}", vm.name, vm.status);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn get(&self, id: VmId) -> Call<Vm> {
        self.elastis.call(&GET).query("uuid", id).json_about(id, |vm| vm.uuid)
    }

    /// Starts a change of a VM, whose response must be about that VM.
    #[inline]
    pub(super) fn one(&self, operation: &'static Operation, id: VmId, form: Form) -> CallBuilder {
        self.elastis.call(operation).form(form).about("uuid", id)
    }

    /// Starts a read of a VM.
    pub(crate) fn read(&self, id: impl Display + Copy) -> CallBuilder {
        self.elastis.call(&GET).query("uuid", id).about("uuid", id)
    }

    /// Returns the ids of a VM's disks. The call fails if the list is missing or an item cannot be decoded, so it proves
    /// that a disk is not attached. Intended for crates that extend [`Elastis`](crate::Elastis).
    #[inline]
    pub fn disk_ids(&self, id: VmId) -> Call<Vec<DiskId>> {
        let disks = self.read(id).json::<Attached>();
        disks.map(|vm| vm.storage.into_iter().map(|disk| disk.uuid).collect())
    }

    /// Updates the name, processors or memory of a VM. Processors and memory can be changed only while the VM is
    /// stopped, and only to different values; [`resize`](Self::resize) takes care of both.
    ///
    /// `PATCH /v1/user-resource/vm`
    ///
    /// # Errors
    ///
    /// - [`is_conflict`](http_core::Error::is_conflict): the VM is running, or already has these processors and memory.
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the update has no fields, or the provider does
    ///   not accept a value.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no VM with this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_core::VmUpdate;
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let vm = elastis.vms().update(vm.uuid, VmUpdate::new().with_name("web-server")).await?;
    /// assert_eq!(vm.name, "web-server");
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn update(&self, id: VmId, update: VmUpdate) -> Call<Vm> {
        let draft = self.elastis.call(&UPDATE);
        if update == VmUpdate::default() {
            return draft
                .invalid(Error::invalid_argument("the update is empty: set at least one field"))
                .json();
        }
        let form = Form::new()
            .field("uuid", id)
            .optional("name", update.name.as_ref())
            .optional("ram", update.memory_mib)
            .optional("vcpu", update.vcpu);
        let vms = self.clone();
        let is_done = move |vm: &Vm| {
            update.name.is_none_or(|name| vm.name == name)
                && (update.memory_mib.is_none() || update.memory_mib == vm.memory_mib)
                && (update.vcpu.is_none() || update.vcpu == vm.vcpu)
        };
        draft.form(form).about("uuid", id).confirm_by_state(move || vms.get(id), is_done).json()
    }

    /// Deletes a VM. **Its data is lost.** Its public address is kept, **is still billed**, and must be deleted
    /// separately.
    ///
    /// Assumed: its disks are deleted too. Check `disks().list()` afterwards, because every remaining disk is billed.
    ///
    /// `DELETE /v1/user-resource/vm`
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
    /// elastis.vms().delete(vm.uuid).await?;
    /// elastis.vms().wait_deleted(vm.uuid).await?;
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn delete(&self, id: VmId) -> Call<()> {
        let vms = self.clone();
        let read = move || vms.get(id).gone(Vm::is_deleted);
        self.elastis.call(&DELETE).form(of(id)).confirm_gone("", read).empty()
    }

    /// Creates another VM with copies of this VM's disks. **You are billed from this point.**
    ///
    /// Assumed: the copy has no replicas and no public address. The sample in the provider's documentation shows an
    /// address, which would be billed too: check `floating_ips().list()`.
    ///
    /// If the response is lost, [`recover`](http_core::recovery::Create::recover) finds the copy by its name.
    ///
    /// `POST /v1/user-resource/vm/clone`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and **the copy may exist
    ///   and be billed**.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no VM with this id in the location.
    /// - [`is_conflict`](http_core::Error::is_conflict): the VM is busy with another change; send the call again later.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let copy = elastis.vms().clone_vm(vm.uuid, "web-2").await?;
    /// assert_ne!(copy.uuid, vm.uuid);
    /// assert_eq!(copy.name, "web-2");
    /// # Ok(()) });
    /// ```
    pub fn clone_vm(&self, id: VmId, name: impl Into<String>) -> Create<Vm> {
        let name = name.into();
        let form = Form::new().field("name", &name).field("uuid", id);
        let call = self.elastis.call(&CLONE).form(form).decode(move |body| match decode_json::<Vm>(body)? {
            original if original.uuid == id => Err(DecodeError::new("the VM is the original, not the copy")),
            copy => Ok(copy),
        });
        Create::new(call, self.clone(), WantedVm::copy(name), Accepted::Now)
    }

    /// Reinstalls the current operating system on the boot disk of a VM, or installs another one. **All data on that
    /// disk is lost.**
    ///
    /// It cannot be recovered, because a reinstalled system looks like the previous one.
    ///
    /// `POST /v1/user-resource/vm/reinstall`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and **the disk may have
    ///   been overwritten**.
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the provider does not offer this operating
    ///   system or version.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no VM with this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_core::Os;
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let vm = elastis.vms().reinstall(vm.uuid, Os::new("debian", "12")).await?;
    /// assert_eq!(vm.os_name, "debian");
    /// # Ok(()) });
    /// ```
    pub fn reinstall(&self, id: VmId, system: impl Into<Reinstall>) -> Call<Vm> {
        let Reinstall { os_name, os_version } = system.into();
        let form = of(id).optional("os_name", os_name).optional("os_version", os_version);
        self.one(&REINSTALL, id, form).json()
    }

    /// Restores the boot disk of a VM from a replica and leaves the VM stopped. **Data written since the replica was
    /// taken is lost.**
    ///
    /// It cannot be recovered, because no response shows which replica a disk was restored from. Sending the request
    /// again loses only the data written in between.
    ///
    /// `POST /v1/user-resource/vm/rebuild`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and **the disk may have
    ///   been restored**.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no VM with this id in the location.
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): there is no replica with this id.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_core::Replica;
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let disk = elastis.replicas().create(vm.uuid).await?;
    /// let snapshot = Replica::latest(&disk.replica).ok_or("the disk has no snapshot")?;
    /// elastis.vms().rebuild(vm.uuid, snapshot.uuid.clone()).await?;
    /// elastis.vms().start(vm.uuid).await?;
    /// # Ok(()) });
    /// ```
    pub fn rebuild(&self, id: VmId, replica: impl Into<ReplicaId>) -> Call<Vm> {
        self.one(&REBUILD, id, of(id).field("replica_uuid", replica.into())).json()
    }

    /// Changes the password of a user of a running VM.
    ///
    /// A lost response cannot be confirmed, because no response contains the password. Calling this method again is
    /// safe.
    ///
    /// `PATCH /v1/user-resource/vm/user`
    ///
    /// # Errors
    ///
    /// - [`is_conflict`](http_core::Error::is_conflict): the VM is not running, or it has no such user.
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the provider does not accept the password.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no VM with this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_core::SecretString;
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let password = SecretString::from("Password1234");
    /// elastis.vms().change_password(vm.uuid, "example", password).await?;
    /// # Ok(()) });
    /// ```
    pub fn change_password(
        &self,
        id: VmId,
        username: impl Into<String>,
        password: impl Into<SecretString>,
    ) -> Call<()> {
        let form = of(id).field("username", username.into()).secret("password", &password.into());
        self.elastis.call(&CHANGE_PASSWORD).form(form).empty()
    }

    /// Turns automatic backups on if they are off, and off if they are on. Use [`set_backup`](Self::set_backup) to set
    /// a specific state.
    ///
    /// It cannot be recovered, because the setting does not show which call toggled it.
    ///
    /// `POST /v1/user-resource/vm/backup`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost; [`get`](Self::get) shows
    ///   the current setting.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no VM with this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let toggled = elastis.vms().toggle_backup(vm.uuid).await?;
    /// assert_ne!(toggled.backup, vm.backup);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn toggle_backup(&self, id: VmId) -> Call<Vm> {
        self.one(&TOGGLE_BACKUP, id, of(id)).json()
    }
}

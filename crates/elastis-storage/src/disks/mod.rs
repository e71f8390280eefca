//! Block storage: disks, attached to VMs or not.

mod models;
mod new_disk;
mod recover;

use std::fmt::Display;

use elastis_core::{BillingAccountId, DiskId, Elastis, Storage, VmId};
use http_core::client::{Accepted, CallBuilder, Form, Gone, Operation, WaitBuilder, operations};
use http_core::recovery::{Create, Recover, Ticket};
use http_core::{Call, ListCall, Wait};

pub use self::models::{Disk, DiskStatus, Snapshot, SnapshotId, SourceImageType};
pub use self::new_disk::NewDisk;
use self::recover::WantedDisk;

operations![
    CREATE = Operation::post("disk.create", "/v1/storage/disks")
        .location_scoped()
        .with_recovery_hint("look for a new disk of this size in disks().list()")
        .recoverable()
        .returns_id("uuid"),
    GET = Operation::get("disk.get", "/v1/storage/disks/{disk_uuid}").location_scoped(),
    LIST = Operation::get("disk.list", "/v1/storage/disks").location_scoped(),
    UPDATE = Operation::patch("disk.update", "/v1/storage/disks/{disk_uuid}").location_scoped().confirmed(),
    DELETE = Operation::delete("disk.delete", "/v1/storage/disks/{disk_uuid}").location_scoped().confirmed(),
    ATTACH = Operation::post("disk.attach", "/v1/user-resource/vm/storage/attach")
        .location_scoped()
        .idempotent()
        .confirmed(),
    DETACH = Operation::post("disk.detach", "/v1/user-resource/vm/storage/detach")
        .location_scoped()
        .idempotent()
        .confirmed(),
];

/// The handle for the disks of a location; returned by [`ElastisStorage::disks`](crate::ElastisStorage::disks).
///
/// Calls to an unknown disk return an [`is_not_found`](http_core::Error::is_not_found) error.
#[derive(Clone, Debug)]
pub struct Disks {
    elastis: Elastis,
}

impl Disks {
    pub(crate) fn new(elastis: Elastis) -> Self {
        Self { elastis }
    }

    /// Creates a disk. **You are billed from this point**, whether the disk is attached or not.
    ///
    /// If the response is lost, [`recover`](Create::recover) finds the disk if it is the only new one that matches the
    /// request. Disks have no names that a request can set, so there is no `ensure`: store the id, or the ticket of the
    /// create.
    ///
    /// `POST /v1/storage/disks`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and **the disk may exist
    ///   and be billed**.
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the location does not have the image, the size
    ///   is smaller than that of the source, the billing account is missing, or the snapshot to copy does not exist.
    /// - [`is_not_found`](http_core::Error::is_not_found): the disk to copy does not exist.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_storage::{ElastisStorage, NewDisk};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let system = NewDisk::from_image("ubuntu_20.04").with_size(40).with_billing_account(account);
    /// let system = elastis.disks().create(system).await?;
    /// let copy = NewDisk::copy_of(system.uuid).with_billing_account(account);
    /// let copy = elastis.disks().create(copy).await?;
    /// assert_eq!(copy.size_gb, Some(40));
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn create(&self, disk: NewDisk) -> Create<Disk> {
        let wanted = disk.wanted();
        let draft = self.elastis.call(&CREATE);
        let draft = match disk.form() {
            Ok(form) => draft.form(form),
            Err(invalid) => draft.invalid(invalid),
        };
        Create::new(draft.json(), self.clone(), wanted, Accepted::Now)
    }

    /// Returns all disks in the location, including the boot disks of VMs. Use [`Elastis::in_all_locations`] to list
    /// the disks in all locations.
    ///
    /// `GET /v1/storage/disks`
    ///
    /// # Errors
    ///
    /// - [`is_unknown_url`](http_core::Error::is_unknown_url): the provider has no such location.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_storage::ElastisStorage;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let disks = elastis.disks().list().await?;
    /// println!("{} GiB here", disks.iter().filter_map(|disk| disk.size_gb).sum::<u64>());
    /// for there in elastis.in_all_locations(|elastis| elastis.disks().list()).await? {
    ///     println!("{}: {} disks", there.slug(), there.result.as_ref().map_or(0, Vec::len));
    /// }
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn list(&self) -> ListCall<Disk> {
        self.elastis.call(&LIST).list()
    }

    /// Returns a disk with its snapshots. A deleted disk can still be read for a while; see [`Disk::is_deleted`].
    ///
    /// `GET /v1/storage/disks/{disk_uuid}`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no disk with this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_storage::ElastisStorage;
    ///
    /// # hostkit_doctest::elastis_disk(async |elastis, disk| {
    /// let disk = elastis.disks().get(disk.uuid).await?;
    /// assert_eq!(disk.size_gb, Some(50));
    /// assert!(disk.snapshots.is_some_and(|snapshots| snapshots.is_empty()));
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn get(&self, id: DiskId) -> Call<Disk> {
        self.read(id).json()
    }

    fn read(&self, id: impl Display + Copy) -> CallBuilder {
        self.elastis.call(&GET).path("disk_uuid", id).about("uuid", id)
    }

    /// Changes the billing account that pays for a disk.
    ///
    /// `PATCH /v1/storage/disks/{disk_uuid}`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no disk with this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_storage::{ElastisStorage, NewDisk};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let disk = elastis.disks().create(NewDisk::empty(50).with_billing_account(account)).await?;
    /// let disk = elastis.disks().update(disk.uuid, account).await?;
    /// assert_eq!(disk.billing_account_id, Some(account));
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn update(&self, id: DiskId, billing_account: BillingAccountId) -> Call<Disk> {
        let form = Form::new().field("billing_account_id", billing_account);
        let disks = self.clone();
        let is_done = move |disk: &Disk| disk.billing_account_id == Some(billing_account);
        let call = self.elastis.call(&UPDATE).path("disk_uuid", id).about("uuid", id).form(form);
        call.confirm_by_state(move || disks.get(id), is_done).json()
    }

    /// Deletes a disk. **Its data and all its snapshots are lost.**
    ///
    /// Assumed: an attached disk disappears from its VM, so [detach](Self::detach) it first.
    ///
    /// `DELETE /v1/storage/disks/{disk_uuid}`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no disk with this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_storage::ElastisStorage;
    ///
    /// # hostkit_doctest::elastis_disk(async |elastis, disk| {
    /// elastis.disks().delete(disk.uuid).await?;
    /// elastis.disks().wait_deleted(disk.uuid).await?;
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn delete(&self, id: DiskId) -> Call<()> {
        let disks = self.clone();
        let read = move || disks.get(id).gone(Disk::is_deleted);
        self.elastis.call(&DELETE).path("disk_uuid", id).confirm_gone("", read).empty()
    }

    /// Attaches a disk to a VM in the same location. A Linux guest finds the disk at its
    /// [`device_path`](Disk::device_path).
    ///
    /// `POST /v1/user-resource/vm/storage/attach`
    ///
    /// # Errors
    ///
    /// - [`is_conflict`](http_core::Error::is_conflict): the disk is already attached, or the VM is busy with another
    ///   change.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no disk or VM with this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_storage::{ElastisStorage, NewDisk};
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// # let account = vm.billing_account_id.ok_or("no billing account")?;
    /// let disk = elastis.disks().create(NewDisk::empty(50).with_billing_account(account)).await?;
    /// elastis.disks().attach(disk.uuid, vm.uuid).await?;
    /// println!("mkfs.ext4 {}", disk.device_path());
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn attach(&self, disk: DiskId, vm: VmId) -> Call<Storage> {
        let vms = self.elastis.vms();
        let read = move || vms.get(vm).map(move |vm| vm.storage.into_iter().find(|row| row.uuid == disk));
        let call = self.elastis.call(&ATTACH).form(disk_of_vm(disk, vm)).about("uuid", disk);
        call.confirm_by_state(read, Option::is_some).json()
    }

    /// Detaches a disk from a VM and keeps its data. Unmount the disk in the guest first.
    ///
    /// Assumed: the provider does not detach the disk that a VM boots from.
    ///
    /// `POST /v1/user-resource/vm/storage/detach`
    ///
    /// # Errors
    ///
    /// - [`is_conflict`](http_core::Error::is_conflict): the VM boots from the disk, or is busy with another change.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no disk or VM with this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_storage::{ElastisStorage, NewDisk};
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// # let account = vm.billing_account_id.ok_or("no billing account")?;
    /// let disk = elastis.disks().create(NewDisk::empty(50).with_billing_account(account)).await?;
    /// elastis.disks().attach(disk.uuid, vm.uuid).await?;
    /// // ... unmount the disk in the guest, then:
    /// elastis.disks().detach(disk.uuid, vm.uuid).await?;
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn detach(&self, disk: DiskId, vm: VmId) -> Call<()> {
        let vms = self.elastis.vms();
        // A VM has at least its boot disk, so an empty list proves nothing.
        let read =
            move || vms.disk_ids(vm).map(move |disks| Gone::among(&disks, |id| *id == disk).unless_empty());
        self.elastis.call(&DETACH).form(disk_of_vm(disk, vm)).confirm_gone("", read).empty()
    }

    /// Convenience method: waits until a disk reaches the state set with [`until`](WaitBuilder::until), by default for
    /// up to ten minutes. The wait fails early if the disk is deleted, unless it waits for exactly that.
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no disk with this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_storage::{Disk, ElastisStorage};
    ///
    /// # hostkit_doctest::elastis_disk(async |elastis, disk| {
    /// let wait = elastis.disks().wait(disk.uuid).until(Disk::is_active);
    /// assert_eq!(wait.await?.uuid, disk.uuid);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn wait(&self, id: DiskId) -> WaitBuilder<Disk> {
        let disks = self.clone();
        WaitBuilder::new(move || disks.get(id))
            .subject(format_args!("disk {id}"))
            .describe(|disk| state(disk).to_owned())
            .fail_on(Disk::is_deleted)
    }

    /// Convenience method: waits until a disk is deleted, by default for up to ten minutes. Returns its last state, or
    /// `None` if the provider no longer returns the disk. See [`delete`](Self::delete) for an example.
    #[inline]
    pub fn wait_deleted(&self, id: DiskId) -> Wait<Option<Disk>> {
        let disks = self.clone();
        WaitBuilder::new(move || disks.get(id).optional())
            .subject(format_args!("disk {id}"))
            .describe(|disk| disk.as_ref().map_or("deleted", state).to_owned())
            .until(|disk| disk.as_ref().is_none_or(Disk::is_deleted))
    }

    /// Finds the disk of a [`create`](Self::create) whose outcome is unknown. Takes the ticket that
    /// [`note`](Recover::note) provided before the request was sent. Creates nothing.
    #[inline]
    pub fn find_created(&self, ticket: &Ticket) -> Recover<Disk> {
        Recover::find::<WantedDisk>(self.clone(), ticket)
    }
}

fn state(disk: &Disk) -> &str {
    disk.status.as_ref().map_or("unknown", DiskStatus::as_str)
}

fn disk_of_vm(disk: DiskId, vm: VmId) -> Form {
    Form::new().field("uuid", vm).field("storage_uuid", disk)
}

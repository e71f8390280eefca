//! Disks that are created, resized and deleted through their VM.

use http_core::client::{Accepted, Fit, Form, Gone, Operation, Seek, member_rows, operations};
use http_core::recovery::{Create, Recover, Ticket};
use http_core::{Call, Error, ListCall};
use serde::{Deserialize, Serialize};

use crate::client::Elastis;
use crate::ids::{DiskId, VmId};
use crate::vms::Storage;

impl Elastis {
    /// Returns the handle for the disks of VMs, which are created and deleted through their VM. For independent disks,
    /// see the crate elastis-storage.
    pub fn vm_disks(&self) -> VmDisks {
        VmDisks { elastis: self.clone() }
    }
}

const PATH: &str = "/v1/user-resource/vm/storage";

operations![
    ADD = Operation::post("vm_disk.add", PATH)
        .location_scoped()
        .with_recovery_hint("look for the new disk in the VM's storage with vms().get(..)")
        .recoverable()
        .returns_id("uuid"),
    RESIZE = Operation::patch("vm_disk.resize", PATH).location_scoped().confirmed(),
    DELETE = Operation::delete("vm_disk.delete", PATH).location_scoped().confirmed(),
];

/// The endpoint for a disk with or without a VM, which another crate covers.
const GET_DISK: Operation = Operation::get("disk.get", "/v1/storage/disks/{disk_uuid}").location_scoped();

/// The handle for the disks of VMs; returned by [`Elastis::vm_disks`].
#[derive(Clone, Debug)]
pub struct VmDisks {
    elastis: Elastis,
}

impl VmDisks {
    /// Creates an empty disk of `size_gib` GiB and attaches it to a VM. **You are billed from this point.**
    ///
    /// The guest finds the disk at [`DiskId::guest_device_path`]. If the response is lost, [`recover`](Create::recover)
    /// finds the new disk by its size in the VM's storage.
    ///
    /// `POST /v1/user-resource/vm/storage`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and **the disk may exist
    ///   and be billed**.
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the provider does not accept the size.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no VM with this id in the location.
    /// - [`is_conflict`](http_core::Error::is_conflict): the VM is busy with another change; send the call again later.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let disk = elastis.vm_disks().add(vm.uuid, 50).await?;
    /// println!("mkfs.ext4 {}", disk.uuid.guest_device_path());
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn add(&self, vm: VmId, size_gib: u64) -> Create<Storage> {
        let form = Form::new().field("uuid", vm).field("size_gb", size_gib);
        let call = self.elastis.call(&ADD).form(form).json();
        Create::new(call, self.clone(), WantedDisk { vm, size: size_gib }, Accepted::Now)
    }

    /// Grows a disk to `size_gib` GiB. **You are billed for the larger size from this point.**
    ///
    /// A disk cannot shrink. The guest must grow its file system itself.
    ///
    /// `PATCH /v1/user-resource/vm/storage`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no VM or disk with this id in the location.
    /// - [`is_conflict`](http_core::Error::is_conflict): the new size is smaller than the current one, or the VM is
    ///   busy with another change.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// if let Some(boot) = vm.boot_disk() {
    ///     let disk = elastis.vm_disks().resize(vm.uuid, boot.uuid, 60).await?;
    ///     assert_eq!(disk.size, Some(60));
    /// }
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn resize(&self, vm: VmId, disk: DiskId, size_gib: u64) -> Call<Storage> {
        let form = Form::new().field("uuid", vm).field("disk_uuid", disk).field("size_gb", size_gib);
        let disks = self.elastis.vm_disks();
        let read = move || disks.find(vm, &disk.to_string());
        self.elastis
            .call(&RESIZE)
            .form(form)
            .about("uuid", disk)
            .confirm_by_state(read, move |now| now.size == Some(size_gib))
            .json()
    }

    /// Detaches a disk from its VM and deletes it. **All data on the disk is lost.**
    ///
    /// `DELETE /v1/user-resource/vm/storage`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no disk with this id in the location.
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): there is no VM with this id in the location. The
    ///   disk may exist without it.
    /// - [`is_conflict`](http_core::Error::is_conflict): the VM boots from the disk, or is busy with another change.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let disk = elastis.vm_disks().add(vm.uuid, 50).await?;
    /// // ... unmount the disk in the guest, then:
    /// elastis.vm_disks().delete(vm.uuid, disk.uuid).await?;
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn delete(&self, vm: VmId, disk: DiskId) -> Call<()> {
        let form = Form::new().field("uuid", vm).field("storage_uuid", disk);
        let disks = self.clone();
        let read = move || disks.clone().read_gone(vm, disk);
        self.elastis.call(&DELETE).form(form).confirm_gone("", read).empty()
    }

    #[inline]
    async fn read_gone(self, vm: VmId, disk: DiskId) -> Result<Gone, Error> {
        let disks = self.elastis.vms().disk_ids(vm).await?;
        // A VM has at least its boot disk, so an empty list proves nothing.
        let detached = Gone::among(&disks, |id| *id == disk).unless_empty();
        Ok(detached.and(self.deleted(disk).await?))
    }

    /// Checks whether a disk is deleted. A disk that is only detached still exists and is billed.
    #[inline]
    fn deleted(&self, disk: DiskId) -> Call<Gone> {
        self.elastis
            .call(&GET_DISK)
            .path("disk_uuid", disk)
            .about("uuid", disk)
            .json::<DiskState>()
            .gone(|disk| disk.status.as_ref().is_some_and(|status| status.eq_ignore_ascii_case("deleted")))
    }

    /// Finds the disk of an [`add`](Self::add) whose outcome is unknown. Takes the ticket that [`note`](Recover::note)
    /// provided before the request was sent. Creates nothing.
    #[inline]
    pub fn find_created(&self, ticket: &Ticket) -> Recover<Storage> {
        Recover::find::<WantedDisk>(self.clone(), ticket)
    }
}

impl VmDisks {
    #[inline]
    fn find(&self, vm: VmId, id: &str) -> Call<Storage> {
        let id = id.to_owned();
        self.elastis.vms().get(vm).and_then(move |vm| {
            let disk = vm.storage.into_iter().find(|disk| disk.uuid.to_string() == id);
            disk.ok_or_else(|| Error::not_found(format!("disk {id} is not in the VM's storage")))
        })
    }
}

/// The values that the request and a list row have in common.
#[derive(Serialize, Deserialize)]
struct WantedDisk {
    vm: VmId,
    size: u64,
}

http_core::wire::models! {
    /// A disk as the block storage endpoint returns it.
    struct DiskState {
        status: Option<String>,
    }

    /// A disk in the storage of a VM; only the id is required.
    struct DiskRow {
        uuid: DiskId,
        size: Option<u64>,
        primary: Option<bool>,
    }
}

impl Seek for WantedDisk {
    type Handle = VmDisks;
    type Row = DiskRow;
    type Found = Storage;

    fn operation(&self) -> Operation {
        ADD
    }

    #[inline]
    fn list(&self, disks: &VmDisks) -> ListCall<DiskRow> {
        disks.elastis.vms().read(self.vm).rows(|vm, each| member_rows(vm, "storage", each))
    }

    fn id(row: &DiskRow) -> String {
        row.uuid.to_string()
    }

    #[inline]
    fn fit(&self, row: &DiskRow) -> Fit {
        Fit::new().field("size", Some(&self.size), row.size.as_ref()).unless(row.primary == Some(true))
    }

    #[inline]
    fn fetch(&self, disks: &VmDisks, id: &str) -> Call<Storage> {
        disks.find(self.vm, id)
    }

    fn found_id(disk: &Storage) -> String {
        disk.uuid.to_string()
    }
}

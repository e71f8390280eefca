//! Disks that are made, grown and removed through their virtual machine.

use http_core::Call;
use http_core::client::{Form, Operation};

use crate::client::Elastis;
use crate::ids::{DiskId, VmId};
use crate::vms::Storage;

impl Elastis {
    /// Returns the handle for the disks of VMs, which are created and deleted together with them. For disks that
    /// exist by themselves see elastis-storage.
    pub fn vm_disks(&self) -> VmDisks {
        VmDisks { elastis: self.clone() }
    }
}

const PATH: &str = "/v1/user-resource/vm/storage";

pub(crate) const ADD: Operation = Operation::post("vm_disk.add", PATH)
    .location_scoped()
    .with_recovery_hint("look for it in the storage of vms().get(..)");
pub(crate) const RESIZE: Operation = Operation::patch("vm_disk.resize", PATH).location_scoped();
pub(crate) const DELETE: Operation = Operation::delete("vm_disk.delete", PATH).location_scoped();

/// The disks of virtual machines; from [`Elastis::vm_disks`].
#[derive(Clone, Debug)]
pub struct VmDisks {
    elastis: Elastis,
}

impl VmDisks {
    /// Makes an empty disk of so many GiB and attaches it to the machine. The guest finds it at
    /// [`DiskId::guest_device_path`].
    ///
    /// `POST /v1/user-resource/vm/storage`
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let disk = elastis.vm_disks().add(vm.uuid, 50).await?;
    /// println!("mkfs.ext4 {}", disk.uuid.guest_device_path());
    /// # Ok(()) });
    /// ```
    pub fn add(&self, vm: VmId, size_gib: u64) -> Call<Storage> {
        let form = Form::new().field("uuid", vm).field("size_gb", size_gib);
        self.elastis.call(&ADD).form(form).json()
    }

    /// Grows a disk to so many GiB. A disk never shrinks; the guest must grow its file system itself.
    ///
    /// `PATCH /v1/user-resource/vm/storage`
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// if let Some(boot) = vm.boot_disk() {
    ///     let disk = elastis.vm_disks().resize(vm.uuid, boot.uuid, 60).await?;
    ///     assert_eq!(disk.size, Some(60));
    /// }
    /// # Ok(()) });
    /// ```
    pub fn resize(&self, vm: VmId, disk: DiskId, size_gib: u64) -> Call<Storage> {
        let form = Form::new().field("uuid", vm).field("disk_uuid", disk).field("size_gb", size_gib);
        self.elastis.call(&RESIZE).form(form).json()
    }

    /// Detaches a disk and deletes it with all its data, for good. The disk that the machine boots from is
    /// refused.
    ///
    /// `DELETE /v1/user-resource/vm/storage`
    ///
    /// ```
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let disk = elastis.vm_disks().add(vm.uuid, 50).await?;
    /// // ... unmount the disk in the guest, then:
    /// elastis.vm_disks().delete(vm.uuid, disk.uuid).await?;
    /// # Ok(()) });
    /// ```
    pub fn delete(&self, vm: VmId, disk: DiskId) -> Call<()> {
        let form = Form::new().field("uuid", vm).field("storage_uuid", disk);
        self.elastis.call(&DELETE).form(form).empty()
    }
}

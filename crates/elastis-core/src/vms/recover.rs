//! Finds a VM after the response to its create request was lost.

use std::time::Duration;

use http_core::client::{Fit, Marker, Operation, Seek};
use http_core::recovery::{Ensure, Recover, Ticket};
use http_core::{Call, ListCall};
use serde::{Deserialize, Serialize};

use super::{CLONE, CREATE, LIST, NewVm, Vm, VmSource, VmStatus, Vms};
use crate::ids::{BillingAccountId, DiskId, HostPoolId, VmId};

/// The values that the request and a list row have in common.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct WantedVm {
    name: String,
    vcpu: Option<u32>,
    memory: Option<u64>,
    os_name: Option<String>,
    os_version: Option<String>,
    billing_account: Option<BillingAccountId>,
    pool: Option<HostPoolId>,
    /// The boot disk, if it existed before the create.
    disk: Option<DiskId>,
    marker: Option<Marker>,
    is_copy: bool,
}

impl WantedVm {
    #[inline]
    pub(super) fn new(vm: NewVm, marker: Option<Marker>) -> Self {
        let (os_name, os_version) = vm.os.map(|os| (os.name, os.version)).unzip();
        Self {
            name: vm.name,
            vcpu: Some(vm.size.vcpu),
            memory: Some(vm.size.memory_mib),
            os_name,
            os_version,
            billing_account: vm.billing_account_id,
            pool: vm.designated_pool_uuid,
            disk: if let VmSource::Disk(disk) = vm.source { Some(disk) } else { None },
            marker,
            is_copy: false,
        }
    }

    #[inline]
    pub(super) fn copy(name: String) -> Self {
        Self { name, is_copy: true, ..Self::default() }
    }
}

http_core::wire::models! {
    /// A VM as it appears in a list, possibly before it is built; only the id is required.
    pub(super) struct VmRow {
        uuid: VmId,
        name: Option<String>,
        status: Option<VmStatus>,
        vcpu: Option<u32>,
        memory: Option<u64>,
        os_name: Option<String>,
        os_version: Option<String>,
        billing_account: Option<BillingAccountId>,
        designated_pool_uuid: Option<HostPoolId>,
        description: Option<String>,
        storage: Option<Vec<DiskRow>>,
    }

    struct DiskRow {
        uuid: DiskId,
    }
}

/// Assumed: a VM appears in the list within ten minutes after the response to its create request was lost. Creating a VM
/// took 33 seconds when it was measured, and other clients wait for up to half an hour.
const SLOWEST: Duration = Duration::from_secs(600);

impl Seek for WantedVm {
    const APPEARS_WITHIN: Duration = SLOWEST;
    type Handle = Vms;
    type Row = VmRow;
    type Found = Vm;

    fn operation(&self) -> Operation {
        if self.is_copy { CLONE } else { CREATE }
    }

    #[inline]
    fn list(&self, vms: &Vms) -> ListCall<VmRow> {
        vms.elastis.call(&LIST).list()
    }

    fn id(row: &VmRow) -> String {
        row.uuid.to_string()
    }

    #[inline]
    fn fit(&self, row: &VmRow) -> Fit {
        let fit = Fit::new()
            .name(&self.name, row.name.as_deref())
            .field("vcpu", self.vcpu.as_ref(), row.vcpu.as_ref())
            .field("memory", self.memory.as_ref(), row.memory.as_ref())
            .word("os_name", self.os_name.as_deref(), row.os_name.as_deref())
            .word("os_version", self.os_version.as_deref(), row.os_version.as_deref())
            .field("billing_account_id", self.billing_account.as_ref(), row.billing_account.as_ref())
            .field("designated_pool_uuid", self.pool.as_ref(), row.designated_pool_uuid.as_ref())
            .unless(row.status == Some(VmStatus::Deleted));
        if self.is_copy {
            // The description of a copy is that of its original, including the marker.
            return fit;
        }
        let fit = fit.marker(self.marker.as_ref(), row.description.as_deref());
        match (self.disk, &row.storage) {
            (Some(disk), Some(disks)) => {
                let has_disk = disks.iter().any(|row| row.uuid == disk);
                fit.field("storage", Some(&true), Some(&has_disk)).unique(has_disk)
            }
            _ => fit,
        }
    }

    #[inline]
    fn fetch(&self, vms: &Vms, id: &str) -> Call<Vm> {
        vms.read(id).json()
    }

    fn marker(&self) -> Option<&Marker> {
        self.marker.as_ref()
    }

    fn found_id(vm: &Vm) -> String {
        vm.uuid.to_string()
    }

    fn found_text(vm: &Vm) -> Option<&str> {
        vm.description.as_deref()
    }
}

impl Vms {
    /// Returns the VM with this name, or creates it as `create(..).recover()` does if there is none. An existing VM is
    /// not changed; the result lists the fields in which it differs from the request.
    ///
    /// **This is not a lock**: see [`Ensure`].
    ///
    /// # Errors
    ///
    /// - Several VMs have this name; [`candidates`](http_core::Error::candidates) returns their ids.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_core::{Login, NewVm, Os, VmSize};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let (os, size) = (Os::new("ubuntu", "22.04-lts"), VmSize::new(2, 2048));
    /// let new = NewVm::from_image("web-1", os, 20, size, Login::new("example", "Password123"))
    ///     .with_billing_account(account);
    /// let vm = elastis.vms().ensure(new.clone()).await?.into_value();
    /// assert_eq!(elastis.vms().ensure(new).await?.into_value().uuid, vm.uuid);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn ensure(&self, vm: NewVm) -> Ensure<Vm> {
        Ensure::new(Some(&vm.name.clone()), self.create(vm))
    }

    /// Finds the VM of a [`create`](Self::create) or [`clone_vm`](Self::clone_vm) whose outcome is unknown. Takes the
    /// ticket that [`note`](http_core::recovery::Recover::note) provided before the request was sent. Creates nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_core::{Login, NewVm, Os, VmSize};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let (os, size) = (Os::new("ubuntu", "22.04-lts"), VmSize::new(2, 2048));
    /// let new = NewVm::from_image("web-1", os, 20, size, Login::new("example", "Password123"))
    ///     .with_billing_account(account);
    /// let noted = elastis.vms().create(new).recover().note().await?;
    /// let stored = serde_json::to_string(noted.ticket())?;
    /// let vm = noted.await?.value;
    ///
    /// // In the next process, if this one ended before the result arrived:
    /// let ticket = serde_json::from_str(&stored)?;
    /// assert_eq!(elastis.vms().find_created(&ticket).await?.value.uuid, vm.uuid);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn find_created(&self, ticket: &Ticket) -> Recover<Vm> {
        Recover::find::<WantedVm>(self.clone(), ticket)
    }
}

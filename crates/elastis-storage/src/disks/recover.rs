//! Finds a disk after the response to its create request was lost.

use elastis_core::{BillingAccountId, DiskId};
use http_core::client::{Fit, Operation, Seek};
use http_core::{Call, ListCall};
use serde::{Deserialize, Serialize};

use crate::disks::{CREATE, Disk, DiskStatus, Disks, LIST};

#[derive(Serialize, Deserialize)]
pub(super) struct WantedDisk {
    pub(super) size_gb: Option<u64>,
    pub(super) billing_account: Option<BillingAccountId>,
    pub(super) source_image_type: String,
    pub(super) source_image: Option<String>,
}

http_core::wire::models! {
    /// A disk as it appears in a list; only the id is required.
    pub(super) struct DiskRow {
        uuid: DiskId,
        status: Option<DiskStatus>,
        size_gb: Option<u64>,
        billing_account_id: Option<BillingAccountId>,
        source_image_type: Option<String>,
        source_image: Option<String>,
    }
}

impl Seek for WantedDisk {
    type Handle = Disks;
    type Row = DiskRow;
    type Found = Disk;

    fn operation(&self) -> Operation {
        CREATE
    }

    #[inline]
    fn list(&self, disks: &Disks) -> ListCall<DiskRow> {
        disks.elastis.call(&LIST).list()
    }

    fn id(row: &DiskRow) -> String {
        row.uuid.to_string()
    }

    #[inline]
    fn fit(&self, row: &DiskRow) -> Fit {
        Fit::new()
            .field("size_gb", self.size_gb.as_ref(), row.size_gb.as_ref())
            .field("billing_account_id", self.billing_account.as_ref(), row.billing_account_id.as_ref())
            .word("source_image_type", Some(&self.source_image_type), row.source_image_type.as_deref())
            .word("source_image", self.source_image.as_deref(), row.source_image.as_deref())
            .unless(row.status == Some(DiskStatus::Deleted))
    }

    #[inline]
    fn fetch(&self, disks: &Disks, id: &str) -> Call<Disk> {
        disks.read(id).json()
    }

    fn found_id(disk: &Disk) -> String {
        disk.uuid.to_string()
    }
}

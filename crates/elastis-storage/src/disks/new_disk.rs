//! The request for a new disk.

use elastis_core::{BillingAccountId, DiskId};
use http_core::client::Form;
use http_core::wire::InvalidValue;

use crate::disks::models::{SnapshotId, SourceImageType};
use crate::disks::recover::WantedDisk;

/// The request for a new disk, either empty or a copy.
///
/// An empty disk needs a size. A copy has the size of its source, unless [`with_size`](Self::with_size) makes it
/// larger.
#[derive(Clone, Debug)]
#[must_use = "nothing is created until it is passed to disks().create(..)"]
pub struct NewDisk {
    source_image_type: SourceImageType,
    source_image: Option<String>,
    size_gib: Option<u64>,
    billing_account: Option<BillingAccountId>,
}

impl NewDisk {
    /// Creates a request for an empty disk of `size_gib` GiB, without a file system.
    pub fn empty(size_gib: u64) -> Self {
        Self::new(SourceImageType::Empty, None).with_size(size_gib)
    }

    /// Creates a request for a copy of an operating system's base image. The image's name is the system's name and
    /// version joined by an underscore: `ubuntu_20.04`.
    pub fn from_image(image: impl Into<String>) -> Self {
        Self::new(SourceImageType::OsBase, Some(image.into()))
    }

    /// Creates a request for a copy of another disk.
    pub fn copy_of(disk: DiskId) -> Self {
        Self::new(SourceImageType::Disk, Some(disk.to_string()))
    }

    /// Creates a request for a copy of a snapshot; [`Disk::snapshots`](crate::Disk::snapshots) lists them.
    pub fn from_snapshot(snapshot: SnapshotId) -> Self {
        Self::new(SourceImageType::Snapshot, Some(snapshot.to_string()))
    }

    fn new(source_image_type: SourceImageType, source_image: Option<String>) -> Self {
        Self { source_image_type, source_image, size_gib: None, billing_account: None }
    }

    /// Sets the size in GiB, at least 1 and at least that of the source.
    pub fn with_size(mut self, size_gib: u64) -> Self {
        self.size_gib = Some(size_gib);
        self
    }

    /// Sets the billing account that pays for the disk. Required unless the API key is restricted to one account.
    pub fn with_billing_account(mut self, account: BillingAccountId) -> Self {
        self.billing_account = Some(account);
        self
    }

    pub(super) fn wanted(&self) -> WantedDisk {
        WantedDisk {
            size_gb: self.size_gib,
            billing_account: self.billing_account,
            source_image_type: self.source_image_type.to_string(),
            source_image: self.source_image.clone(),
        }
    }

    #[inline]
    pub(crate) fn form(self) -> Result<Form, InvalidValue> {
        if self.size_gib == Some(0) {
            return Err(InvalidValue::new("the size of a disk must be at least 1 GiB"));
        }
        Ok(Form::new()
            .optional("size_gb", self.size_gib)
            .optional("billing_account_id", self.billing_account)
            .field("source_image_type", self.source_image_type)
            .optional("source_image", self.source_image))
    }
}

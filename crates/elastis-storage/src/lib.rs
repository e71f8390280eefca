#![doc(html_root_url = "https://docs.rs/elastis-storage/latest")]
#![doc = include_str!("../README.md")]
//!
//! ## Errors
//!
//! A failure is an [`Error`], asked by predicates: see [Errors](http_core#errors), and [`elastis_core`] for what is
//! special about this API.
//!
//! ## Waits
//!
//! [`Disks::wait`] ends early for a disk that is deleted, [`Disks::wait_deleted`] is for those: see
//! [Waits](http_core#waits).
//!
//! ## Retries
//!
//! What makes a disk, a bucket or a key pair is never repeated after it may have been processed: see
//! [Retries](http_core#retries). A key pair whose response was lost is among those of [`S3Keys::list`].
//!
//! ## Secrets
//!
//! [`S3Key::secret_key`] and [`S3Credentials::secret_key`], which an S3 client wants exposed: see
//! [Secrets](http_core#secrets).
//!
//! ## Operations
//!
//! The effect says what a second run would do, and with it what is [repeated](http_core#retries) after a failure.
//!
#![doc = include_str!("operations.md")]

mod buckets;
mod disks;
mod s3;

pub use buckets::{Bucket, BucketName, Buckets, NewBucket};
pub use disks::{Disk, DiskStatus, Disks, NewDisk, Snapshot, SnapshotId, SourceImageType};
pub use elastis_core::{self, BillingAccountId, DiskId, Elastis, Storage, UserId, VmId};
pub use http_core::{self, Call, CallSequence, Error, SecretString, Wait, WaitError, recovery};
pub use s3::{AccessKey, S3, S3Credentials, S3Endpoint, S3Key, S3Keys, S3User, S3UserId};

use http_core::client::{Operation, all_operations};

/// Storage of an [`Elastis`] account. Import it to have its methods.
pub trait ElastisStorage: sealed::Sealed {
    /// The disks of the handle's location.
    fn disks(&self) -> Disks;

    /// The buckets of the account.
    fn buckets(&self) -> Buckets;

    /// What an S3 client needs: address, user, keys.
    fn s3(&self) -> S3;
}

impl ElastisStorage for Elastis {
    fn disks(&self) -> Disks {
        Disks::new(self.clone())
    }

    fn buckets(&self) -> Buckets {
        Buckets::new(self.clone())
    }

    fn s3(&self) -> S3 {
        S3::new(self.clone())
    }
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for elastis_core::Elastis {}
}

/// Every operation of this crate.
pub const OPERATIONS: &[Operation] = all_operations![disks, buckets, s3, s3::keys];

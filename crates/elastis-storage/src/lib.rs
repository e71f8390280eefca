#![doc(html_root_url = "https://docs.rs/elastis-storage/latest")]
#![doc = include_str!("../README.md")]
//!
//! ## Errors
//!
//! Every failure is an [`Error`] with predicates: see [Errors](http_core#errors), and [`elastis_core`] for the
//! peculiarities of this API.
//!
//! ## Waits
//!
//! [`Disks::wait`] waits until a disk reaches a given state and ends early if the disk is deleted;
//! [`Disks::wait_deleted`] waits until it is deleted: see [Waits](http_core#waits).
//!
//! ## Retries
//!
//! A call that creates a disk, a bucket or a key pair is never repeated after the provider may have processed it: see
//! [Retries](http_core#retries). If the response to a create request for a key pair is lost, [`S3Keys::list`] shows
//! whether the key pair exists.
//!
//! ## Secrets
//!
//! [`S3Key::secret_key`] and [`S3Credentials::secret_key`] are secrets; expose them to pass them to an S3 client: see
//! [Secrets](http_core#secrets).
//!
//! ## Operations
//!
//! The effect column shows what sending the request twice would do, and so whether the request is
//! [repeated](http_core#retries) after a failure.
//!
#![doc = include_str!("operations.md")]

mod buckets;
mod disks;
mod s3;

pub use buckets::{Bucket, BucketName, Buckets, NewBucket};
pub use disks::{Disk, DiskStatus, Disks, NewDisk, Snapshot, SnapshotId, SourceImageType};
pub use elastis_core::{self, BillingAccountId, DiskId, Elastis, Storage, UserId, VmId};
pub use http_core::{self, Call, CallSequence, Error, ExposeSecret, SecretString, Wait, WaitError, recovery};
pub use s3::{AccessKey, S3, S3Credentials, S3Endpoint, S3Key, S3Keys, S3User, S3UserId};

use http_core::client::{Operation, all_operations};

/// The storage methods of [`Elastis`]. Import this trait to call them.
pub trait ElastisStorage: sealed::Sealed {
    /// Returns the handle for the disks in the client's location.
    fn disks(&self) -> Disks;

    /// Returns the handle for the buckets of the account.
    fn buckets(&self) -> Buckets;

    /// Returns the handle for the address, user and keys that an S3 client needs.
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

/// All operations of this crate.
pub const OPERATIONS: &[Operation] = all_operations![disks, buckets, s3, s3::keys];

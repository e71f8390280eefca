//! Storage at elastis.id and at other brands of the Warren platform: disks, buckets, and what an S3 client needs.
//!
//! [`ElastisStorage`] gives [`Elastis`] its methods.
//!
//! ```
//! use elastis_storage::{Elastis, ElastisStorage, NewDisk};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let simulator = hostkit_simulator::Simulator::start().await?;
//! # let access = simulator.elastis();
//! # let elastis = Elastis::builder(access.key.as_str()).base_url(&access.base_url).build()?;
//! # let account = access.billing_accounts[0].into();
//! # /*
//! let elastis = Elastis::from_env()?; // ELASTIS_API_KEY
//! # */
//! let disk = elastis.disks().create(NewDisk::empty(50).with_billing_account(account)).await?;
//! println!("{} GiB, in the guest at {}", disk.size_gb, disk.device_path());
//!
//! let s3 = elastis.s3().credentials().await?;
//! println!("S3 at {} with key {}", s3.endpoint, s3.access_key);
//! # Ok(()) }
//! ```
//!
//! A method returns a [`Call`] that is sent by `.await`; a failure is an [`Error`] to be asked with predicates.
//! What makes a disk, a bucket or a key pair is never repeated after it may have been processed. Disks belong
//! to the [location](Elastis::at) of the handle, buckets and keys to the account.
mod buckets;
mod disks;
mod s3;

pub use buckets::{Bucket, BucketName, Buckets, NewBucket};
pub use disks::{Disk, DiskStatus, Disks, NewDisk, Snapshot, SnapshotId, SourceImageType};
pub use elastis_core::{self, BillingAccountId, DiskId, Elastis, Storage, UserId, VmId};
pub use http_core::{self, Call, Error, SecretString, Steps, Wait, WaitError};
pub use s3::{AccessKey, S3, S3Credentials, S3Endpoint, S3Key, S3Keys, S3User, S3UserId};

use http_core::Operation;

/// Storage for [`Elastis`].
pub trait ElastisStorage {
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

/// Every operation of this crate.
pub const OPERATIONS: &[Operation] = &[
    disks::CREATE,
    disks::GET,
    disks::LIST,
    disks::UPDATE,
    disks::DELETE,
    disks::ATTACH,
    disks::DETACH,
    s3::ENDPOINT,
    buckets::CREATE,
    buckets::UPDATE,
    buckets::DELETE,
    buckets::GET,
    buckets::LIST,
    s3::USER,
    s3::DELETE_KEY,
    s3::LIST_KEYS,
    s3::CREATE_KEY,
];

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

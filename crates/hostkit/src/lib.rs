#![cfg_attr(
    all(feature = "leaderssl-gpu", feature = "inferno-vps", feature = "elastis-core"),
    doc = include_str!("../README.md")
)]
//!
//! [Errors](http_core#errors), [retries](http_core#retries), [waits](http_core#waits) and [secrets](http_core#secrets)
//! work the same for all providers; each crate's page describes what is specific to its provider.
#![cfg_attr(
    all(
        feature = "leaderssl-gpu",
        feature = "elastis-billing",
        feature = "elastis-network",
        feature = "elastis-storage"
    ),
    doc = "\nThe [`cookbook`] has a short program for each common task: buying exactly once, ending rentals, errors, \
           retries, waits, concurrent calls, multiple locations, costs, tests, logging, proxies, blocking calls, your \
           own HTTP client, upload links, and migrating from curl."
)]

#[cfg(feature = "elastis-billing")]
pub use elastis_billing;
#[cfg(feature = "elastis-core")]
pub use elastis_core;
#[cfg(feature = "elastis-network")]
pub use elastis_network;
#[cfg(feature = "elastis-storage")]
pub use elastis_storage;
pub use http_core::wire::{DateTime, Decimal, Utc};
pub use http_core::{
    self, Call, CallSequence, Error, ErrorKind, ExposeSecret, RetryPolicy, SecretString, Wait, WaitError,
    recovery, rental, retry,
};
#[cfg(feature = "inferno-vps")]
pub use inferno_vps;
#[cfg(feature = "leaderssl-gpu")]
pub use leaderssl_gpu;

/// The items that most programs need: `use hostkit::prelude::*;`.
///
/// The types are those of elastis. In particular, `Os` is not the operating system of a GPU server: write
/// `leaderssl_gpu::Os` for that one.
pub mod prelude {
    #[cfg(feature = "elastis-billing")]
    pub use elastis_billing::{self, ElastisBilling};
    #[cfg(feature = "elastis-core")]
    pub use elastis_core::{self, BillingAccountId, Elastis, Login, NewVm, Os, Vm, VmId, VmSize};
    #[cfg(feature = "elastis-network")]
    pub use elastis_network::{self, ElastisNetwork, NewFloatingIp, NewLoadBalancer, NewRule};
    #[cfg(feature = "elastis-storage")]
    pub use elastis_storage::{self, ElastisStorage, NewBucket, NewDisk};
    pub use http_core::client::Method;
    pub use http_core::{Error, ExposeSecret, RetryPolicy, SecretString};
    #[cfg(feature = "inferno-vps")]
    pub use inferno_vps;
    #[cfg(feature = "leaderssl-gpu")]
    pub use leaderssl_gpu;
}

#[cfg(all(
    any(doc, doctest),
    feature = "leaderssl-gpu",
    feature = "elastis-billing",
    feature = "elastis-network",
    feature = "elastis-storage"
))]
#[doc = include_str!("cookbook.md")]
pub mod cookbook {}

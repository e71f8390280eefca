//! The hostkit clients as one crate: LeaderSSL GPU servers, Inferno VPS and elastis.id.
//!
//! Each provider has a crate of its own, which is re-exported here behind a feature of the same name and works
//! without this one. This crate adds a [`prelude`] and a [cookbook](#cookbook).
#![cfg_attr(
    all(feature = "leaderssl-gpu", feature = "elastis-core"),
    doc = r#"
```no_run
use hostkit::prelude::*;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let leaderssl = leaderssl_gpu::Client::from_env()?; // LEADERSSL_LOGIN, LEADERSSL_PASSWORD
    let elastis = Elastis::from_env()?; // ELASTIS_API_KEY

    for server in leaderssl.servers().list().await? {
        println!("{} is {}", server.name, server.status);
    }
    for vm in elastis.vms().list().await? {
        println!("{} is {}", vm.name, vm.status);
    }
    Ok(())
}
```
"#
)]
//!
//! [Errors](http_core#errors), [retries](http_core#retries), [waits](http_core#waits) and
//! [secrets](http_core#secrets) work the same for all providers; their own pages say what is special.
//!
#![cfg_attr(
    all(
        feature = "leaderssl-gpu",
        feature = "elastis-billing",
        feature = "elastis-network",
        feature = "elastis-storage"
    ),
    doc = r"
## Cookbook

The [`cookbook`] has a program for each of these: never buy twice and never lose what was bought, end what is billed,
errors, retries, waits, many locations, costs, tests, logging, proxies, blocking, your own HTTP client, upload links,
and migrating from curl.
"
)]
//!
//! ## Features
//!
//! | feature | what it brings |
//! |---|---|
//! | `leaderssl-gpu` | GPU servers of LeaderSSL: products, orders, servers |
//! | `inferno-vps` | Inferno VPS: orders, installs, power, SSH keys |
//! | `elastis` | elastis.id and its sister brands, all of the four below |
//! | `elastis-core` | users, tokens, locations, VMs, replicas, images |
//! | `elastis-storage` | disks, buckets, S3 keys |
//! | `elastis-network` | private networks, floating IPs, load balancers |
//! | `elastis-billing` | billing accounts, cards, credit, invoices, prices, usage |
//! | `rustls`, `aws-lc`, `native-tls` | TLS: rustls with ring (default), rustls with AWS libcrypto, the system's |
//! | `http2` | HTTP/2 where the server offers it |
//! | `blocking` | `send_blocking()` on every call |
//! | `signal` | `until_signal()`, which ends rentals on Ctrl-C and SIGTERM |
//! | `tracing` | spans and events through the `tracing` crate (default) |
//!
//! All providers and `rustls` are on unless `default-features = false`. Then turn on the features of the providers
//! that you use.

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

/// What most programs need: `use hostkit::prelude::*;`.
pub mod prelude {
    #[cfg(feature = "elastis-billing")]
    pub use elastis_billing::{self, ElastisBilling};
    #[cfg(feature = "elastis-core")]
    pub use elastis_core::{self, BillingAccountId, Elastis, Login, NewVm, Os, Vm, VmId, VmSize};
    #[cfg(feature = "elastis-network")]
    pub use elastis_network::{self, ElastisNetwork, NewFloatingIp, NewLoadBalancer, NewRule};
    #[cfg(feature = "elastis-storage")]
    pub use elastis_storage::{self, ElastisStorage, NewBucket, NewDisk};
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

#[cfg(all(doctest, feature = "leaderssl-gpu", feature = "inferno-vps", feature = "elastis-core"))]
#[doc = include_str!("../README.md")]
struct Readme;

#![doc(html_root_url = "https://docs.rs/elastis-core/latest")]
#![doc = include_str!("../README.md")]
//!
//! ## Errors
//!
//! A failure is an [`Error`], asked by predicates: see [Errors](http_core#errors). This API knows half a dozen shapes
//! of refusal, some of them with status 200; all of them end up in the same predicates. A wrong location or base URL is
//! [`is_unknown_route`](Error::is_unknown_route), never [`is_not_found`](Error::is_not_found).
//!
//! ## Waits
//!
//! [`Vms::wait`] ends early for a VM that is deleted, [`Vms::wait_deleted`] is for the others: see
//! [Waits](http_core#waits). They are seldom needed, because the provider answers a change only when it is done;
//! instead an attempt that changes something may take ten minutes.
//!
//! ## Retries
//!
//! What creates, clones, reinstalls or toggles is never repeated after it may have been processed: see
//! [Retries](http_core#retries). If such a response is lost, the error names the call that shows what came of it, e.g.
//! [`Vms::find_by_name`].
//!
//! ## Secrets
//!
//! The API key, the value of a [`Token`] and the passwords of [`Login`] and [`Vms::change_password`]: see
//! [Secrets](http_core#secrets).
//!
//! ## Operations
//!
//! The effect says what a second run would do, and with it what is [repeated](http_core#retries) after a failure.
//!
#![doc = include_str!("operations.md")]

mod client;
mod dialect;
mod host_pools;
mod ids;
mod images;
mod in_all_locations;
mod locations;
mod parameters;
mod replicas;
mod tokens;
mod user;
mod vm_disks;
mod vms;

pub use client::Elastis;
pub use host_pools::{HostPool, HostPools};
pub use http_core::wire::Decimal;
pub use http_core::{self, Call, CallSequence, Error, SecretString, Wait, WaitError, recovery};
pub use ids::{BillingAccountId, DiskId, HostPoolId, LocationSlug, NetworkId, ReplicaId, UserId, VmId};
pub use images::{Image, ImageVersion, Images};
pub use in_all_locations::InLocation;
pub use locations::{Location, Locations};
pub use parameters::{BrokenRule, Constraint, Limit, Parameters, Violation, VmParameter, VmParameters};
pub use replicas::{Replica, ReplicaKind, Replicas};
pub use tokens::{CreatedToken, NewToken, Token, TokenId, TokenUpdate, Tokens};
pub use user::{Profile, ProfileUpdate, User, Users};
pub use vm_disks::VmDisks;
pub use vms::{
    CloudInit, Login, NewVm, Os, Reinstall, ReplicaSource, Storage, Vm, VmSize, VmSource, VmStatus, VmUpdate,
    Vms, WriteFile,
};

use http_core::client::{Operation, all_operations};

/// Every operation of this crate.
pub const OPERATIONS: &[Operation] = all_operations![
    user,
    tokens,
    locations,
    vms,
    vms::power,
    vms::public_ip,
    vm_disks,
    replicas,
    host_pools,
    parameters,
    images
];

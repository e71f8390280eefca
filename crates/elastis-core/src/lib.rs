#![doc(html_root_url = "https://docs.rs/elastis-core/latest")]
#![doc = include_str!("../README.md")]
//!
//! ## Errors
//!
//! Every failure is an [`Error`] with predicates: see [Errors](http_core#errors). This API has half a dozen formats for
//! error responses, some of them with status 200; the predicates cover all of them. A wrong location or base URL is
//! reported as [`is_unknown_url`](Error::is_unknown_url), never [`is_not_found`](Error::is_not_found).
//!
//! ## Waits
//!
//! [`Vms::wait`] waits until a VM reaches a given state and ends early if the VM is deleted; [`Vms::wait_deleted`]
//! waits until it is deleted: see [Waits](http_core#waits). Both are rarely needed, because the provider responds to a
//! change only when the change is complete. For the same reason, the timeout of each attempt of a mutating call is ten
//! minutes.
//!
//! ## Retries
//!
//! A call that creates, clones, reinstalls or toggles is never repeated after the provider may have processed it: see
//! [Retries](http_core#retries). If its response is lost, the error message names the call that shows the outcome, e.g.
//! [`Vms::find_by_name`].
//!
//! ## Secrets
//!
//! The API key, the value of a [`Token`] and the passwords of [`Login`] and [`Vms::change_password`] are secrets: see
//! [Secrets](http_core#secrets).
//!
//! ## Operations
//!
//! The effect column shows what sending the request twice would do, and so whether the request is
//! [repeated](http_core#retries) after a failure.
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
pub use http_core::{self, Call, CallSequence, Error, ExposeSecret, SecretString, Wait, WaitError, recovery};
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

/// All operations of this crate.
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

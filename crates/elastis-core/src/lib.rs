//! Client of elastis.id and of other brands of the Warren platform: users, tokens, locations, virtual machines,
//! replicas, images and parameters.
mod client;
mod dialect;
mod ids;
mod locations;

pub use client::Elastis;
pub use http_core::{self, Call, Decimal, Error, SecretString, Steps, Wait, WaitError};
pub use ids::{BillingAccountId, DiskId, HostPoolId, NetworkId, ReplicaId, UserId, VmId};
pub use locations::LocationSlug;

//! Pools of hosts: the classes of servers that a virtual machine can run on.

use http_core::Call;
use http_core::client::Operation;
use http_core::wire::{DateTime, EmptyAsNone, Flag, Text, Timestamp, Utc};
use serde::{Deserialize, Serialize};
use serde_with::serde_as;

use crate::client::Elastis;
use crate::ids::HostPoolId;

impl Elastis {
    /// Returns the handle for host pools: the classes of servers that VMs can run on.
    pub fn host_pools(&self) -> HostPools {
        HostPools { elastis: self.clone() }
    }
}

pub(crate) const LIST: Operation =
    Operation::get("host_pool.list", "/v1/user-resource/host_pool/list").location_scoped();

/// The classes of servers; from [`Elastis::host_pools`].
#[derive(Clone, Debug)]
pub struct HostPools {
    elastis: Elastis,
}

impl HostPools {
    /// All pools of the location, for [`NewVm::with_host_pool`](crate::NewVm::with_host_pool).
    ///
    /// `GET /v1/user-resource/host_pool/list`
    ///
    /// ```
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// for pool in elastis.host_pools().list().await? {
    ///     println!("{:?}{}", pool.name, if pool.is_default_designated { " (default)" } else { "" });
    /// }
    /// # Ok(()) });
    /// ```
    pub fn list(&self) -> Call<Vec<HostPool>> {
        self.elastis.call(&LIST).list()
    }
}

/// A class of servers that a virtual machine can run on.
#[serde_as]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HostPool {
    /// The id.
    pub uuid: HostPoolId,
    /// The name.
    #[serde_as(as = "serde_with::DefaultOnNull")]
    #[serde(default)]
    pub name: String,
    /// What it is good for.
    #[serde_as(as = "EmptyAsNone<Text>")]
    #[serde(default)]
    pub description: Option<String>,
    /// Whether machines go here whose pool is not chosen.
    #[serde_as(as = "serde_with::DefaultOnNull<Flag>")]
    #[serde(default)]
    pub is_default_designated: bool,
    /// When it was made.
    #[serde_as(as = "Timestamp")]
    #[serde(default)]
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    #[serde_as(as = "Timestamp")]
    #[serde(default)]
    pub updated_at: Option<DateTime<Utc>>,
}

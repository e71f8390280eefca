//! Pools of hosts: the classes of servers that a VM can run on.

use http_core::ListCall;
use http_core::client::{Operation, operations};
use http_core::wire::{DateTime, Utc};

use crate::client::Elastis;
use crate::ids::HostPoolId;

impl Elastis {
    /// Returns the handle for host pools: the classes of servers that VMs can run on.
    pub fn host_pools(&self) -> HostPools {
        HostPools { elastis: self.clone() }
    }
}

operations![LIST = Operation::get("host_pool.list", "/v1/user-resource/host_pool/list").location_scoped(),];

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
    pub fn list(&self) -> ListCall<HostPool> {
        self.elastis.call(&LIST).list()
    }
}

http_core::wire::models! {
    /// A class of servers that a VM can run on.
    pub struct HostPool {
        /// The id.
        pub uuid: HostPoolId,
        /// The name.
        pub name: String,
        /// What it is good for.
        pub description: Option<String>,
        /// Whether VMs go here whose pool is not chosen.
        pub is_default_designated: bool,
        /// When it was made.
        pub created_at: Option<DateTime<Utc>>,
        /// When it was last changed.
        pub updated_at: Option<DateTime<Utc>>,
    }
}

//! Host pools: the groups of hosts that a VM can run on.

use http_core::ListCall;
use http_core::client::{Operation, operations};
use http_core::wire::{DateTime, Utc};

use crate::client::Elastis;
use crate::ids::HostPoolId;

impl Elastis {
    /// Returns the handle for host pools, the groups of hosts that VMs can run on.
    pub fn host_pools(&self) -> HostPools {
        HostPools { elastis: self.clone() }
    }
}

operations![LIST = Operation::get("host_pool.list", "/v1/user-resource/host_pool/list").location_scoped(),];

/// The handle for host pools; returned by [`Elastis::host_pools`].
#[derive(Clone, Debug)]
pub struct HostPools {
    elastis: Elastis,
}

impl HostPools {
    /// Returns the host pools in the location. Pass one to [`NewVm::with_host_pool`](crate::NewVm::with_host_pool).
    ///
    /// `GET /v1/user-resource/host_pool/list`
    ///
    /// # Errors
    ///
    /// - [`is_unknown_url`](http_core::Error::is_unknown_url): the provider has no such location.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// for pool in elastis.host_pools().list().await? {
    ///     println!("{:?}{}", pool.name, if pool.is_default_designated { " (default)" } else { "" });
    /// }
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn list(&self) -> ListCall<HostPool> {
        self.elastis.call(&LIST).list()
    }
}

http_core::wire::models! {
    /// A group of hosts that a VM can run on.
    pub struct HostPool {
        /// The pool's id.
        pub uuid: HostPoolId,
        /// The pool's name.
        pub name: String,
        /// The intended use of the pool.
        pub description: Option<String>,
        /// Whether VMs that are created without a host pool run in this one.
        pub is_default_designated: bool,
        /// The time at which the pool was created.
        pub created_at: Option<DateTime<Utc>>,
        /// The time of the last update.
        pub updated_at: Option<DateTime<Utc>>,
    }
}

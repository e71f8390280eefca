//! Locations.

use http_core::ListCall;
use http_core::client::{Operation, operations};

use crate::client::Elastis;
use crate::ids::LocationSlug;

impl Elastis {
    /// Returns the handle for locations, the provider's data centers.
    pub fn locations(&self) -> Locations {
        Locations { elastis: self.clone() }
    }
}

operations![LIST = Operation::get("location.list", "/v1/config/locations"),];

/// The handle for locations; returned by [`Elastis::locations`].
#[derive(Clone, Debug)]
pub struct Locations {
    elastis: Elastis,
}

impl Locations {
    /// Returns all locations. Use [`Elastis::at`] to work in one of them and [`Elastis::in_all_locations`] to call all
    /// of them.
    ///
    /// `GET /v1/config/locations`
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// for location in elastis.locations().list().await? {
    ///     let vms = elastis.at(location.slug.clone()).vms().list().await?;
    ///     println!("{}: {} VMs", location.display_name, vms.len());
    /// }
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn list(&self) -> ListCall<Location> {
        self.elastis.call(&LIST).list()
    }
}

http_core::wire::models! {
    /// A data center, or a part of one.
    pub struct Location {
        /// The short name for [`Elastis::at`].
        pub slug: LocationSlug,
        /// The human-readable name.
        pub display_name: String,
        /// Whether calls without a location use this one.
        pub is_default: bool,
        /// Whether the provider prefers new resources to be created here.
        pub is_preferred: bool,
        /// The provider's description of the location.
        pub description: Option<String>,
        /// The position in the provider's own lists.
        pub order_nr: Option<i64>,
        /// The country as a three-letter code.
        pub country_code: Option<String>,
    }
}

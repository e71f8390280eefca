//! Locations.

use http_core::ListCall;
use http_core::client::{Operation, operations};

use crate::client::Elastis;
use crate::ids::LocationSlug;

impl Elastis {
    /// Returns the handle for locations.
    pub fn locations(&self) -> Locations {
        Locations { elastis: self.clone() }
    }
}

operations![LIST = Operation::get("location.list", "/v1/config/locations"),];

/// The data centres; from [`Elastis::locations`].
#[derive(Clone, Debug)]
pub struct Locations {
    elastis: Elastis,
}

impl Locations {
    /// All locations. To work in one of them see [`Elastis::at`], in all of them [`Elastis::in_all_locations`].
    ///
    /// `GET /v1/config/locations`
    ///
    /// ```
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// for location in elastis.locations().list().await? {
    ///     let vms = elastis.at(location.slug.clone()).vms().list().await?;
    ///     println!("{}: {} VMs", location.display_name, vms.len());
    /// }
    /// # Ok(()) });
    /// ```
    pub fn list(&self) -> ListCall<Location> {
        self.elastis.call(&LIST).list()
    }
}

http_core::wire::models! {
    /// A data centre, or a part of one.
    pub struct Location {
        /// The short name, for [`Elastis::at`].
        pub slug: LocationSlug,
        /// The name for people.
        pub display_name: String,
        /// Whether calls go here that name no location.
        pub is_default: bool,
        /// Whether the provider would rather have new resources here.
        pub is_preferred: bool,
        /// A description.
        pub description: Option<String>,
        /// The place in the provider's own lists.
        pub order_nr: Option<i64>,
        /// The country, in three letters.
        pub country_code: Option<String>,
    }
}

//! Locations.

http_core::text_id! {
    /// The short name of a location, as it stands in addresses, e.g. `bus02`.
    pub struct LocationSlug;
}

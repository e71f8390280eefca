//! The locations, each with resources of its own.

pub(crate) struct Location {
    pub(crate) slug: &'static str,
    pub(crate) display_name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) is_default: bool,
}

/// The locations; the first one is the location of a path without a slug.
pub(crate) const LOCATIONS: [Location; 2] = [
    Location {
        slug: "cyc01",
        display_name: "Cycletown",
        description: "The original location",
        is_default: true,
    },
    Location { slug: "bus02", display_name: "Busburg", description: "Secondary location", is_default: false },
];

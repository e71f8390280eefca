//! Operating systems, as images, creation and reinstallation name them.

/// An operating system in one version; see [`Images`](crate::Images) for what is on offer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Os {
    /// The name, e.g. `ubuntu`.
    pub name: String,
    /// The version, e.g. `22.04-lts`.
    pub version: String,
}

impl Os {
    /// This version of this system, e.g. `ubuntu` in `22.04-lts`.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self { name: name.into(), version: version.into() }
    }
}

//! Every operation of every crate.

use std::collections::BTreeMap;

use http_core::client::{Effect, Operation, Recovery};

/// One operation and the crate that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) package: &'static str,
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    /// The path template, with the query where that tells operations apart.
    pub(crate) path: &'static str,
    /// `read`, `idempotent` or `once`.
    pub(crate) effect: &'static str,
    /// Whether a location's slug may stand in the path.
    pub(crate) located: bool,
    /// What becomes of a lost response; `None` where it only reads.
    pub(crate) recovery: Option<Recovery>,
}

impl Endpoint {
    /// One that is sent once, and belongs to no location.
    #[cfg(test)]
    pub(crate) const fn new(
        package: &'static str,
        name: &'static str,
        method: &'static str,
        path: &'static str,
    ) -> Self {
        Self { package, name, method, path, effect: "once", located: false, recovery: None }
    }

    /// The path with every `{name}` replaced, and what stands in their place.
    pub(crate) fn fill(&self, mut value: impl FnMut(&str) -> String) -> (String, BTreeMap<String, String>) {
        let mut segments = BTreeMap::new();
        let template = self.path.split('?').next().unwrap_or_default();
        let path = template.split('/').map(|part| match name_of(part) {
            Some(name) => segments.entry(name.to_owned()).or_insert_with(|| value(name)).clone(),
            None => part.to_owned(),
        });
        (path.collect::<Vec<_>>().join("/"), segments)
    }

    /// Whether the path fits the template, names standing for anything.
    pub(crate) fn serves(&self, method: &str, path: &str) -> bool {
        let (mut ours, mut theirs) = (self.path.split('/'), path.split('/'));
        let mut fits = || loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some(ours), Some(theirs)) if ours == theirs || name_of(ours).is_some() => {}
                _ => return false,
            }
        };
        self.method == method && fits()
    }
}

/// `name` of the template's part `{name}`.
pub(crate) fn name_of(part: &str) -> Option<&str> {
    part.strip_prefix('{')?.strip_suffix('}')
}

/// Every crate that has operations, in the order of the house.
pub(crate) const CRATES: &[(&str, &[Operation])] = &[
    ("leaderssl-gpu", leaderssl_gpu::OPERATIONS),
    ("inferno-vps", inferno_vps::OPERATIONS),
    ("elastis-core", elastis_core::OPERATIONS),
    ("elastis-storage", elastis_storage::OPERATIONS),
    ("elastis-network", elastis_network::OPERATIONS),
    ("elastis-billing", elastis_billing::OPERATIONS),
];

/// The operations of all crates.
pub(crate) fn all() -> Vec<Endpoint> {
    let of = |&(package, operations): &(&'static str, &'static [Operation])| {
        operations.iter().map(move |operation| Endpoint {
            package,
            name: operation.name(),
            method: operation.method().as_str(),
            path: operation.path(),
            effect: operation.effect().as_str(),
            located: operation.is_location_scoped(),
            recovery: (operation.effect() != Effect::Read).then(|| operation.recovery()),
        })
    };
    CRATES.iter().flat_map(of).collect()
}

/// The crates that have operations.
pub(crate) fn packages() -> impl Iterator<Item = &'static str> {
    CRATES.iter().map(|(package, _)| *package)
}

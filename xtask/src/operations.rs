//! The operations of all crates.

use std::collections::BTreeMap;

use http_core::client::{Effect, Operation, Recovery};

/// An operation, and the crate that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) package: &'static str,
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    /// The path template, with the query if it distinguishes operations.
    pub(crate) path: &'static str,
    /// `read`, `idempotent` or `non-idempotent`.
    pub(crate) effect: &'static str,
    /// Whether the path may contain a location's slug.
    pub(crate) located: bool,
    /// How a lost response is recovered or confirmed; `None` for reads.
    pub(crate) recovery: Option<Recovery>,
}

impl Endpoint {
    /// Creates a non-idempotent operation without a location.
    #[cfg(test)]
    pub(crate) const fn new(
        package: &'static str,
        name: &'static str,
        method: &'static str,
        path: &'static str,
    ) -> Self {
        Self { package, name, method, path, effect: "non-idempotent", located: false, recovery: None }
    }

    /// Returns the path with every `{name}` replaced, and the replacements.
    pub(crate) fn fill(&self, mut value: impl FnMut(&str) -> String) -> (String, BTreeMap<String, String>) {
        let mut segments = BTreeMap::new();
        let template = self.path.split('?').next().unwrap_or_default();
        let path = template.split('/').map(|part| match name_of(part) {
            Some(name) => segments.entry(name.to_owned()).or_insert_with(|| value(name)).clone(),
            None => part.to_owned(),
        });
        (path.collect::<Vec<_>>().join("/"), segments)
    }

    /// Returns whether the endpoint has this method, and a path template that matches this path.
    pub(crate) fn serves(&self, method: &str, path: &str) -> bool {
        let (mut expected, mut actual) = (self.path.split('/'), path.split('/'));
        let mut fits = || loop {
            match (expected.next(), actual.next()) {
                (None, None) => return true,
                (Some(expected), Some(actual)) if expected == actual || name_of(expected).is_some() => {}
                _ => return false,
            }
        };
        self.method == method && fits()
    }
}

/// Returns `name` for the template's part `{name}`.
pub(crate) fn name_of(part: &str) -> Option<&str> {
    part.strip_prefix('{')?.strip_suffix('}')
}

/// Every crate with operations, in the usual order.
pub(crate) const CRATES: &[(&str, &[Operation])] = &[
    ("leaderssl-gpu", leaderssl_gpu::OPERATIONS),
    ("inferno-vps", inferno_vps::OPERATIONS),
    ("elastis-core", elastis_core::OPERATIONS),
    ("elastis-storage", elastis_storage::OPERATIONS),
    ("elastis-network", elastis_network::OPERATIONS),
    ("elastis-billing", elastis_billing::OPERATIONS),
];

/// Returns the operations of all crates.
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

/// Returns the crates with operations.
pub(crate) fn packages() -> impl Iterator<Item = &'static str> {
    CRATES.iter().map(|(package, _)| *package)
}

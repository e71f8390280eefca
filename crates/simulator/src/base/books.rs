//! Counts the resources that requests have created, and lists those that are billed.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::router::names;

/// The number of resources ever created, and everything that is billed now, for tests of lost and duplicate create
/// requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Books {
    /// The number of resources that requests have created, including deleted ones, by kind, e.g. `elastis/vm`.
    pub created: BTreeMap<String, u64>,
    /// Everything that is billed now.
    pub billed: Vec<Billed>,
}

/// A resource or order that is billed now.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Billed {
    /// The provider, e.g. `elastis`.
    pub provider: &'static str,
    /// The kind: `vm`, `disk`, `ip`, `load_balancer`, `bucket`, `server` or `order`.
    pub kind: &'static str,
    /// The resource's UUID or number, or a bucket's name.
    pub id: String,
    /// The name of the resource, or of the ordered product.
    pub name: String,
    /// The time since which the resource has been billed.
    pub since: DateTime<Utc>,
}

impl Books {
    /// Returns the number of resources of a kind that were ever created. Examples of a kind are `vm`,
    /// `inferno-vps/order`, `elastis/*` and `*`.
    pub fn created(&self, kind: &str) -> u64 {
        let of =
            |key: &str| key.split_once('/').is_some_and(|(provider, of)| names(kind, provider, Some(of)));
        self.created.iter().filter(|(key, _)| of(key)).map(|(_, count)| count).sum()
    }

    /// Returns the resources and orders of a kind that are billed now. Kinds are named as in
    /// [`created`](method@Self::created).
    pub fn billed(&self, kind: &str) -> Vec<&Billed> {
        self.billed.iter().filter(|billed| names(kind, billed.provider, Some(billed.kind))).collect()
    }

    pub(crate) fn count(&mut self, provider: &str, kind: &str, created: u64) {
        self.created.insert(format!("{provider}/{kind}"), created);
    }
}

//! Everything that the providers have sold.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::router::names;

/// What was ever created, and what is billed now. Tests of lost and duplicate creates compare with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Books {
    /// The number of resources of each kind that requests have created, such as `elastis/vm`; deleted ones count too.
    pub created: BTreeMap<String, u64>,
    /// Everything that is billed now.
    pub billed: Vec<Billed>,
}

/// Something that is billed now.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Billed {
    /// The provider, e.g. `elastis`.
    pub provider: &'static str,
    /// The kind: `vm`, `disk`, `ip`, `load_balancer`, `bucket`, `server` or `order`.
    pub kind: &'static str,
    /// The UUID or number of the resource; the name of a bucket.
    pub id: String,
    /// The name of the resource, or what was ordered.
    pub name: String,
    /// The time from which it is billed.
    pub since: DateTime<Utc>,
}

impl Books {
    /// Returns the number of resources of a kind that were ever created: `vm`, `inferno-vps/order`, `elastis/*` or `*`.
    pub fn created(&self, kind: &str) -> u64 {
        let of =
            |key: &str| key.split_once('/').is_some_and(|(provider, of)| names(kind, provider, Some(of)));
        self.created.iter().filter(|(key, _)| of(key)).map(|(_, count)| count).sum()
    }

    /// Returns everything of a kind that is billed now.
    pub fn billed(&self, kind: &str) -> Vec<&Billed> {
        self.billed.iter().filter(|billed| names(kind, billed.provider, Some(billed.kind))).collect()
    }

    pub(crate) fn count(&mut self, provider: &str, kind: &str, created: u64) {
        self.created.insert(format!("{provider}/{kind}"), created);
    }
}

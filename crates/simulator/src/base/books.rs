//! What the providers have sold.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::router::names;

/// What was ever created, and what is billed now: what a test about lost and doubled creates asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Books {
    /// How many of each kind were ever created by requests, such as `elastis/vm`; what has been deleted counts.
    pub created: BTreeMap<String, u64>,
    /// Everything that costs money now.
    pub billed: Vec<Billed>,
}

/// Something that costs money now.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Billed {
    /// The provider, e.g. `elastis`.
    pub provider: &'static str,
    /// What it is: `vm`, `disk`, `ip`, `load_balancer`, `bucket`, `server` or `order`.
    pub kind: &'static str,
    /// Its UUID or number; a bucket's name.
    pub id: String,
    /// What it is called, or what was ordered.
    pub name: String,
    /// Since when it is billed.
    pub since: DateTime<Utc>,
}

impl Books {
    /// How many of a kind were ever created: `vm`, `inferno-vps/order`, `elastis/*` or `*`.
    pub fn created(&self, kind: &str) -> u64 {
        let of =
            |key: &str| key.split_once('/').is_some_and(|(provider, of)| names(kind, provider, Some(of)));
        self.created.iter().filter(|(key, _)| of(key)).map(|(_, count)| count).sum()
    }

    /// What is billed now of a kind.
    pub fn billed(&self, kind: &str) -> Vec<&Billed> {
        self.billed.iter().filter(|billed| names(kind, billed.provider, Some(billed.kind))).collect()
    }

    pub(crate) fn count(&mut self, provider: &str, kind: &str, created: u64) {
        self.created.insert(format!("{provider}/{kind}"), created);
    }
}

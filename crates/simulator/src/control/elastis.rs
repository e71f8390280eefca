//! What tests and demos hold of the simulated elastis.
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::elastis::{API_KEY, BILLING_ACCOUNTS, Elastis};
use crate::world::Shared;

/// The base URL and key of elastis, and what a client of its API cannot do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ElastisAccess {
    /// Takes the place of `https://api.elastis.id`.
    pub base_url: String,
    /// The API key of the first token, which is not restricted.
    pub key: String,
    /// The user's own billing accounts: the default one, and one that has credit and no card.
    pub billing_accounts: [u64; 2],
    shared: Arc<Shared>,
}

impl ElastisAccess {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let base_url = shared.addresses.base_url(Elastis::NAME);
        Self { base_url, key: API_KEY.to_owned(), billing_accounts: BILLING_ACCOUNTS, shared }
    }

    /// Whether a cloned VM gets a public address of its own, and its bill; not so at first.
    pub fn set_clones_with_address(&self, with_address: bool) {
        self.shared.state().providers.elastis.set_clones_with_address(with_address);
    }

    /// Adds prepaid credit to a billing account, as a bank transfer does; false where there is no such account.
    pub fn add_credit(&self, billing_account: u64, amount: Decimal) -> bool {
        let clock = &self.shared.clock;
        self.shared.state().providers.elastis.add_credit(billing_account, amount, clock)
    }

    /// Uploads to a bucket as many objects with so many bytes in all, as an S3 client would; false where
    /// there is no such bucket.
    pub fn put_objects(&self, bucket: &str, objects: u64, bytes: u64) -> bool {
        let clock = &self.shared.clock;
        self.shared.state().providers.elastis.put_objects(bucket, objects, bytes, clock)
    }

    /// Removes all objects of a bucket, so that it can be deleted; false where there is no such bucket.
    pub fn empty_bucket(&self, bucket: &str) -> bool {
        let clock = &self.shared.clock;
        self.shared.state().providers.elastis.empty_bucket(bucket, clock)
    }
}

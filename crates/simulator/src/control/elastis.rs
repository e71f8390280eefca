//! The handle for the simulated elastis.
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::elastis::{API_KEY, BILLING_ACCOUNTS, Elastis};
use crate::world::Shared;

/// The base URL and API key of the simulated elastis, and methods for actions that the API does not offer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ElastisAccess {
    /// The base URL, to use instead of `https://api.elastis.id`.
    pub base_url: String,
    /// The API key of the account's first token, which is unrestricted.
    pub key: String,
    /// The user's billing accounts: the default one, and one that has credit but no card.
    pub billing_accounts: [u64; 2],
    shared: Arc<Shared>,
}

impl ElastisAccess {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let base_url = shared.addresses.base_url(Elastis::NAME);
        Self { base_url, key: API_KEY.to_owned(), billing_accounts: BILLING_ACCOUNTS, shared }
    }

    /// Sets whether a cloned VM gets a billed public address of its own; off by default.
    pub fn set_clones_with_address(&self, with_address: bool) {
        self.shared.state().providers.elastis.set_clones_with_address(with_address);
    }

    /// Adds prepaid credit to a billing account, as a bank transfer does. Returns false if the account does not exist.
    pub fn add_credit(&self, billing_account: u64, amount: Decimal) -> bool {
        let clock = &self.shared.clock;
        self.shared.state().providers.elastis.add_credit(billing_account, amount, clock)
    }

    /// Uploads `objects` objects with a total size of `bytes` to a bucket, as an S3 client does. Returns false if the
    /// bucket does not exist.
    pub fn put_objects(&self, bucket: &str, objects: u64, bytes: u64) -> bool {
        let clock = &self.shared.clock;
        self.shared.state().providers.elastis.put_objects(bucket, objects, bytes, clock)
    }

    /// Deletes all objects in a bucket, so that the bucket can be deleted. Returns false if the bucket does not exist.
    pub fn empty_bucket(&self, bucket: &str) -> bool {
        let clock = &self.shared.clock;
        self.shared.state().providers.elastis.empty_bucket(bucket, clock)
    }
}

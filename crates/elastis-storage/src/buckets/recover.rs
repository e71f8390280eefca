//! Finds a bucket after the response to its create request was lost.

use elastis_core::BillingAccountId;
use http_core::client::{Fit, Operation, Seek};
use http_core::{Call, ListCall};
use serde::{Deserialize, Serialize};

use super::{Bucket, BucketName, Buckets, CREATE, LIST, NewBucket};

#[derive(Serialize, Deserialize)]
pub(super) struct WantedBucket {
    name: BucketName,
    billing_account: Option<BillingAccountId>,
}

impl WantedBucket {
    pub(super) fn new(bucket: &NewBucket) -> Self {
        Self { name: bucket.name.clone(), billing_account: bucket.billing_account_id }
    }
}

http_core::wire::models! {
    /// A bucket as it appears in a list; only the name is required.
    pub(super) struct BucketRow {
        name: BucketName,
        billing_account_id: Option<BillingAccountId>,
    }
}

impl Seek for WantedBucket {
    const MAY_RETURN_EXISTING: bool = true;
    const ID_IS_NAME: bool = true;
    type Handle = Buckets;
    type Row = BucketRow;
    type Found = Bucket;

    fn operation(&self) -> Operation {
        CREATE
    }

    #[inline]
    fn list(&self, buckets: &Buckets) -> ListCall<BucketRow> {
        buckets.elastis.call(&LIST).list()
    }

    fn id(row: &BucketRow) -> String {
        row.name.to_string()
    }

    #[inline]
    fn fit(&self, row: &BucketRow) -> Fit {
        Fit::new()
            .name(self.name.as_str(), Some(row.name.as_str()))
            .field("billing_account_id", self.billing_account.as_ref(), row.billing_account_id.as_ref())
            .unique(row.name == self.name)
    }

    #[inline]
    fn fetch(&self, buckets: &Buckets, id: &str) -> Call<Bucket> {
        buckets.read(id).json()
    }

    fn found_id(bucket: &Bucket) -> String {
        bucket.name.to_string()
    }
}

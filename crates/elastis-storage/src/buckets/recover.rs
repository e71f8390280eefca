//! Finds a bucket after the response to its create was lost.

use elastis_core::BillingAccountId;
use http_core::client::{Fit, Operation, Seek};
use http_core::recovery::{Ensure, Recover, Ticket};
use http_core::{Call, ListCall};
use serde::{Deserialize, Serialize};

use super::{Bucket, BucketName, Buckets, CREATE, GET, LIST, NewBucket};

#[derive(Serialize, Deserialize)]
pub(super) struct SoughtBucket {
    name: BucketName,
    billing_account: Option<BillingAccountId>,
}

impl SoughtBucket {
    pub(super) fn new(bucket: &NewBucket) -> Self {
        Self { name: bucket.name.clone(), billing_account: bucket.billing_account }
    }
}

http_core::wire::models! {
    /// A bucket as a list contains it, with only the name required.
    pub(super) struct BucketRow {
        name: BucketName,
        billing_account_id: Option<BillingAccountId>,
    }
}

impl Seek for SoughtBucket {
    type Handle = Buckets;
    type Row = BucketRow;
    type Found = Bucket;

    fn operation(&self) -> Operation {
        CREATE
    }

    fn list(&self, buckets: &Buckets) -> ListCall<BucketRow> {
        buckets.elastis.call(&LIST).list()
    }

    fn id(row: &BucketRow) -> String {
        row.name.to_string()
    }

    fn fit(&self, row: &BucketRow) -> Fit {
        Fit::new()
            .name(self.name.as_str(), Some(row.name.as_str()))
            .field("billing_account_id", self.billing_account.as_ref(), row.billing_account_id.as_ref())
            .unique(row.name == self.name)
    }

    fn fetch(&self, buckets: &Buckets, id: &str) -> Call<Bucket> {
        buckets.elastis.call(&GET).query("name", id).json()
    }

    fn found_id(bucket: &Bucket) -> String {
        bucket.name.to_string()
    }
}

impl Buckets {
    /// Finds the bucket of a [`create`](Self::create) with an unknown outcome, by the ticket that
    /// [`note`](Recover::note) returned before the request was sent. Creates nothing.
    pub fn find_created(&self, ticket: &Ticket) -> Recover<Bucket> {
        Recover::find::<SoughtBucket>(self.clone(), ticket)
    }

    /// Returns the account's bucket of this name, or creates it recoverably if there is none. An existing bucket is not
    /// changed; the result contains the fields in which it differs.
    ///
    /// If two programs ensure the same bucket at the same time, one of them creates it.
    ///
    /// # Errors
    ///
    /// - [`is_conflict`](http_core::Error::is_conflict): another program created the bucket at the same time (call
    ///   `ensure` again), or another user has the name.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_storage::{ElastisStorage, NewBucket};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let bucket = NewBucket::new("backups-of-web1").with_billing_account(account);
    /// let first = elastis.buckets().ensure(bucket.clone()).await?.into_value();
    /// assert_eq!(elastis.buckets().ensure(bucket).await?.into_value(), first);
    /// # Ok(()) });
    /// ```
    pub fn ensure(&self, bucket: NewBucket) -> Ensure<Bucket> {
        Ensure::new(self.create(bucket))
    }
}

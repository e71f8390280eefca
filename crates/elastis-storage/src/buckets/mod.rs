//! Object storage: buckets.

mod name;
mod recover;

use elastis_core::{BillingAccountId, Elastis};
use http_core::client::{Accepted, Form, Operation, operations};
use http_core::recovery::Create;
use http_core::wire::{DateTime, Utc};
use http_core::{Call, ListCall};

pub use self::name::BucketName;
use self::recover::SoughtBucket;

operations![
    // A second try would be told that the name is taken, by the bucket that the first one made.
    CREATE = Operation::put("bucket.create", "/v1/storage/bucket")
        .non_idempotent()
        .with_recovery_hint("buckets().get(name) shows whether the bucket exists")
        .recoverable(),
    UPDATE = Operation::patch("bucket.update", "/v1/storage/bucket"),
    DELETE = Operation::delete("bucket.delete", "/v1/storage/bucket"),
    GET = Operation::get("bucket.get", "/v1/storage/bucket"),
    LIST = Operation::get("bucket.list", "/v1/storage/bucket/list"),
];

/// The buckets of the account, which belong to no location; from
/// [`ElastisStorage::buckets`](crate::ElastisStorage::buckets).
///
/// What is in them is reached by any S3 client with [`s3().credentials()`](crate::S3::credentials). An unknown
/// bucket gives an error that [`is_not_found`](http_core::Error::is_not_found); so does every bucket while
/// object storage is not set up.
#[derive(Clone, Debug)]
pub struct Buckets {
    elastis: Elastis,
}

impl Buckets {
    pub(crate) fn new(elastis: Elastis) -> Self {
        Self { elastis }
    }

    /// Makes a bucket. A name that S3's rules do not allow is refused before anything is sent; one that any
    /// user of the provider has already gives an error that [`is_conflict`](http_core::Error::is_conflict).
    ///
    /// [`recover`](Create::recover) finds the bucket if the response is lost. No two buckets share a name, so that what
    /// it finds is certain.
    ///
    /// `PUT /v1/storage/bucket`
    ///
    /// ```
    /// use elastis_storage::{ElastisStorage, NewBucket};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let bucket = NewBucket::new("backups-of-web1").with_billing_account(account);
    /// let bucket = elastis.buckets().create(bucket).await?;
    /// assert_eq!(bucket.num_objects, Some(0));
    /// # Ok(()) });
    /// ```
    pub fn create(&self, bucket: NewBucket) -> Create<Bucket> {
        let sought = SoughtBucket::new(&bucket);
        let draft = self.elastis.call(&CREATE);
        let draft = match bucket.name.check() {
            Ok(()) => draft,
            Err(invalid) => draft.invalid(invalid),
        };
        let form = Form::new().field("name", bucket.name);
        let call = draft.form(form.optional("billing_account_id", bucket.billing_account)).json();
        Create::new(call, self.clone(), sought, Accepted::Now)
    }

    /// Lets another billing account pay for a bucket.
    ///
    /// `PATCH /v1/storage/bucket`
    ///
    /// ```
    /// use elastis_storage::{ElastisStorage, NewBucket};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let bucket = NewBucket::new("backups-of-web1").with_billing_account(account);
    /// elastis.buckets().create(bucket).await?;
    /// let bucket = elastis.buckets().update("backups-of-web1", account).await?;
    /// assert_eq!(bucket.billing_account_id, Some(account));
    /// # Ok(()) });
    /// ```
    pub fn update(&self, name: impl Into<BucketName>, billing_account: BillingAccountId) -> Call<Bucket> {
        let form = Form::new().field("name", name.into()).field("billing_account_id", billing_account);
        self.elastis.call(&UPDATE).form(form).json()
    }

    /// Deletes a bucket, which must be empty: remove its objects by an S3 client before. One with objects
    /// gives an error that [`is_conflict`](http_core::Error::is_conflict).
    ///
    /// `DELETE /v1/storage/bucket`
    ///
    /// ```
    /// use elastis_storage::{ElastisStorage, NewBucket};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let bucket = NewBucket::new("backups-of-web1").with_billing_account(account);
    /// elastis.buckets().create(bucket).await?;
    /// elastis.buckets().delete("backups-of-web1").await?;
    /// assert!(elastis.buckets().list().await?.is_empty());
    /// # Ok(()) });
    /// ```
    pub fn delete(&self, name: impl Into<BucketName>) -> Call<()> {
        let (name, buckets) = (name.into(), self.clone());
        let call = self.elastis.call(&DELETE).query("name", &name);
        call.confirm_by("", move || buckets.get(name).optional().map(|bucket| bucket.is_none())).empty()
    }

    /// One bucket.
    ///
    /// `GET /v1/storage/bucket`
    ///
    /// ```
    /// use elastis_storage::{ElastisStorage, NewBucket};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let bucket = NewBucket::new("backups-of-web1").with_billing_account(account);
    /// elastis.buckets().create(bucket).await?;
    /// let bucket = elastis.buckets().get("backups-of-web1").await?;
    /// println!("{:?} bytes, billed to {:?}", bucket.size_bytes, bucket.billing_account_id);
    /// # Ok(()) });
    /// ```
    pub fn get(&self, name: impl Into<BucketName>) -> Call<Bucket> {
        self.elastis.call(&GET).query("name", name.into()).json()
    }

    /// All buckets; none while object storage is not set up.
    ///
    /// `GET /v1/storage/bucket/list`
    ///
    /// ```
    /// use elastis_storage::ElastisStorage;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// for bucket in elastis.buckets().list().await? {
    ///     println!("{}: {:?} bytes", bucket.name, bucket.size_bytes);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn list(&self) -> ListCall<Bucket> {
        self.elastis.call(&LIST).list()
    }

    /// The buckets that a billing account pays for.
    ///
    /// `GET /v1/storage/bucket/list`
    ///
    /// ```
    /// use elastis_storage::{ElastisStorage, NewBucket};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let bucket = NewBucket::new("backups-of-web1").with_billing_account(account);
    /// let bucket = elastis.buckets().create(bucket).await?;
    /// assert_eq!(elastis.buckets().list_paid_by(account).await?[0].name, bucket.name);
    /// # Ok(()) });
    /// ```
    pub fn list_paid_by(&self, billing_account: BillingAccountId) -> ListCall<Bucket> {
        self.elastis.call(&LIST).query("billing_account_id", billing_account).list()
    }
}

/// What a new bucket shall be.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[must_use = "nothing is created before buckets().create(..)"]
pub struct NewBucket {
    /// The name, within [S3's rules](BucketName::check).
    pub name: BucketName,
    /// Who pays. The provider asks for it unless the API key is restricted to one billing account.
    pub billing_account: Option<BillingAccountId>,
}

impl NewBucket {
    /// A bucket of this name.
    pub fn new(name: impl Into<BucketName>) -> Self {
        Self { name: name.into(), billing_account: None }
    }

    /// Says who pays.
    pub fn with_billing_account(mut self, account: BillingAccountId) -> Self {
        self.billing_account = Some(account);
        self
    }
}

http_core::wire::models! {
    /// A bucket.
    pub struct Bucket {
        /// The bucket.
        pub name: BucketName,
        /// How many bytes its objects have together.
        pub size_bytes: Option<u64>,
        /// How many objects it has, where the provider counts them.
        pub num_objects: Option<u64>,
        /// Who pays for it.
        pub billing_account_id: Option<BillingAccountId>,
        /// Whether the provider has closed it.
        pub is_suspended: bool,
        /// When it was made.
        pub created_at: Option<DateTime<Utc>>,
        /// When it was last changed.
        pub modified_at: Option<DateTime<Utc>>,
    }
}

//! Object storage buckets.

mod name;
mod recover;

use std::fmt::Display;

use elastis_core::{BillingAccountId, Elastis};
use http_core::client::{Accepted, CallBuilder, Form, Operation, decode_json, operations};
use http_core::recovery::{Create, Ensure, Recover, Ticket};
use http_core::wire::{DateTime, DecodeError, Utc};
use http_core::{Call, ListCall};

pub use self::name::BucketName;
use self::recover::WantedBucket;

operations![
    // A second attempt would fail, because the bucket created by the first attempt already has the name.
    CREATE = Operation::put("bucket.create", "/v1/storage/bucket")
        .non_idempotent()
        .with_recovery_hint("check with buckets().get(name) whether the bucket exists")
        .recoverable(),
    UPDATE = Operation::patch("bucket.update", "/v1/storage/bucket").confirmed(),
    DELETE = Operation::delete("bucket.delete", "/v1/storage/bucket").confirmed(),
    GET = Operation::get("bucket.get", "/v1/storage/bucket"),
    LIST = Operation::get("bucket.list", "/v1/storage/bucket/list"),
];

/// The handle for the account's buckets, which do not belong to a location; returned by
/// [`ElastisStorage::buckets`](crate::ElastisStorage::buckets).
///
/// To read and write objects, use any S3 client with [`s3().credentials()`](crate::S3::credentials). Calls to an
/// unknown bucket return an [`is_not_found`](http_core::Error::is_not_found) error; before object storage is set up,
/// every bucket is unknown.
#[derive(Clone, Debug)]
pub struct Buckets {
    elastis: Elastis,
}

impl Buckets {
    pub(crate) fn new(elastis: Elastis) -> Self {
        Self { elastis }
    }

    /// Creates a bucket. **You are billed for its content.**
    ///
    /// The name is checked against [S3's rules](BucketName::check) before anything is sent. If the response is lost,
    /// [`recover`](Create::recover) finds the bucket with certainty, because no two buckets share a name.
    ///
    /// `PUT /v1/storage/bucket`
    ///
    /// # Errors
    ///
    /// - [`is_conflict`](http_core::Error::is_conflict): a user of the provider, perhaps you, already has a bucket with
    ///   this name.
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): S3's rules do not allow the name, or the
    ///   billing account is missing.
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and the bucket may exist;
    ///   [`get`](Self::get) shows whether it does.
    ///
    /// # Examples
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
    #[inline]
    pub fn create(&self, bucket: NewBucket) -> Create<Bucket> {
        let wanted = WantedBucket::new(&bucket);
        let draft = self.elastis.call(&CREATE);
        let draft = match bucket.name.check() {
            Ok(()) => draft,
            Err(invalid) => draft.invalid(invalid),
        };
        let form = Form::new().field("name", bucket.name);
        let form = form.optional("billing_account_id", bucket.billing_account_id);
        let call = draft.form(form).decode(|body| match decode_json::<Bucket>(body)? {
            bucket if bucket.name.as_str().is_empty() => Err(DecodeError::new("the bucket has no name")),
            bucket => Ok(bucket),
        });
        Create::new(call, self.clone(), wanted, Accepted::Now)
    }

    /// Returns all buckets. The list is empty before object storage is set up.
    ///
    /// `GET /v1/storage/bucket/list`
    ///
    /// # Examples
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
    #[inline]
    pub fn list(&self) -> ListCall<Bucket> {
        self.elastis.call(&LIST).list()
    }

    /// Returns the buckets that a billing account pays for.
    ///
    /// `GET /v1/storage/bucket/list`
    ///
    /// # Examples
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
    #[inline]
    pub fn list_paid_by(&self, billing_account: BillingAccountId) -> ListCall<Bucket> {
        self.elastis.call(&LIST).query("billing_account_id", billing_account).list()
    }

    /// Returns a bucket.
    ///
    /// `GET /v1/storage/bucket`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): the account has no bucket with this name, or object storage
    ///   is not set up.
    ///
    /// # Examples
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
        self.read(&name.into()).json()
    }

    fn read(&self, name: impl Display + Copy) -> CallBuilder {
        self.elastis.call(&GET).query("name", name).about("name", name)
    }

    /// Changes the billing account that pays for a bucket.
    ///
    /// `PATCH /v1/storage/bucket`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): the account has no bucket with this name.
    ///
    /// # Examples
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
        let (name, buckets) = (name.into(), self.clone());
        let form = Form::new().field("name", &name).field("billing_account_id", billing_account);
        let is_done = move |bucket: &Bucket| bucket.billing_account_id == Some(billing_account);
        self.elastis
            .call(&UPDATE)
            .form(form)
            .about("name", &name)
            .confirm_by_state(move || buckets.get(name), is_done)
            .json()
    }

    /// Deletes an empty bucket. Remove its objects with an S3 client first.
    ///
    /// `DELETE /v1/storage/bucket`
    ///
    /// # Errors
    ///
    /// - [`is_conflict`](http_core::Error::is_conflict): the bucket still contains objects.
    /// - [`is_not_found`](http_core::Error::is_not_found): the account has no bucket with this name.
    ///
    /// # Examples
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
        call.confirm_gone("", move || buckets.get(name.clone()).gone(|_| false)).empty()
    }

    /// Returns the account's bucket with this name, or creates it as `create(..).recover()` does if there is none. An
    /// existing bucket is not changed; the result lists the fields in which it differs from the request.
    ///
    /// If two programs call `ensure` for the same bucket at the same time, only one of them creates the bucket.
    ///
    /// # Errors
    ///
    /// - [`is_conflict`](http_core::Error::is_conflict): another program created the bucket at the same time (call
    ///   `ensure` again), or another user has a bucket with this name.
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
    #[inline]
    pub fn ensure(&self, bucket: NewBucket) -> Ensure<Bucket> {
        Ensure::new(Some(bucket.name.clone().as_str()), self.create(bucket))
    }

    /// Finds the bucket of a [`create`](Self::create) whose outcome is unknown. Takes the ticket that
    /// [`note`](Recover::note) provided before the request was sent. Creates nothing.
    #[inline]
    pub fn find_created(&self, ticket: &Ticket) -> Recover<Bucket> {
        Recover::find::<WantedBucket>(self.clone(), ticket)
    }
}

/// The request for a new bucket.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[must_use = "nothing is created until it is passed to buckets().create(..)"]
pub struct NewBucket {
    /// The name, which must follow [S3's rules](BucketName::check).
    pub name: BucketName,
    /// The billing account that pays for the bucket. Required unless the API key is restricted to one account.
    pub billing_account_id: Option<BillingAccountId>,
}

impl NewBucket {
    /// Creates a request for a bucket with this name.
    pub fn new(name: impl Into<BucketName>) -> Self {
        Self { name: name.into(), billing_account_id: None }
    }

    /// Sets the billing account that pays for the bucket.
    pub fn with_billing_account(mut self, account: BillingAccountId) -> Self {
        self.billing_account_id = Some(account);
        self
    }
}

http_core::wire::models! {
    /// A bucket.
    pub struct Bucket {
        /// The bucket's name.
        pub name: BucketName,
        /// The total size of the objects in bytes.
        pub size_bytes: Option<u64>,
        /// The number of objects, if the provider counts them.
        pub num_objects: Option<u64>,
        /// The billing account that pays for the bucket.
        pub billing_account_id: Option<BillingAccountId>,
        /// Whether the provider has suspended the bucket.
        pub is_suspended: bool,
        /// The time at which the bucket was created.
        pub created_at: Option<DateTime<Utc>>,
        /// The time of the last update.
        pub modified_at: Option<DateTime<Utc>>,
    }
}

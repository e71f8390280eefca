//! Access to object storage: the address, the user and the key pairs.

pub(crate) mod keys;
mod models;

use elastis_core::Elastis;
use http_core::client::{Operation, operations};
use http_core::{Call, CallSequence, Error, SecretString};

pub use self::keys::S3Keys;
pub use self::models::{AccessKey, S3Endpoint, S3Key, S3User, S3UserId};

operations![
    ENDPOINT = Operation::get("s3.endpoint", "/v1/storage/api/s3"),
    // The first request sets up object storage; later requests only read.
    USER = Operation::get("s3_user.get", "/v1/storage/user"),
];

/// The handle for access to object storage; returned by [`ElastisStorage::s3`](crate::ElastisStorage::s3).
#[derive(Clone, Debug)]
pub struct S3 {
    elastis: Elastis,
}

impl S3 {
    pub(crate) fn new(elastis: Elastis) -> Self {
        Self { elastis }
    }

    /// Returns the handle for the key pairs of the account.
    pub fn keys(&self) -> S3Keys {
        S3Keys::new(self.elastis.clone())
    }

    /// Returns the address of the S3 API. The account has no address before its object storage is set up by
    /// [`user`](Self::user) or by the first bucket: see [`S3Endpoint::address`].
    ///
    /// `GET /v1/storage/api/s3`
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_storage::ElastisStorage;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// match elastis.s3().endpoint().await?.address() {
    ///     Some(address) => println!("S3 is at {address}"),
    ///     None => println!("this account has not used object storage yet"),
    /// }
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn endpoint(&self) -> Call<S3Endpoint> {
        self.elastis.call(&ENDPOINT).json()
    }

    /// Returns the account's object storage user, with all key pairs. **The first call sets up object storage**: it
    /// creates the user and a key pair.
    ///
    /// `GET /v1/storage/user`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): object storage is not set up; some brands set it up only
    ///   with the first bucket.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_storage::ElastisStorage;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let user = elastis.s3().user().await?;
    /// println!("{} has {} key pairs", user.user_id, user.s3_credentials.len());
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn user(&self) -> Call<S3User> {
        self.elastis.call(&USER).json()
    }

    /// Convenience method: returns the address and the first key pair, which are all that an S3 client needs. Reads the
    /// [`user`](Self::user), which sets up object storage if necessary, and then the [`endpoint`](Self::endpoint).
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): object storage is not set up, or all key pairs were deleted;
    ///   the message says what to do.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_storage::ElastisStorage;
    /// use elastis_storage::http_core::ExposeSecret;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let s3 = elastis.s3().credentials().await?;
    /// std::process::Command::new("aws")
    ///     .args(["s3", "ls"])
    ///     .env("AWS_ENDPOINT_URL", &s3.endpoint)
    ///     .env("AWS_ACCESS_KEY_ID", s3.access_key.as_str())
    ///     .env("AWS_SECRET_ACCESS_KEY", s3.secret_key.expose_secret());
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn credentials(&self) -> CallSequence<S3Credentials> {
        let (user, endpoint) = (self.user(), self.endpoint());
        CallSequence::new(async move {
            let not_set_up = || {
                Error::not_found(
                    "object storage is not set up for this account; create a bucket to set it up",
                )
            };
            let keys = user.optional().await?.ok_or_else(not_set_up)?.s3_credentials;
            let endpoint = endpoint.await?;
            let endpoint = endpoint.address().ok_or_else(not_set_up)?;
            let mut whole = keys.into_iter().filter_map(|key| Some((key.access_key, key.secret_key?)));
            let (access_key, secret_key) = whole.next().ok_or_else(|| {
                Error::not_found("the S3 user has no key pair; create one with s3().keys().generate()")
            })?;
            Ok(S3Credentials { endpoint: endpoint.to_owned(), access_key, secret_key })
        })
    }
}

/// The address and key pair for an S3 client.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct S3Credentials {
    /// The address of the S3 API.
    pub endpoint: String,
    /// The access key, the public half of the key pair.
    pub access_key: AccessKey,
    /// The secret key.
    pub secret_key: SecretString,
}

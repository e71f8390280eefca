//! Object storage key pairs.

use elastis_core::Elastis;
use http_core::client::{Accepted, Fit, Form, Operation, Seek, decode_json, listed_rows, operations};
use http_core::recovery::{Create, Recover, Ticket};
use http_core::wire::DecodeError;
use http_core::{Call, ListCall};
use serde::{Deserialize, Serialize};

use super::models::{AccessKey, S3Key};

const PATH: &str = "/v1/storage/user/keys";

operations![
    LIST = Operation::get("s3_key.list", PATH),
    CREATE = Operation::post("s3_key.create", PATH)
        .with_recovery_hint("look for an unknown key in s3().keys().list()")
        .recoverable()
        .with_result_keys(&["accessKey", "access_key"]),
    DELETE = Operation::delete("s3_key.delete", PATH).confirmed(),
];

/// The handle for object storage key pairs; returned by [`S3::keys`](crate::S3::keys).
///
/// Object storage is set up by [`S3::user`](crate::S3::user) or by the first bucket. Before that, every call returns an
/// [`is_not_found`](http_core::Error::is_not_found) error.
#[derive(Clone, Debug)]
pub struct S3Keys {
    elastis: Elastis,
}

impl S3Keys {
    /// Creates a key pair and returns all key pairs, in no guaranteed order.
    ///
    /// [`recover`](Create::recover) returns the new key pair, even if the response is lost;
    /// [`generate`](Self::generate) is a shortcut for that.
    ///
    /// `POST /v1/storage/user/keys`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and the key pair may
    ///   exist.
    /// - [`is_not_found`](http_core::Error::is_not_found): object storage is not set up.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_storage::ElastisStorage;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let before = elastis.s3().user().await?.s3_credentials.len();
    /// let keys = elastis.s3().keys().create().await?;
    /// assert_eq!(keys.len(), before + 1);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn create(&self) -> Create<Vec<S3Key>, S3Key> {
        let call = self.elastis.call(&CREATE).decode(|body| {
            let CreatedKey { keys } = decode_json(body)?;
            if keys.is_empty() {
                Err(DecodeError::new("the response contains no key pair"))
            } else {
                Ok(keys)
            }
        });
        Create::new(call, self.clone(), WantedKey {}, Accepted::unnamed)
    }

    /// Returns all key pairs, including their secrets.
    ///
    /// `GET /v1/storage/user/keys`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): object storage is not set up.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_storage::ElastisStorage;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let user = elastis.s3().user().await?;
    /// let keys = elastis.s3().keys().list().await?;
    /// assert_eq!(keys.len(), user.s3_credentials.len());
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn list(&self) -> ListCall<S3Key> {
        self.elastis.call(&LIST).list()
    }

    /// Deletes a key pair. **Programs that use it lose access immediately.**
    ///
    /// `DELETE /v1/storage/user/keys`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no such key pair, or object storage is not set up.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_storage::ElastisStorage;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let user = elastis.s3().user().await?;
    /// for key in user.s3_credentials {
    ///     elastis.s3().keys().delete(key.access_key).await?;
    /// }
    /// # Ok(()) });
    /// ```
    pub fn delete(&self, access_key: impl Into<AccessKey>) -> Call<()> {
        let (key, keys) = (access_key.into(), self.clone());
        let call = self.elastis.call(&DELETE).form(Form::new().field("access_key", &key));
        let read = move || {
            let (key, rows) = (key.clone(), keys.elastis.call(&LIST).rows::<S3Key>(listed_rows));
            rows.gone(move |row| row.access_key == key)
        };
        call.confirm_gone("", read).empty()
    }

    /// Convenience method: creates a key pair and returns it, even if the response is lost. This is short for
    /// `create().recover()`.
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost and the key pair was not
    ///   found, or another program created one at the same time; in that case, the error's
    ///   [`candidates`](http_core::Error::candidates) are both key pairs.
    /// - [`is_not_found`](http_core::Error::is_not_found): object storage is not set up.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_storage::ElastisStorage;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let old = elastis.s3().user().await?.s3_credentials.remove(0);
    /// let new = elastis.s3().keys().generate().await?.value;
    /// // ... give the new key pair to every program that uses the old one, then:
    /// elastis.s3().keys().delete(old.access_key).await?;
    /// assert_eq!(elastis.s3().keys().list().await?[0].access_key, new.access_key);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn generate(&self) -> Recover<S3Key> {
        self.create().recover()
    }

    /// Finds the key pair of a [`create`](Self::create) whose outcome is unknown. Takes the ticket that
    /// [`note`](Recover::note) provided before the request was sent. Creates nothing.
    #[inline]
    pub fn find_created(&self, ticket: &Ticket) -> Recover<S3Key> {
        Recover::find::<WantedKey>(self.clone(), ticket)
    }

    pub(super) fn new(elastis: Elastis) -> Self {
        Self { elastis }
    }
}

http_core::wire::models! {
    /// All key pairs of the user after one was created.
    #[serde(transparent)]
    struct CreatedKey {
        keys: Vec<S3Key>,
    }
}

/// A key pair and the request for it have nothing in common.
#[derive(Serialize, Deserialize)]
struct WantedKey {}

http_core::wire::models! {
    /// A key pair; only the access key is required.
    struct KeyRow {
        #[serde(rename = "accessKey")]
        access_key: AccessKey,
    }
}

impl Seek for WantedKey {
    type Handle = S3Keys;
    type Row = KeyRow;
    type Found = S3Key;

    fn operation(&self) -> Operation {
        CREATE
    }

    #[inline]
    fn list(&self, keys: &S3Keys) -> ListCall<KeyRow> {
        keys.elastis.call(&LIST).list()
    }

    fn id(row: &KeyRow) -> String {
        row.access_key.to_string()
    }

    #[inline]
    fn fit(&self, _: &KeyRow) -> Fit {
        Fit::new()
    }

    #[inline]
    fn fetch(&self, keys: &S3Keys, id: &str) -> Call<S3Key> {
        keys.list().only("key pair", id, |key| key.access_key.to_string())
    }

    fn found_id(key: &S3Key) -> String {
        key.access_key.to_string()
    }
}

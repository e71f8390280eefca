//! The key pairs of object storage.

use elastis_core::Elastis;
use http_core::client::{Form, Operation};
use http_core::{Call, CallSequence, Error, ErrorKind};

use super::models::{AccessKey, S3Key};

const PATH: &str = "/v1/storage/user/keys";

pub(crate) const LIST: Operation = Operation::get("s3_key.list", PATH);
pub(crate) const CREATE: Operation = Operation::post("s3_key.create", PATH)
    .with_recovery_hint("compare s3().keys().list() with the keys that you know");
pub(crate) const DELETE: Operation = Operation::delete("s3_key.delete", PATH);

/// The key pairs of object storage; from [`S3::keys`](crate::S3::keys).
///
/// Before object storage is set up, by [`S3::user`](crate::S3::user) or by the first bucket, all calls give an
/// error that [`is_not_found`](Error::is_not_found).
#[derive(Clone, Debug)]
pub struct S3Keys {
    elastis: Elastis,
}

impl S3Keys {
    pub(super) fn new(elastis: Elastis) -> Self {
        Self { elastis }
    }

    /// All key pairs, secrets included.
    ///
    /// `GET /v1/storage/user/keys`
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
    pub fn list(&self) -> Call<Vec<S3Key>> {
        self.elastis.call(&LIST).list()
    }

    /// Makes a key pair and answers all of them, in no promised order;
    /// [`generate`](Self::generate) tells which one is new.
    ///
    /// `POST /v1/storage/user/keys`
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
    pub fn create(&self) -> Call<Vec<S3Key>> {
        self.elastis.call(&CREATE).list()
    }

    /// Makes a key pair and gives it. Ours: the list before is compared with the list after. If somebody else
    /// makes a key pair in the same moment, it cannot be told whose is whose: that is an error, and the new
    /// pairs stand in [`list`](Self::list).
    ///
    /// ```
    /// use elastis_storage::ElastisStorage;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let old = elastis.s3().user().await?.s3_credentials.remove(0);
    /// let new = elastis.s3().keys().generate().await?;
    /// // ... hand the new one to every program that has the old one, then:
    /// elastis.s3().keys().delete(old.access_key).await?;
    /// assert_eq!(elastis.s3().keys().list().await?[0].access_key, new.access_key);
    /// # Ok(()) });
    /// ```
    pub fn generate(&self) -> CallSequence<S3Key> {
        let (before, after) = (self.list(), self.create());
        CallSequence::new(async move {
            let before = before.await?;
            let mut new = after.await?;
            new.retain(|key| before.iter().all(|old| old.access_key != key.access_key));
            match <[S3Key; 1]>::try_from(new) {
                Ok([key]) => Ok(key),
                Err(new) => Err(Error::new(
                    ErrorKind::Decode,
                    format!("a key pair was made, but {} are new: look in s3().keys().list()", new.len()),
                )),
            }
        })
    }

    /// Deletes a key pair. Whoever uses it is locked out at once.
    ///
    /// `DELETE /v1/storage/user/keys`
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
        self.elastis.call(&DELETE).form(Form::new().field("access_key", access_key.into())).empty()
    }
}

//! SSH keys that a VPS can be installed with.

use http_core::client::Operation;
use http_core::{Call, CallSequence, Error};
use serde_json::json;

use crate::client::Client;
use crate::confirmation::Confirmation;
use crate::ids::SshKeyId;
use crate::reply::rows_under;

impl Client {
    /// Returns the handle for the SSH keys that a VPS can be installed with.
    pub fn ssh_keys(&self) -> SshKeys {
        SshKeys { client: self.clone() }
    }
}

pub(crate) const ADD: Operation = Operation::post("ssh_key.add", "/api_client.php?action=sshkey.add")
    .with_recovery_hint("look for the new key in ssh_keys().list()");
pub(crate) const LIST: Operation =
    Operation::post("ssh_key.list", "/api_client.php?action=sshkey.list").read();
pub(crate) const REMOVE: Operation =
    Operation::post("ssh_key.remove", "/api_client.php?action=sshkey.remove").idempotent();

/// SSH keys that a VPS can be installed with; from [`Client::ssh_keys`].
#[derive(Clone, Debug)]
pub struct SshKeys {
    client: Client,
}

impl SshKeys {
    /// Adds a public key: one line as in `~/.ssh/id_ed25519.pub`, whose last words become its name. The reply
    /// does not tell the new key's id; [`add_and_find`](Self::add_and_find) does.
    ///
    /// Text of several lines is refused before it is sent: a private key has no business at a provider.
    ///
    /// `POST /api_client.php?action=sshkey.add`
    ///
    /// ```
    /// # hostkit_doctest::inferno(async |client| {
    /// client.ssh_keys().add("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO0 me@laptop").await?;
    /// let keys = client.ssh_keys().list().await?;
    /// assert_eq!(keys[0].name.as_deref(), Some("me@laptop"));
    /// # Ok(()) });
    /// ```
    pub fn add(&self, public_key: impl Into<String>) -> Call<Confirmation> {
        let public_key = public_key.into();
        let public_key = public_key.trim();
        let is_one_key = public_key.contains(' ') && !public_key.contains(['\n', '\r']);
        if is_one_key {
            return self.client.call(&ADD, [("sshkey", json!(public_key))]).json();
        }
        let mistake = "an SSH key must be one line with its kind before it, as in a file that ends with .pub";
        self.client.call(&ADD, []).mistake(Error::invalid_argument(mistake)).json()
    }

    /// Adds a public key and finds it in the list, which tells its id. Ours. Fails with an error that
    /// [`is_not_found`](Error::is_not_found) if the list has no new key afterwards.
    ///
    /// ```
    /// # hostkit_doctest::inferno(async |client| {
    /// let public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO0 me@laptop";
    /// let key = client.ssh_keys().add_and_find(public_key).await?;
    /// assert_eq!(key.name.as_deref(), Some("me@laptop"));
    /// # Ok(()) });
    /// ```
    pub fn add_and_find(&self, public_key: impl Into<String>) -> CallSequence<SshKey> {
        let (keys, add) = (self.clone(), self.add(public_key));
        CallSequence::new(async move {
            let before: Vec<SshKeyId> = keys.list().await?.into_iter().map(|key| key.id).collect();
            add.await?;
            // Somebody else may add a key meanwhile; ids count upwards, so ours is the first new one or later.
            let new = keys.list().await?.into_iter().filter(|key| !before.contains(&key.id));
            new.max_by_key(|key| key.id).ok_or_else(|| Error::not_found("the new SSH key is not in the list"))
        })
    }

    /// The keys of the account.
    ///
    /// `POST /api_client.php?action=sshkey.list`
    ///
    /// ```
    /// # hostkit_doctest::inferno(async |client| {
    /// for key in client.ssh_keys().list().await? {
    ///     println!("{}: {}", key.id, key.name.unwrap_or_default());
    /// }
    /// # Ok(()) });
    /// ```
    pub fn list(&self) -> Call<Vec<SshKey>> {
        self.client.call(&LIST, []).rows(|body| rows_under(body, &["list"]))
    }

    /// Removes a key from the account. A VPS that was installed with it keeps it.
    ///
    /// `POST /api_client.php?action=sshkey.remove`
    ///
    /// ```
    /// # hostkit_doctest::inferno(async |client| {
    /// let public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO0 me@laptop";
    /// let key = client.ssh_keys().add_and_find(public_key).await?;
    /// client.ssh_keys().remove(key.id).await?;
    /// assert!(client.ssh_keys().list().await?.is_empty());
    /// # Ok(()) });
    /// ```
    pub fn remove(&self, id: SshKeyId) -> Call<Confirmation> {
        self.client.call(&REMOVE, [("id", json!(id))]).json()
    }
}

http_core::models! {
    /// An SSH key of the account.
    #[derive(Eq)]
    pub struct SshKey {
        /// The key, for [`Install::with_ssh_keys`](crate::Install::with_ssh_keys).
        pub id: SshKeyId,
        /// Its name, if it has one.
        pub name: Option<String>,
    }
}

//! The SSH keys that a VPS can be installed with.

use http_core::client::{Accepted, Fit, Marker, Operation, Seek, operations};
use http_core::recovery::{Create, Ensure, Recover, Ticket};
use http_core::wire::{InvalidValue, PublicKey};
use http_core::{Call, ListCall};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::client::Client;
use crate::confirmation::Confirmation;
use crate::ids::SshKeyId;
use crate::response::RowKind;

impl Client {
    /// Returns the handle for the SSH keys that a VPS can be installed with.
    pub fn ssh_keys(&self) -> SshKeys {
        SshKeys { client: self.clone() }
    }
}

operations![
    ADD = Operation::post("ssh_key.add", "/api_client.php?action=sshkey.add")
        .with_recovery_hint("look for the new key in ssh_keys().list()")
        .recoverable(),
    LIST = Operation::post("ssh_key.list", "/api_client.php?action=sshkey.list").read(),
    REMOVE = Operation::post("ssh_key.remove", "/api_client.php?action=sshkey.remove")
        .idempotent()
        .with_recovery_hint("look for the key in ssh_keys().list()")
        .confirmed(),
];

const ROWS: RowKind = RowKind { names: &["list"], ids: &["id"] };

/// The handle for the SSH keys that a VPS can be installed with; returned by [`Client::ssh_keys`].
#[derive(Clone, Debug)]
pub struct SshKeys {
    client: Client,
}

impl SshKeys {
    /// Adds a public key: one line as in `~/.ssh/id_ed25519.pub`. Its comment becomes the key's name.
    ///
    /// The response does not contain the new key's id. [`recover`](Create::recover) returns the key with its id, even
    /// if the response is lost.
    ///
    /// `POST /api_client.php?action=sshkey.add`
    ///
    /// # Errors
    ///
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the key is not a single line, has options
    ///   before its type, or is rejected by the provider. A private key is never sent.
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and the key may have been
    ///   added.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::inferno(async |client| {
    /// let public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO0 me@laptop";
    /// let key = client.ssh_keys().add(public_key).recover().await?.value;
    /// assert_eq!(key.name.as_deref(), Some("me@laptop"));
    /// # Ok(()) });
    /// ```
    pub fn add(&self, public_key: impl Into<NewSshKey>) -> Create<Confirmation, SshKey> {
        let new = public_key.into();
        let marker = new.marked.then(Marker::random);
        let (name, call) = match new.parse() {
            Ok(PublicKey { line, comment, .. }) => {
                let key = marker.as_ref().map_or_else(|| line.to_owned(), |marker| marker.plant(line));
                (comment.to_owned(), self.client.call(&ADD, [("sshkey", json!(key))]).json())
            }
            Err(mistake) => (String::new(), self.client.call(&ADD, []).invalid(mistake).json()),
        };
        Create::new(call, self.clone(), WantedKey { name, marker }, Accepted::unnamed)
    }

    /// Returns all SSH keys of the account.
    ///
    /// `POST /api_client.php?action=sshkey.list`
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::inferno(async |client| {
    /// for key in client.ssh_keys().list().await? {
    ///     println!("{}: {}", key.id, key.name.unwrap_or_default());
    /// }
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn list(&self) -> ListCall<SshKey> {
        self.client.call(&LIST, []).usual_rows(|body| ROWS.read(body), |body, each| ROWS.find(body, each))
    }

    /// Removes a key from the account. A VPS that was installed with the key keeps it.
    ///
    /// `POST /api_client.php?action=sshkey.remove`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): the account has no key with this id.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::inferno(async |client| {
    /// let public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO0 me@laptop";
    /// let key = client.ssh_keys().add(public_key).recover().await?.value;
    /// client.ssh_keys().remove(key.id).await?;
    /// assert!(client.ssh_keys().list().await?.is_empty());
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn remove(&self, id: SshKeyId) -> Call<Confirmation> {
        let keys = self.clone();
        let read = move || keys.listed().gone(move |key| key.id == id);
        self.client.call(&REMOVE, [("id", json!(id))]).confirm_gone(r#"{"result": "success"}"#, read).json()
    }

    /// Returns the existing key with the same name. If there is none, adds `public_key` as `add(..).recover()` does.
    /// Only names are compared, without markers, because the provider's list does not contain the keys themselves. The
    /// key must have a comment, because that becomes its name.
    ///
    /// **This is not a lock**: see [`Ensure`].
    ///
    /// # Errors
    ///
    /// - [`is_conflict`](http_core::Error::is_conflict): several keys have this name; the message contains their ids.
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the key has no comment.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::inferno(async |client| {
    /// let public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO0 me@laptop";
    /// let key = client.ssh_keys().ensure(public_key).await?.into_value();
    /// assert_eq!(client.ssh_keys().ensure(public_key).await?.into_value().id, key.id);
    /// # Ok(()) });
    /// ```
    pub fn ensure(&self, public_key: impl Into<NewSshKey>) -> Ensure<SshKey> {
        let new = public_key.into();
        match new.parse() {
            Ok(key) => Ensure::new(Some(key.comment), self.add(new.clone())),
            Err(mistake) => Ensure::invalid(mistake),
        }
    }

    /// Finds the key of an [`add`](Self::add) whose outcome is unknown. Takes the ticket that [`note`](Recover::note)
    /// returned before the request was sent. Never adds anything.
    #[inline]
    pub fn find_created(&self, ticket: &Ticket) -> Recover<SshKey> {
        Recover::find::<WantedKey>(self.clone(), ticket)
    }

    /// Returns the list, for reads that must not treat a response without a list as an empty list.
    #[inline]
    fn listed(&self) -> ListCall<SshKey> {
        self.client.call(&LIST, []).rows(|body, each| ROWS.find_listed(body, each))
    }
}

/// The request to add an SSH key.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewSshKey {
    /// The public key: one line as in `~/.ssh/id_ed25519.pub`.
    pub public_key: String,
    /// Whether a random marker is added to the key's comment; see [`marked`](Self::marked).
    pub marked: bool,
}

impl NewSshKey {
    /// Creates a request to add this public key.
    pub fn new(public_key: impl Into<String>) -> Self {
        Self { public_key: public_key.into(), marked: false }
    }

    /// Adds a random marker to the key's comment, and therefore to its name. If the response is lost,
    /// [`recover`](Create::recover) finds the key with certainty.
    pub fn marked(mut self) -> Self {
        self.marked = true;
        self
    }

    /// Options would be stored as a part of the key.
    fn parse(&self) -> Result<PublicKey<'_>, InvalidValue> {
        let key = http_core::wire::public_key(&self.public_key)?;
        if key.options.is_empty() {
            Ok(key)
        } else {
            Err(InvalidValue::new("the public key must begin with its type: remove the options before it"))
        }
    }
}

impl<T: Into<String>> From<T> for NewSshKey {
    fn from(public_key: T) -> Self {
        Self::new(public_key)
    }
}

#[derive(Serialize, Deserialize)]
struct WantedKey {
    /// The key's comment, without the marker.
    name: String,
    marker: Option<Marker>,
}

impl Seek for WantedKey {
    type Handle = SshKeys;
    type Row = SshKey;
    type Found = SshKey;

    fn operation(&self) -> Operation {
        ADD
    }

    #[inline]
    fn list(&self, keys: &SshKeys) -> ListCall<SshKey> {
        keys.listed()
    }

    fn id(key: &SshKey) -> String {
        key.id.to_string()
    }

    #[inline]
    fn fit(&self, key: &SshKey) -> Fit {
        let name = key.name.as_deref();
        // Whether the provider keeps repeated blanks is unknown.
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        // A key without a name probably has no comment, so it differs from a key with one: returning another program's
        // key would give that program access to a VPS.
        let found = words(name.unwrap_or_default());
        Fit::new().name(&words(&self.name), Some(&found)).marker(self.marker.as_ref(), name)
    }

    #[inline]
    fn fetch(&self, keys: &SshKeys, id: &str) -> Call<SshKey> {
        keys.list().only("SSH key", id, |key| key.id.to_string())
    }

    fn marker(&self) -> Option<&Marker> {
        self.marker.as_ref()
    }

    fn found_id(key: &SshKey) -> String {
        key.id.to_string()
    }
}

http_core::wire::models! {
    /// An SSH key of the account.
    #[derive(Eq)]
    pub struct SshKey {
        /// The key's id, for [`Install::with_ssh_keys`](crate::Install::with_ssh_keys).
        pub id: SshKeyId,
        /// The key's name, if it has one.
        pub name: Option<String>,
    }
}

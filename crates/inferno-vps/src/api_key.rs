//! The API key of an account.

use http_core::client::{Effect, Operation, operations};
use http_core::{Call, ExposeSecret, SecretString};
use serde_json::json;

use crate::client::Client;
use crate::ids::ClientId;
use crate::raw::{Raw, keeps_raw};

operations![
    GET = Operation::post("api_key.get", "/api_client.php?action=getApiKey")
        .read()
        .unauthenticated()
        .with_recovery_hint("check with api_key(..) whether there is a new key"),
];

impl Client {
    /// Returns the client id and the API key of an account, for [`Client::new`]. This call needs no key.
    ///
    /// The provider accepts requests only from IP addresses on its whitelist; ask its support to add yours first.
    ///
    /// `POST /api_client.php?action=getApiKey` with `generate=0`
    ///
    /// # Errors
    ///
    /// - [`is_unauthorized`](http_core::Error::is_unauthorized): the email or the password is wrong, or this computer's
    ///   address is not on the whitelist.
    ///
    /// # Examples
    ///
    /// ```
    /// use inferno_vps::Client;
    ///
    /// # hostkit_doctest::inferno_login(async |client, email, password| { /*
    /// let client = Client::anonymous()?;
    /// # */
    /// let api_key = client.api_key(email, password).await?;
    /// let client = Client::new(api_key.cid, api_key.key)?;
    /// # Ok(()) });
    /// ```
    pub fn api_key(&self, email: impl Into<String>, password: impl Into<SecretString>) -> Call<ApiKey> {
        self.ask_for_key(&email.into(), &password.into(), Effect::Read)
    }

    /// Creates a new API key. **The old key stops working immediately**, in every program that uses it, including this
    /// client.
    ///
    /// This call cannot be recovered, because reading the key requires the password, which a ticket must not contain.
    /// If the response is lost, [`api_key`](Self::api_key) returns the valid key.
    ///
    /// `POST /api_client.php?action=getApiKey` with `generate=1`
    ///
    /// # Errors
    ///
    /// - [`is_unauthorized`](http_core::Error::is_unauthorized): the email or the password is wrong, or this computer's
    ///   address is not on the whitelist.
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and the old key may no
    ///   longer work.
    ///
    /// # Examples
    ///
    /// ```
    /// use inferno_vps::Client;
    ///
    /// # hostkit_doctest::inferno_login(async |client, email, password| {
    /// let new = client.generate_api_key(email, password).await?;
    /// let client = Client::new(new.cid, new.key)?; // the provider rejects the old key from now on
    /// # Ok(()) });
    /// ```
    pub fn generate_api_key(
        &self,
        email: impl Into<String>,
        password: impl Into<SecretString>,
    ) -> Call<ApiKey> {
        self.ask_for_key(&email.into(), &password.into(), Effect::NonIdempotent)
    }

    #[inline]
    fn ask_for_key(&self, email: &str, password: &SecretString, effect: Effect) -> Call<ApiKey> {
        let generate = u8::from(effect == Effect::NonIdempotent);
        let arguments = [
            ("email", json!(email)),
            ("generate", json!(generate)),
            ("pass", json!(password.expose_secret())),
        ];
        self.call(&GET, arguments).secret(password).effect(effect).json()
    }
}

http_core::wire::models! {
    /// The credentials of an account.
    #[custom_deserialize]
    pub struct ApiKey {
        /// The client id, for [`Client::new`].
        pub cid: ClientId,
        /// The API key.
        pub key: SecretString,
        /// The whole response; the provider publishes no sample of it.
        #[serde(default)]
        pub raw: Raw,
    }
}

keeps_raw!(ApiKey);

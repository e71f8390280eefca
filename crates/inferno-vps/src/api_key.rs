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
        .with_recovery_hint(
            "if the old key is refused there is a new one, which api_key(..) returns; look there"
        ),
];

impl Client {
    /// The id and the API key of an account, for [`Client::new`]. Needs no key.
    ///
    /// The provider answers only to addresses on its whitelist, also here: ask its support first. A wrong
    /// email or password gives an error that [`is_unauthorized`](http_core::Error::is_unauthorized), and so
    /// does an unknown address.
    ///
    /// `POST /api_client.php?action=getApiKey`, `generate` 0
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

    /// Makes a new API key. **The old one stops working at once**, for every program that uses it, this
    /// client included. Never repeated after it may have been processed.
    ///
    /// It cannot be recovered, because reading the key takes the password, which a ticket must not contain. If the
    /// response is lost, [`api_key`](Self::api_key) returns the key that is in force.
    ///
    /// `POST /api_client.php?action=getApiKey`, `generate` 1
    ///
    /// ```
    /// use inferno_vps::Client;
    ///
    /// # hostkit_doctest::inferno_login(async |client, email, password| {
    /// let new = client.generate_api_key(email, password).await?;
    /// let client = Client::new(new.cid, new.key)?; // clients with the old key are refused from now on
    /// # Ok(()) });
    /// ```
    pub fn generate_api_key(
        &self,
        email: impl Into<String>,
        password: impl Into<SecretString>,
    ) -> Call<ApiKey> {
        self.ask_for_key(&email.into(), &password.into(), Effect::NonIdempotent)
    }

    fn ask_for_key(&self, email: &str, password: &SecretString, effect: Effect) -> Call<ApiKey> {
        let generate = u8::from(effect == Effect::NonIdempotent);
        let arguments = [
            ("email", json!(email)),
            ("pass", json!(password.expose_secret())),
            ("generate", json!(generate)),
        ];
        self.call(&GET, arguments).secret(password).effect(effect).json()
    }
}

http_core::wire::models! {
    /// Who a client is and what proves it.
    #[serde(remote = "Self")]
    pub struct ApiKey {
        /// The client.
        pub cid: ClientId,
        /// The key.
        pub key: SecretString,
        /// The whole response, of which the provider publishes no sample.
        #[serde(skip_deserializing)]
        pub raw: Raw,
    }
}

keeps_raw!(ApiKey);

//! The client and its constructors.

use http_core::client::Method;
use http_core::client::{Builder, CallBuilder, Operation, Transport};
use http_core::{Error, SecretString};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::dialect::Inferno;
use crate::ids::ClientId;

const BASE_URL: &str = "https://cp.inferno.name";
const ENDPOINT: &str = "/api_client.php";
const USER_AGENT: &str = concat!("inferno-vps/", env!("CARGO_PKG_VERSION"), " (hostkit)");

/// The client for one Inferno account. Cheap to clone; all clones share connections and limits.
#[derive(Clone, Debug)]
pub struct Client {
    transport: Transport,
    cid: Option<ClientId>,
}

impl Client {
    /// Creates a client with a client id and an API key; [`api_key`](Self::api_key) returns both.
    ///
    /// The provider accepts requests only from IP addresses on its whitelist; ask its support to add yours first.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Configuration`](http_core::ErrorKind::Configuration): the key is empty or cannot be sent in a
    ///   header, or the TLS setup failed.
    pub fn new(cid: impl Into<ClientId>, key: impl Into<SecretString>) -> Result<Self, Error> {
        Self::builder(cid, key).build()
    }

    /// Creates a client with an API key and no client id. Newer keys need no id.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Configuration`](http_core::ErrorKind::Configuration): see [`new`](Self::new).
    pub fn with_key(key: impl Into<SecretString>) -> Result<Self, Error> {
        Self::key_builder(key).build()
    }

    /// Creates a client without a key, for [`api_key`](Self::api_key) and [`catalog`](Self::catalog). Every other call
    /// fails with [`ErrorKind::Configuration`](http_core::ErrorKind::Configuration).
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Configuration`](http_core::ErrorKind::Configuration): the TLS setup failed.
    pub fn anonymous() -> Result<Self, Error> {
        Self::anonymous_builder().build()
    }

    /// Creates a client with the client id in the environment variable `INFERNO_CID` and the key in `INFERNO_API_KEY`.
    /// If `INFERNO_BASE_URL` is set, it replaces the base URL, e.g. with the simulator's.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Configuration`](http_core::ErrorKind::Configuration): a variable is missing or has an invalid
    ///   value; see also [`new`](Self::new).
    pub fn from_env() -> Result<Self, Error> {
        let cid = http_core::client::required_env("INFERNO_CID")?;
        let cid: ClientId =
            cid.parse().map_err(|_| Error::configuration("INFERNO_CID must be a whole number"))?;
        let builder = Self::builder(cid, http_core::client::required_env("INFERNO_API_KEY")?);
        builder.build_from_env("INFERNO_API_KEY", "INFERNO_BASE_URL")
    }

    /// Returns a builder for a client with a client id and an API key; see [`new`](Self::new).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use inferno_vps::Client;
    ///
    /// let client = Client::builder(777, "the API key")
    ///     .read_timeout(Duration::from_secs(20))
    ///     .concurrency(8)
    ///     .build()?;
    /// # Ok::<(), inferno_vps::Error>(())
    /// ```
    pub fn builder(cid: impl Into<ClientId>, key: impl Into<SecretString>) -> Builder<Self> {
        Self::wrapping(Some(cid.into()), Inferno::with_key(&key.into()))
    }

    /// Returns a builder for a client with an API key and no client id; see [`with_key`](Self::with_key).
    pub fn key_builder(key: impl Into<SecretString>) -> Builder<Self> {
        Self::wrapping(None, Inferno::with_key(&key.into()))
    }

    /// Returns a builder for a client without a key; see [`anonymous`](Self::anonymous).
    pub fn anonymous_builder() -> Builder<Self> {
        Self::wrapping(None, Ok(Inferno::anonymous()))
    }

    fn wrapping(cid: Option<ClientId>, dialect: Result<Inferno, Error>) -> Builder<Self> {
        Builder::new(BASE_URL, USER_AGENT, dialect, move |transport| Self { transport, cid })
    }

    /// Creates a call to an operation with these arguments, and with the client id if the operation is authenticated.
    pub(crate) fn call<const N: usize>(
        &self,
        operation: &'static Operation,
        arguments: [(&str, Value); N],
    ) -> CallBuilder {
        let cid = self.cid.filter(|_| operation.is_authenticated()).map(|cid| ("cid", cid.get().into()));
        self.transport.call(operation).json_body(&Arguments { cid, arguments })
    }

    fn identity(&self) -> Map<String, Value> {
        self.cid.map(|cid| ("cid".to_owned(), cid.get().into())).into_iter().collect()
    }

    /// Creates a call to an action that has no method in this crate. The arguments are a JSON object or `null`; the
    /// client id is added. Authorization, limits and redaction are the same as for all calls.
    ///
    /// The call is never repeated after the provider may have processed it, unless you set its
    /// [`effect`](http_core::client::CallBuilder::effect). If the arguments contain secrets, also pass the secrets to
    /// [`secret`](http_core::client::CallBuilder::secret), so that they are redacted.
    ///
    /// # Examples
    ///
    /// ```
    /// use inferno_vps::http_core::client::Effect;
    /// use serde_json::{Value, json};
    ///
    /// # hostkit_doctest::inferno(async |client| {
    /// let balance: Value = client.request("balance", json!({})).effect(Effect::Read).json().await?;
    /// assert_eq!(balance["result"], "success");
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn request(&self, action: &str, arguments: Value) -> CallBuilder {
        let draft = self.transport.request(Method::Post, ENDPOINT).query("action", action);
        let mut body = self.identity();
        match arguments {
            Value::Object(arguments) => body.extend(arguments),
            Value::Null => {}
            _ => {
                let mistake = "the arguments of an action must be a JSON object";
                return draft.invalid(Error::invalid_argument(mistake));
            }
        }
        draft.json_body(&body)
    }
}

/// The arguments of an action, which are sent as a JSON object.
struct Arguments<'a, const N: usize> {
    cid: Option<(&'a str, Value)>,
    arguments: [(&'a str, Value); N],
}

impl<const N: usize> Serialize for Arguments<'_, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.cid.iter().chain(&self.arguments).map(|(name, value)| (name, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_uses_the_providers_base_url_by_default() {
        assert_eq!(Client::with_key("the key").unwrap().transport.base_url(), "https://cp.inferno.name");
    }

    #[test]
    fn a_client_id_in_the_environment_is_not_trimmed() {
        const NAME: &str = "client::tests::a_client_id_in_the_environment_is_not_trimmed";
        let variables = [("INFERNO_CID", " 7"), ("INFERNO_API_KEY", "x")];
        if !hostkit_tests::child::is_child(NAME, &variables) {
            return;
        }
        let error = Client::from_env().unwrap_err().to_string();
        assert!(error.contains("INFERNO_CID"), "{error}");
    }

    #[test]
    fn a_client_from_the_environment_uses_the_base_url_set_there() {
        const NAME: &str = "client::tests::a_client_from_the_environment_uses_the_base_url_set_there";
        // The environment of this process cannot be changed safely, but that of a child process can.
        let variables =
            [("INFERNO_BASE_URL", "http://127.0.0.1:9"), ("INFERNO_CID", "7"), ("INFERNO_API_KEY", "x")];
        if !hostkit_tests::child::is_child(NAME, &variables) {
            return;
        }
        let client = Client::from_env().unwrap();
        assert_eq!(client.transport.base_url(), "http://127.0.0.1:9");
    }

    #[test]
    fn an_invalid_variable_of_the_environment_is_an_error() {
        const NAME: &str = "client::tests::an_invalid_variable_of_the_environment_is_an_error";
        let valid =
            [("INFERNO_CID", "7"), ("INFERNO_API_KEY", "x"), ("INFERNO_BASE_URL", "http://127.0.0.1:9")];
        let invalid = [("INFERNO_CID", "x"), ("INFERNO_API_KEY", "a\nb"), ("INFERNO_BASE_URL", "nowhere")];
        hostkit_tests::child::rejects_invalid_variables(NAME, (&valid, 2), &invalid, Client::from_env);
    }
}

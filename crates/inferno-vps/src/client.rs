//! The way in.

use http_core::client::Method;
use http_core::client::{Builder, CallBuilder, Operation, Transport};
use http_core::{Error, SecretString};
use serde_json::{Map, Value};

use crate::dialect::Inferno;
use crate::ids::ClientId;

const BASE_URL: &str = "https://cp.inferno.name";
const ENDPOINT: &str = "/api_client.php";
const USER_AGENT: &str = concat!("inferno-vps/", env!("CARGO_PKG_VERSION"), " (hostkit)");

/// A client of one Inferno account. Cheap to clone; all clones share connections and limits.
#[derive(Clone, Debug)]
pub struct Client {
    transport: Transport,
    cid: Option<ClientId>,
}

impl Client {
    /// A client with the id and the API key that [`api_key`](Self::api_key) returns for the email and password of
    /// the customer area, once the provider's support has put the program's IP address on its whitelist.
    ///
    /// Fails with [`ErrorKind::Configuration`](http_core::ErrorKind::Configuration) where no client can be
    /// built, e.g. with an empty key.
    pub fn new(cid: impl Into<ClientId>, key: impl Into<SecretString>) -> Result<Self, Error> {
        Self::builder(cid, key).build()
    }

    /// A client with a key alone, which newer keys allow.
    pub fn with_key(key: impl Into<SecretString>) -> Result<Self, Error> {
        Self::key_builder(key).build()
    }

    /// A client without a key. [`api_key`](Self::api_key) and [`catalog`](Self::catalog) need none; every
    /// other call fails with [`ErrorKind::Configuration`](http_core::ErrorKind::Configuration).
    pub fn anonymous() -> Result<Self, Error> {
        Self::anonymous_builder().build()
    }

    /// A client with the id in `INFERNO_CID` and the key in `INFERNO_API_KEY`; at another address if
    /// `INFERNO_BASE_URL` names one.
    pub fn from_env() -> Result<Self, Error> {
        let cid = http_core::client::required_env("INFERNO_CID")?;
        let cid: ClientId =
            cid.parse().map_err(|_| Error::configuration("INFERNO_CID must be a whole number"))?;
        let builder = Self::builder(cid, http_core::client::required_env("INFERNO_API_KEY")?);
        match http_core::client::optional_env("INFERNO_BASE_URL")? {
            Some(url) => builder.base_url(url),
            None => builder,
        }
        .build()
    }

    /// Like [`new`](Self::new), with settings.
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

    /// Like [`with_key`](Self::with_key), with settings.
    pub fn key_builder(key: impl Into<SecretString>) -> Builder<Self> {
        Self::wrapping(None, Inferno::with_key(&key.into()))
    }

    /// Like [`anonymous`](Self::anonymous), with settings.
    pub fn anonymous_builder() -> Builder<Self> {
        Self::wrapping(None, Ok(Inferno::anonymous()))
    }

    fn wrapping(cid: Option<ClientId>, dialect: Result<Inferno, Error>) -> Builder<Self> {
        Builder::new(BASE_URL, USER_AGENT, dialect, move |transport| Self { transport, cid })
    }

    /// A call of this operation with these arguments and, where it is authenticated, the client's id.
    pub(crate) fn call<const N: usize>(
        &self,
        operation: &'static Operation,
        arguments: [(&str, Value); N],
    ) -> CallBuilder {
        let mut body = if operation.is_authenticated() { self.identity() } else { Map::new() };
        body.extend(arguments.map(|(name, value)| (name.to_owned(), value)));
        self.transport.call(operation).json_body(&body)
    }

    fn identity(&self) -> Map<String, Value> {
        self.cid.map(|cid| ("cid".to_owned(), cid.get().into())).into_iter().collect()
    }

    /// A call of an action that has no method here, with these arguments, an object or `null`: same
    /// authorization, limits and redaction, the client's id added. It is not repeated after it may have been
    /// processed; see [`CallBuilder::effect`](http_core::client::CallBuilder::effect). Name secrets among the arguments with
    /// [`CallBuilder::secret`](http_core::client::CallBuilder::secret).
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_calls_the_provider_by_default() {
        assert_eq!(Client::with_key("the key").unwrap().transport.base_url(), "https://cp.inferno.name");
    }

    #[test]
    fn a_client_from_the_environment_reaches_the_base_url_there() {
        const NAME: &str = "client::tests::a_client_from_the_environment_reaches_the_base_url_there";
        const BASE_URL: &str = "INFERNO_BASE_URL";
        if std::env::var_os(BASE_URL).is_none() {
            // The environment of this process cannot be changed safely, that of a child can.
            let child = std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", NAME])
                .envs([(BASE_URL, "http://127.0.0.1:9"), ("INFERNO_CID", "7"), ("INFERNO_API_KEY", "x")])
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&child.stdout);
            assert!(child.status.success() && said.contains("1 passed"), "{said}");
            return;
        }
        let client = Client::from_env().unwrap();
        assert_eq!(client.transport.base_url(), "http://127.0.0.1:9");
    }
}

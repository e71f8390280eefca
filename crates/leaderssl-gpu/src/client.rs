//! The client and its constructors.

use http_core::client::Method;
use http_core::client::{Builder, CallBuilder, Transport};
use http_core::{Error, SecretString};

use crate::dialect::LeaderSsl;
use crate::ids::UserId;

const BASE_URL: &str = "https://api.leaderssl.com";
const USER_AGENT: &str = concat!("leaderssl-gpu/", env!("CARGO_PKG_VERSION"), " (hostkit)");

/// The client for one LeaderSSL account. Cheap to clone; all clones share connections and the session.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) transport: Transport,
}

impl Client {
    /// Creates a client that signs in on first use, and again when its session has expired.
    ///
    /// The login and the password are those of the account itself, because this API has no keys. Concurrent calls that
    /// need a session share one sign-in, including its failure. If the provider rejects a sign-in or a session that has
    /// just been renewed three times, this client does not sign in again for a minute.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Configuration`](http_core::ErrorKind::Configuration): the login or the password is empty, or the
    ///   TLS setup failed.
    pub fn new(login: impl Into<String>, password: impl Into<SecretString>) -> Result<Self, Error> {
        Self::builder(login, password).build()
    }

    /// Creates a client with the session of an earlier sign-in. The client cannot sign in again: when the session
    /// expires, calls fail and [`is_unauthorized`](Error::is_unauthorized) is true for the error.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Configuration`](http_core::ErrorKind::Configuration): the token is empty or cannot be sent in a
    ///   header, or the TLS setup failed.
    pub fn with_token(user_id: UserId, token: impl Into<SecretString>) -> Result<Self, Error> {
        Self::token_builder(user_id, token).build()
    }

    /// Creates a client with the login in the environment variable `LEADERSSL_LOGIN` and the password in
    /// `LEADERSSL_PASSWORD`. If `LEADERSSL_BASE_URL` is set, it replaces the base URL, e.g. with the simulator's.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Configuration`](http_core::ErrorKind::Configuration): a variable is missing or invalid; the
    ///   message names it.
    pub fn from_env() -> Result<Self, Error> {
        let builder = Self::builder(
            http_core::client::required_env("LEADERSSL_LOGIN")?,
            http_core::client::required_env("LEADERSSL_PASSWORD")?,
        );
        builder.build_from_env("LEADERSSL_LOGIN or LEADERSSL_PASSWORD", "LEADERSSL_BASE_URL")
    }

    /// Returns a builder for a client that signs in; see [`new`](Self::new). Use it for settings such as timeouts and
    /// proxies.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use leaderssl_gpu::Client;
    ///
    /// let client = Client::builder("me@example.org", "the password")
    ///     .read_timeout(Duration::from_secs(20))
    ///     .concurrency(8)
    ///     .build()?;
    /// # Ok::<(), leaderssl_gpu::Error>(())
    /// ```
    pub fn builder(login: impl Into<String>, password: impl Into<SecretString>) -> Builder<Self> {
        Self::wrapping(LeaderSsl::with_login(login.into(), password.into()))
    }

    /// Returns a builder for a client with an existing session; see [`with_token`](Self::with_token).
    pub fn token_builder(user_id: UserId, token: impl Into<SecretString>) -> Builder<Self> {
        Self::wrapping(LeaderSsl::with_token(user_id, &token.into()))
    }

    fn wrapping(dialect: Result<LeaderSsl, Error>) -> Builder<Self> {
        Builder::new(BASE_URL, USER_AGENT, dialect, |transport| Self { transport })
    }

    /// Creates a call to an endpoint that has no method in this crate. The session, limits and redaction are the same
    /// as for all calls.
    ///
    /// `{user_id}` in the path is replaced by the account's user id. A request other than `GET` is not repeated after
    /// it may have been processed, unless [`CallBuilder::effect`](http_core::client::CallBuilder::effect) permits it.
    ///
    /// # Examples
    ///
    /// ```
    /// use leaderssl_gpu::http_core::client::Method;
    ///
    /// # hostkit_doctest::leaderssl(async |client| {
    /// let servers: serde_json::Value =
    ///     client.request(Method::Get, "/api/v1/users/{user_id}/servers").json().await?;
    /// assert!(servers.is_array());
    /// # Ok(()) });
    /// ```
    pub fn request(&self, method: Method, path: &str) -> CallBuilder {
        self.transport.request(method, path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_uses_the_providers_base_url_by_default() {
        assert_eq!(
            Client::new("me", "the password").unwrap().transport.base_url(),
            "https://api.leaderssl.com"
        );
    }

    #[test]
    fn a_client_from_the_environment_uses_the_base_url_set_there() {
        const NAME: &str = "client::tests::a_client_from_the_environment_uses_the_base_url_set_there";
        // The environment of this process cannot be changed safely, but that of a child process can.
        let variables = [
            ("LEADERSSL_BASE_URL", "http://127.0.0.1:9"),
            ("LEADERSSL_LOGIN", "me"),
            ("LEADERSSL_PASSWORD", "x"),
        ];
        if !hostkit_tests::child::is_child(NAME, &variables) {
            return;
        }
        let client = Client::from_env().unwrap();
        assert_eq!(client.transport.base_url(), "http://127.0.0.1:9");
    }

    #[test]
    fn an_invalid_variable_of_the_environment_is_an_error() {
        const NAME: &str = "client::tests::an_invalid_variable_of_the_environment_is_an_error";
        let valid = [
            ("LEADERSSL_LOGIN", "me"),
            ("LEADERSSL_PASSWORD", "x"),
            ("LEADERSSL_BASE_URL", "http://127.0.0.1:9"),
        ];
        let invalid = [("LEADERSSL_BASE_URL", "nowhere")];
        hostkit_tests::child::rejects_invalid_variables(NAME, (&valid, 2), &invalid, Client::from_env);
    }
}

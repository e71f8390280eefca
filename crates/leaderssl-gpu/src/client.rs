//! The way in.

use http_core::client::Method;
use http_core::client::{Builder, CallBuilder, Transport};
use http_core::{Error, SecretString};

use crate::dialect::LeaderSsl;
use crate::ids::UserId;

const BASE_URL: &str = "https://api.leaderssl.com";
const USER_AGENT: &str = concat!("leaderssl-gpu/", env!("CARGO_PKG_VERSION"), " (hostkit)");

/// A client of one LeaderSSL account. Cheap to clone; all clones share connections and session.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) transport: Transport,
}

impl Client {
    /// A client that signs in with login and password when it is first used, and again when its session has
    /// expired. Calls that need a session at the same time share one sign-in and its failure. Credentials that the
    /// provider refuses are not sent again by this client for a minute. They are
    /// those of the account itself: this API has no keys.
    ///
    /// Fails with [`ErrorKind::Configuration`](http_core::ErrorKind::Configuration) where no client can be
    /// built.
    pub fn new(login: impl Into<String>, password: impl Into<SecretString>) -> Result<Self, Error> {
        Self::builder(login, password).build()
    }

    /// A client with a session that was begun elsewhere. It cannot sign in again: when the session expires,
    /// calls fail with an error that [`is_unauthorized`](Error::is_unauthorized).
    pub fn with_token(user_id: UserId, token: impl Into<SecretString>) -> Result<Self, Error> {
        Self::token_builder(user_id, token).build()
    }

    /// A client with the login in `LEADERSSL_LOGIN` and the password in `LEADERSSL_PASSWORD`; at another
    /// address if `LEADERSSL_BASE_URL` names one.
    pub fn from_env() -> Result<Self, Error> {
        let builder = Self::builder(
            http_core::client::required_env("LEADERSSL_LOGIN")?,
            http_core::client::required_env("LEADERSSL_PASSWORD")?,
        );
        match http_core::client::optional_env("LEADERSSL_BASE_URL")? {
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

    /// Like [`with_token`](Self::with_token), with settings.
    pub fn token_builder(user_id: UserId, token: impl Into<SecretString>) -> Builder<Self> {
        Self::wrapping(LeaderSsl::with_token(user_id, &token.into()))
    }

    fn wrapping(dialect: Result<LeaderSsl, Error>) -> Builder<Self> {
        Builder::new(BASE_URL, USER_AGENT, dialect, |transport| Self { transport })
    }

    /// A call that has no method here: same session, limits and redaction. `{user_id}` in the path is filled
    /// in. Anything but a `GET` is not repeated after it may have been processed; see
    /// [`CallBuilder::effect`](http_core::client::CallBuilder::effect).
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
    fn a_client_reaches_the_provider_unless_it_is_told_otherwise() {
        assert_eq!(
            Client::new("me", "the password").unwrap().transport.base_url(),
            "https://api.leaderssl.com"
        );
    }

    #[test]
    fn a_client_from_the_environment_reaches_the_base_url_there() {
        const NAME: &str = "client::tests::a_client_from_the_environment_reaches_the_base_url_there";
        const BASE_URL: &str = "LEADERSSL_BASE_URL";
        if std::env::var_os(BASE_URL).is_none() {
            // The environment of this process cannot be changed safely, that of a child can.
            let child = std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", NAME])
                .envs([
                    (BASE_URL, "http://127.0.0.1:9"),
                    ("LEADERSSL_LOGIN", "me"),
                    ("LEADERSSL_PASSWORD", "x"),
                ])
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

//! The client for an account.

use http_core::client::Method;
use http_core::client::{Builder, CallBuilder, Operation, Transport};
use http_core::{Error, SecretString};
use std::time::Duration;

use crate::dialect::Warren;
use crate::ids::LocationSlug;

const BASE_URL: &str = "https://api.elastis.id";
const USER_AGENT: &str = concat!("elastis/", env!("CARGO_PKG_VERSION"), " (hostkit)");

/// The response to a create request arrives only once the VM is running, often after half a minute or more.
const WRITE_TIMEOUT: Duration = Duration::from_secs(600);

/// A client for an account at elastis.id, or at another brand of the same platform.
///
/// Cheap to clone: all clones share connections and limits.
#[derive(Clone, Debug)]
pub struct Elastis {
    transport: Transport,
    location: Option<LocationSlug>,
}

impl Elastis {
    /// Creates a client for the account that the API key belongs to, in the account's default location.
    ///
    /// Create the first key in the provider's web interface; [`Tokens::create`](crate::Tokens::create) creates more.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Configuration`](http_core::ErrorKind::Configuration): the key is empty or contains characters
    ///   that an HTTP header cannot carry.
    pub fn new(api_key: impl Into<SecretString>) -> Result<Self, Error> {
        Self::builder(api_key).build()
    }

    /// Creates a client for the account whose API key is in the environment variable `ELASTIS_API_KEY`.
    ///
    /// The optional variables `ELASTIS_BASE_URL` and `ELASTIS_LOCATION` override the base URL and the location.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Configuration`](http_core::ErrorKind::Configuration): a variable is missing or invalid; the
    ///   message names it.
    pub fn from_env() -> Result<Self, Error> {
        let builder = Self::builder(http_core::client::required_env("ELASTIS_API_KEY")?);
        let elastis = builder.build_from_env("ELASTIS_API_KEY", "ELASTIS_BASE_URL")?;
        Ok(match http_core::client::optional_env("ELASTIS_LOCATION")? {
            Some(slug) => elastis.at(checked_slug(slug)?),
            None => elastis,
        })
    }

    /// Returns a builder for a client whose settings differ from those of [`new`](Self::new). To use another brand of
    /// the platform, set the [`base_url`](Builder::base_url).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use elastis_core::Elastis;
    /// use elastis_core::http_core::RetryPolicy;
    ///
    /// let elastis = Elastis::builder("the API key")
    ///     .read_timeout(Duration::from_secs(20))
    ///     .retry(RetryPolicy::attempts(5))
    ///     .concurrency(8)
    ///     .build()?;
    /// # Ok::<(), elastis_core::Error>(())
    /// ```
    pub fn builder(api_key: impl Into<SecretString>) -> Builder<Self> {
        let wrap = |transport| Self { transport, location: None };
        Builder::new(BASE_URL, USER_AGENT, Warren::new(&api_key.into()), wrap).write_timeout(WRITE_TIMEOUT)
    }

    /// Returns a client for the same account in another location. Both clients share their connections.
    ///
    /// If the provider has no such location, calls return an [`is_unknown_url`](Error::is_unknown_url) error.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let busburg = elastis.at("bus02");
    /// println!("{} VMs in Busburg", busburg.vms().list().await?.len());
    /// # Ok(()) });
    /// ```
    pub fn at(&self, location: impl Into<LocationSlug>) -> Self {
        Self { transport: self.transport.clone(), location: Some(location.into()) }
    }

    /// Returns the location of this client, or `None` for the account's default location.
    pub fn location(&self) -> Option<&LocationSlug> {
        self.location.as_ref()
    }

    /// Starts a call to an endpoint that has no typed method, e.g. one that only some brands of the platform offer.
    /// Authorization, limits and redaction are the same as for all other calls.
    ///
    /// The path is sent as given, so include the location slug unless you mean the default location. Only a `GET`
    /// request is repeated after the provider may have processed it; see [`CallBuilder::effect`].
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_core::http_core::client::Method;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let locations: serde_json::Value =
    ///     elastis.request(Method::Get, "/v1/config/locations").json().await?;
    /// assert!(locations.is_array());
    /// # Ok(()) });
    /// ```
    pub fn request(&self, method: Method, path: &str) -> CallBuilder {
        self.transport.request(method, path)
    }

    /// Starts a call to `operation` in this client's location. Intended for crates that extend [`Elastis`].
    pub fn call(&self, operation: &'static Operation) -> CallBuilder {
        self.transport.call(operation).location(self.location.as_ref().map(LocationSlug::as_str))
    }
}

/// Checks the location from the environment early, because a mistake would otherwise surface only in the first call.
fn checked_slug(slug: String) -> Result<LocationSlug, Error> {
    if slug.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_')) {
        Ok(slug.into())
    } else {
        Err(Error::configuration(
            "ELASTIS_LOCATION must be a location slug, e.g. bus02: letters, digits, dashes and underscores only",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_from_the_environment_must_be_a_slug() {
        assert_eq!(checked_slug("bus02".into()).unwrap().as_str(), "bus02");
        for wrong in ["bus 02", "bus02/", "../v1", "bus02?x", "é"] {
            assert!(
                checked_slug(wrong.into()).unwrap_err().to_string().contains("ELASTIS_LOCATION"),
                "{wrong}"
            );
        }
    }

    #[test]
    fn the_default_base_url_is_the_providers() {
        assert_eq!(Elastis::new("the key").unwrap().transport.base_url(), "https://api.elastis.id");
    }

    #[test]
    fn from_env_uses_the_base_url_and_the_location_of_the_environment() {
        const NAME: &str = "client::tests::from_env_uses_the_base_url_and_the_location_of_the_environment";
        // The environment of this process cannot be changed safely; that of a child process can.
        let variables = [
            ("ELASTIS_BASE_URL", "http://127.0.0.1:9"),
            ("ELASTIS_API_KEY", "x"),
            ("ELASTIS_LOCATION", "bus02"),
        ];
        if !hostkit_tests::child::is_child(NAME, &variables) {
            return;
        }
        let client = Elastis::from_env().unwrap();
        assert_eq!(client.transport.base_url(), "http://127.0.0.1:9");
        assert_eq!(client.location.unwrap().as_str(), "bus02");
    }

    #[test]
    fn an_invalid_variable_of_the_environment_is_an_error() {
        const NAME: &str = "client::tests::an_invalid_variable_of_the_environment_is_an_error";
        let valid = [
            ("ELASTIS_API_KEY", "x"),
            ("ELASTIS_BASE_URL", "http://127.0.0.1:9"),
            ("ELASTIS_LOCATION", "bus02"),
        ];
        let invalid = [
            ("ELASTIS_API_KEY", "a\nb"),
            ("ELASTIS_BASE_URL", "nowhere"),
            ("ELASTIS_LOCATION", "bus 02"),
            ("ELASTIS_LOCATION", "../v1"),
        ];
        hostkit_tests::child::rejects_invalid_variables(NAME, (&valid, 1), &invalid, Elastis::from_env);
    }
}

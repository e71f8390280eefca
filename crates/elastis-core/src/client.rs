//! The handle of an account.

use http_core::client::Method;
use http_core::client::{Builder, CallBuilder, Operation, Transport};
use http_core::{Error, SecretString};
use std::time::Duration;

use crate::dialect::Warren;
use crate::ids::LocationSlug;

const BASE_URL: &str = "https://api.elastis.id";
const USER_AGENT: &str = concat!("elastis/", env!("CARGO_PKG_VERSION"), " (hostkit)");

/// Creates answer only when the VM runs; half a minute and more was seen.
const WRITE_TIMEOUT: Duration = Duration::from_secs(600);

/// An account at elastis.id, or at another brand of the same platform. Cheap to clone; all clones share
/// connections and limits.
#[derive(Clone, Debug)]
pub struct Elastis {
    transport: Transport,
    location: Option<LocationSlug>,
}

impl Elastis {
    /// The account of this API key, in its default location. The first key is a token that is created in the
    /// provider's web interface; [`Tokens::create`](crate::Tokens::create) creates more.
    ///
    /// Fails with [`ErrorKind::Configuration`](http_core::ErrorKind::Configuration) for a key that no HTTP
    /// header can carry.
    pub fn new(api_key: impl Into<SecretString>) -> Result<Self, Error> {
        Self::builder(api_key).build()
    }

    /// The account of the key in `ELASTIS_API_KEY`; at another address if `ELASTIS_BASE_URL` names one, in
    /// another location if `ELASTIS_LOCATION` names one.
    pub fn from_env() -> Result<Self, Error> {
        let mut builder = Self::builder(http_core::client::required_env("ELASTIS_API_KEY")?);
        if let Some(url) = http_core::client::optional_env("ELASTIS_BASE_URL")? {
            builder = builder.base_url(url);
        }
        let elastis = builder.build()?;
        Ok(match http_core::client::optional_env("ELASTIS_LOCATION")? {
            Some(slug) => elastis.at(checked_slug(slug)?),
            None => elastis,
        })
    }

    /// Like [`new`](Self::new), with settings. Another brand of the platform is reached by its
    /// [`base_url`](Builder::base_url).
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

    /// The same account in another location, over the same connections. A slug that the provider does not
    /// have gives errors that are [`is_unknown_route`](Error::is_unknown_route).
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

    /// The location that this handle works in; `None` is the account's default one.
    pub fn location(&self) -> Option<&LocationSlug> {
        self.location.as_ref()
    }

    /// A call that has no typed method, e.g. of a feature that only some brands of the platform serve: same
    /// authorization, limits and redaction. The path is taken as it is, location slug included. Anything but a
    /// `GET` is not repeated after it may have been processed; see [`CallBuilder::effect`].
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

    /// For the crates that extend this handle: begins a call in its location.
    pub fn call(&self, operation: &'static Operation) -> CallBuilder {
        self.transport.call(operation).location(self.location.as_ref().map(LocationSlug::as_str))
    }
}

/// A location from the environment: what is no slug would only be found by the first call.
fn checked_slug(slug: String) -> Result<LocationSlug, Error> {
    if slug.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_')) {
        Ok(slug.into())
    } else {
        Err(Error::configuration(
            "ELASTIS_LOCATION must be the slug of a location, e.g. bus02: letters, digits and dashes only",
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
    fn a_client_reaches_the_provider_unless_it_is_told_otherwise() {
        assert_eq!(Elastis::new("the key").unwrap().transport.base_url(), "https://api.elastis.id");
    }

    #[test]
    fn a_client_from_the_environment_reaches_the_base_url_there() {
        const NAME: &str = "client::tests::a_client_from_the_environment_reaches_the_base_url_there";
        const BASE_URL: &str = "ELASTIS_BASE_URL";
        if std::env::var_os(BASE_URL).is_none() {
            // The environment of this process cannot be changed safely, that of a child can.
            let child = std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", NAME])
                .envs([
                    (BASE_URL, "http://127.0.0.1:9"),
                    ("ELASTIS_API_KEY", "x"),
                    ("ELASTIS_LOCATION", "bus02"),
                ])
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&child.stdout);
            assert!(child.status.success() && said.contains("1 passed"), "{said}");
            return;
        }
        let client = Elastis::from_env().unwrap();
        assert_eq!(client.transport.base_url(), "http://127.0.0.1:9");
        assert_eq!(client.location.unwrap().as_str(), "bus02");
    }
}

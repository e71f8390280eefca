//! The builder of a client.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::env::optional_env;
use crate::error::Error;
use crate::policy::budget::RetryBudget;
use crate::policy::retry::RetryPolicy;
use crate::policy::settings::{Proxy, Settings, Timeouts};
use crate::transport::Transport;
use crate::transport::dialect::Dialect;

/// Builds a client of type `C`. Every setting has a default suited to the provider.
pub struct Builder<C> {
    settings: Settings,
    dialect: Result<Box<dyn Dialect>, Error>,
    wrap: Box<dyn FnOnce(Transport) -> C + Send>,
}

impl<C> Builder<C> {
    /// For provider crates: creates a builder for a client that uses `dialect`. `wrap` turns the finished transport
    /// into the client. If `dialect` is an error, e.g. because the key is empty, [`build`](Self::build) returns that
    /// error.
    pub fn new<D: Dialect>(
        base_url: impl Into<String>,
        user_agent: &str,
        dialect: Result<D, Error>,
        wrap: impl FnOnce(Transport) -> C + Send + 'static,
    ) -> Self {
        let settings = Settings {
            base_url: base_url.into(),
            user_agent: user_agent.to_owned(),
            timeouts: Timeouts::default(),
            retry: RetryPolicy::default(),
            budget: RetryBudget::default(),
            concurrency: None,
            max_body: 8 * 1024 * 1024,
            proxy: Proxy::Environment,
            root_certificates: Vec::new(),
            local_address: None,
            resolve: Vec::new(),
            plain_http: false,
        };
        let dialect = dialect.map(|dialect| Box::new(dialect) as Box<dyn Dialect>);
        Self { settings, dialect, wrap: Box::new(wrap) }
    }

    /// Sets the base URL of the API, e.g. that of a simulator or of another brand of the same platform. Plain `http://`
    /// is accepted on loopback only; see [`allow_plain_http`](Self::allow_plain_http).
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.settings.base_url = url.into();
        self
    }

    /// Sets the `User-Agent` header. It should name your program and a way to reach you.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.settings.user_agent = user_agent.into();
        self
    }

    /// Sets the timeout for opening a connection, including TLS; 10 seconds by default. Keep it below the timeout of an
    /// attempt: a connection that fails before the attempt times out proves that nothing was sent.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.settings.timeouts.connect = limit;
        self
    }

    /// Sets how long an idle connection is kept for the next request; 30 seconds by default. Requests that must not be
    /// sent twice never reuse an idle connection.
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.settings.timeouts.idle = limit;
        self
    }

    /// Sets the timeout for one attempt of a read operation; 60 seconds by default.
    pub fn read_timeout(mut self, limit: Duration) -> Self {
        self.settings.timeouts.read = limit;
        self
    }

    /// Sets the timeout for one attempt of a mutating operation; 60 seconds unless the provider's client sets another
    /// default. For a non-idempotent operation, [`Call::timeout`](crate::Call::timeout), if set, replaces this timeout.
    pub fn write_timeout(mut self, limit: Duration) -> Self {
        self.settings.timeouts.write = limit;
        self
    }

    /// Sets the timeout for a whole call, including retries and delays; by default twice the timeout of an attempt.
    pub fn total_timeout(mut self, limit: Duration) -> Self {
        self.settings.timeouts.total = Some(limit);
        self
    }

    /// Sets how many times calls are retried, and the delays between attempts.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.settings.retry = policy;
        self
    }

    /// Sets the retry budget that all clones of this client share.
    pub fn retry_budget(mut self, budget: RetryBudget) -> Self {
        self.settings.budget = budget;
        self
    }

    /// Sets how many requests all clones of this client together may have in flight; unlimited by default. Waiting for
    /// a free slot counts toward a call's timeout.
    ///
    /// The calls that end a [rental](crate::rental::Rental) and those that sign in are not limited. A call that was
    /// started but is no longer polled keeps its slot until its future is dropped.
    pub fn concurrency(mut self, limit: usize) -> Self {
        self.settings.concurrency = Some(limit.clamp(1, Semaphore::MAX_PERMITS));
        self
    }

    /// Sets the maximum size of a response body in bytes; 8 MiB by default, enough for about 5,000 VMs. The memory that
    /// a call uses and the time to decode its response grow with this limit.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.settings.max_body = bytes;
        self
    }

    /// Sends all requests through this proxy (`http://` or `https://`), regardless of the environment.
    ///
    /// Without this setting, the proxy is the one of the variable `HTTPS_PROXY` or, for an `http://` base URL,
    /// `HTTP_PROXY`, else `ALL_PROXY` (or their names in lower case), unless `NO_PROXY` contains the host. They are
    /// read when the client is built.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.settings.proxy = Proxy::Url(url.into());
        self
    }

    /// Ignores the proxies set in the environment (`HTTPS_PROXY` and similar). They are always ignored if the base URL
    /// is on loopback.
    pub fn no_proxy(mut self) -> Self {
        self.settings.proxy = Proxy::None;
        self
    }

    /// Trusts these PEM certificates in addition to those of the system. May be called repeatedly.
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.settings.root_certificates.push(pem.into());
        self
    }

    /// Sends requests from this local address, for providers that identify callers by IP address.
    pub fn local_address(mut self, address: IpAddr) -> Self {
        self.settings.local_address = Some(address);
        self
    }

    /// Connects to `address` for requests to `host`, instead of resolving the host with DNS. May be called repeatedly.
    ///
    /// If the base URL contains a port, that of the address must be the same, or 0. A proxy resolves the host itself, so this setting has no effect on
    /// requests through a [`proxy`](Self::proxy).
    pub fn resolve(mut self, host: impl Into<String>, address: SocketAddr) -> Self {
        self.settings.resolve.push((host.into(), address));
        self
    }

    /// Accepts a plain `http://` base URL on any host. **Anyone on the network path can then read the
    /// credentials.**
    pub fn allow_plain_http(mut self) -> Self {
        self.settings.plain_http = true;
        self
    }

    /// For provider crates: builds a client whose credentials come from the environment variables `credentials`. If the
    /// variable `base_url` is set, it replaces the base URL. An error about one of these values names its variable.
    ///
    /// # Errors
    ///
    /// The errors of [`build`](Self::build), and those of [`optional_env`](crate::client::optional_env).
    pub fn build_from_env(mut self, credentials: &str, base_url: &str) -> Result<C, Error> {
        let advice = |variable: &str| format!("check the environment variable {variable}");
        if let Some(url) = optional_env(base_url)? {
            self = self.base_url(url);
            self.settings.parse_base_url().map_err(|error| error.with_advice(advice(base_url)))?;
        }
        self.dialect = self.dialect.map_err(|error| error.with_advice(advice(credentials)));
        self.build()
    }

    /// Builds the client. The only I/O is loading the system's root certificates.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the base URL or another setting is invalid; the
    /// message names the setting.
    pub fn build(self) -> Result<C, Error> {
        Ok((self.wrap)(Transport::open(&self.settings, self.dialect?)?))
    }
}

impl<C> fmt::Debug for Builder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("settings", &self.settings).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Plain, PlainDialect, plain_builder};

    fn error_of(base_url: &str) -> String {
        plain_builder(base_url).build().unwrap_err().to_string()
    }

    #[test]
    fn plain_http_is_accepted_on_loopback_only() {
        for url in ["http://127.0.0.1:4010", "http://localhost/elastis", "http://[::1]:1", "http://127.9.9.9"]
        {
            plain_builder(url).build().unwrap();
        }
        for url in ["http://api.example.com", "http://localhost.example.com", "http://10.0.0.1"] {
            assert!(error_of(url).contains("plain http"), "{url}");
        }
        plain_builder("http://api.example.com").allow_plain_http().build().unwrap();
    }

    #[test]
    fn a_resolve_override_must_have_the_port_in_the_base_url() {
        let build = |url, port| {
            let address = SocketAddr::from(([10, 0, 0, 1], port));
            plain_builder(url).resolve("API.example.com", address).build().map(drop)
        };
        for (url, port) in [
            ("https://api.example.com", 443),
            ("https://api.example.com:8443", 8443),
            ("https://api.example.com", 0),
            // Without a port in the URL, that of the address is used.
            ("https://api.example.com", 8443),
            ("https://other.example.com", 8443),
        ] {
            build(url, port).unwrap();
        }
        let error = build("https://api.example.com:443", 8443).err();
        assert!(error.is_none(), "443 is the default port, which a URL does not keep");
        let error = build("https://api.example.com:9443", 8443).unwrap_err();
        assert!(
            error.to_string().contains("has port 9443, but resolve() was called with port 8443"),
            "{error}"
        );
    }

    #[test]
    fn plain_http_on_loopback_is_rejected_if_it_is_sent_to_another_host() {
        let elsewhere = SocketAddr::from(([10, 0, 0, 1], 80));
        let here = SocketAddr::from(([127, 0, 0, 1], 80));
        for proxy in ["http://10.0.0.1:3128", "https://proxy.example.com", "proxy:3128"] {
            let builder = || plain_builder("http://127.0.0.1:4010").proxy(proxy);
            let error = builder().build().unwrap_err().to_string();
            assert!(error.contains("allow_plain_http()"), "{proxy}: {error}");
            builder().allow_plain_http().build().unwrap();
        }
        let error = plain_builder("http://localhost").resolve("LOCALHOST", elsewhere).build().unwrap_err();
        assert!(error.to_string().contains("resolve()"), "{error}");
        plain_builder("http://localhost").resolve("localhost", here).build().unwrap();
        plain_builder("http://localhost").resolve("other", elsewhere).build().unwrap();
        for proxy in ["http://localhost:3128", "LOCALHOST:3128"] {
            let builder =
                || plain_builder("http://127.0.0.1:4010").proxy(proxy).resolve("localhost", elsewhere);
            let error = builder().build().unwrap_err().to_string();
            assert!(error.contains("allow_plain_http()"), "{proxy}: {error}");
            builder().allow_plain_http().build().unwrap();
        }
        // The proxy resolves the host, not this client.
        let by_address = plain_builder("http://localhost").proxy("http://127.0.0.1:3128");
        by_address.resolve("localhost", elsewhere).build().unwrap();
        for proxy in ["http://localhost:3128", "127.0.0.1:3128", "http://me:pw@[::1]:3128"] {
            plain_builder("http://localhost").proxy(proxy).build().unwrap();
        }
    }

    #[test]
    fn an_error_about_the_environment_names_the_variable() {
        let build = |dialect, variable| {
            let builder = Builder::new("https://api.example", "test", dialect, |transport| transport);
            builder.build_from_env("THE_KEY", variable).unwrap_err().to_string()
        };
        // Cargo sets this variable to a name, which is not a URL.
        let message = build(Ok(PlainDialect), "CARGO_PKG_NAME");
        assert!(
            message.contains("the base URL is invalid") && message.contains("CARGO_PKG_NAME"),
            "{message}"
        );
        let message = build(Err(Error::configuration("the key is empty")), "HOSTKIT_NO_SUCH_VARIABLE");
        assert!(message.contains("the key is empty") && message.contains("THE_KEY"), "{message}");
    }

    #[test]
    fn a_base_url_that_cannot_work_is_rejected_with_the_reason() {
        assert!(error_of("api.example.com").contains("must look like"));
        assert!(error_of("ftp://api.example.com").contains("https://"));
        for user in ["me", ":CANARY", "me:CANARY"] {
            assert!(
                error_of(&format!("https://{user}@api.example.com")).contains("user or password"),
                "{user}"
            );
        }
        assert!(!error_of("https://me:CANARY@api.example.com").contains("CANARY"));
        for url in [
            "https://api.example.com\n",
            " https://api.example.com",
            "https://api.ex\tample.com/v 1",
            "\u{0}https://a",
        ] {
            assert!(error_of(url).contains("control character"), "{url:?}");
        }
        for end in ["?key=1", "#top", "?key=1#top"] {
            assert!(
                error_of(&format!("https://api.example.com/{end}")).contains("query or a fragment"),
                "{end}"
            );
        }
    }

    #[test]
    fn an_invalid_proxy_is_rejected_without_showing_its_password() {
        let error =
            plain_builder("http://127.0.0.1:1").proxy("http://me:CANARY@:bad:port").build().unwrap_err();
        assert!(error.to_string().contains("proxy"));
        assert!(!format!("{error} {error:?}").contains("CANARY"));
    }

    #[test]
    fn the_debug_output_of_a_builder_shows_no_address_and_no_secret() {
        let builder: Builder<Plain> = plain_builder("https://me:CANARY@host").proxy("http://CANARY@proxy");
        assert!(!format!("{builder:?}").contains("CANARY"));
    }
}

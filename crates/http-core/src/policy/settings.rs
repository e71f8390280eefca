//! The settings of a client.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use http::HeaderValue;
use url::{Host, Url};

use crate::error::Error;
use crate::policy::budget::RetryBudget;
use crate::policy::retry::RetryPolicy;

/// The timeouts of a client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    pub(crate) connect: Duration,
    pub(crate) idle: Duration,
    pub(crate) read: Duration,
    pub(crate) write: Duration,
    pub(crate) total: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        let minute = Duration::from_secs(60);
        Self {
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            read: minute,
            write: minute,
            total: None,
        }
    }
}

#[derive(Clone)]
pub(crate) enum Proxy {
    Environment,
    None,
    Url(String),
}

#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) base_url: String,
    pub(crate) user_agent: String,
    pub(crate) timeouts: Timeouts,
    pub(crate) retry: RetryPolicy,
    pub(crate) budget: RetryBudget,
    pub(crate) concurrency: Option<usize>,
    pub(crate) max_body: usize,
    pub(crate) proxy: Proxy,
    pub(crate) root_certificates: Vec<Vec<u8>>,
    pub(crate) local_address: Option<IpAddr>,
    pub(crate) resolve: Vec<(String, SocketAddr)>,
    pub(crate) plain_http: bool,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("timeouts", &self.timeouts)
            .field("retry", &self.retry)
            .field("concurrency", &self.concurrency)
            .field("max_body", &self.max_body)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// Parses the base URL.
    pub(crate) fn parse_base_url(&self) -> Result<Url, Error> {
        let refuse = |why: &str| Err(Error::configuration(format!("the base URL {why}")));
        // The URL parser would silently drop some of these characters.
        if self.base_url.contains(|c: char| c.is_control() || c.is_whitespace()) {
            return refuse("contains a space or a control character, perhaps a line break at its end");
        }
        let Ok(url) = Url::parse(&self.base_url) else {
            return refuse("is invalid: it must look like https://api.example.com");
        };
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return refuse("must begin with https:// and a host; http:// is accepted on loopback only");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("must not contain a user or password: pass the credentials to the client");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refuse("must not contain a query or a fragment: remove everything from ? or # on");
        }
        // The HTTP library prefers a port in the URL to that of the address.
        let host = url.host_str().unwrap_or_default();
        let mut same_host = self.resolve.iter().filter(|(name, _)| name.eq_ignore_ascii_case(host));
        if let Some(port) = url.port()
            && let Some((_, address)) = same_host.find(|(_, address)| ![0, port].contains(&address.port()))
        {
            let theirs = address.port();
            return refuse(&format!(
                "has port {port}, but resolve() was called with port {theirs}: use the same port"
            ));
        }
        if url.scheme() == "http" && !self.plain_http && !is_loopback(&url) {
            return refuse(
                "is plain http, which would expose the credentials to the network: use https://, or call \
                 allow_plain_http() if you trust the network up to this host",
            );
        }
        if url.scheme() == "http" && !self.plain_http && self.leaves_loopback(&url) {
            return refuse(
                "is plain http on loopback, but proxy() or resolve() would send the credentials unencrypted to \
                 another host: use https://, or call allow_plain_http() if you trust that host",
            );
        }
        Ok(url)
    }

    /// Returns whether the settings send requests for this loopback URL to another host.
    fn leaves_loopback(&self, url: &Url) -> bool {
        // The host to which connections are opened.
        let connected = match &self.proxy {
            Proxy::Url(proxy) => parse_proxy(proxy),
            Proxy::Environment | Proxy::None => Some(url.clone()),
        };
        // An invalid proxy is rejected later.
        let Some(connected) = connected else { return false };
        let host = connected.host_str().unwrap_or_default();
        let mut resolved = self.resolve.iter().filter(|(name, _)| name.eq_ignore_ascii_case(host));
        !is_loopback(&connected) || resolved.any(|(_, address)| !address.ip().is_loopback())
    }

    pub(crate) fn user_agent_header(&self) -> Result<HeaderValue, Error> {
        HeaderValue::from_str(&self.user_agent).map_err(|_| {
            Error::configuration("the user agent contains a character that is not allowed in HTTP headers")
        })
    }
}

/// Parses the URL of a proxy, whose scheme may be missing.
pub(crate) fn parse_proxy(url: &str) -> Option<Url> {
    let url = if url.contains("://") { Url::parse(url) } else { Url::parse(&format!("http://{url}")) };
    url.ok().filter(Url::has_host)
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_limits_match_the_documentation() {
        let Timeouts { connect, idle, read, write, total } = Timeouts::default();
        assert_eq!([connect, idle, read, write].map(|limit| limit.as_secs()), [10, 30, 60, 60]);
        assert_eq!(total, None);
    }
}

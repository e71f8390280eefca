//! The proxy that a client uses, which is decided once, when the client is built. A client with an invalid proxy
//! setting cannot be built, because ignoring the setting would send the credentials over a route that the user did not
//! intend.

use std::ffi::OsString;
use std::net::IpAddr;

use http::Uri;
use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::Url;

use crate::error::Error;
use crate::policy::settings::{Proxy, Settings, is_loopback, parse_proxy};

/// The route from this computer to the provider.
#[derive(PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(crate) enum Route {
    /// No proxy.
    Direct,
    /// The proxy with this URL.
    Through(Url),
}

impl Route {
    pub(crate) fn of(settings: &Settings, base_url: &Url) -> Result<Self, Error> {
        Self::choose(&settings.proxy, base_url, |name| std::env::var_os(name))
    }

    fn choose(
        proxy: &Proxy,
        base_url: &Url,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, Error> {
        match proxy {
            Proxy::None => Ok(Self::Direct),
            Proxy::Url(url) => check("the proxy's URL", url).map(Self::Through),
            // Requests to this computer must not leave it, least of all with credentials.
            Proxy::Environment if is_loopback(base_url) => Ok(Self::Direct),
            Proxy::Environment => Self::from_environment(base_url, variable),
        }
    }

    fn from_environment(base_url: &Url, variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, Error> {
        // The first variable that is set wins; an empty one means no proxy.
        let first = |pair: [&'static str; 2]| pair.into_iter().find_map(|name| Some((name, variable(name)?)));
        let set = |(_, value): &(_, OsString)| !value.is_empty();
        let own = match base_url.scheme() {
            "https" => ["HTTPS_PROXY", "https_proxy"],
            // In a CGI program, HTTP_PROXY is the header `Proxy` of the request.
            _ if variable("REQUEST_METHOD").is_some() => ["http_proxy"; 2],
            _ => ["HTTP_PROXY", "http_proxy"],
        };
        let Some((name, url)) = first(own).or_else(|| first(["ALL_PROXY", "all_proxy"])).filter(set) else {
            return Ok(Self::Direct);
        };
        if let Some((name, hosts)) = first(["NO_PROXY", "no_proxy"])
            && is_exempt(&text(name, hosts)?, base_url)
        {
            return Ok(Self::Direct);
        }
        check(&format!("the variable {name}"), &text(name, url)?).map(Self::Through)
    }

    /// Returns the credentials for the proxy, which its responses may contain. A user without a password is a token.
    pub(crate) fn secrets(&self) -> Vec<SecretString> {
        let Self::Through(url) = self else { return Vec::new() };
        let decode = |text| percent_decode_str(text).decode_utf8_lossy();
        let (user, password) = (decode(url.username()), decode(url.password().unwrap_or_default()));
        let pair = format!("{user}:{password}");
        let secret = if password.is_empty() { user } else { password };
        [secret.into(), pair].map(SecretString::from).into()
    }

    /// Returns whether a connection to this base URL needs certificates.
    pub(crate) fn needs_tls(&self, base_url: &Url) -> bool {
        let proxy = matches!(self, Self::Through(proxy) if proxy.scheme() == "https");
        proxy || base_url.scheme() == "https"
    }
}

fn text(name: &str, value: OsString) -> Result<String, Error> {
    value.into_string().map_err(|_| Error::configuration(format!("the variable {name} is not valid UTF-8")))
}

/// Returns whether `NO_PROXY` exempts this URL from the proxy. As in curl, its entries are `*`, domains, which include
/// their subdomains, addresses, and networks such as `10.0.0.0/8`, all with an optional port.
fn is_exempt(hosts: &str, base_url: &Url) -> bool {
    let host = base_url.host_str().unwrap_or_default().trim_matches(['[', ']']).trim_end_matches('.');
    let address: Option<IpAddr> = host.parse().ok();
    hosts.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        let (entry, port) = match entry.rsplit_once(':') {
            // Without brackets, the colons of an IPv6 address do not begin a port.
            Some((name, port)) if name.ends_with(']') || !name.contains(':') => (name, Some(port)),
            _ => (entry, None),
        };
        if port.is_some_and(|port| port.parse().ok() != base_url.port_or_known_default()) {
            return false;
        }
        let entry = entry.trim_matches(['[', ']']);
        entry == "*"
            || match address {
                Some(address) => is_in_network(address, entry),
                None => is_in_domain(host, entry.trim_matches('.')),
            }
    })
}

fn is_in_domain(host: &str, domain: &str) -> bool {
    let (host, domain) = (host.to_ascii_lowercase(), domain.to_ascii_lowercase());
    let above = host.strip_suffix(&domain).filter(|_| !domain.is_empty());
    above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

fn is_in_network(address: IpAddr, network: &str) -> bool {
    let (base, prefix) = network.split_once('/').unwrap_or((network, ""));
    let (differing, width) = match (address, base.parse()) {
        (IpAddr::V4(address), Ok(IpAddr::V4(base))) => (u128::from(address.to_bits() ^ base.to_bits()), 32),
        (IpAddr::V6(address), Ok(IpAddr::V6(base))) => (address.to_bits() ^ base.to_bits(), 128),
        _ => return false,
    };
    let prefix = if base.len() == network.len() { Some(width) } else { prefix.parse::<u32>().ok() };
    let host_bits = prefix.and_then(|prefix| width.checked_sub(prefix));
    host_bits.is_some_and(|bits| differing.checked_shr(bits).unwrap_or(0) == 0)
}

/// Rejects URLs that the HTTP library would ignore, or that would make every call fail.
fn check(what: &str, url: &str) -> Result<Url, Error> {
    let refuse = |why: &str| Err(Error::configuration(format!("{what} {why}")));
    if url.contains('#') || url.contains(char::is_whitespace) {
        return refuse(
            "contains a character that must be percent-encoded: write # as %23 and a space as %20",
        );
    }
    let parsed = parse_proxy(url).filter(|url| url.as_str().parse::<Uri>().is_ok());
    match parsed {
        Some(url) if url.scheme().starts_with("socks") => {
            refuse("names a SOCKS proxy, which is not supported: use an http:// or https:// proxy")
        }
        Some(url)
            if matches!(url.scheme(), "http" | "https") && url.path() == "/" && url.query().is_none() =>
        {
            Ok(url)
        }
        Some(_) => refuse("must look like http://host:port or https://host:port"),
        None => {
            refuse("is invalid: it must look like http://host:port, with special characters percent-encoded")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(variables: &[(&str, &str)], base_url: &str) -> Result<Route, String> {
        let lookup = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
        };
        Route::choose(&Proxy::Environment, &base_url.parse().unwrap(), lookup)
            .map_err(|error| error.to_string())
    }

    fn through(url: &str) -> Route {
        Route::Through(url.parse().unwrap())
    }

    const API: &str = "https://api.example.com";
    const PLAIN_API: &str = "http://api.example.com";

    #[test]
    fn an_invalid_proxy_url_is_an_error_without_its_password() {
        for url in [
            "http://me:CANARY#1@proxy:3128",
            "http://me:CANARY 1@proxy:3128",
            "http://me:CANARY/1@proxy:3128",
            "http://me:CANARY@:bad:port",
            "http://me:CANARY@proxy:3128O",
            "me:CANARY@proxy:99999",
            "http://me:CANARY@proxy:3128/path",
            "http:/me:CANARY@proxy",
            "socks5://me:CANARY@proxy:1080",
            "ftp://me:CANARY@proxy",
            "http://",
        ] {
            for (base_url, own) in
                [(API, ["HTTPS_PROXY", "https_proxy"]), (PLAIN_API, ["HTTP_PROXY", "http_proxy"])]
            {
                for name in own.into_iter().chain(["ALL_PROXY", "all_proxy"]) {
                    let error = choose(&[(name, url)], base_url).unwrap_err();
                    assert!(error.contains(name) && !error.contains("CANARY"), "{url}: {error}");
                }
            }
            let explicit = Proxy::Url(url.to_owned());
            let error = Route::choose(&explicit, &API.parse().unwrap(), |_| None).err().unwrap();
            assert!(error.to_string().contains("proxy") && !error.to_string().contains("CANARY"), "{url}");
        }
    }

    #[test]
    fn the_error_for_a_socks_proxy_says_that_it_is_not_supported() {
        for url in ["socks5://proxy:1080", "socks4a://proxy:1080"] {
            let error = choose(&[("ALL_PROXY", url)], API).unwrap_err();
            assert!(error.contains("SOCKS proxy, which is not supported"), "{url}: {error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_not_utf_8_is_an_error_and_not_ignored() {
        use std::os::unix::ffi::OsStringExt;

        for broken in ["HTTPS_PROXY", "NO_PROXY"] {
            let lookup = |name: &str| match name {
                _ if name == broken => Some(OsString::from_vec(b"proxy\xff".to_vec())),
                "ALL_PROXY" => Some("http://proxy".into()),
                _ => None,
            };
            let error = Route::choose(&Proxy::Environment, &API.parse().unwrap(), lookup).err().unwrap();
            assert!(error.to_string().contains(broken), "{error}");
        }
    }

    #[test]
    fn only_the_variables_that_apply_are_used_and_checked() {
        let bad = "http://me:p#w@proxy";
        let direct = || Ok(Route::Direct);
        assert_eq!(choose(&[("HTTP_PROXY", bad)], API), direct());
        assert_eq!(choose(&[("HTTPS_PROXY", bad)], "http://api.example.com"), direct());
        assert_eq!(choose(&[("HTTPS_PROXY", ""), ("https_proxy", bad)], API), direct());
        assert_eq!(choose(&[("https_proxy", ""), ("ALL_PROXY", bad)], API), direct());
        assert_eq!(choose(&[("ALL_PROXY", bad)], "http://127.0.0.1:1"), direct());
        assert_eq!(choose(&[("HTTPS_PROXY", bad), ("no_proxy", ".example.com")], API), direct());
        assert_eq!(choose(&[("HTTPS_PROXY", "proxy:3128")], API), Ok(through("http://proxy:3128")));
        assert_eq!(choose(&[("HTTP_PROXY", "proxy:3128")], PLAIN_API), Ok(through("http://proxy:3128")));
        assert_eq!(
            choose(&[("all_proxy", "https://me:a%23@[::1]")], API),
            Ok(through("https://me:a%23@[::1]"))
        );
        let both = [("HTTPS_PROXY", "http://one"), ("ALL_PROXY", bad)];
        assert_eq!(choose(&both, API), Ok(through("http://one")));
    }

    #[test]
    fn a_cgi_program_ignores_only_the_variable_that_a_request_can_set() {
        let cgi = [("REQUEST_METHOD", "GET"), ("HTTP_PROXY", "http://evil"), ("HTTPS_PROXY", "http://proxy")];
        assert_eq!(choose(&cgi, "http://api.example.com"), Ok(Route::Direct));
        assert_eq!(choose(&cgi, API), Ok(through("http://proxy")));
        let lower = [("REQUEST_METHOD", "GET"), ("http_proxy", "http://proxy")];
        assert_eq!(choose(&lower, "http://api.example.com"), Ok(through("http://proxy")));
    }

    #[test]
    fn no_proxy_exempts_hosts_domains_addresses_and_networks() {
        for (hosts, base_url, exempt) in [
            ("*", API, true),
            ("example.com", API, true),
            (".example.com", API, true),
            ("api.example.com", API, true),
            ("API.Example.COM.", API, true),
            ("other, example.com", API, true),
            ("other example.com", API, true),
            ("example.com", "https://example.com", true),
            (".example.com", "https://example.com", true),
            ("ample.com", API, false),
            ("api.example.com.org", API, false),
            ("", API, false),
            (".", API, false),
            (",", API, false),
            ("example.com:443", API, true),
            ("example.com:8443", API, false),
            ("example.com:8443", "https://api.example.com:8443", true),
            ("example.com:x", API, false),
            ("10.1.2.3", "https://10.1.2.3", true),
            ("10.1.2.3:80", "http://10.1.2.3", true),
            ("10.1.2.3", "https://10.1.2.4", false),
            ("10.0.0.0/8", "https://10.1.2.4", true),
            ("10.0.0.0/8", "https://11.1.2.4", false),
            ("0.0.0.0/0", "https://11.1.2.4", true),
            ("10.0.0.0/", "https://10.0.0.0", false),
            ("10.0.0.0/33", "https://10.0.0.0", false),
            ("10.0.0.0/8", "https://10.example.com", false),
            ("2001:db8::1", "https://[2001:db8::1]", true),
            ("[2001:db8::1]:443", "https://[2001:db8::1]", true),
            ("2001:db8::/32", "https://[2001:db8:1::1]", true),
            ("2001:db8::/32", "https://[2001:db9::1]", false),
            ("::/0", "https://[2001:db9::1]", true),
            ("0.0.0.0/0", "https://[2001:db9::1]", false),
        ] {
            for name in ["NO_PROXY", "no_proxy"] {
                let route = choose(&[("ALL_PROXY", "http://proxy"), (name, hosts)], base_url);
                let expected = if exempt { Route::Direct } else { through("http://proxy") };
                assert_eq!(route, Ok(expected), "{name}={hosts} {base_url}");
            }
        }
    }

    #[test]
    fn a_proxy_reached_over_tls_needs_certificates_even_for_plain_http() {
        let base_url: Url = "http://127.0.0.1:1".parse().unwrap();
        for (proxy, tls) in [("https://proxy", true), ("http://proxy", false)] {
            let route = Route::choose(&Proxy::Url(proxy.to_owned()), &base_url, |_| None).unwrap();
            assert_eq!(route.needs_tls(&base_url), tls, "{proxy}");
        }
        assert!(!Route::Direct.needs_tls(&base_url));
    }
}

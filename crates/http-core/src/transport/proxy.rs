//! The proxy that a client uses. A client with an invalid proxy setting cannot be built, because ignoring the setting
//! would send the credentials over a route that the user did not intend.

use http::Uri;
use url::Url;

use crate::error::Error;
use crate::policy::settings::{Proxy, Settings, is_loopback};

/// The proxy that applies to a base URL.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// No proxy.
    Direct,
    /// The proxy set in the environment, which is checked here and read by the HTTP library.
    Environment {
        /// Whether the connection to the proxy itself uses TLS.
        tls: bool,
    },
    /// The proxy with this URL.
    Through {
        url: String,
        /// Whether the connection to the proxy itself uses TLS.
        tls: bool,
    },
}

impl Route {
    pub(crate) fn of(settings: &Settings, base_url: &Url) -> Result<Self, Error> {
        Self::choose(&settings.proxy, base_url, |name| std::env::var_os(name)?.into_string().ok())
    }

    fn choose(
        proxy: &Proxy,
        base_url: &Url,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Error> {
        match proxy {
            Proxy::None => Ok(Self::Direct),
            Proxy::Url(url) => Ok(Self::Through { tls: check("the proxy's URL", url)?, url: url.clone() }),
            // Requests to this computer must not leave it, least of all with credentials.
            Proxy::Environment if is_loopback(base_url) => Ok(Self::Direct),
            Proxy::Environment => {
                let own = if base_url.scheme() == "https" {
                    ["HTTPS_PROXY", "https_proxy"]
                } else {
                    ["HTTP_PROXY", "http_proxy"]
                };
                // The first variable of a pair that is set wins, as in curl; an empty one means no proxy.
                for pair in [own, ["ALL_PROXY", "all_proxy"]] {
                    let set = pair.iter().find_map(|name| Some((name, variable(name)?)));
                    if let Some((name, url)) = set.filter(|(_, url)| !url.is_empty()) {
                        return Ok(Self::Environment { tls: check(&format!("the variable {name}"), &url)? });
                    }
                }
                Ok(Self::Environment { tls: false })
            }
        }
    }

    /// Returns whether a connection to this base URL needs certificates.
    pub(crate) fn needs_tls(&self, base_url: &Url) -> bool {
        let proxy = matches!(self, Self::Environment { tls: true } | Self::Through { tls: true, .. });
        proxy || base_url.scheme() == "https"
    }
}

/// Rejects settings that the HTTP library would ignore, or that would make every call fail. Returns whether the proxy
/// uses TLS.
fn check(what: &str, url: &str) -> Result<bool, Error> {
    let refuse = |why: &str| Err(Error::configuration(format!("{what} {why}")));
    if url.contains('#') || url.contains(char::is_whitespace) {
        return refuse(
            "contains a character that must be percent-encoded: write # as %23 and a space as %20",
        );
    }
    let Ok(uri) = url.parse::<Uri>() else {
        return refuse(
            "is invalid: it must look like http://host:port, with special characters percent-encoded",
        );
    };
    match uri.scheme_str() {
        Some("http" | "https") | None if uri.host().is_some_and(|host| !host.is_empty()) => {
            Ok(uri.scheme_str() == Some("https"))
        }
        Some(scheme) if scheme.starts_with("socks") => {
            refuse("names a SOCKS proxy, which is not supported: use an http:// or https:// proxy")
        }
        _ => refuse("must look like http://host:port or https://host:port"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)], base_url: &str) -> Result<Route, String> {
        let lookup = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Route::choose(&Proxy::Environment, &base_url.parse().unwrap(), lookup)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn an_invalid_proxy_variable_is_an_error_without_its_password() {
        for url in [
            "http://me:CANARY#1@proxy:3128",
            "http://me:CANARY 1@proxy:3128",
            "http://me:CANARY@:bad:port",
            "socks5://me:CANARY@proxy:1080",
            "ftp://me:CANARY@proxy",
            "http://",
        ] {
            for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
                let error = environment(&[(name, url)], "https://api.example.com").unwrap_err();
                assert!(error.contains(name) && !error.contains("CANARY"), "{url}: {error}");
            }
            let explicit = Proxy::Url(url.to_owned());
            let error =
                Route::choose(&explicit, &"https://api.example.com".parse().unwrap(), |_| None).unwrap_err();
            assert!(error.to_string().contains("proxy") && !error.to_string().contains("CANARY"), "{url}");
        }
    }

    #[test]
    fn only_the_variables_that_apply_are_checked() {
        let bad = "http://me:p#w@proxy";
        let fine = Ok(Route::Environment { tls: false });
        assert_eq!(environment(&[("HTTP_PROXY", bad)], "https://api.example.com"), fine);
        assert_eq!(environment(&[("HTTPS_PROXY", bad)], "http://api.example.com"), fine);
        assert_eq!(
            environment(&[("HTTPS_PROXY", ""), ("https_proxy", bad)], "https://api.example.com"),
            fine
        );
        assert_eq!(environment(&[("ALL_PROXY", bad)], "http://127.0.0.1:1"), Ok(Route::Direct));
        assert_eq!(environment(&[("HTTPS_PROXY", "proxy:3128")], "https://api.example.com"), fine);
        let fallback = [("HTTPS_PROXY", "http://proxy"), ("ALL_PROXY", bad)];
        assert_eq!(environment(&fallback, "https://api.example.com"), fine);
    }

    #[test]
    fn a_proxy_reached_over_tls_needs_certificates_even_for_plain_http() {
        let base_url: Url = "http://127.0.0.1:1".parse().unwrap();
        for (proxy, tls) in [("https://proxy", true), ("http://proxy", false)] {
            let route = Route::choose(&Proxy::Url(proxy.to_owned()), &base_url, |_| None).unwrap();
            assert_eq!(route.needs_tls(&base_url), tls, "{proxy}");
        }
        let route = environment(&[("http_proxy", "https://proxy")], "http://api.example.com").unwrap();
        assert!(route.needs_tls(&"http://api.example.com".parse().unwrap()));
        assert!(!Route::Direct.needs_tls(&base_url));
    }
}

//! The base URL of all requests, parsed once per client.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::uri::{self, Authority, PathAndQuery, Scheme, Uri};
use url::Url;

use crate::error::Error;
use crate::transport::request::Request;

/// The URLs of the paths of operations without a placeholder, each parsed once. A provider has so few of them that a
/// list is fast.
pub(crate) type KnownUrls = Mutex<Vec<(&'static str, Url)>>;

pub(crate) struct BaseUrl {
    url: Url,
    scheme: Scheme,
    authority: Authority,
    /// The URL and its path, both without a slash at the end.
    text: String,
    path: String,
}

impl BaseUrl {
    pub(crate) fn new(url: Url) -> Result<Self, Error> {
        let parts = url.as_str().parse().map(Uri::into_parts);
        let Some((Some(scheme), Some(authority))) = parts.ok().map(|parts| (parts.scheme, parts.authority))
        else {
            return Err(Error::configuration("the base URL has an invalid host"));
        };
        let [text, path] = [url.as_str(), url.path()].map(|text| text.trim_end_matches('/').to_owned());
        Ok(Self { url, scheme, authority, text, path })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Resolves the value of a `Location` header against the base URL.
    pub(crate) fn join(&self, location: &str) -> Option<Url> {
        self.url.join(location).ok()
    }

    /// Returns the URL of one request.
    pub(crate) fn url(&self, request: &Request, known: &KnownUrls) -> Url {
        let mut url = match request.path {
            Cow::Borrowed(path) => {
                let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some((_, url)) = known.iter().find(|(of, _)| *of == path) {
                    url.clone()
                } else {
                    let url = self.resolve(path);
                    known.push((path, url.clone()));
                    url
                }
            }
            Cow::Owned(ref path) => self.resolve(path),
        };
        match url.query() {
            _ if request.query.is_empty() => {}
            None => url.set_query(Some(&request.query)),
            Some(before) => url.set_query(Some(&[before, "&", &request.query].concat())),
        }
        url
    }

    /// Returns the URL of a path, which may contain a query.
    fn resolve(&self, path: &str) -> Url {
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let mut url = self.url.clone();
        url.set_path(&[&self.path, path].concat());
        url.set_query(query);
        url
    }

    /// Returns the URL of one request as a `Uri` of the `http` crate.
    pub(crate) fn uri(&self, request: &Request) -> Result<Uri, Error> {
        let target = PathAndQuery::from_maybe_shared(Bytes::from(self.target(request)));
        let invalid = || Error::invalid_argument("the path contains a character that is not allowed in URLs");
        let mut parts = uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(target.map_err(|_| invalid())?);
        Uri::from_parts(parts).map_err(|_| invalid())
    }

    /// Returns the path and the query as they are sent.
    fn target(&self, request: &Request) -> String {
        let mark = match request.path.contains('?') {
            _ if request.query.is_empty() => "",
            true => "&",
            false => "?",
        };
        [&self.path, &*request.path, mark, &request.query].concat()
    }
}

#[cfg(test)]
mod tests {
    use http::Method;
    use proptest::prelude::*;

    use super::*;

    fn base(url: &str) -> BaseUrl {
        BaseUrl::new(Url::parse(url).unwrap()).unwrap()
    }

    fn request(path: &str, query: &str) -> Request {
        let mut request = Request::new(Method::GET, path.to_owned());
        query.clone_into(&mut request.query);
        request
    }

    #[test]
    fn path_and_query_follow_the_path_of_the_base_url() {
        for (url, path, query, expected) in [
            ("https://api.example.com", "/v1/vms", "", "https://api.example.com/v1/vms"),
            ("https://api.example.com/", "/v1/vms", "a=1", "https://api.example.com/v1/vms?a=1"),
            ("https://api.example.com/api/", "/vms?a=1", "b=2", "https://api.example.com/api/vms?a=1&b=2"),
            ("http://[::1]:8080/x", "/a%2Fb", "c=%3F", "http://[::1]:8080/x/a%2Fb?c=%3F"),
        ] {
            let request = request(path, query);
            assert_eq!(base(url).url(&request, &KnownUrls::default()).as_str(), expected);
            assert_eq!(base(url).uri(&request).unwrap(), expected);
        }
    }

    #[test]
    fn a_known_url_has_the_query_of_its_own_request() {
        let (base, known) = (base("https://api.example.com/api"), KnownUrls::default());
        for (path, query, expected) in [
            ("/vms", "a=1", "https://api.example.com/api/vms?a=1"),
            ("/vms", "", "https://api.example.com/api/vms"),
            ("/vms?a=1", "b=2", "https://api.example.com/api/vms?a=1&b=2"),
            ("/vms?a=1", "", "https://api.example.com/api/vms?a=1"),
        ] {
            let mut request = Request::new(Method::GET, path);
            query.clone_into(&mut request.query);
            assert_eq!(base.url(&request, &known).as_str(), expected);
        }
        assert_eq!(known.lock().unwrap().len(), 2);
    }

    proptest! {
        #[test]
        fn no_path_reaches_another_host(path in "[@:/\\\\.?#%a-z]{0,12}|.*") {
            for url in ["https://api.example.com", "https://api.example.com/api"] {
                let request = request(&path, "");
                let sent = base(url).url(&request, &KnownUrls::default());
                prop_assert_eq!(sent.host_str(), Some("api.example.com"));
                if let Ok(uri) = base(url).uri(&request) {
                    prop_assert_eq!(uri.host(), Some("api.example.com"));
                }
            }
        }

        #[test]
        fn an_encoded_path_is_the_same_in_the_parsed_whole_url(
            path in "(/[a-zA-Z0-9._~%-]{1,8}){1,4}", query in "([a-z]{1,3}=[a-z0-9%]{0,3}(&[a-z]=1)?)?",
        ) {
            let whole = format!("https://api.example.com/api{path}{}{query}", if query.is_empty() { "" } else { "?" });
            let url = base("https://api.example.com/api/").url(&request(&path, &query), &KnownUrls::default());
            prop_assert_eq!(url, Url::parse(&whole).unwrap());
        }
    }
}

//! The providers of a simulator, each under its own prefix.

use bytes::Bytes;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use crate::base::router::names;
use crate::base::{Books, Clock, Ids, Provider, Request, Route};
use crate::elastis::Elastis;
use crate::inferno::Inferno;
use crate::leaderssl::LeaderSsl;

/// The state of all providers.
pub(crate) struct Providers {
    pub(crate) leaderssl: LeaderSsl,
    pub(crate) inferno: Inferno,
    pub(crate) elastis: Elastis,
}

impl Providers {
    pub(crate) fn new(seed: u64, clock: &Clock) -> Self {
        Self {
            leaderssl: LeaderSsl::new(Ids::new(seed, 1), clock),
            inferno: Inferno::new(Ids::new(seed, 2)),
            elastis: Elastis::new(Ids::new(seed, 3), clock),
        }
    }

    fn all(&mut self) -> [(&'static str, &mut dyn Provider); 3] {
        [
            (LeaderSsl::NAME, &mut self.leaderssl),
            (Inferno::NAME, &mut self.inferno),
            (Elastis::NAME, &mut self.elastis),
        ]
    }

    /// Returns the provider with this name.
    pub(crate) fn by_name(&mut self, name: &str) -> Option<&mut dyn Provider> {
        self.all().into_iter().find_map(|(of, provider)| (of == name).then_some(provider))
    }

    /// Returns the number of resources ever created, and everything that is billed now.
    pub(crate) fn books(&mut self, clock: &Clock) -> Books {
        let mut books = Books::default();
        self.all().into_iter().for_each(|(_, provider)| provider.books(clock, &mut books));
        books
    }

    /// Creates a request for an operation, as another client of the same account would send it. Arguments fill the
    /// path's placeholders first; `location` selects an elastis location.
    pub(crate) fn request(
        &mut self,
        operation: &str,
        arguments: &Map<String, Value>,
    ) -> Option<(&'static str, Request)> {
        let found = self.all().into_iter().find_map(|(name, provider)| {
            let mut routes = provider.router().routes().iter();
            let route = routes.find(|route| names(operation, name, Some(route.operation)))?;
            Some((name, *route, provider.credentials()))
        });
        let (name, route, headers) = found?;
        let mut left = arguments.clone();
        let mut text = |name: &str| {
            left.remove(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        };
        let (template, query) = route.path.split_once('?').unwrap_or((route.path, ""));
        let mut segments: Vec<_> = template.split('/').map(str::to_owned).collect();
        for segment in &mut segments {
            if let Some(name) = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                *segment = encode(&text(name)?);
            }
        }
        if let Some(location) = text("location") {
            segments.insert(2, encode(&location));
        }
        let method = route.method.parse().ok()?;
        let mut request = Request::new(method, &segments.join("/"), query, headers, Bytes::new());
        // Disk endpoints do not read JSON, but every endpoint reads the query.
        let nested = left.values().any(|value| value.is_object() || value.is_array());
        if name == Elastis::NAME && !nested && !template.starts_with("/v1/network/")
            || route.operation == "network.create"
        {
            let rest = left.keys().cloned().collect::<Vec<_>>();
            let mut text = |name: String| {
                Some((
                    name.clone(),
                    match left.remove(&name)? {
                        Value::String(text) => text,
                        other => other.to_string(),
                    },
                ))
            };
            request.query.extend(rest.into_iter().filter_map(&mut text));
        } else {
            request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            request.body = Value::Object(left).to_string().into();
        }
        Some((name, request))
    }

    /// Returns the response body for a path that names no provider.
    pub(crate) fn directory(&mut self) -> String {
        let mut text = "No provider is served at this path. The providers are at:\n".to_owned();
        for (name, provider) in self.all() {
            let routes = provider.router().routes();
            let first = routes.first().map_or("", |route| route.path);
            text.extend(["  /", name, first, " and more\n"]);
        }
        text + "The control API is at /_simulator/\n"
    }

    /// Splits a path into the provider that its first segment names, and the rest.
    pub(crate) fn place(path: &str) -> Option<(&'static str, &str)> {
        NAMES.into_iter().find_map(|name| {
            let below = path.strip_prefix('/')?.strip_prefix(name)?;
            (below.is_empty() || below.starts_with('/')).then_some((name, below))
        })
    }
}

/// The names of all providers, which are the prefixes of their paths.
pub(crate) const NAMES: [&str; 3] = [LeaderSsl::NAME, Inferno::NAME, Elastis::NAME];

fn encode(segment: &str) -> String {
    utf8_percent_encode(segment, NON_ALPHANUMERIC).to_string()
}

/// Returns every simulated operation with its provider. The provider's name is also the first segment of the path:
/// `leaderssl-gpu`, `inferno-vps` or `elastis`.
pub fn routes() -> Vec<(&'static str, Route)> {
    let mut providers = Providers::new(0, &Clock::default());
    let of = |(name, provider): (_, &mut dyn Provider)| {
        provider.router().routes().iter().map(move |route| (name, *route))
    };
    providers.all().into_iter().flat_map(of).collect()
}

//! Routes, requests and responses as plain values, without a socket.

use bytes::Bytes;
use http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// One endpoint of a simulated provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The operation's name, e.g. `vm.stop`.
    pub operation: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path template below the provider's prefix, e.g. `/v1/storage/disks/{disk_uuid}`. For Inferno it includes
    /// `?action=…`.
    pub path: &'static str,
    /// Whether a location's slug may follow `/v1`. If so, the path parameter `location` is the slug, or `""` if the
    /// path has none.
    pub location_scoped: bool,
}

/// A received request, with its path below the provider's prefix.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The HTTP method.
    pub(crate) method: Method,
    /// The path as sent, still percent-encoded, e.g. `/v1/user-resource/vm`.
    pub(crate) path: String,
    /// The decoded query, in the order sent.
    pub(crate) query: Vec<(String, String)>,
    /// The query as sent.
    pub(crate) raw_query: String,
    /// All headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Bytes,
}

impl Request {
    /// Creates a request with this path and query.
    pub(crate) fn new(method: Method, path: &str, query: &str, headers: HeaderMap, body: Bytes) -> Self {
        Self {
            method,
            path: path.to_owned(),
            query: pairs(query),
            raw_query: query.to_owned(),
            headers,
            body,
        }
    }

    /// Returns the body parsed as a form.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        pairs(&String::from_utf8_lossy(&self.body))
    }

    /// Returns the body parsed as JSON; `None` if it is not JSON.
    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Returns the value of a header, if it is valid ASCII.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns a value from the query, or else from the form in the body.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        let find =
            |pairs: &[(String, String)]| pairs.iter().find(|(key, _)| key == name).map(|(_, v)| v.clone());
        find(&self.query).or_else(|| find(&self.form()))
    }

    /// Returns a value from the JSON body, the query or the form, as PHP and Rails do. JSON numbers and booleans become
    /// strings.
    pub(crate) fn argument(&self, name: &str) -> Option<String> {
        let json = || match self.json()?.get(name)? {
            Value::String(text) => Some(text.clone()),
            value @ (Value::Number(_) | Value::Bool(_)) => Some(value.to_string()),
            _ => None,
        };
        json().or_else(|| self.value(name))
    }
}

/// Splits `a=b&c=d` and decodes both sides; `+` is a space.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    let decode = |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key), decode(value))
        })
        .collect()
}

/// The decoded values of the placeholders in a route's path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parameters(pub(crate) Vec<(&'static str, String)>);

impl Parameters {
    /// Returns all values.
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, value)| value.as_str())
    }

    /// Returns the value of the placeholder `{name}`; empty if the route has no such placeholder.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value)
    }
}

/// A response before any fault is applied to it.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    /// The HTTP status.
    pub(crate) status: u16,
    /// All headers except the content length.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The body.
    pub(crate) body: Bytes,
    /// Whether a fault, a disguise or a PHP quirk changed the provider's own response.
    pub(crate) altered: bool,
}

impl Response {
    /// Creates a JSON response.
    pub(crate) fn json(status: u16, value: &Value) -> Self {
        Self::with_type(status, "application/json", value.to_string())
    }

    /// Creates a response with the given content type.
    pub(crate) fn with_type(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers: vec![("content-type", content_type.to_owned())],
            body: body.into(),
            altered: false,
        }
    }

    /// Returns the status, and the body as JSON; the body is null if it is not JSON.
    pub(crate) fn parts(&self) -> (u16, Value) {
        (self.status, serde_json::from_slice(&self.body).unwrap_or_default())
    }

    /// Creates a response without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new(), altered: false }
    }
}

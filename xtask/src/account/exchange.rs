//! Converts a request and its response to a fixture.

use std::collections::BTreeMap;

use hostkit_tests::fixture::{Fixture, Request, Response, Source};
use hostkit_tests::json::Json;
use http_core::http;
use http_core::wire::Bytes;

use crate::fixtures::{pairs, scrubbed};
use crate::operations::{Endpoint, name_of};

/// A sent request and its response. Both contain secrets.
pub(crate) struct Exchange {
    pub(crate) endpoint: Endpoint,
    pub(crate) request: http::Request<Bytes>,
    pub(crate) response: http::Response<Bytes>,
}

/// The request headers that contain credentials. A fixture has placeholders for their values.
const CREDENTIALS: [&str; 3] = ["apikey", "x-key", "x-auth-token"];

impl Exchange {
    /// Returns the exchange as a fixture, with placeholders for secrets.
    pub(crate) fn fixture(&self) -> Fixture {
        scrubbed(self.endpoint.package, self.exposed())
    }

    fn exposed(&self) -> Fixture {
        let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
        let (path, segments) = self.path();
        let (form, json) = match (text(self.request.body()), Json::parse(&text(self.request.body()))) {
            (body, _) if body.is_empty() => (None, None),
            (_, Ok(json)) => (None, Some(json)),
            (body, Err(_)) => (Some(decoded(&body)), None),
        };
        let headers = self.request.headers().iter().filter(|(name, _)| CREDENTIALS.contains(&name.as_str()));
        let header = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let request = Request {
            method: self.request.method().to_string(),
            path,
            segments,
            query: decoded(self.request.uri().query().unwrap_or_default()),
            headers: headers.map(|(name, value)| (name.to_string(), header(value))).collect(),
            form,
            json,
        };
        // All other headers depend on the connection or the time.
        let kind = self.response.headers().get(http::header::CONTENT_TYPE);
        let headers = kind.map(|kind| ("content-type".to_owned(), header(kind)));
        let body = text(self.response.body());
        let json = Json::parse(&body).ok().filter(|json| *json != Json::Null);
        let text = (json.is_none() && !body.is_empty()).then_some(body);
        Fixture {
            operation: self.endpoint.name.to_owned(),
            case: Some("recorded".to_owned()),
            source: Source::Recorded,
            note: None,
            request,
            response: Response {
                status: self.response.status().as_u16(),
                headers: headers.into_iter().collect(),
                json,
                text,
            },
        }
    }

    /// Returns the path without a location and without the path of the base URL, and the values of the path parameters.
    fn path(&self) -> (String, BTreeMap<String, String>) {
        let template = self.endpoint.path.split('?').next().unwrap_or_default();
        let sent = self.request.uri().path().rsplit('/');
        let values: BTreeMap<_, _> = template
            .rsplit('/')
            .zip(sent)
            .filter_map(|(part, value)| Some((name_of(part)?.to_owned(), decode(value))))
            .collect();
        self.endpoint.fill(|name| values.get(name).cloned().unwrap_or_default())
    }
}

fn decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn decoded(text: &str) -> BTreeMap<String, String> {
    pairs(text).into_iter().map(|(name, value)| (decode(&name), decode(&value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exchange_becomes_a_fixture_without_secrets_and_connection_headers() {
        let endpoint = Endpoint::new("inferno-vps", "thing.stop", "POST", "/v1/things/{id}/stop");
        let request = http::Request::post("http://h/sim/v1/bus02/things/7/stop?force=true")
            .header("x-key", "a-key-that-nobody-may-see")
            .body("name=a%20b".into())
            .unwrap();
        let response = http::Response::builder()
            .header("content-type", "application/json")
            .header("set-cookie", "id=1")
            .body(r#"{"cost":2.0,"key":"a-key-that-nobody-may-see"}"#.into())
            .unwrap();
        let fixture = Exchange { endpoint, request, response }.fixture();
        assert_eq!(fixture.name(), "thing.stop.recorded");
        assert_eq!(
            (fixture.path_segment("id"), fixture.request.path.as_str()),
            (Some("7"), "/v1/things/7/stop")
        );
        assert_eq!((fixture.query("force"), fixture.form("name")), (Some("true"), Some("a b")));
        assert_eq!(fixture.response.headers.keys().collect::<Vec<_>>(), ["content-type"]);
        assert!(!fixture.canonical().unwrap().contains("nobody-may-see"));
        assert_eq!(fixture.response.body(), r#"{"cost":2.0,"key":"<api-key:1>"}"#);
    }
}

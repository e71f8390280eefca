//! Tests http-core over real sockets: which requests are sent, repeated and rejected, and that no secret is shown.
#![allow(clippy::unwrap_used, reason = "test helpers")]

#[cfg(feature = "tracing")]
mod log;
mod server;

mod bodies;
mod confirm;
mod debug;
mod foreign;
mod idle;
mod late;
mod limits;
mod proxies;
mod recovery;
mod redirects;
mod requests;
mod retries;
#[cfg(feature = "tracing")]
mod secrets;
mod sessions;
mod settings;
#[cfg(feature = "tracing")]
mod spans;
mod waits;

use http_core::client::secret_header_value;
use http_core::client::{Builder, Dialect, ErrorResponse, Operation, Request, Response, Transport};
use http_core::http::{HeaderMap, HeaderName};
use http_core::wire::Bytes;
use http_core::{Error, SecretString};

pub(crate) const READ: Operation = Operation::get("thing.get", "/v1/things/{id}");
pub(crate) const CREATE: Operation =
    Operation::post("thing.create", "/v1/things").with_recovery_hint("check things().list()");
pub(crate) const STOP: Operation = Operation::post("thing.stop", "/v1/things/{id}/stop").idempotent();
pub(crate) const DELETE: Operation = Operation::delete("thing.delete", "/v1/things/{id}");
pub(crate) const LIST: Operation = Operation::get("thing.list", "/v1/things").location_scoped();

/// A secret that must not appear in any output.
pub(crate) const CANARY: &str = "CANARY-7f3a9c";

/// The dialect of a provider that authorizes requests with a header and sends errors as plain text.
pub(crate) struct Things {
    pub(crate) key: &'static str,
}

impl Dialect for Things {
    fn authorize(&self, request: &mut Request) -> Result<(), Error> {
        let key = secret_header_value("the key", &SecretString::from(self.key))?;
        request.set_header(HeaderName::from_static("apikey"), key);
        Ok(())
    }

    fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        Some(headers.get("x-request-id")?.to_str().ok()?.to_owned())
    }

    fn identity(&self) -> Vec<u8> {
        self.key.into()
    }

    fn place_location(&self, request: &mut Request, location: &str) -> Result<(), Error> {
        request.insert_segment(1, "location", location)
    }

    fn read(&self, _: &Operation, response: &Response) -> Result<Bytes, ErrorResponse> {
        if response.status().is_success() {
            return Ok(response.body().clone());
        }
        let words = String::from_utf8_lossy(response.body()).into_owned();
        Err(ErrorResponse::new(response.status(), words))
    }
}

pub(crate) fn builder(url: &str) -> Builder<Transport> {
    Builder::new(url, "wire-test", Ok(Things { key: CANARY }), |transport| transport).no_proxy()
}

pub(crate) fn client(url: &str) -> Transport {
    builder(url).build().unwrap()
}

//! How the Warren platform, which elastis.id runs, authorizes requests and says no.

use http_core::http::HeaderMap;
use http_core::http::header::{HeaderName, HeaderValue};
use http_core::{
    Bytes, Dialect, Error, Operation, Outgoing, Refusal, Reply, SecretString, secret_header_value,
};

/// The dialect of one API key.
pub(crate) struct Warren {
    api_key: HeaderValue,
}

impl Warren {
    pub(crate) fn new(api_key: &SecretString) -> Result<Self, Error> {
        Ok(Self { api_key: secret_header_value("the API key", api_key)? })
    }
}

impl Dialect for Warren {
    fn authorize(&self, request: &mut Outgoing) -> Result<(), Error> {
        request.set_header(HeaderName::from_static("apikey"), self.api_key.clone());
        Ok(())
    }

    fn read(&self, _: &Operation, reply: &Reply) -> Result<Bytes, Refusal> {
        if reply.status().is_success() { Ok(reply.body().clone()) } else { Err(Refusal::unexplained(reply)) }
    }

    fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        Some(headers.get("x-warren-correlation-id")?.to_str().ok()?.to_owned())
    }
}

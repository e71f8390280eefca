//! The interface between http-core and a provider.

use bytes::Bytes;
use http::HeaderMap;
use secrecy::SecretString;

use crate::error::Error;
use crate::error::response::{ErrorResponse, ErrorResponseKind};
use crate::operation::{Effect, Operation};
use crate::transport::Transport;
use crate::transport::request::Request;
use crate::wire::response::{BoxFuture, Response};

/// The conventions of one provider: how it authorizes requests, places locations and reports errors.
pub trait Dialect: Send + Sync + 'static {
    /// Adds the credentials. Not called for operations that are sent without credentials.
    ///
    /// # Errors
    ///
    /// Any error, e.g. because the client has no credentials. The request is then not sent.
    fn authorize(&self, request: &mut Request) -> Result<(), Error>;

    /// Returns the bytes to decode. The operation's effect is that of the call, unless the operation's own is stronger.
    ///
    /// # Errors
    ///
    /// The error response, whatever its status and format are.
    fn read(&self, operation: &Operation, response: &Response) -> Result<Bytes, ErrorResponse>;

    /// Returns whether the response to a call with this effect, and with a successful status, seems to be a success. This
    /// method need not parse the body: if the whole body cannot be decoded, or if the call is a change and the
    /// [`Verdict`](crate::client::Verdict) on the body is not `Silent`, the response is passed to [`read`](Self::read)
    /// after all.
    ///
    /// Return `true` only if `read` would return every body that can be decoded unchanged.
    fn presumes_success(&self, effect: Effect, response: &Response) -> bool {
        let _ = (effect, response);
        false
    }

    /// Adds a location to the request of an operation that is [location-scoped](Operation::is_location_scoped).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the provider has no locations (the
    /// default), or if `location` is invalid.
    fn place_location(&self, request: &mut Request, location: &str) -> Result<(), Error> {
        let _ = (request, location);
        Err(Error::invalid_argument("this provider has no locations"))
    }

    /// Describes a body that is neither JSON nor HTML, for the error of a response that cannot be decoded. The
    /// description must show nothing that may be private: build it from [`mask_words`](crate::client::mask_words) and
    /// [`mask_value`](crate::client::mask_value). If this method returns `None`, http-core describes the body.
    fn describe(&self, body: &str) -> Option<String> {
        let _ = body;
        None
    }

    /// Returns the provider's id of the request, from the response's headers.
    fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        let _ = headers;
        None
    }

    /// Returns bytes that identify this account, e.g. its API key. Only a short check value, derived from these bytes,
    /// is stored.
    fn identity(&self) -> Vec<u8> {
        Vec::new()
    }

    /// Returns secrets that are no longer sent, e.g. the tokens of the last few sessions. The response to an earlier
    /// request may contain them, so they are redacted too.
    fn former_secrets(&self) -> Vec<SecretString> {
        Vec::new()
    }

    /// Returns the session that must exist before [`authorize`](Self::authorize), for providers that use sessions.
    fn session(&self) -> Option<&dyn Session> {
        None
    }
}

/// A session that begins on first use and is renewed when it has expired.
pub trait Session: Send + Sync {
    /// Begins a session if there is none, by sending calls of its own.
    fn begin<'a>(&'a self, transport: &'a Transport) -> BoxFuture<'a, Result<(), Error>>;

    /// Handles an authorized `request` with this `effect` that was rejected because of its credentials.
    ///
    /// # Errors
    ///
    /// The error of the sign-in, if a new session was needed.
    fn renew<'a>(
        &'a self,
        transport: &'a Transport,
        effect: Effect,
        request: &'a Request,
    ) -> BoxFuture<'a, Result<Renewal, Error>>;
}

/// The result of [`Session::renew`], for a request that was rejected because of its credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Renewal {
    /// The session had expired and was renewed: the request is sent once more.
    Renewed,
    /// The session is valid: the provider rejected the request itself, with an error response of this kind.
    Valid(ErrorResponseKind),
    /// Nothing is known beyond the error response.
    Unknown,
}

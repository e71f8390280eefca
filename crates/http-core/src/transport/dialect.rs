//! What http-core knows about a provider.

use bytes::Bytes;
use http::HeaderMap;

use crate::error::Error;
use crate::error::response::{ErrorResponse, ErrorResponseKind};
use crate::operation::{Effect, Operation};
use crate::transport::Transport;
use crate::transport::request::Request;
use crate::wire::response::{BoxFuture, Response};

/// The habits of one provider: how it authorizes requests, places locations and reports errors.
pub trait Dialect: Send + Sync + 'static {
    /// Adds the credentials. Not called for operations that are sent without credentials.
    ///
    /// # Errors
    ///
    /// The request is not sent, e.g. because the client has no credentials.
    fn authorize(&self, request: &mut Request) -> Result<(), Error>;

    /// Returns the bytes to decode.
    ///
    /// # Errors
    ///
    /// The error response, whatever its status and shape.
    fn read(&self, operation: &Operation, response: &Response) -> Result<Bytes, ErrorResponse>;

    /// Places a location in the request of an operation that is
    /// [location-scoped](Operation::is_location_scoped).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the provider has no locations, as by
    /// default, or if this cannot be one.
    fn place_location(&self, request: &mut Request, location: &str) -> Result<(), Error> {
        let _ = (request, location);
        Err(Error::invalid_argument("this provider has no locations"))
    }

    /// Describes a body that is neither JSON nor HTML, for the error of a response that cannot be decoded. The
    /// description must show nothing that may be private: build it from [`mask_words`](crate::client::mask_words) and
    /// [`mask_value`](crate::client::mask_value). `None` leaves it to http-core.
    fn describe(&self, body: &str) -> Option<String> {
        let _ = body;
        None
    }

    /// Returns the provider's id of the request, from the response's headers.
    fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        let _ = headers;
        None
    }

    /// Returns what distinguishes this account from others, e.g. its API key. Only a short check value of it is kept.
    fn identity(&self) -> Vec<u8> {
        Vec::new()
    }

    /// Returns the session that must exist before [`authorize`](Self::authorize), for providers that have one.
    fn session(&self) -> Option<&dyn Session> {
        None
    }
}

/// A session that begins on first use and is renewed when it has expired.
pub trait Session: Send + Sync {
    /// Begins a session, by calls of its own, if there is none.
    fn begin<'a>(&'a self, transport: &'a Transport) -> BoxFuture<'a, Result<(), Error>>;

    /// Handles an authorized `request` of this `effect` that was rejected for its credentials.
    ///
    /// # Errors
    ///
    /// The failure of the sign-in, if a new session was needed.
    fn renew<'a>(
        &'a self,
        transport: &'a Transport,
        effect: Effect,
        request: &'a Request,
    ) -> BoxFuture<'a, Result<Renewal, Error>>;
}

/// What a [`Session`] finds out about a request that was rejected for its credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Renewal {
    /// The session had expired, and there is a new one: the request is sent once more.
    Renewed,
    /// The session is valid: the provider rejected the request itself, and this is the kind of that error response.
    Valid(ErrorResponseKind),
    /// Nothing more is known than the error response says.
    Unknown,
}

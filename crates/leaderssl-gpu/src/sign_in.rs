//! The operation that signs in, used by [`Auth`](crate::Auth) and by the session of a client.

use std::error::Error as _;

use http_core::client::{ErrorResponseKind, Form, Operation, Transport, operations, secret_header_value};
use http_core::http::HeaderValue;
use http_core::wire::DecodeError;
use http_core::{Call, Error, ErrorKind, SecretString};

use crate::ids::UserId;

operations![SIGN_IN = Operation::post("auth.sign_in", "/api/v1/users/signin").read().unauthenticated(),];

/// Signs in. The token may be unusable; see [`usable_token`].
pub(crate) fn sign_in(transport: &Transport, login: &str, password: &SecretString) -> Call<SignedIn> {
    let credentials = Form::new().field("login", login).secret("password", password);
    transport.call(&SIGN_IN).form(credentials).json()
}

/// Returns whether another sign-in would fail in the same way: the provider rejected the credentials, or its response
/// lacks a token. Web pages, redirects and other responses of proxies say nothing about the credentials.
pub(crate) fn is_lasting(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::ErrorResponse => {
            let is_redirect = error.response_kind() == Some(ErrorResponseKind::Redirect);
            !error.is_retryable() && !error.may_come_from_proxy() && !is_redirect
        }
        ErrorKind::Decode => error
            .source()
            .and_then(|source| source.downcast_ref::<DecodeError>())
            .is_some_and(|error| error.path != "." || error.what.starts_with("missing field")),
        _ => false,
    }
}

/// Returns the token as a header value, or an error if the token is empty or cannot be sent in a header.
pub(crate) fn usable_token(token: &SecretString) -> Result<HeaderValue, Error> {
    secret_header_value("the session token", token).map_err(|_| {
        let message = "the response to the sign-in contains no usable session token: `auth_token` is \
             empty or cannot be sent in a header; sign in again, or ask the provider's support";
        Error::new(ErrorKind::Decode, message)
    })
}

http_core::wire::models! {
    /// A session; returned by [`Auth::sign_in`](crate::Auth::sign_in).
    pub struct SignedIn {
        /// The id of the user who signed in.
        pub id: UserId,
        /// The token that authorizes calls.
        pub auth_token: SecretString,
        /// A second token that some accounts have. The provider does not document its use.
        pub public_token: Option<SecretString>,
    }
}

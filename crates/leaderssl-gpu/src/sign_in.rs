//! The sign-in, which [`Auth`](crate::Auth) offers and the session makes by itself.

use http_core::SecretString;
use http_core::client::{Form, Operation};

use crate::ids::UserId;

pub(crate) const SIGN_IN: Operation =
    Operation::post("auth.sign_in", "/api/v1/users/signin").read().unauthenticated();

pub(crate) fn credentials(login: &str, password: &SecretString) -> Form {
    Form::new().field("login", login).secret("password", password)
}

http_core::wire::models! {
    /// A session.
    pub struct SignedIn {
        /// The user who signed in.
        pub id: UserId,
        /// The token that authorizes calls.
        pub auth_token: SecretString,
        /// A second token that some accounts are given; its use is not documented.
        pub public_token: Option<SecretString>,
    }
}

//! The sign-in, which [`Auth`](crate::Auth) offers and the session makes by itself.

use http_core::SecretString;
use http_core::client::{Form, Operation};
use http_core::wire::Redacted;
use serde::{Deserialize, Serialize};
use serde_with::serde_as;

use crate::ids::UserId;

pub(crate) const SIGN_IN: Operation =
    Operation::post("auth.sign_in", "/api/v1/users/signin").read().unauthenticated();

pub(crate) fn credentials(login: &str, password: &SecretString) -> Form {
    Form::new().field("login", login).secret("password", password)
}

/// A session.
#[serde_as]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SignedIn {
    /// The user who signed in.
    pub id: UserId,
    /// The token that authorizes calls.
    #[serde_as(as = "Redacted")]
    pub auth_token: SecretString,
    /// A second token that some accounts are given; its use is not documented.
    #[serde_as(as = "Option<Redacted>")]
    #[serde(default)]
    pub public_token: Option<SecretString>,
}

//! Signing in.

use http_core::{Call, Form, Operation, Redacted, SecretString, Transport};
use serde::{Deserialize, Serialize};
use serde_with::serde_as;

pub(crate) const SIGN_IN: Operation = Operation::post("auth.sign_in", "/api/v1/users/signin").read().public();

/// Signing in by hand; from [`Client::auth`](crate::Client::auth).
#[derive(Clone, Debug)]
pub struct Auth {
    transport: Transport,
}

impl Auth {
    pub(crate) fn new(transport: Transport) -> Self {
        Self { transport }
    }

    /// Begins a session and gives its token, for [`Client::with_token`](crate::Client::with_token) elsewhere.
    ///
    /// A wrong login or password gives an error that [`is_unauthorized`](http_core::Error::is_unauthorized).
    ///
    /// `POST /api/v1/users/signin`
    ///
    /// ```
    /// use leaderssl_gpu::Client;
    ///
    /// # hostkit_doctest::leaderssl_login(async |client, login, password| {
    /// let session = client.auth().sign_in(&login, &password).await?;
    /// let other = Client::with_token(session.id, session.auth_token)?;
    /// # Ok(()) });
    /// ```
    pub fn sign_in(&self, login: &str, password: &SecretString) -> Call<SignedIn> {
        sign_in(&self.transport, login, password)
    }
}

pub(crate) fn sign_in(transport: &Transport, login: &str, password: &SecretString) -> Call<SignedIn> {
    let form = Form::new().field("login", login).secret("password", password);
    transport.call(&SIGN_IN).form(form).reply()
}

http_core::integer_id! {
    /// The number of a user.
    pub struct UserId;
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

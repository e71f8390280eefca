//! Signing in.

use http_core::client::Transport;
use http_core::{Call, SecretString};

use crate::client::Client;
use crate::sign_in::{SignedIn, sign_in, usable_token};

impl Client {
    /// Returns the handle for signing in explicitly. The client signs in automatically, so you need this handle
    /// only if your program needs the token.
    pub fn auth(&self) -> Auth {
        Auth { transport: self.transport.clone() }
    }
}

/// The handle for signing in explicitly; returned by [`Client::auth`].
#[derive(Clone, Debug)]
pub struct Auth {
    transport: Transport,
}

impl Auth {
    /// Signs in and returns the session's token, e.g. for [`Client::with_token`](crate::Client::with_token) in another
    /// process.
    ///
    /// `POST /api/v1/users/signin`
    ///
    /// # Errors
    ///
    /// - [`is_unauthorized`](http_core::Error::is_unauthorized): the login or the password is wrong.
    /// - [`ErrorKind::Decode`](http_core::ErrorKind::Decode): the response contains no usable token.
    ///
    /// # Examples
    ///
    /// ```
    /// use leaderssl_gpu::Client;
    ///
    /// # hostkit_doctest::leaderssl_login(async |client, login, password| {
    /// let session = client.auth().sign_in(login, password).await?;
    /// let other = Client::with_token(session.id, session.auth_token)?;
    /// # Ok(()) });
    /// ```
    pub fn sign_in(&self, login: impl Into<String>, password: impl Into<SecretString>) -> Call<SignedIn> {
        sign_in(&self.transport, &login.into(), &password.into()).and_then(|session| {
            usable_token(&session.auth_token)?;
            Ok(session)
        })
    }
}

//! How LeaderSSL authorizes requests, says no, and lets a session expire.

use std::fmt;
use std::sync::{PoisonError, RwLock};

use http_core::http::StatusCode;
use http_core::http::header::{HeaderName, HeaderValue};
use http_core::{
    BoxFuture, Bytes, Dialect, Error, Meaning, Operation, Outgoing, Refusal, Reply, SecretString, Session,
    Transport, secret_header_value,
};
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};

use crate::auth::{SignedIn, UserId, sign_in};
use crate::{orders, servers};

const TOKEN_HEADER: HeaderName = HeaderName::from_static("x-auth-token");

/// Asks whether a session lives. It is sent without the session machinery, which would answer for itself.
const PROBE: Operation = Operation::get("server.list", servers::LIST.path()).public();

/// The dialect of one account and its session.
pub(crate) struct LeaderSsl {
    login: Option<(String, SecretString)>,
    session: RwLock<Option<SignedIn>>,
    /// Held while signing in, so that many calls at once sign in once.
    signing_in: tokio::sync::Mutex<()>,
}

impl LeaderSsl {
    pub(crate) fn with_login(login: String, password: SecretString) -> Self {
        Self {
            login: Some((login, password)),
            session: RwLock::new(None),
            signing_in: tokio::sync::Mutex::default(),
        }
    }

    pub(crate) fn with_session(session: SignedIn) -> Self {
        Self { login: None, session: RwLock::new(Some(session)), signing_in: tokio::sync::Mutex::default() }
    }

    fn session(&self) -> Option<Result<(UserId, HeaderValue), Error>> {
        let session = self.session.read().unwrap_or_else(PoisonError::into_inner);
        session.as_ref().map(|session| {
            secret_header_value("the session token", &session.auth_token).map(|token| (session.id, token))
        })
    }

    async fn sign_in(
        &self,
        transport: &Transport,
        login: &str,
        password: &SecretString,
    ) -> Result<(), Error> {
        let session = sign_in(transport, login, password).await?;
        *self.session.write().unwrap_or_else(PoisonError::into_inner) = Some(session);
        Ok(())
    }

    /// Whether the provider still takes the session.
    async fn is_alive(&self, transport: &Transport) -> Result<bool, Error> {
        let Some((user_id, token)) = self.session().transpose()? else { return Ok(false) };
        match transport.call(&PROBE).path("user_id", user_id).header(TOKEN_HEADER, token).done().await {
            Ok(()) => Ok(true),
            Err(error) if error.is_unauthorized() => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Dialect for LeaderSsl {
    fn authorize(&self, request: &mut Outgoing) -> Result<(), Error> {
        let Some((user_id, token)) = self.session().transpose()? else {
            return Err(Error::configuration(
                "there is no session yet: call auth().sign_in(..) and build the client by with_token(..)",
            ));
        };
        request.set_header(TOKEN_HEADER, token);
        if request.path().contains("{user_id}") { request.fill_path("user_id", user_id) } else { Ok(()) }
    }

    fn read(&self, operation: &Operation, reply: &Reply) -> Result<Bytes, Refusal> {
        let outcome = Outcome::of(reply.body());
        let status = reply.status();
        if status.is_success() && !outcome.is_refusal() {
            return Ok(reply.body().clone());
        }
        let Some(error) = outcome.error else {
            return Err(if status.is_success() {
                Refusal::new(status, "the provider answered success: false and gave no reason")
                    .meaning(Meaning::Conflict)
            } else {
                Refusal::unexplained(reply)
            });
        };
        // A list of errors under 401 is what a bad order gets; a missing session gets a single text.
        let bad_order = operation.name() == orders::CREATE.name() && error.is_list;
        let meaning = match status {
            StatusCode::UNAUTHORIZED if bad_order => Meaning::InvalidArgument,
            status if status.is_success() => Meaning::Other,
            status => Meaning::of_status(status.as_u16()),
        };
        Err(Refusal::new(status, error.text).meaning(meaning))
    }

    fn session(&self) -> Option<&dyn Session> {
        Some(self)
    }
}

impl Session for LeaderSsl {
    fn begin<'a>(&'a self, transport: &'a Transport) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let Some((login, password)) = &self.login else { return Ok(()) };
            if self.session().is_some() {
                return Ok(());
            }
            let _signing_in = self.signing_in.lock().await;
            if self.session().is_some() {
                return Ok(());
            }
            self.sign_in(transport, login, password).await
        })
    }

    fn renew<'a>(
        &'a self,
        transport: &'a Transport,
        operation: &'a Operation,
        request: &'a Outgoing,
    ) -> BoxFuture<'a, Result<bool, Error>> {
        Box::pin(async move {
            let Some((login, password)) = &self.login else { return Ok(false) };
            let _signing_in = self.signing_in.lock().await;
            let (_, token) = self.session().transpose()?.unzip();
            if token.as_ref() != request.headers().get(TOKEN_HEADER) {
                return Ok(true);
            }
            // This API answers 401 to a bad order too: only a dead session is a reason to send one again.
            if operation.name() == orders::CREATE.name() && self.is_alive(transport).await? {
                return Ok(false);
            }
            self.sign_in(transport, login, password).await?;
            Ok(true)
        })
    }
}

/// What a reply says of its own success, in whatever form.
#[derive(Default, Deserialize)]
struct Outcome {
    #[serde(default)]
    success: Option<Success>,
    #[serde(default)]
    error: Option<Texts>,
}

impl Outcome {
    fn of(body: &[u8]) -> Self {
        if body.trim_ascii_start().starts_with(b"{") {
            serde_json::from_slice(body).unwrap_or_default()
        } else {
            Self::default()
        }
    }

    fn is_refusal(&self) -> bool {
        self.error.is_some() || matches!(self.success, Some(Success(false)))
    }
}

/// `true` and `false`, each as a boolean or as text.
struct Success(bool);

impl<'de> Deserialize<'de> for Success {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde_with::DeserializeAs;
        http_core::Flag::deserialize_as(deserializer).map(Self)
    }
}

/// One text, or a list of texts.
struct Texts {
    text: String,
    is_list: bool,
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;

        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Texts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E>(self, text: &str) -> Result<Texts, E> {
                Ok(Texts { text: text.to_owned(), is_list: false })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Texts, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = list.next_element::<String>()? {
                    texts.push(text);
                }
                Ok(Texts { text: texts.join("; "), is_list: true })
            }
        }

        deserializer.deserialize_any(OneOrMany)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(operation: &Operation, status: u16, body: &str) -> Result<(), Refusal> {
        let mut reply = Reply::new(Bytes::from(body.to_owned()));
        *reply.status_mut() = StatusCode::from_u16(status).unwrap();
        LeaderSsl::with_login(String::new(), SecretString::from("")).read(operation, &reply).map(drop)
    }

    #[test]
    fn success_and_failure_are_understood_as_text_and_as_boolean() {
        for body in [r#"{"success": true}"#, r#"{"success": "true"}"#, "[]", r#"{"order_id": 1}"#] {
            read(&servers::START, 200, body).unwrap();
        }
        for body in [r#"{"success": "false"}"#, r#"{"success": false}"#] {
            for status in [200, 400, 422] {
                read(&servers::START, status, body).unwrap_err();
            }
        }
    }

    #[test]
    fn an_error_is_a_text_or_a_list_of_texts() {
        let one = read(&servers::LIST, 401, r#"{"error": "No session"}"#).unwrap_err();
        assert_eq!((one.message.as_str(), one.meaning), ("No session", Meaning::Unauthorized));
        let many = read(&orders::CREATE, 401, r#"{"error": ["No such product", "No such OS"]}"#).unwrap_err();
        assert_eq!(
            (many.message.as_str(), many.meaning),
            ("No such product; No such OS", Meaning::InvalidArgument)
        );
    }
}

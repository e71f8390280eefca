//! How LeaderSSL authorizes requests, says no, and lets a session expire.

use std::sync::{PoisonError, RwLock};

use http_core::client::ErrorResponseKind;
use http_core::client::{
    BoxFuture, Dialect, Effect, ErrorResponse, Operation, Request, Response, Session, Transport, Verdict,
    has_member, secret_header_value,
};
use http_core::http::StatusCode;
use http_core::http::header::{HeaderName, HeaderValue};
use http_core::wire::Bytes;
use http_core::{Error, ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::ids::UserId;
use crate::sign_in::{SIGN_IN, SignedIn, credentials};

const TOKEN_HEADER: HeaderName = HeaderName::from_static("x-auth-token");

/// Asks whether a session lives. It is sent without the session machinery, which would answer for itself.
const PROBE: Operation = Operation::get("server.list", "/api/v1/users/{user_id}/servers").unauthenticated();

/// The dialect of one account and its session.
pub(crate) struct LeaderSsl {
    login: Option<(String, SecretString)>,
    session: RwLock<Option<SignedIn>>,
    /// Held while signing in, so that many calls at once sign in once.
    signing_in: tokio::sync::Mutex<()>,
}

impl LeaderSsl {
    pub(crate) fn with_login(login: String, password: SecretString) -> Result<Self, Error> {
        if login.is_empty() || password.expose_secret().is_empty() {
            return Err(Error::configuration("login or password is empty: give those of your account"));
        }
        Ok(Self::new(Some((login, password)), None))
    }

    pub(crate) fn with_session(session: SignedIn) -> Self {
        Self::new(None, Some(session))
    }

    fn new(login: Option<(String, SecretString)>, session: Option<SignedIn>) -> Self {
        Self { login, session: RwLock::new(session), signing_in: tokio::sync::Mutex::default() }
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
        let session = transport.call(&SIGN_IN).form(credentials(login, password)).json().await?;
        *self.session.write().unwrap_or_else(PoisonError::into_inner) = Some(session);
        Ok(())
    }

    /// Whether the provider still takes the session.
    async fn is_alive(&self, transport: &Transport) -> Result<bool, Error> {
        let Some((user_id, token)) = self.session().transpose()? else { return Ok(false) };
        match transport
            .call(&PROBE)
            .path("user_id", user_id)
            .header(TOKEN_HEADER, token)
            .json::<IgnoredAny>()
            .await
        {
            Ok(_) => Ok(true),
            Err(error) if error.is_unauthorized() => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Dialect for LeaderSsl {
    fn authorize(&self, request: &mut Request) -> Result<(), Error> {
        let Some((user_id, token)) = self.session().transpose()? else {
            return Err(Error::configuration(
                "there is no session yet: call auth().sign_in(..) and build the client by with_token(..)",
            ));
        };
        request.set_header(TOKEN_HEADER, token);
        if request.path().contains("{user_id}") { request.fill_path("user_id", user_id) } else { Ok(()) }
    }

    fn read(&self, operation: &Operation, reply: &Response) -> Result<Bytes, ErrorResponse> {
        let created =
            operation.effect() == Effect::NonIdempotent && has_member(reply.body(), &["order_id", "bill"]);
        judge(reply).map_err(|refusal| refusal.with_outcome_unknown(created))
    }

    fn identity(&self) -> Vec<u8> {
        // The token changes with every session, login and user id do not.
        match (&self.login, self.session()) {
            (Some((login, _)), _) => login.as_bytes().to_vec(),
            (None, Some(Ok((id, _)))) => id.to_string().into_bytes(),
            (None, _) => Vec::new(),
        }
    }

    fn session(&self) -> Option<&dyn Session> {
        Some(self)
    }
}

fn judge(reply: &Response) -> Result<Bytes, ErrorResponse> {
    let status = reply.status();
    match Verdict::of(reply.body()) {
        Verdict::Silent if status.is_success() => return Ok(reply.body().clone()),
        Verdict::Doubtful if status.is_success() => return Err(ErrorResponse::doubtful(reply)),
        _ => {}
    }
    let Reasons { error, errors } = serde_json::from_slice(reply.body()).unwrap_or_default();
    let texts = [texts(&error), texts(&errors)].concat();
    if texts.is_empty() {
        return Err(if status.is_success() {
            ErrorResponse::new(status, "the provider answered success: false and gave no reason")
                .with_kind(ErrorResponseKind::Conflict)
        } else {
            ErrorResponse::from_response(reply)
        });
    }
    let meaning = match status {
        // Several reasons under 401 are what a bad order gets; a missing session gets a single text.
        StatusCode::UNAUTHORIZED if error.is_array() => ErrorResponseKind::InvalidArgument,
        status if status.is_success() => ErrorResponseKind::Other,
        status => ErrorResponseKind::from_status(status.as_u16()),
    };
    Err(ErrorResponse::new(status, texts.join("; ")).with_kind(meaning))
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
        effect: Effect,
        request: &'a Request,
    ) -> BoxFuture<'a, Result<bool, Error>> {
        Box::pin(async move {
            let Some((login, password)) = &self.login else { return Ok(false) };
            let _signing_in = self.signing_in.lock().await;
            let (_, token) = self.session().transpose()?.unzip();
            if token.as_ref() != request.headers().get(TOKEN_HEADER) {
                return Ok(true);
            }
            // This API answers 401 to a bad order too: only a dead session is a reason to send one again.
            if effect == Effect::NonIdempotent && self.is_alive(transport).await? {
                return Ok(false);
            }
            self.sign_in(transport, login, password).await?;
            Ok(true)
        })
    }
}

/// The reasons in a refusal, in whatever form.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Reasons {
    error: Value,
    errors: Value,
}

/// Every text within: errors come alone, in lists, and by field.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) if text.is_empty() => Vec::new(),
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| texts(value).into_iter().map(move |text| format!("{name}: {text}")))
            .collect(),
        Value::Bool(true) | Value::Number(_) => vec![value.to_string()],
        Value::Bool(false) | Value::Null => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{orders, servers};

    fn read(operation: &Operation, status: u16, body: &str) -> Result<(), ErrorResponse> {
        let mut reply = Response::new(Bytes::from(body.to_owned()));
        *reply.status_mut() = StatusCode::from_u16(status).unwrap();
        LeaderSsl::new(None, None).read(operation, &reply).map(drop)
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
    fn an_error_in_an_unknown_shape_is_still_a_refusal_and_an_empty_one_is_none() {
        for body in [
            r#"{"success": "false", "error": [{"a": 1}]}"#,
            r#"{"error": {"base": ["no funds"]}}"#,
            r#"{"success": "no", "error": "x"}"#,
        ] {
            read(&servers::START, 200, body).unwrap_err();
        }
        for body in [
            r#"{"order_id": 5, "error": []}"#,
            r#"{"order_id": 5, "error": ""}"#,
            r#"{"success": true, "error": null}"#,
        ] {
            read(&orders::CREATE, 200, body).unwrap();
        }
        let by_field = read(&orders::CREATE, 422, r#"{"error": {"os": ["unknown"]}}"#).unwrap_err();
        assert_eq!(by_field.message, "os: unknown");
    }

    #[test]
    fn an_error_is_a_text_or_a_list_of_texts() {
        let one = read(&servers::LIST, 401, r#"{"error": "No session"}"#).unwrap_err();
        assert_eq!((one.message.as_str(), one.kind), ("No session", ErrorResponseKind::Unauthorized));
        let many = read(&orders::CREATE, 401, r#"{"error": ["No such product", "No such OS"]}"#).unwrap_err();
        assert_eq!(
            (many.message.as_str(), many.kind),
            ("No such product; No such OS", ErrorResponseKind::InvalidArgument)
        );
    }
}

//! How LeaderSSL authorizes requests and reports errors.

use http_core::client::{
    Dialect, Effect, ErrorResponse, ErrorResponseKind, Operation, Request, Response, Session, Verdict,
    glance, secret_header_value, words,
};
use http_core::http::StatusCode;
use http_core::wire::Bytes;
use http_core::{Error, SecretString};
use serde_json::Value;

use crate::ids::UserId;
use crate::session::{Account, TOKEN_HEADER};

const NO_SESSION: &str = "the session may have expired, or the account is not permitted to do this: sign in \
     again, or ask the provider's support";

/// The dialect of one account.
pub(crate) struct LeaderSsl(Account);

impl LeaderSsl {
    /// Creates a dialect that signs in with these credentials.
    pub(crate) fn with_login(login: String, password: SecretString) -> Result<Self, Error> {
        Account::with_login(login, password).map(Self)
    }

    /// Creates a dialect that uses an existing session.
    pub(crate) fn with_token(user_id: UserId, token: &SecretString) -> Result<Self, Error> {
        let token = secret_header_value("the session token", token)?;
        Ok(Self(Account::with_session(user_id, token)))
    }
}

impl Dialect for LeaderSsl {
    fn authorize(&self, request: &mut Request) -> Result<(), Error> {
        let Some(session) = self.0.session() else {
            return Err(Error::configuration(
                "there is no session yet: call auth().sign_in(..), then create a client with Client::with_token(..)",
            ));
        };
        request.set_header(TOKEN_HEADER, session.token.clone());
        if request.path().contains("{user_id}") {
            request.fill_path("user_id", session.user_id)
        } else {
            Ok(())
        }
    }

    fn read(&self, operation: &Operation, response: &Response) -> Result<Bytes, ErrorResponse> {
        let body = judge(operation, response).map_err(|error| match error.kind {
            ErrorResponseKind::Unauthorized if operation.is_authenticated() => error.with_advice(NO_SESSION),
            ErrorResponseKind::Unauthorized => error.with_advice("check the login and the password"),
            _ => error,
        })?;
        if operation.is_authenticated() {
            self.0.note_success();
        }
        Ok(body)
    }

    fn identity(&self) -> Vec<u8> {
        // The token changes with every session; the login and the user id do not.
        match (self.0.login(), self.0.session()) {
            (Some(login), _) => login.as_bytes().to_vec(),
            (None, Some(session)) => session.user_id.to_string().into_bytes(),
            (None, None) => Vec::new(),
        }
    }

    fn former_secrets(&self) -> Vec<SecretString> {
        self.0.former_tokens()
    }

    fn session(&self) -> Option<&dyn Session> {
        Some(&self.0)
    }
}

fn judge(operation: &Operation, response: &Response) -> Result<Bytes, ErrorResponse> {
    let status = response.status();
    match status.is_success().then(|| Verdict::of(response.body())) {
        Some(Verdict::Silent) => return Ok(response.body().clone()),
        Some(Verdict::Doubtful) => return Err(ErrorResponse::undecodable(response)),
        Some(Verdict::Refused) | None => {}
    }
    let members = glance(response.body(), &["error", "errors"]);
    let [error, errors] = ["error", "errors"].map(|name| members.get(name).cloned().unwrap_or_default());
    let Some((message, code)) = explanation(response.body(), &[&error, &errors]) else {
        return Err(if status.is_success() {
            ErrorResponse::unexplained(
                status,
                "the provider rejected the request (success: false) and gave no reason",
            )
            .with_kind(ErrorResponseKind::Conflict)
        } else {
            ErrorResponse::from_response(response)
        });
    };
    let meaning = match status {
        // With status 401, a rejected order is reported with a list or an object of reasons, and a missing session with
        // one string.
        StatusCode::UNAUTHORIZED
            if operation.effect() == Effect::NonIdempotent
                && [&error, &errors].iter().any(|reasons| reasons.is_array() || reasons.is_object()) =>
        {
            ErrorResponseKind::InvalidArgument
        }
        // A list always exists, so only its URL can be wrong.
        StatusCode::NOT_FOUND if !operation.path().contains("{id}") => ErrorResponseKind::UnknownUrl,
        status => ErrorResponseKind::from_status(status.as_u16()),
    };
    let error = ErrorResponse::new(status, message).with_kind(meaning);
    Err(match code {
        Some(code) => error.with_code(code),
        None => error,
    })
}

/// Returns the explanation in an error response, and the error code if there is one. An object under `error` may list
/// the messages for each field.
fn explanation(body: &[u8], errors: &[&Value]) -> Option<(String, Option<String>)> {
    if let Some(words) = words(body) {
        return Some((words.message, words.code));
    }
    let fields = errors.iter().filter_map(|errors| errors.as_object()).flatten();
    let fields: Vec<String> = fields
        .map(|(name, value)| {
            let texts = value.as_array().into_iter().flatten().filter_map(Value::as_str);
            let texts = texts.collect::<Vec<_>>().join("; ");
            // A text that is not in a list may be the rejected value itself.
            if texts.is_empty() { name.clone() } else { format!("{name}: {texts}") }
        })
        .collect();
    (!fields.is_empty()).then(|| (fields.join("; "), None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign_in::SIGN_IN;
    use crate::{orders, servers};

    fn read(operation: &Operation, status: u16, body: &str) -> Result<(), ErrorResponse> {
        let mut response = Response::new(Bytes::from(body.to_owned()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        LeaderSsl::with_token(UserId::new(1), &SecretString::from("token"))
            .unwrap()
            .read(operation, &response)
            .map(drop)
    }

    #[test]
    fn the_login_or_the_user_identifies_an_account_and_the_token_does_not() {
        let identity = |dialect: Result<LeaderSsl, Error>| dialect.unwrap().identity();
        let (password, token) = (SecretString::from("password"), SecretString::from("token"));
        assert_eq!(identity(LeaderSsl::with_login("me".to_owned(), password)), b"me");
        assert_eq!(identity(LeaderSsl::with_token(UserId::new(7), &token)), b"7");
    }

    #[test]
    fn with_status_401_only_an_order_is_rejected_for_its_arguments() {
        for body in
            [r#"{"error": ["Total must be more than 10 EUR"]}"#, r#"{"errors": {"os": ["is unknown"]}}"#]
        {
            assert_eq!(
                read(&orders::CREATE, 401, body).unwrap_err().kind,
                ErrorResponseKind::InvalidArgument
            );
        }
        for body in [
            r#"{"error": true, "message": "Session expired"}"#,
            r#"{"errors": "Not authorized"}"#,
            r#"{"error": ["x"]}"#,
        ] {
            assert_eq!(
                read(&servers::LIST, 401, body).unwrap_err().kind,
                ErrorResponseKind::Unauthorized,
                "{body}"
            );
        }
    }

    #[test]
    fn the_advice_for_rejected_credentials_names_those_that_were_sent() {
        let advice = |operation, status| read(operation, status, r#"{"error": "No"}"#).unwrap_err().advice;
        assert_eq!(advice(&servers::LIST, 401), Some(NO_SESSION));
        assert_eq!(advice(&SIGN_IN, 401), Some("check the login and the password"));
        assert_eq!([advice(&servers::LIST, 422), advice(&SIGN_IN, 422)], [None, None]);
    }

    #[test]
    fn only_the_url_of_a_single_server_can_name_one_that_does_not_exist() {
        let kind = |operation| read(operation, 404, r#"{"error": "Not Found"}"#).unwrap_err().kind;
        assert_eq!(kind(&servers::LIST), ErrorResponseKind::UnknownUrl);
        assert_eq!(kind(&orders::CREATE), ErrorResponseKind::UnknownUrl);
        assert_eq!(kind(&servers::START), ErrorResponseKind::NotFound);
    }

    #[test]
    fn success_and_failure_are_recognized_as_string_and_as_boolean() {
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
    fn an_error_of_unknown_shape_counts_and_an_empty_one_does_not() {
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
        for (body, message) in [
            (r#"{"error": {"os": ["unknown"]}}"#, "os: unknown"),
            (r#"{"errors": {"os": ["unknown", "old"], "count": "is odd"}}"#, "os: unknown; old"),
            (r#"{"error": {"token": "abc123token"}}"#, "token"),
            (r#"{"error": {"server": {"token": "abc123token"}}}"#, "server"),
        ] {
            let message_shown = read(&orders::CREATE, 422, body).unwrap_err().message;
            assert!(message_shown.contains(message) && !message_shown.contains("abc123"), "{message_shown}");
        }
    }

    #[test]
    fn an_error_is_a_string_or_a_list_of_strings() {
        let one = read(&servers::LIST, 401, r#"{"error": "No session"}"#).unwrap_err();
        assert_eq!((one.message.as_str(), one.kind), ("No session", ErrorResponseKind::Unauthorized));
        let many = read(&orders::CREATE, 401, r#"{"error": ["No such product", "No such OS"]}"#).unwrap_err();
        assert_eq!(
            (many.message.as_str(), many.kind),
            ("No such product; No such OS", ErrorResponseKind::InvalidArgument)
        );
    }
}

//! How Inferno authorizes requests and reports errors.

use std::borrow::Cow;

use http_core::client::ErrorResponseKind;
use http_core::client::{
    Dialect, Effect, ErrorResponse, Operation, Request, Response, secret_header_value, words,
};
use http_core::http::HeaderValue;
use http_core::http::StatusCode;
use http_core::http::header::HeaderName;
use http_core::wire::Bytes;
use http_core::{Error, SecretString};

use crate::excerpt;
use crate::response::{self, NoJson, ReportedResult};

const KEY_HEADER: HeaderName = HeaderName::from_static("x-key");

/// The provider rejects unknown addresses in the same way as unknown keys.
const WHITELIST_HINT: &str = "check the credentials, and whether this computer's address is on the provider's \
     whitelist (its support can add the address)";

/// The dialect, with an account's API key or without a key.
pub(crate) struct Inferno {
    key: Option<HeaderValue>,
}

impl Inferno {
    pub(crate) fn with_key(key: &SecretString) -> Result<Self, Error> {
        Ok(Self { key: Some(secret_header_value("the API key", key)?) })
    }

    pub(crate) fn anonymous() -> Self {
        Self { key: None }
    }
}

impl Dialect for Inferno {
    fn authorize(&self, request: &mut Request) -> Result<(), Error> {
        let Some(key) = &self.key else {
            return Err(Error::configuration(
                "this client has no API key: get one with api_key(..) and build a client with it",
            ));
        };
        request.set_header(KEY_HEADER, key.clone());
        Ok(())
    }

    fn describe(&self, body: &str) -> Option<String> {
        body.contains("] =>").then(|| excerpt::describe(body))
    }

    fn identity(&self) -> Vec<u8> {
        self.key.as_ref().map(|key| key.as_bytes().to_vec()).unwrap_or_default()
    }

    fn presumes_success(&self, response: &Response) -> bool {
        response::seems_success(response.body())
    }

    fn read(&self, operation: &Operation, response: &Response) -> Result<Bytes, ErrorResponse> {
        let body = response::read(response.body()).map_err(|why| without_json(why, response))?;
        let reads = operation.effect() == Effect::Read;
        let reported = ReportedResult::of(&body);
        let failed = reported.failed().or((!response.status().is_success()).then_some(&reported));
        if let Some(failed) = failed {
            let succeeded = reported.is_success.is_some() && reported.failed().is_none();
            return Err(error_response(failed, response).with_outcome_unknown(succeeded));
        }
        if reported.is_unreadable {
            return Err(ErrorResponse::undecodable(response));
        }
        // The content of a response to a read shows whether the read succeeded; some of these responses have no
        // `result`.
        let may_lack_result = reads || operation.is_untyped();
        if reported.is_success.is_none() && !may_lack_result {
            let message = "the response reports neither success nor failure";
            return Err(
                ErrorResponse::new(response.status(), message).with_kind(ErrorResponseKind::Undecodable)
            );
        }
        Ok(body)
    }
}

fn error_response(reported: &ReportedResult, response: &Response) -> ErrorResponse {
    let found =
        if reported.words().is_none() { words(response.body()).map(|words| words.message) } else { None };
    let words = reported.words().or(found.as_deref());
    let known = || {
        let is_installing = reported.code() == Some("904");
        is_installing.then_some(ErrorResponseKind::Conflict).or_else(|| meaning(words?))
    };
    let meaning = of_status(response.status()).or_else(known).unwrap_or(ErrorResponseKind::Other);
    let error = if let Some(words) = words {
        ErrorResponse::new(response.status(), words)
    } else {
        let has_form = reported.is_success.is_some() || reported.code().is_some();
        let create = if has_form { ErrorResponse::unexplained } else { ErrorResponse::unrecognized };
        create(response.status(), "the provider rejected the request and gave no reason")
    };
    let error = advised(error.with_kind(meaning));
    match reported.code() {
        Some(code) => error.with_code(code),
        None => error,
    }
}

/// Returns the error for a body that contains no response because it is empty, a web page or other text.
fn without_json(why: NoJson, response: &Response) -> ErrorResponse {
    let (page, text) = (why == NoJson::Page, why == NoJson::Text);
    let meaning = of_status(response.status())
        .or_else(|| (page && is_out_of_order(response.body())).then_some(ErrorResponseKind::Unavailable))
        .or_else(|| text.then(|| meaning(&start(response.body()))).flatten())
        .unwrap_or(ErrorResponseKind::Undecodable);
    let message = match (why, meaning) {
        (NoJson::Page, ErrorResponseKind::Unavailable) => {
            "the provider is under maintenance or its proxy cannot reach it; try again later"
        }
        (NoJson::Page, ErrorResponseKind::Undecodable | ErrorResponseKind::UnknownUrl) => {
            "the response is a web page; check the base URL"
        }
        (NoJson::Broken, ErrorResponseKind::Undecodable) => {
            "the response is truncated or invalid, or contains several responses"
        }
        (NoJson::Text, ErrorResponseKind::Undecodable) => "the response is neither JSON nor print_r text",
        (NoJson::Empty, ErrorResponseKind::Undecodable) => {
            "the response contains no data: it is empty, null or false"
        }
        _ => response
            .status()
            .canonical_reason()
            .filter(|_| !response.status().is_success())
            .unwrap_or("the provider rejected the request"),
    };
    let error = advised(ErrorResponse::unrecognized(response.status(), message).with_kind(meaning));
    if why == NoJson::Empty { error } else { error.with_excerpt(response) }
}

fn advised(error: ErrorResponse) -> ErrorResponse {
    if error.kind == ErrorResponseKind::Unauthorized { error.with_advice(WHITELIST_HINT) } else { error }
}

/// Returns the kind that a status implies; `None` if the kind depends on the provider's message, as for most responses.
fn of_status(status: StatusCode) -> Option<ErrorResponseKind> {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Some(ErrorResponseKind::Unauthorized),
        // All operations share one path, so it is not an order or a VPS that is missing.
        StatusCode::NOT_FOUND => Some(ErrorResponseKind::UnknownUrl),
        status if status.is_success() => None,
        status => Some(ErrorResponseKind::from_status(status.as_u16())),
    }
}

/// Phrases in error responses, and their kinds. The first match is used, so "not found or status not pending" is a
/// conflict.
const MEANINGS: &[(ErrorResponseKind, &[&str])] = &[
    (
        ErrorResponseKind::Unauthorized,
        &[
            "access denied",
            "whitelist",
            "white list",
            "unauthorized",
            "not authorized",
            "ip not allowed",
            "wrong key",
            "wrong cid",
            "invalid key",
            "invalid cid",
            "api key",
            "email or password",
            "доступ запрещ",
        ],
    ),
    (ErrorResponseKind::RateLimited, &["too many requests"]),
    (ErrorResponseKind::NotFound, &["not exist"]),
    (
        ErrorResponseKind::Conflict,
        &[
            "status not",
            "exists",
            "already",
            "being created",
            "being installed",
            "is stopped",
            "in progress",
            "уже создается",
        ],
    ),
    (ErrorResponseKind::NotFound, &["not found", "не найден"]),
    (ErrorResponseKind::InvalidArgument, &["invalid", "wrong", "missing", "required", "неверн"]),
];

fn meaning(words: &str) -> Option<ErrorResponseKind> {
    let words = words.to_lowercase();
    let means = |(_, known): &&(ErrorResponseKind, &[&str])| known.iter().any(|known| words.contains(known));
    MEANINGS.iter().find(means).map(|(meaning, _)| *meaning)
}

/// The number of bytes at the beginning of a page or text that are searched.
const START: usize = 16 * 1024;

fn start(body: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(&body[..body.len().min(START)])
}

/// Phrases on web pages that indicate a temporary failure.
const OUT_OF_ORDER: &[&str] = &[
    "maintenance",
    "техническ",
    "bad gateway",
    "gateway time",
    "service unavailable",
    "temporarily unavailable",
    "internal server error",
    "web server is down",
];

fn is_out_of_order(page: &[u8]) -> bool {
    let page = start(page).to_lowercase();
    OUT_OF_ORDER.iter().any(|words| page.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{balance, orders, vps};

    fn read(operation: &Operation, status: u16, body: &str) -> Result<Bytes, ErrorResponse> {
        let mut response = Response::new(Bytes::from(body.to_owned()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        Inferno::anonymous().read(operation, &response)
    }

    fn refused(status: u16, body: &str) -> ErrorResponse {
        read(&vps::REBOOT, status, body).unwrap_err()
    }

    #[test]
    fn observed_success_in_any_case_is_accepted_and_all_else_is_an_error() {
        for result in ["success", "Success", "SUCCESS", " success "] {
            read(&vps::REBOOT, 200, &format!(r#"{{"result": "{result}"}}"#)).unwrap();
        }
        for result in
            [r#""fail""#, r#""FAIL""#, r#""error""#, r#""succes""#, r#""""#, "0", "false", "1", "true"]
        {
            let error = refused(200, &format!(r#"{{"result": {result}, "message": "no"}}"#));
            assert_eq!((error.message.as_str(), error.kind), ("no", ErrorResponseKind::Other), "{result}");
        }
    }

    #[test]
    fn observed_errors_have_a_message_or_msg_and_a_number_in_error_code() {
        let error = refused(200, r#"{"result": "fail", "msg": "Vps broken", "error_code": 17}"#);
        assert_eq!((error.message.as_str(), error.code.as_deref()), ("Vps broken", Some("17")));
        let error = refused(200, r#"{"result": "fail", "message": "", "msg": "no", "error_code": "0"}"#);
        assert_eq!((error.message.as_str(), error.code), ("no", None));
        assert!(refused(200, r#"{"result": "fail"}"#).message.contains("gave no reason"));
    }

    #[test]
    fn observed_a_failed_nested_result_is_an_error() {
        let failed = r#"{"result": "Fail", "msg": "node is down", "error_code": 12}"#;
        let error = refused(200, &format!(r#"{{"result": "success", "msg": "ok", "retx": {failed}}}"#));
        assert_eq!((error.message.as_str(), error.code.as_deref()), ("node is down", Some("12")));
        // There is no VPS yet.
        read(&vps::INFO, 200, &format!(r#"{{"result": "success", "orderid": 1, "vps_info": {failed}}}"#))
            .unwrap();
        for part in ["[]", "{}", "null", r#"{"result": "success"}"#] {
            read(&vps::REBOOT, 200, &format!(r#"{{"result": "success", "retx": {part}}}"#)).unwrap();
        }
        let repeated = r#"{"result": "error", "msg": "a", "msg": "b"}"#;
        for part in [&format!("[{failed}]"), repeated, "[[]]", r#""node is down""#, "12", "[1]"] {
            let body = format!(r#"{{"result": "success", "retx": {part}}}"#);
            let error = refused(200, &body);
            assert_eq!(error.kind, ErrorResponseKind::Undecodable, "{body}");
        }
    }

    #[test]
    fn only_a_response_without_a_sign_of_failure_is_decoded_before_it_is_judged() {
        let presumed = |body: &'static str| {
            Inferno::anonymous().presumes_success(&Response::new(Bytes::from_static(body.as_bytes())))
        };
        for body in [r#"{"result": "success", "vps_info": {"result": "success"}}"#, r#"{"orders": []}"#] {
            assert!(presumed(body), "{body}");
        }
        for body in [
            "",
            "[]",
            "Array\n(\n    [0] => {}\n)\n",
            r#"{"result": "fail"}"#,
            r#"{"result": "success", "retx": {"result": "fail"}}"#,
            r#"{"result": "success", "vps_info": {"result": "fail"}}"#,
            r#"{"r\u0065sult": "fail"}"#,
        ] {
            assert!(!presumed(body), "{body}");
        }
    }

    #[test]
    fn known_error_messages_have_a_kind() {
        for (words, meaning) in [
            ("Order ID not found or Status not Pending", ErrorResponseKind::Conflict),
            ("Order ID not found", ErrorResponseKind::NotFound),
            ("Order does not exist", ErrorResponseKind::NotFound),
            ("Vps exists with current main_id (21968) , W:47012", ErrorResponseKind::Conflict),
            ("Vps is being installed", ErrorResponseKind::Conflict),
            ("SSH key not found", ErrorResponseKind::NotFound),
            ("Invalid SSH key", ErrorResponseKind::InvalidArgument),
            ("Invalid email or password", ErrorResponseKind::Unauthorized),
            ("Access denied: IP 203.0.113.1 is not in whitelist", ErrorResponseKind::Unauthorized),
            ("Something else", ErrorResponseKind::Other),
        ] {
            assert_eq!(
                refused(200, &format!(r#"{{"result": "fail", "msg": "{words}"}}"#)).kind,
                meaning,
                "{words}"
            );
        }
        let created = refused(200, r#"{"result": "fail", "msg": "W:47012", "error_code": 904}"#);
        assert_eq!((created.kind, created.code.as_deref()), (ErrorResponseKind::Conflict, Some("904")));
    }

    #[test]
    fn observed_401_and_403_are_unauthorized_and_name_the_whitelist() {
        let page = "<html><head><title>403 Forbidden</title></head></html>";
        for (status, body) in [
            (401, r#"{"result": "fail", "message": "denied"}"#),
            (403, page),
            (403, ""),
            (200, "Access denied"),
        ] {
            let error = refused(status, body);
            assert_eq!(error.kind, ErrorResponseKind::Unauthorized, "{status} {body}");
            assert!(error.advice.is_some_and(|advice| advice.contains("whitelist")), "{error:?}");
        }
    }

    #[test]
    fn observed_maintenance_and_proxy_pages_are_unavailable_with_any_status() {
        let proxy = "<html><head><title>502 Bad Gateway</title></head><body></body></html>";
        let maintenance = "<!DOCTYPE html><html><title>Down for maintenance</title></html>";
        let russian = "<html><body><h1>Ведутся технические работы</h1></body></html>";
        for (status, page) in
            [(200, proxy), (502, proxy), (200, maintenance), (503, maintenance), (200, russian)]
        {
            let error = refused(status, page);
            assert_eq!(error.kind, ErrorResponseKind::Unavailable, "{status} {page}");
            assert!(error.message.contains("try again later"), "{}", error.message);
        }
    }

    #[test]
    fn the_error_for_any_other_page_says_to_check_the_base_url() {
        let page = "<!DOCTYPE html><html><title>Client Area</title></html>";
        for (status, meaning) in [(200, ErrorResponseKind::Undecodable), (404, ErrorResponseKind::UnknownUrl)]
        {
            let error = refused(status, page);
            assert_eq!(error.kind, meaning);
            assert!(error.message.contains("base URL"));
        }
    }

    #[test]
    fn observed_empty_bodies_null_and_false_are_not_a_success() {
        for body in ["", "\u{feff} \r\n", "null", "false"] {
            for operation in [balance::GET, orders::LIST, orders::CREATE, vps::STOP] {
                assert_eq!(
                    read(&operation, 200, body).unwrap_err().kind,
                    ErrorResponseKind::Undecodable,
                    "{body}"
                );
            }
        }
    }

    #[test]
    fn only_reads_may_have_a_response_without_a_result() {
        read(&orders::LIST, 200, r#"{"orders": []}"#).unwrap();
        for operation in [orders::CREATE, orders::CANCEL, vps::REBOOT, vps::INSTALL] {
            let error = read(&operation, 200, r#"{"orderid": 1}"#).unwrap_err();
            assert_eq!(error.kind, ErrorResponseKind::Undecodable, "{}", operation.name());
        }
    }

    #[test]
    fn truncated_print_r_text_is_neither_success_nor_failure() {
        let fields = "[method] => createVPS [result] => success [msg] => ok [retx] => Array ( [result] => success [msg] \
            => added to queue [error_code] => 0 )";
        read(&vps::INSTALL, 200, fields).unwrap();
        let lines = fields.replace(" [", "\n[");
        for text in [fields, &lines] {
            for end in 1..text.len() {
                let error = read(&vps::INSTALL, 200, &text[..end]).unwrap_err();
                assert_eq!(error.kind, ErrorResponseKind::Undecodable, "{}", &text[..end]);
            }
        }
    }

    #[test]
    fn the_words_of_a_broken_response_show_nothing() {
        for body in [
            r#"{"result":"success","orderid":1,"vps_info":{"result":"fail","msg":"VPS not found""#,
            r#"{"result":"success","orderid":47001,"msg":"order already queu"#,
            r#"{"result":"success","orders":{"1":{"msg":"password required, key invalid"}"#,
            "{\"result\":\"success\"}<br />\n<b>Fatal error</b>: x<br />\n{\"result\":\"fail\",\"msg\":\"not found\"}",
            "Array\n(\n    [result] => success\n)\n{\"result\":\"fail\",\"msg\":\"not found\"}",
            r#"{"result":"success"}[{"result":"fail","msg":"not found"}]"#,
        ] {
            for operation in [vps::INFO, vps::REBOOT, orders::LIST, orders::CREATE, orders::CANCEL] {
                let error = read(&operation, 200, body).unwrap_err();
                assert_eq!(error.kind, ErrorResponseKind::Undecodable, "{} {body}", operation.name());
            }
        }
    }

    #[test]
    fn an_error_status_takes_precedence_over_the_message() {
        let limited = refused(429, r#"{"result": "fail", "message": "Order ID not found"}"#);
        assert_eq!(limited.kind, ErrorResponseKind::RateLimited);
        assert_eq!(refused(500, r#"{"result": "success"}"#).kind, ErrorResponseKind::Unavailable);
    }
}

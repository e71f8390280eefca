//! How Inferno authorizes requests and reports errors.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use http_core::client::ErrorResponseKind;
use http_core::client::{
    Dialect, Effect, ErrorResponse, Operation, Request, Response, Verdict, secret_header_value, words,
};
use http_core::http::HeaderValue;
use http_core::http::StatusCode;
use http_core::http::header::HeaderName;
use http_core::wire::Bytes;
use http_core::{Error, SecretString};

use crate::excerpt;
use crate::response::{self, NoJson, ReportedResult};

const KEY_HEADER: HeaderName = HeaderName::from_static("x-key");

/// The operation that returns the API key, or a new one.
const API_KEY: &str = "api_key.get";

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

    fn presumes_success(&self, effect: Effect, response: &Response) -> bool {
        effect == Effect::Read && response::seems_success(response.body())
    }

    fn read(&self, operation: &Operation, response: &Response) -> Result<Bytes, ErrorResponse> {
        let body = response::read(response.body()).map_err(|why| without_json(why, response))?;
        let reads = operation.effect() == Effect::Read;
        let reported = ReportedResult::of(&body);
        let failed = reported.failed().or((!response.status().is_success()).then_some(&reported));
        if let Some(failed) = failed {
            let succeeded = reported.is_success.is_some() && reported.failed().is_none();
            // A change with such a result may have happened.
            let is_unclear = failed.is_unclear && !reads;
            if is_unclear && response.status().is_success() {
                return Err(ErrorResponse::undecodable(response));
            }
            let may_have_happened = succeeded || is_unclear || (failed.has_unfailed_part() && !reads);
            return Err(error_response(failed, &body, response).with_outcome_unknown(may_have_happened));
        }
        if reported.is_unreadable {
            return Err(ErrorResponse::undecodable(response));
        }
        // The content of a response to a read, and a new API key, show the success; some of these responses have no
        // `result`.
        let may_lack_result = reads || operation.is_untyped() || operation.name() == API_KEY;
        if reported.is_success.is_some() {
            let is_doubtful = !reads && (reported.is_doubtful() || Verdict::of(&body) != Verdict::Silent);
            return if is_doubtful { Err(ErrorResponse::undecodable(response)) } else { Ok(body) };
        }
        if !may_lack_result {
            let message = "the response reports neither success nor failure";
            return Err(
                ErrorResponse::new(response.status(), message).with_kind(ErrorResponseKind::Undecodable)
            );
        }
        match Verdict::of(&body) {
            Verdict::Silent => Ok(body),
            Verdict::Doubtful if !reads => Err(ErrorResponse::undecodable(response)),
            Verdict::Refused | Verdict::Doubtful => Err(error_response(&reported, &body, response)),
        }
    }
}

/// Returns the error for the part of a response that reports a failure, or for a response without a result. `body` is
/// the whole response as JSON.
fn error_response(reported: &ReportedResult, body: &[u8], response: &Response) -> ErrorResponse {
    // The words outside a failed part are not about the failure.
    let is_part = reported.is_success == Some(false);
    let found = if is_part || reported.words().is_some() { None } else { words(body) };
    let words = reported.words().or(found.as_ref().map(|found| found.message.as_str()));
    let code = reported.code().or(found.as_ref().and_then(|found| found.code.as_deref()));
    let known = || {
        let is_installing = code == Some("904");
        is_installing.then_some(ErrorResponseKind::Conflict).or_else(|| meaning(words?))
    };
    let meaning = of_status(response.status()).or_else(known).unwrap_or(ErrorResponseKind::Other);
    let error = if let Some(words) = words {
        ErrorResponse::new(response.status(), words)
    } else {
        let has_form = reported.is_success.is_some() || code.is_some();
        let create = if has_form { ErrorResponse::unexplained } else { ErrorResponse::unrecognized };
        create(response.status(), "the provider rejected the request and gave no reason")
    };
    let error = advised(error.with_kind(meaning));
    match code {
        Some(code) => error.with_code(code),
        None => error,
    }
}

/// Returns the error for a body that contains no response because it is empty, a web page or other text.
fn without_json(why: NoJson, response: &Response) -> ErrorResponse {
    let (page, text) = (why == NoJson::Page, why == NoJson::Text);
    let meaning = of_status(response.status())
        .or_else(|| (page && is_out_of_order(response.body())).then_some(ErrorResponseKind::Unavailable))
        .or_else(|| text.then(|| meaning_of_text(&start(response.body()))).flatten())
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

/// What the provider's messages name before "not found" and similar. Only a message that consists of both, such as
/// `Order ID not found`, is about the requested resource.
const RESOURCES: &[&str] = &[
    "order id",
    "order",
    "product id",
    "product",
    "service id",
    "service",
    "ssh key",
    "template",
    "vps",
    "заказ",
    "услуга",
];
/// The words after a name, by which the provider says that there is no such resource.
const ABSENCES: &[&str] = &[
    "not found",
    "was not found",
    "does not exist",
    "doesn't exist",
    "not exist",
    "not exists",
    "не найден",
    "не найдена",
];

/// Phrases in error responses, and their kinds. The first match is used. A phrase matches only whole words; one that ends
/// with `-` also matches the beginning of a word.
const MEANINGS: &[(ErrorResponseKind, &[&str])] = &[
    (ErrorResponseKind::RateLimited, &["too many requests"]),
    (
        ErrorResponseKind::Unavailable,
        &[
            "try again",
            "try later",
            "maintenance",
            "internal error",
            "internal server error",
            "went wrong",
            "temporarily",
            "unavailable",
            "timed out",
            "timeout",
            "техническ-",
            "попробуйте позже",
        ],
    ),
    (
        ErrorResponseKind::Unauthorized,
        &[
            "access denied",
            "whitelist-",
            "white list-",
            "unauthorized",
            "not authorized",
            "ip not allowed",
            "wrong key",
            "wrong cid",
            "invalid key",
            "invalid cid",
            "wrong api key",
            "invalid api key",
            "incorrect api key",
            "api key not found",
            "api key is invalid",
            "api key is wrong",
            "email or password",
            "доступ запрещ-",
        ],
    ),
    (
        ErrorResponseKind::Conflict,
        &[
            "or status not",
            "vps exists",
            "order exists",
            "key exists",
            "already",
            "being created",
            "being installed",
            "is stopped",
            "installation in progress",
            "install in progress",
            "installation is in progress",
            "уже создается",
        ],
    ),
    (ErrorResponseKind::InvalidArgument, &["invalid", "wrong", "missing", "required", "неверн-"]),
];

fn meaning(words: &str) -> Option<ErrorResponseKind> {
    let words = words.trim().to_lowercase();
    if is_absence(&words) {
        return Some(ErrorResponseKind::NotFound);
    }
    let means =
        |(_, known): &&(ErrorResponseKind, &[&str])| known.iter().any(|known| contains(&words, known));
    MEANINGS.iter().find(means).map(|(meaning, _)| *meaning)
}

/// Returns whether a text contains a phrase of [`MEANINGS`].
fn contains(text: &str, phrase: &str) -> bool {
    let (phrase, is_stem) = phrase.strip_suffix('-').map_or((phrase, false), |stem| (stem, true));
    let ends_word = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(phrase).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + phrase.len()..]);
        ends_word(before.chars().next_back()) && (is_stem || ends_word(after.chars().next()))
    })
}

/// Returns whether a message says that a resource does not exist, and nothing else.
fn is_absence(words: &str) -> bool {
    let words = words.trim_end_matches(['.', '!']);
    let after = RESOURCES.iter().filter_map(|resource| words.strip_prefix(resource)?.strip_prefix(' '));
    after.into_iter().any(|after| ABSENCES.contains(&after))
}

/// Returns the meaning of text that is not one of the provider's responses, e.g. an error message of PHP. It may say
/// why nothing works, but nothing about an order or a VPS.
fn meaning_of_text(text: &str) -> Option<ErrorResponseKind> {
    let is_general = |kind: &ErrorResponseKind| {
        matches!(kind, ErrorResponseKind::Unauthorized | ErrorResponseKind::RateLimited)
    };
    meaning(text).filter(is_general)
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

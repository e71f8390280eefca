//! Responses that lie, for every operation: what was promised holds all the same.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_core::client::{Effect, Operation};
use http_core::retry::Backoff;
use http_core::wire::Bytes;
use http_core::{Error, ErrorKind, RetryPolicy, http};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::bounded::Taken;
use crate::fixture::Fixture;
use crate::promises::texts;
use crate::replay::{Exchange, Replayed};

/// What a call made of a response.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) operation: Operation,
    pub(crate) effect: Effect,
    /// The secrets in the request.
    pub(crate) secrets: Vec<String>,
    /// The value as JSON.
    pub(crate) result: Result<String, Error>,
    /// The value by `Debug`.
    pub(crate) debug: String,
    /// What the call took, where that was measured.
    pub(crate) taken: Taken,
}

/// Four attempts with next to no delay.
pub(crate) fn retries() -> RetryPolicy {
    let delay = Duration::from_micros(10);
    RetryPolicy::attempts(4).with_backoff(Backoff::new(delay, delay))
}

/// Sends every hostile response to every operation of `package`.
///
/// # Panics
/// When a promise is broken, with all the cells in which it was.
pub async fn every_operation<A, F>(package: &str, ask: &A)
where
    A: Fn(Exchange) -> F + Sync,
    F: Future<Output = Replayed>,
{
    let fixtures = first_fixtures(package);
    depth_is_bounded(package, ask);
    let mut broken = words_are_no_proof(&fixtures, ask).await;
    broken.extend(success_must_be_recognised(&fixtures, ask).await);
    broken.extend(no_text_comes_through(&fixtures, ask).await);
    broken.extend(no_encoding_hides_a_secret(&fixtures, ask).await);
    let cells = broken.len();
    broken.truncate(20);
    assert!(
        broken.is_empty(),
        "{cells} promises of {package} are broken, among them:\n{}",
        broken.join("\n")
    );
}

/// Words that ask for patience, or say that nothing happened.
const WORDS: [&str; 3] =
    ["Too many requests", "429 rate limit exceeded, try again later", "Слишком много запросов"];

/// The words in every shape in which providers write errors, and whether an id is named beside them.
fn shapes(words: &str) -> Vec<(String, bool)> {
    let refused = format!(r#"{{"result":"fail","msg":"{words}"}}"#);
    let ids =
        r#""orderid":47001,"invoiceid":9,"order_id":5,"uuid":"7dc1a8f2-0b14-4d08-a3f3-6f4c8f0cbd64","id":5"#;
    vec![
        (refused.clone(), false),
        (format!(r#"{{"result":"success","retx":{refused}}}"#), false),
        (format!(r#"{{"result":"success",{ids},"retx":{refused},"error":"{words}"}}"#), true),
        (format!(r#"{{"result":"success",{ids},"retx":{{"retx":{refused}}},"error":"{words}"}}"#), true),
        (format!(r#"{{"errors":{{"Error":"{words}"}},"error":"{words}","result":"fail"}}"#), false),
        (format!(r#"{{"error":["{words}"],"success":"false","result":"fail"}}"#), false),
        (format!(r#"{{"success":false,"message":"{words}"}}"#), false),
        (format!("Array ( [result] => fail [msg] => {words} )"), false),
        (words.to_owned(), false),
        (format!("<html><title>{words}</title></html>"), false),
    ]
}

/// Only status 429 proves that a request was not processed, and only where no created id is named.
async fn words_are_no_proof<A, F>(fixtures: &[Fixture], ask: &A) -> Vec<String>
where
    A: Fn(Exchange) -> F,
    F: Future<Output = Replayed>,
{
    let mut broken = Vec::new();
    for fixture in fixtures {
        for (body, names_id) in WORDS.iter().flat_map(|words| shapes(words)) {
            for status in [200, 400, 429, 500] {
                let response = response(status, body.clone());
                let finished = ask(Exchange::finishing(fixture.clone(), response.clone())).await;
                let Ok(finished) = finished.seen() else { continue };
                if finished.effect != Effect::NonIdempotent {
                    break;
                }
                let server = Server::start(&response).await;
                let sent = ask(Exchange::sending(fixture.clone(), server.url())).await;
                let Ok(sent) = sent.seen() else { continue };
                let is_create = names_id && sent.operation.name().ends_with(".create");
                if names_id && !is_create && status == 429 {
                    // The id may be that of the request.
                    continue;
                }
                let unprocessed = status == 429 && !is_create;
                let requests = if unprocessed { 4 } else { 1 };
                let mut faults = Vec::new();
                let sent_requests = server.requests().len();
                if sent_requests != requests {
                    faults.push(format!("{sent_requests} requests instead of {requests}"));
                }
                for seen in [&finished, &sent] {
                    faults.extend(fault(seen, unprocessed, is_create));
                }
                if !faults.is_empty() {
                    broken.push(format!("{} {status} {body}: {}", fixture.name(), faults.join(", ")));
                }
            }
        }
    }
    broken
}

fn fault(seen: &Seen, unprocessed: bool, is_create: bool) -> Option<String> {
    let Err(error) = &seen.result else { return None };
    let unknown = is_create || (error.is_retryable() && !unprocessed);
    if error.may_have_been_sent() == unprocessed {
        Some(format!("may_have_been_sent() == {}", !unprocessed))
    } else if unknown && !error.is_outcome_unknown() {
        Some("is_outcome_unknown() == false".to_owned())
    } else {
        None
    }
}

/// Bodies under status 200 that are no success for an operation that changes something, and cannot be read as an
/// error response either.
fn unreadable_bodies() -> Vec<Vec<u8>> {
    let bodies: [&[u8]; 22] = [
        b"ok",
        b"upstream error",
        b"false",
        b"0",
        b"\"ok\"",
        b"{",
        b"[",
        b"{\"uuid\": \"x",
        b"{} {}",
        b"{\"a\": 1, \"a\": 2}",
        b"{\"a\": \"\xff\"}",
        b"{\"a\": \"\\ud83d\"}",
        b"{\"a\": 1e999}",
        b"{\"success\": null}",
        b"{\"success\": \"maybe\"}",
        b"{\"success\": true, \"success\": false}",
        b"{\"errors\": {\"Error\": \"declined\"}, \"errors\": null}",
        b"{\"errors\": {\"Error\": \"decl",
        b"{\"errors\": {\"Error\": \"declin\xe9\"}}",
        b"{\"errors\": {\"Error\": \"declined \\ud83d\"}}",
        b"{\"errors\": {\"Error\": \"declined\"}, \"sum\": 1e999}",
        b"{\"success\": false, \"error\": \"\xff\"}",
    ];
    bodies.map(<[u8]>::to_vec).to_vec()
}

/// Errors that can be read, for those providers whose errors look like this.
fn readable_errors() -> Vec<String> {
    vec![
        r#"{"errors": {"Error": "declined"}, "result": "fail"}"#.to_owned(),
        r#"{"error": "declined", "result": "fail"}"#.to_owned(),
        r#"{"success": "False", "result": "fail"}"#.to_owned(),
        format!(r#"{{"message": "{}", "success": false, "result": "fail"}}"#, "x".repeat(1100)),
    ]
}

/// A fixture's own response with an error at its beginning, at its end, and with the beginning cut off.
fn spoiled(fixture: &Fixture) -> Vec<String> {
    let body = fixture.response.body();
    let Some(inner) = body.trim().strip_prefix('{').and_then(|body| body.strip_suffix('}')) else {
        return Vec::new();
    };
    let error = r#""result": "fail", "success": false, "errors": {"Error": "declined"}"#;
    let comma = if inner.trim().is_empty() { "" } else { "," };
    vec![
        format!("{{{error}{comma}{inner}}}"),
        format!("{{{inner}{comma}{error}}}"),
        format!("{{{error}{comma}{inner}"),
        format!(r#"{{{error}{comma}{inner}, "errors": null, "result": "success", "success": true}}"#),
    ]
}

/// What changes something is a success only where the response says so, or says nothing.
async fn success_must_be_recognised<A, F>(fixtures: &[Fixture], ask: &A) -> Vec<String>
where
    A: Fn(Exchange) -> F,
    F: Future<Output = Replayed>,
{
    let finish = async |fixture: &Fixture, body: Vec<u8>| {
        ask(Exchange::finishing(fixture.clone(), response(200, body))).await.seen().ok()
    };
    let mut broken = Vec::new();
    for fixture in fixtures {
        let Some(plain) = finish(fixture, b"true".to_vec()).await else { continue };
        if plain.effect == Effect::Read {
            continue;
        }
        let mut fault = |body: &[u8], fault: &str| {
            broken.push(format!("{} {}: {fault}", fixture.name(), String::from_utf8_lossy(body)));
        };
        if plain.result.is_ok() {
            for body in ["", "null", "{}", "[]", r#"{"success": true}"#, r#"{"uuid": "x", "errors": []}"#] {
                let seen = finish(fixture, body.into()).await;
                if seen.is_none_or(|seen| seen.result.is_err()) {
                    fault(body.as_bytes(), "a success was not recognised");
                }
            }
        }
        // A strange value in a field that is not read does not spoil a value that is.
        let is_strict = |body: &[u8]| plain.result.is_ok() || !body.starts_with(b"{\"a\"");
        for body in unreadable_bodies().into_iter().filter(|body| is_strict(body)) {
            match finish(fixture, body.clone()).await.map(|seen| seen.result) {
                Some(Err(error)) if error.is_outcome_unknown() && error.kind() == ErrorKind::Decode => {}
                other => fault(&body, &format!("not unreadable but {other:?}")),
            }
        }
        for body in readable_errors().into_iter().chain(spoiled(fixture)) {
            match finish(fixture, body.clone().into()).await.map(|seen| seen.result) {
                Some(Err(error)) if error.may_have_been_sent() => {}
                other => fault(body.as_bytes(), &format!("no error response but {other:?}")),
            }
        }
    }
    broken
}

/// Responses that carry the credentials, an escape sequence, a forged line and a long text in every place.
fn loud_responses() -> Vec<http::Response<Bytes>> {
    // Plain, and as JSON has to write it.
    let text = format!("<api-key:1> <auth-token:1>\u{1b}[31m\n2026 ERROR forged {}", "x".repeat(5_000));
    let json = serde_json::to_string(&text).unwrap_or_default();
    let mut bodies = vec![
        text.clone(),
        format!("<html><title>{text}</title><h1>{text}</h1></html>"),
        format!("{{{json}: nope}}"),
        format!("[{{{json}: nope}}]"),
        format!("Array\n(\n    [{text}] => 1\n    [msg] => {text}\n)\n"),
    ];
    for key in [
        "message",
        "msg",
        "error",
        "errors",
        "error_code",
        "result",
        "success",
        "uuid",
        "id",
        "orders",
        "retx",
    ] {
        bodies.push(format!(r#"{{"{key}": {json}}}"#));
        bodies.push(format!(r#"{{"result": "fail", "{key}": {{{json}: {json}}}}}"#));
        bodies.push(format!(r#"{{"result": "success", "{key}": [{{{json}: 1}}]}}"#));
        bodies.push(format!(r#"[{{"{key}": {json}}}]"#));
    }
    let mut responses = vec![loud(302, String::new())];
    for body in bodies {
        responses.extend([200, 404].map(|status| loud(status, body.clone())));
    }
    responses
}

/// A response whose headers carry the credentials, too.
fn loud(status: u16, body: String) -> http::Response<Bytes> {
    let mut response = response(status, body);
    for name in ["location", "x-warren-correlation-id", "content-type"] {
        let value = http::HeaderValue::from_static("/<api-key:1>/<auth-token:1>");
        response.headers_mut().insert(name, value);
    }
    response
}

/// Whatever a response contains, no error shows a secret, a control character or a long text, wherever it is looked at.
async fn no_text_comes_through<A, F>(fixtures: &[Fixture], ask: &A) -> Vec<String>
where
    A: Fn(Exchange) -> F,
    F: Future<Output = Replayed>,
{
    let responses = loud_responses();
    let mut broken = Vec::new();
    for fixture in fixtures {
        for response in &responses {
            let finished = ask(Exchange::finishing(fixture.clone(), response.clone())).await;
            let Ok(Seen { result: Err(error), secrets, .. }) = finished.seen() else { continue };
            for text in texts(&error) {
                let shows_secret =
                    secrets.iter().any(|secret| text.contains(secret.trim_matches(['<', '>'])));
                let is_loud = shows_secret || text.contains('\u{1b}');
                if is_loud || text.contains("\n2026") || text.len() > 4096 {
                    let body = String::from_utf8_lossy(response.body());
                    let (body, text) = (body.chars().take(80), text.chars().take(200));
                    broken.push(format!(
                        "{} {} {}: {}",
                        fixture.name(),
                        response.status(),
                        body.collect::<String>(),
                        text.collect::<String>()
                    ));
                }
            }
        }
    }
    broken
}

/// The secrets that a fixture's request contains, by the marks in their places.
pub(crate) fn secrets(fixture: &Fixture) -> Vec<String> {
    let request = serde_json::to_string(&fixture.request).unwrap_or_default();
    let marks = request.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(mark, _)| mark);
    let is_secret = |mark: &&str| {
        ["api-key:", "auth-token:", "password:", "secret-key:"].iter().any(|kind| mark.starts_with(kind))
    };
    let mut secrets: Vec<String> = marks.filter(is_secret).map(|mark| format!("<{mark}>")).collect();
    secrets.sort();
    secrets.dedup();
    secrets
}

/// A text in every encoding in which servers echo it.
fn encodings(text: &str) -> Vec<String> {
    let each = |encode: &dyn Fn(char) -> String| text.chars().map(encode).collect::<String>();
    let json = |text: &str| serde_json::Value::from(text).to_string().trim_matches('"').to_owned();
    let json_in_json = json(&json(&format!("\"{text}\"")));
    let html = text.replace('<', "&lt;").replace('>', "&gt;");
    vec![
        text.to_owned(),
        text.to_uppercase(),
        html.clone(),
        html.replace('&', "&amp;"),
        html.replace('&', "\\u0026"),
        each(&|c| format!("&#{};", u32::from(c))),
        each(&|c| format!("&#x{:x};", u32::from(c))),
        each(&|c| if c.is_alphanumeric() { c.to_string() } else { format!("\\{c}") }),
        each(&|c| format!("\\u{:04x}", u32::from(c))),
        json(&each(&|c| format!("\\u{:04x}", u32::from(c)))),
        json_in_json,
        each(&|c| format!("%{:02X}", u32::from(c))),
        each(&|c| format!("%25{:02x}", u32::from(c))),
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string(),
    ]
}

/// The text in base64 after `offset` other bytes, and the part of it that depends on the text only.
fn base64(text: &str, offset: usize) -> (String, String) {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bytes = [&b"xyz"[..offset], text.as_bytes(), b":::"].concat();
    let bits = bytes.iter().map(|byte| format!("{byte:08b}")).collect::<Vec<_>>().concat();
    let sextets = bits.as_bytes().chunks_exact(6).map(|bits| {
        let index = bits.iter().fold(0, |index, bit| index * 2 + usize::from(*bit == b'1'));
        char::from(ALPHABET[index])
    });
    let encoded: String = sextets.collect();
    let core = &encoded[(offset * 8).div_ceil(6)..(offset + text.len()) * 8 / 6];
    (encoded.clone(), core.to_owned())
}

/// No error shows a secret of its request, in whatever encoding and place the response contains it.
async fn no_encoding_hides_a_secret<A, F>(fixtures: &[Fixture], ask: &A) -> Vec<String>
where
    A: Fn(Exchange) -> F,
    F: Future<Output = Replayed>,
{
    let mut broken = Vec::new();
    for fixture in fixtures {
        for secret in secrets(fixture) {
            let plain = encodings(&secret).into_iter().map(|text| (text.clone(), text));
            let base64 = (0..3).map(|offset| base64(&secret, offset));
            let all: Vec<(String, String)> = plain.chain(base64).collect();
            // An excerpt has room for this many.
            for some in all.chunks(3) {
                let text = some.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(" ");
                for response in places(&text) {
                    let finished = ask(Exchange::finishing(fixture.clone(), response.clone())).await;
                    let Ok(Seen { result: Err(error), .. }) = finished.seen() else { continue };
                    let texts = texts(&error);
                    for (_, core) in
                        some.iter().filter(|(_, core)| texts.iter().any(|text| text.contains(core)))
                    {
                        let body = String::from_utf8_lossy(response.body());
                        broken.push(format!("{} shows {core}: {body}", fixture.name()));
                    }
                }
            }
        }
    }
    broken
}

/// Error responses, and responses that cannot be read, with a text in every place.
fn places(text: &str) -> Vec<http::Response<Bytes>> {
    let json = serde_json::Value::from(text);
    let bodies = [
        text.to_owned(),
        format!("<html><title>{text}</title><h1>{text}</h1></html>"),
        format!(r#"{{"result": "fail", "message": {json}, "errors": {{{json}: {json}}}}}"#),
        format!(
            r#"{{"result": "fail", "error_code": {json}, "msg": {json}, "errors": {{"Error": {json}}}}}"#
        ),
        format!(r#"{{"success": false, "error": {json}}}"#),
        format!("{{{json}: nope}}"),
    ];
    let mut responses = Vec::new();
    for status in [200, 302, 404] {
        for body in &bodies {
            let mut response = response(status, body.clone());
            if let Ok(value) = http::HeaderValue::from_str(text) {
                for name in ["location", "x-warren-correlation-id"] {
                    response.headers_mut().insert(name, value.clone());
                }
            }
            responses.push(response);
        }
    }
    responses
}

/// Nesting in every place, deeper than any stack.
fn deep_bodies() -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    for depth in [100, 4000] {
        for key in [
            "retx", "vps_info", "errors", "error", "message", "success", "result", "orders", "uuid",
            "storage",
        ] {
            let nest = |open: &str, middle: &str, close: &str| {
                [open.repeat(depth), middle.to_owned(), close.repeat(depth)].concat().into_bytes()
            };
            bodies.push(nest(&format!(r#"{{"{key}":"#), "{}", "}"));
            bodies.push(nest(&format!(r#"{{"result":"success","{key}":"#), r#"{"result":"fail"}"#, "}"));
            bodies.push([format!(r#"{{"{key}":"#).into_bytes(), nest("[", "1", "]"), b"}".to_vec()].concat());
            bodies.push(
                [format!(r#"[{{"{key}":"#).into_bytes(), nest("[{\"a\":", "1", "}]"), b"}]".to_vec()]
                    .concat(),
            );
        }
        bodies.push("[".repeat(depth).into());
        bodies.push("{\"a\":".repeat(depth).into());
        bodies.push(["Array ( [retx] => ".repeat(depth), " )".repeat(depth)].concat().into());
    }
    bodies
}

/// Sends deeply nested responses to every operation of `package`, on a thread with a small stack, which nothing
/// overflows.
pub(crate) fn depth_is_bounded<A, F>(package: &str, ask: &A)
where
    A: Fn(Exchange) -> F + Sync,
    F: Future<Output = Replayed>,
{
    let fixtures = first_fixtures(package);
    std::thread::scope(|scope| {
        let run = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| {
                runtime.block_on(async {
                    for fixture in &fixtures {
                        for body in deep_bodies() {
                            let _ = ask(Exchange::finishing(fixture.clone(), response(200, body))).await;
                        }
                    }
                });
            })
        };
        let thread = std::thread::Builder::new().stack_size(1024 * 1024).spawn_scoped(scope, run);
        assert!(thread.is_ok_and(|thread| thread.join().is_ok_and(|run| run.is_ok())), "{package}");
    });
}

/// One fixture of each operation, those without a case first.
#[expect(clippy::panic, reason = "this is an assertion")]
pub(crate) fn first_fixtures(package: &str) -> Vec<Fixture> {
    let mut fixtures = Fixture::load_all(package).unwrap_or_else(|error| panic!("{error}"));
    fixtures.sort_by_key(|fixture| (fixture.operation.clone(), fixture.case.is_some()));
    fixtures.dedup_by_key(|fixture| fixture.operation.clone());
    fixtures
}

pub(crate) fn response(status: u16, body: impl Into<Bytes>) -> http::Response<Bytes> {
    let mut response = http::Response::new(body.into());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    response
}

/// A server that does the same with every request, and keeps their heads.
pub(crate) struct Server {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    /// One that sends this response.
    pub(crate) async fn start(response: &http::Response<Bytes>) -> Self {
        let (status, body) = (response.status().as_u16(), response.body());
        let head =
            format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
        Self::serve(Some([head.as_bytes(), body].concat()), false).await
    }

    /// One that closes the connection in place of a response.
    pub(crate) async fn losing() -> Self {
        Self::serve(None, false).await
    }

    /// One that never says anything.
    pub(crate) async fn silent() -> Self {
        Self::serve(None, true).await
    }

    #[expect(clippy::expect_used, reason = "there is no test without it")]
    async fn serve(answer: Option<Vec<u8>>, keeps_open: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port on loopback");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let heads = Arc::clone(&requests);
        let task = tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let Some(head) = read_request(&mut stream).await else { continue };
                heads.lock().unwrap_or_else(PoisonError::into_inner).push(head);
                if let Some(answer) = &answer {
                    drop(stream.write_all(answer).await);
                }
                if keeps_open {
                    open.push(stream);
                }
            }
        });
        Self { url, requests, task }
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// The head of each request so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Reads a request to its end, and returns its head.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            if bytes.len() - (head.len() + 4) >= length.unwrap_or(0) {
                return Some(head.to_owned());
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

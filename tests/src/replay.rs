//! Replays fixtures: each is served by a mock and asked for through the public method that it belongs to. The
//! request must be the fixture's, to the last value; request and decoded value become one snapshot.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http_core::client::{Effect, Operation};
use http_core::http::header::USER_AGENT;
use http_core::retry::Backoff;
use http_core::wire::Bytes;
use http_core::{Call, Error, RetryPolicy, SecretString, http};
use httpmock::MockServer;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Serialize;
use serde_json::Value;

use crate::bounded::Taken;
use crate::contract::Contract;
use crate::fixture::{self, Fixture, Request};
use crate::json::Json;
use crate::reviewed::LOCATION;

/// The name of the client's credential among the arguments.
pub const CREDENTIAL: &str = "credential";

/// Headers that say nothing of the operation.
const UNTOLD_HEADERS: [&str; 2] = ["content-type", "user-agent"];

/// Replays every fixture of `package` by `ask`, and compares with the snapshots in
/// `crates/<package>/tests/snapshots`.
///
/// # Panics
/// When a fixture is unreadable or not asked for, when a request is not the fixture's, or when a snapshot
/// differs; each with what to do.
#[expect(clippy::panic, reason = "this is an assertion")]
pub async fn every_fixture<A, F>(package: &str, ask: &A)
where
    A: Fn(Exchange) -> F + Sync,
    F: Future<Output = Replayed>,
{
    let fixtures = Fixture::load_all(package).unwrap_or_else(|error| panic!("{error}"));
    assert!(!fixtures.is_empty(), "there is no fixture in fixtures/{package}");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(snapshots(package));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_input_file(Path::new("fixtures").join(package));
    let mut failures = Vec::new();
    for fixture in fixtures {
        let name = fixture.name();
        // What is sent must be the fixture's request, so this is what is held against the contract.
        let problems = Contract::of(package).check_request(&fixture.operation, &fixture.request);
        failures.extend(problems.into_iter().map(|problem| format!("{name}: {problem}")));
        let Replayed(snapshot, _) = ask(Exchange::serve(fixture).await).await;
        let snapshot = match snapshot {
            Ok(snapshot) => snapshot,
            Err(difference) => {
                failures.push(format!("{name}: {difference}"));
                continue;
            }
        };
        let compare = || insta::assert_snapshot!(format!("replay__{name}"), snapshot);
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| settings.bind(compare))).is_err() {
            failures.push(format!(
                "{name}: the snapshot differs; read the difference above, then cargo xtask snapshots --accept"
            ));
        }
    }
    assert!(failures.is_empty(), "{} fixtures of {package} failed:\n{}", failures.len(), failures.join("\n"));
}

fn snapshots(package: &str) -> PathBuf {
    fixture::root().with_file_name("crates").join(package).join("tests").join("snapshots")
}

/// A fixture on a mock server, to be asked for.
#[derive(Debug)]
pub struct Exchange {
    fixture: Fixture,
    base_url: String,
    answer: Answer,
    /// Arguments that replace the fixture's.
    arguments: Arguments,
    /// The secret arguments that were asked for.
    secrets: Mutex<Vec<String>>,
}

/// Arguments by name, of a call that is sent to a simulator.
pub type Arguments = BTreeMap<&'static str, String>;

/// What becomes of the call.
#[derive(Debug)]
enum Answer {
    /// It is compared with the fixture and sent to a mock, which returns to a pool when dropped.
    Mock(#[expect(dead_code, reason = "it lives as long as the exchange")] Served),
    /// It receives this response without being sent.
    Finish(http::Response<Bytes>),
    /// It receives this response without being sent, and what that takes is measured.
    Measure(http::Response<Bytes>),
    /// It is sent to a server that somebody else watches.
    Send { location: Option<&'static str> },
}

struct Served(MockServer);

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.address().fmt(f)
    }
}

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
fn retries() -> RetryPolicy {
    let delay = Duration::from_micros(10);
    RetryPolicy::attempts(4).with_backoff(Backoff::new(delay, delay))
}

/// The result of looking for a fixture; made by [`Exchange::call`].
#[derive(Debug)]
#[must_use = "hand it back to every_fixture"]
pub struct Replayed(Result<String, String>, Option<Seen>);

impl Replayed {
    pub(crate) fn seen(self) -> Result<Seen, String> {
        self.1.ok_or_else(|| self.0.err().unwrap_or_default())
    }
}

pub(crate) fn response(status: u16, body: impl Into<Bytes>) -> http::Response<Bytes> {
    let mut response = http::Response::new(body.into());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    response
}

impl Exchange {
    async fn serve(fixture: Fixture) -> Self {
        let server = MockServer::start_async().await;
        let (request, response) = (fixture.request.clone(), fixture.response.clone());
        server
            .mock_async(|when, then| {
                when.method(request.method.as_str()).path(request.path.as_str());
                let mut then = then.status(response.status).body(response.body());
                for (name, value) in &response.headers {
                    then = then.header(name, value);
                }
            })
            .await;
        Self {
            fixture,
            base_url: server.base_url(),
            answer: Answer::Mock(Served(server)),
            arguments: Arguments::new(),
            secrets: Mutex::default(),
        }
    }

    /// An exchange in which the call receives this response, whatever it asks for, and is not sent.
    pub(crate) fn finishing(fixture: Fixture, response: http::Response<Bytes>) -> Self {
        Self {
            fixture,
            base_url: "http://127.0.0.1:9".to_owned(),
            answer: Answer::Finish(response),
            arguments: Arguments::new(),
            secrets: Mutex::default(),
        }
    }

    /// The same, and only what the call takes is of interest.
    pub(crate) fn measuring(fixture: Fixture, response: http::Response<Bytes>) -> Self {
        let base_url = "http://127.0.0.1:9".to_owned();
        let answer = Answer::Measure(response);
        Self { fixture, base_url, answer, arguments: Arguments::new(), secrets: Mutex::default() }
    }

    /// An exchange in which the call is sent to this address, in [`LOCATION`].
    pub(crate) fn sending(fixture: Fixture, base_url: String) -> Self {
        let answer = Answer::Send { location: Some(LOCATION) };
        Self { fixture, base_url, answer, arguments: Arguments::new(), secrets: Mutex::default() }
    }

    /// An exchange in which the call is sent to this address, with these arguments in place of the fixture's.
    pub(crate) fn sending_arguments(fixture: Fixture, base_url: String, arguments: Arguments) -> Self {
        let answer = Answer::Send { location: None };
        Self { fixture, base_url, answer, arguments, secrets: Mutex::default() }
    }

    /// The operation that the fixture belongs to.
    pub fn operation(&self) -> &str {
        &self.fixture.operation
    }

    /// The fixture.
    pub fn fixture(&self) -> &Fixture {
        &self.fixture
    }

    /// Where the client under test finds the mock.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The location in which the call is to be made, where the client should be moved to one.
    pub fn location(&self) -> Option<&'static str> {
        if let Answer::Send { location } = self.answer { location } else { None }
    }

    /// The key or token of the client: this mark, unless the call is sent to a simulator.
    pub fn credential(&self, mark: &str) -> String {
        self.arguments.get(CREDENTIAL).cloned().unwrap_or_else(|| mark.to_owned())
    }

    /// A plain argument from the fixture's request, read as the type that the method wants.
    ///
    /// # Panics
    /// When the request has no such argument, or one that the type does not take.
    #[expect(clippy::panic, reason = "this is an assertion")]
    pub fn argument<T: std::str::FromStr>(&self, name: &str) -> T {
        self.optional(name).unwrap_or_else(|| panic!("{}: no argument {name}", self.fixture.name()))
    }

    /// An argument that the fixture's request may lack.
    ///
    /// # Panics
    /// When the type does not take the argument.
    #[expect(clippy::panic, reason = "this is an assertion")]
    pub fn optional<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        let text = self.arguments.get(name).map(String::as_str).or_else(|| self.fixture.argument(name))?;
        let value = text.parse().ok();
        Some(value.unwrap_or_else(|| {
            panic!("{}: the argument {name} has an invalid value: {text}", self.fixture.name())
        }))
    }

    /// A secret argument of the fixture's request: a mark such as `<password:1>`.
    pub fn secret(&self, name: &str) -> SecretString {
        let secret = self.argument::<String>(name);
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).push(secret.clone());
        SecretString::from(secret)
    }

    /// For the arm of operations that are not known.
    pub fn unknown(&self) -> Replayed {
        let message = "no method is called for this operation: add it to the crate's tests/replay.rs";
        Replayed(Err(message.to_owned()), None)
    }

    /// Compares the call's request with the fixture's, sends it, and writes both sides down.
    pub async fn call<T: Serialize + fmt::Debug + 'static>(&self, call: impl Into<Call<T>>) -> Replayed {
        let call = call.into();
        let (operation, effect) = (*call.operation(), call.effect());
        let mut secrets = call.prepare().map(|request| sensitive_headers(&request)).unwrap_or_default();
        secrets.extend(self.secrets.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned());
        let result = match &self.answer {
            Answer::Mock(_) => return Replayed(self.exchange(call).await, None),
            Answer::Finish(response) => call.finish(response.clone()),
            Answer::Measure(response) => {
                let (taken, result) = Taken::by(|| call.finish(response.clone()).map(drop));
                let result = result.map(|()| String::new());
                let seen = Seen { operation, effect, secrets, result, debug: String::new(), taken };
                return Replayed(Ok(String::new()), Some(seen));
            }
            Answer::Send { .. } => call.retry(retries()).await,
        };
        let debug = result.as_ref().map(|value| format!("{value:?}")).unwrap_or_default();
        let result = result.map(|value| serde_json::to_string(&value).unwrap_or_default());
        let taken = Taken::default();
        Replayed(Ok(String::new()), Some(Seen { operation, effect, secrets, result, debug, taken }))
    }

    async fn exchange<T: Serialize + fmt::Debug + 'static>(&self, call: Call<T>) -> Result<String, String> {
        let request = call.prepare().map_err(|error| format!("the call cannot be prepared: {error}"))?;
        let debug = format!("{request:?} {call:?}");
        if let Some(secret) = self.fixture.secrets().into_iter().find(|secret| {
            let encoded = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
            debug.contains(secret) || debug.contains(&encoded)
        }) {
            return Err(format!("Debug of the request shows {secret}: {debug}"));
        }
        let request = request.map(Bytes::from);
        let sent = as_fixture(&request, &self.base_url);
        let expected = Request { segments: BTreeMap::new(), ..self.fixture.request.clone() };
        let expected = comparable(&expected)?;
        let sent = comparable(&sent)?;
        if sent != expected {
            return Err(format!(
                "the request is not the fixture's\n  sent:    {sent}\n  fixture: {expected}"
            ));
        }
        let mut snapshot = String::new();
        let result = call.retry(RetryPolicy::never()).await;
        let written = match &result {
            Ok(value) => {
                pretty(value).map(|value| write!(snapshot, "{}\n\nvalue: {value}\n", head(&request)))
            }
            Err(error) => Ok(write!(snapshot, "{}\n\n{}\n", head(&request), describe(error))),
        };
        written?.map_err(|error| error.to_string())?;
        Ok(snapshot)
    }
}

fn sensitive_headers<B>(request: &http::Request<B>) -> Vec<String> {
    let values = request.headers().values().filter(|value| value.is_sensitive());
    values.filter_map(|value| value.to_str().ok().map(str::to_owned)).collect()
}

/// The request line, the headers that matter and the body.
fn head(request: &http::Request<Bytes>) -> String {
    let target = request.uri().path_and_query().map_or("", |target| target.as_str());
    let mut head = format!("{} {target}", request.method());
    // The user agent holds the version: every release would change every snapshot.
    for (name, value) in request.headers().iter().filter(|(name, _)| *name != USER_AGENT) {
        let value = if value.is_sensitive() { "(sensitive)" } else { value.to_str().unwrap_or("(not text)") };
        let _ = write!(head, "\n{name}: {value}");
    }
    if !request.body().is_empty() {
        let _ = write!(head, "\n\n{}", String::from_utf8_lossy(request.body()));
    }
    head
}

fn describe(error: &Error) -> String {
    let facts = [
        format!("error: {error}"),
        format!("kind: {:?}", error.kind()),
        format!("response kind: {:?}", error.response_kind()),
        format!("code: {:?}", error.code()),
    ];
    facts.join("\n")
}

fn pretty(value: &impl Serialize) -> Result<String, String> {
    serde_json::to_string_pretty(value).map_err(|error| format!("the value cannot be written: {error}"))
}

/// The request in the fixture's terms.
fn as_fixture(request: &http::Request<Bytes>, base_url: &str) -> Request {
    let text = String::from_utf8_lossy(request.body());
    let is_json = request.headers().get("content-type").is_some_and(|value| value == "application/json");
    let path = request.uri().to_string();
    let path = path.strip_prefix(base_url).unwrap_or(&path);
    let headers = request.headers().iter().filter(|(name, _)| !UNTOLD_HEADERS.contains(&name.as_str()));
    Request {
        method: request.method().to_string(),
        path: path.split('?').next().unwrap_or(path).to_owned(),
        segments: BTreeMap::new(),
        query: pairs(request.uri().query().unwrap_or("")),
        headers: headers
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or("(not text)").to_owned()))
            .collect(),
        form: (!text.is_empty() && !is_json).then(|| pairs(&text)),
        json: (!text.is_empty() && is_json).then(|| Json::parse(&text).ok()).flatten(),
    }
}

/// A form in which two values are alike when they mean the same: keys of JSON in any order, also of JSON that
/// travels as text in a form.
fn comparable(request: &Request) -> Result<Value, String> {
    let mut value =
        serde_json::to_value(request).map_err(|error| format!("the request cannot be written: {error}"))?;
    let fields = value.get_mut("form").and_then(Value::as_object_mut);
    for field in fields.into_iter().flat_map(|form| form.values_mut()) {
        let inner = field.as_str().filter(|text| text.starts_with(['{', '[']));
        if let Some(inner) = inner.and_then(|text| serde_json::from_str(text).ok()) {
            *field = inner;
        }
    }
    Ok(value)
}

fn pairs(text: &str) -> BTreeMap<String, String> {
    let decode = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

//! Replays fixtures: a mock server serves each fixture to the public method of its operation. The request must match
//! the fixture exactly. The request and the decoded value are compared with a snapshot.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http_core::__private::after_deadline;
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

/// Headers that do not depend on the operation.
const UNTOLD_HEADERS: [&str; 2] = ["content-type", "user-agent"];

/// Replays every fixture of `package` through `ask`, and compares the results with the snapshots in
/// `crates/<package>/tests/snapshots`.
///
/// # Panics
/// Panics if a fixture cannot be read or is not called, if a request differs from the fixture's, or if a snapshot
/// differs. The message explains what to do.
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
        // The request that is sent must equal the fixture's, so only the fixture's request is checked against the
        // contract.
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
                "{name}: the snapshot differs; review the difference above, then run: cargo xtask snapshots --accept"
            ));
        }
    }
    assert!(failures.is_empty(), "{} fixtures of {package} failed:\n{}", failures.len(), failures.join("\n"));
}

fn snapshots(package: &str) -> PathBuf {
    fixture::root().with_file_name("crates").join(package).join("tests").join("snapshots")
}

/// A fixture and a source of its response, ready for one call.
#[derive(Debug)]
pub struct Exchange {
    fixture: Fixture,
    base_url: String,
    answer: Answer,
    /// Arguments that replace those of the fixture.
    arguments: Arguments,
    /// The secret arguments that the call has used.
    secrets: Mutex<Vec<String>>,
}

/// The arguments, by name, of a call that is sent to a simulator.
pub type Arguments = BTreeMap<&'static str, String>;

/// The way in which the call gets its response.
#[derive(Debug)]
enum Answer {
    /// The call is compared with the fixture and sent to a mock server. When dropped, the server returns to a pool.
    Mock(#[expect(dead_code, reason = "held so that the mock server lives as long as the exchange")] Served),
    /// The call receives this response without being sent.
    Finish(http::Response<Bytes>),
    /// The call receives this response without being sent, after its deadline.
    FinishLate(http::Response<Bytes>),
    /// The call receives this response without being sent, and its memory and time are measured.
    Measure(http::Response<Bytes>),
    /// The call is sent to a server that the test observes.
    Send { location: Option<&'static str>, raw: bool },
}

struct Served(MockServer);

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.address().fmt(f)
    }
}

/// The result of a call, and facts about the call.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) operation: Operation,
    pub(crate) effect: Effect,
    /// The secrets in the request.
    pub(crate) secrets: Vec<String>,
    /// The decoded value as JSON.
    pub(crate) result: Result<String, Error>,
    /// The decoded value as `Debug` formats it.
    pub(crate) debug: String,
    /// The memory and time that the call used, if measured.
    pub(crate) taken: Taken,
}

/// Returns a policy of four attempts with almost no delay.
fn retries() -> RetryPolicy {
    let delay = Duration::from_micros(10);
    RetryPolicy::attempts(4).with_backoff(Backoff::new(delay, delay))
}

/// The result of replaying a fixture, created by [`Exchange::call`].
#[derive(Debug)]
#[must_use = "return it to the caller of `ask`"]
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

    /// Creates an exchange whose call is not sent, and receives `response` whatever it requests.
    pub(crate) fn finishing(fixture: Fixture, response: http::Response<Bytes>) -> Self {
        Self {
            fixture,
            base_url: "http://127.0.0.1:9".to_owned(),
            answer: Answer::Finish(response),
            arguments: Arguments::new(),
            secrets: Mutex::default(),
        }
    }

    /// Creates an exchange like [`finishing`](Self::finishing), but the deadline of the call has passed.
    pub(crate) fn finishing_late(fixture: Fixture, response: http::Response<Bytes>) -> Self {
        Self { answer: Answer::FinishLate(response.clone()), ..Self::finishing(fixture, response) }
    }

    /// Creates an exchange like [`finishing`](Self::finishing) that only measures the memory and time of its call.
    pub(crate) fn measuring(fixture: Fixture, response: http::Response<Bytes>) -> Self {
        Self { answer: Answer::Measure(response.clone()), ..Self::finishing(fixture, response) }
    }

    /// Creates an exchange whose call is sent to `base_url`, in [`LOCATION`].
    pub(crate) fn sending(fixture: Fixture, base_url: String) -> Self {
        let answer = Answer::Send { location: Some(LOCATION), raw: false };
        Self { fixture, base_url, answer, arguments: Arguments::new(), secrets: Mutex::default() }
    }

    /// Creates an exchange whose call is sent to `base_url`, with `arguments` instead of those of the fixture.
    pub(crate) fn sending_arguments(fixture: Fixture, base_url: String, arguments: Arguments) -> Self {
        let answer = Answer::Send { location: None, raw: false };
        Self { fixture, base_url, answer, arguments, secrets: Mutex::default() }
    }

    /// Makes the call return its response undecoded, if it is sent to a server that the test observes.
    pub(crate) fn raw(mut self) -> Self {
        if let Answer::Send { raw, .. } = &mut self.answer {
            *raw = true;
        }
        self
    }

    /// Returns the operation that the fixture belongs to.
    pub fn operation(&self) -> &str {
        &self.fixture.operation
    }

    /// Returns the fixture.
    pub fn fixture(&self) -> &Fixture {
        &self.fixture
    }

    /// Returns the base URL for the client under test.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the location in which to make the call, if the exchange specifies one.
    pub fn location(&self) -> Option<&'static str> {
        if let Answer::Send { location, .. } = self.answer { location } else { None }
    }

    /// Returns the client's key or token, which is `mark` unless the call is sent to a simulator.
    pub fn credential(&self, mark: &str) -> String {
        self.arguments.get(CREDENTIAL).cloned().unwrap_or_else(|| mark.to_owned())
    }

    /// Returns an argument from the fixture's request, parsed as the type that the method takes.
    ///
    /// # Panics
    /// Panics if the request has no such argument, or if its value cannot be parsed.
    #[expect(clippy::panic, reason = "this is an assertion")]
    pub fn argument<T: std::str::FromStr>(&self, name: &str) -> T {
        self.optional(name).unwrap_or_else(|| panic!("{}: no argument {name}", self.fixture.name()))
    }

    /// Returns an argument from the fixture's request, or `None` if the request lacks it.
    ///
    /// # Panics
    /// Panics if the value of the argument cannot be parsed.
    #[expect(clippy::panic, reason = "this is an assertion")]
    pub fn optional<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        let text = self.arguments.get(name).map(String::as_str).or_else(|| self.fixture.argument(name))?;
        let value = text.parse().ok();
        Some(value.unwrap_or_else(|| {
            panic!("{}: the argument {name} has an invalid value: {text}", self.fixture.name())
        }))
    }

    /// Returns a secret argument of the fixture's request: a placeholder such as `<password:1>`.
    pub fn secret(&self, name: &str) -> SecretString {
        let secret = self.argument::<String>(name);
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).push(secret.clone());
        SecretString::from(secret)
    }

    /// Reports that the test calls no method for this operation.
    pub fn unknown(&self) -> Replayed {
        let message = "no method is called for this operation; add it to the crate's tests/replay.rs";
        Replayed(Err(message.to_owned()), None)
    }

    /// Makes the call. If a mock server serves the fixture, compares the call's request with that of the fixture, and
    /// returns a snapshot of the request and its result.
    pub async fn call<T: Serialize + fmt::Debug + 'static>(&self, call: impl Into<Call<T>>) -> Replayed {
        let call = call.into();
        let (operation, effect) = (*call.operation(), call.effect());
        let mut secrets = call.prepare().map(|request| sensitive_headers(&request)).unwrap_or_default();
        secrets.extend(self.secrets.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned());
        let result = match &self.answer {
            Answer::Mock(_) => return Replayed(self.exchange(call).await, None),
            Answer::Finish(response) => call.finish(response.clone()),
            Answer::FinishLate(response) => after_deadline(|| call.finish(response.clone())),
            Answer::Measure(response) => {
                let (taken, result) = Taken::by(response, |response| call.finish(response).map(drop));
                let result = result.map(|()| String::new());
                let seen = Seen { operation, effect, secrets, result, debug: String::new(), taken };
                return Replayed(Ok(String::new()), Some(seen));
            }
            Answer::Send { raw: true, .. } => {
                let result = call.raw().retry(retries()).await;
                let result = result.map(|response| format!("{:?}", response.into_body()));
                let (debug, taken) = (String::new(), Taken::default());
                let seen = Seen { operation, effect, secrets, result, debug, taken };
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
                "the request differs from the fixture's\n  sent:    {sent}\n  fixture: {expected}"
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

/// Returns the request line, the relevant headers and the body.
fn head(request: &http::Request<Bytes>) -> String {
    let target = request.uri().path_and_query().map_or("", |target| target.as_str());
    let mut head = format!("{} {target}", request.method());
    // Leaves out the user agent, which contains the version: every release would change every snapshot.
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
    serde_json::to_string_pretty(value).map_err(|error| format!("the value cannot be serialized: {error}"))
}

/// Returns the request as a fixture describes it.
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

/// Returns a value that is equal for requests with the same meaning: the order of JSON keys is irrelevant, even in
/// JSON that is sent as text in a form.
fn comparable(request: &Request) -> Result<Value, String> {
    let mut value = serde_json::to_value(request)
        .map_err(|error| format!("the request cannot be serialized: {error}"))?;
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

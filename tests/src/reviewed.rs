//! Compares every operation with a table that is maintained by hand.
//!
//! Generated checks cannot find an error in the constants and models that they are generated from. So
//! `tests/reviewed/operations.json` restates the facts independently, from the provider's documentation: which requests
//! may be repeated, which have a location, which are authenticated, and which fields a response must contain. Change a
//! line in that file only after checking it against the documentation. Each operation is sent to failing servers, and
//! the requests that they receive must match the table.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use http_core::client::Effect;
use serde::Deserialize;
use tokio::time::Instant;

use crate::fixture::{self, Fixture, first_fixtures};
use crate::replay::{Exchange, Replayed, response};
use crate::server::Server;

/// The location in which every call is made.
pub(crate) const LOCATION: &str = "reviewed";

const ATTEMPTS: usize = 4;
const READ_LIMIT: Duration = Duration::from_secs(60);
const WRITE_LIMIT: Duration = Duration::from_secs(600);

/// A line of the table: effect, scope, credentials, and the fields without which a response cannot be used, mostly
/// ids.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Promise {
    effect: Effect,
    is_location_scoped: bool,
    is_authenticated: bool,
    pub(crate) required: Vec<String>,
}

impl TryFrom<String> for Promise {
    type Error = String;

    fn try_from(line: String) -> Result<Self, String> {
        let (words, required) = line.split_once("; requires ").unwrap_or((&line, ""));
        let words: Vec<&str> = words.split(", ").collect();
        let [effect, scope, credentials] = words[..] else { return Err(line) };
        Ok(Self {
            effect: match effect {
                "read" => Effect::Read,
                "idempotent" => Effect::Idempotent,
                "non-idempotent" => Effect::NonIdempotent,
                _ => return Err(line),
            },
            is_location_scoped: match scope {
                "location" => true,
                "account" => false,
                _ => return Err(line),
            },
            is_authenticated: match credentials {
                "credentials" => true,
                "anonymous" => false,
                _ => return Err(line),
            },
            required: required.split(", ").filter(|field| !field.is_empty()).map(str::to_owned).collect(),
        })
    }
}

#[expect(clippy::panic, reason = "this is an assertion")]
pub(crate) fn table(package: &str) -> BTreeMap<String, Promise> {
    let path = fixture::root().with_file_name("tests").join("reviewed").join("operations.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut tables: BTreeMap<String, BTreeMap<String, Promise>> =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    tables.remove(package).unwrap_or_default()
}

/// Sends every operation of `package` to failing servers.
///
/// # Panics
/// Panics if an operation deviates from the table. The message lists all operations that do.
pub async fn every_operation<A, F>(package: &str, ask: &A)
where
    A: Fn(Exchange) -> F,
    F: Future<Output = Replayed>,
{
    let mut table = table(package);
    let mut broken = Vec::new();
    for fixture in first_fixtures(package) {
        let name = fixture.operation.clone();
        let Some(promise) = table.remove(&name) else {
            broken.push(format!(
                "{name} is not in tests/reviewed/operations.json; review its effect and add it"
            ));
            continue;
        };
        broken.extend(
            check(package, &fixture, &promise, ask).await.into_iter().map(|it| format!("{name}: {it}")),
        );
    }
    broken.extend(table.into_keys().map(|name| format!("{name} is in the table, but has no fixture")));
    assert!(
        broken.is_empty(),
        "{package} deviates from tests/reviewed/operations.json:\n{}",
        broken.join("\n")
    );
}

async fn check<A, F>(package: &str, fixture: &Fixture, promise: &Promise, ask: &A) -> Vec<String>
where
    A: Fn(Exchange) -> F,
    F: Future<Output = Replayed>,
{
    let mut faults = Vec::new();
    let mut expect = |what: &str, is: String, promised: String| {
        if is != promised {
            faults.push(format!("{what}: {is}, but the table requires {promised}"));
        }
    };
    let repeated = if promise.effect == Effect::NonIdempotent { 1 } else { ATTEMPTS };
    for (what, server, promised) in [
        ("requests answered with 500", Server::start(&response(500, "")).await, repeated),
        ("requests answered with 503", Server::start(&response(503, "")).await, repeated),
        ("requests answered with 429", Server::start(&response(429, "")).await, ATTEMPTS),
        ("requests whose response was lost", Server::losing().await, repeated),
    ] {
        let Ok(seen) = ask(Exchange::sending(fixture.clone(), server.url())).await.seen() else { continue };
        let operation = seen.operation;
        expect("the effect", operation.effect().as_str().to_owned(), promise.effect.as_str().to_owned());
        // Another operation may follow, to determine the outcome.
        let requests = server.requests();
        let line_of = |request: &str| request.lines().next().map(str::to_owned);
        let first = requests.first().and_then(|request| line_of(request));
        let sent = requests.iter().filter(|request| line_of(request) == first).count();
        expect(what, sent.to_string(), promised.to_string());
        let error = seen.result.err();
        let is_unknown = error.as_ref().is_some_and(http_core::Error::is_outcome_unknown);
        let may_be_unknown = promise.effect != Effect::Read && !what.ends_with("429");
        expect("is_outcome_unknown()", is_unknown.to_string(), may_be_unknown.to_string());
        let Some(request) = requests.first() else { continue };
        let (line, headers) = request.split_once("\r\n").unwrap_or((request, ""));
        expect(
            "location in the path",
            line.contains(LOCATION).to_string(),
            promise.is_location_scoped.to_string(),
        );
        if promise.is_location_scoped {
            let behind_version = line.contains(&format!(" /v1/{LOCATION}/"));
            expect("location after the version", behind_version.to_string(), true.to_string());
        }
        // Some front ends respond with status 411 if the content length is missing.
        let is_empty = fixture.request.form.is_none() && fixture.request.json.is_none();
        if is_empty && ["POST", "PUT", "PATCH"].contains(&fixture.request.method.as_str()) {
            let length = headers
                .to_lowercase()
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ").map(str::to_owned));
            expect(
                "content length of an empty body",
                length.unwrap_or_else(|| "not sent".to_owned()),
                "0".to_owned(),
            );
        }
        let header = match package {
            "leaderssl-gpu" => "x-auth-token:",
            "inferno-vps" => "x-key:",
            _ => "apikey:",
        };
        let is_authenticated = headers.to_lowercase().lines().any(|line| line.starts_with(header));
        expect(header, is_authenticated.to_string(), promise.is_authenticated.to_string());
    }
    let limit = if promise.effect == Effect::Read || !package.starts_with("elastis") {
        READ_LIMIT
    } else {
        WRITE_LIMIT
    };
    let limit = if promise.effect == Effect::NonIdempotent { limit } else { 2 * limit };
    let server = Server::silent().await;
    tokio::time::pause();
    let started = Instant::now();
    let seen = ask(Exchange::sending(fixture.clone(), server.url())).await.seen();
    let elapsed = started.elapsed();
    tokio::time::resume();
    if seen.is_ok() {
        expect("seconds until the call fails", elapsed.as_secs().to_string(), limit.as_secs().to_string());
    }
    faults
}

//! A fuzzer for stable Rust. Inputs are generated from a seed, so that a run can be repeated, and contain the operation
//! that they belong to.
//!
//! `HOSTKIT_FUZZ_SECONDS` runs longer than a test does, `HOSTKIT_FUZZ_SEED` selects another seed, and
//! `HOSTKIT_FUZZ_INPUT` repeats one input; `cargo xtask fuzz` sets them.

mod mutate;
pub mod random;

pub use mutate::mutate;

use std::fmt::Debug;
use std::future::Future;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use http_core::wire::Bytes;
use http_core::{ErrorKind, http};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::fixture::{self, Fixture};
use crate::fuzz::random::Random;
use crate::promises::{SECRET_MARKS, broken, finish};
use crate::replay::{Exchange, Replayed};

/// The executions of a run in the tests.
const SHORT: u64 = 2_000;

/// The result of one input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was decoded.
    Decoded,
    /// It was read as an error response.
    ErrorResponse,
    /// It is a decode error.
    Unreadable,
}

fn variable<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

/// Runs a target: generates inputs from `seeds` and executes them until the time is over.
///
/// # Panics
/// If an execution fails. The input is then in a file, and the message contains the command that repeats it.
#[expect(clippy::panic, reason = "this is an assertion")]
pub fn run<I: Serialize + DeserializeOwned + Debug>(
    target: &str,
    seeds: &[I],
    make: impl Fn(&mut Random) -> I,
    execute: impl Fn(&I) -> Result<Outcome, String>,
) {
    if let Some(path) = variable::<PathBuf>("HOSTKIT_FUZZ_INPUT") {
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        // The file belongs to another target.
        let Ok((of, input)) = serde_json::from_str::<(String, I)>(&text) else { return };
        if of == target
            && let Err(fault) = execute(&input)
        {
            panic!("{target}: {fault}\n{input:?}");
        }
        return;
    }
    let attempt = |input: &I| match execute(input) {
        Ok(outcome) => outcome,
        Err(fault) => {
            panic!("{target}: {fault}\nrepeat it with\n  cargo xtask fuzz --input {}", save(target, input))
        }
    };
    let good = seeds.iter().filter(|seed| attempt(seed) != Outcome::Unreadable).count();
    let start = variable("HOSTKIT_FUZZ_SEED").unwrap_or(0);
    let limit = variable("HOSTKIT_FUZZ_SECONDS").map(Duration::from_secs);
    let (begun, mut executions, mut decoded, mut refused) = (Instant::now(), 0, 0, 0);
    while limit.map_or(executions < SHORT, |limit| begun.elapsed() < limit) {
        let mut random = Random::new(start + executions);
        match attempt(&make(&mut random)) {
            Outcome::Decoded => decoded += 1,
            Outcome::ErrorResponse => refused += 1,
            Outcome::Unreadable => {}
        }
        executions += 1;
    }
    let share = 100 * good / seeds.len().max(1);
    // Bypasses the test runner, which hides the output of passing tests.
    let _ = writeln!(
        std::io::stdout(),
        "{target}: {executions} executions from {start}, {decoded} decoded, {refused} error responses; \
         of {} seeds {share} % can be read",
        seeds.len()
    );
    assert!(share >= 90, "{target}: only {good} of {} seeds can be read", seeds.len());
}

/// Writes an input to a file, and returns its path.
fn save(target: &str, input: &impl Serialize) -> String {
    let text = serde_json::to_string(&(target, input)).unwrap_or_default();
    let number = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let folder = fixture::root().with_file_name("target").join("fuzz");
    let path = folder.join(format!("{target}-{number:016x}.json"));
    let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, text));
    if let Err(error) = written {
        return format!("{} ({error})", path.display());
    }
    Path::new("target").join("fuzz").join(path.file_name().unwrap_or_default()).display().to_string()
}

/// A response to an operation.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Input {
    /// The name of the fixture that it was generated from.
    fixture: String,
    status: u16,
    body: Vec<u8>,
    /// Whether secrets are at their places in the fixture.
    is_orderly: bool,
}

/// Sends responses generated from the fixtures of `package` to their operations.
///
/// # Panics
/// If a promise is broken.
#[expect(clippy::panic, reason = "this is an assertion")]
#[expect(clippy::unused_async, reason = "the tests of every operation are called alike")]
pub async fn every_operation<A, F>(package: &str, ask: &A)
where
    A: Fn(Exchange) -> F + Sync,
    F: Future<Output = Replayed>,
{
    const STATUSES: [u16; 12] = [201, 202, 204, 302, 400, 401, 403, 404, 429, 500, 503, 600];
    let fixtures = Fixture::load_all(package).unwrap_or_else(|error| panic!("{error}"));
    let recorded = |fixture: &Fixture| Input {
        fixture: fixture.name(),
        status: fixture.response.status,
        body: fixture.response.body().into_bytes(),
        is_orderly: true,
    };
    let seeds: Vec<_> = fixtures.iter().map(recorded).collect();
    let make = |random: &mut Random| {
        let (of, other) = (random.pick(&seeds), random.pick(&seeds));
        let (body, is_orderly) = mutate(&of.body, &other.body, random);
        let status = if random.once_in(6) { *random.pick(&STATUSES) } else { of.status };
        Input { fixture: of.fixture.clone(), status, body, is_orderly: is_orderly && of.is_orderly }
    };
    run(package, &seeds, make, |input| {
        let Some(fixture) = fixtures.iter().find(|fixture| fixture.name() == input.fixture) else {
            return Err(format!("there is no fixture {}", input.fixture));
        };
        let mut response = http::Response::new(Bytes::from(input.body.clone()));
        *response.status_mut() = http::StatusCode::from_u16(input.status).unwrap_or_default();
        let Some(seen) = finish(fixture, &response, ask)? else { return Ok(Outcome::Unreadable) };
        let broken = broken(&response, &seen);
        if let Some(first) = broken.first() {
            return Err(format!("{}: {first}", input.fixture));
        }
        let value = match &seen.result {
            Ok(value) => value,
            Err(error) if error.kind() == ErrorKind::ErrorResponse => return Ok(Outcome::ErrorResponse),
            Err(_) => return Ok(Outcome::Unreadable),
        };
        // As long as a secret is at the provider's place for it, a model recognizes it.
        let secrets = if input.is_orderly { secrets(&fixture.response.body()) } else { Vec::new() };
        if let Some(secret) =
            secrets.iter().find(|secret| [value, &seen.debug].iter().any(|text| text.contains(*secret)))
        {
            return Err(format!("{}: the model shows {secret}: {:.300}", input.fixture, seen.debug));
        }
        Ok(Outcome::Decoded)
    });
}

/// The secrets in a recorded response, without those that a mutation puts anywhere.
fn secrets(body: &str) -> Vec<String> {
    let marks = body.split('<').skip(1).filter_map(|rest| Some(format!("<{}>", rest.split_once('>')?.0)));
    let is_secret = |mark: &String| SECRET_MARKS.iter().any(|secret| mark.starts_with(secret));
    marks.filter(|mark| is_secret(mark) && !mutate::INJECTED.contains(&mark.as_str())).collect()
}

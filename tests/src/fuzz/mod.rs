//! A fuzzer for stable Rust. Inputs are generated from a seed, so that a run can be repeated, and each input names the
//! operation that it is for.
//!
//! These environment variables, set by `cargo xtask fuzz`, change a run:
//!
//! - `HOSTKIT_FUZZ_SECONDS`: the duration, for a run that is longer than a normal test.
//! - `HOSTKIT_FUZZ_SEED`: another seed to start from.
//! - `HOSTKIT_FUZZ_INPUT`: a file with one input to repeat.

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

/// The number of executions in a normal test.
const SHORT: u64 = 2_000;

/// The result of executing one input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The input was decoded.
    Decoded,
    /// The input was recognized as an error response.
    ErrorResponse,
    /// The input caused a decode error.
    Undecodable,
}

fn variable<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

/// Runs a target: executes all `seeds`, and then inputs from `make` until the time limit or the maximum number of
/// executions is reached.
///
/// # Panics
/// Panics if an execution fails. The input is then saved to a file, and the message contains the command that repeats
/// it.
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
        // A file that cannot be decoded belongs to another target.
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
            panic!("{target}: {fault}\nto repeat it, run\n  cargo xtask fuzz --input {}", save(target, input))
        }
    };
    let good = seeds.iter().filter(|seed| attempt(seed) != Outcome::Undecodable).count();
    let start = variable("HOSTKIT_FUZZ_SEED").unwrap_or(0);
    let limit = variable("HOSTKIT_FUZZ_SECONDS").map(Duration::from_secs);
    let (begun, mut executions, mut decoded, mut refused) = (Instant::now(), 0, 0, 0);
    while limit.map_or(executions < SHORT, |limit| begun.elapsed() < limit) {
        let mut random = Random::new(start + executions);
        match attempt(&make(&mut random)) {
            Outcome::Decoded => decoded += 1,
            Outcome::ErrorResponse => refused += 1,
            Outcome::Undecodable => {}
        }
        executions += 1;
    }
    let share = 100 * good / seeds.len().max(1);
    // Bypasses the test runner, which hides the output of passing tests.
    let _ = writeln!(
        std::io::stdout(),
        "{target}: {executions} executions from seed {start}, {decoded} decoded, {refused} error responses; \
         {share} % of {} seeds can be read",
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
    /// The name of the fixture that the input was generated from.
    fixture: String,
    status: u16,
    body: Vec<u8>,
    /// Whether all secrets are in the same places as in the fixture.
    is_orderly: bool,
}

/// Sends responses generated from the fixtures of `package` to their operations.
///
/// # Panics
/// Panics if a promise is broken.
#[expect(clippy::panic, reason = "this is an assertion")]
#[expect(clippy::unused_async, reason = "all tests of every operation have the same signature")]
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
            return Err(format!("the fixture {} does not exist", input.fixture));
        };
        let mut response = http::Response::new(Bytes::from(input.body.clone()));
        *response.status_mut() = http::StatusCode::from_u16(input.status).unwrap_or_default();
        let Some(seen) = finish(fixture, &response, ask)? else { return Ok(Outcome::Undecodable) };
        let broken = broken(&response, &seen);
        if let Some(first) = broken.first() {
            return Err(format!("{}: {first}", input.fixture));
        }
        let value = match &seen.result {
            Ok(value) => value,
            Err(error) if error.kind() == ErrorKind::ErrorResponse => return Ok(Outcome::ErrorResponse),
            Err(_) => return Ok(Outcome::Undecodable),
        };
        // A model can redact a secret only in the place where the provider sends it.
        let secrets = if input.is_orderly { secrets(&fixture.response.body()) } else { Vec::new() };
        if let Some(secret) =
            secrets.iter().find(|secret| [value, &seen.debug].iter().any(|text| text.contains(*secret)))
        {
            return Err(format!("{}: the model shows {secret}: {:.300}", input.fixture, seen.debug));
        }
        Ok(Outcome::Decoded)
    });
}

/// Returns the secrets in a recorded response, except those that mutations may insert anywhere.
fn secrets(body: &str) -> Vec<String> {
    let marks = body.split('<').skip(1).filter_map(|rest| Some(format!("<{}>", rest.split_once('>')?.0)));
    let is_secret = |mark: &String| SECRET_MARKS.iter().any(|secret| mark.starts_with(secret));
    marks.filter(|mark| is_secret(mark) && !mutate::INJECTED.contains(&mark.as_str())).collect()
}

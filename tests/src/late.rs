//! Checks that the work on a response stops at the deadline of its call, whatever the response contains.

use std::future::Future;

use http_core::ErrorKind;
use http_core::client::Effect;
use http_core::wire::Bytes;
use serde_json::Value;

use crate::bounded::{bodies, dense};
use crate::fixture::{Fixture, all_fixtures, first_fixtures};
use crate::promises::{finish, poll};
use crate::replay::{Exchange, Replayed, Seen, response};

/// The size of a body in bytes. More rows fit into it than are decoded between two looks at the clock.
const SIZE: usize = 128 * 1024;
/// The number of values that are decoded between two looks at the clock.
const STEPS: usize = 256;

/// Passes long lists of documented rows, and hostile bodies, to every operation of `package` after the deadline.
///
/// # Panics
/// Panics if a list is decoded nevertheless, or if a result differs from the usual one and is no timeout. The message
/// lists all such results.
#[expect(clippy::unused_async, reason = "all tests of every operation have the same signature")]
pub async fn every_operation<A, F>(package: &str, ask: &A)
where
    A: Fn(Exchange) -> F,
    F: Future<Output = Replayed>,
{
    let seen = |fixture: &Fixture, status, body: &Bytes| {
        finish(fixture, &response(status, body.clone()), ask).ok().flatten()
    };
    let mut broken = Vec::new();
    let mut look = |fixture: &Fixture, status, name: &str, body: &Bytes| {
        let exchange = Exchange::finishing_late(fixture.clone(), response(status, body.clone()));
        let late = poll(ask(exchange)).and_then(|late| late.seen().ok());
        let Some(late) = late.filter(|late| !is_timeout(late)) else { return };
        let usual = seen(fixture, status, body).map(|usual| usual.result);
        let is_whole = late.result.as_ref().is_ok_and(|value| longest_list(value) >= STEPS);
        if is_whole || format!("{usual:?}") != format!("{:?}", Some(&late.result)) {
            broken.push(format!("{} {status} {name}: {:.200?}", fixture.operation, late.result));
        }
    };
    for fixture in &all_fixtures(package) {
        let status = fixture.response.status;
        let is_read = |body: &Value| {
            seen(fixture, status, &body.to_string().into()).is_some_and(|seen| seen.result.is_ok())
        };
        for dense in dense::bodies(fixture, is_read).into_iter().filter(|dense| dense.is_sample) {
            look(fixture, status, &dense.name, &dense.body(SIZE).into());
        }
    }
    let fixtures = first_fixtures(package);
    for (row, (status, name, body, _)) in bodies(SIZE).enumerate() {
        // To save time, each operation gets only a quarter of the bodies.
        for fixture in fixtures.iter().skip(row % 4).step_by(4) {
            look(fixture, status, &name, &body);
        }
    }
    assert!(broken.is_empty(), "{} results of {package}:\n{}", broken.len(), broken.join("\n"));
}

/// Returns whether a call ended with the timeout that its effect requires.
fn is_timeout(seen: &Seen) -> bool {
    seen.result.as_ref().is_err_and(|error| {
        error.kind() == ErrorKind::Timeout && error.is_outcome_unknown() == (seen.effect != Effect::Read)
    })
}

/// Returns the length of the longest list that is the decoded value or one of its members. A list inside another one may
/// be JSON that is kept undecoded.
fn longest_list(value: &str) -> usize {
    let value = serde_json::from_str::<Value>(value).unwrap_or_default();
    let members = value.as_object().into_iter().flat_map(|members| members.values());
    std::iter::once(&value).chain(members).filter_map(Value::as_array).map(Vec::len).max().unwrap_or(0)
}

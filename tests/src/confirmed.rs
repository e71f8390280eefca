//! Checks that an idempotent change is confirmed by a read if its response is lost and the second attempt is rejected,
//! or if its response cannot be decoded.

use std::future::Future;

use hostkit_simulator::{Fault, Simulator};
use http_core::Error;
use http_core::client::{Operation, Recovery};

use crate::fixture::{Fixture, first_fixtures};
use crate::replay::{Arguments, Exchange, Replayed};

/// Returns the provider's error response to the repeated request.
fn rejection(package: &str) -> Fault {
    match package {
        "leaderssl-gpu" => Fault::response(422, r#"{"success": "false"}"#),
        "inferno-vps" => Fault::response(200, r#"{"result": "error", "code": 900, "message": "in use"}"#),
        _ => Fault::response(409, r#"{"message": "It is locked."}"#),
    }
}

fn base_url(package: &str, simulator: &Simulator) -> String {
    match package {
        "leaderssl-gpu" => simulator.leaderssl().base_url,
        "inferno-vps" => simulator.inferno().base_url,
        _ => simulator.elastis().base_url,
    }
}

/// Returns responses to a read that do not prove that something was deleted, removed or detached.
fn no_proof() -> [Fault; 8] {
    [
        Fault::Nothing,
        Fault::response(200, "[]"),
        Fault::response(200, "null"),
        Fault::response(200, "{}"),
        Fault::response(404, ""),
        Fault::response(404, "{}"),
        Fault::Html(404),
        Fault::Challenge,
    ]
}

/// Returns the read operations that may confirm a change made by `package`.
fn reads(package: &str) -> Vec<String> {
    let crates = ["elastis-core", "elastis-storage", "elastis-network", "elastis-billing"];
    let crates = if crates.contains(&package) { &crates[..] } else { &[package] };
    let is_read = |fixture: &Fixture| {
        let action = fixture.operation.split_once('.').map(|(_, action)| action);
        fixture.request.method == "GET" || action.is_some_and(|action| ["list", "info"].contains(&action))
    };
    let fixtures = crates.iter().flat_map(|package| first_fixtures(package));
    fixtures.filter(is_read).map(|fixture| fixture.operation).collect()
}

/// A lost response to a change.
struct Case {
    first: Fault,
    /// The number of requests for the change; `None` for any number.
    requests: Option<usize>,
    /// The response to every read; `None` for the actual state.
    read: Option<Fault>,
    /// Whether the call succeeds.
    succeeds: bool,
    raw: bool,
}

/// Returns the cases in which the change has happened, and those in which it has not and every read gets one of the
/// responses that prove nothing.
fn cases() -> impl Iterator<Item = Case> {
    let case = |first, requests, read, succeeds| Case { first, requests, read, succeeds, raw: false };
    let done = [
        case(Fault::ResetAfter, Some(2), None, true),
        case(Fault::HtmlAfter(200), None, None, true),
        case(Fault::BodyAfter("null".into()), Some(1), None, true),
        case(Fault::BodyAfter("done".into()), None, None, true),
        // The response that a confirmed change returns is not the provider's.
        Case { raw: true, ..case(Fault::ResetAfter, Some(2), None, false) },
    ];
    let lost = no_proof().map(|read| case(Fault::ResetBefore, Some(2), Some(read), false));
    let unclear = no_proof().map(|read| case(Fault::response(200, "done"), None, Some(read), false));
    done.into_iter().chain(lost).chain(unclear)
}

/// Tests every confirmed operation with a lost response, or with one that cannot be decoded.
///
/// # Panics
/// Panics if a change that happened is reported as an error, or if the outcome of a change that did not happen is not
/// reported as unknown.
pub async fn every_operation<A, F, P>(package: &str, operations: &[Operation], ask: &A, arrange: P)
where
    A: Fn(Exchange) -> F,
    F: Future<Output = Replayed>,
    P: AsyncFn(&Simulator, &'static str) -> Result<Arguments, Error>,
{
    let mut wrong = Vec::new();
    let is_confirmed = |operation: &&Operation| operation.recovery() == Recovery::Confirmed;
    let confirmed: Vec<_> = operations.iter().filter(is_confirmed).map(Operation::name).collect();
    assert!(!confirmed.is_empty(), "{package} has no confirmed operation");
    for name in confirmed {
        for case in cases() {
            match lose(package, name, &case, ask, &arrange).await {
                Ok((requests, result))
                    if case.requests.is_none_or(|expected| requests == expected)
                        && is_right(&result, case.succeeds) => {}
                // An operation that starts with a read fails at that read, before it sends the request for the change.
                Ok((0, Err(_))) if case.read.is_some() => {}
                ended => {
                    let (first, read) = (case.first, case.read);
                    wrong.push(format!("{name}, after {first:?}, with {read:?} for all reads: {ended:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "wrong number of requests, or wrong result:\n{}", wrong.join("\n"));
}

/// Returns the number of requests sent, and the result of the call.
async fn lose<A, F, P>(
    package: &str,
    name: &'static str,
    case: &Case,
    ask: &A,
    arrange: &P,
) -> Result<(usize, Result<String, Error>), String>
where
    A: Fn(Exchange) -> F,
    F: Future<Output = Replayed>,
    P: AsyncFn(&Simulator, &'static str) -> Result<Arguments, Error>,
{
    let simulator = Simulator::builder().strict().start().await.map_err(|error| error.to_string())?;
    let arguments = arrange(&simulator, name).await.map_err(|error| error.to_string())?;
    let fixture = first_fixtures(package).into_iter().find(|fixture| fixture.operation == name);
    let fixture = fixture.ok_or("no fixture")?;
    simulator.fail(name, [case.first.clone(), rejection(package)]);
    for (read, fault) in reads(package).iter().zip(case.read.iter().cycle()) {
        simulator.fail(read, [fault.clone()]);
    }
    let before = simulator.count(name);
    let exchange = Exchange::sending_arguments(fixture, base_url(package, &simulator), arguments);
    let exchange = if case.raw { exchange.raw() } else { exchange };
    let seen = ask(exchange).await.seen()?;
    Ok((simulator.count(name) - before, seen.result))
}

fn is_right(result: &Result<String, Error>, happens: bool) -> bool {
    match result {
        Ok(_) => happens,
        Err(error) => {
            !happens
                && error.is_outcome_unknown()
                && error.to_string().contains("it may have happened anyway: ")
        }
    }
}

//! Checks the errors of responses without a message: each error must name the operation and a remedy.

use std::future::Future;

use http_core::client::Effect;

use crate::fixture::{Fixture, first_fixtures};
use crate::replay::{Exchange, Replayed, response};

/// Answers every operation of `package` with error responses that contain no message.
///
/// # Panics
/// Panics if an error does not name its operation or a remedy.
pub async fn every_operation<A, F>(package: &str, ask: &A)
where
    A: Fn(Exchange) -> F,
    F: Future<Output = Replayed>,
{
    let mut cells: Vec<(u16, &str)> = [400, 401, 403, 404, 405, 409, 422].map(|status| (status, "")).to_vec();
    cells.push((200, r#"{"success": false, "result": "fail"}"#));
    let mut poor = Vec::new();
    for fixture in first_fixtures(package) {
        poor.extend(of_a_row(&fixture, ask).await);
        for (status, body) in &cells {
            let exchange = Exchange::finishing(fixture.clone(), response(*status, *body));
            let Ok(seen) = ask(exchange).await.seen() else { continue };
            // Whether a read succeeds depends on the response's data, not on flags such as `success`.
            if *status == 200 && seen.effect == Effect::Read {
                continue;
            }
            let Err(error) = seen.result else {
                poor.push(format!("{} {status}: no error", fixture.operation));
                continue;
            };
            let text = error.to_string();
            let facts = text.split_once(&format!("({}", fixture.operation));
            let remedy = facts.and_then(|(_, facts)| facts.split_once("); "));
            if remedy.is_none_or(|(_, remedy)| remedy.is_empty()) {
                poor.push(format!("{} {status}: {text}", fixture.operation));
            }
        }
    }
    assert!(poor.is_empty(), "{package}: errors without operation or remedy:\n{}", poor.join("\n"));
}

/// Checks that an error about a list row names the method that keeps the other rows.
async fn of_a_row<A, F>(fixture: &Fixture, ask: &A) -> Option<String>
where
    A: Fn(Exchange) -> F,
    F: Future<Output = Replayed>,
{
    // Every row of every list has at least an id, so `7` is not a valid row.
    let body = fixture.response.body();
    let rows = body.find('[').filter(|_| fixture.operation.contains("list"))?;
    let start = if body.trim_start().starts_with('[') { "" } else { &body[..rows] };
    let end = if start.is_empty() { "" } else { "}" };
    let exchange = Exchange::finishing(fixture.clone(), response(200, format!("{start}[7]{end}")));
    let error = ask(exchange).await.seen().ok()?.result.err().map(|error| error.to_string())?;
    // If the rows are part of a model, there is no `tolerant()`.
    (error.contains("at `[") && !error.contains(".tolerant()"))
        .then(|| format!("{}: {error}", fixture.operation))
}

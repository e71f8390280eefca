//! Checks that only an object becomes a row: code that serde derives also reads the items of a list as the fields.

use std::future::Future;

use serde_json::{Value, json};

use crate::bounded::dense::{containers, has_rows};
use crate::fixture::{Fixture, first_fixtures};
use crate::promises::finish;
use crate::replay::{Exchange, Replayed, response};

/// Replaces the rows of every list by values that are no objects. The operation must fail, or return no row.
///
/// # Panics
/// Panics if such a value becomes a row. The message lists all cases.
pub fn every_operation<A, F>(package: &str, ask: &A)
where
    A: Fn(Exchange) -> F,
    F: Future<Output = Replayed>,
{
    let lists = |fixture: &Fixture| fixture.operation.rsplit('.').next() == Some("list");
    let (mut broken, mut checked) = (Vec::new(), 0);
    for fixture in first_fixtures(package).into_iter().filter(lists) {
        let read = |body: &Value| {
            let response = response(fixture.response.status, body.to_string());
            finish(&fixture, &response, ask).ok().flatten().and_then(|seen| seen.result.ok())
        };
        let Ok(sample) = serde_json::from_str::<Value>(&fixture.response.body()) else { continue };
        // The rows are the outermost list of objects.
        let with = |rows: Value| {
            containers(&sample, "").into_iter().find_map(|pointer| {
                let mut body = sample.clone();
                let place = body.pointer_mut(&pointer).filter(|place| is_rows(place))?;
                *place = rows.clone();
                Some(body)
            })
        };
        let Some(none) = with(json!([])).and_then(|body| read(&body)) else { continue };
        checked += 1;
        let odd = ["x", "1"].map(Value::from).into_iter().chain([json!(1), json!(true), json!([])]);
        let lists = (1..=8)
            .flat_map(|length| [json!(1), json!("1"), json!(false)].map(|item| json!(vec![item; length])));
        for row in odd.chain(lists) {
            let body = with(json!([row])).unwrap_or_default();
            if let Some(rows) = read(&body).filter(|rows| *rows != none) {
                broken.push(format!("{}: {body} becomes {rows}", fixture.operation));
            }
        }
    }
    assert!(checked > 0, "{package}: no list is checked");
    assert!(broken.is_empty(), "{} values become rows:\n{}", broken.len(), broken.join("\n"));
}

fn is_rows(value: &Value) -> bool {
    let first = value.get(0).or_else(|| value.as_object()?.values().next());
    has_rows(value) && first.is_some_and(Value::is_object)
}

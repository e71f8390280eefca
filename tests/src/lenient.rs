//! Checks lenient decoding for every operation: a field that is missing or has another type affects no other field.
//!
//! `tests/reviewed/operations.json` lists the fields without which a response cannot be used, mostly ids. It is
//! maintained by hand: a field is added only if a caller cannot work without it.

use std::collections::BTreeSet;
use std::future::Future;

use serde_json::{Value, json};

use crate::fixture::Fixture;
use crate::replay::{Exchange, Replayed, response};
use crate::reviewed;

/// Members that report a success or an error.
const VERDICTS: [&str; 7] = ["success", "error", "errors", "error_code", "result", "retx", "message"];

/// Removes and changes every field of every response of `package`.
///
/// # Panics
/// Panics if a response cannot be decoded without a field that the table does not list, or with another value in a
/// field. Also panics if a response can be decoded without a field that the table lists.
pub async fn every_operation<A, F>(package: &str, ask: &A)
where
    A: Fn(Exchange) -> F + Sync,
    F: Future<Output = Replayed>,
{
    let fixtures = fixture_bodies(package);
    let (mut required, mut broken) = (BTreeSet::new(), BTreeSet::new());
    for (fixture, body) in &fixtures {
        if !is_read(fixture, body, ask).await {
            continue;
        }
        for path in paths(body) {
            let name = format!("{} {}", fixture.operation, shown(&path));
            if !is_read(fixture, &without(body, &path), ask).await {
                required.insert(name);
                continue;
            }
            if path.last().is_some_and(|key| VERDICTS.contains(&key.as_str())) {
                continue;
            }
            // This call returns nothing, so the status says whether it succeeded.
            if name == "vm.rescue_start status" {
                continue;
            }
            for value in others() {
                if !is_read(fixture, &with(body, &path, &value), ask).await {
                    broken.insert(format!("{name} = {value}"));
                }
            }
        }
    }
    // Ignores a field that some response of the operation requires, because it may mark an error in another response.
    broken.retain(|name| name.rsplit_once(" = ").is_none_or(|(name, _)| !required.contains(name)));
    let reviewed = reviewed::table(package).into_iter();
    let lines = |(operation, promise): (String, reviewed::Promise)| {
        promise.required.into_iter().map(move |field| format!("{operation} {field}"))
    };
    let table: BTreeSet<String> = reviewed.flat_map(lines).collect();
    let differences: Vec<String> = (required.difference(&table).map(|name| format!("+ {name}")))
        .chain(table.difference(&required).map(|name| format!("- {name}")))
        .collect();
    assert!(
        differences.is_empty() && broken.is_empty(),
        "{package}: required but not listed (+), or listed but not required (-) in \
         tests/reviewed/operations.json:\n{}\nnot decoded if the field has another value:\n{}",
        differences.join("\n"),
        broken.into_iter().collect::<Vec<_>>().join("\n")
    );
}

/// Returns the fixtures of a package whose responses are JSON and report a success, each with its body.
#[expect(clippy::panic, reason = "this is an assertion")]
fn fixture_bodies(package: &str) -> Vec<(Fixture, Value)> {
    let fixtures = Fixture::load_all(package).unwrap_or_else(|error| panic!("{error}"));
    let is_success = |fixture: &Fixture| (200..300).contains(&fixture.response.status);
    let body =
        |fixture: Fixture| Some((fixture.clone(), serde_json::from_str(&fixture.response.body()).ok()?));
    fixtures.into_iter().filter(is_success).filter_map(body).collect()
}

async fn is_read<A, F>(fixture: &Fixture, body: &Value, ask: &A) -> bool
where
    A: Fn(Exchange) -> F,
    F: Future<Output = Replayed>,
{
    let response = response(fixture.response.status, body.to_string());
    let seen = ask(Exchange::finishing(fixture.clone(), response)).await.seen();
    seen.is_ok_and(|seen| seen.result.is_ok())
}

type Steps = Vec<String>;

/// Returns the path to every member of an object, descending only into the first item of each list.
pub(crate) fn paths(value: &Value) -> Vec<Steps> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(items) => items.first().map(|item| ("0".to_owned(), item)).into_iter().collect(),
        _ => Vec::new(),
    };
    let mut found = Vec::new();
    for (key, value) in inner {
        found.push(vec![key.clone()]);
        found.extend(paths(value).into_iter().map(|rest| [vec![key.clone()], rest].concat()));
    }
    // Neither a list item nor a row whose key is its id is a field.
    let is_item = |key: &str| value.is_array() || key.parse::<u64>().is_ok();
    found.retain(|path| path.len() != 1 || !is_item(&path[0]));
    found
}

fn shown(path: &[String]) -> String {
    path.join(".").replace(".0.", "[].").replacen("0.", "[].", usize::from(path[0] == "0"))
}

fn parent<'a>(body: &'a mut Value, path: &[String]) -> Option<&'a mut serde_json::Map<String, Value>> {
    let (_, parents) = path.split_last()?;
    let step = |key: &String| ["/", &key.replace('~', "~0").replace('/', "~1")].concat();
    let pointer: String = parents.iter().map(step).collect();
    body.pointer_mut(&pointer)?.as_object_mut()
}

pub(crate) fn without(body: &Value, path: &[String]) -> Value {
    let mut body = body.clone();
    if let (Some(object), Some(key)) = (parent(&mut body, path), path.last()) {
        object.remove(key);
    }
    body
}

fn with(body: &Value, path: &[String], value: &Value) -> Value {
    let mut body = body.clone();
    if let (Some(object), Some(key)) = (parent(&mut body, path), path.last()) {
        object.insert(key.clone(), value.clone());
    }
    body
}

/// Returns values of every JSON type.
fn others() -> [Value; 11] {
    [
        Value::Null,
        json!(true),
        json!(false),
        json!(-7),
        json!(0.5),
        json!(1e300),
        json!(""),
        json!("N/A"),
        json!([]),
        json!({}),
        json!({"a": {"b": 1}}),
    ]
}

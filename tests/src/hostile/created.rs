//! Checks that an error after a create contains the id that was received, whatever is wrong with the rest of the
//! response.

use std::future::Future;

use http_core::Error;
use http_core::client::Recovery;
use serde_json::Value;

use crate::fixture::Fixture;
use crate::replay::{Exchange, Replayed, response};
use crate::server::Server;

/// The members that contain the id of a created resource.
const IDS: [&str; 5] = ["orderid", "order_id", "address", "uuid", "id"];

/// Create operations that do not return the created resource, but the resource to which it was added.
const OTHERS: [&str; 2] = ["replica.create", "vm.reserve_public_ip"];

/// Ids that belong to no resource.
const BLANK: [&str; 7] = [
    "0",
    r#""0""#,
    r#"" 0 ""#,
    r#""00000000-0000-0000-0000-000000000000""#,
    r#""00000000000000000000000000000000""#,
    r#""0.0.0.0""#,
    r#""::""#,
];

/// Returns the response of a fixture, and the member that contains the id.
fn created(fixture: &Fixture) -> Option<(Value, &'static str)> {
    let body: Value = serde_json::from_str(&fixture.response.body()).ok()?;
    let id = IDS.into_iter().find(|key| body.get(key).is_some());
    let key = id.or((fixture.operation == "bucket.create").then_some("name"))?;
    Some((body, key))
}

/// Returns the id in the response of a fixture.
fn created_id(fixture: &Fixture) -> Option<String> {
    let (body, key) = created(fixture).filter(|(_, key)| IDS.contains(key))?;
    let id = &body[key];
    Some(id.as_str().map_or_else(|| id.to_string(), str::to_owned))
}

/// Checks that a response with a blank id confirms no create, so that the result is searched for.
pub(super) async fn blank_ids_confirm_nothing<A, F>(fixtures: &[Fixture], ask: &A) -> Vec<String>
where
    A: Fn(Exchange) -> F,
    F: Future<Output = Replayed>,
{
    let mut broken = Vec::new();
    for fixture in fixtures.iter().filter(|fixture| !OTHERS.contains(&fixture.operation.as_str())) {
        let Some((mut body, key)) = created(fixture) else { continue };
        let blank = if key == "name" { &[r#""""#][..] } else { &BLANK };
        for blank in blank {
            body[key] = serde_json::from_str(blank).unwrap_or_default();
            let response = response(fixture.response.status, body.to_string());
            let Ok(seen) = ask(Exchange::finishing(fixture.clone(), response)).await.seen() else { continue };
            if seen.operation.recovery() != Recovery::Recoverable {
                break;
            }
            let is_unknown = |error: &Error| error.is_outcome_unknown() && error.created_id().is_none();
            if !seen.result.as_ref().is_err_and(is_unknown) {
                broken.push(format!("{}, {key} = {blank}: {:?}", fixture.name(), seen.result));
            }
        }
    }
    broken
}

pub(super) async fn created_ids_are_kept<A, F>(fixtures: &[Fixture], ask: &A) -> Vec<String>
where
    A: Fn(Exchange) -> F,
    F: Future<Output = Replayed>,
{
    let mut broken = Vec::new();
    for fixture in fixtures.iter().filter(|fixture| !OTHERS.contains(&fixture.operation.as_str())) {
        let Some(id) = created_id(fixture) else { continue };
        let body = fixture.response.body();
        // The body is cut off before its last byte, followed by garbage, or complete but sent with an error status.
        let spoiled = [
            (200, body[..body.trim_end().len() - 1].to_owned()),
            (200, format!("{body}}}")),
            (302, body.clone()),
            (500, body.clone()),
            (777, body.clone()),
        ];
        let mut seen = Vec::new();
        for (status, body) in spoiled {
            let response = response(status, body);
            seen.push((
                format!("{status}, {:?}", response.body()),
                ask(Exchange::finishing(fixture.clone(), response)).await,
            ));
        }
        let server = Server::cut(&body).await;
        seen.push(("cut".to_owned(), ask(Exchange::sending(fixture.clone(), server.url())).await));
        for (what, seen) in seen {
            let Ok(seen) = seen.seen() else { continue };
            if seen.operation.recovery() != Recovery::Recoverable {
                break;
            }
            // A call may ignore what follows a complete response.
            let is_kept = match &seen.result {
                Ok(value) => value.contains(&id),
                Err(error) => error.created_id() == Some(id.as_str()),
            };
            if !is_kept {
                broken.push(format!("{}, {what}: {id} is lost: {:?}", fixture.name(), seen.result));
            }
        }
    }
    broken
}

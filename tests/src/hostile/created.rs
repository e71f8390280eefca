//! Checks that an error after a create contains the id that was received, whatever is wrong with the rest of the
//! response.

use std::future::Future;

use http_core::client::Recovery;
use serde_json::Value;

use crate::fixture::Fixture;
use crate::replay::{Exchange, Replayed, response};
use crate::server::Server;

/// The members that contain the id of a created resource.
const IDS: [&str; 5] = ["orderid", "order_id", "address", "uuid", "id"];

/// Create operations that do not return the created resource, but the resource to which it was added.
const OTHERS: [&str; 2] = ["replica.create", "vm.reserve_public_ip"];

/// Returns the id in the response of a fixture.
fn created_id(fixture: &Fixture) -> Option<String> {
    let body: Value = serde_json::from_str(&fixture.response.body()).ok()?;
    let id = IDS.iter().find_map(|key| body.get(key))?;
    Some(id.as_str().map_or_else(|| id.to_string(), str::to_owned))
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

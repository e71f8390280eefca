//! Checks that a read of one resource accepts no response about another one.

use std::future::Future;

use http_core::ErrorKind;
use serde_json::{Value, json};

use crate::fixture::Fixture;
use crate::replay::{Exchange, Replayed, response};

/// The operations that read one resource, each with the place of its id in the response.
const READS: [(&str, &str); 11] = [
    ("vm.get", "/uuid"),
    ("disk.get", "/uuid"),
    ("bucket.get", "/name"),
    ("network.get", "/uuid"),
    ("floating_ip.get", "/address"),
    ("load_balancer.get", "/uuid"),
    ("billing_account.get", "/id"),
    ("card.get", "/id"),
    ("invoice.get", "/id"),
    ("vps.info", "/orderid"),
    ("service.get", "/service/id"),
];

/// Reads of something that exists only once in an account.
const WITHOUT_ID: [&str; 4] = ["user.get", "s3_user.get", "api_key.get", "balance.get"];

/// Replaces the id in every response about one resource.
///
/// # Panics
/// Panics if another id is accepted, or if the same id in another form is not. The message lists all cases.
#[expect(clippy::panic, reason = "this is an assertion")]
pub async fn every_operation<A, F>(package: &str, ask: &A)
where
    A: Fn(Exchange) -> F,
    F: Future<Output = Replayed>,
{
    let mut broken = Vec::new();
    for fixture in Fixture::load_all(package).unwrap_or_else(|error| panic!("{error}")) {
        let operation = fixture.operation.as_str();
        let Some((_, place)) = READS.into_iter().find(|(name, _)| *name == operation) else {
            let is_get = operation.rsplit('.').next() == Some("get");
            if is_get && !WITHOUT_ID.contains(&operation) {
                broken.push(format!("{operation} is in no table of this test"));
            }
            continue;
        };
        let body = serde_json::from_str::<Value>(&fixture.response.body()).unwrap_or_default();
        // An address may be one of several that lead to the same resource.
        let Some(id) = body.pointer(place).filter(|_| fixture.argument("ip").is_none()) else { continue };
        for (value, is_same) in forms(id) {
            let mut changed = body.clone();
            if let Some(id) = changed.pointer_mut(place) {
                id.clone_from(&value);
            }
            let response = response(200, changed.to_string());
            let seen = ask(Exchange::finishing(fixture.clone(), response)).await.seen();
            match seen.map(|seen| seen.result) {
                Ok(Ok(_)) if is_same => {}
                Ok(Err(error)) if !is_same && error.kind() == ErrorKind::Decode => {}
                other => broken.push(format!("{}, {value} in place of {id}: {other:?}", fixture.name())),
            }
        }
    }
    assert!(broken.is_empty(), "{} responses are misread:\n{}", broken.len(), broken.join("\n"));
}

/// Returns forms of this id and other ids, each with whether it is the same.
fn forms(id: &Value) -> Vec<(Value, bool)> {
    let text = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
    let mut forms = vec![(id.clone(), true)];
    if let Ok(number) = text.parse::<u64>() {
        forms.extend([(json!(number), true), (json!(text), true), (json!(number + 1), false)]);
    } else if text.len() == 36 {
        forms.extend([(json!(text.to_uppercase()), true), (json!(text.replace('-', "")), true)]);
        let other = format!("{}{}", &text[..35], u8::from(text.ends_with('0')));
        forms.push((json!(other), false));
    } else if text.parse::<std::net::IpAddr>().is_ok() {
        forms.push((json!("192.0.2.77"), false));
    } else {
        forms.push((json!(format!("{text}-2")), false));
    }
    forms
}

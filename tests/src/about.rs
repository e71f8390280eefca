//! Checks that a call about one resource accepts no response about another one.

use std::future::Future;

use http_core::ErrorKind;
use http_core::client::Effect;
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

/// The members of responses that contain the id of a resource.
const ID_KEYS: [&str; 4] = ["uuid", "id", "address", "orderid"];

/// Reads of something that exists only once in an account.
const WITHOUT_ID: [&str; 4] = ["user.get", "s3_user.get", "api_key.get", "balance.get"];

/// The operations that change one resource, each with the place of its id in the response. A response in which nothing is
/// at that place is also tested with an id.
const CHANGES: [(&str, &str); 27] = [
    ("vm.update", "/uuid"),
    ("vm.start", "/uuid"),
    ("vm.stop", "/uuid"),
    ("vm.reinstall", "/uuid"),
    ("vm.rebuild", "/uuid"),
    ("vm.toggle_backup", "/uuid"),
    ("vm.release_public_ip", "/uuid"),
    ("vm.reserve_public_ip", "/uuid"),
    ("vm_disk.resize", "/uuid"),
    ("disk.update", "/uuid"),
    ("disk.attach", "/uuid"),
    ("bucket.update", "/name"),
    ("network.rename", "/uuid"),
    ("network.set_default", "/uuid"),
    ("floating_ip.update", "/address"),
    ("floating_ip.assign", "/address"),
    ("floating_ip.unassign", "/address"),
    ("load_balancer.rename", "/uuid"),
    ("load_balancer.set_billing_account", "/uuid"),
    ("billing_account.update", "/id"),
    ("billing_account.set_recurring_payment", "/account/id"),
    ("order.cancel", "/orderid"),
    ("vps.install", "/orderid"),
    ("vps.reinstall", "/orderid"),
    ("vps.reboot", "/orderid"),
    ("vps.stop", "/orderid"),
    ("vps.boot", "/orderid"),
];

/// Operations whose response contains an id that is not that of an argument, each with the reason.
const OTHERS: [(&str, &str); 16] = [
    ("vm.create", NEW),
    ("vm.clone", NEW),
    ("vm_disk.add", NEW),
    ("replica.create", "the page's sample describes a disk with the id of the VM"),
    ("disk.create", NEW),
    ("network.create", NEW),
    ("floating_ip.create", NEW),
    ("load_balancer.create", NEW),
    ("load_balancer.add_rule", NEW),
    ("billing_account.apply_for_invoice_payment", NEW),
    ("card.add", NEW),
    ("order.create", NEW),
    ("vm.rescue_start", "the call returns nothing"),
    ("user.get", "the id is that of the account's only user"),
    ("user.update_profile", "the id is that of the account's only profile"),
    ("auth.sign_in", "the id is that of the user, who signs in by name"),
];
const NEW: &str = "the id is that of the new resource";

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
        let body = serde_json::from_str::<Value>(&fixture.response.body()).unwrap_or_default();
        let known = READS.into_iter().chain(CHANGES).find(|(name, _)| *name == operation);
        let Some((_, place)) = known else {
            let is_get = operation.rsplit('.').next() == Some("get");
            let is_other = OTHERS.iter().any(|(name, _)| *name == operation);
            let names_id = ID_KEYS.iter().any(|key| body.get(key).is_some());
            if (is_get && !WITHOUT_ID.contains(&operation)) || (names_id && !is_other) {
                broken.push(format!("{operation} is in no table of this test"));
            }
            continue;
        };
        // An address may be one of several that lead to the same resource.
        if fixture.argument("ip").is_some() || !(200..300).contains(&fixture.response.status) {
            continue;
        }
        let Some((parent, key)) = place.rsplit_once('/') else { continue };
        let id = body.pointer(place).cloned().or_else(|| argument(&fixture));
        let Some(id) = id else { continue };
        for (value, is_same) in forms(&id) {
            let mut changed = body.clone();
            let Some(Value::Object(members)) = changed.pointer_mut(parent) else { continue };
            members.insert(key.to_owned(), value.clone());
            let response = response(200, changed.to_string());
            let seen = ask(Exchange::finishing(fixture.clone(), response)).await.seen();
            match seen.map(|seen| (seen.effect, seen.result)) {
                Ok((_, Ok(_))) if is_same => {}
                Ok((_, Err(error))) if error.kind() == ErrorKind::ErrorResponse => {}
                Ok((effect, Err(error)))
                    if !is_same
                        && error.kind() == ErrorKind::Decode
                        && error.is_outcome_unknown() == (effect != Effect::Read) => {}
                other => broken.push(format!("{}, {value} in place of {id}: {other:?}", fixture.name())),
            }
        }
    }
    assert!(broken.is_empty(), "{} responses are misread:\n{}", broken.len(), broken.join("\n"));
}

/// Returns the id that the request of a change names.
fn argument(fixture: &Fixture) -> Option<Value> {
    ["uuid", "disk_uuid", "network_uuid", "orderid", "id"].into_iter().find_map(|name| {
        let number = || serde_json::from_str(&fixture.json()?.get(name)?.to_string()).ok();
        fixture.argument(name).map(Value::from).or_else(number)
    })
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

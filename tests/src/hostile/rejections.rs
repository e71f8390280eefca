//! Checks that only the provider's own error response proves that nothing happened. A proxy's error page does not.

use http_core::client::Effect;

use crate::fixture::Fixture;
use crate::promises::finish;
use crate::replay::{Exchange, Replayed, response};

/// The statuses with which a provider rejects a request without processing it.
const STATUSES: [u16; 9] = [400, 402, 403, 404, 405, 409, 410, 422, 423];

/// Bodies that no provider uses to report an error. A proxy may have sent such a body after the provider processed the
/// request.
const FOREIGN: [&str; 14] = [
    "",
    " \r\n",
    "<html><head><title>403 Forbidden</title></head><body><center>nginx</center></body></html>",
    "<!DOCTYPE html><html><title>Not found</title><p>The order does not exist, invalid id, access denied</html>",
    "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
    "Forbidden",
    "error code: 1020",
    "No such virtual machine exists: 7",
    "null",
    "[]",
    "{}",
    r#"{"request_id": "4bf92f35"}"#,
    r#"{"message": "No such virtual mach"#,
    r#"{"result": "success", "success": true}"#,
];

/// Returns error responses of a provider and of the frameworks that it uses.
fn of_provider(package: &str) -> &'static [&'static str] {
    match package {
        "leaderssl-gpu" => &[
            r#"{"error": "No such server"}"#,
            r#"{"error": ["Total must be more than 10 EUR", "Os is unknown"]}"#,
            r#"{"errors": {"os": ["is unknown"]}}"#,
            r#"{"success": "false"}"#,
            r#"{"success": false}"#,
            r#"{"error": true, "message": "Not allowed"}"#,
            r#"{"status": 404, "error": "Not Found"}"#,
            r#"{"error": {"message": "Already ordered", "existing": {"id": 47001, "order_id": 47001}}}"#,
        ],
        "inferno-vps" => &[
            r#"{"result": "fail", "msg": "Order ID not found"}"#,
            r#"{"result": "error", "message": "Access denied"}"#,
            r#"{"result": "fail", "error_code": 904}"#,
            r#"{"result": "Fail"}"#,
            r#"{"message": "Access denied"}"#,
            "Array ( [result] => fail [msg] => Order ID not found )",
            "Warning: x in /y\n{\"result\": \"fail\", \"msg\": \"no\"}",
            r#"{"result": "success", "retx": {"result": "fail", "msg": "node is down"}}"#,
            r#"{"result": "fail", "msg": "exists", "error": {"orderid": 47001, "id": 47001, "invoiceid": 9}}"#,
        ],
        _ => &[
            r#"{"message": "no route and no API found with those values"}"#,
            r#"{"message": "Network UUID is invalid."}"#,
            r#"{"errors": {"Error": "No such virtual machine exists: aa"}}"#,
            r#"{"errors": {"uuid": "Required parameter 'uuid' not supplied"}}"#,
            r#"{"errors": {"405 Method Not Allowed": null}}"#,
            r#"{"errors": {"consumer::resource_forbidden": {"msg": "Not yours", "subtype": "vm", "type": "x"}}}"#,
            r#"{"timestamp": 1661990594355, "status": 404, "error": "Not Found", "message": "No message available", "path": "/x"}"#,
            r#"{"timestamp": 1661990594355, "status": 400, "error": "Bad Request", "message": "", "path": "/x"}"#,
            r#"{"error": "no"}"#,
            r#"{"success": false}"#,
            r#"{"errors": {"Error": "The name is in use", "existing": {"uuid": "a-1", "id": 7, "address": "10.1.2.3"}}}"#,
        ],
    }
}

/// Checks that the outcome of a change is unknown if and only if the response is not the provider's own.
pub(super) fn only_the_provider_rejects<A, F>(package: &str, fixtures: &[Fixture], ask: &A) -> Vec<String>
where
    A: Fn(Exchange) -> F,
    F: Future<Output = Replayed>,
{
    let foreign = STATUSES.iter().flat_map(|status| FOREIGN.map(|body| (*status, body, true)));
    let rejections =
        STATUSES.iter().flat_map(|status| of_provider(package).iter().map(|body| (*status, *body, false)));
    // These statuses mean that the request was not processed, whoever sent the response.
    let before = [401, 429].into_iter().flat_map(|status| {
        FOREIGN.into_iter().filter(|body| !body.contains("success")).map(move |body| (status, body, false))
    });
    let cases: Vec<_> = foreign.chain(rejections).chain(before).collect();
    let mut broken = Vec::new();
    for fixture in fixtures {
        for (status, body, is_unknown) in &cases {
            let seen = match finish(fixture, &response(*status, *body), ask) {
                Ok(Some(seen)) => seen,
                Ok(None) => continue,
                Err(fault) => {
                    broken.push(format!("{} {status} {body}: {fault}", fixture.name()));
                    continue;
                }
            };
            let is_unknown = *is_unknown && seen.effect != Effect::Read;
            match seen.result {
                Err(error) if error.is_outcome_unknown() == is_unknown => {}
                Err(error) => broken.push(format!(
                    "{} {status} {body}: unknown {}, not {is_unknown}: {error}",
                    fixture.name(),
                    error.is_outcome_unknown()
                )),
                Ok(_) => broken.push(format!("{} {status} {body}: a success", fixture.name())),
            }
        }
    }
    broken
}

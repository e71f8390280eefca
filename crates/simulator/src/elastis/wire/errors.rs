//! Error responses: one function per form seen on the wire.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::base::Response;

fn errors(status: u16, errors: &Value) -> Response {
    Response::json(status, &json!({"errors": errors}))
}

/// Creates `{"errors": {"Error": text}}`, the form of the endpoints below `user-resource`.
pub(crate) fn error(status: u16, text: &str) -> Response {
    errors(status, &json!({"Error": text}))
}

/// Creates `{"message": text}`, the form of the gateway and of the endpoints below `network` and `storage`.
pub(crate) fn message(status: u16, text: &str) -> Response {
    Response::json(status, &json!({"message": text}))
}

/// Creates an error response with a message for each rejected parameter.
pub(crate) fn parameters(refused: &Value) -> Response {
    errors(400, refused)
}

pub(crate) fn no_route() -> Response {
    message(404, "no route and no API found with those values")
}

pub(crate) fn wrong_method(allowed: &[&str]) -> Response {
    let mut response = errors(405, &json!({"405 Method Not Allowed": null}));
    response.headers.push(("allow", allowed.join(", ")));
    response
}

pub(crate) fn forbidden() -> Response {
    let error = json!({
        "msg": "Consumer not allowed to access resource.",
        "subtype": "resource_forbidden",
        "type": "consumer",
    });
    errors(403, &json!({"consumer::resource_forbidden": error}))
}

pub(crate) fn incorrect_account() -> Response {
    error(400, "Provided billing account is incorrect.")
}

pub(crate) fn unknown_vm(uuid: &str) -> Response {
    error(400, &format!("No such virtual machine exists: {uuid}"))
}

pub(crate) fn locked_vm() -> Response {
    error(409, "Virtual machine is locked.")
}

pub(crate) fn unknown_replica(name: &str) -> Response {
    error(400, &format!("No such replica exists: {name}"))
}

pub(crate) fn unknown_network() -> Response {
    message(400, "Network UUID is invalid.")
}

pub(crate) fn unknown_disk() -> Response {
    message(404, "Disk not found")
}

pub(crate) fn unknown_address(address: &str) -> Response {
    message(404, &format!("Ip address {address} was not found."))
}

pub(crate) fn unknown_bucket() -> Response {
    message(404, "Bucket not found.")
}

pub(crate) fn unknown_load_balancer() -> Response {
    message(404, "Load balancer not found")
}

/// Creates the response to a request that causes an uncaught exception in the provider's code.
pub(crate) fn crash(path: &str, now: DateTime<Utc>) -> Response {
    let body = json!({
        "timestamp": now.timestamp_millis(),
        "status": 500,
        "error": "Internal Server Error",
        "message": "No message available",
        "path": path,
    });
    Response::json(500, &body)
}

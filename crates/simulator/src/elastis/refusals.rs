//! How the provider says no: one function per shape seen on the wire.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::provider::Reply;

fn errors(status: u16, errors: &Value) -> Reply {
    Reply::json(status, &json!({"errors": errors}))
}

/// `{"errors": {"Error": text}}`, as the part behind `user-resource` refuses.
pub(super) fn error(status: u16, text: &str) -> Reply {
    errors(status, &json!({"Error": text}))
}

/// `{"message": text}`, as the gateway and the parts behind `network` and `storage` refuse.
pub(super) fn message(status: u16, text: &str) -> Reply {
    Reply::json(status, &json!({"message": text}))
}

/// Parameter by parameter what is wrong.
pub(super) fn parameters(refused: &Value) -> Reply {
    errors(400, refused)
}

pub(super) fn no_route() -> Reply {
    message(404, "no route and no API found with those values")
}

pub(super) fn wrong_method() -> Reply {
    errors(405, &json!({"405 Method Not Allowed": null}))
}

pub(super) fn forbidden() -> Reply {
    let error = json!({
        "msg": "Consumer not allowed to access resource.",
        "subtype": "resource_forbidden",
        "type": "consumer",
    });
    errors(403, &json!({"consumer::resource_forbidden": error}))
}

pub(super) fn incorrect_account() -> Reply {
    error(400, "Provided billing account is incorrect.")
}

pub(super) fn unknown_vm(uuid: &str) -> Reply {
    error(400, &format!("No such virtual machine exists: {uuid}"))
}

pub(super) fn locked_vm() -> Reply {
    error(409, "Virtual machine is locked.")
}

pub(super) fn unknown_network() -> Reply {
    message(400, "Network UUID is invalid.")
}

pub(super) fn unknown_disk() -> Reply {
    message(404, "Disk not found")
}

pub(super) fn unknown_address(address: &str) -> Reply {
    message(404, &format!("Ip address {address} was not found."))
}

pub(super) fn unknown_load_balancer() -> Reply {
    message(404, "Load balancer not found")
}

/// What an exception that nobody caught looks like from outside.
pub(super) fn crash(path: &str, now: DateTime<Utc>) -> Reply {
    let body = json!({
        "timestamp": now.timestamp_millis(),
        "status": 500,
        "error": "Internal Server Error",
        "message": "No message available",
        "path": path,
    });
    Reply::json(500, &body)
}

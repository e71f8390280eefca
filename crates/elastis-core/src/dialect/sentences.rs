//! The sentences of the platform's error messages that identify the kind of an error better than its status does.
//!
//! Only a whole sentence counts. The same words inside another message, such as `[Errno 2] No such file or directory`,
//! say nothing about the requested resource.

use http_core::client::{Effect, ErrorResponseKind, Operation};
use http_core::http::StatusCode;

/// Conflicts that are reported with any status: the platform sent some of them with status 500.
const CONFLICTS: &[&str] =
    &["default network cannot be deleted", "not changing vcpu and memory because values are same"];

/// The operations whose request identifies a VM.
const OF_VMS: &[&str] = &[
    "billing_resource.",
    "disk.attach",
    "disk.detach",
    "replica.create",
    "replica.list",
    "vm.",
    "vm_disk.add",
    "vm_disk.resize",
];

/// The resources of the platform, as its messages name them, with the operations (by the beginning of their names) whose
/// own resource they are, or that contains it. In the response to any other operation, a missing resource is one that
/// the request refers to: the billing account of a VM may be missing although the VM exists.
const RESOURCES: &[(&str, &[&str])] = &[
    ("access key", &["s3_key."]),
    ("billing account", &["billing_account."]),
    ("bucket", &["billing_resource.", "bucket."]),
    ("card", &["card."]),
    ("disk", &["billing_resource.", "disk.", "vm_disk."]),
    ("floating ip", &["billing_resource.", "floating_ip."]),
    ("forwarding rule", &["load_balancer.remove_rule"]),
    ("image", &["image."]),
    ("invoice", &["invoice."]),
    ("ip address", &["billing_resource.", "floating_ip."]),
    ("load balancer", &["billing_resource.", "load_balancer."]),
    ("network", &["network."]),
    ("replica", &["replica."]),
    ("snapshot", &["replica."]),
    ("storage account", &["bucket.", "s3_key.", "s3_user."]),
    ("target", &["load_balancer.remove_target"]),
    ("token", &["token."]),
    ("virtual machine", OF_VMS),
    ("vm", OF_VMS),
];

/// Returns the kind of error that a message identifies. Only the absence of the operation's own resource is
/// [`ErrorResponseKind::NotFound`]; the absence of another one makes the request invalid.
pub(super) fn kind(operation: &Operation, status: StatusCode, message: &str) -> Option<ErrorResponseKind> {
    let message = message.trim().to_lowercase();
    let sentence = message.strip_suffix('.').unwrap_or(&message);
    if CONFLICTS.contains(&sentence) {
        return Some(ErrorResponseKind::Conflict);
    }
    let may_be_absent = status.is_success() || matches!(status.as_u16(), 400 | 404 | 410 | 422);
    let absent = match sentence {
        // The platform also sent this sentence with status 500.
        "network uuid is invalid" => Some("network"),
        sentence => absent_resource(sentence).filter(|_| may_be_absent),
    };
    Some(if is_own(operation, absent?) {
        ErrorResponseKind::NotFound
    } else {
        ErrorResponseKind::InvalidArgument
    })
}

/// Returns whether a resource is the one that an operation reads or changes, or contains it. The resource of an untyped
/// request is unknown, so a deletion never takes another absence for its own.
fn is_own(operation: &Operation, resource: &str) -> bool {
    if operation.is_untyped() {
        return operation.effect() == Effect::Read;
    }
    RESOURCES
        .iter()
        .filter(|(name, _)| *name == resource)
        .flat_map(|(_, operations)| *operations)
        .any(|own| operation.name().starts_with(own))
}

/// Returns the resource of the platform that does not exist according to a sentence.
fn absent_resource(sentence: &str) -> Option<&'static str> {
    if sentence == "provided billing account is incorrect" {
        return Some("billing account");
    }
    if let Some(resource) = sentence.strip_prefix("no such ") {
        // `No such virtual machine exists: 7`, with a full stop in place of the colon, or without an id.
        return resource_before(resource, |rest| {
            let id = rest.strip_prefix(" exists");
            id.is_some_and(|id| id.is_empty() || id.strip_prefix([':', '.']).is_some_and(is_word))
        });
    }
    // `Disk not found`, `Ip address 192.0.2.1 was not found`
    resource_before(sentence, |rest| {
        let rest = rest.strip_suffix(" not found");
        let id = rest.map(|rest| rest.strip_suffix(" was").unwrap_or(rest));
        // A word without a digit may belong to the name of something else, as in `network route not found`.
        id.is_some_and(|id| id.is_empty() || (is_word(id) && id.contains(|c: char| c.is_ascii_digit())))
    })
}

/// Returns the resource whose name a text begins with, if `accepts` returns `true` for the rest.
fn resource_before(text: &str, accepts: impl Fn(&str) -> bool) -> Option<&'static str> {
    let mut names = RESOURCES.iter().map(|(name, _)| *name);
    names.find(|name| text.strip_prefix(name).is_some_and(&accepts))
}

/// Returns whether a text is a space and a word.
fn is_word(text: &str) -> bool {
    text.strip_prefix(' ').is_some_and(|word| !word.is_empty() && !word.contains(char::is_whitespace))
}

//! The sentences of the platform's error messages that identify the kind of an error better than its status does.
//!
//! Only a whole sentence counts. The same words inside another message, such as `[Errno 2] No such file or directory`,
//! say nothing about the requested resource.

use http_core::client::ErrorResponseKind;
use http_core::http::StatusCode;

/// Sentences that have the same meaning with any status: the platform sent some of them with status 500.
const WITH_ANY_STATUS: &[(&str, ErrorResponseKind)] = &[
    ("network uuid is invalid", ErrorResponseKind::NotFound),
    ("default network cannot be deleted", ErrorResponseKind::Conflict),
    ("not changing vcpu and memory because values are same", ErrorResponseKind::Conflict),
];

/// The resources of the platform, as its messages name them.
const RESOURCES: &[&str] = &[
    "access key",
    "billing account",
    "bucket",
    "card",
    "disk",
    "floating ip",
    "forwarding rule",
    "image",
    "invoice",
    "ip address",
    "load balancer",
    "network",
    "replica",
    "snapshot",
    "storage account",
    "target",
    "virtual machine",
    "vm",
];

/// Returns the kind of error that a message identifies.
pub(super) fn kind(status: StatusCode, message: &str) -> Option<ErrorResponseKind> {
    let message = message.trim().to_lowercase();
    let sentence = message.strip_suffix('.').unwrap_or(&message);
    let known = WITH_ANY_STATUS.iter().find(|(known, _)| *known == sentence).map(|(_, kind)| *kind);
    let may_be_absent = status.is_success() || matches!(status.as_u16(), 400 | 404 | 410 | 422);
    known.or_else(|| (may_be_absent && is_absence(sentence)).then_some(ErrorResponseKind::NotFound))
}

/// Returns whether a sentence says that a resource of the platform does not exist.
fn is_absence(sentence: &str) -> bool {
    if sentence == "provided billing account is incorrect" {
        return true;
    }
    if let Some(resource) = sentence.strip_prefix("no such ") {
        // `No such virtual machine exists: 7`, with a full stop in place of the colon, or without an id.
        return after_resource(resource).any(|rest| {
            let id = rest.strip_prefix(" exists");
            id.is_some_and(|id| id.is_empty() || id.strip_prefix([':', '.']).is_some_and(is_word))
        });
    }
    // `Disk not found`, `Ip address 192.0.2.1 was not found`
    after_resource(sentence).any(|rest| {
        let rest = rest.strip_suffix(" not found");
        let id = rest.map(|rest| rest.strip_suffix(" was").unwrap_or(rest));
        // A word without a digit may belong to the name of something else, as in `network route not found`.
        id.is_some_and(|id| id.is_empty() || (is_word(id) && id.contains(|c: char| c.is_ascii_digit())))
    })
}

/// Returns the rest of a text that begins with the name of a resource.
fn after_resource(text: &str) -> impl Iterator<Item = &str> {
    RESOURCES.iter().filter_map(|name| text.strip_prefix(name))
}

/// Returns whether a text is a space and a word.
fn is_word(text: &str) -> bool {
    text.strip_prefix(' ').is_some_and(|word| !word.is_empty() && !word.contains(char::is_whitespace))
}

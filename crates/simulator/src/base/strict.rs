//! The checks of strict mode, which rejects undocumented requests that the providers accept.

use super::documented::{carries, right_place};
use super::exchange::Request;
use super::router::Found;

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// Describes the first deviation of a request from the documentation; `None` if there is none.
pub(crate) fn objection(provider: &str, found: &Found, request: &Request) -> Option<String> {
    let operation = found.route.operation;
    if let Some(lenience) = found.lenience {
        return Some(format!("{operation}: {lenience}"));
    }
    let kind = request.header("content-type").unwrap_or_default();
    let sent_form = !request.body.is_empty() && kind.starts_with(FORM);
    let sent_json = !request.body.is_empty() && kind.starts_with(JSON);
    if !request.body.is_empty() && !sent_form && !sent_json {
        return Some(format!("{operation}: the body has the content type '{kind}'"));
    }
    if request.method != found.route.method {
        return Some(format!("{operation}: the documented method is {}", found.route.method));
    }
    let form = if sent_form { request.form() } else { Vec::new() };
    let json = request.json().filter(|_| sent_json);
    let json = json.as_ref().and_then(|json| json.as_object()).into_iter().flatten();
    let query = request.query.iter().map(|(name, _)| ("query", name.as_str()));
    let form_names = form.iter().map(|(name, _)| ("form", name.as_str()));
    let json_names = json.map(|(name, _)| ("json", name.as_str()));
    let all: Vec<_> = query.chain(form_names).chain(json_names).collect();
    for (at, (place, name)) in all.iter().enumerate() {
        if !carries(provider, operation, place, name) && !is_everywhere(provider, name) {
            return Some(right_place(provider, operation, name).map_or_else(
                || format!("{operation}: no parameter '{name}' is documented in the {place}"),
                |right| format!("{operation}: '{name}' belongs in the {right}, not in the {place}"),
            ));
        }
        if all.iter().take(at).any(|(_, earlier)| earlier == name) {
            return Some(format!("{operation}: '{name}' is sent twice"));
        }
    }
    let raw = if sent_form { String::from_utf8_lossy(&request.body) } else { "".into() };
    if raw.contains('+') || request.raw_query.contains('+') {
        return Some(format!("{operation}: a plus sign is decoded as a space; send %20 or %2B"));
    }
    if raw.contains(',') {
        return Some(format!("{operation}: a comma turns the value into a list; send %2C"));
    }
    None
}

/// Returns whether a parameter selects the operation or authenticates the client, and may therefore appear anywhere.
fn is_everywhere(provider: &str, name: &str) -> bool {
    matches!((provider, name), ("inferno-vps", "action" | "key") | ("leaderssl-gpu", "auth_token"))
}

//! Checks that the wording of a response does not prove that nothing happened.

use std::future::Future;

use http_core::client::Effect;

use crate::fixture::Fixture;
use crate::replay::{Exchange, Replayed, Seen, response};
use crate::server::Server;

/// Messages that suggest that a request was not processed.
const WORDS: [&str; 3] =
    ["Too many requests", "429 rate limit exceeded, try again later", "Слишком много запросов"];

/// Returns `words` in each error format that providers use. The flag shows whether the response also contains an id.
fn shapes(words: &str) -> Vec<(String, bool)> {
    let refused = format!(r#"{{"result":"fail","msg":"{words}"}}"#);
    let ids = r#""orderid":47001,"invoiceid":9,"order_id":5,"uuid":"7dc1a8f2-0b14-4d08-a3f3-6f4c8f0cbd64","id":5,"accessKey":"EXAMPLE5KEY""#;
    let fields =
        "[orderid] => 47001\n    [order_id] => 5\n    [uuid] => 7dc1a8f2\n    [accessKey] => EXAMPLE5KEY";
    vec![
        (refused.clone(), false),
        (format!(r#"{{"result":"success","retx":{refused}}}"#), false),
        (format!(r#"{{"result":"success",{ids},"retx":{refused},"error":"{words}"}}"#), true),
        (format!(r#"{{"result":"success",{ids},"retx":{{"retx":{refused}}},"error":"{words}"}}"#), true),
        (format!(r#"[{{{ids},"error":"{words}"}}]"#), true),
        (format!(r#"{{"data":{{{ids}}},"error":"{words}","result":"fail"}}"#), true),
        (format!("\u{feff}{{{ids},\"error\":\"{words}\",\"result\":\"fail\"}}"), true),
        (format!(r#"{{"result":"success",{ids},"msg":"{words}"#), true),
        (format!("Array\n(\n    [result] => success\n    {fields}\n    [msg] => {words}"), true),
        (format!(r#"{{"errors":{{"Error":"{words}"}},"error":"{words}","result":"fail"}}"#), false),
        (format!(r#"{{"error":["{words}"],"success":"false","result":"fail"}}"#), false),
        (format!(r#"{{"success":false,"message":"{words}"}}"#), false),
        (format!("Array ( [result] => fail [msg] => {words} )"), false),
        (words.to_owned(), false),
        (format!("<html><title>{words}</title></html>"), false),
    ]
}

/// Checks that only status 429 proves that a request was not processed, and only if the response contains no created
/// id.
pub(super) async fn words_are_no_proof<A, F>(fixtures: &[Fixture], ask: &A) -> Vec<String>
where
    A: Fn(Exchange) -> F,
    F: Future<Output = Replayed>,
{
    let mut broken = Vec::new();
    for fixture in fixtures {
        for (body, names_id) in WORDS.iter().flat_map(|words| shapes(words)) {
            for status in [200, 400, 429, 500] {
                let response = response(status, body.clone());
                let finished = ask(Exchange::finishing(fixture.clone(), response.clone())).await;
                let Ok(finished) = finished.seen() else { continue };
                if finished.effect != Effect::NonIdempotent {
                    break;
                }
                let server = Server::start(&response).await;
                let sent = ask(Exchange::sending(fixture.clone(), server.url())).await;
                let Ok(sent) = sent.seen() else { continue };
                let is_create = names_id && sent.operation.name().ends_with(".create");
                if names_id && !is_create && status == 429 {
                    // The id may come from the request.
                    continue;
                }
                let unprocessed = status == 429 && !is_create;
                let requests = if unprocessed { 4 } else { 1 };
                let mut faults = Vec::new();
                let sent_requests = server.requests().len();
                if sent_requests != requests {
                    faults.push(format!("{sent_requests} requests instead of {requests}"));
                }
                for seen in [&finished, &sent] {
                    faults.extend(fault(seen, unprocessed, is_create));
                }
                if !faults.is_empty() {
                    broken.push(format!("{} {status} {body}: {}", fixture.name(), faults.join(", ")));
                }
            }
        }
    }
    broken
}

fn fault(seen: &Seen, unprocessed: bool, is_create: bool) -> Option<String> {
    let Err(error) = &seen.result else { return None };
    let unknown = is_create || (error.is_retryable() && !unprocessed);
    if error.may_have_been_sent() == unprocessed {
        Some(format!("may_have_been_sent() == {}", !unprocessed))
    } else if unknown && !error.is_outcome_unknown() {
        Some("is_outcome_unknown() == false".to_owned())
    } else {
        None
    }
}

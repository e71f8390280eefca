//! Sends damaged and hostile bodies to every operation: its own response with one change, and bodies that servers send
//! instead of the expected response.

use std::future::Future;
use std::io::Write;

use http_core::client::Effect;

use crate::bounded::{SLOW, cpu_time};
use crate::fixture::{Fixture, first_fixtures};
use crate::json::Json;
use crate::promises::{broken, finish};
use crate::replay::{Exchange, Replayed, response};

/// The least number of bodies that each operation receives.
const LEAST_BODIES: usize = 40;

/// A body, and whether a mutating call may succeed with it.
struct Body {
    name: &'static str,
    bytes: Vec<u8>,
    may_succeed: bool,
}

/// Sends every body to every operation of `package`, with one success status and two failure statuses.
///
/// # Panics
/// Panics if a promise is broken. The message lists up to 40 broken promises.
#[expect(clippy::unused_async, reason = "all tests of every operation have the same signature")]
pub async fn every_operation<A, F>(package: &str, ask: &A)
where
    A: Fn(Exchange) -> F + Sync,
    F: Future<Output = Replayed>,
{
    let fixtures = first_fixtures(package);
    let (mut cells, mut successes, mut failures, mut kinds) = (0, 0, Vec::new(), 0);
    for fixture in &fixtures {
        let bodies = bodies(fixture);
        kinds = bodies.len();
        if kinds < LEAST_BODIES {
            failures.push(format!("{}: only {kinds} bodies", fixture.operation));
        }
        for (body, status) in bodies.iter().flat_map(|body| [200, 404, 500].map(|status| (body, status))) {
            cells += 1;
            let response = response(status, body.bytes.clone());
            let mut report = |what: String| {
                failures.push(format!("{} {status} {}: {what}", fixture.operation, body.name));
            };
            let before = cpu_time();
            let seen = finish(fixture, &response, ask);
            let time = cpu_time().saturating_sub(before);
            if time > SLOW {
                report(format!("{time:?} of CPU time"));
            }
            match seen {
                Ok(Some(seen)) => {
                    broken(&response, &seen).into_iter().for_each(&mut report);
                    successes += usize::from(seen.result.is_ok());
                    let is_change = seen.effect != Effect::Read;
                    match &seen.result {
                        Ok(_) if is_change && !body.may_succeed => report("reported as a success".to_owned()),
                        Err(error) if status == 500 && is_change && !error.is_outcome_unknown() => {
                            report(format!("the error claims that the outcome is known: {error}"));
                        }
                        _ => {}
                    }
                }
                Ok(None) => report("the request was not sent".to_owned()),
                Err(fault) => report(fault),
            }
        }
    }
    // Bypasses the test runner, which hides the output of passing tests.
    let operations = fixtures.len();
    let line = format!(
        "{package}: {kinds} bodies, 3 statuses, {operations} operations: {cells} cells, {successes} successes"
    );
    let _ = writeln!(std::io::stdout(), "{line}");
    let count = failures.len();
    failures.truncate(40);
    assert!(
        failures.is_empty(),
        "{count} promises of {package} are broken, among them:\n{}",
        failures.join("\n")
    );
}

/// Returns all placeholders in a fixture's request, as a server would echo them.
fn echo(fixture: &Fixture) -> String {
    let request = serde_json::to_string(&fixture.request).unwrap_or_default();
    let marks = request.split('<').skip(1).filter_map(|rest| rest.split_once('>'));
    let marks: Vec<_> = marks.map(|(mark, _)| format!("<{mark}>")).collect();
    format!("<api-key:1> <auth-token:1> {}", marks.join(" "))
}

fn bodies(fixture: &Fixture) -> Vec<Body> {
    let own = fixture.response.body();
    let own = if own.is_empty() { r#"{"success": true, "uuid": "a"}"#.to_owned() } else { own };
    let echo = echo(fixture);
    let loud = format!("{echo}\u{1b}[31m\r\n2026 ERROR forged\u{202e}\u{0}");
    let quoted = serde_json::to_string(&loud).unwrap_or_default();
    let cut = |part: usize| own.as_bytes()[..own.len() * part / 8].to_vec();
    let mut bodies = Vec::new();
    let mut add = |may_succeed: bool, name, bytes: Vec<u8>| bodies.push(Body { name, bytes, may_succeed });
    let mut good = |name, bytes: String| add(true, name, bytes.into());
    good("nothing", String::new());
    good("blanks", " \r\n\t ".into());
    good("null", "null".into());
    good("true", "true".into());
    good("an empty list", "[]".into());
    good("an empty object", "{}".into());
    good("a list in a list", format!("[{own}]"));
    good("a list of null", "[null]".into());
    good("a list of lists", "[[], [[]]]".into());
    good("a wrapped response", format!(r#"{{"data": {own}}}"#));
    good("a BOM before it", format!("\u{feff}{own}"));
    good(
        "a PHP warning before it",
        format!("<br />\n<b>Warning</b>: x in <b>/a.php</b> on line <b>1</b><br />\n{own}"),
    );
    good("blank lines around it", format!("\r\n\r\n{own}\r\n\r\n"));
    good("unknown members", own.replacen('{', r#"{"new_field": {"deep": [1, {"er": 2}]},"#, 1));
    for (name, edit) in edits() {
        if let Ok(json) = Json::parse(&own) {
            good(name, change(json, edit).to_string());
        }
    }
    // PHP prints warnings around a program's output.
    let is_php = own.contains("\"result\"") || own.contains("=>");
    let mut noisy = |name, bytes: String| add(is_php, name, bytes.into());
    noisy("garbage after it", format!("{own} upstream"));
    noisy("a page after it", format!("{own}<html></html>"));
    noisy("a megabyte of it", format!("{own},").repeat((1 << 20) / (own.len() + 1)));
    let mut bad = |name, bytes: Vec<u8>| add(false, name, bytes);
    bad("false", b"false".to_vec());
    bad("zero", b"0".to_vec());
    bad("a word", b"ok".to_vec());
    bad("a quoted word", b"\"ok\"".to_vec());
    bad("an unclosed object", b"{".to_vec());
    bad("an unclosed list", b"[".to_vec());
    bad("an unclosed string", b"{\"uuid\": \"".to_vec());
    bad("two objects", b"{} {}".to_vec());
    bad("an eighth of it", cut(1));
    bad("half of it", cut(4));
    bad("seven eighths of it", cut(7));
    bad("all of it but the last byte", own.as_bytes()[..own.len() - 1].to_vec());
    bad("a page", format!("<!DOCTYPE html><html><title>{loud}</title><h1>{loud}</h1></html>").into());
    bad("an nginx page", b"<html><head><title>502 Bad Gateway</title></head></html>".to_vec());
    bad("words", loud.clone().into());
    bad("a long string", echo.repeat(5_000).into());
    bad("a secret as a key", format!("{{{quoted}: nope}}").into());
    bad("a secret in an unclosed string", format!("{{\"message\": \"{echo}").into());
    bad("a failure", format!(r#"{{"success": false, "result": "fail", "message": {quoted}}}"#).into());
    bad(
        "another failure",
        format!(r#"{{"errors": {{"Error": {quoted}}}, "result": "fail", "error": {quoted}}}"#).into(),
    );
    bad(
        "a nested failure",
        format!(r#"{{"error": {{"code": 5, "message": {quoted}}}, "result": "fail", "success": false}}"#)
            .into(),
    );
    bad(
        "an error in a list",
        format!(r#"{{"error": [{quoted}], "success": "no", "result": "fail"}}"#).into(),
    );
    bad("UTF-16", own.encode_utf16().flat_map(u16::to_le_bytes).collect());
    bad("compressed", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56".to_vec());
    bad("zeros", vec![0; 512]);
    bad("unclosed lists", "[".repeat(50_000).into());
    bad("unclosed objects", "{\"retx\":".repeat(50_000).into());
    bodies
}

type Edit = fn(Json) -> Json;

/// Returns functions that edit a single value. Each function is applied to every value of the response.
fn edits() -> Vec<(&'static str, Edit)> {
    fn text(json: Json, f: impl Fn(String) -> Json) -> Json {
        if let Json::Text(text) = json { f(text) } else { json }
    }
    fn number(json: Json, to: &str) -> Json {
        if let Json::Number(_) = json { Json::Number(to.to_owned()) } else { json }
    }
    fn scalar(json: Json, to: Json) -> Json {
        if matches!(json, Json::List(_) | Json::Object(_)) { json } else { to }
    }
    vec![
        ("every string empty", |json| text(json, |_| Json::Text(String::new()))),
        ("every string a number", |json| text(json, |_| Json::Number("17".into()))),
        ("every string in upper case", |json| text(json, |text| Json::Text(text.to_uppercase()))),
        ("every string with blanks", |json| text(json, |text| Json::Text(format!(" {text} ")))),
        ("every string long", |json| text(json, |text| Json::Text(text.repeat(200)))),
        ("every string with secrets and control characters", |json| {
            text(json, |_| Json::Text("\u{1b}[31m\n2026 ERROR <api-key:1> <auth-token:1>".into()))
        }),
        ("every string a list", |json| text(json, |text| Json::List(vec![Json::Text(text)]))),
        (
            "every number a string",
            |json| if let Json::Number(number) = json { Json::Text(number) } else { json },
        ),
        ("every number negative", |json| number(json, "-1")),
        ("every number zero", |json| number(json, "0")),
        ("every number a fraction", |json| number(json, "0.30000000000000004")),
        ("every number over 64 bits", |json| number(json, "18446744073709551616")),
        ("every number huge", |json| number(json, "1e308")),
        ("every number infinite", |json| number(json, "1e999")),
        ("every number tiny", |json| number(json, "5.551115123125783e-17")),
        ("every Boolean a string", |json| {
            if let Json::Bool(flag) = json { Json::Text(flag.to_string()) } else { json }
        }),
        ("every Boolean a number", |json| {
            if let Json::Bool(flag) = json { Json::Number(u8::from(flag).to_string()) } else { json }
        }),
        ("every value null", |json| scalar(json, Json::Null)),
        ("every value an object", |json| scalar(json, Json::Object(Vec::new()))),
        ("every list empty", |json| if let Json::List(_) = json { Json::List(Vec::new()) } else { json }),
        ("every list with a bad row", |json| match json {
            Json::List(mut rows) => {
                rows.push(Json::Text("<api-key:1>".into()));
                Json::List(rows)
            }
            json => json,
        }),
        ("every list a map", |json| match json {
            Json::List(rows) => {
                Json::Object(rows.into_iter().enumerate().map(|(key, row)| (key.to_string(), row)).collect())
            }
            json => json,
        }),
        ("every first member missing", |json| match json {
            Json::Object(members) => Json::Object(members.into_iter().skip(1).collect()),
            json => json,
        }),
        ("every key in upper case", |json| match json {
            Json::Object(members) => {
                Json::Object(members.into_iter().map(|(key, value)| (key.to_uppercase(), value)).collect())
            }
            json => json,
        }),
    ]
}

/// Applies an edit to every value, innermost values first.
fn change(json: Json, edit: Edit) -> Json {
    let json = match json {
        Json::List(rows) => Json::List(rows.into_iter().map(|row| change(row, edit)).collect()),
        Json::Object(members) => {
            Json::Object(members.into_iter().map(|(key, value)| (key, change(value, edit))).collect())
        }
        json => json,
    };
    edit(json)
}

//! Finds the explanation in an error response of unknown structure.

use serde_json::{Map, Value};

use crate::wire::glance::beginning;

/// Members that contain the explanation of an error.
const WORDS: &[&str] = &[
    "message",
    "msg",
    "error_message",
    "errorMessage",
    "error_description",
    "detail",
    "details",
    "description",
    "reason",
    "faultstring",
    "title",
];
/// Members that contain an explanation, or whose value is one.
pub(crate) const ERRORS: &[&str] = &["error", "errors", "fault", "exception"];
/// Members that may contain one of the members above. Their own text is not an explanation.
const AROUND: &[&str] = &["data", "response", "result", "status", "meta", "body"];
/// Members that contain an error code.
const CODES: &[&str] = &["code", "error_code", "errorCode", "type"];

/// The explanation in an error response, with its code if there is one.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Words {
    /// The explanation in the provider's own words.
    pub message: String,
    /// The provider's error code.
    pub code: Option<String>,
}

/// Returns the explanation in the JSON of an error response. Only members that are known to contain explanations are
/// read, because others may be private.
pub fn words(body: &[u8]) -> Option<Words> {
    let value = beginning(body)?;
    let found = if value.is_string() { None } else { of(&value) };
    found.filter(|words| !words.message.is_empty())
}

fn of(value: &Value) -> Option<Words> {
    match value {
        Value::String(text) => {
            let message = text.trim().to_owned();
            (!message.is_empty()).then_some(Words { message, code: None })
        }
        Value::Array(list) => {
            let all: Vec<Words> = list.iter().filter_map(of).collect();
            let messages: Vec<&str> = all.iter().map(|words| words.message.as_str()).collect();
            let code = all.iter().find_map(|words| words.code.clone());
            (!all.is_empty()).then(|| Words { message: messages.join("; "), code })
        }
        Value::Object(object) => of_object(object),
        _ => None,
    }
}

fn of_object(object: &Map<String, Value>) -> Option<Words> {
    let member = |names: &[&str]| names.iter().find_map(|name| of(object.get(*name)?));
    let around = || {
        let has_words = |part: &&Value| match part {
            Value::Array(list) => list.iter().all(Value::is_object),
            part => part.is_object(),
        };
        let parts = AROUND.iter().filter_map(|name| object.get(*name)).filter(has_words);
        parts.into_iter().find_map(of)
    };
    // Frameworks write a reason phrase beside the explanation; the explanation is more specific.
    let errors = || ERRORS.iter().find_map(|name| of_error(object.get(*name)?));
    let words = member(WORDS).or_else(errors).or_else(around)?;
    let code = CODES.iter().find_map(|name| match object.get(*name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    });
    Some(Words { code: words.code.or(code), ..words })
}

/// Returns the explanation of an error. An error that has no explanation of its own may contain one for each invalid
/// field.
fn of_error(error: &Value) -> Option<Words> {
    let fields = || {
        // Members that were searched already are skipped, because searching them again would double the work at each
        // level.
        let is_known = |name: &str| [CODES, WORDS, ERRORS, AROUND].iter().any(|names| names.contains(&name));
        let fields = error.as_object()?.iter().filter(|(name, _)| !is_known(name));
        let texts = fields.filter_map(|(name, value)| match value {
            Value::String(_) | Value::Array(_) => {
                let text = of(value)?.message;
                // A single word may be the rejected value itself.
                text.contains(' ').then(|| format!("{name}: {text}"))
            }
            _ => None,
        });
        let message = texts.collect::<Vec<_>>().join("; ");
        (!message.is_empty()).then_some(Words { message, code: None })
    };
    of(error).or_else(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_work_does_not_grow_with_the_depth_and_values_are_not_shown() {
        for (open, close) in [(r#"{"error":{"error":["#, "]}}"), (r#"{"error":{"message":["#, "]}}")] {
            let body = [open.repeat(42), close.repeat(42)].concat();
            assert_eq!(words(body.as_bytes()), None, "nested {open}");
        }
        assert_eq!(words(br#"{"error": {"password": "hunter2"}}"#), None);
        for name in AROUND {
            assert_eq!(words(format!("{{\"{name}\": [\"r00tpw-xyz\"]}}").as_bytes()), None, "{name}");
        }
    }

    #[test]
    fn the_explanation_is_found_in_every_usual_structure() {
        for (body, code) in [
            (r#"{"message": "no funds"}"#, None),
            (r#"{"msg": "no funds", "code": 17}"#, Some("17")),
            (r#"{"error": "no funds"}"#, None),
            (r#"{"error": ["no funds"]}"#, None),
            (r#"{"errors": ["no funds", {}]}"#, None),
            (r#"{"error": {"code": 17, "message": "no funds"}}"#, Some("17")),
            (r#"{"error": {"code": "E17", "msg": "no funds", "password": "x"}}"#, Some("E17")),
            (r#"{"message": "no funds", "code": "", "error_code": "E17"}"#, Some("E17")),
            (r#"{"error": {"message": {"text": 1, "msg": "no funds"}}}"#, None),
            (r#"{"error": {"error": {"message": "no funds"}}}"#, None),
            (r#"{"error": {"errors": [{"reason": "no funds", "code": 17}]}}"#, Some("17")),
            (r#"{"errors": [{"code": 17, "detail": "no funds"}]}"#, Some("17")),
            (r#"{"errors": [{"title": "No", "detail": "no funds"}]}"#, None),
            (r#"{"errors": {"error": "no funds"}}"#, None),
            (r#"{"errors": {"error": {"type": "billing", "message": "no funds"}}}"#, Some("billing")),
            (r#"{"error": "invalid_grant", "error_description": "no funds"}"#, None),
            (r#"{"type": "about:blank", "title": "Bad", "detail": "no funds"}"#, Some("about:blank")),
            (r#"{"fault": {"faultstring": "no funds", "detail": {"errorcode": "x"}}}"#, None),
            (r#"{"status": {"code": 17, "message": "no funds"}}"#, Some("17")),
            (r#"{"status": "error", "data": {"message": "no funds"}}"#, None),
            (r#"{"response": {"error": {"message": "no funds"}}}"#, None),
            (r#"{"result": {"errors": [{"message": "no funds"}]}}"#, None),
            (r#"{"meta": {"error_code": 17, "error_message": "no funds"}}"#, Some("17")),
            (r#"[{"message": "no funds"}]"#, None),
            (r#"{"exception": {"errorMessage": "no funds", "trace": ["x"]}}"#, None),
            (r#"{"body": {"details": ["no funds"]}}"#, None),
        ] {
            let expected = Words { message: "no funds".into(), code: code.map(str::to_owned) };
            assert_eq!(words(body.as_bytes()), Some(expected), "{body}");
        }
        let fields = words(br#"{"errors": {"name": ["is taken", "is long"], "size": "is odd", "code": 5}}"#);
        assert_eq!(fields.unwrap().message, "name: is taken; is long; size: is odd");
    }

    #[test]
    fn members_that_may_be_private_are_not_read() {
        for body in [
            r#"{"password": "hunter2"}"#,
            r#"{"data": "hunter2", "result": "fail", "status": "error"}"#,
            r#"{"data": {"token": "hunter2"}}"#,
            r#"{"error": {"user": {"password": "hunter2"}}}"#,
            r#""hunter2""#,
            r#"{"error": true, "message": null, "errors": []}"#,
            "hunter2",
            "",
        ] {
            assert_eq!(words(body.as_bytes()), None, "{body}");
        }
    }
}

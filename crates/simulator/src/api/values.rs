//! Parses the arguments of a control.

use std::time::Duration;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::base::Boot;
use crate::base::router::names;
use crate::world::disguises::Disguise;
use crate::world::faults::Fault;
use crate::world::injections::Moment;
use crate::world::providers::routes;

/// The arguments of one control.
#[derive(Debug)]
pub(super) struct Arguments(Map<String, Value>);

impl Arguments {
    pub(super) fn new(all: Map<String, Value>) -> Self {
        Self(all)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Returns an argument as a string. Numbers and booleans are converted, because a query contains only strings.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, String> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => Ok(Some(value.to_string())),
            Some(_) => Err(format!("'{name}' is not a string")),
        }
    }

    fn parsed<T>(
        &self,
        name: &str,
        wanted: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, String> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        parse(&text).map(Some).ok_or_else(|| format!("'{name}' is not {wanted}"))
    }

    pub(super) fn whole(&self, name: &str) -> Result<Option<u64>, String> {
        self.parsed(name, "a whole number", |text| text.parse().ok())
    }

    pub(super) fn status(&self, name: &str) -> Result<Option<u16>, String> {
        let is_status = |status: &u16| (200..600).contains(status);
        self.parsed(name, "an HTTP status from 200 to 599", |text| text.parse().ok().filter(is_status))
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, String> {
        self.parsed(name, "true or false", |text| text.parse().ok())
    }

    pub(super) fn amount(&self, name: &str) -> Result<Option<Decimal>, String> {
        self.parsed(name, "an amount", |text| text.parse().ok())
    }

    pub(super) fn boot(&self, name: &str) -> Result<Option<Boot>, String> {
        self.text(name)?.map(|text| text.parse()).transpose()
    }

    /// Returns a duration such as `40s`, `500ms` or `2h`.
    pub(super) fn duration(&self, name: &str) -> Result<Option<Duration>, String> {
        self.parsed(name, "a time like 500ms, 40s, 5m, 2h or 30d", |text| {
            let at = text.find(|char: char| !char.is_ascii_digit())?;
            let (number, unit) = text.split_at(at);
            let milliseconds = match unit {
                "ms" => 1,
                "s" => 1000,
                "m" => 60_000,
                "h" => 3_600_000,
                "d" => 86_400_000,
                _ => return None,
            };
            Some(Duration::from_millis(number.parse::<u64>().ok()?.checked_mul(milliseconds)?))
        })
    }

    pub(super) fn object(&self, name: &str) -> Result<Map<String, Value>, String> {
        match self.get(name) {
            None => Ok(Map::new()),
            Some(Value::Object(object)) => Ok(object.clone()),
            Some(_) => Err(format!("'{name}' is not a JSON object")),
        }
    }

    /// Returns the names of operations. Rejects names that no operation has.
    pub(super) fn operation(&self) -> Result<String, String> {
        let operation = need("operation", self.text("operation"))?;
        let routes = routes();
        if routes.iter().any(|(provider, route)| names(&operation, provider, Some(route.operation))) {
            return Ok(operation);
        }
        let own = operation.rsplit('/').next().unwrap_or_default();
        let nearest = routes.iter().map(|(_, route)| route.operation).max_by_key(|name| likeness(name, own));
        Err(format!("no operation is named '{operation}'; the nearest is {}", nearest.unwrap_or_default()))
    }

    pub(super) fn moment(&self) -> Result<Moment, String> {
        match need("moment", self.text("moment"))?.as_str() {
            "before" => Ok(Moment::Before),
            "after" => Ok(Moment::After),
            _ => Err("'moment' must be before or after".to_owned()),
        }
    }

    pub(super) fn disguise(&self) -> Result<Disguise, String> {
        let until = || need("until", self.boot("until"));
        match (self.flag("hidden")?.unwrap_or(false), self.get("fields").is_some()) {
            (true, false) => Ok(Disguise::Hidden(until()?)),
            (false, true) if self.get("until").is_none() => Ok(Disguise::Replaced(self.object("fields")?)),
            (false, true) => Ok(Disguise::Fields(self.object("fields")?, until()?)),
            _ => Err("give either 'hidden' or 'fields'".to_owned()),
        }
    }

    /// Returns the faults in the list `faults`, or the single fault that the other arguments describe.
    pub(super) fn faults(&self) -> Result<Vec<Fault>, String> {
        match self.get("faults") {
            None => Ok(vec![self.fault()?]),
            Some(Value::Array(rows)) => rows
                .iter()
                .map(|row| match row {
                    Value::String(kind) => {
                        Self(Map::from_iter([("kind".to_owned(), kind.clone().into())])).fault()
                    }
                    Value::Object(row) => Self(row.clone()).fault(),
                    _ => Err("'faults' is not a list of objects or kinds".to_owned()),
                })
                .collect(),
            Some(_) => Err("'faults' is not a list".to_owned()),
        }
    }

    fn fault(&self) -> Result<Fault, String> {
        let time = || need("time", self.duration("time"));
        let status = || need("status", self.status("status"));
        Ok(match need("kind", self.text("kind"))?.as_str() {
            "nothing" => Fault::Nothing,
            "latency" => Fault::Latency(time()?),
            "status" => Fault::Status {
                status: status()?,
                retry_after: self.text("retry_after")?,
                body: self.body().into(),
            },
            "reset-before" => Fault::ResetBefore,
            "reset-after" => Fault::ResetAfter,
            "reset-then-processed" => Fault::ResetThenProcessed(need("until", self.boot("until"))?),
            "slow-processing" => Fault::SlowProcessing(time()?),
            "truncated-body" => Fault::TruncatedBody,
            "stalled-body" => Fault::StalledBody,
            "oversized-body" => Fault::OversizedBody(need("bytes", self.whole("bytes"))?),
            "html" => Fault::Html(status()?),
            "html-after" => Fault::HtmlAfter(status()?),
            "body-after" => Fault::BodyAfter(self.body().into()),
            "challenge" => Fault::Challenge,
            "php-warning" => Fault::PhpWarning,
            other => return Err(format!("unknown fault '{other}'; use one of {}", FAULTS.join(", "))),
        })
    }

    /// Returns a string body unchanged, and any other JSON value in serialized form.
    fn body(&self) -> String {
        match self.get("body") {
            None => r#"{"message":"simulated failure"}"#.to_owned(),
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
        }
    }
}

/// Returns a required argument, or an error if it is missing.
pub(super) fn need<T>(name: &str, value: Result<Option<T>, String>) -> Result<T, String> {
    value?.ok_or_else(|| format!("'{name}' is missing"))
}

/// Returns how many characters two names have in common at the start and at the end.
fn likeness(one: &str, other: &str) -> usize {
    let start = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    start + one.bytes().rev().zip(other.bytes().rev()).take_while(|(a, b)| a == b).count()
}

/// The kinds of faults.
pub(super) const FAULTS: [&str; 15] = [
    "nothing",
    "latency",
    "status",
    "reset-before",
    "reset-after",
    "reset-then-processed",
    "slow-processing",
    "truncated-body",
    "stalled-body",
    "oversized-body",
    "html",
    "html-after",
    "body-after",
    "challenge",
    "php-warning",
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn arguments(value: Value) -> Arguments {
        Arguments(value.as_object().unwrap().clone())
    }

    #[test]
    fn every_listed_kind_of_fault_is_parsed() {
        for kind in FAULTS {
            let full = json!({"kind": kind, "time": "2s", "status": 503, "until": "3reads", "bytes": 9});
            assert!(arguments(full).faults().is_ok(), "{kind}");
        }
        let mixed = json!({"faults": ["challenge", {"kind": "latency", "time": "250ms"}]});
        let expected = vec![Fault::Challenge, Fault::Latency(Duration::from_millis(250))];
        assert_eq!(arguments(mixed).faults(), Ok(expected));
        let body = json!({"kind": "status", "status": 429, "retry_after": 2, "body": {"a": 1}});
        let status =
            Fault::Status { status: 429, retry_after: Some("2".to_owned()), body: "{\"a\":1}".into() };
        assert_eq!(arguments(body).faults(), Ok(vec![status]));
    }

    #[test]
    fn errors_name_the_invalid_argument() {
        for (given, complaint) in [
            (json!({}), "'kind' is missing"),
            (json!({"kind": "flood"}), "unknown fault 'flood'"),
            (json!({"kind": "latency"}), "'time' is missing"),
            (json!({"kind": "latency", "time": "soon"}), "'time' is not a time"),
            (json!({"kind": "html", "status": 99}), "'status' is not an HTTP status"),
            (json!({"kind": []}), "'kind' is not a string"),
            (json!({"faults": 7}), "'faults' is not a list"),
        ] {
            let error = arguments(given.clone()).faults().unwrap_err();
            assert!(error.starts_with(complaint), "{given}: {error}");
        }
    }
}

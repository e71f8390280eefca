//! Reads a request's parameters and collects what is wrong about them, to refuse all at once.

use std::ops::RangeInclusive;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::refusals;
use crate::base::{Reply, Request};

/// Sums beyond this are refused, so that no later sum can overflow.
const LARGEST_AMOUNT: u64 = 1_000_000_000;

/// The parameters of one request, or of one object inside it.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    values: Map<String, Value>,
    refused: Map<String, Value>,
}

impl Fields {
    /// From query and form; of two values under one name the first counts, the query's before the form's.
    pub(crate) fn form(request: &Request) -> Self {
        let body = if has_type(request, "application/json") { Vec::new() } else { request.form() };
        let mut fields = Self::default();
        for (name, value) in request.query.iter().cloned().chain(body) {
            fields.values.entry(name).or_insert(Value::String(value));
        }
        fields
    }

    /// From a JSON object; no body at all is an empty one.
    pub(crate) fn json(request: &Request) -> Result<Self, Reply> {
        if request.body.is_empty() {
            return Ok(Self::default());
        }
        if has_type(request, "application/x-www-form-urlencoded") {
            return Err(refusals::message(
                415,
                "Content type 'application/x-www-form-urlencoded' not supported",
            ));
        }
        match request.json() {
            Some(Value::Object(values)) => Ok(Self { values, refused: Map::new() }),
            _ => Err(refusals::message(400, "Malformed JSON request")),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// A value that was sent; the provider drops empty ones.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.values.get(name)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
            other => Some(other.to_string()),
        }
    }

    pub(crate) fn whole(&mut self, name: &str) -> Option<u64> {
        self.read(name, "whole number", |text| text.parse().ok())
    }

    pub(crate) fn uuid(&mut self, name: &str) -> Option<String> {
        self.read(name, "UUID", as_uuid)
    }

    /// The documentation writes `True` in its text and `true` in its samples.
    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        self.read(name, "boolean", |text| match text.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        })
    }

    /// A JSON object in a form's value.
    pub(crate) fn object(&mut self, name: &str) -> Option<Map<String, Value>> {
        self.read(name, "JSON", |text| serde_json::from_str(text).ok())
    }

    /// A list of JSON objects.
    pub(crate) fn list(&mut self, name: &str) -> Vec<Fields> {
        let objects: Option<Vec<Map<String, Value>>> =
            self.read(name, "JSON", |text| serde_json::from_str(text).ok());
        let fields = |values| Self { values, refused: Map::new() };
        objects.unwrap_or_default().into_iter().map(fields).collect()
    }

    pub(crate) fn need_text(&mut self, name: &str) -> String {
        let value = self.text(name);
        self.need(name, value)
    }

    pub(crate) fn need_whole(&mut self, name: &str) -> u64 {
        let value = self.whole(name);
        self.need(name, value)
    }

    pub(crate) fn need_uuid(&mut self, name: &str) -> String {
        let value = self.uuid(name);
        self.need(name, value)
    }

    pub(crate) fn need_flag(&mut self, name: &str) -> bool {
        let value = self.flag(name);
        self.need(name, value)
    }

    /// A positive sum of money in whole cents.
    pub(crate) fn need_amount(&mut self, name: &str) -> Decimal {
        let value = self.read(name, "decimal number", |text| amount(text).filter(|amount| !amount.is_zero()));
        self.need(name, value)
    }

    /// A sum of money in whole cents that may be zero.
    pub(crate) fn need_threshold(&mut self, name: &str) -> Decimal {
        let value = self.read(name, "decimal number", amount);
        self.need(name, value)
    }

    pub(crate) fn need_within(&mut self, name: &str, range: RangeInclusive<u64>) -> u64 {
        let value = self.whole(name);
        self.within(name, value, range);
        self.need(name, value)
    }

    /// Refuses a number outside of the range.
    pub(crate) fn within(&mut self, name: &str, value: Option<u64>, range: RangeInclusive<u64>) {
        if value.is_some_and(|value| !range.contains(&value)) {
            self.refuse(name, format!("Value must be between {} and {}", range.start(), range.end()));
        }
    }

    /// Refuses the absence of a value, unless it is absent because it was unreadable.
    pub(crate) fn need<T: Default>(&mut self, name: &str, value: Option<T>) -> T {
        if value.is_none() && !self.refused.contains_key(name) {
            self.refuse(name, format!("Required parameter '{name}' not supplied"));
        }
        value.unwrap_or_default()
    }

    pub(crate) fn refuse(&mut self, name: &str, reason: impl Into<String>) {
        self.refused.insert(name.to_owned(), Value::String(reason.into()));
    }

    /// Refuses the request with everything that was wrong about it.
    pub(crate) fn finish(self) -> Result<(), Reply> {
        if self.refused.is_empty() { Ok(()) } else { Err(refusals::parameters(&self.refused.into())) }
    }

    fn read<T>(&mut self, name: &str, wanted: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.text(name)?;
        let parsed = parse(&text);
        if parsed.is_none() {
            self.refuse(name, format!("Invalid {wanted} provided"));
        }
        parsed
    }
}

fn amount(text: &str) -> Option<Decimal> {
    let amount: Decimal = text.parse().ok()?;
    let fits = amount >= Decimal::ZERO && amount <= LARGEST_AMOUNT.into() && amount.normalize().scale() <= 2;
    fits.then_some(amount)
}

/// A UUID in lower case; `None` where the text is none.
pub(crate) fn as_uuid(text: &str) -> Option<String> {
    let lengths = text.split('-').map(str::len);
    let digits = text.chars().all(|char| char == '-' || char.is_ascii_hexdigit());
    (digits && lengths.eq([8, 4, 4, 4, 12])).then(|| text.to_ascii_lowercase())
}

fn has_type(request: &Request, wanted: &str) -> bool {
    request.header("content-type").is_some_and(|sent| sent.to_ascii_lowercase().starts_with(wanted))
}

#[cfg(test)]
mod tests {
    use crate::elastis::testing::Lab;
    use serde_json::json;

    const BALANCERS: &str = "/v1/network/load_balancers";

    #[test]
    fn a_body_in_the_wrong_language_is_not_understood() {
        let mut lab = Lab::new();
        let vm = lab.new_vm("billing_account_id=6");
        assert_eq!(lab.status("POST", BALANCERS, "targets=%5B%5D"), 415);
        let (status, body) = lab.json("POST", "/v1/user-resource/vm/stop", &json!({"uuid": vm}));
        assert_eq!(status, 400);
        assert_eq!(body["errors"]["uuid"], "Required parameter 'uuid' not supplied");
        for malformed in ["{", "[]", "7", "{\"targets\": []}x"] {
            let reply = lab.send("POST", BALANCERS, Some("application/json"), malformed);
            assert_eq!(reply.status, 400, "{malformed}");
        }
    }

    #[test]
    fn numbers_and_booleans_are_understood_as_texts_too() {
        let mut lab = Lab::new();
        let body = json!({
            "billing_account_id": "6",
            "reserve_public_ip": "False",
            "rules": [{"source_port": "80", "target_port": 8080}],
            "targets": null,
            "display_name": "",
        });
        let balancer = lab.ok_json("POST", BALANCERS, &body);
        assert_eq!(balancer["forwarding_rules"][0]["source_port"], 80);
        assert!(balancer.get("display_name").is_none());
        assert_eq!(lab.ok("GET", "/v1/network/ip_addresses", ""), json!([]));
        let (_, body) = lab.json("POST", BALANCERS, &json!({"reserve_public_ip": "maybe", "targets": []}));
        assert_eq!(body["errors"], json!({"reserve_public_ip": "Invalid boolean provided"}));
    }

    #[test]
    fn a_uuid_is_the_same_in_either_case_and_in_query_or_form() {
        let mut lab = Lab::new();
        let vm = lab.new_vm("billing_account_id=6").to_uppercase();
        assert_eq!(lab.status("POST", &format!("/v1/user-resource/vm/stop?uuid={vm}"), ""), 200);
        assert_eq!(lab.status("POST", "/v1/user-resource/vm/start", &format!("uuid={vm}")), 200);
        assert_eq!(lab.status("POST", "/v1/user-resource/vm/start", &format!("uuid={vm}0")), 400);
    }

    #[test]
    fn a_number_below_zero_or_beyond_64_bits_is_no_whole_number() {
        for number in ["-1", "1.5", "18446744073709551616", "0x10"] {
            let form = format!("billing_account_id={number}&size_gb=1");
            let (status, body) = Lab::new().form("POST", "/v1/storage/disks", &form);
            assert_eq!(status, 400, "{number}");
            assert_eq!(body["errors"], json!({"billing_account_id": "Invalid whole number provided"}));
        }
    }
}

//! Reads a request's parameters, and collects all errors to return them together.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::errors;
use crate::base::{Request, Response, pairs};

const FORM: &str = "application/x-www-form-urlencoded";
/// The largest accepted amount. It keeps sums of amounts from overflowing.
const LARGEST_AMOUNT: u64 = 1_000_000_000;

/// The parameters of one request, or of one object inside it.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    values: Map<String, Value>,
    refused: Map<String, Value>,
    /// The parameters whose value in the form contains an unescaped comma, which turns the value into a list.
    split: BTreeSet<String>,
}

impl Fields {
    /// Returns the parameters in the query, the form and the JSON body. If a name appears in several of them, the first
    /// in this order is used.
    pub(crate) fn any(request: &Request) -> Self {
        let mut fields = Self::form(request);
        if !has_type(request, FORM)
            && let Some(Value::Object(values)) = request.json()
        {
            for (name, value) in values {
                fields.values.entry(name).or_insert(value);
            }
        }
        fields
    }

    /// Returns the parameters in the query and the form, for the endpoints below `storage/disks`.
    pub(crate) fn form(request: &Request) -> Self {
        let mut fields = Self::default();
        let is_json = has_type(request, "application/json");
        let body = if is_json { "".into() } else { String::from_utf8_lossy(&request.body) };
        for raw in body.split('&').filter(|raw| raw.contains(',')) {
            fields.split.extend(pairs(raw).into_iter().map(|(name, _)| name));
        }
        for (name, value) in request.query.iter().cloned().chain(pairs(&body)) {
            fields.values.entry(name).or_insert(Value::String(value));
        }
        fields
    }

    /// Returns the parameters in a JSON object and the query. A missing body is treated as an empty object.
    pub(crate) fn json(request: &Request) -> Result<Self, Response> {
        if !request.body.is_empty() && has_type(request, FORM) {
            return Err(errors::message(
                415,
                "Content type 'application/x-www-form-urlencoded' not supported",
            ));
        }
        let mut values = match request.json() {
            _ if request.body.is_empty() => Map::new(),
            Some(Value::Object(values)) => values,
            _ => return Err(errors::message(400, "Malformed JSON request")),
        };
        for (name, value) in request.query.iter().cloned() {
            values.entry(name).or_insert(Value::String(value));
        }
        Ok(Self { values, ..Self::default() })
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Returns a string parameter if it was sent and is not empty; the provider ignores empty strings.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        let is_text = |value: &Value| matches!(value, Value::Null | Value::String(_));
        if self.split.contains(name) || self.values.get(name).is_some_and(|value| !is_text(value)) {
            self.refuse(name, "Invalid text value provided");
            return None;
        }
        self.sent(name)
    }

    pub(crate) fn is_sent(&self, name: &str) -> bool {
        self.sent(name).is_some()
    }

    /// Returns the string form of a value of any type.
    fn sent(&self, name: &str) -> Option<String> {
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

    /// Returns a boolean parameter. The documentation uses both `True` and `true`.
    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        self.read(name, "boolean", |text| match text.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        })
    }

    /// Returns a JSON object, or the object encoded in a JSON string.
    pub(crate) fn object(&mut self, name: &str) -> Option<Map<String, Value>> {
        self.read(name, "JSON", |text| serde_json::from_str(text).ok())
    }

    /// Returns a list of JSON objects.
    pub(crate) fn list(&mut self, name: &str) -> Vec<Fields> {
        let objects: Option<Vec<Map<String, Value>>> =
            self.read(name, "JSON", |text| serde_json::from_str(text).ok());
        let fields = |values| Self { values, ..Self::default() };
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

    /// Returns a positive amount of money in whole cents.
    pub(crate) fn need_amount(&mut self, name: &str) -> Decimal {
        self.need_sum(name, Decimal::new(1, 2))
    }

    /// Returns an amount of money in whole cents, which may be zero.
    pub(crate) fn need_threshold(&mut self, name: &str) -> Decimal {
        self.need_sum(name, Decimal::ZERO)
    }

    fn need_sum(&mut self, name: &str, least: Decimal) -> Decimal {
        let value: Option<Decimal> = self.read(name, "decimal number", |text| text.parse().ok());
        let fits = |value: &Decimal| {
            (least..=LARGEST_AMOUNT.into()).contains(value) && value.normalize().scale() <= 2
        };
        if value.is_some_and(|value| !fits(&value)) {
            self.refuse(
                name,
                format!("Value must be between {least} and {LARGEST_AMOUNT} with two decimals"),
            );
        }
        self.need(name, value)
    }

    pub(crate) fn need_within(&mut self, name: &str, range: RangeInclusive<u64>) -> u64 {
        let value = self.whole(name);
        self.within(name, value, range);
        self.need(name, value)
    }

    /// Rejects a number outside the range.
    pub(crate) fn within(&mut self, name: &str, value: Option<u64>, range: RangeInclusive<u64>) {
        if value.is_some_and(|value| !range.contains(&value)) {
            self.refuse(name, format!("Value must be between {} and {}", range.start(), range.end()));
        }
    }

    /// Rejects a missing value, unless an error about it has already been collected.
    pub(crate) fn need<T: Default>(&mut self, name: &str, value: Option<T>) -> T {
        if value.is_none() && !self.refused.contains_key(name) {
            self.refuse(name, format!("Required parameter '{name}' not supplied"));
        }
        value.unwrap_or_default()
    }

    pub(crate) fn refuse(&mut self, name: &str, reason: impl Into<String>) {
        self.refused.insert(name.to_owned(), Value::String(reason.into()));
    }

    /// Returns the result of `read`, or an error response if reading has collected errors.
    pub(crate) fn only<T>(mut self, read: impl FnOnce(&mut Self) -> T) -> Result<T, Response> {
        let value = read(&mut self);
        self.finish().map(|()| value)
    }

    /// Rejects the request if errors have been collected.
    pub(crate) fn finish(self) -> Result<(), Response> {
        if self.refused.is_empty() { Ok(()) } else { Err(errors::parameters(&self.refused.into())) }
    }

    fn read<T>(&mut self, name: &str, wanted: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.sent(name)?;
        let parsed = parse(&text);
        if parsed.is_none() {
            self.refuse(name, format!("Invalid {wanted} provided"));
        }
        parsed
    }
}

/// Returns a UUID in lower case, or `None` if the string is not a UUID.
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
    fn a_malformed_body_and_a_form_for_json_are_rejected() {
        let mut lab = Lab::new();
        assert_eq!(lab.status("POST", BALANCERS, "targets=%5B%5D"), 415);
        for malformed in ["{", "[]", "7", "{\"targets\": []}x"] {
            let response = lab.send("POST", BALANCERS, Some("application/json"), malformed);
            assert_eq!(response.status, 400, "{malformed}");
        }
    }

    #[test]
    fn form_parameters_are_also_read_from_json_except_for_disks() {
        let mut lab = Lab::new();
        let body = json!({
            "name": "web-1", "os_name": "ubuntu", "os_version": "20.04", "disks": 20, "vcpu": 2, "ram": 2048,
            "username": "example", "password": "Password123", "billing_account_id": 6, "backup": false,
            "cloud_init": {"runcmd": ["/firstboot"]},
        });
        let vm = lab.ok_json("POST", "/v1/user-resource/vm", &body)["uuid"].clone();
        assert_eq!(
            lab.json("POST", "/v1/user-resource/vm/stop", &json!({"uuid": vm})).1["status"],
            "stopped"
        );
        let (status, body) =
            lab.json("POST", "/v1/storage/disks", &json!({"size_gb": 5, "billing_account_id": 6}));
        assert_eq!((status, body["errors"].as_object().unwrap().len()), (400, 2));
    }

    #[test]
    fn a_string_is_a_json_string_or_a_form_value_without_commas() {
        let mut lab = Lab::new();
        for text in [json!({}), json!([1]), json!(true), json!(5)] {
            let (status, body) = lab.json("POST", BALANCERS, &json!({"display_name": text, "targets": []}));
            assert_eq!(
                (status, &body["errors"]),
                (400, &json!({"display_name": "Invalid text value provided"}))
            );
        }
        let profile = "/v1/user-resource/user/profile";
        let (status, body) = lab.form("PATCH", profile, "first_name=a,b");
        assert_eq!((status, &body["errors"]), (400, &json!({"first_name": "Invalid text value provided"})));
        assert_eq!(lab.ok("PATCH", profile, "first_name=a%2Cb+c")["first_name"], "a,b c");
        let uuid = lab.ok_json("POST", BALANCERS, &json!({"targets": []}))["uuid"].clone();
        let payer = format!("{BALANCERS}/{}/billing_account?set_id=129072", uuid.as_str().unwrap());
        assert_eq!(lab.ok("PUT", &payer, "")["billing_account_id"], 129_072, "in the query");
    }

    #[test]
    fn numbers_and_booleans_may_be_sent_as_strings() {
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
    fn negative_numbers_and_those_beyond_64_bits_are_rejected() {
        for number in ["-1", "1.5", "18446744073709551616", "0x10"] {
            let form = format!("billing_account_id={number}&size_gb=1");
            let (status, body) = Lab::new().form("POST", "/v1/storage/disks", &form);
            assert_eq!(status, 400, "{number}");
            assert_eq!(body["errors"], json!({"billing_account_id": "Invalid whole number provided"}));
        }
    }
}

//! Reading a request's parameters from query or form, and refusing all bad ones at once.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use crate::provider::{Reply, Request};

/// Sums beyond this are refused, so that no later sum can overflow.
const LARGEST_AMOUNT: u64 = 1_000_000_000;

/// The parameters of one request, with what is wrong about them so far.
pub(super) struct Arguments<'a> {
    request: &'a Request,
    refused: Map<String, Value>,
}

impl<'a> Arguments<'a> {
    pub(super) fn new(request: &'a Request) -> Self {
        Self { request, refused: Map::new() }
    }

    /// A value that was sent; the provider drops empty ones.
    pub(super) fn optional(&self, name: &str) -> Option<String> {
        self.request.value(name).filter(|value| !value.is_empty())
    }

    pub(super) fn text(&mut self, name: &str) -> String {
        self.required(name, "text", |text| Some(text.to_owned()))
    }

    pub(super) fn whole(&mut self, name: &str) -> u64 {
        self.required(name, "whole number", |text| text.parse().ok())
    }

    pub(super) fn boolean(&mut self, name: &str) -> bool {
        self.required(name, "boolean", boolean)
    }

    /// A positive sum of money in whole cents.
    pub(super) fn amount(&mut self, name: &str) -> Decimal {
        self.required(name, "decimal number", |text| amount(text).filter(|amount| !amount.is_zero()))
    }

    /// A sum of money in whole cents that may be zero.
    pub(super) fn threshold(&mut self, name: &str) -> Decimal {
        self.required(name, "decimal number", amount)
    }

    pub(super) fn uuid(&mut self, name: &str) -> String {
        self.required(name, "UUID", |text| is_uuid(text).then(|| text.to_ascii_lowercase()))
    }

    /// Refuses a value that was readable and makes no sense.
    pub(super) fn refuse(&mut self, name: &str, message: String) {
        self.refused.insert(name.to_owned(), message.into());
    }

    /// Everything that was wrong, parameter by parameter.
    pub(super) fn finish(self) -> Result<(), Reply> {
        if self.refused.is_empty() {
            return Ok(());
        }
        Err(Reply::json(400, &json!({"errors": self.refused})))
    }

    fn required<T: Default>(&mut self, name: &str, wanted: &str, parse: impl Fn(&str) -> Option<T>) -> T {
        let value = self.optional(name);
        let parsed = value.as_deref().and_then(parse);
        if parsed.is_none() {
            self.refuse(
                name,
                match value {
                    Some(_) => format!("Invalid {wanted} provided"),
                    None => format!("Required parameter '{name}' not supplied"),
                },
            );
        }
        parsed.unwrap_or_default()
    }
}

/// The documentation writes `True`, its forms `true`.
fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

fn amount(text: &str) -> Option<Decimal> {
    let amount: Decimal = text.parse().ok()?;
    let fits = amount >= Decimal::ZERO && amount <= LARGEST_AMOUNT.into() && amount.normalize().scale() <= 2;
    fits.then_some(amount)
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<_> = text.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Simulated, errors};

    #[test]
    fn every_missing_or_malformed_parameter_is_named_in_one_refusal() {
        let reply = Simulated::new().call("credit.buy", "payment_object_id=six&amount=-1");
        assert_eq!(reply.status, 400);
        let errors = errors(&reply);
        assert_eq!(errors["billing_account_id"], "Required parameter 'billing_account_id' not supplied");
        assert_eq!(errors["payment_object_id"], "Invalid whole number provided");
        assert_eq!(errors["amount"], "Invalid decimal number provided");
    }

    #[test]
    fn an_empty_value_counts_as_not_sent() {
        let reply = Simulated::new().call("invoice.get", "invoice_id=");
        assert_eq!(errors(&reply)["invoice_id"], "Required parameter 'invoice_id' not supplied");
    }

    #[test]
    fn a_fraction_of_a_cent_or_an_absurd_sum_is_no_amount() {
        for amount in ["0.001", "0", "1e9999", "79228162514264337593543950335"] {
            let reply = Simulated::new()
                .call("credit.request_invoice", &format!("billing_account_id=6&amount={amount}"));
            assert_eq!(errors(&reply)["amount"], "Invalid decimal number provided", "{amount}");
        }
    }

    #[test]
    fn a_parameter_is_found_in_the_query_as_well_as_in_the_form() {
        let mut simulated = Simulated::new();
        let by_query = simulated.query("credit.list", "billing_account_id=6");
        let by_form = simulated.call("credit.list", "billing_account_id=6");
        assert_eq!(by_query.status, 200);
        assert_eq!(by_query.body, by_form.body);
    }
}

//! Exact amounts of money, their rounding and their form as JSON numbers.

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};

/// Rounds to cents, with half a cent rounded away from zero.
pub(super) fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// Rounds up to cents, as the provider does with the sum of an invoice's records.
fn cents_up(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::AwayFromZero)
}

/// Returns an amount as a JSON number in the provider's form: `52`, `2.0`, `0.0000342`.
pub(super) fn number(amount: Decimal) -> Value {
    let text = amount.to_string();
    match text.parse::<i64>() {
        Ok(whole) => whole.into(),
        // Adding zero turns a negative zero into a positive one.
        Err(_) => text.parse::<f64>().map_or(Value::Null, |amount| (amount + 0.0).into()),
    }
}

/// The totals of an invoice, or of the current month.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Totals {
    pub(super) subtotal: Decimal,
    pub(super) discount: Decimal,
    /// The credit that is deducted before VAT, as a negative amount or zero.
    pub(super) credit: Decimal,
    pub(super) vat: Decimal,
    pub(super) total: Decimal,
}

impl Totals {
    /// Calculates the totals. The deducted credit is at most `credit`, and at most the net amount.
    pub(super) fn new(sum: Decimal, discount_percentage: u32, credit: Decimal, vat_percentage: u32) -> Self {
        let subtotal = cents_up(sum);
        let discount = cents(subtotal * Decimal::new(discount_percentage.into(), 2));
        let credit = -credit.clamp(Decimal::ZERO, subtotal - discount);
        let net = subtotal - discount + credit;
        let vat = cents(net * Decimal::new(vat_percentage.into(), 2));
        Self { subtotal, discount, credit, vat, total: net + vat }
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "subtotal": number(self.subtotal),
            "discount_amount": number(self.discount),
            "credit": number(self.credit),
            "vat_tax": number(self.vat),
            "total": number(self.total),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn totals_agree_with_every_documented_invoice() {
        for (sum, discount, credit, expected) in [
            ("1.22231", 10, "0.10", ["1.23", "0.12", "-0.10", "0.20", "1.21"]),
            ("1.22231", 0, "0", ["1.23", "0", "0", "0.25", "1.48"]),
            ("2.9568", 0, "0", ["2.96", "0", "0", "0.59", "3.55"]),
            ("22.88609", 0, "0", ["22.89", "0", "0", "4.58", "27.47"]),
            ("2.352", 0, "0", ["2.36", "0", "0", "0.47", "2.83"]),
            ("21.75566", 0, "0", ["21.76", "0", "0", "4.35", "26.11"]),
        ] {
            let totals = Totals::new(decimal(sum), discount, decimal(credit), 20);
            let found = [totals.subtotal, totals.discount, totals.credit, totals.vat, totals.total];
            assert_eq!(found, expected.map(decimal), "{sum}");
        }
    }

    #[test]
    fn credit_deducts_no_more_than_the_amount_due() {
        let totals = Totals::new(decimal("5"), 0, decimal("9"), 20);
        assert_eq!((totals.credit, totals.vat, totals.total), (decimal("-5"), Decimal::ZERO, Decimal::ZERO));
    }

    #[test]
    fn numbers_keep_their_digits_and_whole_numbers_stay_whole() {
        for text in ["52", "2.0", "59.96", "-3.44", "0.001645"] {
            assert_eq!(number(decimal(text)).to_string(), text);
        }
        assert_eq!(number(decimal("0.0000342")), json!(3.42e-05));
    }
}

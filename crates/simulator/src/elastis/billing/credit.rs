//! Prepaid credit: purchases and spending.
use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use super::ledger::{Billing, BillingCall, JsonAnswer, payment_error, success};
use super::state::account;
use super::state::credit_record::CreditRecord;
use super::state::invoice::Record;
use crate::elastis::wire::errors::forbidden;

impl Billing {
    pub(super) fn seed_credit(&mut self) {
        let created = account::created();
        self.record_credit(account::DEFAULT, Decimal::new(20, 1), created, "First billing account");
        self.record_credit(account::SECOND, Decimal::new(100, 1), created, "First billing account");
    }

    /// Lists the movements of an account's credit, newest first.
    pub(super) fn list_credit(&self, call: &BillingCall<'_>) -> JsonAnswer {
        let account = self.visible(call.whole("billing_account_id")?, call.caller)?.id;
        let rows = self.credit.iter().enumerate().rev().filter(|(_, record)| record.account == account);
        Ok(rows.map(|(index, record)| record.json(index + 1)).collect())
    }

    pub(super) fn buy_credit(&mut self, call: &BillingCall<'_>) -> JsonAnswer {
        let mut fields = call.fields();
        let account = fields.need_whole("billing_account_id");
        let card = fields.need_whole("payment_object_id");
        let amount = fields.need_amount("amount");
        fields.finish()?;
        let account = self.open(account, call.caller)?;
        let card = self.payment_objects.get(&card).filter(|card| card.account == account);
        if !card.ok_or_else(forbidden)?.can_charge() {
            return Err(payment_error("Payment method is not verified."));
        }
        self.top_up(account, amount, call.now, "Credit top up");
        Ok(success())
    }

    /// Issues an invoice for credit. The credit is added when the invoice is paid.
    pub(super) fn request_credit_invoice(&mut self, call: &BillingCall<'_>) -> JsonAnswer {
        let mut fields = call.fields();
        let account = fields.need_whole("billing_account_id");
        let amount = fields.need_amount("amount");
        fields.finish()?;
        let account = self.open(account, call.caller)?;
        let record = Record { name: "Credit top up".into(), price: amount, quantity: 1, unit: "pcs" };
        let period = call.now..call.now + TimeDelta::days(14);
        let invoice = self.issue(account, period, call.now, vec![record]);
        if let Some(invoice) = invoice {
            // Credit is sold without VAT. VAT is charged when the credit is spent.
            invoice.vat_percentage = 0;
            invoice.discount_percentage = 0;
            invoice.top_up = Some(amount);
        }
        Ok(success())
    }

    /// Returns the remaining credit of an account.
    pub(super) fn credit_of(&self, account: u64) -> Decimal {
        self.credit.iter().filter(|record| record.account == account).map(|record| record.amount).sum()
    }

    /// Adds purchased credit, and counts it towards the account's promotion.
    pub(crate) fn top_up(&mut self, account: u64, amount: Decimal, now: DateTime<Utc>, why: &'static str) {
        self.record_credit(account, amount, now, why);
        if let Some(account) = self.accounts.get_mut(&account) {
            account.topped_up += amount;
        }
    }

    pub(super) fn record_credit(
        &mut self,
        account: u64,
        amount: Decimal,
        created: DateTime<Utc>,
        description: &'static str,
    ) {
        self.credit.push(CreditRecord { account, amount, created: created.timestamp(), description });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::Simulated;

    #[test]
    fn credit_is_bought_only_with_a_verified_card_of_the_account() {
        let mut simulated = Simulated::new();
        let mut buy = |form: &str| simulated.call("credit.buy", &format!("{form}&amount=100.00")).status;
        assert_eq!(buy("billing_account_id=129072&payment_object_id=6"), 403);
        assert_eq!(buy("billing_account_id=6&payment_object_id=99"), 403);
        assert_eq!(buy("billing_account_id=6&payment_object_id=6"), 200);
        let card = simulated.ok("card.add", "billing_account_id=6&token=tok_unverified_visa");
        let form = format!("billing_account_id=6&amount=5&payment_object_id={}", card["id"]);
        assert_eq!(simulated.error("credit.buy", &form), "Payment method is not verified.");
        let account = simulated.ok("billing_account.get", "billing_account_id=6");
        assert_eq!(account["credit_amount"], json!(102.0));
        assert_eq!(account["eligible_promotions"][0]["top_up_done"], json!(102.0));
    }

    #[test]
    fn credit_is_listed_newest_first_including_its_spending() {
        let credit = Simulated::new().ok("credit.list", "billing_account_id=129072");
        assert_eq!(credit[0]["amount"], json!(-2.83));
        assert_eq!(credit[0]["description"], "Invoice payment");
        assert_eq!(credit[1]["amount"], json!(10.0));
        assert!(credit[0]["id"].as_u64() > credit[1]["id"].as_u64());
    }

    #[test]
    fn an_invoice_for_credit_adds_the_credit_when_it_is_paid() {
        let mut simulated = Simulated::new();
        let credit = |simulated: &mut Simulated| {
            simulated.ok("billing_account.get", "billing_account_id=6")["credit_amount"].clone()
        };
        simulated.ok("credit.request_invoice", "billing_account_id=6&amount=100");
        let invoice = simulated.ok("invoice.list", "billing_account_id=6")[0].clone();
        assert_eq!((&invoice["totals"]["total"], &invoice["status"]), (&json!(100), &json!(5)));
        assert_eq!(credit(&mut simulated), json!(2.0));
        simulated.ok("invoice.pay", &format!("invoice_id={}", invoice["id"]));
        assert_eq!(credit(&mut simulated), json!(102.0));
    }

    #[test]
    fn credit_cannot_pay_for_credit() {
        let mut simulated = Simulated::new();
        simulated.ok("credit.request_invoice", "billing_account_id=129072&amount=5");
        let invoice = simulated.ok("invoice.list", "billing_account_id=129072")[0]["id"].clone();
        let refused = simulated.error("invoice.pay", &format!("invoice_id={invoice}"));
        assert_eq!(refused, "Billing account has no verified payment method.");
    }
}

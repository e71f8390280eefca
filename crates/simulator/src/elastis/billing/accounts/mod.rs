//! Billing accounts: their details, the default one, and automatic top-ups.
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::ledger::{Billing, BillingCall, JsonAnswer, payment_error, success};
use super::money::{Totals, number};
use super::state::account::{BillingAccount, PROFILE, Recurring, created};
use crate::base::Response;
use crate::elastis::wire::caller::Caller;
use crate::elastis::wire::errors::incorrect_account;
use crate::elastis::wire::fields::Fields;

impl Billing {
    pub(super) fn get_account(&self, call: &BillingCall<'_>) -> JsonAnswer {
        let account = self.known(call.whole("billing_account_id")?, call.caller)?;
        Ok(self.details(account, call.now))
    }

    pub(super) fn list_accounts(&self, call: &BillingCall<'_>) -> Value {
        let with_deleted = call.request.value("show_shadow").is_some();
        let shown = self
            .accounts
            .values()
            .filter(|account| account.is_open_to(call.caller) && (with_deleted || !account.is_deleted));
        shown.map(|account| self.details(account, call.now)).collect()
    }

    pub(super) fn update_account(&mut self, call: &BillingCall<'_>) -> JsonAnswer {
        let mut fields = call.fields();
        let id = fields.need_whole("billing_account_id");
        let flag = "send_invoice_email";
        let send_invoice_email = fields.text(flag).is_some() && fields.need_flag(flag);
        let sent = PROFILE.iter().filter_map(|name| Some((*name, fields.text(name)?))).collect();
        let email = fields.text("email");
        fields.finish()?;
        let id = self.live(id, call.caller)?.id;
        if let Some(account) = self.accounts.get_mut(&id) {
            account.profile = sent;
            account.send_invoice_email = send_invoice_email;
            if let Some(email) = email {
                account.email = email;
            }
        }
        self.known(id, call.caller).map(|account| self.details(account, call.now))
    }

    pub(super) fn delete_account(&mut self, call: &BillingCall<'_>) -> JsonAnswer {
        let id = self.live(call.whole("billing_account_id")?, call.caller)?.id;
        if self.unpaid_of(id) > Decimal::ZERO {
            return Err(payment_error("Billing account has unpaid invoices."));
        }
        if call.resources.iter().any(|resource| resource.billing_account_id == id) {
            return Err(payment_error("Billing account has active resources."));
        }
        let mut others = self
            .accounts
            .values()
            .filter(|other| other.user_id == call.caller.user_id && other.id != id && !other.is_deleted);
        let Some(other) = others.next().map(|other| other.id) else {
            return Err(payment_error("The last billing account can not be deleted."));
        };
        if self.default_account == id {
            self.default_account = other;
        }
        if let Some(account) = self.accounts.get_mut(&id) {
            account.is_deleted = true;
            account.recurring.is_enabled = false;
        }
        Ok(success())
    }

    pub(super) fn set_default_account(&mut self, call: &BillingCall<'_>) -> JsonAnswer {
        self.default_account = self.live(call.whole("billing_account_id")?, call.caller)?.id;
        Ok(success())
    }

    pub(super) fn unpaid_amount(&self, call: &BillingCall<'_>) -> JsonAnswer {
        let account = self.known(call.whole("billing_account_id")?, call.caller)?;
        Ok(json!({"message": number(self.unpaid_of(account.id))}))
    }

    pub(super) fn set_recurring_payment(&mut self, call: &BillingCall<'_>) -> JsonAnswer {
        let mut fields = call.fields();
        let is_enabled = fields.need_flag("is_recurring_payment_enabled");
        // Disabling recurring payment requires no amounts. Amounts that are not sent stay the same.
        let wanted = |fields: &Fields, name| is_enabled || fields.is_sent(name);
        let (amount, threshold) = ("recurring_payment_amount", "recurring_payment_threshold");
        let amount = wanted(&fields, amount).then(|| fields.need_amount(amount));
        let threshold = wanted(&fields, threshold).then(|| fields.need_threshold(threshold));
        let id = call.parameters.get("billing_account_id").parse();
        if id.is_err() {
            fields.refuse("billing_account_id", "Invalid whole number provided".to_owned());
        }
        fields.finish()?;
        let id = self.live(id.unwrap_or_default(), call.caller)?.id;
        if is_enabled && self.charged_card(id).is_none() {
            return Err(payment_error("Billing account has no payment method for automated payments."));
        }
        if let Some(BillingAccount { recurring, .. }) = self.accounts.get_mut(&id) {
            *recurring = Recurring {
                is_enabled,
                amount: amount.unwrap_or(recurring.amount),
                threshold: threshold.unwrap_or(recurring.threshold),
                was_above: true,
            };
        }
        let triggered = self.top_up_if_due(id, call.now);
        let account = self.known(id, call.caller)?;
        let report = json!({"triggered": triggered, "errors": []});
        Ok(json!({"payment_report": report, "account": self.details(account, call.now)}))
    }

    /// Makes the automatic payments that have become due since the last call.
    pub(super) fn top_up_where_due(&mut self, now: DateTime<Utc>) {
        for id in self.accounts.keys().copied().collect::<Vec<_>>() {
            self.top_up_if_due(id, now);
        }
    }

    fn top_up_if_due(&mut self, id: u64, now: DateTime<Utc>) -> bool {
        let Some(BillingAccount { recurring, .. }) = self.accounts.get(&id) else { return false };
        if !recurring.is_enabled {
            return false;
        }
        let (amount, threshold, was_above) = (recurring.amount, recurring.threshold, recurring.was_above);
        let due = was_above && self.ongoing(id, now) < threshold && self.charged_card(id).is_some();
        if due {
            self.top_up(id, amount, now, "Recurring payment");
        }
        // A payment that could not be charged to a card stays due.
        let was_above = self.ongoing(id, now) >= threshold || was_above && !due;
        if let Some(account) = self.accounts.get_mut(&id) {
            account.recurring.was_above = was_above;
        }
        due
    }

    /// Returns the id of a visible account if it still accepts payments.
    pub(super) fn open(&self, id: u64, caller: Caller) -> Result<u64, Response> {
        let account = self.visible(id, caller)?;
        if account.is_deleted { Err(incorrect_account()) } else { Ok(account.id) }
    }

    /// Returns an account by its id, if the account is not deleted.
    pub(super) fn live(&self, id: u64, caller: Caller) -> Result<&BillingAccount, Response> {
        self.known(id, caller)
            .and_then(|account| if account.is_deleted { Err(incorrect_account()) } else { Ok(account) })
    }

    fn running(&self, account: &BillingAccount, now: DateTime<Utc>) -> Totals {
        let cost = self.cost_of_month(account.id, now);
        Totals::new(cost, account.discount_percentage, self.credit_of(account.id), account.vat_percentage)
    }

    /// Returns the credit minus the costs of the month so far; negative if the costs exceed the credit.
    fn ongoing(&self, id: u64, now: DateTime<Utc>) -> Decimal {
        let totals = self.accounts.get(&id).map(|account| self.running(account, now));
        totals.map_or(Decimal::ZERO, |totals| self.credit_of(id) + totals.credit - totals.total)
    }

    fn details(&self, account: &BillingAccount, now: DateTime<Utc>) -> Value {
        let id = account.id;
        let (credit, totals) = (self.credit_of(id), self.running(account, now));
        let can_pay = self.charged_card(id).is_some() || credit > Decimal::ZERO;
        let promotion = json!({
            "credit_type": "referral_receiver",
            "amount": number(Decimal::new(170, 1)),
            "top_up_requirement": number(Decimal::new(500, 1)),
            "top_up_done": number(account.topped_up),
        });
        let mut details = json!({
            "allow_debt": false,
            "can_pay": can_pay,
            "created": created().timestamp(),
            "credit_amount": number(credit),
            "discount_percentage": account.discount_percentage,
            "eligible_promotions": if account.has_promotion { vec![promotion] } else { Vec::new() },
            "email": account.email,
            "id": id,
            "is_active": !account.is_deleted,
            "is_default": self.default_account == id,
            "is_deleted": account.is_deleted,
            "is_recurring_payment_enabled": account.recurring.is_enabled,
            "paying_by_invoice": false,
            "primary_card": self.primary_card(id),
            "recurring_payment_amount": number(account.recurring.amount),
            "recurring_payment_threshold": number(account.recurring.threshold),
            "referral_share_code": format!("ref{id:06}"),
            "reseller": "Warren",
            "restriction_level": if can_pay { "CLEAR" } else { "FROZEN" },
            "running_totals": {
                "credit_amount": number(totals.credit),
                "credit_available": number(credit),
                "discount_amount": number(totals.discount),
                "ongoing": number(self.ongoing(id, now)),
                "subtotal": number(totals.subtotal),
                "total": number(totals.total),
                "vat_tax": number(totals.vat),
            },
            "send_invoice_email": account.send_invoice_email,
            "site": "warren",
            "suspend_reason": "",
            "unpaid_amount": number(self.unpaid_of(id)),
            "user_id": account.user_id,
            "vat_percentage": account.vat_percentage,
        });
        for name in PROFILE {
            details[name] = json!(account.profile.get(name));
        }
        details
    }
}

#[cfg(test)]
mod tests;

//! Billing accounts: their details, the default one, and automatic top-ups.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::money::{Totals, number};
use super::{Answer, Arguments, Billing, Call, Caller, incorrect_account, refusal, success};
use crate::provider::Reply;

/// The user of the simulator.
pub(super) const USER: u64 = 8;
/// That user's default account.
pub(super) const DEFAULT: u64 = 6;
/// That user's other account, which has credit and no card.
pub(super) const SECOND: u64 = 129_072;
/// An account of another user.
const FOREIGN: u64 = 5100;

/// What the owner may write; an update removes each of these that it does not carry.
const PROFILE: [&str; 11] = [
    "additional_data",
    "address_line1",
    "address_line2",
    "city",
    "company_name",
    "company_reg_code",
    "company_vat_number",
    "country",
    "county",
    "post_index",
    "title",
];

/// When the accounts were opened.
pub(super) fn created() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(1_519_219_377)
}

/// Automatic payments by card.
#[derive(Debug)]
struct Recurring {
    is_enabled: bool,
    amount: Decimal,
    threshold: Decimal,
    /// Whether enough was left when last looked at: only falling below the threshold pays, staying
    /// below does not.
    was_above: bool,
}

#[derive(Debug)]
pub(super) struct Account {
    pub(super) id: u64,
    pub(super) user_id: u64,
    pub(super) email: String,
    pub(super) is_deleted: bool,
    pub(super) discount_percentage: u32,
    pub(super) vat_percentage: u32,
    /// What was topped up so far, as promotions count it.
    pub(super) topped_up: Decimal,
    has_promotion: bool,
    send_invoice_email: bool,
    profile: BTreeMap<&'static str, String>,
    recurring: Recurring,
}

pub(super) fn seed() -> BTreeMap<u64, Account> {
    let filled = [
        ("additional_data", r#"{"link_methods": ["duitku::FT", "duitku::M1"]}"#),
        ("address_line1", "Puiestee"),
        ("city", "K\u{fc}la"),
        ("company_name", "Firma"),
        ("company_reg_code", "232"),
        ("company_vat_number", "235235"),
        ("country", "EE"),
        ("county", "Moldaavia"),
        ("post_index", "314243123"),
        ("title", "konto"),
    ];
    let account = |id, user_id, email: &str, profile: &[(&'static str, &str)]| Account {
        id,
        user_id,
        email: email.to_owned(),
        is_deleted: false,
        discount_percentage: 0,
        vat_percentage: 20,
        topped_up: if id == DEFAULT { Decimal::new(20, 1) } else { Decimal::ZERO },
        has_promotion: id == DEFAULT,
        send_invoice_email: true,
        profile: profile.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
        recurring: Recurring {
            is_enabled: false,
            amount: Decimal::ZERO,
            threshold: Decimal::ZERO,
            was_above: false,
        },
    };
    let accounts = [
        account(DEFAULT, USER, "user@example.com", &filled),
        account(SECOND, USER, "user@example.com", &[("country", "EE"), ("title", "First billing account")]),
        account(FOREIGN, 9, "other@example.com", &[("title", "Somebody else's")]),
    ];
    accounts.map(|account| (account.id, account)).into()
}

impl Account {
    /// The account as an invoice remembers it.
    pub(super) fn snapshot(&self, credit: Decimal) -> String {
        let mut snapshot = json!({
            "created": created().timestamp(),
            "credit_amount": number(credit),
            "email": self.email,
            "id": self.id,
            "is_deleted": self.is_deleted,
            "user_id": self.user_id,
        });
        for name in PROFILE.iter().filter(|name| **name != "additional_data") {
            snapshot[*name] = json!(self.profile.get(name));
        }
        snapshot.to_string()
    }
}

impl Billing {
    pub(super) fn get_account(&self, call: &Call<'_>) -> Answer {
        let account = self.known(call.whole("billing_account_id")?, call.caller)?;
        Ok(self.details(account, call.now))
    }

    pub(super) fn list_accounts(&self, call: &Call<'_>) -> Value {
        let with_deleted = call.request.value("show_shadow").is_some();
        let shown = self
            .accounts
            .values()
            .filter(|account| call.caller.may_use(account) && (with_deleted || !account.is_deleted));
        shown.map(|account| self.details(account, call.now)).collect()
    }

    pub(super) fn update_account(&mut self, call: &Call<'_>) -> Answer {
        let mut arguments = call.arguments();
        let id = arguments.whole("billing_account_id");
        let flag = "send_invoice_email";
        let send_invoice_email = arguments.optional(flag).is_some() && arguments.boolean(flag);
        let sent = PROFILE.iter().filter_map(|name| Some((*name, arguments.optional(name)?))).collect();
        let email = arguments.optional("email");
        arguments.finish()?;
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

    pub(super) fn delete_account(&mut self, call: &Call<'_>) -> Answer {
        let id = self.live(call.whole("billing_account_id")?, call.caller)?.id;
        if self.unpaid_of(id) > Decimal::ZERO {
            return Err(refusal("Billing account has unpaid invoices."));
        }
        if call.resources.iter().any(|resource| resource.billing_account_id == id) {
            return Err(refusal("Billing account has active resources."));
        }
        let mut others = self
            .accounts
            .values()
            .filter(|other| other.user_id == call.caller.user_id && other.id != id && !other.is_deleted);
        let Some(other) = others.next().map(|other| other.id) else {
            return Err(refusal("The last billing account can not be deleted."));
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

    pub(super) fn set_default_account(&mut self, call: &Call<'_>) -> Answer {
        self.default_account = self.live(call.whole("billing_account_id")?, call.caller)?.id;
        Ok(success())
    }

    pub(super) fn unpaid_amount(&self, call: &Call<'_>) -> Answer {
        let account = self.known(call.whole("billing_account_id")?, call.caller)?;
        Ok(json!({"message": number(self.unpaid_of(account.id))}))
    }

    pub(super) fn set_recurring_payment(&mut self, call: &Call<'_>) -> Answer {
        let mut arguments = call.arguments();
        let is_enabled = arguments.boolean("is_recurring_payment_enabled");
        // Switching it off asks for no sums, and keeps those that are not sent.
        let wanted = |arguments: &Arguments<'_>, name| is_enabled || arguments.optional(name).is_some();
        let (amount, threshold) = ("recurring_payment_amount", "recurring_payment_threshold");
        let amount = wanted(&arguments, amount).then(|| arguments.amount(amount));
        let threshold = wanted(&arguments, threshold).then(|| arguments.threshold(threshold));
        let id = call.parameters.get("billing_account_id").parse();
        if id.is_err() {
            arguments.refuse("billing_account_id", "Invalid whole number provided".to_owned());
        }
        arguments.finish()?;
        let id = self.live(id.unwrap_or_default(), call.caller)?.id;
        if is_enabled && self.charged_card(id).is_none() {
            return Err(refusal("Billing account has no payment method for automated payments."));
        }
        if let Some(Account { recurring, .. }) = self.accounts.get_mut(&id) {
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

    /// Makes the automatic payments that fell due since the last call.
    pub(super) fn top_up_where_due(&mut self, now: DateTime<Utc>) {
        for id in self.accounts.keys().copied().collect::<Vec<_>>() {
            self.top_up_if_due(id, now);
        }
    }

    fn top_up_if_due(&mut self, id: u64, now: DateTime<Utc>) -> bool {
        let Some(Account { recurring, .. }) = self.accounts.get(&id) else { return false };
        if !recurring.is_enabled {
            return false;
        }
        let (amount, threshold, was_above) = (recurring.amount, recurring.threshold, recurring.was_above);
        let due = was_above && self.ongoing(id, now) < threshold && self.charged_card(id).is_some();
        if due {
            self.top_up(id, amount, now, "Recurring payment");
        }
        // A payment that no card could make stays due.
        let was_above = self.ongoing(id, now) >= threshold || was_above && !due;
        if let Some(account) = self.accounts.get_mut(&id) {
            account.recurring.was_above = was_above;
        }
        due
    }

    /// An account that still takes payments, by its id, for a call about its money.
    pub(super) fn open(&self, id: u64, caller: Caller) -> Result<u64, Reply> {
        let account = self.visible(id, caller)?;
        if account.is_deleted { Err(incorrect_account()) } else { Ok(account.id) }
    }

    /// An account that was not deleted, for a call about the account itself.
    pub(super) fn live(&self, id: u64, caller: Caller) -> Result<&Account, Reply> {
        self.known(id, caller)
            .and_then(|account| if account.is_deleted { Err(incorrect_account()) } else { Ok(account) })
    }

    fn running(&self, account: &Account, now: DateTime<Utc>) -> Totals {
        let cost = self.cost_of_month(account.id, now);
        Totals::new(cost, account.discount_percentage, self.credit_of(account.id), account.vat_percentage)
    }

    /// What the month so far leaves of the credit; negative where it costs more.
    fn ongoing(&self, id: u64, now: DateTime<Utc>) -> Decimal {
        let totals = self.accounts.get(&id).map(|account| self.running(account, now));
        totals.map_or(Decimal::ZERO, |totals| self.credit_of(id) + totals.credit - totals.total)
    }

    fn details(&self, account: &Account, now: DateTime<Utc>) -> Value {
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

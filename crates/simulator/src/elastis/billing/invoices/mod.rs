//! Invoices and their payment.
use std::ops::Range;

use chrono::{DateTime, Months, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::ledger::{Billing, BillingCall, JsonAnswer, next_id, payment_error, success};
use super::money::number;
use super::state::account;
use super::state::invoice::{Invoice, Record, Transaction};
use super::state::span::month_start;
use crate::base::Response;
use crate::elastis::wire::errors::forbidden;

/// The records of an initial invoice, each with its price in hundred-thousandths of a euro, its hours and its name.
type SeedRecords = [(i64, u32, &'static str)];

const EARLY: &SeedRecords = &[
    (2602, 1, "DEBUGXYZ-buntu, 2 CPUs, 2 GB RAM, null GB disk"),
    (4187, 21, "buntu-b, 4 CPUs, 1 GB RAM, 30 GB disk"),
    (2882, 3, "Ubuntu-3-16-04, 2 CPUs, 2 GB RAM, 20 GB disk"),
    (2882, 5, "DEBUGXYZ-2-buntu, 2 CPUs, 2 GB RAM, 20 GB disk"),
    (2882, 3, "Ubuntu-16-04, 2 CPUs, 2 GB RAM, 20 GB disk"),
];
const BUSY: &SeedRecords = &[
    (2882, 703, "Name of the Clone, 2 CPUs, 2 GB RAM, 20 GB disk"),
    (280, 72, "Name of the Clone, 2 CPUs, 2 GB RAM, 20 GB disk, stopped"),
    (840, 154, "Ubuntu-16-04, snapshots"),
];
const RECENT: &SeedRecords = &[
    (2602, 1, "DEBUGXYZ-buntu, 2 CPUs, 2 GB RAM, null GB disk"),
    (4187, 21, "buntu-b, 4 CPUs, 1 GB RAM, 30 GB disk"),
    (2882, 711, "Name of the Clone, 2 CPUs, 2 GB RAM, 20 GB disk"),
    (280, 70, "Name of the Clone, 2 CPUs, 2 GB RAM, 20 GB disk, stopped"),
    (840, 154, "Ubuntu-16-04, snapshots"),
];
const STOPPED: &SeedRecords = &[
    (280, 525, "Ubuntu-3-16-04, 2 CPUs, 2 GB RAM, 20 GB disk, stopped"),
    (840, 105, "Ubuntu-16-04, snapshots"),
];

impl Billing {
    /// Creates one invoice per month, the last of them for the month before `now`. Invoice 1 is paid by card, 3782541
    /// with credit.
    pub(super) fn seed_invoices(&mut self, now: DateTime<Utc>) {
        let this_month = month_start(now);
        let back = |months| this_month.checked_sub_months(Months::new(months)).unwrap_or(this_month);
        for (id, account, months, seed) in [
            (1, account::DEFAULT, 3, EARLY),
            (6, account::DEFAULT, 2, BUSY),
            (3_782_541, account::SECOND, 1, STOPPED),
            (3_782_542, account::DEFAULT, 1, RECENT),
        ] {
            let hours = |&(price, quantity, name): &(i64, u32, &'static str)| Record {
                name: name.into(),
                price: Decimal::new(price, 5),
                quantity,
                unit: "h",
            };
            let records = seed.iter().map(hours).collect();
            let (start, end) = (back(months), back(months - 1));
            if let Some(invoice) = self.issue_as(id, account, start..end, end, records)
                && id == 1
            {
                (invoice.discount_percentage, invoice.credit) = (10, Decimal::new(10, 2));
            }
        }
        // The accounts have a card and enough credit, so neither payment can be rejected.
        let _ = self.settle(1, None, back(2));
        let _ = self.settle(3_782_541, None, this_month);
    }

    pub(super) fn get_invoice(&self, call: &BillingCall<'_>) -> JsonAnswer {
        self.own_invoice(call).map(Invoice::json)
    }

    /// Lists the invoices of an account, newest first.
    pub(super) fn list_invoices(&self, call: &BillingCall<'_>) -> JsonAnswer {
        let account = self.visible(call.whole("billing_account_id")?, call.caller)?.id;
        let mut own: Vec<_> = self.invoices.values().filter(|invoice| invoice.account == account).collect();
        own.sort_by_key(|invoice| std::cmp::Reverse((invoice.created, invoice.id)));
        Ok(own.into_iter().map(Invoice::json).collect())
    }

    pub(super) fn pay_invoice(&mut self, call: &BillingCall<'_>) -> JsonAnswer {
        let invoice = self.own_invoice(call)?;
        if invoice.is_paid() {
            return Err(payment_error("Invoice is already paid."));
        }
        self.settle(invoice.id, None, call.now).map(|_| success())
    }

    /// Pays all open invoices of an account. Stops at the first one that cannot be paid; earlier ones stay paid.
    pub(super) fn pay_all(&mut self, call: &BillingCall<'_>) -> JsonAnswer {
        let account = self.visible(call.whole("billing_account_id")?, call.caller)?.id;
        for invoice in self.unpaid(account) {
            self.settle(invoice, None, call.now)?;
        }
        Ok(success())
    }

    pub(super) fn pay_amount(&mut self, call: &BillingCall<'_>) -> JsonAnswer {
        let mut fields = call.fields();
        let account = fields.need_whole("billing_account_id");
        let amount = fields.need_amount("amount");
        fields.finish()?;
        let account = self.visible(account, call.caller)?.id;
        let (mut left, mut paid, mut error_log) = (amount, Vec::new(), Value::from(""));
        for invoice in self.unpaid(account) {
            if left.is_zero() {
                break;
            }
            match self.settle(invoice, Some(left), call.now) {
                Ok(used) => left -= used,
                Err(refused) if paid.is_empty() => return Err(refused),
                Err(_) => {
                    error_log = format!("Invoice #{invoice} could not be paid.").into();
                    break;
                }
            }
            paid.push(invoice);
        }
        let numbers = paid.iter().map(|id| format!("#{id}")).collect::<Vec<_>>().join(", ");
        let message = match (paid.is_empty(), left.is_zero()) {
            (true, _) => "There are no unpaid invoices.".to_owned(),
            (false, true) => {
                format!("All amount were used. Invoices ({numbers}) were paid fully or partially.")
            }
            (false, false) => format!("{left} were left. Invoices ({numbers}) were paid fully or partially."),
        };
        Ok(json!({
            "amount_left": number(left),
            "amount_used": number(amount - left),
            "error_log": error_log,
            "message": message,
            "paid_invoices": paid,
            "success": error_log == "",
        }))
    }

    /// Returns the unpaid amount of an account, including VAT.
    pub(super) fn unpaid_of(&self, account: u64) -> Decimal {
        self.invoices.values().filter(|invoice| invoice.account == account).map(Invoice::due).sum()
    }

    /// Creates an invoice; `None` if the account does not exist.
    pub(super) fn issue(
        &mut self,
        account: u64,
        period: Range<DateTime<Utc>>,
        created: DateTime<Utc>,
        records: Vec<Record>,
    ) -> Option<&mut Invoice> {
        self.issue_as(next_id(&self.invoices), account, period, created, records)
    }

    fn issue_as(
        &mut self,
        id: u64,
        account: u64,
        period: Range<DateTime<Utc>>,
        created: DateTime<Utc>,
        records: Vec<Record>,
    ) -> Option<&mut Invoice> {
        let owner = self.accounts.get(&account)?;
        let first_record_id =
            1 + self.invoices.values().map(|invoice| invoice.records.len() as u64).sum::<u64>();
        let invoice = Invoice {
            id,
            account,
            account_snapshot: owner.snapshot(self.credit_of(account)),
            created,
            period,
            records,
            first_record_id,
            discount_percentage: owner.discount_percentage,
            vat_percentage: owner.vat_percentage,
            credit: Decimal::ZERO,
            top_up: None,
            paid: Decimal::ZERO,
            transactions: Vec::new(),
        };
        Some(self.invoices.entry(id).or_insert(invoice))
    }

    /// Returns an account's open invoices, oldest first.
    fn unpaid(&self, account: u64) -> Vec<u64> {
        let mut unpaid: Vec<_> = self
            .invoices
            .values()
            .filter(|invoice| invoice.account == account && !invoice.is_paid())
            .collect();
        unpaid.sort_by_key(|invoice| (invoice.created, invoice.id));
        unpaid.into_iter().map(|invoice| invoice.id).collect()
    }

    /// Pays an invoice in full, or up to `budget`, and returns the amount paid.
    fn settle(&mut self, id: u64, budget: Option<Decimal>, now: DateTime<Utc>) -> Result<Decimal, Response> {
        let invoice = self.invoices.get(&id).ok_or_else(forbidden)?;
        let account = invoice.account;
        let wanted = invoice.due().min(budget.unwrap_or(Decimal::MAX));
        let card = self.charged_card(account);
        // Credit cannot be used to buy credit.
        let credit = if invoice.top_up.is_none() { self.credit_of(account) } else { Decimal::ZERO };
        let taken = match (card, budget) {
            (Some(_), _) => wanted,
            (None, None) if credit >= wanted => wanted,
            (None, Some(_)) if credit > Decimal::ZERO => wanted.min(credit),
            _ => return Err(payment_error("Billing account has no verified payment method.")),
        };
        let transaction =
            1 + self.invoices.values().map(|invoice| invoice.transactions.len() as u64).sum::<u64>();
        let invoice = self.invoices.get_mut(&id).ok_or_else(forbidden)?;
        invoice.paid += taken;
        let bought = invoice.top_up.filter(|_| invoice.is_paid());
        if let Some(payment_object) = card {
            let created = now.timestamp();
            invoice.transactions.push(Transaction {
                id: transaction,
                payment_object,
                amount: taken,
                created,
            });
        } else {
            self.record_credit(account, -taken, now, "Invoice payment");
        }
        if let Some(bought) = bought {
            self.top_up(account, bought, now, "Credit top up");
        }
        Ok(taken)
    }

    fn own_invoice(&self, call: &BillingCall<'_>) -> Result<&Invoice, Response> {
        let invoice = self.invoices.get(&call.whole("invoice_id")?).ok_or_else(forbidden)?;
        self.visible(invoice.account, call.caller).map(|_| invoice)
    }
}

#[cfg(test)]
mod tests;

//! Invoices: what was used, what is due, and how it is paid.

use std::borrow::Cow;
use std::ops::Range;

use chrono::{DateTime, Months, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::money::{Totals, number};
use super::usage::month_start;
use super::{Answer, Billing, Call, accounts, forbidden, next_id, refusal, success};
use crate::provider::Reply;

const UNPAID: u8 = 5;
const PAID: u8 = 10;

/// One line of an invoice.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) name: Cow<'static, str>,
    pub(super) price: Decimal,
    pub(super) quantity: u32,
    pub(super) unit: &'static str,
}

impl Record {
    fn amount(&self) -> Decimal {
        self.price * Decimal::from(self.quantity)
    }
}

/// One payment by card.
#[derive(Debug)]
struct Transaction {
    id: u64,
    payment_object: u64,
    amount: Decimal,
    created: i64,
}

impl Transaction {
    fn json(&self) -> Value {
        let identifier = format!("tran_{:028}", self.id);
        let additional_data = json!({
            "id": identifier,
            "amount": number(self.amount),
            "status": "closed",
            "currency": "EUR",
            "livemode": false,
            "created_at": self.created,
        });
        json!({
            "additional_data": additional_data.to_string(),
            "amount": number(self.amount),
            "created": self.created,
            "id": self.id,
            "identifier": identifier,
            "payment_object_id": self.payment_object,
        })
    }
}

#[derive(Debug)]
pub(super) struct Invoice {
    id: u64,
    account: u64,
    account_snapshot: String,
    created: DateTime<Utc>,
    period: Range<DateTime<Utc>>,
    records: Vec<Record>,
    first_record_id: u64,
    pub(super) discount_percentage: u32,
    pub(super) vat_percentage: u32,
    /// What credit took off before VAT when the invoice was issued.
    credit: Decimal,
    /// The credit that paying it brings.
    pub(super) top_up: Option<Decimal>,
    paid: Decimal,
    transactions: Vec<Transaction>,
}

impl Invoice {
    fn totals(&self) -> Totals {
        let sum = self.records.iter().map(Record::amount).sum();
        Totals::new(sum, self.discount_percentage, self.credit, self.vat_percentage)
    }

    fn due(&self) -> Decimal {
        self.totals().total - self.paid
    }

    fn is_paid(&self) -> bool {
        self.due().is_zero()
    }

    fn json(&self) -> Value {
        let created = self.created.timestamp();
        let records = self.records.iter().zip(self.first_record_id..).map(|(record, id)| {
            json!({
                "amount": number(record.amount()),
                "created": created,
                "descr": "TODO",
                "id": id,
                "invoice_id": self.id,
                "item_price": number(record.price),
                "location_slug": "tll",
                "name": record.name,
                "qty": record.quantity,
                "qty_unit": record.unit,
            })
        });
        json!({
            "account_snapshot": self.account_snapshot,
            "billing_account_id": self.account,
            "created": created,
            "discount_percentage": self.discount_percentage,
            "due_date": (self.created + TimeDelta::days(14)).timestamp(),
            "id": self.id,
            "name": "Invoice",
            "padded_id": format!("00{}", self.id),
            "period_end": self.period.end.timestamp(),
            "period_start": self.period.start.timestamp(),
            "records_list": records.collect::<Vec<_>>(),
            "status": if self.is_paid() { PAID } else { UNPAID },
            "totals": self.totals().json(),
            "transaction_list": self.transactions.iter().map(Transaction::json).collect::<Vec<_>>(),
            "vat_percentage": self.vat_percentage,
        })
    }
}

/// Price in hundred-thousandths, hours and name of each record, by invoice.
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
    /// One invoice a month, the last for the month before `now`: 1 paid by card, 3782541 by credit.
    pub(super) fn seed_invoices(&mut self, now: DateTime<Utc>) {
        let this_month = month_start(now);
        let back = |months| this_month.checked_sub_months(Months::new(months)).unwrap_or(this_month);
        for (id, account, months, seed) in [
            (1, accounts::DEFAULT, 3, EARLY),
            (6, accounts::DEFAULT, 2, BUSY),
            (3_782_541, accounts::SECOND, 1, STOPPED),
            (3_782_542, accounts::DEFAULT, 1, RECENT),
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
        // Both have what they need, so neither can be refused.
        let _ = self.settle(1, None, back(2));
        let _ = self.settle(3_782_541, None, this_month);
    }

    pub(super) fn get_invoice(&self, call: &Call<'_>) -> Answer {
        self.own_invoice(call).map(Invoice::json)
    }

    /// The newest first.
    pub(super) fn list_invoices(&self, call: &Call<'_>) -> Answer {
        let account = self.visible(call.whole("billing_account_id")?, call.caller)?.id;
        let mut own: Vec<_> = self.invoices.values().filter(|invoice| invoice.account == account).collect();
        own.sort_by_key(|invoice| std::cmp::Reverse((invoice.created, invoice.id)));
        Ok(own.into_iter().map(Invoice::json).collect())
    }

    pub(super) fn pay_invoice(&mut self, call: &Call<'_>) -> Answer {
        let invoice = self.own_invoice(call)?;
        if invoice.is_paid() {
            return Err(refusal("Invoice is already paid."));
        }
        self.settle(invoice.id, None, call.now).map(|_| success())
    }

    /// Stops at the first that cannot be paid; what was paid until then stays paid.
    pub(super) fn pay_all(&mut self, call: &Call<'_>) -> Answer {
        let account = self.visible(call.whole("billing_account_id")?, call.caller)?.id;
        for invoice in self.unpaid(account) {
            self.settle(invoice, None, call.now)?;
        }
        Ok(success())
    }

    pub(super) fn pay_amount(&mut self, call: &Call<'_>) -> Answer {
        let mut arguments = call.arguments();
        let account = arguments.whole("billing_account_id");
        let amount = arguments.amount("amount");
        arguments.finish()?;
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

    /// All that an account still owes, VAT included.
    pub(super) fn unpaid_of(&self, account: u64) -> Decimal {
        self.invoices.values().filter(|invoice| invoice.account == account).map(Invoice::due).sum()
    }

    /// Writes an invoice; `None` where there is no such account.
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

    /// An account's open invoices, the oldest first.
    fn unpaid(&self, account: u64) -> Vec<u64> {
        let mut unpaid: Vec<_> = self
            .invoices
            .values()
            .filter(|invoice| invoice.account == account && !invoice.is_paid())
            .collect();
        unpaid.sort_by_key(|invoice| (invoice.created, invoice.id));
        unpaid.into_iter().map(|invoice| invoice.id).collect()
    }

    /// Pays an invoice in full, or with at most `budget`; says what was taken.
    fn settle(&mut self, id: u64, budget: Option<Decimal>, now: DateTime<Utc>) -> Result<Decimal, Reply> {
        let invoice = self.invoices.get(&id).ok_or_else(forbidden)?;
        let account = invoice.account;
        let wanted = invoice.due().min(budget.unwrap_or(Decimal::MAX));
        let card = self.charged_card(account);
        // Credit cannot pay for itself.
        let credit = if invoice.top_up.is_none() { self.credit_of(account) } else { Decimal::ZERO };
        let taken = match (card, budget) {
            (Some(_), _) => wanted,
            (None, None) if credit >= wanted => wanted,
            (None, Some(_)) if credit > Decimal::ZERO => wanted.min(credit),
            _ => return Err(refusal("Billing account has no verified payment method.")),
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

    fn own_invoice(&self, call: &Call<'_>) -> Result<&Invoice, Reply> {
        let invoice = self.invoices.get(&call.whole("invoice_id")?).ok_or_else(forbidden)?;
        self.visible(invoice.account, call.caller).map(|_| invoice)
    }
}

#[cfg(test)]
mod tests;

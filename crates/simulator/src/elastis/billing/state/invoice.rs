//! An invoice.

use std::borrow::Cow;
use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::elastis::billing::money::{Totals, number};

pub(crate) const UNPAID: u8 = 5;

pub(crate) const PAID: u8 = 10;

/// One line of an invoice.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) name: Cow<'static, str>,
    pub(crate) price: Decimal,
    pub(crate) quantity: u32,
    pub(crate) unit: &'static str,
}

impl Record {
    pub(crate) fn amount(&self) -> Decimal {
        self.price * Decimal::from(self.quantity)
    }
}

/// A payment by card.
#[derive(Debug)]
pub(crate) struct Transaction {
    pub(crate) id: u64,
    pub(crate) payment_object: u64,
    pub(crate) amount: Decimal,
    pub(crate) created: i64,
}

impl Transaction {
    pub(crate) fn json(&self) -> Value {
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
pub(crate) struct Invoice {
    pub(crate) id: u64,
    pub(crate) account: u64,
    pub(crate) account_snapshot: String,
    pub(crate) created: DateTime<Utc>,
    pub(crate) period: Range<DateTime<Utc>>,
    pub(crate) records: Vec<Record>,
    pub(crate) first_record_id: u64,
    pub(crate) discount_percentage: u32,
    pub(crate) vat_percentage: u32,
    /// The credit that was deducted before VAT when the invoice was issued.
    pub(crate) credit: Decimal,
    /// The credit that is added when the invoice is paid.
    pub(crate) top_up: Option<Decimal>,
    pub(crate) paid: Decimal,
    pub(crate) transactions: Vec<Transaction>,
}

impl Invoice {
    pub(crate) fn totals(&self) -> Totals {
        let sum = self.records.iter().map(Record::amount).sum();
        Totals::new(sum, self.discount_percentage, self.credit, self.vat_percentage)
    }

    pub(crate) fn due(&self) -> Decimal {
        self.totals().total - self.paid
    }

    pub(crate) fn is_paid(&self) -> bool {
        self.due().is_zero()
    }

    pub(crate) fn json(&self) -> Value {
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

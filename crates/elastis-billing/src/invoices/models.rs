//! What the provider tells of an invoice.

use elastis_core::{BillingAccountId, LocationSlug};
use http_core::wire::{DateTime, Decimal, Lenient, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_with::DeserializeAs;

use super::{InvoiceId, InvoiceRecordId, TransactionId};
use crate::cards::CardId;
use crate::embedded_json::EmbeddedJson;
use crate::unit::Unit;

/// Whether an invoice is paid. On the wire it is a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InvoiceStatus {
    /// 5: not paid, or not in full.
    Unpaid,
    /// 10: paid.
    Paid,
    /// A number that this version does not know.
    Other(i64),
}

impl InvoiceStatus {
    /// The number on the wire.
    pub const fn code(self) -> i64 {
        match self {
            Self::Unpaid => 5,
            Self::Paid => 10,
            Self::Other(code) => code,
        }
    }
}

impl From<i64> for InvoiceStatus {
    fn from(code: i64) -> Self {
        match code {
            5 => Self::Unpaid,
            10 => Self::Paid,
            code => Self::Other(code),
        }
    }
}

/// The status that is absent: `Other(0)`.
impl Default for InvoiceStatus {
    fn default() -> Self {
        Self::Other(0)
    }
}

impl Serialize for InvoiceStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.code())
    }
}

impl<'de> Deserialize<'de> for InvoiceStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <Lenient as DeserializeAs<i64>>::deserialize_as(deserializer).map(Self::from)
    }
}

http_core::wire::wire_value!(InvoiceStatus);

http_core::wire::models! {
    /// An invoice.
    pub struct Invoice {
        /// The invoice.
        pub id: InvoiceId,
        /// Its number as it is printed, with leading zeros.
        pub padded_id: Option<String>,
        /// Its name.
        pub name: Option<String>,
        /// The account that has to pay.
        pub billing_account_id: Option<BillingAccountId>,
        /// The account as it was then.
        pub account_snapshot: Option<EmbeddedJson>,
        /// Whether it is paid.
        #[or_default]
        pub status: InvoiceStatus,
        /// When it was made.
        pub created: Option<DateTime<Utc>>,
        /// Until when it should be paid.
        pub due_date: Option<DateTime<Utc>>,
        /// The beginning of the time that it charges.
        pub period_start: Option<DateTime<Utc>>,
        /// The end of the time that it charges.
        pub period_end: Option<DateTime<Utc>>,
        /// Its lines.
        pub records_list: Vec<InvoiceRecord>,
        /// Its sums.
        #[or_default]
        pub totals: InvoiceTotals,
        /// The discount in percent.
        pub discount_percentage: Option<Decimal>,
        /// The value-added tax in percent.
        pub vat_percentage: Option<Decimal>,
        /// Its payments so far.
        pub transaction_list: Vec<Transaction>,
    }

    /// A line of an invoice.
    pub struct InvoiceRecord {
        /// The line.
        pub id: InvoiceRecordId,
        /// The invoice.
        pub invoice_id: Option<InvoiceId>,
        /// What is charged, in words.
        pub name: String,
        /// The provider's remark.
        pub descr: Option<String>,
        /// Where it was used.
        pub location_slug: Option<LocationSlug>,
        /// How much of it was used.
        pub qty: Option<Decimal>,
        /// In what it is counted.
        pub qty_unit: Option<Unit>,
        /// The price of one.
        pub item_price: Option<Decimal>,
        /// Quantity times price.
        pub amount: Option<Decimal>,
        /// When the line was made.
        pub created: Option<DateTime<Utc>>,
    }

    /// The sums of an invoice.
    #[derive(Default)]
    pub struct InvoiceTotals {
        /// All lines, before discount, credit and tax.
        pub subtotal: Option<Decimal>,
        /// What the discount takes off.
        pub discount_amount: Option<Decimal>,
        /// What credit pays; 0 or negative.
        pub credit: Option<Decimal>,
        /// The value-added tax.
        pub vat_tax: Option<Decimal>,
        /// What has to be paid.
        pub total: Option<Decimal>,
    }

    /// A payment towards an invoice.
    pub struct Transaction {
        /// The payment.
        pub id: TransactionId,
        /// The card processor's id of it.
        pub identifier: Option<String>,
        /// The card that it was taken from.
        pub payment_object_id: Option<CardId>,
        /// What was paid.
        pub amount: Option<Decimal>,
        /// When.
        pub created: Option<DateTime<Utc>>,
        /// What the card processor tells of it. Sums in there may be in cents.
        pub additional_data: Option<EmbeddedJson>,
    }

    /// What came of paying an amount.
    pub struct AmountPaid {
        /// Whether nothing went wrong.
        pub success: bool,
        /// What was paid.
        pub amount_used: Option<Decimal>,
        /// What was not needed, or could not be paid.
        pub amount_left: Option<Decimal>,
        /// The invoices that were paid, in full or in part.
        pub paid_invoices: Vec<InvoiceId>,
        /// What happened, in words.
        pub message: Option<String>,
        /// What went wrong, in words.
        pub error_log: Option<String>,
    }
}

impl Invoice {
    /// Whether it is paid.
    pub fn is_paid(&self) -> bool {
        self.status == InvoiceStatus::Paid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_of_tomorrow_is_kept_and_written_back() {
        for (json, status) in [
            ("5", InvoiceStatus::Unpaid),
            ("10", InvoiceStatus::Paid),
            ("7", InvoiceStatus::Other(7)),
            ("-1", InvoiceStatus::Other(-1)),
        ] {
            assert_eq!(serde_json::from_str::<InvoiceStatus>(json).unwrap(), status);
            assert_eq!(serde_json::to_string(&status).unwrap(), json);
        }
        assert_eq!(serde_json::from_str::<InvoiceStatus>(r#""10""#).unwrap(), InvoiceStatus::Paid);
    }
}

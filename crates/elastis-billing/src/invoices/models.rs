//! The models of invoices and payments.

use elastis_core::{BillingAccountId, LocationSlug};
use http_core::wire::{DateTime, Decimal, Utc};
use serde_json::Value;

use super::{InvoiceId, InvoiceRecordId, TransactionId};
use crate::cards::CardId;
use crate::embedded_json::EmbeddedJson;
use crate::unit::Unit;

http_core::wire::open_enum! {
    /// The payment status of an invoice. The provider writes it as a number.
    pub enum InvoiceStatus {
        /// 5: not paid, or paid only in part.
        Unpaid = "5" | "5.0" | "unpaid",
        /// 10: paid.
        Paid = "10" | "10.0" | "paid",
    }
}

http_core::wire::models! {
    /// An invoice.
    pub struct Invoice {
        /// The invoice's id.
        pub id: InvoiceId,
        /// The number as printed on the invoice, with leading zeros.
        pub padded_id: Option<String>,
        /// The name of the invoice.
        pub name: Option<String>,
        /// The billing account that must pay.
        pub billing_account_id: Option<BillingAccountId>,
        /// The account's data at the time of the invoice.
        pub account_snapshot: Option<EmbeddedJson>,
        /// The payment status.
        #[or_default]
        pub status: InvoiceStatus,
        /// The time at which the invoice was created.
        pub created: Option<DateTime<Utc>>,
        /// The time by which the invoice should be paid.
        pub due_date: Option<DateTime<Utc>>,
        /// The start of the billing period.
        pub period_start: Option<DateTime<Utc>>,
        /// The end of the billing period.
        pub period_end: Option<DateTime<Utc>>,
        /// The lines of the invoice.
        pub records_list: Vec<InvoiceRecord>,
        /// The totals of the invoice.
        #[or_default]
        pub totals: InvoiceTotals,
        /// The discount in percent.
        pub discount_percentage: Option<Decimal>,
        /// The value-added tax in percent.
        pub vat_percentage: Option<Decimal>,
        /// The payments so far.
        pub transaction_list: Vec<Transaction>,
    }

    /// A line of an invoice.
    pub struct InvoiceRecord {
        /// The line's id.
        pub id: InvoiceRecordId,
        /// The invoice's id.
        pub invoice_id: Option<InvoiceId>,
        /// The name of the charged service.
        pub name: String,
        /// The provider's comment.
        pub descr: Option<String>,
        /// The location of the charged service.
        pub location_slug: Option<LocationSlug>,
        /// The quantity.
        pub qty: Option<Decimal>,
        /// The unit of the quantity.
        pub qty_unit: Option<Unit>,
        /// The price of one unit.
        pub item_price: Option<Decimal>,
        /// Quantity times price.
        pub amount: Option<Decimal>,
        /// The time at which the line was created.
        pub created: Option<DateTime<Utc>>,
    }

    /// The totals of an invoice.
    #[derive(Default)]
    pub struct InvoiceTotals {
        /// The sum of all lines, before discount, credit and tax.
        pub subtotal: Option<Decimal>,
        /// The amount of the discount.
        pub discount_amount: Option<Decimal>,
        /// The part that is paid from credit; 0 or negative.
        pub credit: Option<Decimal>,
        /// The value-added tax.
        pub vat_tax: Option<Decimal>,
        /// The amount due.
        pub total: Option<Decimal>,
    }

    /// A payment towards an invoice.
    pub struct Transaction {
        /// The payment's id.
        pub id: TransactionId,
        /// The payment's id at the card processor.
        pub identifier: Option<String>,
        /// The card that was charged.
        pub payment_object_id: Option<CardId>,
        /// The amount that was paid.
        pub amount: Option<Decimal>,
        /// The time of the payment.
        pub created: Option<DateTime<Utc>>,
        /// The card processor's data about the payment. Amounts in it may be in cents.
        pub additional_data: Option<EmbeddedJson>,
    }

    /// The result of paying an amount.
    pub struct AmountPaid {
        /// Whether the payment succeeded without errors.
        pub success: bool,
        /// The amount that was paid.
        #[required]
        pub amount_used: Option<Decimal>,
        /// The amount that was not needed or could not be paid.
        pub amount_left: Option<Decimal>,
        /// The invoices that were paid, in full or in part.
        pub paid_invoices: Vec<InvoiceId>,
        /// The provider's message about the result.
        pub message: Option<String>,
        /// The provider's message about errors.
        pub error_log: Option<String>,
        /// Assumed: another error of a payment that was made in part.
        pub error: Option<Value>,
        /// Assumed: the errors of a payment that was made in part.
        pub errors: Vec<Value>,
    }
}

impl Invoice {
    /// Convenience method: returns whether the invoice is paid.
    pub fn is_paid(&self) -> bool {
        self.status == InvoiceStatus::Paid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_status_is_kept_and_written_back() {
        for (json, status) in [
            ("5", InvoiceStatus::Unpaid),
            (r#""5""#, InvoiceStatus::Unpaid),
            (r#""Unpaid""#, InvoiceStatus::Unpaid),
            ("10", InvoiceStatus::Paid),
            ("10.0", InvoiceStatus::Paid),
            (r#""Paid""#, InvoiceStatus::Paid),
            (r#"" PAID ""#, InvoiceStatus::Paid),
            ("7", InvoiceStatus::Other("7".into())),
            (r#""Partly paid""#, InvoiceStatus::Other("Partly paid".into())),
        ] {
            let read: InvoiceStatus = serde_json::from_str(json).unwrap();
            assert_eq!(read, status);
            assert_eq!(
                serde_json::from_str::<InvoiceStatus>(&serde_json::to_string(&read).unwrap()).unwrap(),
                status
            );
        }
    }
}

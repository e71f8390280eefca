//! Finds an invoice after the response to its request, or to its payment, was lost.

use elastis_core::BillingAccountId;
use http_core::client::{Fit, Operation, Seek, object_row};
use http_core::wire::Decimal;
use http_core::{Call, ListCall};
use serde::{Deserialize, Serialize};

use super::{Invoice, InvoiceId, InvoiceStatus, Invoices, LIST, PAY, REQUEST_INVOICE};

#[derive(Serialize, Deserialize)]
pub(crate) enum WantedInvoice {
    /// A new invoice for this amount.
    Requested(RequestedInvoice),
    /// An invoice that was unpaid before and is paid now.
    Paid { id: InvoiceId },
}

http_core::wire::models! {
    pub(crate) struct RequestedInvoice {
        pub(crate) account: BillingAccountId,
        pub(crate) amount: Decimal,
    }

    /// An invoice as it appears in a list; only the id is required.
    pub(crate) struct InvoiceRow {
        id: InvoiceId,
        status: Option<InvoiceStatus>,
        totals: Option<TotalsRow>,
    }

    pub(crate) struct TotalsRow {
        subtotal: Option<Decimal>,
        total: Option<Decimal>,
    }
}

impl Seek for WantedInvoice {
    type Handle = Invoices;
    type Row = InvoiceRow;
    type Found = Invoice;

    fn operation(&self) -> Operation {
        match self {
            Self::Requested(_) => REQUEST_INVOICE,
            Self::Paid { .. } => PAY,
        }
    }

    #[inline]
    fn list(&self, invoices: &Invoices) -> ListCall<InvoiceRow> {
        match self {
            Self::Requested(wanted) => {
                invoices.elastis.call(&LIST).query("billing_account_id", wanted.account).list()
            }
            Self::Paid { id } => {
                let invoice = invoices.read(*id).rows(object_row);
                invoice.filter(|row: &InvoiceRow| row.status == Some(InvoiceStatus::Paid))
            }
        }
    }

    fn id(row: &InvoiceRow) -> String {
        row.id.to_string()
    }

    #[inline]
    fn fit(&self, row: &InvoiceRow) -> Fit {
        match self {
            Self::Requested(RequestedInvoice { amount, .. }) => {
                // Whether tax is added to the amount is not documented.
                let sums = row.totals.as_ref().map(|totals| [totals.subtotal, totals.total]);
                let sum = sums.and_then(|sums| {
                    sums.contains(&Some(*amount)).then_some(*amount).or(sums.into_iter().flatten().next())
                });
                Fit::new().field("amount", Some(amount), sum.as_ref())
            }
            Self::Paid { .. } => Fit::new().unique(true),
        }
    }

    #[inline]
    fn fetch(&self, invoices: &Invoices, id: &str) -> Call<Invoice> {
        invoices.read(id).json()
    }

    fn found_id(invoice: &Invoice) -> String {
        invoice.id.to_string()
    }
}

//! Invoices and their payment.

mod models;
mod recover;

pub use models::{AmountPaid, Invoice, InvoiceRecord, InvoiceStatus, InvoiceTotals, Transaction};

use elastis_core::{BillingAccountId, Elastis};
use http_core::client::{Accepted, Form, Operation, operations};
use http_core::recovery::Create;
use http_core::wire::Decimal;
use http_core::{Call, ListCall};

use crate::paying;
pub(crate) use recover::{RequestedInvoice, SoughtInvoice};

operations![
    LIST = Operation::get("invoice.list", "/v1/payment/invoice/list"),
    GET = Operation::get("invoice.get", "/v1/payment/invoice"),
    REQUEST_INVOICE = Operation::post("credit.request_invoice", "/v1/payment/credit/request_invoice")
        .with_recovery_hint("look for the new invoice in invoices().list(..)")
        .recoverable(),
    PAY = Operation::post("invoice.pay", "/v1/payment/pay_invoice")
        .with_recovery_hint("look at the invoice's status and transactions with invoices().get(..)")
        .recoverable(),
    PAY_ALL = Operation::post("invoice.pay_all", "/v1/payment/pay_all")
        .with_recovery_hint("look for what is still unpaid in invoices().list(..)")
        .unrecoverable("it may have paid some of the invoices and not the others"),
    PAY_AMOUNT = Operation::post("invoice.pay_amount", "/v1/payment/pay_amount")
        .with_recovery_hint("look for new transactions in invoices().list(..)")
        .unrecoverable("its payments look like any other"),
];

/// Invoices and their payment; from [`ElastisBilling::invoices`](crate::ElastisBilling::invoices).
///
/// An invoice or account that is not there, or somebody else's, gives an error that
/// [`is_forbidden`](crate::Error::is_forbidden). What pays is never repeated after it may have been processed.
#[derive(Clone, Debug)]
pub struct Invoices {
    pub(crate) elastis: Elastis,
}

impl Invoices {
    /// The invoices of a billing account, paid and unpaid.
    ///
    /// `GET /v1/payment/invoice/list`
    ///
    /// ```
    /// use elastis_billing::{ElastisBilling, InvoiceStatus};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let invoices = elastis.invoices().list(account).await?;
    /// for invoice in invoices.iter().filter(|invoice| invoice.status == InvoiceStatus::Unpaid) {
    ///     println!("{} over {:?} is due {:?}", invoice.id, invoice.totals.total, invoice.due_date);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn list(&self, account: BillingAccountId) -> ListCall<Invoice> {
        self.elastis.call(&LIST).query("billing_account_id", account).list()
    }

    /// One invoice with its records and payments.
    ///
    /// `GET /v1/payment/invoice`
    ///
    /// ```
    /// use elastis_billing::{ElastisBilling, InvoiceId};
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let invoice = elastis.invoices().get(InvoiceId::new(1)).await?;
    /// for record in &invoice.records_list {
    ///     println!("{:?} {}", record.amount, record.name);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn get(&self, id: InvoiceId) -> Call<Invoice> {
        self.elastis.call(&GET).query("invoice_id", id).json()
    }

    /// Pays an invoice. **This pays.** One that is paid already is refused.
    ///
    /// [`recover`](Create::recover) returns the paid invoice, also if the response is lost.
    ///
    /// `POST /v1/payment/pay_invoice`
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let invoices = elastis.invoices().list(account).await?;
    /// if let Some(unpaid) = invoices.iter().find(|invoice| !invoice.is_paid()) {
    ///     elastis.invoices().pay(unpaid.id).await?;
    ///     assert!(elastis.invoices().get(unpaid.id).await?.is_paid());
    /// }
    /// # Ok(()) });
    /// ```
    pub fn pay(&self, id: InvoiceId) -> Create<(), Invoice> {
        let call = self.elastis.call(&PAY).form(Form::new().field("invoice_id", id)).empty();
        Create::new(call, self.clone(), SoughtInvoice::Paid { id }, Accepted::unnamed)
    }

    /// Pays all unpaid invoices of a billing account, the oldest first. Those before the first that cannot be
    /// paid stay paid.
    ///
    /// It cannot be recovered, because it may have paid some of the invoices and not the others: [`list`](Self::list)
    /// shows which are paid.
    ///
    /// `POST /v1/payment/pay_all`
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// elastis.invoices().pay_all(account).await?;
    /// assert!(elastis.billing_accounts().unpaid_amount(account).await?.is_zero());
    /// # Ok(()) });
    /// ```
    pub fn pay_all(&self, account: BillingAccountId) -> Call<()> {
        self.elastis.call(&PAY_ALL).form(Form::new().field("billing_account_id", account)).empty()
    }

    /// Pays up to `amount`, which must be above 0, towards the unpaid invoices of a billing account, the oldest
    /// first. The last one may be paid in part.
    ///
    /// It cannot be recovered, because its payments look like any other: compare the transactions in
    /// [`list`](Self::list) with those before.
    ///
    /// `POST /v1/payment/pay_amount`
    ///
    /// ```
    /// use elastis_billing::{Decimal, ElastisBilling};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let paid = elastis.invoices().pay_amount(account, Decimal::from(10)).await?;
    /// println!("{:?} paid towards {:?}", paid.amount_used, paid.paid_invoices);
    /// # Ok(()) });
    /// ```
    pub fn pay_amount(&self, account: BillingAccountId, amount: Decimal) -> Call<AmountPaid> {
        let form = Form::new().field("amount", amount).field("billing_account_id", account);
        paying(self.elastis.call(&PAY_AMOUNT).form(form), amount).json()
    }
}

http_core::wire::integer_id! {
    /// The number of an invoice. It may exceed 32 bits.
    pub struct InvoiceId;
    /// The number of a line of an invoice.
    pub struct InvoiceRecordId;
    /// The number of a payment.
    pub struct TransactionId;
}

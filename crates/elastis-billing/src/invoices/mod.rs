//! Invoices and their payment.

mod models;
mod recover;

pub use models::{AmountPaid, Invoice, InvoiceRecord, InvoiceStatus, InvoiceTotals, Transaction};

use std::fmt::Display;

use elastis_core::{BillingAccountId, Elastis};
use http_core::client::{Accepted, CallBuilder, Form, Operation, operations};
use http_core::recovery::{Create, Recover, Ticket};
use http_core::wire::Decimal;
use http_core::{Call, ListCall};

use crate::paying;
pub(crate) use recover::{RequestedInvoice, WantedInvoice};

operations![
    LIST = Operation::get("invoice.list", "/v1/payment/invoice/list"),
    GET = Operation::get("invoice.get", "/v1/payment/invoice"),
    REQUEST_INVOICE = Operation::post("credit.request_invoice", "/v1/payment/credit/request_invoice")
        .with_recovery_hint("look for the new invoice in invoices().list(..)")
        .recoverable(),
    PAY = Operation::post("invoice.pay", "/v1/payment/pay_invoice")
        .with_recovery_hint("check the invoice's status and transactions with invoices().get(..)")
        .recoverable(),
    PAY_ALL = Operation::post("invoice.pay_all", "/v1/payment/pay_all")
        .with_recovery_hint("look for unpaid invoices in invoices().list(..)")
        .unrecoverable("the call may have paid only some of the invoices"),
    PAY_AMOUNT = Operation::post("invoice.pay_amount", "/v1/payment/pay_amount")
        .with_recovery_hint("look for new transactions in invoices().list(..)")
        .with_result_keys(&["id", "uuid", "amount_used"])
        .unrecoverable("a payment does not show which call made it"),
];

/// The handle for invoices and their payment; returned by
/// [`ElastisBilling::invoices`](crate::ElastisBilling::invoices).
///
/// Calls with an invoice or account that does not exist or belongs to another user return an
/// [`is_forbidden`](crate::Error::is_forbidden) error. Calls that pay are never repeated after the provider may have
/// processed them.
#[derive(Clone, Debug)]
pub struct Invoices {
    pub(crate) elastis: Elastis,
}

impl Invoices {
    /// Returns the invoices of a billing account, paid and unpaid.
    ///
    /// `GET /v1/payment/invoice/list`
    ///
    /// # Errors
    ///
    /// - [`is_forbidden`](http_core::Error::is_forbidden): there is no billing account with this id, or the account
    ///   belongs to another user.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_billing::{ElastisBilling, InvoiceStatus};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let invoices = elastis.invoices().list(account).await?;
    /// for invoice in invoices.iter().filter(|invoice| invoice.status == InvoiceStatus::Unpaid) {
    ///     println!("{} for {:?} is due {:?}", invoice.id, invoice.totals.total, invoice.due_date);
    /// }
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn list(&self, account: BillingAccountId) -> ListCall<Invoice> {
        self.elastis.call(&LIST).query("billing_account_id", account).list()
    }

    /// Returns an invoice with its records and payments.
    ///
    /// `GET /v1/payment/invoice`
    ///
    /// # Errors
    ///
    /// - [`is_forbidden`](http_core::Error::is_forbidden): there is no invoice with this id, or the invoice belongs to
    ///   another user.
    ///
    /// # Examples
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
    #[inline]
    pub fn get(&self, id: InvoiceId) -> Call<Invoice> {
        self.read(id).json()
    }

    fn read(&self, id: impl Display + Copy) -> CallBuilder {
        self.elastis.call(&GET).query("invoice_id", id).about("id", id)
    }

    /// Pays an invoice. **This charges the account's credit or card.**
    ///
    /// [`recover`](Create::recover) returns the paid invoice, even if the response is lost.
    ///
    /// `POST /v1/payment/pay_invoice`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and **the invoice may
    ///   have been paid**.
    /// - [`is_conflict`](http_core::Error::is_conflict): the invoice is already paid, or the payment failed.
    /// - [`is_forbidden`](http_core::Error::is_forbidden): there is no invoice with this id, or the invoice belongs to
    ///   another user.
    ///
    /// # Examples
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
    #[inline]
    pub fn pay(&self, id: InvoiceId) -> Create<(), Invoice> {
        let call = self.elastis.call(&PAY).form(Form::new().field("invoice_id", id)).empty();
        Create::new(call, self.clone(), WantedInvoice::Paid { id }, Accepted::unnamed)
    }

    /// Pays all unpaid invoices of a billing account, the oldest first. **This charges the account's credit or card.**
    /// If an invoice cannot be paid, the invoices that were paid before it remain paid.
    ///
    /// It cannot be recovered, because the call may have paid only some of the invoices: [`list`](Self::list) shows
    /// which are paid.
    ///
    /// `POST /v1/payment/pay_all`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and **some or all
    ///   invoices may have been paid**.
    /// - [`is_conflict`](http_core::Error::is_conflict): an invoice cannot be paid, e.g. because the account has no
    ///   verified payment method.
    /// - [`is_forbidden`](http_core::Error::is_forbidden): there is no billing account with this id, or the account
    ///   belongs to another user.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// elastis.invoices().pay_all(account).await?;
    /// assert!(elastis.billing_accounts().unpaid_amount(account).await?.is_zero());
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn pay_all(&self, account: BillingAccountId) -> Call<()> {
        self.elastis.call(&PAY_ALL).form(Form::new().field("billing_account_id", account)).empty()
    }

    /// Pays up to `amount` towards the unpaid invoices of a billing account, the oldest first. **This charges the
    /// account's credit or card.** `amount` must be above 0; the last invoice may be paid only in part.
    ///
    /// It cannot be recovered, because a payment does not show which call made it: compare the transactions in
    /// [`list`](Self::list) with the earlier ones.
    ///
    /// `POST /v1/payment/pay_amount`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and **the amount may have
    ///   been paid**.
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the amount is not above 0 or has fractions of
    ///   a cent.
    /// - [`is_forbidden`](http_core::Error::is_forbidden): there is no billing account with this id, or the account
    ///   belongs to another user.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_billing::{Decimal, ElastisBilling};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let paid = elastis.invoices().pay_amount(account, Decimal::from(10)).await?;
    /// println!("{:?} paid towards {:?}", paid.amount_used, paid.paid_invoices);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn pay_amount(&self, account: BillingAccountId, amount: Decimal) -> Call<AmountPaid> {
        let form = Form::new().field("amount", amount).field("billing_account_id", account);
        let paid: Call<AmountPaid> = paying(self.elastis.call(&PAY_AMOUNT).form(form), amount).json();
        // The provider may confirm the part that was paid, beside an error about the rest.
        paid.map(|paid| AmountPaid {
            success: paid.success && paid.error.is_none() && paid.errors.is_empty(),
            ..paid
        })
    }

    /// Finds the invoice of a [`request_invoice`](crate::Credit::request_invoice) or of a [`pay`](Self::pay) whose
    /// outcome is unknown. Takes the ticket that [`note`](Recover::note) provided before the request was sent. Pays
    /// nothing.
    #[inline]
    pub fn find_created(&self, ticket: &Ticket) -> Recover<Invoice> {
        Recover::find::<WantedInvoice>(self.clone(), ticket)
    }
}

http_core::wire::integer_id! {
    /// The id of an invoice. It can exceed 32 bits.
    pub struct InvoiceId;
    /// The id of an invoice line.
    pub struct InvoiceRecordId;
    /// The id of a payment.
    pub struct TransactionId;
}

//! Prepaid credit.

use elastis_core::{BillingAccountId, Elastis};
use http_core::client::{Accepted, Fit, Form, Operation, Seek, operations};
use http_core::recovery::{Create, Recover, Ticket};
use http_core::wire::{DateTime, Decimal, Utc};
use http_core::{Call, ListCall};

use crate::cards::CardId;
use crate::invoices::{Invoice, Invoices, REQUEST_INVOICE, RequestedInvoice, WantedInvoice};
use crate::paying;

operations![
    LIST = Operation::get("credit.list", "/v1/payment/credit/list"),
    BUY = Operation::post("credit.buy", "/v1/payment/credit/buy")
        .with_recovery_hint("look for the new record in credit().list(..)")
        .recoverable(),
];

/// The handle for prepaid credit; returned by [`ElastisBilling::credit`](crate::ElastisBilling::credit).
///
/// [`BillingAccount::credit_amount`](crate::BillingAccount::credit_amount) is the remaining credit.
#[derive(Clone, Debug)]
pub struct Credit {
    pub(crate) elastis: Elastis,
}

impl Credit {
    /// Returns all records of an account's credit: the amounts that were added and used.
    ///
    /// `GET /v1/payment/credit/list`
    ///
    /// # Errors
    ///
    /// - [`is_forbidden`](http_core::Error::is_forbidden): the billing account belongs to another user.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// for record in elastis.credit().list(account).await? {
    ///     println!("{:?} {}", record.amount, record.description);
    /// }
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn list(&self, account: BillingAccountId) -> ListCall<CreditRecord> {
        self.elastis.call(&LIST).query("billing_account_id", account).list()
    }

    /// Buys credit with a card of the account. **This charges the card.** `amount` must be above 0.
    ///
    /// The request is never repeated after the provider may have processed it. [`recover`](Create::recover) returns the
    /// new record with this amount, even if the response is lost; a concurrent top-up of the same amount cannot be
    /// distinguished from this one. If `recover` finds no record, check the card statement before you pay again.
    ///
    /// `POST /v1/payment/credit/buy`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and **the card may have
    ///   been charged**.
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the amount is not above 0 or has fractions of
    ///   a cent.
    /// - [`is_conflict`](http_core::Error::is_conflict): the card is not verified, or the payment failed.
    /// - [`is_forbidden`](http_core::Error::is_forbidden): the card or the billing account belongs to another user.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_billing::{Decimal, ElastisBilling};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let cards = elastis.cards().list(account).await?;
    /// if let Some(card) = cards.iter().find(|card| card.is_primary) {
    ///     elastis.credit().buy(account, card.id, Decimal::from(100)).await?;
    /// }
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn buy(&self, account: BillingAccountId, card: CardId, amount: Decimal) -> Create<(), CreditRecord> {
        let form = Form::new()
            .field("billing_account_id", account)
            .field("payment_object_id", card)
            .field("amount", amount);
        let call = paying(self.elastis.call(&BUY).form(form), amount).empty();
        Create::new(call, self.clone(), WantedRecord { account, amount }, Accepted::unnamed)
    }

    /// Finds the record of a [`buy`](Self::buy) whose outcome is unknown. Takes the ticket that [`note`](Recover::note)
    /// provided before the request was sent. Pays nothing.
    #[inline]
    pub fn find_created(&self, ticket: &Ticket) -> Recover<CreditRecord> {
        Recover::find::<WantedRecord>(self.clone(), ticket)
    }

    /// Requests an invoice to top up credit by bank transfer. The invoice is sent to the account's e-mail address; the
    /// credit is added when the invoice is paid. `amount` must be above 0.
    ///
    /// Each request creates an invoice, so a request is never repeated after the provider may have processed it.
    /// [`recover`](Create::recover) returns the new invoice for this amount, even if the response is lost.
    ///
    /// `POST /v1/payment/credit/request_invoice`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and the invoice may
    ///   exist.
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the amount is not above 0 or has fractions of
    ///   a cent.
    /// - [`is_forbidden`](http_core::Error::is_forbidden): the billing account belongs to another user.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_billing::{Decimal, ElastisBilling};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// elastis.credit().request_invoice(account, Decimal::from(100)).await?;
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn request_invoice(&self, account: BillingAccountId, amount: Decimal) -> Create<(), Invoice> {
        let form = Form::new().field("billing_account_id", account).field("amount", amount);
        let call = paying(self.elastis.call(&REQUEST_INVOICE).form(form), amount).empty();
        let invoices = Invoices { elastis: self.elastis.clone() };
        Create::new(
            call,
            invoices,
            WantedInvoice::Requested(RequestedInvoice { account, amount }),
            Accepted::unnamed,
        )
    }
}

http_core::wire::integer_id! {
    /// The id of a credit record.
    pub struct CreditRecordId;
}

http_core::wire::models! {
    /// A record of credit that was added or used.
    pub struct CreditRecord {
        /// The record's id.
        pub id: CreditRecordId,
        /// The billing account.
        pub billing_account_id: Option<BillingAccountId>,
        /// The amount of credit that was added; negative if credit was used.
        pub amount: Option<Decimal>,
        /// The time of the record.
        pub created: Option<DateTime<Utc>>,
        /// The purpose of the record.
        pub description: String,
    }
}

http_core::wire::models! {
    /// The values that the request and a record have in common.
    struct WantedRecord {
        account: BillingAccountId,
        amount: Decimal,
    }

    /// A record as it appears in a list; only the id is required.
    struct RecordRow {
        id: CreditRecordId,
        amount: Option<Decimal>,
    }
}

impl Seek for WantedRecord {
    type Handle = Credit;
    type Row = RecordRow;
    type Found = CreditRecord;

    fn operation(&self) -> Operation {
        BUY
    }

    #[inline]
    fn list(&self, credit: &Credit) -> ListCall<RecordRow> {
        credit.elastis.call(&LIST).query("billing_account_id", self.account).list()
    }

    fn id(row: &RecordRow) -> String {
        row.id.to_string()
    }

    #[inline]
    fn fit(&self, row: &RecordRow) -> Fit {
        Fit::new().field("amount", Some(&self.amount), row.amount.as_ref())
    }

    #[inline]
    fn fetch(&self, credit: &Credit, id: &str) -> Call<CreditRecord> {
        credit.list(self.account).only("record", id, |record| record.id.to_string())
    }

    fn found_id(record: &CreditRecord) -> String {
        record.id.to_string()
    }
}

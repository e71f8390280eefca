//! Prepaid credit.

use elastis_core::{BillingAccountId, Elastis};
use http_core::client::{Accepted, Fit, Form, Operation, Seek, operations};
use http_core::recovery::{Create, Recover, Ticket};
use http_core::wire::{DateTime, Decimal, Utc};
use http_core::{Call, Error, ListCall};

use crate::cards::CardId;
use crate::invoices::{Invoice, Invoices, REQUEST_INVOICE, RequestedInvoice, SoughtInvoice};
use crate::paying;

operations![
    LIST = Operation::get("credit.list", "/v1/payment/credit/list"),
    BUY = Operation::post("credit.buy", "/v1/payment/credit/buy")
        .with_recovery_hint("look for the new record in credit().list(..)")
        .recoverable(),
];

/// Prepaid credit; from [`ElastisBilling::credit`](crate::ElastisBilling::credit).
///
/// How much is left stands in [`BillingAccount::credit_amount`](crate::BillingAccount::credit_amount).
#[derive(Clone, Debug)]
pub struct Credit {
    pub(crate) elastis: Elastis,
}

impl Credit {
    /// All that was added to an account's credit and taken from it.
    ///
    /// `GET /v1/payment/credit/list`
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
    pub fn list(&self, account: BillingAccountId) -> ListCall<CreditRecord> {
        self.elastis.call(&LIST).query("billing_account_id", account).list()
    }

    /// Buys credit with a card of the account. **This pays.**
    ///
    /// It is never repeated after it may have been processed. [`recover`](Create::recover) returns the new record of
    /// this amount, also if the response is lost; a top-up of the same amount at the same time looks the same. If it
    /// finds none, check the card statement before you pay again.
    ///
    /// `amount` must be above 0. A card that is not verified, or not the account's, is refused.
    ///
    /// `POST /v1/payment/credit/buy`
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
    pub fn buy(&self, account: BillingAccountId, card: CardId, amount: Decimal) -> Create<(), CreditRecord> {
        let form = Form::new()
            .field("billing_account_id", account)
            .field("payment_object_id", card)
            .field("amount", amount);
        let call = paying(self.elastis.call(&BUY).form(form), amount).empty();
        Create::new(call, self.clone(), SoughtRecord { account, amount }, Accepted::unnamed)
    }

    /// Finds the record of a [`buy`](Self::buy) whose outcome is unknown, by the ticket that [`note`](Recover::note)
    /// returned before. It only looks and pays nothing.
    pub fn find_created(&self, ticket: &Ticket) -> Recover<CreditRecord> {
        Recover::find::<SoughtRecord>(self.clone(), ticket)
    }

    /// Asks for an invoice to top up credit by bank transfer; it comes by e-mail to the account's address, and
    /// the credit arrives when it is paid.
    ///
    /// `amount` must be above 0. Each call creates an invoice: it is never repeated after it may have been
    /// processed. [`recover`](Create::recover) returns the new invoice over this amount, also if the response is lost.
    ///
    /// `POST /v1/payment/credit/request_invoice`
    ///
    /// ```
    /// use elastis_billing::{Decimal, ElastisBilling};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// elastis.credit().request_invoice(account, Decimal::from(100)).await?;
    /// # Ok(()) });
    /// ```
    pub fn request_invoice(&self, account: BillingAccountId, amount: Decimal) -> Create<(), Invoice> {
        let form = Form::new().field("billing_account_id", account).field("amount", amount);
        let call = paying(self.elastis.call(&REQUEST_INVOICE).form(form), amount).empty();
        let invoices = Invoices { elastis: self.elastis.clone() };
        Create::new(
            call,
            invoices,
            SoughtInvoice::Requested(RequestedInvoice { account, amount }),
            Accepted::unnamed,
        )
    }
}

http_core::wire::integer_id! {
    /// The number of a record in an account's credit.
    pub struct CreditRecordId;
}

http_core::wire::models! {
    /// Credit that was added, or taken to pay.
    pub struct CreditRecord {
        /// The record.
        pub id: CreditRecordId,
        /// The account.
        pub billing_account_id: Option<BillingAccountId>,
        /// What was added; negative where it was taken.
        pub amount: Option<Decimal>,
        /// When.
        pub created: Option<DateTime<Utc>>,
        /// What for, in words.
        pub description: String,
    }
}

http_core::wire::models! {
    /// What request and record have in common.
    struct SoughtRecord {
        account: BillingAccountId,
        amount: Decimal,
    }

    /// A record of which only the number has to be there.
    struct RecordRow {
        id: CreditRecordId,
        amount: Option<Decimal>,
    }
}

impl Seek for SoughtRecord {
    type Handle = Credit;
    type Row = RecordRow;
    type Found = CreditRecord;

    fn operation(&self) -> Operation {
        BUY
    }

    fn list(&self, credit: &Credit) -> ListCall<RecordRow> {
        credit.elastis.call(&LIST).query("billing_account_id", self.account).list()
    }

    fn id(row: &RecordRow) -> String {
        row.id.to_string()
    }

    fn fit(&self, row: &RecordRow) -> Fit {
        Fit::new().field("amount", Some(&self.amount), row.amount.as_ref())
    }

    fn fetch(&self, credit: &Credit, id: &str) -> Call<CreditRecord> {
        let id = id.to_owned();
        credit.list(self.account).and_then(move |records| {
            let record = records.into_iter().find(|record| record.id.to_string() == id);
            record.ok_or_else(|| Error::not_found(format!("record {id} is not in the list")))
        })
    }

    fn found_id(record: &CreditRecord) -> String {
        record.id.to_string()
    }
}

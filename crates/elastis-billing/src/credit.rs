//! Prepaid credit.

use elastis_core::{BillingAccountId, Elastis};
use http_core::client::{Form, Operation};
use http_core::wire::{DateTime, Decimal, Utc};
use http_core::{Call, ListCall};

use crate::cards::CardId;
use crate::paying;

pub(crate) const LIST: Operation = Operation::get("credit.list", "/v1/payment/credit/list");
pub(crate) const BUY: Operation = Operation::post("credit.buy", "/v1/payment/credit/buy")
    .with_recovery_hint("look for the new record in credit().list(..)");
pub(crate) const REQUEST_INVOICE: Operation =
    Operation::post("credit.request_invoice", "/v1/payment/credit/request_invoice")
        .with_recovery_hint("look for the new invoice in invoices().list(..)");

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
    ///     println!("{:>10} {}", record.amount, record.description);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn list(&self, account: BillingAccountId) -> ListCall<CreditRecord> {
        self.elastis.call(&LIST).query("billing_account_id", account).list()
    }

    /// Buys credit with a card of the account. **This pays.** It is never repeated after it may have been
    /// processed.
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
    pub fn buy(&self, account: BillingAccountId, card: CardId, amount: Decimal) -> Call<()> {
        let form = Form::new()
            .field("billing_account_id", account)
            .field("payment_object_id", card)
            .field("amount", amount);
        paying(self.elastis.call(&BUY).form(form), amount).empty()
    }

    /// Asks for an invoice to top up credit by bank transfer; it comes by e-mail to the account's address, and
    /// the credit arrives when it is paid.
    ///
    /// `amount` must be above 0. Each call makes an invoice: it is never repeated after it may have been
    /// processed.
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
    pub fn request_invoice(&self, account: BillingAccountId, amount: Decimal) -> Call<()> {
        let form = Form::new().field("billing_account_id", account).field("amount", amount);
        paying(self.elastis.call(&REQUEST_INVOICE).form(form), amount).empty()
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

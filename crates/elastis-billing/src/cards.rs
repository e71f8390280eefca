//! Cards and payment by invoice.

use std::fmt::Display;

use elastis_core::{BillingAccountId, Elastis};
use http_core::client::{Accepted, CallBuilder, Fit, Form, Gone, Operation, Seek, listed_rows, operations};
use http_core::recovery::{Create, Recover, Ticket};
use http_core::wire::{DateTime, Utc};
use http_core::{Call, Error, ListCall, SecretString};
use serde::{Deserialize, Serialize};

use crate::ElastisBilling as _;
use crate::embedded_json::EmbeddedJson;

operations![
    LIST = Operation::get("card.list", "/v1/payment/card/list"),
    GET = Operation::get("card.get", "/v1/payment/card"),
    ADD = Operation::post("card.add", "/v1/payment/card")
        .with_recovery_hint("look for the new card in cards().list(..)")
        .recoverable()
        .returns_id("id"),
    APPLY_FOR_INVOICE_PAYMENT =
        Operation::post("billing_account.apply_for_invoice_payment", "/v1/payment/apply_for_invoice_payment")
            .with_recovery_hint("look for the new payment method in cards().list(..)")
            .recoverable()
            .returns_id("id"),
    DELETE = Operation::delete("card.delete", "/v1/payment/card").confirmed(),
    SET_PRIMARY = Operation::put("card.set_primary", "/v1/payment/card/set_primary").confirmed(),
];

/// The handle for cards and payment by invoice; returned by [`ElastisBilling::cards`](crate::ElastisBilling::cards).
///
/// The provider's name for both is "payment object".
#[derive(Clone, Debug)]
pub struct Cards {
    pub(crate) elastis: Elastis,
}

impl Cards {
    /// Adds a card, using the token that the card processor issued for it; the provider verifies the card. The first
    /// card of an account becomes its primary card; the other cards are used if a payment with the primary card fails.
    ///
    /// The request is never repeated after the provider may have processed it. If the response is lost,
    /// [`recover`](Create::recover) finds the card.
    ///
    /// `POST /v1/payment/card`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and the card may have
    ///   been added.
    /// - [`is_conflict`](http_core::Error::is_conflict): the card was declined.
    /// - [`is_forbidden`](http_core::Error::is_forbidden): the billing account belongs to another user.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_billing::{ElastisBilling, SecretString};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let token = SecretString::from("tok_visa");
    /// let card = elastis.cards().add(account, token).await?;
    /// println!("card {}, verified: {}", card.id, card.is_verified);
    /// # Ok(()) });
    /// ```
    pub fn add(&self, account: BillingAccountId, token: impl Into<SecretString>) -> Create<Card> {
        let form = Form::new().field("billing_account_id", account).secret("token", &token.into());
        let wanted = WantedCard { account, by_invoice: false };
        Create::new(self.elastis.call(&ADD).form(form).json(), self.clone(), wanted, Accepted::Now)
    }

    /// Returns the cards of a billing account.
    ///
    /// `GET /v1/payment/card/list`
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// for card in elastis.cards().list(account).await? {
    ///     println!("{}{}", card.id, if card.is_primary { ", primary" } else { "" });
    /// }
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn list(&self, account: BillingAccountId) -> ListCall<Card> {
        self.elastis.call(&LIST).query("billing_account_id", account).list()
    }

    /// Returns a card.
    ///
    /// `GET /v1/payment/card`
    ///
    /// # Errors
    ///
    /// - [`is_forbidden`](http_core::Error::is_forbidden): there is no card with this id, or the card belongs to
    ///   another user.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_billing::{CardId, ElastisBilling};
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let card = elastis.cards().get(CardId::new(6)).await?;
    /// if let Some(facts) = card.additional_data.and_then(|data| data.to_value()) {
    ///     println!("{} ending in {}", facts["card_type"], facts["last4"]);
    /// }
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn get(&self, id: CardId) -> Call<Card> {
        self.read(id).json()
    }

    fn read(&self, id: impl Display + Copy) -> CallBuilder {
        self.elastis.call(&GET).query("payment_object_id", id).about("id", id)
    }

    /// Deletes a card from its account.
    ///
    /// `DELETE /v1/payment/card`
    ///
    /// # Errors
    ///
    /// - [`is_forbidden`](http_core::Error::is_forbidden): there is no card with this id, or the card belongs to
    ///   another user.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_billing::{CardId, ElastisBilling};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let id = CardId::new(6);
    /// elastis.cards().delete(id).await?;
    /// assert!(elastis.cards().list(account).await?.iter().all(|card| card.id != id));
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn delete(&self, id: CardId) -> Call<()> {
        let cards = self.clone();
        let read = move || cards.clone().read_gone(id);
        let form = Form::new().field("payment_object_id", id);
        self.elastis.call(&DELETE).form(form).confirm_gone("", read).empty()
    }

    /// Makes a card the primary card, which payments are charged to. It replaces the current primary card. The card
    /// must be [verified](Card::is_verified).
    ///
    /// `PUT /v1/payment/card/set_primary`
    ///
    /// # Errors
    ///
    /// - [`is_conflict`](http_core::Error::is_conflict): the card is not verified.
    /// - [`is_forbidden`](http_core::Error::is_forbidden): there is no card with this id, or the card belongs to
    ///   another user.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_billing::{CardId, ElastisBilling};
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let id = CardId::new(6);
    /// elastis.cards().set_primary(id).await?;
    /// assert!(elastis.cards().get(id).await?.is_primary);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn set_primary(&self, id: CardId) -> Call<()> {
        let cards = self.clone();
        let read = move || cards.get(id).map(|card| card.is_primary);
        let form = Form::new().field("payment_object_id", id);
        self.elastis.call(&SET_PRIMARY).form(form).confirm_by("", read).empty()
    }

    /// Finds the payment method of an [`add`](Self::add) or an
    /// [`apply_for_invoice_payment`](crate::BillingAccounts::apply_for_invoice_payment) whose outcome is unknown. Takes
    /// the ticket that [`note`](Recover::note) provided before the request was sent. Adds nothing.
    #[inline]
    pub fn find_created(&self, ticket: &Ticket) -> Recover<Card> {
        Recover::find::<WantedCard>(self.clone(), ticket)
    }

    /// Checks the cards of all accounts, because a deleted card results in the same error as another user's card.
    #[inline]
    async fn read_gone(self, id: CardId) -> Result<Gone, Error> {
        // This call fails if the token is restricted to one account.
        self.elastis.tokens().list().await?;
        let accounts = self.elastis.billing_accounts().list().await?;
        let mut gone = if accounts.is_empty() { Gone::No } else { Gone::Yes };
        for account in &accounts {
            let cards = self.elastis.call(&LIST).query("billing_account_id", account.id);
            let cards: Vec<CardRow> = cards.rows(listed_rows).await?;
            gone = gone.and(Gone::among(&cards, |card| card.id == id && card.is_deleted != Some(true)));
        }
        Ok(gone)
    }
}

http_core::wire::integer_id! {
    /// The id of a card or of another payment method; `payment_object_id` on the wire.
    pub struct CardId;
}

http_core::wire::models! {
    /// A payment method: a card, or payment by invoice.
    pub struct Card {
        /// The id of the card, not the card number.
        pub id: CardId,
        /// The billing account that the card pays for.
        pub billing_account_id: Option<BillingAccountId>,
        /// The provider's id for the account at the card processor.
        pub billing_account_processor_identifier_id: Option<u64>,
        /// The card processor's data: kind, last digits, holder, expiry. For payment by invoice, the data is in Python
        /// notation.
        pub additional_data: Option<EmbeddedJson>,
        /// The time at which the card was added.
        pub created: Option<DateTime<Utc>>,
        /// The card's id at the card processor; `N/A` for payment by invoice.
        pub identifier: Option<String>,
        /// Whether payments are charged to this card.
        pub is_primary: bool,
        /// Whether the card has been verified. Only verified cards can be used for payments.
        pub is_verified: bool,
        /// Whether the card was deleted. Only the response to adding a card contains this field.
        #[serde(rename = "is_deleted")]
        pub deleted: Option<bool>,
        /// The time at which the card expires.
        pub valid_thru: Option<DateTime<Utc>>,
    }
}

impl Card {
    /// Convenience method: returns whether the card was deleted. Only the response to adding a card contains this
    /// information.
    pub fn is_deleted(&self) -> bool {
        self.deleted == Some(true)
    }
}

/// The identifier of payment by invoice. No card uses it.
const BY_INVOICE: &str = "N/A";

/// A card and the request for it have only the account in common.
#[derive(Serialize, Deserialize)]
pub(crate) struct WantedCard {
    pub(crate) account: BillingAccountId,
    pub(crate) by_invoice: bool,
}

http_core::wire::models! {
    /// A card as it appears in a list; only the id is required.
    pub(crate) struct CardRow {
        id: CardId,
        identifier: Option<String>,
        is_deleted: Option<bool>,
    }
}

impl Seek for WantedCard {
    const MAY_RETURN_EXISTING: bool = true;
    type Handle = Cards;
    type Row = CardRow;
    type Found = Card;

    fn operation(&self) -> Operation {
        if self.by_invoice { APPLY_FOR_INVOICE_PAYMENT } else { ADD }
    }

    #[inline]
    fn list(&self, cards: &Cards) -> ListCall<CardRow> {
        cards.elastis.call(&LIST).query("billing_account_id", self.account).list()
    }

    fn id(row: &CardRow) -> String {
        row.id.to_string()
    }

    #[inline]
    fn fit(&self, row: &CardRow) -> Fit {
        let by_invoice =
            row.identifier.as_deref().map(|identifier| identifier.eq_ignore_ascii_case(BY_INVOICE));
        Fit::new()
            .unless(by_invoice.is_some_and(|is| is != self.by_invoice))
            .unless(row.is_deleted == Some(true))
    }

    #[inline]
    fn fetch(&self, cards: &Cards, id: &str) -> Call<Card> {
        cards.read(id).json()
    }

    fn found_id(card: &Card) -> String {
        card.id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payment_by_invoice_is_no_card_in_any_letter_case() {
        let is_candidate = |by_invoice, row: &str| {
            let wanted = WantedCard { account: BillingAccountId::new(6), by_invoice };
            wanted.fit(&serde_json::from_str(row).unwrap()) == Fit::new()
        };
        for (row, by_invoice) in [
            (r#"{"id": 1, "identifier": "N/A"}"#, true),
            (r#"{"id": 1, "identifier": "n/a"}"#, true),
            (r#"{"id": 1, "identifier": "4242"}"#, false),
        ] {
            assert!(is_candidate(by_invoice, row) && !is_candidate(!by_invoice, row), "{row}");
        }
        assert!(!is_candidate(false, r#"{"id": 1, "is_deleted": true}"#));
    }
}

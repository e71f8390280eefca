//! Cards, and paying by invoice.

use elastis_core::{BillingAccountId, Elastis};
use http_core::client::{Accepted, Fit, Form, Operation, Seek, operations};
use http_core::recovery::{Create, Recover, Ticket};
use http_core::wire::{DateTime, Utc};
use http_core::{Call, ListCall, SecretString};
use serde::{Deserialize, Serialize};

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
            .with_recovery_hint("look for it in cards().list(..)")
            .recoverable()
            .returns_id("id"),
    DELETE = Operation::delete("card.delete", "/v1/payment/card"),
    SET_PRIMARY = Operation::put("card.set_primary", "/v1/payment/card/set_primary"),
];

/// Cards, and paying by invoice; from [`ElastisBilling::cards`](crate::ElastisBilling::cards).
///
/// The provider calls both payment objects.
#[derive(Clone, Debug)]
pub struct Cards {
    pub(crate) elastis: Elastis,
}

impl Cards {
    /// The cards of a billing account.
    ///
    /// `GET /v1/payment/card/list`
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
    pub fn list(&self, account: BillingAccountId) -> ListCall<Card> {
        self.elastis.call(&LIST).query("billing_account_id", account).list()
    }

    /// One card.
    ///
    /// A card that is not there, or somebody else's, gives an error that
    /// [`is_forbidden`](crate::Error::is_forbidden).
    ///
    /// `GET /v1/payment/card`
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
    pub fn get(&self, id: CardId) -> Call<Card> {
        self.elastis.call(&GET).query("payment_object_id", id).json()
    }

    /// Adds a card by the token that the card processor gave for it, and has the provider check it. The first
    /// card of an account becomes its primary one, a further one steps in when that fails.
    ///
    /// It is never repeated after it may have been processed; [`recover`](Create::recover) finds the card if the
    /// response is lost.
    ///
    /// `POST /v1/payment/card`
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
        let sought = SoughtCard { account, by_invoice: false };
        Create::new(self.elastis.call(&ADD).form(form).json(), self.clone(), sought, Accepted::Now)
    }

    /// Finds the card of an [`add`](Self::add), or the way to pay of an
    /// [`apply_for_invoice_payment`](crate::BillingAccounts::apply_for_invoice_payment), whose outcome is unknown, by
    /// the ticket that [`note`](Recover::note) returned before. It only looks and adds nothing.
    pub fn find_created(&self, ticket: &Ticket) -> Recover<Card> {
        Recover::find::<SoughtCard>(self.clone(), ticket)
    }

    /// Removes a card from its account.
    ///
    /// `DELETE /v1/payment/card`
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
    pub fn delete(&self, id: CardId) -> Call<()> {
        self.elastis.call(&DELETE).form(Form::new().field("payment_object_id", id)).empty()
    }

    /// Takes payments from this card from now on; the former primary card no longer is one. The card must be
    /// [verified](Card::is_verified).
    ///
    /// `PUT /v1/payment/card/set_primary`
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
    pub fn set_primary(&self, id: CardId) -> Call<()> {
        self.elastis.call(&SET_PRIMARY).form(Form::new().field("payment_object_id", id)).empty()
    }
}

http_core::wire::integer_id! {
    /// The number of a card, or of paying by invoice; the provider calls it `payment_object_id`.
    pub struct CardId;
}

http_core::wire::models! {
    /// A way to pay: a card, or paying by invoice.
    pub struct Card {
        /// The card.
        pub id: CardId,
        /// The account that it pays for.
        pub billing_account_id: Option<BillingAccountId>,
        /// The provider's number for the account at the card processor.
        pub billing_account_processor_identifier_id: Option<u64>,
        /// What the card processor knows of it: kind, last digits, holder, expiry. Python's notation where
        /// paying by invoice was applied for.
        pub additional_data: Option<EmbeddedJson>,
        /// When it was added.
        pub created: Option<DateTime<Utc>>,
        /// The card processor's id of it; `N/A` for paying by invoice.
        pub identifier: Option<String>,
        /// Whether payments are taken from it.
        pub is_primary: bool,
        /// Whether it was found good; only then can it pay.
        pub is_verified: bool,
        /// Whether it was removed; told only of a new one.
        #[serde(rename = "is_deleted")]
        pub deleted: Option<bool>,
        /// When it expires.
        pub valid_thru: Option<DateTime<Utc>>,
    }
}

impl Card {
    /// Convenience method: whether the card was deleted. The provider says so only of a new card.
    pub fn is_deleted(&self) -> bool {
        self.deleted == Some(true)
    }
}

/// The identifier of paying by invoice, which no card has.
const BY_INVOICE: &str = "N/A";

/// A card has nothing in common with the request for it but its account.
#[derive(Serialize, Deserialize)]
pub(crate) struct SoughtCard {
    pub(crate) account: BillingAccountId,
    pub(crate) by_invoice: bool,
}

http_core::wire::models! {
    /// A card of which only the number has to be there.
    pub(crate) struct CardRow {
        id: CardId,
        identifier: Option<String>,
        is_deleted: Option<bool>,
    }
}

impl Seek for SoughtCard {
    type Handle = Cards;
    type Row = CardRow;
    type Found = Card;

    fn operation(&self) -> Operation {
        if self.by_invoice { APPLY_FOR_INVOICE_PAYMENT } else { ADD }
    }

    fn list(&self, cards: &Cards) -> ListCall<CardRow> {
        cards.elastis.call(&LIST).query("billing_account_id", self.account).list()
    }

    fn id(row: &CardRow) -> String {
        row.id.to_string()
    }

    fn fit(&self, row: &CardRow) -> Fit {
        let by_invoice = row.identifier.as_deref().map(|identifier| identifier == BY_INVOICE);
        Fit::new()
            .unless(by_invoice.is_some_and(|is| is != self.by_invoice))
            .unless(row.is_deleted == Some(true))
    }

    fn fetch(&self, cards: &Cards, id: &str) -> Call<Card> {
        cards.elastis.call(&GET).query("payment_object_id", id).json()
    }

    fn found_id(card: &Card) -> String {
        card.id.to_string()
    }
}

//! The accounts that resources are charged to.

mod details;
mod models;

pub use details::AccountDetails;
pub use models::{
    BillingAccount, CardAddress, CardBillingDetails, CardChecks, CardDetails, CardProcessorData,
    PaymentReport, PrimaryCard, Promotion, RecurringPaymentSet, RestrictionLevel, RunningTotals,
    ThreeDSecureUsage,
};

use elastis_core::{BillingAccountId, Elastis};
use http_core::client::{Accepted, CallBuilder, Effect, Form, Operation, operations};
use http_core::recovery::Create;
use http_core::wire::Decimal;
use http_core::{Call, CallSequence, Error, ListCall};

use crate::cards::{APPLY_FOR_INVOICE_PAYMENT, Card, Cards, SoughtCard};

operations![
    LIST = Operation::get("billing_account.list", "/v1/payment/billing_account/list"),
    GET = Operation::get("billing_account.get", "/v1/payment/billing_account"),
    UPDATE = Operation::put("billing_account.update", "/v1/payment/billing_account"),
    DELETE = Operation::delete("billing_account.delete", "/v1/payment/billing_account"),
    SET_DEFAULT = Operation::post("billing_account.set_default", "/v1/payment/billing_account/set_default")
        .idempotent(),
    SET_RECURRING_PAYMENT = Operation::put(
        "billing_account.set_recurring_payment",
        "/v1/payment/billing_account/{billing_account_id}/recurring_payment",
    )
    .non_idempotent()
    .with_recovery_hint("look for a new record in credit().list(..), and at the account's recurring payment")
    .unrecoverable("its payment looks like any other"),
    UNPAID_AMOUNT =
        Operation::get("billing_account.unpaid_amount", "/v1/payment/billing_account/unpaid_amount"),
];

/// The accounts that resources are charged to; from
/// [`ElastisBilling::billing_accounts`](crate::ElastisBilling::billing_accounts).
///
/// An account that does not exist gives an error that [`is_not_found`](Error::is_not_found), somebody else's one
/// that [`is_forbidden`](Error::is_forbidden).
#[derive(Clone, Debug)]
pub struct BillingAccounts {
    pub(crate) elastis: Elastis,
}

impl BillingAccounts {
    /// The user's billing accounts, without deleted ones.
    ///
    /// `GET /v1/payment/billing_account/list`
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// for account in elastis.billing_accounts().list().await? {
    ///     println!("{} {:?}: {:?} unpaid", account.id, account.title, account.unpaid_amount);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn list(&self) -> ListCall<BillingAccount> {
        self.elastis.call(&LIST).list()
    }

    /// Like [`list`](Self::list), with the deleted ones.
    ///
    /// `GET /v1/payment/billing_account/list`
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let accounts = elastis.billing_accounts().list_with_deleted().await?;
    /// println!("{} deleted", accounts.iter().filter(|account| account.is_deleted()).count());
    /// # Ok(()) });
    /// ```
    pub fn list_with_deleted(&self) -> ListCall<BillingAccount> {
        self.elastis.call(&LIST).query("show_shadow", true).list()
    }

    /// One billing account: who pays, how, and how the running month stands.
    ///
    /// `GET /v1/payment/billing_account`
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// # hostkit_doctest::elastis(async |elastis, id| {
    /// let account = elastis.billing_accounts().get(id).await?;
    /// println!("{:?} of credit is left", account.credit_amount);
    /// # Ok(()) });
    /// ```
    pub fn get(&self, id: BillingAccountId) -> Call<BillingAccount> {
        self.read(id).json()
    }

    /// Convenience method: returns what an owner may change of a billing account, as [`replace`](Self::replace)
    /// takes it. It reads the account.
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// # hostkit_doctest::elastis(async |elastis, id| {
    /// let details = elastis.billing_accounts().details(id).await?;
    /// println!("invoices go to {:?}", details.email);
    /// # Ok(()) });
    /// ```
    pub fn details(&self, id: BillingAccountId) -> Call<AccountDetails> {
        self.read(id).json()
    }

    fn read(&self, id: BillingAccountId) -> CallBuilder {
        self.elastis.call(&GET).query("billing_account_id", id)
    }

    /// Convenience method: changes a billing account and keeps everything else. The provider deletes each field
    /// that an update does not contain, so this reads the account, lets `change` change it, and writes all of it
    /// back.
    ///
    /// What somebody else changes between reading and writing is lost. Recurring payment is not part of it:
    /// see [`set_recurring_payment`](Self::set_recurring_payment). Assumed: lists and objects such as the primary
    /// card, which no form can carry, stay as they are.
    ///
    /// `PUT /v1/payment/billing_account`
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// # hostkit_doctest::elastis(async |elastis, id| {
    /// let account = elastis
    ///     .billing_accounts()
    ///     .update(id, |details| details.company_name = Some("Kõik & Co".into()))
    ///     .await?;
    /// assert_eq!(account.company_name.as_deref(), Some("Kõik & Co"));
    /// assert_eq!(account.country.as_deref(), Some("EE")); // as before
    /// # Ok(()) });
    /// ```
    pub fn update(
        &self,
        id: BillingAccountId,
        change: impl FnOnce(&mut AccountDetails) + Send + 'static,
    ) -> CallSequence<BillingAccount> {
        let accounts = self.clone();
        CallSequence::new(async move {
            let mut details = accounts.details(id).await?;
            change(&mut details);
            accounts.replace(id, &details).await
        })
    }

    /// Writes the details of a billing account. **Whatever `details` does not hold is deleted from the
    /// account**, its e-mail address excepted; mostly [`update`](Self::update) is what you want.
    ///
    /// `PUT /v1/payment/billing_account`
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// # hostkit_doctest::elastis(async |elastis, id| {
    /// let mut details = elastis.billing_accounts().details(id).await?;
    /// details.city = None;
    /// let account = elastis.billing_accounts().replace(id, &details).await?;
    /// assert_eq!(account.city, None);
    /// # Ok(()) });
    /// ```
    pub fn replace(&self, id: BillingAccountId, details: &AccountDetails) -> Call<BillingAccount> {
        let form = Form::new().field("billing_account_id", id);
        self.elastis.call(&UPDATE).form(details.write(form)).json()
    }

    /// Deletes a billing account. Pay its invoices and move its resources before: one that owes money or pays
    /// for something is refused with an error that [`is_conflict`](Error::is_conflict).
    ///
    /// `DELETE /v1/payment/billing_account`
    ///
    /// ```
    /// use elastis_billing::{Decimal, ElastisBilling};
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// for account in elastis.billing_accounts().list().await? {
    ///     if !account.is_default && account.unpaid_amount == Some(Decimal::ZERO) {
    ///         elastis.billing_accounts().delete(account.id).await?;
    ///     }
    /// }
    /// # Ok(()) });
    /// ```
    pub fn delete(&self, id: BillingAccountId) -> Call<()> {
        self.elastis.call(&DELETE).form(Form::new().field("billing_account_id", id)).empty()
    }

    /// Makes this the account that pays where none is named.
    ///
    /// `POST /v1/payment/billing_account/set_default`
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// # hostkit_doctest::elastis(async |elastis, id| {
    /// elastis.billing_accounts().set_default(id).await?;
    /// assert!(elastis.billing_accounts().get(id).await?.is_default);
    /// # Ok(()) });
    /// ```
    pub fn set_default(&self, id: BillingAccountId) -> Call<()> {
        self.elastis.call(&SET_DEFAULT).form(Form::new().field("billing_account_id", id)).empty()
    }

    /// Switches automatic top-ups on or off. **Switching them on pays at once** where the account already stands
    /// below the threshold; the response's [`triggered`](PaymentReport::triggered) tells. It is then never repeated
    /// after it may have been processed.
    ///
    /// It cannot be recovered, because its payment looks like any other: read the account again, and look for a new
    /// record in [`credit().list(..)`](crate::Credit::list).
    ///
    /// The account needs a card that can be charged.
    ///
    /// `PUT /v1/payment/billing_account/{billing_account_id}/recurring_payment`
    ///
    /// ```
    /// use elastis_billing::{Decimal, ElastisBilling, RecurringPayment};
    ///
    /// # hostkit_doctest::elastis(async |elastis, id| {
    /// let payment = RecurringPayment::new(Decimal::from(50), Decimal::from(10));
    /// let set = elastis.billing_accounts().set_recurring_payment(id, payment).await?;
    /// if set.payment_report.is_some_and(|report| report.triggered) {
    ///     println!("topped up: {:?}", set.account);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn set_recurring_payment(
        &self,
        id: BillingAccountId,
        payment: RecurringPayment,
    ) -> Call<RecurringPaymentSet> {
        let effect = if payment.enabled { Effect::NonIdempotent } else { Effect::Idempotent };
        let form = Form::new()
            .field("is_recurring_payment_enabled", payment.enabled)
            .optional("recurring_payment_amount", payment.amount)
            .optional("recurring_payment_threshold", payment.threshold);
        let draft = self.elastis.call(&SET_RECURRING_PAYMENT).path("billing_account_id", id).form(form);
        match payment.check() {
            Ok(()) => draft,
            Err(mistake) => draft.invalid(mistake),
        }
        .effect(effect)
        .json()
    }

    /// What a billing account still owes: all invoices that are not paid, tax included.
    ///
    /// `GET /v1/payment/billing_account/unpaid_amount`
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// # hostkit_doctest::elastis(async |elastis, id| {
    /// let unpaid = elastis.billing_accounts().unpaid_amount(id).await?;
    /// println!("{unpaid} to be paid");
    /// # Ok(()) });
    /// ```
    pub fn unpaid_amount(&self, id: BillingAccountId) -> Call<Decimal> {
        let draft = self.elastis.call(&UNPAID_AMOUNT).query("billing_account_id", id);
        draft.json().map(|unpaid: UnpaidAmount| unpaid.message)
    }

    /// Applies for paying by invoice. The account then has a further way to pay, of no use until the provider's
    /// staff has [verified](Card::is_verified) it.
    ///
    /// It is never repeated after it may have been processed; [`recover`](Create::recover) finds the new way to pay if
    /// the response is lost.
    ///
    /// `POST /v1/payment/apply_for_invoice_payment`
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// # hostkit_doctest::elastis(async |elastis, id| {
    /// let applied = elastis.billing_accounts().apply_for_invoice_payment(id).await?;
    /// assert!(!applied.is_verified);
    /// # Ok(()) });
    /// ```
    pub fn apply_for_invoice_payment(&self, id: BillingAccountId) -> Create<Card> {
        let form = Form::new().field("billing_account_id", id);
        let call = self.elastis.call(&APPLY_FOR_INVOICE_PAYMENT).form(form).json();
        let cards = Cards { elastis: self.elastis.clone() };
        Create::new(call, cards, SoughtCard { account: id, by_invoice: true }, Accepted::Now)
    }
}

http_core::wire::models! {
    struct UnpaidAmount {
        message: Decimal,
    }
}

/// Automatic top-ups: when what is left of an account's credit falls below a threshold, an amount of credit is
/// bought with its primary card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecurringPayment {
    /// Whether they are made.
    pub enabled: bool,
    /// What is paid each time, above 0. Must be there to switch them on.
    pub amount: Option<Decimal>,
    /// Below which [`ongoing`](RunningTotals::ongoing) it is paid. Must be there to switch them on.
    pub threshold: Option<Decimal>,
}

impl RecurringPayment {
    /// Pays `amount` whenever less than `threshold` is left.
    pub fn new(amount: Decimal, threshold: Decimal) -> Self {
        Self { enabled: true, amount: Some(amount), threshold: Some(threshold) }
    }

    /// No automatic top-ups.
    pub fn off() -> Self {
        Self { enabled: false, amount: None, threshold: None }
    }

    fn check(&self) -> Result<(), Error> {
        self.amount.map_or(Ok(()), crate::payable)?;
        if self.threshold.is_some_and(|threshold| threshold < Decimal::ZERO) {
            return Err(Error::invalid_argument("threshold must not be below 0"));
        }
        if self.enabled && (self.amount.is_none() || self.threshold.is_none()) {
            return Err(Error::invalid_argument("to switch recurring payment on, set amount and threshold"));
        }
        Ok(())
    }
}

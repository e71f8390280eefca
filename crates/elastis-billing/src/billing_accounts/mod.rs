//! Billing accounts, which pay for resources.

mod details;
mod models;
mod recurring_payment;

pub use details::AccountDetails;
pub use models::{
    BillingAccount, CardAddress, CardBillingDetails, CardChecks, CardDetails, CardProcessorData,
    PaymentReport, PrimaryCard, Promotion, RecurringPaymentSet, RestrictionLevel, RunningTotals,
    ThreeDSecureUsage,
};
pub use recurring_payment::RecurringPayment;

use elastis_core::{BillingAccountId, Elastis};
use http_core::client::{Accepted, CallBuilder, Form, Operation, operations};
use http_core::recovery::Create;
use http_core::wire::Decimal;
use http_core::{Call, CallSequence, ListCall};
use serde_json::value::RawValue;

use crate::cards::{APPLY_FOR_INVOICE_PAYMENT, Card, Cards, WantedCard};

operations![
    LIST = Operation::get("billing_account.list", "/v1/payment/billing_account/list"),
    GET = Operation::get("billing_account.get", "/v1/payment/billing_account"),
    UPDATE = Operation::put("billing_account.update", "/v1/payment/billing_account").confirmed(),
    DELETE = Operation::delete("billing_account.delete", "/v1/payment/billing_account").confirmed(),
    SET_DEFAULT = Operation::post("billing_account.set_default", "/v1/payment/billing_account/set_default")
        .idempotent()
        .confirmed(),
    SET_RECURRING_PAYMENT = Operation::put(
        "billing_account.set_recurring_payment",
        "/v1/payment/billing_account/{billing_account_id}/recurring_payment",
    )
    .non_idempotent()
    .with_recovery_hint(
        "look for a new record in credit().list(..) and check the account's recurring payment"
    )
    .unrecoverable("a payment does not show which call made it"),
    UNPAID_AMOUNT =
        Operation::get("billing_account.unpaid_amount", "/v1/payment/billing_account/unpaid_amount"),
];

/// The handle for billing accounts; returned by
/// [`ElastisBilling::billing_accounts`](crate::ElastisBilling::billing_accounts).
///
/// Calls with an account that does not exist return an [`is_not_found`](http_core::Error::is_not_found) error; calls
/// with another user's account return an [`is_forbidden`](http_core::Error::is_forbidden) error.
#[derive(Clone, Debug)]
pub struct BillingAccounts {
    pub(crate) elastis: Elastis,
}

impl BillingAccounts {
    /// Returns the user's billing accounts, except deleted ones.
    ///
    /// `GET /v1/payment/billing_account/list`
    ///
    /// # Examples
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
    #[inline]
    pub fn list(&self) -> ListCall<BillingAccount> {
        self.elastis.call(&LIST).list()
    }

    /// Returns the user's billing accounts, including deleted ones.
    ///
    /// `GET /v1/payment/billing_account/list`
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let accounts = elastis.billing_accounts().list_with_deleted().await?;
    /// println!("{} deleted", accounts.iter().filter(|account| account.is_deleted()).count());
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn list_with_deleted(&self) -> ListCall<BillingAccount> {
        self.elastis.call(&LIST).query("show_shadow", true).list()
    }

    /// Returns a billing account, with its payment settings and the costs of the current month.
    ///
    /// `GET /v1/payment/billing_account`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no billing account with this id.
    /// - [`is_forbidden`](http_core::Error::is_forbidden): the billing account belongs to another user.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// # hostkit_doctest::elastis(async |elastis, id| {
    /// let account = elastis.billing_accounts().get(id).await?;
    /// println!("{:?} of credit is left", account.credit_amount);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn get(&self, id: BillingAccountId) -> Call<BillingAccount> {
        self.read(id).json()
    }

    /// Convenience method: reads a billing account and returns the fields that its owner can change, e.g. to pass them
    /// to [`replace`](Self::replace).
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Decode`](http_core::ErrorKind::Decode): the response is not this account, or a field has an
    ///   unexpected type. [`replace`](Self::replace) would delete such a field.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no billing account with this id.
    /// - [`is_forbidden`](http_core::Error::is_forbidden): the billing account belongs to another user.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// # hostkit_doctest::elastis(async |elastis, id| {
    /// let details = elastis.billing_accounts().details(id).await?;
    /// println!("invoices go to {:?}", details.email);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn details(&self, id: BillingAccountId) -> Call<AccountDetails> {
        self.read_details(id).and_then(|(details, unread)| {
            details.check_unread(&unread)?;
            Ok(details)
        })
    }

    /// Returns the details, and the names of the fields that have an unexpected type.
    #[inline]
    fn read_details(&self, id: BillingAccountId) -> Call<(AccountDetails, Vec<&'static str>)> {
        self.read(id).decode(move |body| details::decode(body, id))
    }

    #[inline]
    fn read(&self, id: BillingAccountId) -> CallBuilder {
        self.elastis.call(&GET).query("billing_account_id", id).about("id", id)
    }

    /// Convenience method: updates a billing account and keeps all other fields. The provider deletes each field that
    /// an update does not contain, so this method reads the account, calls `change`, and writes all fields back.
    ///
    /// **A change that another program makes between the read and the write is lost.** The recurring payment is not
    /// included: see [`set_recurring_payment`](Self::set_recurring_payment). Assumed: lists and objects such as the
    /// primary card, which a form cannot contain, are kept.
    ///
    /// `PUT /v1/payment/billing_account`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no billing account with this id.
    /// - [`is_forbidden`](http_core::Error::is_forbidden): the billing account belongs to another user.
    /// - [`ErrorKind::Decode`](http_core::ErrorKind::Decode): the response to the read is not this account, or a field
    ///   that `change` does not set is not UTF-8 or has an unexpected type. Nothing is written.
    ///
    /// # Examples
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
            let (mut details, unread) = accounts.read_details(id).await?;
            change(&mut details);
            details.check(&unread)?;
            accounts.replace(id, &details).await
        })
    }

    /// Replaces the details of a billing account. **Fields that `details` does not contain are deleted from the
    /// account**, except its e-mail address. In most cases, [`update`](Self::update) is the better choice.
    ///
    /// `PUT /v1/payment/billing_account`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no billing account with this id.
    /// - [`is_forbidden`](http_core::Error::is_forbidden): the billing account belongs to another user.
    ///
    /// # Examples
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
    #[inline]
    pub fn replace(&self, id: BillingAccountId, details: &AccountDetails) -> Call<BillingAccount> {
        let form = Form::new().field("billing_account_id", id);
        let (accounts, details) = (self.clone(), details.clone());
        let call = self.elastis.call(&UPDATE).form(details.write(form)).about("id", id);
        // The account is read as JSON, so that it can be decoded as both `AccountDetails` and `BillingAccount`.
        let read = move || accounts.read(id).json();
        let call = call.confirm_by_state::<Box<RawValue>, _>(read, move |account| {
            let account = account.get();
            serde_json::from_str(account).is_ok_and(|account: BillingAccount| account.id == id)
                && serde_json::from_str(account).is_ok_and(|now| details.are_in(&now))
        });
        call.json()
    }

    /// Deletes a billing account. Pay its invoices and move its resources to another account first.
    ///
    /// `DELETE /v1/payment/billing_account`
    ///
    /// # Errors
    ///
    /// - [`is_conflict`](http_core::Error::is_conflict): the account owes money or pays for a resource.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no billing account with this id.
    /// - [`is_forbidden`](http_core::Error::is_forbidden): the billing account belongs to another user.
    ///
    /// # Examples
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
    #[inline]
    pub fn delete(&self, id: BillingAccountId) -> Call<()> {
        let accounts = self.clone();
        let is_gone = move |account: &BillingAccount| account.id == id && account.is_deleted();
        let read = move || accounts.list_with_deleted().map(move |accounts| accounts.iter().any(is_gone));
        let form = Form::new().field("billing_account_id", id);
        self.elastis.call(&DELETE).form(form).confirm_by("", read).empty()
    }

    /// Makes a billing account the default account, which pays if a request specifies no account.
    ///
    /// `POST /v1/payment/billing_account/set_default`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no billing account with this id.
    /// - [`is_forbidden`](http_core::Error::is_forbidden): the billing account belongs to another user.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// # hostkit_doctest::elastis(async |elastis, id| {
    /// elastis.billing_accounts().set_default(id).await?;
    /// assert!(elastis.billing_accounts().get(id).await?.is_default);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn set_default(&self, id: BillingAccountId) -> Call<()> {
        let accounts = self.clone();
        let read = move || accounts.get(id).map(|account| account.is_default);
        let form = Form::new().field("billing_account_id", id);
        self.elastis.call(&SET_DEFAULT).form(form).confirm_by("", read).empty()
    }

    /// Returns the amount that a billing account owes: the sum of its unpaid invoices, including tax.
    ///
    /// `GET /v1/payment/billing_account/unpaid_amount`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no billing account with this id.
    /// - [`is_forbidden`](http_core::Error::is_forbidden): the billing account belongs to another user.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// # hostkit_doctest::elastis(async |elastis, id| {
    /// let unpaid = elastis.billing_accounts().unpaid_amount(id).await?;
    /// println!("{unpaid} to be paid");
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn unpaid_amount(&self, id: BillingAccountId) -> Call<Decimal> {
        let draft = self.elastis.call(&UNPAID_AMOUNT).query("billing_account_id", id);
        draft.json().map(|unpaid: UnpaidAmount| unpaid.message)
    }

    /// Applies for payment by invoice. This adds a payment method to the account. The payment method cannot be used
    /// until the provider's staff has [verified](Card::is_verified) it.
    ///
    /// The request is never repeated after the provider may have processed it. If the response is lost,
    /// [`recover`](Create::recover) finds the new payment method.
    ///
    /// `POST /v1/payment/apply_for_invoice_payment`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and the application may
    ///   exist.
    /// - [`is_forbidden`](http_core::Error::is_forbidden): the billing account belongs to another user.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// # hostkit_doctest::elastis(async |elastis, id| {
    /// let applied = elastis.billing_accounts().apply_for_invoice_payment(id).await?;
    /// assert!(!applied.is_verified);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn apply_for_invoice_payment(&self, id: BillingAccountId) -> Create<Card> {
        let form = Form::new().field("billing_account_id", id);
        let call = self.elastis.call(&APPLY_FOR_INVOICE_PAYMENT).form(form).json();
        let cards = Cards { elastis: self.elastis.clone() };
        Create::new(call, cards, WantedCard { account: id, by_invoice: true }, Accepted::Now)
    }
}

http_core::wire::models! {
    struct UnpaidAmount {
        message: Decimal,
    }
}

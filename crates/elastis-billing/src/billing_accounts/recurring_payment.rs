//! Automatic top-ups.

use elastis_core::BillingAccountId;
use http_core::client::{Effect, Form, decode_json};
use http_core::wire::{Decimal, DecodeError};
use http_core::{Call, Error};

use super::{BillingAccounts, RecurringPaymentSet, SET_RECURRING_PAYMENT};

impl BillingAccounts {
    /// Turns automatic top-ups on or off. **Turning them on triggers a payment immediately** if the account is already
    /// below the threshold; [`triggered`](crate::PaymentReport::triggered) in the response shows whether it did. A call that
    /// turns them on is never repeated after the provider may have processed it.
    ///
    /// It cannot be recovered, because a payment does not show which call made it: read the account again, and look for
    /// a new record in [`credit().list(..)`](crate::Credit::list).
    ///
    /// The account needs a card that can be charged.
    ///
    /// `PUT /v1/payment/billing_account/{billing_account_id}/recurring_payment`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and **a payment may have
    ///   been made**.
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the amount or the threshold is missing or out
    ///   of range.
    /// - [`is_conflict`](http_core::Error::is_conflict): the account has no card that can be charged.
    ///
    /// # Examples
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
    #[inline]
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
        .decode(move |body| {
            let set: RecurringPaymentSet = decode_json(body)?;
            if set.account.as_ref().is_some_and(|account| account.id != id) {
                return Err(DecodeError::new(format!("the response is about another account than {id}")));
            }
            Ok(set)
        })
    }
}

/// The settings of automatic top-ups: when the remaining credit of an account falls below a threshold, credit is bought
/// with the account's primary card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecurringPayment {
    /// Whether automatic top-ups are on.
    pub enabled: bool,
    /// The amount of each top-up, above 0. Required to turn top-ups on.
    pub amount: Option<Decimal>,
    /// The threshold: a top-up is made when [`ongoing`](crate::RunningTotals::ongoing) falls below it. Required to turn
    /// top-ups on.
    pub threshold: Option<Decimal>,
}

impl RecurringPayment {
    /// Creates settings that top up the credit by `amount` whenever it falls below `threshold`.
    pub fn new(amount: Decimal, threshold: Decimal) -> Self {
        Self { enabled: true, amount: Some(amount), threshold: Some(threshold) }
    }

    /// Creates settings that turn automatic top-ups off.
    pub fn off() -> Self {
        Self { enabled: false, amount: None, threshold: None }
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        self.amount.map_or(Ok(()), crate::payable)?;
        if self.threshold.is_some_and(|threshold| threshold < Decimal::ZERO) {
            return Err(Error::invalid_argument("threshold must not be negative"));
        }
        if self.enabled && (self.amount.is_none() || self.threshold.is_none()) {
            return Err(Error::invalid_argument(
                "a recurring payment needs an amount and a threshold; set both to turn it on",
            ));
        }
        Ok(())
    }
}

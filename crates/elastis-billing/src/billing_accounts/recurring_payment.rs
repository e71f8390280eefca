//! Automatic top-ups.

use http_core::Error;
use http_core::wire::Decimal;

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

#![doc(html_root_url = "https://docs.rs/elastis-billing/latest")]
#![doc = include_str!("../README.md")]
//!
//! ## Errors
//!
//! Every failure is an [`Error`] with predicates: see [Errors](http_core#errors), and [`elastis_core`] for the
//! peculiarities of this API. An amount that cannot be paid results in an
//! [`is_invalid_argument`](Error::is_invalid_argument) error, and nothing is sent.
//!
//! ## Waits
//!
//! There is nothing to wait for: the response to a payment arrives when the payment is complete. To see later changes,
//! read the resource again, e.g. with [`Invoices::get`].
//!
//! ## Retries
//!
//! **Nothing is paid twice**: a call that pays is never repeated after the provider may have processed it. If its
//! response is lost, the call returns an [`is_outcome_unknown`](Error::is_outcome_unknown) error, whose message names
//! the call that shows the outcome. See [Retries](http_core#retries).
//!
//! ## Secrets
//!
//! The token of a card, which you pass to [`Cards::add`], is a secret. A [`Card`] contains nothing that could be used
//! to pay elsewhere. See [Secrets](http_core#secrets).
//!
//! ## Operations
//!
//! The effect column shows what sending the request twice would do, and so whether the request is
//! [repeated](http_core#retries) after a failure.
//!
#![doc = include_str!("operations.md")]

mod billing_accounts;
mod billing_resources;
mod campaigns;
mod cards;
mod costs;
mod credit;
mod embedded_json;
mod invoices;
mod pricing;
mod unit;
mod usage;

pub use billing_accounts::{
    AccountDetails, BillingAccount, BillingAccounts, CardAddress, CardBillingDetails, CardChecks,
    CardDetails, CardProcessorData, PaymentReport, PrimaryCard, Promotion, RecurringPayment,
    RecurringPaymentSet, RestrictionLevel, RunningTotals, ThreeDSecureUsage,
};
pub use billing_resources::{BillingResource, BillingResources, ResourceRef, ResourceType};
pub use campaigns::Campaigns;
pub use cards::{Card, CardId, Cards};
pub use costs::{Cost, CostFailure, CostKind, Costs, Idle, TotalCost};
pub use credit::{Credit, CreditRecord, CreditRecordId};
pub use elastis_core::{
    self, BillingAccountId, Call, CallSequence, Decimal, Elastis, Error, ExposeSecret, LocationSlug,
    SecretString, UserId, Vm, VmId, VmSize,
};
pub use embedded_json::EmbeddedJson;
pub use invoices::{
    AmountPaid, Invoice, InvoiceId, InvoiceRecord, InvoiceRecordId, InvoiceStatus, InvoiceTotals, Invoices,
    Transaction, TransactionId,
};
pub use pricing::{PolicyId, Price, PricedResource, Pricing, PricingPolicy};
pub use unit::Unit;
pub use usage::{Configuration, ResourceUsage, UptimeType, Usage};

use http_core::client::{CallBuilder, Operation, all_operations};

/// All operations of this crate.
pub const OPERATIONS: &[Operation] =
    all_operations![billing_accounts, billing_resources, cards, credit, invoices, campaigns, pricing, usage];

/// The billing methods of [`Elastis`]. Import this trait to call them.
pub trait ElastisBilling: sealed::Sealed {
    /// Returns the handle for billing accounts, which pay for resources.
    fn billing_accounts(&self) -> BillingAccounts;

    /// Returns the handle for the resources that a billing account pays for.
    fn billing_resources(&self) -> BillingResources;

    /// Returns the handle for cards and payment by invoice.
    fn cards(&self) -> Cards;

    /// Returns the handle for prepaid credit.
    fn credit(&self) -> Credit;

    /// Returns the handle for invoices and their payment.
    fn invoices(&self) -> Invoices;

    /// Returns the handle for the provider's campaigns.
    fn campaigns(&self) -> Campaigns;

    /// Returns the handle for the price list.
    fn pricing(&self) -> Pricing;

    /// Returns the handle for the usage of the current month.
    fn usage(&self) -> Usage;

    /// Convenience method: returns everything that is billed in all locations, with its cost according to the [price
    /// list](Pricing::policy), and marks idle resources: stopped VMs, unattached disks, unassigned floating IPs, and
    /// load balancers without targets. It changes nothing.
    ///
    /// A cost whose price is not in the list is unknown, and never counted as zero. If a list of resources cannot be
    /// read, its error is in the [`failures`](Costs::failures), and the other lists are still returned.
    ///
    /// # Errors
    ///
    /// - The sequence itself fails only if the locations cannot be listed.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// elastis.vms().stop(vm.uuid).await?;
    /// let costs = elastis.costs().await?;
    /// println!("{costs}");
    /// for row in costs.idle() {
    ///     println!("{} {} costs {:?} an hour", row.kind, row.id, row.hourly);
    /// }
    /// # assert_eq!(costs.idle().next().map(|row| &row.id), Some(&vm.uuid.to_string()));
    /// # Ok(()) });
    /// ```
    fn costs(&self) -> CallSequence<Costs>;
}

impl ElastisBilling for Elastis {
    fn billing_accounts(&self) -> BillingAccounts {
        BillingAccounts { elastis: self.clone() }
    }

    fn billing_resources(&self) -> BillingResources {
        BillingResources { elastis: self.clone() }
    }

    fn cards(&self) -> Cards {
        Cards { elastis: self.clone() }
    }

    fn credit(&self) -> Credit {
        Credit { elastis: self.clone() }
    }

    fn invoices(&self) -> Invoices {
        Invoices { elastis: self.clone() }
    }

    fn campaigns(&self) -> Campaigns {
        Campaigns { elastis: self.clone() }
    }

    fn pricing(&self) -> Pricing {
        Pricing { elastis: self.clone() }
    }

    fn usage(&self) -> Usage {
        Usage { elastis: self.clone() }
    }

    #[inline]
    fn costs(&self) -> CallSequence<Costs> {
        costs::read(self)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for elastis_core::Elastis {}
}

/// Rejects an amount that cannot be paid, before anything is sent.
fn paying(draft: CallBuilder, amount: Decimal) -> CallBuilder {
    match payable(amount) {
        Ok(()) => draft,
        Err(mistake) => draft.invalid(mistake),
    }
}

/// Checks that an amount is above 0 and has no fractions of a cent.
fn payable(amount: Decimal) -> Result<(), Error> {
    if amount <= Decimal::ZERO {
        return Err(Error::invalid_argument("amount must be above 0"));
    }
    if amount.normalize().scale() > 2 {
        return Err(Error::invalid_argument("amount must not have more than 2 decimal places"));
    }
    Ok(())
}

//! The provider's campaigns.

use elastis_core::Elastis;
use http_core::Call;
use http_core::client::{Operation, operations};

operations![HAS_ACTIVE = Operation::get("campaign.has_active", "/v1/payment/has_active_campaigns"),];

/// The handle for the provider's campaigns; returned by
/// [`ElastisBilling::campaigns`](crate::ElastisBilling::campaigns).
#[derive(Clone, Debug)]
pub struct Campaigns {
    pub(crate) elastis: Elastis,
}

impl Campaigns {
    /// Returns whether any campaign is running. For the promotions that an account can still earn credit from, see the
    /// account's [`eligible_promotions`](crate::BillingAccount::eligible_promotions).
    ///
    /// `GET /v1/payment/has_active_campaigns`
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// if elastis.campaigns().has_active().await? {
    ///     println!("a campaign is running");
    /// }
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn has_active(&self) -> Call<bool> {
        self.elastis.call(&HAS_ACTIVE).json().map(|active: Active| active.success)
    }
}

http_core::wire::models! {
    struct Active {
        #[required]
        success: bool,
    }
}

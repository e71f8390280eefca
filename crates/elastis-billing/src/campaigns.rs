//! The provider's campaigns.

use elastis_core::Elastis;
use http_core::{Call, Operation};
use serde::Deserialize;

pub(crate) const HAS_ACTIVE: Operation =
    Operation::get("campaign.has_active", "/v1/payment/has_active_campaigns");

/// The provider's campaigns; from [`ElastisBilling::campaigns`](crate::ElastisBilling::campaigns).
#[derive(Clone, Debug)]
pub struct Campaigns {
    pub(crate) elastis: Elastis,
}

impl Campaigns {
    /// Whether any campaign runs at present. Which ones an account can still earn from stands in its
    /// [`eligible_promotions`](crate::BillingAccount::eligible_promotions).
    ///
    /// `GET /v1/payment/has_active_campaigns`
    ///
    /// ```
    /// # use elastis_billing::{Elastis, ElastisBilling};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = hostkit_simulator::Simulator::start().await?;
    /// # let account = simulator.elastis();
    /// # let elastis = Elastis::builder(account.key.as_str()).base_url(&account.base_url).build()?;
    /// if elastis.campaigns().has_active().await? {
    ///     println!("there is something to win");
    /// }
    /// # Ok(()) }
    /// ```
    pub fn has_active(&self) -> Call<bool> {
        self.elastis.call(&HAS_ACTIVE).reply().map(|active: Active| active.success)
    }
}

#[derive(Deserialize)]
struct Active {
    success: bool,
}

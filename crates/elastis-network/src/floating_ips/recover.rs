//! Finds a floating IP after the response to its create request was lost.

use elastis_core::BillingAccountId;
use http_core::client::{Fit, Operation, Seek};
use http_core::{Call, ListCall};
use serde::{Deserialize, Serialize};

use super::{CREATE, FloatingIp, FloatingIps, LIST, NewFloatingIp};
use crate::named::named;

#[derive(Serialize, Deserialize)]
pub(super) struct WantedAddress {
    pub(super) name: Option<String>,
    pub(super) billing_account: BillingAccountId,
}

impl WantedAddress {
    pub(super) fn new(new: &NewFloatingIp) -> Self {
        Self { name: new.name.clone(), billing_account: new.billing_account_id }
    }
}

impl Seek for WantedAddress {
    const REUSES_IDS: bool = true;
    type Handle = FloatingIps;
    type Row = FloatingIp;
    type Found = FloatingIp;

    fn operation(&self) -> Operation {
        CREATE
    }

    #[inline]
    fn list(&self, ips: &FloatingIps) -> ListCall<FloatingIp> {
        ips.elastis.call(&LIST).list()
    }

    fn id(row: &FloatingIp) -> String {
        row.address.to_string()
    }

    #[inline]
    fn fit(&self, row: &FloatingIp) -> Fit {
        let fit = Fit::new()
            .field("billing_account_id", Some(&self.billing_account), row.billing_account_id.as_ref())
            // Excludes the address of a VM or load balancer that is created at the same time.
            .field("assigned_to", Some(&false), Some(&!row.is_unassigned()))
            .unless(row.is_deleted());
        named(fit, self.name.as_ref(), row.name.as_deref())
    }

    #[inline]
    fn fetch(&self, ips: &FloatingIps, id: &str) -> Call<FloatingIp> {
        ips.read(id).json()
    }

    fn found_id(ip: &FloatingIp) -> String {
        ip.address.to_string()
    }
}

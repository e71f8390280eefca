//! Finds a floating IP after the response to its create request was lost.

use std::net::IpAddr;

use elastis_core::BillingAccountId;
use http_core::client::{Fit, Operation, Seek};
use http_core::{Call, ListCall};
use serde::{Deserialize, Serialize};

use super::{CREATE, FloatingIp, FloatingIps, GET, LIST, NewFloatingIp};
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

http_core::wire::models! {
    /// A floating IP as it appears in a list; only the address is required.
    pub(super) struct AddressRow {
        address: IpAddr,
        name: Option<String>,
        billing_account_id: Option<BillingAccountId>,
        assigned_to: Option<String>,
        assigned_to_resource_type: Option<String>,
        assigned_to_private_ip: Option<String>,
        is_deleted: Option<bool>,
    }
}

impl AddressRow {
    /// A row may lack the id of the resource that uses the address.
    fn is_assigned(&self) -> bool {
        let assignee = [&self.assigned_to, &self.assigned_to_resource_type, &self.assigned_to_private_ip];
        assignee.iter().any(|field| field.is_some())
    }
}

impl Seek for WantedAddress {
    type Handle = FloatingIps;
    type Row = AddressRow;
    type Found = FloatingIp;

    fn operation(&self) -> Operation {
        CREATE
    }

    fn list(&self, ips: &FloatingIps) -> ListCall<AddressRow> {
        ips.elastis.call(&LIST).list()
    }

    fn id(row: &AddressRow) -> String {
        row.address.to_string()
    }

    fn fit(&self, row: &AddressRow) -> Fit {
        let fit = Fit::new()
            .field("billing_account_id", Some(&self.billing_account), row.billing_account_id.as_ref())
            // Excludes the address of a VM or load balancer that is created at the same time.
            .field("assigned_to", Some(&false), Some(&row.is_assigned()))
            .unless(row.is_deleted == Some(true));
        named(fit, self.name.as_ref(), row.name.as_deref())
    }

    fn fetch(&self, ips: &FloatingIps, id: &str) -> Call<FloatingIp> {
        ips.elastis.call(&GET).path("public_ipv4_address", id).json()
    }

    fn found_id(ip: &FloatingIp) -> String {
        ip.address.to_string()
    }
}

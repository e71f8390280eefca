//! How a load balancer is found whose create was not answered.

use elastis_core::{BillingAccountId, NetworkId};
use http_core::client::{Fit, Operation, Seek};
use http_core::recovery::{Recover, Ticket};
use http_core::{Call, ListCall};
use serde::{Deserialize, Serialize};

use super::{CREATE, GET, LIST, LoadBalancer, LoadBalancerId, LoadBalancers, NewLoadBalancer};
use crate::named::named;

#[derive(Serialize, Deserialize)]
pub(super) struct SoughtBalancer {
    pub(super) name: Option<String>,
    pub(super) billing_account: Option<BillingAccountId>,
    pub(super) network: Option<NetworkId>,
}

impl SoughtBalancer {
    pub(super) fn new(new: &NewLoadBalancer) -> Self {
        Self { name: new.display_name.clone(), billing_account: new.billing_account, network: new.network }
    }
}

http_core::wire::models! {
    /// A load balancer of which only the id has to be there.
    pub(super) struct BalancerRow {
        uuid: LoadBalancerId,
        display_name: Option<String>,
        billing_account_id: Option<BillingAccountId>,
        network_uuid: Option<NetworkId>,
        is_deleted: Option<bool>,
    }
}

impl Seek for SoughtBalancer {
    type Handle = LoadBalancers;
    type Row = BalancerRow;
    type Found = LoadBalancer;

    fn operation(&self) -> Operation {
        CREATE
    }

    fn list(&self, balancers: &LoadBalancers) -> ListCall<BalancerRow> {
        balancers.elastis.call(&LIST).list()
    }

    fn id(row: &BalancerRow) -> String {
        row.uuid.to_string()
    }

    fn fit(&self, row: &BalancerRow) -> Fit {
        let fit = Fit::new()
            .field("billing_account_id", self.billing_account.as_ref(), row.billing_account_id.as_ref())
            .field("network_uuid", self.network.as_ref(), row.network_uuid.as_ref())
            .unless(row.is_deleted == Some(true));
        named(fit, self.name.as_ref(), row.display_name.as_deref())
    }

    fn fetch(&self, balancers: &LoadBalancers, id: &str) -> Call<LoadBalancer> {
        balancers.elastis.call(&GET).path("load_balancer_uuid", id).json()
    }

    fn found_id(balancer: &LoadBalancer) -> String {
        balancer.uuid.to_string()
    }
}

impl LoadBalancers {
    /// Finds the load balancer of a [`create`](Self::create) whose outcome is unknown, by the ticket that
    /// [`note`](Recover::note) returned before. It only looks and creates nothing.
    pub fn find_created(&self, ticket: &Ticket) -> Recover<LoadBalancer> {
        Recover::find::<SoughtBalancer>(self.clone(), ticket)
    }
}

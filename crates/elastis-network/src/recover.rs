//! How networks, addresses and load balancers are found whose create was not answered.

use std::net::IpAddr;

use elastis_core::{BillingAccountId, NetworkId};
use http_core::client::{Fit, Operation, Seek};
use http_core::{Call, Ensure, ListCall, Recover, Ticket};
use serde::{Deserialize, Serialize};

use crate::floating_ips::{self, FloatingIp, FloatingIps, NewFloatingIp};
use crate::load_balancers::{self, LoadBalancer, LoadBalancerId, LoadBalancers, NewLoadBalancer};
use crate::networks::{self, Network, Networks};

#[derive(Serialize, Deserialize)]
pub(crate) struct SoughtNetwork {
    pub(crate) name: String,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct SoughtAddress {
    pub(crate) name: Option<String>,
    pub(crate) billing_account: BillingAccountId,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct SoughtBalancer {
    pub(crate) name: Option<String>,
    pub(crate) billing_account: Option<BillingAccountId>,
    pub(crate) network: Option<NetworkId>,
}

http_core::models! {
    /// A network of which only the id has to be there.
    pub(crate) struct NetworkRow {
        uuid: NetworkId,
        name: Option<String>,
    }

    /// A floating IP of which only the address has to be there.
    pub(crate) struct AddressRow {
        address: IpAddr,
        name: Option<String>,
        billing_account_id: Option<BillingAccountId>,
        assigned_to: Option<String>,
        is_deleted: Option<bool>,
    }

    /// A load balancer of which only the id has to be there.
    pub(crate) struct BalancerRow {
        uuid: LoadBalancerId,
        display_name: Option<String>,
        billing_account_id: Option<BillingAccountId>,
        network_uuid: Option<NetworkId>,
        is_deleted: Option<bool>,
    }
}

/// A name where one was asked for.
fn named(fit: Fit, wanted: Option<&String>, found: Option<&str>) -> Fit {
    match wanted {
        Some(name) => fit.name(name, found),
        None => fit,
    }
}

impl Seek for SoughtNetwork {
    type Handle = Networks;
    type Row = NetworkRow;
    type Found = Network;

    fn operation(&self) -> Operation {
        networks::CREATE
    }

    fn list(&self, networks: &Networks) -> ListCall<NetworkRow> {
        networks.elastis.call(&networks::LIST).list()
    }

    fn id(row: &NetworkRow) -> String {
        row.uuid.to_string()
    }

    fn fit(&self, row: &NetworkRow) -> Fit {
        Fit::new().name(&self.name, row.name.as_deref())
    }

    fn fetch(&self, networks: &Networks, id: &str) -> Call<Network> {
        networks.elastis.call(&networks::GET).path("network_uuid", id).json()
    }

    fn found_id(network: &Network) -> String {
        network.uuid.to_string()
    }
}

impl Seek for SoughtAddress {
    const RESPONSE_NAMES_ROW: bool = false;
    type Handle = FloatingIps;
    type Row = AddressRow;
    type Found = FloatingIp;

    fn operation(&self) -> Operation {
        floating_ips::CREATE
    }

    fn list(&self, ips: &FloatingIps) -> ListCall<AddressRow> {
        ips.elastis.call(&floating_ips::LIST).list()
    }

    fn id(row: &AddressRow) -> String {
        row.address.to_string()
    }

    fn fit(&self, row: &AddressRow) -> Fit {
        let fit = Fit::new()
            .field("billing_account_id", Some(&self.billing_account), row.billing_account_id.as_ref())
            // The address of a VM or load balancer that is created meanwhile.
            .unless(row.assigned_to.is_some() || row.is_deleted == Some(true));
        named(fit, self.name.as_ref(), row.name.as_deref())
    }

    fn fetch(&self, ips: &FloatingIps, id: &str) -> Call<FloatingIp> {
        ips.elastis.call(&floating_ips::GET).path("public_ipv4_address", id).json()
    }

    fn found_id(ip: &FloatingIp) -> String {
        ip.address.to_string()
    }
}

impl Seek for SoughtBalancer {
    type Handle = LoadBalancers;
    type Row = BalancerRow;
    type Found = LoadBalancer;

    fn operation(&self) -> Operation {
        load_balancers::CREATE
    }

    fn list(&self, balancers: &LoadBalancers) -> ListCall<BalancerRow> {
        balancers.elastis.call(&load_balancers::LIST).list()
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
        balancers.elastis.call(&load_balancers::GET).path("load_balancer_uuid", id).json()
    }

    fn found_id(balancer: &LoadBalancer) -> String {
        balancer.uuid.to_string()
    }
}

impl Networks {
    /// Finds the network of a [`create`](Self::create) whose outcome is unknown, by the ticket that
    /// [`note`](Recover::note) returned before. It only looks and creates nothing.
    pub fn find_created(&self, ticket: &Ticket) -> Recover<Network> {
        Recover::find::<SoughtNetwork>(self.clone(), ticket)
    }

    /// Returns the network of this name, or creates it recoverably if there is none. Two networks of the name are an
    /// error with both ids.
    ///
    /// **This is no lock**: see [`Ensure`].
    pub fn ensure(&self, name: impl Into<String>) -> Ensure<Network> {
        Ensure::new(self.create(name))
    }
}

impl FloatingIps {
    /// Finds the address of a [`create`](Self::create) whose outcome is unknown, by the ticket that
    /// [`note`](Recover::note) returned before. It only looks and creates nothing.
    pub fn find_created(&self, ticket: &Ticket) -> Recover<FloatingIp> {
        Recover::find::<SoughtAddress>(self.clone(), ticket)
    }
}

impl LoadBalancers {
    /// Finds the load balancer of a [`create`](Self::create) whose outcome is unknown, by the ticket that
    /// [`note`](Recover::note) returned before. It only looks and creates nothing.
    pub fn find_created(&self, ticket: &Ticket) -> Recover<LoadBalancer> {
        Recover::find::<SoughtBalancer>(self.clone(), ticket)
    }
}

impl SoughtAddress {
    pub(crate) fn new(new: &NewFloatingIp) -> Self {
        Self { name: new.name.clone(), billing_account: new.billing_account }
    }
}

impl SoughtBalancer {
    pub(crate) fn new(new: &NewLoadBalancer) -> Self {
        Self { name: new.display_name.clone(), billing_account: new.billing_account, network: new.network }
    }
}

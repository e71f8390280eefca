//! Finds a load balancer, rule or target after the response to its create request was lost.

use std::collections::BTreeSet;

use elastis_core::{BillingAccountId, NetworkId};
use http_core::client::{Fit, Operation, Seek, member_rows};
use http_core::recovery::{Ensure, Recover, Ticket};
use http_core::{Call, Error, ListCall};
use serde::{Deserialize, Serialize};

use super::{
    ADD_RULE, ADD_TARGET, CREATE, ForwardingRule, LIST, LoadBalancer, LoadBalancerId, LoadBalancers,
    NewLoadBalancer, Target, TargetId,
};
use crate::named::named;

impl LoadBalancers {
    /// Returns the load balancer with this name, or creates it as `create(..).recover()` does if there is none. An
    /// existing load balancer is not changed; the result lists the fields in which it differs from the request, e.g.
    /// `targets`.
    ///
    /// **This is not a lock**: see [`Ensure`].
    ///
    /// # Errors
    ///
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the request has no name.
    /// - Several load balancers have this name; [`candidates`](http_core::Error::candidates) returns their ids.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_network::{ElastisNetwork, NewLoadBalancer};
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let new = NewLoadBalancer::new().with_name("shop");
    /// let balancer = elastis.load_balancers().ensure(new.clone()).await?.into_value();
    /// assert_eq!(elastis.load_balancers().ensure(new).await?.into_value().uuid, balancer.uuid);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn ensure(&self, new: NewLoadBalancer) -> Ensure<LoadBalancer> {
        Ensure::new(new.display_name.clone().as_deref(), self.create(new))
    }

    /// Finds the load balancer of a [`create`](Self::create) whose outcome is unknown. Takes the ticket that
    /// [`note`](Recover::note) provided before the request was sent. Creates nothing.
    #[inline]
    pub fn find_created(&self, ticket: &Ticket) -> Recover<LoadBalancer> {
        Recover::find::<WantedBalancer>(self.clone(), ticket)
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct WantedBalancer {
    pub(super) name: Option<String>,
    pub(super) billing_account: Option<BillingAccountId>,
    pub(super) network: Option<NetworkId>,
    #[serde(default)]
    pub(super) ports: BTreeSet<u16>,
    #[serde(default)]
    pub(super) targets: BTreeSet<TargetId>,
}

impl WantedBalancer {
    pub(super) fn new(new: &NewLoadBalancer) -> Self {
        Self {
            name: new.display_name.clone(),
            billing_account: new.billing_account_id,
            network: new.network_uuid,
            ports: new.rules.iter().map(|rule| rule.source_port).collect(),
            targets: new.targets.iter().map(|target| target.id).collect(),
        }
    }
}

http_core::wire::models! {
    /// A load balancer as it appears in a list; only the id is required.
    pub(super) struct BalancerRow {
        uuid: LoadBalancerId,
        display_name: Option<String>,
        billing_account_id: Option<BillingAccountId>,
        network_uuid: Option<NetworkId>,
        is_deleted: Option<bool>,
        forwarding_rules: Option<Vec<RuleRow>>,
        targets: Option<Vec<TargetRow>>,
    }

    /// A rule, which is compared only by its port.
    pub(super) struct RuleRow {
        source_port: Option<u16>,
    }

    /// A target, which is compared only by its id.
    pub(super) struct TargetRow {
        target_uuid: Option<TargetId>,
    }
}

impl Seek for WantedBalancer {
    type Handle = LoadBalancers;
    type Row = BalancerRow;
    type Found = LoadBalancer;

    fn operation(&self) -> Operation {
        CREATE
    }

    #[inline]
    fn list(&self, balancers: &LoadBalancers) -> ListCall<BalancerRow> {
        balancers.elastis.call(&LIST).list()
    }

    fn id(row: &BalancerRow) -> String {
        row.uuid.to_string()
    }

    #[inline]
    fn fit(&self, row: &BalancerRow) -> Fit {
        // A list that is still empty may be incomplete.
        let ports: BTreeSet<_> =
            row.forwarding_rules.iter().flatten().filter_map(|rule| rule.source_port).collect();
        let targets: BTreeSet<_> =
            row.targets.iter().flatten().filter_map(|target| target.target_uuid).collect();
        let fit = Fit::new()
            .field("billing_account_id", self.billing_account.as_ref(), row.billing_account_id.as_ref())
            .field("network_uuid", self.network.as_ref(), row.network_uuid.as_ref())
            .field("forwarding_rules", Some(&self.ports), Some(&ports).filter(|ports| !ports.is_empty()))
            .field("targets", Some(&self.targets), Some(&targets).filter(|targets| !targets.is_empty()))
            .unless(row.is_deleted == Some(true));
        named(fit, self.name.as_ref(), row.display_name.as_deref())
    }

    #[inline]
    fn fetch(&self, balancers: &LoadBalancers, id: &str) -> Call<LoadBalancer> {
        balancers.read(id).json()
    }

    fn found_id(balancer: &LoadBalancer) -> String {
        balancer.uuid.to_string()
    }
}

/// A rule, identified by its port: a load balancer has only one rule per port.
#[derive(Serialize, Deserialize)]
pub(super) struct WantedRule {
    pub(super) balancer: LoadBalancerId,
    pub(super) port: u16,
}

impl Seek for WantedRule {
    const RESPONSE_NAMES_ROW: bool = false;
    type Handle = LoadBalancers;
    type Row = RuleRow;
    type Found = ForwardingRule;

    fn operation(&self) -> Operation {
        ADD_RULE
    }

    #[inline]
    fn list(&self, balancers: &LoadBalancers) -> ListCall<RuleRow> {
        balancers.read(self.balancer).rows(|balancer, each| member_rows(balancer, "forwarding_rules", each))
    }

    fn id(row: &RuleRow) -> String {
        row.source_port.map(|port| port.to_string()).unwrap_or_default()
    }

    #[inline]
    fn fit(&self, row: &RuleRow) -> Fit {
        Fit::new().unique(row.source_port == Some(self.port))
    }

    #[inline]
    fn fetch(&self, balancers: &LoadBalancers, _: &str) -> Call<ForwardingRule> {
        let port = self.port;
        balancers.get(self.balancer).and_then(move |balancer| {
            let rule = balancer.rule_of(port).cloned();
            rule.ok_or_else(|| Error::not_found(format!("the load balancer has no rule for port {port}")))
        })
    }

    fn found_id(rule: &ForwardingRule) -> String {
        rule.source_port.map(|port| port.to_string()).unwrap_or_default()
    }
}

/// A target, identified by its id: a load balancer has each target only once.
#[derive(Serialize, Deserialize)]
pub(super) struct WantedTarget {
    pub(super) balancer: LoadBalancerId,
    pub(super) target: TargetId,
}

impl Seek for WantedTarget {
    const MAY_RETURN_EXISTING: bool = true;
    type Handle = LoadBalancers;
    type Row = TargetRow;
    type Found = Target;

    fn operation(&self) -> Operation {
        ADD_TARGET
    }

    #[inline]
    fn list(&self, balancers: &LoadBalancers) -> ListCall<TargetRow> {
        balancers.read(self.balancer).rows(|balancer, each| member_rows(balancer, "targets", each))
    }

    fn id(row: &TargetRow) -> String {
        row.target_uuid.map(|id| id.to_string()).unwrap_or_default()
    }

    #[inline]
    fn fit(&self, row: &TargetRow) -> Fit {
        Fit::new().unique(row.target_uuid == Some(self.target))
    }

    #[inline]
    fn fetch(&self, balancers: &LoadBalancers, _: &str) -> Call<Target> {
        let target = self.target;
        balancers.get(self.balancer).and_then(move |balancer| {
            let row = balancer.targets.into_iter().find(|row| row.target_uuid == Some(target));
            row.ok_or_else(|| Error::not_found(format!("the load balancer has no target {target}")))
        })
    }

    fn found_id(target: &Target) -> String {
        target.target_uuid.map(|id| id.to_string()).unwrap_or_default()
    }
}

//! Network load balancers.

use std::fmt::Display;

use elastis_core::Elastis;
use http_core::client::{CallBuilder, Operation, operations};

// The documentation page of `LoadBalancers` lists its methods in the order of these modules.
mod calls;
mod rules;
mod targets;

mod convenience;
mod recover;

mod models;

pub use models::{
    ForwardingRule, LoadBalancer, LoadBalancerId, NewLoadBalancer, NewRule, NewTarget, Protocol, RuleId,
    RuleSettings, SessionPersistence, Target, TargetId, TargetType,
};

operations![
    LIST = Operation::get("load_balancer.list", "/v1/network/load_balancers").location_scoped(),
    GET = Operation::get("load_balancer.get", "/v1/network/load_balancers/{load_balancer_uuid}")
        .location_scoped(),
    CREATE = Operation::post("load_balancer.create", "/v1/network/load_balancers")
        .location_scoped()
        .with_recovery_hint("look for the load balancer in load_balancers().list()")
        .recoverable()
        .returns_id("uuid"),
    RENAME = Operation::patch("load_balancer.rename", "/v1/network/load_balancers/{load_balancer_uuid}")
        .location_scoped()
        .confirmed(),
    DELETE = Operation::delete("load_balancer.delete", "/v1/network/load_balancers/{load_balancer_uuid}")
        .location_scoped()
        .confirmed(),
    ADD_TARGET = Operation::post(
        "load_balancer.add_target",
        "/v1/network/load_balancers/{load_balancer_uuid}/targets"
    )
    .location_scoped()
    .with_recovery_hint("look for the target in load_balancers().get(..)")
    .recoverable(),
    REMOVE_TARGET = Operation::delete(
        "load_balancer.remove_target",
        "/v1/network/load_balancers/{load_balancer_uuid}/targets/{target_uuid}",
    )
    .location_scoped()
    .confirmed(),
    ADD_RULE = Operation::post(
        "load_balancer.add_rule",
        "/v1/network/load_balancers/{load_balancer_uuid}/forwarding_rules",
    )
    .location_scoped()
    .with_recovery_hint("look for a rule with these ports in load_balancers().get(..)")
    .recoverable()
    .returns_id("uuid"),
    REMOVE_RULE = Operation::delete(
        "load_balancer.remove_rule",
        "/v1/network/load_balancers/{load_balancer_uuid}/forwarding_rules/{rule_uuid}",
    )
    .location_scoped()
    .confirmed(),
    SET_BILLING_ACCOUNT = Operation::put(
        "load_balancer.set_billing_account",
        "/v1/network/load_balancers/{load_balancer_uuid}/billing_account",
    )
    .location_scoped()
    .confirmed(),
];

/// The handle for the load balancers of a location; returned by
/// [`ElastisNetwork::load_balancers`](crate::ElastisNetwork::load_balancers).
///
/// A load balancer forwards connections from its own ports to the ports of its targets, the VMs behind it. Calls with
/// an id that is unknown in the location return an [`is_not_found`](http_core::Error::is_not_found) error.
#[derive(Clone, Debug)]
pub struct LoadBalancers {
    pub(crate) elastis: Elastis,
}

impl LoadBalancers {
    pub(crate) fn new(elastis: Elastis) -> Self {
        Self { elastis }
    }

    fn read(&self, id: impl Display + Copy) -> CallBuilder {
        self.elastis.call(&GET).path("load_balancer_uuid", id).about("uuid", id)
    }

    #[inline]
    fn one(&self, operation: &'static Operation, id: LoadBalancerId) -> CallBuilder {
        self.elastis.call(operation).path("load_balancer_uuid", id)
    }
}

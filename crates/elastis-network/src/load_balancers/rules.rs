//! The forwarding rules of a load balancer.

use http_core::Call;
use http_core::client::{Accepted, member_rows};
use http_core::recovery::{Create, Recover, Ticket};

use super::recover::SoughtRule;
use super::{ADD_RULE, ForwardingRule, GET, LoadBalancerId, LoadBalancers, NewRule, REMOVE_RULE, RuleId};

impl LoadBalancers {
    /// Adds a rule that forwards a port of the load balancer to a port of its targets.
    ///
    /// The request is never repeated after the provider may have processed it. If the response is lost,
    /// [`recover`](Create::recover) checks whether the port has a rule. The response may lack the rule's id;
    /// [`LoadBalancer::rule_of`](super::LoadBalancer::rule_of) finds it.
    ///
    /// `POST /v1/network/load_balancers/{load_balancer_uuid}/forwarding_rules`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and the rule may have
    ///   been added.
    /// - [`is_conflict`](http_core::Error::is_conflict): the port already has a rule.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no load balancer with this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_network::{ElastisNetwork, NewLoadBalancer, NewRule};
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let id = elastis.load_balancers().create(NewLoadBalancer::new()).await?.uuid;
    /// let rule = elastis.load_balancers().add_rule(id, NewRule::try_from((443, 8443))?).await?;
    /// assert_eq!(rule.target_port, Some(8443));
    /// # Ok(()) });
    /// ```
    pub fn add_rule(&self, id: LoadBalancerId, rule: NewRule) -> Create<ForwardingRule> {
        let sought = SoughtRule { balancer: id, port: rule.source_port.get() };
        Create::new(self.one(&ADD_RULE, id).json_body(&rule).json(), self.clone(), sought, Accepted::Now)
    }

    /// Removes a rule. Connections to its port are no longer forwarded.
    ///
    /// `DELETE /v1/network/load_balancers/{load_balancer_uuid}/forwarding_rules/{rule_uuid}`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no load balancer with this id in the location, or
    ///   it does not have the rule.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_network::{ElastisNetwork, NewLoadBalancer, NewRule};
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let new = NewLoadBalancer::new().with_rule(NewRule::try_from((443, 8443))?);
    /// let balancer = elastis.load_balancers().create(new).await?;
    /// if let Some(rule) = balancer.rule_of(443).and_then(|rule| rule.uuid) {
    ///     elastis.load_balancers().remove_rule(balancer.uuid, rule).await?;
    /// }
    /// # Ok(()) });
    /// ```
    pub fn remove_rule(&self, id: LoadBalancerId, rule: RuleId) -> Call<()> {
        let balancers = self.clone();
        let look = move || {
            let rows = balancers.one(&GET, id).rows(|body, each| member_rows(body, "forwarding_rules", each));
            // A rule without a readable id may be the one.
            rows.gone(move |row: &ForwardingRule| row.uuid.is_none_or(|uuid| uuid == rule))
        };
        self.one(&REMOVE_RULE, id).path("rule_uuid", rule).confirm_gone("", look).empty()
    }

    /// Finds the rule of an [`add_rule`](Self::add_rule) with an unknown outcome, by the ticket that
    /// [`note`](Recover::note) returned before the request was sent. Adds nothing.
    pub fn find_added_rule(&self, ticket: &Ticket) -> Recover<ForwardingRule> {
        Recover::find::<SoughtRule>(self.clone(), ticket)
    }
}

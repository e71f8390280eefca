//! The forwarding rules of a load balancer.

use http_core::Call;
use http_core::client::{Accepted, CallBuilder, member_rows};
use http_core::recovery::{Create, Recover, Ticket};
use http_core::wire::InvalidValue;

use super::recover::WantedRule;
use super::{ADD_RULE, ForwardingRule, LoadBalancerId, LoadBalancers, NewRule, REMOVE_RULE, RuleId};

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
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): a port is 0.
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
    /// let rule = elastis.load_balancers().add_rule(id, NewRule::new(443, 8443)).await?;
    /// assert_eq!(rule.target_port, Some(8443));
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn add_rule(&self, id: LoadBalancerId, rule: NewRule) -> Create<ForwardingRule> {
        let wanted = WantedRule { balancer: id, port: rule.source_port };
        let draft = forwarding(self.one(&ADD_RULE, id).json_body(&rule), &[rule]);
        Create::new(draft.json(), self.clone(), wanted, Accepted::Now)
    }

    /// Removes a rule. Connections to its port are no longer forwarded.
    ///
    /// `DELETE /v1/network/load_balancers/{load_balancer_uuid}/forwarding_rules/{rule_uuid}`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no load balancer with this id in the location, or
    ///   the load balancer does not have the rule.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_network::{ElastisNetwork, NewLoadBalancer, NewRule};
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let new = NewLoadBalancer::new().with_rule(NewRule::new(443, 8443));
    /// let balancer = elastis.load_balancers().create(new).await?;
    /// if let Some(rule) = balancer.rule_of(443).and_then(|rule| rule.uuid) {
    ///     elastis.load_balancers().remove_rule(balancer.uuid, rule).await?;
    /// }
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn remove_rule(&self, id: LoadBalancerId, rule: RuleId) -> Call<()> {
        let balancers = self.clone();
        let read = move || {
            let rows = balancers.read(id).rows(|body, each| member_rows(body, "forwarding_rules", each));
            // A rule whose id cannot be decoded may be the one to remove.
            rows.gone(move |row: &ForwardingRule| row.uuid.is_none_or(|uuid| uuid == rule))
        };
        self.one(&REMOVE_RULE, id).path("rule_uuid", rule).confirm_gone("", read).empty()
    }

    /// Finds the rule of an [`add_rule`](Self::add_rule) whose outcome is unknown. Takes the ticket that
    /// [`note`](Recover::note) provided before the request was sent. Adds nothing.
    #[inline]
    pub fn find_added_rule(&self, ticket: &Ticket) -> Recover<ForwardingRule> {
        Recover::find::<WantedRule>(self.clone(), ticket)
    }
}

/// Rejects rules with port 0, which no connection can use.
#[inline]
pub(super) fn forwarding(draft: CallBuilder, rules: &[NewRule]) -> CallBuilder {
    if rules.iter().any(|rule| rule.source_port == 0 || rule.target_port == 0) {
        draft.invalid(InvalidValue::new("a port must be between 1 and 65535"))
    } else {
        draft
    }
}

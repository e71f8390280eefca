//! The methods of the handle.

use elastis_core::BillingAccountId;
use http_core::client::{Accepted, CallBuilder, Operation, WaitBuilder, member_rows};
use http_core::recovery::{Create, Ensure, Recover, Ticket};
use http_core::{Call, Error, ListCall, Wait};
use serde::Serialize;

use super::recover::{SoughtBalancer, SoughtRule, SoughtTarget};
use super::{
    ADD_RULE, ADD_TARGET, CREATE, DELETE, ForwardingRule, GET, LIST, LoadBalancer, LoadBalancerId,
    LoadBalancers, NewLoadBalancer, NewRule, NewTarget, REMOVE_RULE, REMOVE_TARGET, RENAME, RuleId,
    SET_BILLING_ACCOUNT, Target, TargetId,
};
use crate::networks::named;

impl LoadBalancers {
    /// Creates a load balancer. **You are billed from this point**, also for its public address.
    ///
    /// If the response is lost, [`recover`](Create::recover) finds the load balancer. Give it a
    /// [name](NewLoadBalancer::with_name), which identifies it in the list.
    ///
    /// `POST /v1/network/load_balancers`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and **the load balancer
    ///   may exist and be billed**.
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the name is blank, or the provider does not
    ///   accept a value.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no network, target or billing account of this id.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_network::{ElastisNetwork, NewLoadBalancer, NewRule};
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let new = NewLoadBalancer::new().with_name("shop").with_rule(NewRule::try_from((80, 8080))?);
    /// let balancer = elastis.load_balancers().create(new).await?;
    /// for ip in elastis.floating_ips().of_load_balancer(balancer.uuid).await? {
    ///     println!("reached at {}", ip.address);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn create(&self, new: NewLoadBalancer) -> Create<LoadBalancer> {
        let sought = SoughtBalancer::new(&new);
        let draft = self.elastis.call(&CREATE).json_body(&new);
        let draft = match new.display_name {
            Some(name) => named(draft, &name),
            None => draft,
        };
        Create::new(draft.json(), self.clone(), sought, Accepted::Now)
    }

    /// Returns all load balancers of the location. Their public addresses are [floating
    /// IPs](crate::FloatingIps::of_load_balancer).
    ///
    /// `GET /v1/network/load_balancers`
    ///
    /// # Errors
    ///
    /// - [`is_unknown_route`](http_core::Error::is_unknown_route): the provider has no such location.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_network::ElastisNetwork;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// for balancer in elastis.load_balancers().list().await? {
    ///     println!("{} has {} targets", balancer.uuid, balancer.targets.len());
    /// }
    /// # Ok(()) });
    /// ```
    pub fn list(&self) -> ListCall<LoadBalancer> {
        self.elastis.call(&LIST).list()
    }

    /// Returns a load balancer. A deleted one can be read for a while; see [`is_deleted`](LoadBalancer::is_deleted).
    ///
    /// `GET /v1/network/load_balancers/{load_balancer_uuid}`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no load balancer of this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_network::{ElastisNetwork, NewLoadBalancer};
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let id = elastis.load_balancers().create(NewLoadBalancer::new()).await?.uuid;
    /// let balancer = elastis.load_balancers().get(id).await?;
    /// for rule in &balancer.forwarding_rules {
    ///     println!("{:?} to {:?}", rule.source_port, rule.target_port);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn get(&self, id: LoadBalancerId) -> Call<LoadBalancer> {
        self.one(&GET, id).json()
    }

    /// Changes the name of a load balancer. The name must not be blank.
    ///
    /// `PATCH /v1/network/load_balancers/{load_balancer_uuid}`
    ///
    /// # Errors
    ///
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the name is blank.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no load balancer of this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_network::{ElastisNetwork, NewLoadBalancer};
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let balancer = elastis.load_balancers().create(NewLoadBalancer::new()).await?;
    /// let balancer = elastis.load_balancers().rename(balancer.uuid, "shop").await?;
    /// assert_eq!(balancer.display_name.as_deref(), Some("shop"));
    /// # Ok(()) });
    /// ```
    pub fn rename(&self, id: LoadBalancerId, display_name: impl Into<String>) -> Call<LoadBalancer> {
        #[derive(Serialize)]
        struct Body<'a> {
            display_name: &'a str,
        }
        let (display_name, balancers) = (display_name.into(), self.clone());
        let call = named(self.one(&RENAME, id), &display_name);
        let call = call.json_body(&Body { display_name: &display_name });
        let is_done = move |balancer: &LoadBalancer| balancer.display_name == Some(display_name);
        call.confirm_by_state(move || balancers.get(id), is_done).json()
    }

    /// Deletes a load balancer. Its targets keep running, and **its public address stays reserved and billed**: see
    /// [`delete_load_balancer_with_addresses`](crate::ElastisNetwork::delete_load_balancer_with_addresses).
    ///
    /// `DELETE /v1/network/load_balancers/{load_balancer_uuid}`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no load balancer of this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_network::{ElastisNetwork, NewLoadBalancer};
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let id = elastis.load_balancers().create(NewLoadBalancer::new()).await?.uuid;
    /// elastis.load_balancers().delete(id).await?;
    /// elastis.load_balancers().wait_deleted(id).await?;
    /// # Ok(()) });
    /// ```
    pub fn delete(&self, id: LoadBalancerId) -> Call<()> {
        let balancers = self.clone();
        let look = move || {
            balancers.get(id).optional().map(|balancer| balancer.is_none_or(|balancer| balancer.is_deleted()))
        };
        self.one(&DELETE, id).confirm_by("", look).empty()
    }

    /// Adds a target to a load balancer. Pass a [`VmId`](crate::VmId), or a [`NewTarget`] of another kind.
    ///
    /// The request is never repeated after the provider may have processed it. If the response is lost,
    /// [`recover`](Create::recover) checks whether the load balancer has the target.
    ///
    /// `POST /v1/network/load_balancers/{load_balancer_uuid}/targets`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and the target may have
    ///   been added.
    /// - [`is_conflict`](http_core::Error::is_conflict): the load balancer already has the target.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no load balancer or VM of this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_network::{ElastisNetwork, NewLoadBalancer};
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let id = elastis.load_balancers().create(NewLoadBalancer::new()).await?.uuid;
    /// let target = elastis.load_balancers().add_target(id, vm.uuid).await?;
    /// assert_eq!(target.vm(), Some(vm.uuid));
    /// # Ok(()) });
    /// ```
    pub fn add_target(&self, id: LoadBalancerId, target: impl Into<NewTarget>) -> Create<Target> {
        let target = target.into();
        let sought = SoughtTarget { balancer: id, target: target.id };
        Create::new(self.one(&ADD_TARGET, id).json_body(&target).json(), self.clone(), sought, Accepted::Now)
    }

    /// Removes a target from a load balancer. Pass a [`VmId`](crate::VmId), or a [`TargetId`] of another kind. The VM
    /// keeps running.
    ///
    /// `DELETE /v1/network/load_balancers/{load_balancer_uuid}/targets/{target_uuid}`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no load balancer of this id in the location, or it
    ///   does not have the target.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_network::{ElastisNetwork, NewLoadBalancer};
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let new = NewLoadBalancer::new().with_target(vm.uuid);
    /// let id = elastis.load_balancers().create(new).await?.uuid;
    /// elastis.load_balancers().remove_target(id, vm.uuid).await?;
    /// assert!(!elastis.load_balancers().get(id).await?.has_target(vm.uuid));
    /// # Ok(()) });
    /// ```
    pub fn remove_target(&self, id: LoadBalancerId, target: impl Into<TargetId>) -> Call<()> {
        let (target, balancers) = (target.into(), self.clone());
        let look = move || {
            let rows = balancers.one(&GET, id).rows(|body, each| member_rows(body, "targets", each));
            rows.map(move |rows: Vec<Target>| {
                rows.iter().all(|row| row.target_uuid.is_some_and(|uuid| uuid != target))
            })
        };
        self.one(&REMOVE_TARGET, id).path("target_uuid", target).confirm_by("", look).empty()
    }

    /// Adds a rule that forwards a port of the load balancer to a port of its targets.
    ///
    /// The request is never repeated after the provider may have processed it. If the response is lost,
    /// [`recover`](Create::recover) checks whether the port has a rule. The response may lack the rule's id;
    /// [`LoadBalancer::rule_of`] finds it.
    ///
    /// `POST /v1/network/load_balancers/{load_balancer_uuid}/forwarding_rules`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and the rule may have
    ///   been added.
    /// - [`is_conflict`](http_core::Error::is_conflict): the port already has a rule.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no load balancer of this id in the location.
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
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no load balancer of this id in the location, or it
    ///   does not have the rule.
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
            rows.map(move |rows: Vec<ForwardingRule>| {
                rows.iter().all(|row| row.uuid.is_some_and(|uuid| uuid != rule))
            })
        };
        self.one(&REMOVE_RULE, id).path("rule_uuid", rule).confirm_by("", look).empty()
    }

    /// Changes the billing account that pays for a load balancer.
    ///
    /// `PUT /v1/network/load_balancers/{load_balancer_uuid}/billing_account`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no load balancer or billing account of this id.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_network::{ElastisNetwork, NewLoadBalancer};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let id = elastis.load_balancers().create(NewLoadBalancer::new()).await?.uuid;
    /// let balancer = elastis.load_balancers().set_billing_account(id, account).await?;
    /// assert_eq!(balancer.billing_account_id, Some(account));
    /// # Ok(()) });
    /// ```
    pub fn set_billing_account(&self, id: LoadBalancerId, account: BillingAccountId) -> Call<LoadBalancer> {
        #[derive(Serialize)]
        struct Body {
            set_id: BillingAccountId,
        }
        let balancers = self.clone();
        let is_done = move |balancer: &LoadBalancer| balancer.billing_account_id == Some(account);
        let call = self.one(&SET_BILLING_ACCOUNT, id).json_body(&Body { set_id: account });
        call.confirm_by_state(move || balancers.get(id), is_done).json()
    }

    /// Convenience method: returns the load balancers with exactly this name, filtered from the list. Names are not
    /// unique.
    pub fn find_by_name(&self, name: impl Into<String>) -> ListCall<LoadBalancer> {
        let name = Some(name.into());
        self.list().filter(move |balancer| balancer.display_name == name)
    }

    /// Convenience method: waits for a state of a load balancer. The wait fails early if the load balancer is deleted.
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no load balancer of this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_network::{ElastisNetwork, LoadBalancer, NewLoadBalancer};
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let id = elastis.load_balancers().create(NewLoadBalancer::new()).await?.uuid;
    /// let wait = elastis.load_balancers().wait(id).until(LoadBalancer::has_address);
    /// println!("reached in its network at {:?}", wait.await?.private_address);
    /// # Ok(()) });
    /// ```
    pub fn wait(&self, id: LoadBalancerId) -> WaitBuilder<LoadBalancer> {
        let balancers = self.clone();
        WaitBuilder::new(move || balancers.get(id))
            .subject(format_args!("load balancer {id}"))
            .describe(|balancer| state(balancer).to_owned())
            .fail_on(LoadBalancer::is_deleted)
    }

    /// Convenience method: waits until a load balancer is deleted. Returns its last state, or `None` if the provider no
    /// longer returns it.
    pub fn wait_deleted(&self, id: LoadBalancerId) -> Wait<Option<LoadBalancer>> {
        let balancers = self.clone();
        WaitBuilder::new(move || balancers.get(id).optional())
            .subject(format_args!("load balancer {id}"))
            .describe(|balancer| balancer.as_ref().map_or("deleted", state).to_owned())
            .until(|balancer| balancer.as_ref().is_none_or(LoadBalancer::is_deleted))
    }

    /// Returns the load balancer with this name, or creates it recoverably if there is none. An existing load balancer
    /// is not changed; the result contains the fields in which it differs, e.g. `targets`.
    ///
    /// **This is no lock**: see [`Ensure`].
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
    pub fn ensure(&self, new: NewLoadBalancer) -> Ensure<LoadBalancer> {
        if new.display_name.is_none() {
            return Ensure::invalid(Error::invalid_argument(
                "ensure(..) needs a name: set it by with_name(..)",
            ));
        }
        Ensure::new(self.create(new))
    }

    /// Finds the load balancer of a [`create`](Self::create) with an unknown outcome, by the ticket that
    /// [`note`](Recover::note) returned before the request was sent. Creates nothing.
    pub fn find_created(&self, ticket: &Ticket) -> Recover<LoadBalancer> {
        Recover::find::<SoughtBalancer>(self.clone(), ticket)
    }

    /// Finds the rule of an [`add_rule`](Self::add_rule) with an unknown outcome, by the ticket that
    /// [`note`](Recover::note) returned before the request was sent. Adds nothing.
    pub fn find_added_rule(&self, ticket: &Ticket) -> Recover<ForwardingRule> {
        Recover::find::<SoughtRule>(self.clone(), ticket)
    }

    /// Finds the target of an [`add_target`](Self::add_target) with an unknown outcome, by the ticket that
    /// [`note`](Recover::note) returned before the request was sent. Adds nothing.
    pub fn find_added_target(&self, ticket: &Ticket) -> Recover<Target> {
        Recover::find::<SoughtTarget>(self.clone(), ticket)
    }

    pub(super) fn one(&self, operation: &'static Operation, id: LoadBalancerId) -> CallBuilder {
        self.elastis.call(operation).path("load_balancer_uuid", id)
    }
}

/// The state in words; no response contains more of it.
fn state(balancer: &LoadBalancer) -> &'static str {
    match (balancer.is_deleted(), balancer.has_address()) {
        (true, _) => "deleted",
        (false, true) => "with an address",
        (false, false) => "without an address",
    }
}

//! Creates, lists, changes and deletes load balancers.

use elastis_core::BillingAccountId;
use http_core::client::Accepted;
use http_core::recovery::Create;
use http_core::{Call, ListCall};
use serde::Serialize;

use super::recover::WantedBalancer;
use super::rules::forwarding;
use super::{
    CREATE, DELETE, LIST, LoadBalancer, LoadBalancerId, LoadBalancers, NewLoadBalancer, RENAME,
    SET_BILLING_ACCOUNT,
};
use crate::networks::named;

impl LoadBalancers {
    /// Creates a load balancer. **You are billed from this point**, including for its public address.
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
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the name is blank, a port is 0, the provider
    ///   does not accept a value, or there is no network, target or billing account with the given id.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_network::{ElastisNetwork, NewLoadBalancer, NewRule};
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let new = NewLoadBalancer::new().with_name("shop").with_rule(NewRule::new(80, 8080));
    /// let balancer = elastis.load_balancers().create(new).await?;
    /// for ip in elastis.floating_ips().of_load_balancer(balancer.uuid).await? {
    ///     println!("reached at {}", ip.address);
    /// }
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn create(&self, new: NewLoadBalancer) -> Create<LoadBalancer> {
        let wanted = WantedBalancer::new(&new);
        let draft = forwarding(self.elastis.call(&CREATE).json_body(&new), &new.rules);
        let draft = match new.display_name {
            Some(name) => named(draft, &name),
            None => draft,
        };
        Create::new(draft.json(), self.clone(), wanted, Accepted::Now)
    }

    /// Returns all load balancers in the location. Their public addresses are [floating
    /// IPs](crate::FloatingIps::of_load_balancer).
    ///
    /// `GET /v1/network/load_balancers`
    ///
    /// # Errors
    ///
    /// - [`is_unknown_url`](http_core::Error::is_unknown_url): the provider has no such location.
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
    #[inline]
    pub fn list(&self) -> ListCall<LoadBalancer> {
        self.elastis.call(&LIST).list()
    }

    /// Returns a load balancer. A deleted load balancer can still be read for a while; see
    /// [`is_deleted`](LoadBalancer::is_deleted).
    ///
    /// `GET /v1/network/load_balancers/{load_balancer_uuid}`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no load balancer with this id in the location.
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
    #[inline]
    pub fn get(&self, id: LoadBalancerId) -> Call<LoadBalancer> {
        self.read(id).json()
    }

    /// Changes the name of a load balancer. The name must not be blank.
    ///
    /// `PATCH /v1/network/load_balancers/{load_balancer_uuid}`
    ///
    /// # Errors
    ///
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the name is blank.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no load balancer with this id in the location.
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
        let call = named(self.one(&RENAME, id).about("uuid", id), &display_name);
        let call = call.json_body(&Body { display_name: &display_name });
        let is_done = move |balancer: &LoadBalancer| balancer.display_name == Some(display_name);
        call.confirm_by_state(move || balancers.get(id), is_done).json()
    }

    /// Changes the billing account that pays for a load balancer.
    ///
    /// `PUT /v1/network/load_balancers/{load_balancer_uuid}/billing_account`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no load balancer with this id in the location.
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): there is no billing account with this id.
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
    #[inline]
    pub fn set_billing_account(&self, id: LoadBalancerId, account: BillingAccountId) -> Call<LoadBalancer> {
        #[derive(Serialize)]
        struct Body {
            set_id: BillingAccountId,
        }
        let balancers = self.clone();
        let is_done = move |balancer: &LoadBalancer| balancer.billing_account_id == Some(account);
        let call = self.one(&SET_BILLING_ACCOUNT, id).about("uuid", id).json_body(&Body { set_id: account });
        call.confirm_by_state(move || balancers.get(id), is_done).json()
    }

    /// Deletes a load balancer. Its targets keep running, and **its public address stays reserved and billed**: see
    /// [`delete_load_balancer_with_addresses`](crate::ElastisNetwork::delete_load_balancer_with_addresses).
    ///
    /// `DELETE /v1/network/load_balancers/{load_balancer_uuid}`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no load balancer with this id in the location.
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
    #[inline]
    pub fn delete(&self, id: LoadBalancerId) -> Call<()> {
        let balancers = self.clone();
        let read = move || balancers.get(id).gone(LoadBalancer::is_deleted);
        self.one(&DELETE, id).confirm_gone("", read).empty()
    }
}

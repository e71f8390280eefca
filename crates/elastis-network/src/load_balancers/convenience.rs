//! Convenience methods: waits, and a search by name.

use http_core::client::WaitBuilder;
use http_core::{ListCall, Wait};

use super::{LoadBalancer, LoadBalancerId, LoadBalancers};

impl LoadBalancers {
    /// Convenience method: returns the load balancers with exactly this name, by filtering the list, except deleted
    /// ones. Names are not unique.
    pub fn find_by_name(&self, name: impl Into<String>) -> ListCall<LoadBalancer> {
        let name = Some(name.into());
        self.list().filter(move |balancer| balancer.display_name == name && !balancer.is_deleted())
    }

    /// Convenience method: waits until a load balancer reaches the state set with [`until`](WaitBuilder::until), by
    /// default for up to ten minutes. The wait fails early if the load balancer is deleted.
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no load balancer with this id in the location.
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
    #[inline]
    pub fn wait(&self, id: LoadBalancerId) -> WaitBuilder<LoadBalancer> {
        let balancers = self.clone();
        WaitBuilder::new(move || balancers.get(id))
            .subject(format_args!("load balancer {id}"))
            .describe(|balancer| state(balancer).to_owned())
            .fail_on(LoadBalancer::is_deleted)
    }

    /// Convenience method: waits until a load balancer is deleted, by default for up to ten minutes. Returns its last
    /// state, or `None` if the provider no longer returns the load balancer.
    #[inline]
    pub fn wait_deleted(&self, id: LoadBalancerId) -> Wait<Option<LoadBalancer>> {
        let balancers = self.clone();
        WaitBuilder::new(move || balancers.get(id).optional())
            .subject(format_args!("load balancer {id}"))
            .describe(|balancer| balancer.as_ref().map_or("deleted", state).to_owned())
            .until(|balancer| balancer.as_ref().is_none_or(LoadBalancer::is_deleted))
    }
}

/// Describes the state of a load balancer, as far as a response shows it.
fn state(balancer: &LoadBalancer) -> &'static str {
    match (balancer.is_deleted(), balancer.has_address()) {
        (true, _) => "deleted",
        (false, true) => "with an address",
        (false, false) => "without an address",
    }
}

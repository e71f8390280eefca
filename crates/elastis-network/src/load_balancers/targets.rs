//! The targets of a load balancer.

use http_core::Call;
use http_core::client::{Accepted, member_rows};
use http_core::recovery::{Create, Recover, Ticket};

use super::recover::WantedTarget;
use super::{ADD_TARGET, LoadBalancerId, LoadBalancers, NewTarget, REMOVE_TARGET, Target, TargetId};

impl LoadBalancers {
    /// Adds a target to a load balancer. Pass a [`VmId`](crate::VmId), or a [`NewTarget`] for another kind of target.
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
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no load balancer with this id in the location.
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): there is no VM with this id in the location.
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
        let wanted = WantedTarget { balancer: id, target: target.id };
        Create::new(self.one(&ADD_TARGET, id).json_body(&target).json(), self.clone(), wanted, Accepted::Now)
    }

    /// Removes a target from a load balancer. Pass a [`VmId`](crate::VmId), or the [`TargetId`] of another kind of
    /// target. A VM keeps running.
    ///
    /// `DELETE /v1/network/load_balancers/{load_balancer_uuid}/targets/{target_uuid}`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no load balancer with this id in the location, or
    ///   the load balancer does not have the target.
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
        let read = move || {
            let rows = balancers.read(id).rows(|body, each| member_rows(body, "targets", each));
            // A target whose id cannot be decoded may be the one to remove.
            rows.gone(move |row: &Target| row.target_uuid.is_none_or(|uuid| uuid == target))
        };
        self.one(&REMOVE_TARGET, id).path("target_uuid", target).confirm_gone("", read).empty()
    }

    /// Finds the target of an [`add_target`](Self::add_target) whose outcome is unknown. Takes the ticket that
    /// [`note`](Recover::note) provided before the request was sent. Adds nothing.
    #[inline]
    pub fn find_added_target(&self, ticket: &Ticket) -> Recover<Target> {
        Recover::find::<WantedTarget>(self.clone(), ticket)
    }
}

//! Convenience methods: searches in the list.

use elastis_core::VmId;
use http_core::ListCall;

use super::{FloatingIp, FloatingIpFilter, FloatingIps};
use crate::load_balancers::LoadBalancerId;

impl FloatingIps {
    /// Convenience method: returns the floating IPs with exactly this name, by filtering the list, except released
    /// ones. Names are not unique.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_network::{ElastisNetwork, NewFloatingIp};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// elastis.floating_ips().create(NewFloatingIp::new(account).with_name("shop")).await?;
    /// let ips = elastis.floating_ips().find_by_name("shop").await?;
    /// assert_eq!(ips.len(), 1);
    /// # Ok(()) });
    /// ```
    pub fn find_by_name(&self, name: impl Into<String>) -> ListCall<FloatingIp> {
        let name = name.into();
        self.list().filter(move |ip| ip.name.as_ref() == Some(&name) && !ip.is_deleted())
    }

    /// Convenience method: returns the public addresses of a VM, using [`list_filtered`](Self::list_filtered).
    /// Addresses that are released or not assigned to the VM are left out, even if the provider returns them.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_network::ElastisNetwork;
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// for ip in elastis.floating_ips().of_vm(vm.uuid).await? {
    ///     println!("{} is reached at {}", vm.name, ip.address);
    /// }
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn of_vm(&self, vm: VmId) -> ListCall<FloatingIp> {
        let filtered = self.list_filtered(FloatingIpFilter::new().with_vm(vm));
        filtered.filter(move |ip| ip.is_assigned_to(vm) && !ip.is_deleted())
    }

    /// Convenience method: returns the public addresses of a load balancer, by filtering the list, because the load
    /// balancer itself does not contain them. Released addresses are left out.
    #[inline]
    pub fn of_load_balancer(&self, id: LoadBalancerId) -> ListCall<FloatingIp> {
        self.list().filter(move |ip| ip.is_assigned_to(id) && !ip.is_deleted())
    }

    /// Convenience method: returns the floating IPs that are **billed but not assigned**, by filtering the list.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_network::ElastisNetwork;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// for ip in elastis.floating_ips().unassigned().await? {
    ///     println!("{} has been unused since {:?}", ip.address, ip.unassigned_at.or(ip.created_at));
    /// }
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn unassigned(&self) -> ListCall<FloatingIp> {
        self.list().filter(|ip| ip.is_unassigned() && !ip.is_deleted())
    }
}

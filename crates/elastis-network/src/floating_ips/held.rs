//! Finds the addresses that a resource holds before the resource is deleted.

use elastis_core::VmId;
use http_core::Error;
use http_core::client::read_twice;

use crate::floating_ips::{AssigneeType, FloatingIp, FloatingIpFilter, FloatingIps};
use crate::load_balancers::LoadBalancerId;

impl FloatingIps {
    /// Returns the addresses that a VM holds, including those that it may hold; see
    /// [`FloatingIp::may_be_assigned_to`]. Once the VM is deleted, an address that is missing here is billed unnoticed,
    /// so the public address of the VM is read as well if the list lacks it, and counts even if the address itself does not
    /// show that anything uses it.
    #[inline]
    pub(crate) async fn held_by_vm(&self, vm: VmId) -> Result<Vec<FloatingIp>, Error> {
        let mut ips = self.proven(FloatingIpFilter::new().with_vm(vm)).await?;
        let public = self.elastis.vms().get(vm).optional().await?.and_then(|vm| vm.public_ipv4);
        if let Some(public) = public.filter(|public| ips.iter().all(|ip| ip.address != *public)) {
            ips.extend(self.get(public).optional().await?);
        }
        ips.retain(|ip| {
            let is_shown_by_vm =
                public.is_some_and(|public| ip.address == public) && ip.is_unassigned() && !ip.is_deleted();
            is_shown_by_vm || ip.may_be_assigned_to(vm, &AssigneeType::LoadBalancer)
        });
        Ok(ips)
    }

    /// Returns the addresses that a load balancer holds, including those that it may hold.
    #[inline]
    pub(crate) async fn held_by_load_balancer(&self, id: LoadBalancerId) -> Result<Vec<FloatingIp>, Error> {
        let mut ips = self.proven(FloatingIpFilter::new()).await?;
        ips.retain(|ip| ip.may_be_assigned_to(id, &AssigneeType::VirtualMachine));
        Ok(ips)
    }

    /// Lists addresses. Only a list counts, and an empty one only if a second read returns it, too.
    #[inline]
    async fn proven(&self, filter: FloatingIpFilter) -> Result<Vec<FloatingIp>, Error> {
        let list = || self.list_filtered(filter).listed();
        read_twice(list, |read| read.as_ref().is_ok_and(Vec::is_empty)).await
    }
}

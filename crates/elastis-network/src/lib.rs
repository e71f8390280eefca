#![doc(html_root_url = "https://docs.rs/elastis-network/latest")]
#![doc = include_str!("../README.md")]
//!
//! ## Errors
//!
//! A failure is an [`Error`], asked by predicates: see [Errors](http_core#errors), and [`elastis_core`] for what is
//! special about this API. Once a VM is deleted, releasing its addresses fails address by address: see
//! [`Released`].
//!
//! ## Waits
//!
//! [`LoadBalancers::wait`] ends early for one that is deleted, [`LoadBalancers::wait_deleted`] is for those: see
//! [Waits](http_core#waits).
//!
//! ## Retries
//!
//! What makes a network, an address, a load balancer or a part of one is never repeated after it may have been
//! processed: see [Retries](http_core#retries). Names make it easy to look: [`Networks::find_by_name`],
//! [`FloatingIps::find_by_name`], [`LoadBalancers::find_by_name`].
//!
//! ## Secrets
//!
//! Nothing here is secret but the handle's API key: see [Secrets](http_core#secrets).
//!
//! ## Operations
//!
//! The effect says what a second run would do, and with it what is [repeated](http_core#retries) after a failure.
//!
#![doc = include_str!("operations.md")]

mod floating_ips;
mod load_balancers;
mod named;
mod networks;
mod release;
mod rent;

pub use elastis_core::{
    self, BillingAccountId, Call, CallSequence, Elastis, Error, LocationSlug, NetworkId, UserId, VmId, Wait,
    WaitError, http_core,
};
pub use floating_ips::{
    AssigneeId, AssigneeType, FloatingIp, FloatingIpFilter, FloatingIpId, FloatingIpType, FloatingIpUpdate,
    FloatingIps, NewFloatingIp,
};
pub use http_core::{recovery, rental};
pub use load_balancers::{
    ForwardingRule, LoadBalancer, LoadBalancerId, LoadBalancers, NewLoadBalancer, NewRule, NewTarget,
    Protocol, RuleId, RuleSettings, SessionPersistence, Target, TargetId, TargetType,
};
pub use networks::{Network, NetworkType, Networks};
pub use release::Released;

use elastis_core::{NewVm, Vm};
use http_core::client::{Operation, all_operations};
use http_core::rental::RentalError;

/// Networks, floating IPs and load balancers of an [`Elastis`] account. Import it to have its methods.
pub trait ElastisNetwork: sealed::Sealed {
    /// The private networks of the handle's location.
    fn networks(&self) -> Networks;

    /// The floating IPs of the handle's location.
    fn floating_ips(&self) -> FloatingIps;

    /// The load balancers of the handle's location.
    fn load_balancers(&self) -> LoadBalancers;

    /// Convenience method: deletes a VM and releases its public addresses, for which you would still be billed.
    ///
    /// In this order: its floating IPs are read; the VM is deleted; then each address is read again
    /// and released, unless it has been assigned to something else meanwhile.
    ///
    /// Where looking up or deleting fails, no address is touched and the error is that of the step; after one
    /// that [`is_outcome_unknown`](Error::is_outcome_unknown) the VM may be gone all the same, and its
    /// addresses then are among the [unassigned](FloatingIps::unassigned). Once the VM is gone the steps
    /// succeed: an address that fails does not stop the others and is told in the [`Released`].
    ///
    /// ```
    /// use elastis_network::ElastisNetwork;
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let outcome = elastis.delete_vm_with_addresses(vm.uuid).await?;
    /// assert_eq!(outcome.released.len(), 1);
    /// for (address, error) in &outcome.failed {
    ///     println!("{address} is still paid for: {error}");
    /// }
    /// # Ok(()) });
    /// ```
    fn delete_vm_with_addresses(&self, vm: VmId) -> CallSequence<Released>;

    /// Convenience method: deletes a load balancer and releases its public addresses, for which you would still be
    /// billed.
    ///
    /// Order and failures are as in [`delete_vm_with_addresses`](Self::delete_vm_with_addresses).
    ///
    /// ```
    /// use elastis_network::{ElastisNetwork, NewLoadBalancer};
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let balancer = elastis.load_balancers().create(NewLoadBalancer::new()).await?;
    /// let outcome = elastis.delete_load_balancer_with_addresses(balancer.uuid).await?;
    /// assert_eq!(outcome.into_result()?.len(), 1);
    /// # Ok(()) });
    /// ```
    fn delete_load_balancer_with_addresses(&self, id: LoadBalancerId) -> CallSequence<Released>;

    /// Convenience method: creates a VM, runs `work` while it runs, and deletes it together with its public addresses.
    /// **You are billed while it exists, and its disk is lost at the end.**
    ///
    /// The VM is deleted after success, after an error and after a panic before this returns, and by a background thread
    /// if this future is dropped; end your program with [`settle`](rental::settle), which waits for that thread. A
    /// [marker](NewVm::marked) in the description finds the VM also if the response to its create is lost.
    ///
    /// # Errors
    ///
    /// - [`RentalError::Start`] if the VM was not created or does not come up. Nothing is billed any more.
    /// - [`RentalError::Work`] if only `work` failed. The VM is deleted.
    /// - [`RentalError::End`] if the VM or one of its addresses could not be deleted, or the VM could not be found after
    ///   a lost response: **it may still be billed**. The result of the work is in it.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_network::ElastisNetwork;
    /// use elastis_network::elastis_core::{Login, NewVm, Os, VmSize};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let login = Login::new("example", "Password123");
    /// let new = NewVm::from_image("build-1", Os::new("ubuntu", "22.04-lts"), 20, VmSize::new(2, 2048), login)
    ///     .with_billing_account(account)
    ///     .with_public_ip();
    /// let built = elastis.while_rented(new, async |vm| {
    ///     // Log in, build, copy the result.
    ///     vm.private_ipv4.ok_or("the VM has no address")
    /// });
    /// println!("built at {}", built.await?);
    /// assert!(elastis.floating_ips().list().await?.is_empty());
    /// # Ok(()) });
    /// ```
    fn while_rented<R, E, W>(&self, vm: NewVm, work: W) -> impl Future<Output = Result<R, RentalError<R, E>>>
    where
        W: AsyncFnOnce(&Vm) -> Result<R, E>;

    /// Convenience method: [`while_rented`](Self::while_rented) for programs without async code. Blocks this thread; `work`
    /// may use `send_blocking()` itself.
    ///
    /// The VM is deleted after success, after an error and after a panic before this returns.
    ///
    /// # Errors
    ///
    /// Those of [`while_rented`](Self::while_rented). On a thread of an async runtime [`RentalError::Start`], and no VM is
    /// created.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use elastis_network::elastis_core::{Login, NewVm, Os, VmSize};
    /// use elastis_network::{Elastis, ElastisNetwork, Error};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let elastis = Elastis::from_env()?; // ELASTIS_API_KEY
    /// let login = Login::new("example", std::env::var("VM_PASSWORD")?);
    /// let new = NewVm::from_image("build-1", Os::new("ubuntu", "22.04-lts"), 20, VmSize::new(2, 2048), login);
    /// let status = elastis.while_rented_blocking(new, |vm| {
    ///     // Log in, build, copy the result.
    ///     let vm = elastis.vms().get(vm.uuid).send_blocking()?;
    ///     Ok::<_, Error>(vm.status)
    /// })?;
    /// println!("it was {status}");
    /// # Ok(()) }
    /// ```
    #[cfg(feature = "blocking")]
    fn while_rented_blocking<R, E, W>(&self, vm: NewVm, work: W) -> Result<R, RentalError<R, E>>
    where
        W: FnOnce(&Vm) -> Result<R, E>;
}

impl ElastisNetwork for Elastis {
    fn networks(&self) -> Networks {
        Networks::new(self.clone())
    }

    fn floating_ips(&self) -> FloatingIps {
        FloatingIps::new(self.clone())
    }

    fn load_balancers(&self) -> LoadBalancers {
        LoadBalancers::new(self.clone())
    }

    fn delete_vm_with_addresses(&self, vm: VmId) -> CallSequence<Released> {
        let ips = self.floating_ips();
        let held = ips.of_vm(vm);
        release::delete_with_addresses(ips, vm.into(), held, self.vms().delete(vm))
    }

    fn delete_load_balancer_with_addresses(&self, id: LoadBalancerId) -> CallSequence<Released> {
        let ips = self.floating_ips();
        let held = ips.of_load_balancer(id);
        release::delete_with_addresses(ips, id.into(), held, self.load_balancers().delete(id))
    }

    fn while_rented<R, E, W>(&self, vm: NewVm, work: W) -> impl Future<Output = Result<R, RentalError<R, E>>>
    where
        W: AsyncFnOnce(&Vm) -> Result<R, E>,
    {
        rent::while_rented(self.clone(), vm, work)
    }

    #[cfg(feature = "blocking")]
    fn while_rented_blocking<R, E, W>(&self, vm: NewVm, work: W) -> Result<R, RentalError<R, E>>
    where
        W: FnOnce(&Vm) -> Result<R, E>,
    {
        rent::while_rented_blocking(self.clone(), vm, work)
    }
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for elastis_core::Elastis {}
}

/// Every operation of this crate.
pub const OPERATIONS: &[Operation] = all_operations![networks, floating_ips, load_balancers];

#![doc(html_root_url = "https://docs.rs/elastis-network/latest")]
#![doc = include_str!("../README.md")]
//!
//! ## Errors
//!
//! Every failure is an [`Error`] with predicates: see [Errors](http_core#errors), and [`elastis_core`] for the
//! peculiarities of this API. When a VM is deleted, releasing one of its addresses may fail separately: see
//! [`Released`].
//!
//! ## Waits
//!
//! [`LoadBalancers::wait`] waits until a load balancer reaches a given state and ends early if it is deleted;
//! [`LoadBalancers::wait_deleted`] waits until it is deleted: see [Waits](http_core#waits).
//!
//! ## Retries
//!
//! A call that creates a network, an address, a load balancer or a part of one is never repeated after the provider may
//! have processed it: see [Retries](http_core#retries). A unique name makes it easy to find the result:
//! [`Networks::find_by_name`], [`FloatingIps::find_by_name`], [`LoadBalancers::find_by_name`].
//!
//! ## Secrets
//!
//! The only secret is the API key of the client: see [Secrets](http_core#secrets).
//!
//! ## Operations
//!
//! The effect column shows what sending the request twice would do, and so whether the request is
//! [repeated](http_core#retries) after a failure.
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
pub use rent::VmToRent;

use elastis_core::Vm;
use http_core::client::{Operation, all_operations};
use http_core::recovery::Ticket;
use http_core::rental::RentalError;

/// The network methods of [`Elastis`]. Import this trait to call them.
pub trait ElastisNetwork: sealed::Sealed {
    /// Returns the handle for the private networks in the client's location.
    fn networks(&self) -> Networks;

    /// Returns the handle for the floating IPs in the client's location.
    fn floating_ips(&self) -> FloatingIps;

    /// Returns the handle for the load balancers in the client's location.
    fn load_balancers(&self) -> LoadBalancers;

    /// Convenience method: deletes a VM and releases its public addresses, for which you would otherwise still be
    /// billed. **The VM's data is lost.**
    ///
    /// Reads the VM's floating IPs, deletes the VM, and then reads and releases each address, unless the address was
    /// assigned to another resource in the meantime. If an address cannot be released, the others are still released,
    /// and the returned [`Released`] contains the error.
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the VM may have been deleted; its addresses are
    ///   then [unassigned](FloatingIps::unassigned) **and still billed**.
    /// - [`ErrorKind::Wait`](http_core::ErrorKind::Wait): the provider accepted the deletion, but still returns the VM
    ///   after ten minutes. No address was released; **they are still billed**.
    /// - Any other error: the VM was not deleted, and no address was released.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_network::ElastisNetwork;
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let outcome = elastis.delete_vm_with_addresses(vm.uuid).await?;
    /// assert_eq!(outcome.released.len(), 1);
    /// for (address, error) in &outcome.failed {
    ///     println!("{address} is still billed: {error}");
    /// }
    /// # Ok(()) });
    /// ```
    fn delete_vm_with_addresses(&self, vm: VmId) -> CallSequence<Released>;

    /// Convenience method: deletes a load balancer and releases its public addresses, for which you would otherwise
    /// still be billed.
    ///
    /// The order of the calls and the errors are the same as for
    /// [`delete_vm_with_addresses`](Self::delete_vm_with_addresses).
    ///
    /// # Examples
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

    /// Convenience method: creates a VM, runs `work` while the VM is running, and deletes the VM together with its
    /// public addresses. **You are billed while the VM exists, and its disk is lost at the end.**
    ///
    /// The VM is deleted before this method returns, whether `work` succeeds, fails or panics. If the returned future
    /// is dropped, a background thread deletes the VM; end your program with [`settle`](rental::settle), which waits
    /// for that thread. If the response to the create is lost, the VM is found by the
    /// [marker](elastis_core::NewVm::marked) in its description; the search takes up to 40 minutes.
    /// A program without async code uses `while_rented_blocking` (feature `blocking`).
    ///
    /// # Errors
    ///
    /// - [`RentalError::Start`]: the VM was not created or did not start. Nothing is billed any more. If a noted create
    ///   is of another location, or of a client with another API key, it is not sent, and the error is an
    ///   [`is_invalid_argument`](http_core::Error::is_invalid_argument) error.
    /// - [`RentalError::Work`]: only `work` failed. The VM is deleted.
    /// - [`RentalError::End`]: the VM or one of its addresses could not be deleted, or the VM could not be found after
    ///   a lost response. **The VM or the address may still be billed.** The error contains the result of the work.
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
    fn while_rented<R, E, W>(
        &self,
        vm: impl Into<VmToRent>,
        work: W,
    ) -> impl Future<Output = Result<R, RentalError<R, E>>>
    where
        W: AsyncFnOnce(&Vm) -> Result<R, E>;

    /// Convenience method: deletes the VM that [`while_rented`](Self::while_rented) left behind when its process was
    /// killed, and releases the VM's public addresses. **The VM's data is lost.**
    ///
    /// A process cannot end its rental after `SIGKILL` or a power failure. So call [`note`](recovery::Recover::note) on
    /// the create, store its ticket, and pass the noted create to `while_rented`; remove the ticket when the work has
    /// ended. If a ticket still exists at the next start of the program, pass it to this method. The VM is found only
    /// by its marker and its name, so that no other VM is ever deleted, not even a clone, which has the same marker.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Unrecovered`](http_core::ErrorKind::Unrecovered): the ticket's VM was not found, because the
    ///   create never reached the provider, or the VM was renamed or is already deleted; a renamed VM is one of the
    ///   [`candidates`](http_core::Error::candidates). A rental releases the addresses before it deletes the VM, so no
    ///   address is left behind. If the provider refuses to release an address, the rental instead gives the address a
    ///   name that contains the ticket's name, by which this method finds and releases it. **An address that could be
    ///   neither deleted nor renamed is not found**; check `floating_ips().unassigned()`.
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the ticket is of another operation, provider or
    ///   location, or was written by a later version of this library. Nothing is sent.
    /// - Another error that names an address: it is not clear whether the VM holds the address, which is kept.
    ///
    /// A VM that is not found may still appear, so it is searched for until 30 minutes after the ticket was created, and
    /// at least five times. After any other failure, even if the provider rejects the key, this method tries again. It
    /// begins no attempt after 45 minutes.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_network::elastis_core::{Login, NewVm, Os, VmSize};
    /// use elastis_network::ElastisNetwork;
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let login = Login::new("example", "Password123");
    /// let new = NewVm::from_image("build-1", Os::new("ubuntu", "22.04-lts"), 20, VmSize::new(2, 2048), login)
    ///     .with_billing_account(account)
    ///     .marked();
    /// let noted = elastis.vms().create(new).recover().note().await?;
    /// let stored = serde_json::to_string(noted.ticket())?; // write this to disk
    /// let vm = noted.await?.value; // a program that is killed would be in `while_rented(noted, ..)`
    ///
    /// // At the next start, if the ticket still exists:
    /// elastis.end_rented(&serde_json::from_str(&stored)?).await?;
    /// assert!(elastis.vms().get(vm.uuid).optional().await?.is_none_or(|vm| vm.is_deleted()));
    /// # Ok(()) });
    /// ```
    fn end_rented(&self, ticket: &Ticket) -> CallSequence<()>;

    /// Convenience method: works like [`while_rented`](Self::while_rented), for programs without async code. It blocks
    /// the current thread; `work` may call `send_blocking()`.
    ///
    /// The VM is deleted before this method returns, whether `work` succeeds, fails or panics.
    ///
    /// # Errors
    ///
    /// - The errors of [`while_rented`](Self::while_rented).
    /// - [`RentalError::Start`]: the current thread belongs to an async runtime; no VM is created.
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
    /// println!("the VM was {status}");
    /// # Ok(()) }
    /// ```
    #[cfg(feature = "blocking")]
    fn while_rented_blocking<R, E, W>(
        &self,
        vm: impl Into<VmToRent>,
        work: W,
    ) -> Result<R, RentalError<R, E>>
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

    #[inline]
    fn delete_vm_with_addresses(&self, vm: VmId) -> CallSequence<Released> {
        let (ips, vms) = (self.floating_ips(), self.vms());
        let ips_of_vm = ips.clone();
        let held = async move { ips_of_vm.held_by_vm(vm).await };
        release::delete_with_addresses(ips, vm.into(), held, vms.delete(vm), vms.wait_deleted(vm))
    }

    #[inline]
    fn delete_load_balancer_with_addresses(&self, id: LoadBalancerId) -> CallSequence<Released> {
        let (ips, balancers) = (self.floating_ips(), self.load_balancers());
        let ips_of_balancer = ips.clone();
        let held = async move { ips_of_balancer.held_by_load_balancer(id).await };
        release::delete_with_addresses(ips, id.into(), held, balancers.delete(id), balancers.wait_deleted(id))
    }

    fn while_rented<R, E, W>(
        &self,
        vm: impl Into<VmToRent>,
        work: W,
    ) -> impl Future<Output = Result<R, RentalError<R, E>>>
    where
        W: AsyncFnOnce(&Vm) -> Result<R, E>,
    {
        rent::while_rented(self.clone(), vm.into(), work)
    }

    #[inline]
    fn end_rented(&self, ticket: &Ticket) -> CallSequence<()> {
        CallSequence::new(rent::end_rented(self.clone(), ticket.clone()))
    }

    #[cfg(feature = "blocking")]
    fn while_rented_blocking<R, E, W>(&self, vm: impl Into<VmToRent>, work: W) -> Result<R, RentalError<R, E>>
    where
        W: FnOnce(&Vm) -> Result<R, E>,
    {
        rent::while_rented_blocking(self.clone(), vm.into(), work)
    }
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for elastis_core::Elastis {}
}

/// All operations of this crate.
pub const OPERATIONS: &[Operation] = all_operations![networks, floating_ips, load_balancers];

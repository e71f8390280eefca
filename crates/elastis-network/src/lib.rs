//! Client of elastis.id and of other brands of the Warren platform: private networks, floating IPs and load
//! balancers.
//!
//! ```
//! use elastis_network::{Elastis, ElastisNetwork};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let simulator = hostkit_simulator::Simulator::start().await?;
//! # let account = simulator.elastis();
//! # let elastis = Elastis::builder(account.key.as_str()).base_url(&account.base_url).build()?;
//! # /*
//! let elastis = Elastis::from_env()?; // ELASTIS_API_KEY
//! # */
//! for network in elastis.networks().list().await? {
//!     println!("{} ({:?}) holds {} machines", network.name, network.subnet, network.vm_uuids.len());
//! }
//! for ip in elastis.floating_ips().unassigned().await? {
//!     println!("{} is paid for, but nothing has it", ip.address);
//! }
//! # Ok(()) }
//! ```
//!
//! [`ElastisNetwork`] adds these to [`Elastis`]. A method returns a [`Call`] that is sent by
//! `.await`; a failure is an [`Error`] to be asked with predicates. Everything belongs to the location of the
//! handle; [`Elastis::at`] gives that of another one.
mod floating_ips;
mod load_balancers;
mod networks;
mod release;

pub use elastis_core::{
    self, BillingAccountId, Call, Elastis, Error, LocationSlug, NetworkId, Steps, UserId, VmId, Wait,
    WaitError, http_core,
};
pub use floating_ips::{
    AssigneeId, AssigneeType, FloatingIp, FloatingIpFilter, FloatingIpId, FloatingIpType, FloatingIpUpdate,
    FloatingIps, NewFloatingIp,
};
pub use load_balancers::{
    AddedRule, ForwardingRule, LoadBalancer, LoadBalancerId, LoadBalancers, NewLoadBalancer, NewRule,
    NewTarget, Protocol, RuleId, RuleSettings, SessionPersistence, Target, TargetId, TargetType,
};
pub use networks::{Network, NetworkType, Networks};
pub use release::Released;

use http_core::Operation;

/// Networks, floating IPs and load balancers of an [`Elastis`] account. Import it to have its methods.
pub trait ElastisNetwork: private::Sealed {
    /// The private networks of the handle's location.
    fn networks(&self) -> Networks;

    /// The floating IPs of the handle's location.
    fn floating_ips(&self) -> FloatingIps;

    /// The load balancers of the handle's location.
    fn load_balancers(&self) -> LoadBalancers;

    /// Deletes a load balancer and gives back its public addresses, which would stay and be paid for. Ours.
    ///
    /// The addresses are looked up, the load balancer is deleted, then the addresses are, one by one, except
    /// those that something else has got meanwhile. Where the deletion is refused, no address is touched. An
    /// address that fails does not stop the others and is told in the [`Released`]; an error means that the
    /// load balancer may still be there. If it is gone after all, its addresses are among the
    /// [unassigned](FloatingIps::unassigned).
    ///
    /// ```
    /// use elastis_network::{ElastisNetwork, NewLoadBalancer};
    /// # use elastis_network::Elastis;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = hostkit_simulator::Simulator::start().await?;
    /// # let account = simulator.elastis();
    /// # let elastis = Elastis::builder(account.key.as_str()).base_url(&account.base_url).build()?;
    /// # let id = elastis.load_balancers().create(NewLoadBalancer::new()).await?.uuid;
    /// let released = elastis.delete_load_balancer_with_addresses(id).await?.into_result()?;
    /// assert_eq!(released.len(), 1);
    /// # Ok(()) }
    /// ```
    fn delete_load_balancer_with_addresses(&self, id: LoadBalancerId) -> Steps<Released>;
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

    fn delete_load_balancer_with_addresses(&self, id: LoadBalancerId) -> Steps<Released> {
        let ips = self.floating_ips();
        let held = ips.of_load_balancer(id);
        release::delete_with_addresses(ips, id.into(), held, self.load_balancers().delete(id))
    }
}

mod private {
    pub trait Sealed {}

    impl Sealed for elastis_core::Elastis {}
}

/// Every operation of this crate.
pub const OPERATIONS: &[Operation] = &[
    networks::GET,
    networks::LIST,
    networks::CREATE,
    networks::DELETE,
    networks::SET_DEFAULT,
    networks::RENAME,
    floating_ips::CREATE,
    floating_ips::LIST,
    floating_ips::GET,
    floating_ips::UPDATE,
    floating_ips::DELETE,
    floating_ips::ASSIGN,
    floating_ips::UNASSIGN,
    load_balancers::LIST,
    load_balancers::GET,
    load_balancers::CREATE,
    load_balancers::RENAME,
    load_balancers::DELETE,
    load_balancers::ADD_TARGET,
    load_balancers::REMOVE_TARGET,
    load_balancers::ADD_RULE,
    load_balancers::REMOVE_RULE,
    load_balancers::SET_BILLING_ACCOUNT,
];

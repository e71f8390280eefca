//! The usage and costs of the current month.

use elastis_core::{BillingAccountId, Elastis, UserId};
use http_core::ListCall;
use http_core::client::{Operation, operations};
use http_core::wire::Decimal;

use crate::unit::Unit;

operations![LIST = Operation::get("usage.list", "/v1/charging/usage"),];

/// The handle for the usage of the current month; returned by [`ElastisBilling::usage`](crate::ElastisBilling::usage).
#[derive(Clone, Debug)]
pub struct Usage {
    pub(crate) elastis: Elastis,
}

impl Usage {
    /// Returns the cost of each resource of a billing account in the current month so far.
    ///
    /// Assumed: the list covers all locations, and contains one row per price if the price of a resource changed.
    ///
    /// `GET /v1/charging/usage`
    ///
    /// # Errors
    ///
    /// - [`is_forbidden`](http_core::Error::is_forbidden): the billing account belongs to another user.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_billing::{Decimal, ElastisBilling};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let used = elastis.usage().list(account).await?;
    /// let cost: Decimal = used.iter().filter_map(|usage| usage.cost).sum();
    /// println!("{cost} this month");
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn list(&self, account: BillingAccountId) -> ListCall<ResourceUsage> {
        self.elastis.call(&LIST).query("billing_account_id", account).list()
    }
}

http_core::wire::open_enum! {
    /// The part of a resource that is charged.
    pub enum UptimeType {
        /// The CPUs and memory of a VM.
        VmCompute = "VM_COMPUTE",
        /// The running time of a VM.
        VmRunning = "VM_RUNNING",
        /// Disks.
        MainStorage = "MAIN_STORAGE",
    }
}

http_core::wire::models! {
    /// The cost of a resource at one price.
    pub struct ResourceUsage {
        /// The billing account that pays.
        pub billing_account_id: Option<BillingAccountId>,
        /// The user that owns the resource.
        pub user_id: Option<UserId>,
        /// The resource's UUID, if it has one.
        pub owner_uuid: Option<String>,
        /// A description of the resource.
        pub description: String,
        /// The sizes that a VM had at this price.
        pub configurations: Vec<Configuration>,
        /// The parts of the resource that are charged.
        pub uptime_types: Vec<UptimeType>,
        /// The duration in hours.
        pub hours: Option<Decimal>,
        /// The price of one unit.
        pub price: Option<Decimal>,
        /// The unit of the price.
        pub price_unit: Option<Unit>,
        /// The cost so far.
        pub cost: Option<Decimal>,
    }

    /// A size that a VM had.
    pub struct Configuration {
        /// The number of CPUs.
        pub cpus: Option<u32>,
        /// The memory in MiB; `ram_MB` on the wire.
        #[serde(rename = "ram_MB")]
        pub memory_mib: Option<u64>,
        /// The size of the disks in GiB; `disk_size_GB` on the wire.
        #[serde(rename = "disk_size_GB")]
        pub disk_size_gib: Option<u64>,
        /// The operating system, e.g. `ubuntu`.
        pub os_name: Option<String>,
        /// The VM's name at that time.
        pub vm_name: Option<String>,
    }
}

//! What the running month has cost so far.

use elastis_core::{BillingAccountId, Elastis, UserId};
use http_core::ListCall;
use http_core::client::{Operation, operations};
use http_core::wire::Decimal;

use crate::unit::Unit;

operations![LIST = Operation::get("usage.list", "/v1/charging/usage"),];

/// What the running month has cost so far; from [`ElastisBilling::usage`](crate::ElastisBilling::usage).
#[derive(Clone, Debug)]
pub struct Usage {
    pub(crate) elastis: Elastis,
}

impl Usage {
    /// Returns what each resource of a billing account has cost in the current month.
    ///
    /// Assumed: in all locations, with a row for each price of a resource that changed.
    ///
    /// `GET /v1/charging/usage`
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
    pub fn list(&self, account: BillingAccountId) -> ListCall<ResourceUsage> {
        self.elastis.call(&LIST).query("billing_account_id", account).list()
    }
}

http_core::wire::open_enum! {
    /// What of a resource is charged.
    pub enum UptimeType {
        /// The CPUs and memory of a VM.
        VmCompute = "VM_COMPUTE",
        /// That a VM runs.
        VmRunning = "VM_RUNNING",
        /// Disks.
        MainStorage = "MAIN_STORAGE",
    }
}

http_core::wire::models! {
    /// What a resource has cost at one price.
    pub struct ResourceUsage {
        /// The account that pays.
        pub billing_account_id: Option<BillingAccountId>,
        /// The user that owns the resource.
        pub user_id: Option<UserId>,
        /// The resource: its UUID, where it has one.
        pub owner_uuid: Option<String>,
        /// The resource, in words.
        pub description: String,
        /// The sizes that a VM had at this price.
        pub configurations: Vec<Configuration>,
        /// What of it is charged.
        pub uptime_types: Vec<UptimeType>,
        /// How long, in hours.
        pub hours: Option<Decimal>,
        /// The price of one unit.
        pub price: Option<Decimal>,
        /// The unit of the price.
        pub price_unit: Option<Unit>,
        /// What it has cost.
        pub cost: Option<Decimal>,
    }

    /// A size that a VM had.
    pub struct Configuration {
        /// CPUs.
        pub cpus: Option<u32>,
        /// Memory in MiB.
        #[serde(rename = "ram_MB")]
        pub memory_mib: Option<u64>,
        /// Disks in GiB.
        #[serde(rename = "disk_size_GB")]
        pub disk_size_gib: Option<u64>,
        /// The operating system, e.g. `ubuntu`.
        pub os_name: Option<String>,
        /// The VM's name at the time.
        pub vm_name: Option<String>,
    }
}

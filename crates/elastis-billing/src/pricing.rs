//! The price list of resources.

use elastis_core::{Elastis, VmSize};
use http_core::Call;
use http_core::client::{Operation, operations};
use http_core::wire::Decimal;

operations![POLICY = Operation::get("pricing.policy", "/v1/pricing/policy"),];

/// The handle for the price list; returned by [`ElastisBilling::pricing`](crate::ElastisBilling::pricing).
#[derive(Clone, Debug)]
pub struct Pricing {
    pub(crate) elastis: Elastis,
}

impl Pricing {
    /// Returns the price list, with the hourly price of each kind of resource.
    ///
    /// `GET /v1/pricing/policy`
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_billing::{ElastisBilling, VmSize};
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let policy = elastis.pricing().policy().await?;
    /// for price in &policy.policy {
    ///     println!("{:<40} {:?}", price.name, price.price);
    /// }
    /// println!("{:?} an hour", policy.hourly_cost(VmSize::new(2, 2048), 20));
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn policy(&self) -> Call<PricingPolicy> {
        self.elastis.call(&POLICY).json()
    }
}

http_core::wire::integer_id! {
    /// The id of a price.
    pub struct PolicyId;
}

http_core::wire::open_enum! {
    /// The kind of resource that a price refers to.
    pub enum PricedResource {
        /// CPUs.
        Cpu = "CPU",
        /// Memory.
        Ram = "RAM",
        /// Disks, snapshots and backups; [`Price::service`] distinguishes them.
        Storage = "STORAGE",
        /// Operating system licenses.
        License = "LICENSE",
        /// Objects in buckets.
        ObjectStorage = "OBJECT_STORAGE",
    }
}

http_core::wire::models! {
    /// A price list.
    pub struct PricingPolicy {
        /// The prices.
        #[required]
        pub policy: Vec<Price>,
    }

    /// The hourly price of a resource.
    pub struct Price {
        /// The price's id.
        #[serde(rename = "policyId")]
        pub policy_id: Option<PolicyId>,
        /// The kind of resource that the price refers to.
        #[or_default]
        #[serde(rename = "resourceType")]
        pub resource_type: PricedResource,
        /// The price of one hour, for [`num_cpus`](Self::num_cpus) CPUs, [`megs_ram`](Self::megs_ram) MiB of memory, or
        /// one GiB.
        pub price: Option<Decimal>,
        /// The number of CPUs that the price covers; only for CPUs.
        #[serde(rename = "numCpus")]
        pub num_cpus: Option<u32>,
        /// The memory in MiB that the price covers; only for memory.
        #[serde(rename = "megsRam")]
        pub megs_ram: Option<u64>,
        /// The service, e.g. `main`, `snapshot` or `backup` for storage.
        #[serde(rename = "serviceNameInUptime")]
        pub service: Option<String>,
        /// The human-readable name of the service.
        #[serde(rename = "serviceNameUserFriendly")]
        pub name: String,
    }
}

impl PricingPolicy {
    /// Convenience method: returns the hourly cost of a running VM of this size with `storage_gib` GiB of disks,
    /// without licenses, snapshots and backups, before discount and tax. Returns `None` if the list lacks one of these
    /// prices.
    pub fn hourly_cost(&self, size: VmSize, storage_gib: u64) -> Option<Decimal> {
        self.compute(size)?.checked_add(self.service(&PricedResource::Storage, "main", storage_gib)?)
    }

    /// Returns the hourly cost of CPUs and memory.
    pub(crate) fn compute(&self, size: VmSize) -> Option<Decimal> {
        let cpu = self.per_unit(size.vcpu.into(), |price| match price.resource_type {
            PricedResource::Cpu => price.num_cpus.map(u64::from),
            _ => None,
        })?;
        let memory = self.per_unit(size.memory_mib, |price| match price.resource_type {
            PricedResource::Ram => price.megs_ram,
            _ => None,
        })?;
        cpu.checked_add(memory)
    }

    /// Returns the hourly cost of `units` units of a service.
    pub(crate) fn service(&self, kind: &PricedResource, service: &str, units: u64) -> Option<Decimal> {
        self.per_unit(units, |price| {
            (price.resource_type == *kind && price.service.as_deref() == Some(service)).then_some(1)
        })
    }

    /// Returns the cost of `units` units at the price of the smallest size, because the list may contain prices for
    /// several sizes.
    fn per_unit(&self, units: u64, sold_by: impl Fn(&Price) -> Option<u64>) -> Option<Decimal> {
        let prices = self.policy.iter().filter_map(|price| Some((sold_by(price)?, price.price?)));
        let (size, price) = prices.filter(|(size, _)| *size > 0).min_by_key(|(size, _)| *size)?;
        price.checked_mul(Decimal::from(units))?.checked_div(Decimal::from(size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(rows: &str) -> PricingPolicy {
        serde_json::from_str(&format!(r#"{{"policy": [{rows}]}}"#)).unwrap()
    }

    const CPU: &str = r#"{"policyId": 1001, "resourceType": "CPU", "numCpus": 1, "price": 0.00521}"#;
    const RAM: &str = r#"{"policyId": 1011, "resourceType": "RAM", "megsRam": 1024, "price": 0.00329},
        {"policyId": 1010, "resourceType": "RAM", "megsRam": 512, "price": 0.001645}"#;
    const STORAGE: &str = r#"
        {"policyId": 1021, "resourceType": "STORAGE", "serviceNameInUptime": "backup", "price": 3.42e-05},
        {"policyId": 1023, "resourceType": "STORAGE", "serviceNameInUptime": "main", "price": 0.0001}"#;

    #[test]
    fn a_price_in_scientific_notation_is_exact() {
        assert_eq!(policy(STORAGE).policy[0].price.unwrap().to_string(), "0.0000342");
    }

    #[test]
    fn the_cost_of_a_vm_is_that_of_its_cpus_memory_and_disks() {
        let policy = policy(&[CPU, RAM, STORAGE].join(","));
        // 2 × 0.00521 + 2 × 0.00329 + 20 × 0.0001
        assert_eq!(policy.hourly_cost(VmSize::new(2, 2048), 20), Some(Decimal::new(19, 3)));
        assert_eq!(policy.hourly_cost(VmSize::new(0, 0), 0), Some(Decimal::ZERO));
    }

    #[test]
    fn the_cost_is_unknown_if_one_of_the_prices_is_missing() {
        assert_eq!(policy(&[CPU, RAM].join(",")).hourly_cost(VmSize::new(2, 2048), 20), None);
        assert_eq!(policy(&[CPU, STORAGE].join(",")).hourly_cost(VmSize::new(2, 2048), 20), None);
        assert_eq!(policy("").hourly_cost(VmSize::new(0, 0), 0), None);
    }
}

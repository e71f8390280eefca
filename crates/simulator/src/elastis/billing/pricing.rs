//! The price list, and the costs of a resource.
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::money::number;
use super::state::resource::Resource;

/// One row of the price list, with a price per hour.
struct Policy {
    id: u64,
    price: (i64, u32),
    resource_type: &'static str,
    /// The quantity to which the price applies.
    measure: Option<(&'static str, u64)>,
    uptime_name: Option<&'static str>,
    name: &'static str,
}

impl Policy {
    fn price(&self) -> Decimal {
        let (digits, scale) = self.price;
        Decimal::new(digits, scale)
    }

    fn json(&self) -> Value {
        let mut row = json!({
            "policyId": self.id,
            "price": number(self.price()),
            "resourceType": self.resource_type,
            "serviceNameUserFriendly": self.name,
        });
        if let Some((measure, amount)) = self.measure {
            row[measure] = amount.into();
        }
        if let Some(name) = self.uptime_name {
            row["serviceNameInUptime"] = name.into();
        }
        row
    }
}

macro_rules! policies {
    ($($name:ident = $id:literal $price:expr, $type:literal, $measure:expr, $uptime:expr, $friendly:literal;)*) => {
        $(const $name: Policy = Policy {
            id: $id, price: $price, resource_type: $type, measure: $measure, uptime_name: $uptime, name: $friendly,
        };)*
        const POLICIES: &[Policy] = &[$($name),*];
    };
}

policies! {
    CPU = 1001 (521, 5), "CPU", Some(("numCpus", 1)), None, "1 CPU";
    RAM_512 = 1010 (1645, 6), "RAM", Some(("megsRam", 512)), None, "0.5 GB RAM";
    RAM_1024 = 1011 (329, 5), "RAM", Some(("megsRam", 1024)), None, "1 GB RAM";
    BACKUP = 1021 (342, 7), "STORAGE", None, Some("backup"), "Backup";
    SNAPSHOT = 1022 (1, 4), "STORAGE", None, Some("snapshot"), "Snapshot";
    STORAGE = 1023 (1, 4), "STORAGE", None, Some("main"), "Storage";
    WINDOWS = 1030 (548, 5), "LICENSE", None, Some("windows"), "Windows license per core per hour";
    OBJECT_STORAGE = 1040 (342, 7), "OBJECT_STORAGE", None, Some("object_storage"),
        "Object storage per gigabyte per hour";
}

/// Returns the whole price list.
pub(super) fn policy() -> Value {
    json!({"policy": POLICIES.iter().map(Policy::json).collect::<Vec<_>>()})
}

/// Returns whether the price of a resource includes a Windows license.
pub(super) fn is_licensed(resource: &Resource) -> bool {
    resource.os_name.to_ascii_lowercase().contains("windows")
}

/// Returns the cost of a resource per hour in its current state. The price list has no rows for addresses and load
/// balancers, so they are free.
pub(super) fn hourly(resource: &Resource) -> Decimal {
    let storage = |policy: &Policy| policy.price() * Decimal::from(resource.storage_gib);
    match resource.kind {
        "vm" => {
            let per_core = if is_licensed(resource) { CPU.price() + WINDOWS.price() } else { CPU.price() };
            let ram = RAM_512.price() * Decimal::from(resource.memory_mib) / Decimal::from(512);
            let compute = per_core * Decimal::from(resource.vcpu) + ram;
            storage(&STORAGE) + if resource.running { compute } else { Decimal::ZERO }
        }
        "disk" => storage(&STORAGE),
        "bucket" => storage(&OBJECT_STORAGE),
        _ => Decimal::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Simulated, vm};
    use super::*;

    #[test]
    fn the_policy_states_tiny_prices_exactly() {
        let policy = Simulated::new().ok("pricing.policy", "");
        let rows = policy["policy"].as_array().unwrap();
        let row = |id: u64| rows.iter().find(|row| row["policyId"] == id).unwrap();
        assert_eq!(row(1040)["price"], json!(3.42e-05));
        assert_eq!(
            row(1010),
            &json!({
                "megsRam": 512, "policyId": 1010, "price": 0.001_645, "resourceType": "RAM",
                "serviceNameUserFriendly": "0.5 GB RAM",
            })
        );
        assert_eq!(row(1023)["serviceNameInUptime"], "main");
    }

    #[test]
    fn a_stopped_vm_is_billed_for_its_storage_only() {
        let running = vm("web");
        let stopped = Resource { running: false, ..running.clone() };
        assert_eq!(hourly(&running), Decimal::new(19, 3), "2 CPUs, 2 GiB, 20 GiB");
        assert_eq!(hourly(&stopped), Decimal::new(2, 3));
    }

    #[test]
    fn a_windows_vm_is_billed_one_license_per_core() {
        let plain = vm("web");
        let windows = Resource { os_name: "Windows".to_owned(), ..plain.clone() };
        assert_eq!(hourly(&windows) - hourly(&plain), Decimal::new(2 * 548, 5));
    }
}

//! Reads everything that is billed, and calculates its cost.

use std::collections::HashSet;
use std::net::IpAddr;

use elastis_core::{Elastis, LocationSlug, ReplicaKind, Storage, Vm};
use http_core::client::{Method, read_twice};
use http_core::http::Response;
use http_core::wire::{Bytes, Decimal, PartialList};
use http_core::{CallSequence, Error, ErrorKind};

use super::rows::{AddressRow, AttachedRow, BalancerRow, BucketRow, DiskRow};
use super::{Cost, CostFailure, CostKind, Costs, Idle};
use crate::pricing::{PricedResource, Pricing, PricingPolicy};

type Read<T> = Result<PartialList<T>, Error>;

/// The resources of one location.
struct Found {
    vms: Read<Vm>,
    /// The number of VMs whose disks are not all known.
    vms_without_disks: usize,
    disks: Read<DiskRow>,
    addresses: Read<AddressRow>,
    balancers: Read<BalancerRow>,
}

impl Found {
    #[inline]
    fn read(elastis: &Elastis) -> CallSequence<Self> {
        let elastis = elastis.clone();
        CallSequence::new(async move {
            // An untyped request sends the path as given, so the location must be added here.
            let slug = elastis.location().map(|slug| format!("/{slug}")).unwrap_or_default();
            let list = |path: &str| elastis.request(Method::Get, &format!("/v1{slug}{path}"));
            let disks: Read<DiskRow> = list("/storage/disks").list().listed().tolerant().await;
            // Without VMs, every disk counts as unattached, so one wrong response must not be enough.
            let has_disks = disks.as_ref().is_ok_and(|disks| !disks.items.is_empty());
            let read = read_twice(
                || vms(&elastis),
                |(vms, _)| has_disks && vms.as_ref().is_ok_and(|vms| vms.items.is_empty() && vms.failed == 0),
            );
            let (vms, vms_without_disks) = read.await;
            Ok(Self {
                vms,
                vms_without_disks,
                disks,
                addresses: list("/network/ip_addresses").list().listed().tolerant().await,
                balancers: list("/network/load_balancers").list().listed().tolerant().await,
            })
        })
    }
}

/// Returns the VMs, and the number of those whose disks are not all known.
#[inline]
async fn vms(elastis: &Elastis) -> (Read<Vm>, usize) {
    let list = || elastis.vms().list().listed();
    let body = match list().raw().await {
        Ok(response) => Bytes::from(response.into_body()),
        Err(error) => return (Err(error), 0),
    };
    let response = || Response::new(body.clone());
    let attached = elastis.request(Method::Get, "/").list::<AttachedRow>().finish(response());
    let unknown = attached.map(|vms| vms.iter().filter(|vm| !vm.is_complete()).count());
    (list().tolerant().finish(response()), unknown.unwrap_or(1))
}

#[inline]
pub(crate) fn read(elastis: &Elastis) -> CallSequence<Costs> {
    let elastis = elastis.clone();
    CallSequence::new(async move {
        let locations = elastis.in_all_locations(Found::read).await?;
        let mut ledger = Ledger { prices: PricingPolicy { policy: Vec::new() }, costs: Costs::default() };
        match (Pricing { elastis: elastis.clone() }).policy().await {
            Ok(prices) => ledger.prices = prices,
            Err(error) => ledger.fail(None, "prices", error),
        }
        for there in locations {
            let slug = there.location.map(|location| location.slug);
            match (there.result, slug) {
                (Ok(found), Some(slug)) => ledger.add_location(&slug, found),
                (Ok(_), None) => {} // A location that cannot be decoded has an error.
                (Err(error), slug) => ledger.fail(slug.as_ref(), "everything", error),
            }
        }
        let buckets =
            elastis.request(Method::Get, "/v1/storage/bucket/list").list().listed().tolerant().await;
        ledger.add_buckets(buckets);
        Ok(ledger.costs)
    })
}

/// The prices, and the costs found so far.
struct Ledger {
    prices: PricingPolicy,
    costs: Costs,
}

impl Ledger {
    #[inline]
    fn fail(&mut self, location: Option<&LocationSlug>, what: &'static str, error: Error) {
        self.costs.failures.push(CostFailure { location: location.cloned(), what, error });
    }

    /// Returns the rows that could be read, and whether the list is complete.
    #[inline]
    fn rows<T>(
        &mut self,
        location: Option<&LocationSlug>,
        what: &'static str,
        read: Read<T>,
    ) -> (Vec<T>, bool) {
        let list = match read {
            Ok(list) => list,
            Err(error) => {
                self.fail(location, what, error);
                return (Vec::new(), false);
            }
        };
        if let Some(first) = list.errors.first() {
            let message = format!("{} of the rows cannot be decoded; the first error: {first}", list.failed);
            self.fail(location, what, Error::new(ErrorKind::Decode, message));
        }
        (list.items, list.errors.is_empty())
    }

    #[inline]
    fn add_location(&mut self, slug: &LocationSlug, found: Found) {
        let (vms, mut all_vms) = self.rows(Some(slug), "VMs", found.vms);
        if found.vms_without_disks > 0 && all_vms {
            let message = format!(
                "the disks of {} VMs cannot be decoded, so that no disk counts as unattached",
                found.vms_without_disks
            );
            self.fail(Some(slug), "disks of VMs", Error::new(ErrorKind::Decode, message));
            all_vms = false;
        }
        let (mut attached, mut public) = (HashSet::new(), HashSet::new());
        for vm in vms.iter().filter(|vm| !vm.is_deleted()) {
            attached.extend(vm.storage.iter().map(|disk| disk.uuid));
            public.extend(vm.public_ipv4.map(IpAddr::from));
            self.add_vm(slug, vm);
        }
        for disk in self.rows(Some(slug), "disks", found.disks).0 {
            let is_deleted =
                disk.status.as_ref().is_some_and(|status| status.eq_ignore_ascii_case("deleted"));
            if !is_deleted && !attached.contains(&disk.uuid) {
                self.add_disk(slug, disk, all_vms);
            }
        }
        for ip in self.rows(Some(slug), "floating IPs", found.addresses).0 {
            if !ip.is_deleted {
                let is_of_vm = ip.address.parse().is_ok_and(|address| public.contains(&address));
                let idle = (ip.is_unassigned() && !is_of_vm).then_some(Idle::Unassigned);
                self.costs.rows.push(Cost {
                    kind: CostKind::FloatingIp,
                    id: ip.address,
                    name: ip.name,
                    location: Some(slug.clone()),
                    billing_account_id: ip.billing_account_id,
                    hourly: None,
                    idle,
                });
            }
        }
        for balancer in self.rows(Some(slug), "load balancers", found.balancers).0 {
            if !balancer.is_deleted {
                self.costs.rows.push(Cost {
                    kind: CostKind::LoadBalancer,
                    id: balancer.uuid,
                    name: balancer.display_name,
                    location: Some(slug.clone()),
                    billing_account_id: balancer.billing_account_id,
                    hourly: None,
                    idle: balancer.targets.is_some_and(|list| list.is_empty()).then_some(Idle::NoTargets),
                });
            }
        }
    }

    /// Adds a VM with its disks, and their snapshots and backups.
    #[inline]
    fn add_vm(&mut self, slug: &LocationSlug, vm: &Vm) {
        let row = Cost {
            kind: CostKind::Vm,
            id: vm.uuid.to_string(),
            name: Some(vm.name.clone()),
            location: Some(slug.clone()),
            billing_account_id: vm.billing_account_id,
            hourly: self.prices.of_vm(vm),
            idle: vm.is_stopped().then_some(Idle::Stopped),
        };
        self.costs.rows.push(row.clone());
        for replica in vm.storage.iter().flat_map(|disk| &disk.replica) {
            let (kind, service) = match replica.r#type {
                Some(ReplicaKind::Backup) => (CostKind::Backup, "backup"),
                _ => (CostKind::Snapshot, "snapshot"),
            };
            self.costs.rows.push(Cost {
                kind,
                id: replica.uuid.to_string(),
                hourly: self.prices.of_storage(service, replica.size),
                idle: None,
                ..row.clone()
            });
        }
    }

    #[inline]
    fn add_disk(&mut self, slug: &LocationSlug, disk: DiskRow, is_unattached: bool) {
        let row = Cost {
            kind: CostKind::Disk,
            id: disk.uuid.to_string(),
            name: disk.display_name,
            location: Some(slug.clone()),
            billing_account_id: disk.billing_account_id,
            hourly: self.prices.of_storage("main", disk.size_gb),
            idle: is_unattached.then_some(Idle::Unattached),
        };
        self.costs.rows.push(row.clone());
        for snapshot in disk.snapshots.into_iter().flatten() {
            let size = snapshot.size_gb_documented.or(snapshot.size_gb);
            self.costs.rows.push(Cost {
                kind: CostKind::Snapshot,
                id: snapshot.uuid,
                hourly: self.prices.of_storage("snapshot", size),
                idle: None,
                ..row.clone()
            });
        }
    }

    #[inline]
    fn add_buckets(&mut self, read: Read<BucketRow>) {
        for bucket in self.rows(None, "buckets", read).0 {
            let gib = bucket.size_bytes.map(|bytes| bytes.div_ceil(1 << 30));
            let hourly = gib
                .and_then(|gib| self.prices.service(&PricedResource::ObjectStorage, "object_storage", gib));
            self.costs.rows.push(Cost {
                kind: CostKind::Bucket,
                id: bucket.name.clone(),
                name: Some(bucket.name),
                location: None,
                billing_account_id: bucket.billing_account_id,
                hourly,
                idle: None,
            });
        }
    }
}

impl PricingPolicy {
    #[inline]
    fn of_storage(&self, service: &str, gib: Option<u64>) -> Option<Decimal> {
        self.service(&PricedResource::Storage, service, gib?)
    }

    #[inline]
    fn of_vm(&self, vm: &Vm) -> Option<Decimal> {
        let plus = |sum: u64, disk: &Storage| sum.checked_add(disk.size?);
        let gib = vm.storage.iter().try_fold(0_u64, plus);
        let disks = self.of_storage("main", gib)?;
        if vm.is_stopped() {
            return Some(disks);
        }
        let size = vm.size()?;
        let cost = self.compute(size)?.checked_add(disks)?;
        let says_windows = |text: &str| text.to_ascii_lowercase().contains("windows");
        if says_windows(&vm.os_name) || vm.license_type.as_deref().is_some_and(says_windows) {
            cost.checked_add(self.service(&PricedResource::License, "windows", size.vcpu.into())?)
        } else {
            Some(cost)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn prices() -> PricingPolicy {
        let rows = json!({"policy": [
            {"policyId": 1, "resourceType": "CPU", "numCpus": 1, "price": 0.5},
            {"policyId": 2, "resourceType": "RAM", "megsRam": 512, "price": 0.25},
            {"policyId": 3, "resourceType": "STORAGE", "serviceNameInUptime": "main", "price": 0.125},
            {"policyId": 4, "resourceType": "LICENSE", "serviceNameInUptime": "windows", "price": 3},
        ]});
        serde_json::from_value(rows).unwrap()
    }

    fn vm(status: &str, os: &str, vcpu: Option<u32>) -> Vm {
        let id = "f80b1d62-ffe4-43ef-9210-60f05445456a";
        let row = json!({
            "uuid": id, "status": status, "os_name": os, "vcpu": vcpu, "memory": 1024,
            "storage": [{"uuid": id, "size": 8}, {"uuid": id, "size": 8}],
        });
        serde_json::from_value(row).unwrap()
    }

    #[test]
    fn a_running_vm_costs_all_its_parts_and_a_stopped_one_only_its_disks() {
        let of = |vm: &Vm| prices().of_vm(vm);
        assert_eq!(of(&vm("running", "ubuntu", Some(2))), Some(Decimal::new(35, 1)));
        assert_eq!(of(&vm("Moving", "ubuntu", Some(2))), Some(Decimal::new(35, 1)));
        assert_eq!(of(&vm("running", "Windows Server", Some(2))), Some(Decimal::new(95, 1)));
        assert_eq!(of(&vm("stopped", "windows", None)), Some(Decimal::TWO));
    }

    #[test]
    fn an_address_is_unassigned_only_if_nothing_shows_its_use() {
        let row = |row: serde_json::Value| serde_json::from_value::<AddressRow>(row).unwrap().is_unassigned();
        let address = "198.18.0.1";
        for key in ["assigned_to", "assigned_to_resource_type", "assigned_to_private_ip"] {
            for value in [json!({"uuid": "lb-1"}), json!(["lb-1"]), json!(true)] {
                assert!(!row(json!({"address": address, key: value})), "{key}");
            }
            assert!(row(json!({"address": address, key: null})) && row(json!({"address": address, key: ""})));
        }
        assert!(!row(json!({"address": address, "assigned_to": "lb-1"})));
        assert!(!row(json!({"address": address, "assigned_to": 4711})));
        assert!(!row(json!({"address": address, "assigned_to_resource_type": "service"})));
        assert!(!row(json!({"address": address, "assigned_to_private_ip": "10.1.0.2"})));
    }

    #[test]
    fn a_cost_is_unknown_if_one_of_its_parts_is_missing() {
        assert_eq!(prices().of_vm(&vm("running", "ubuntu", None)), None);
        let mut unlicensed = prices();
        unlicensed.policy.retain(|price| price.resource_type != PricedResource::License);
        assert_eq!(unlicensed.of_vm(&vm("running", "windows", Some(2))), None);
        assert_eq!(prices().of_storage("main", None), None);
        assert_eq!(prices().of_storage("backup", Some(1)), None);
    }
}

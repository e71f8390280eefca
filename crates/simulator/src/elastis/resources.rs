//! Lists the billed resources, and moves them to another account.
use serde_json::{Value, json};

use super::Elastis;
use super::billing::Resource;
use super::endpoints::context::Answer;
use super::state::disk::Disk;
use super::state::site::Site;
use super::state::vm::{RUNNING, Vm};
use super::wire::errors;
use crate::base::{Clock, Response};

/// Returns a VM as it appears in the billing list. The list's format is older than that of the other endpoints, and has
/// more fields.
fn vm_json(site: &Site, vm: &Vm, status: &str) -> Value {
    let public = site.floating_ips.iter().find(|ip| ip.is_assigned_to(&vm.uuid));
    let mut body = vm.json(status);
    body["hypervisor_id"] = Value::Null;
    body["public_ipv4"] = json!(public.map(|ip| &ip.address));
    body["storage"] = site.storage(&vm.uuid);
    for disk in body["storage"].as_array_mut().into_iter().flatten() {
        disk["public_ipv4"] = Value::Null;
    }
    body
}

fn vms<'a>(site: &'a Site, statuses: &'a [&'static str]) -> impl Iterator<Item = Resource> + 'a {
    let live = site.vms.iter().zip(statuses).filter(|(vm, _)| vm.deleted_at.is_none());
    live.map(|(vm, status)| {
        let disks = site.disks.iter().filter(|disk| disk.is_attached_to(&vm.uuid));
        let storage_gib = disks.map(|disk| disk.size_gib).sum();
        Resource {
            owner_uuid: vm.uuid.clone(),
            uuid: vm.uuid.clone(),
            kind: "vm",
            billing_account_id: vm.billing_account,
            description: format!(
                "{}, {} CPUs, {} GB RAM, {storage_gib} GB disk",
                vm.name,
                vm.vcpu,
                f64::from(u32::try_from(vm.memory_mib).unwrap_or(u32::MAX)) / 1024.0
            ),
            json: vm_json(site, vm, status),
            location: site.slug.to_owned(),
            vcpu: u32::try_from(vm.vcpu).unwrap_or(u32::MAX),
            memory_mib: vm.memory_mib,
            storage_gib,
            running: *status == RUNNING,
            os_name: vm.os_name.clone(),
            since: vm.created_at,
        }
    })
}

/// Returns the other resources of a location. Attached disks are left out, because they are billed with their VM.
fn others(site: &Site) -> impl Iterator<Item = Resource> {
    let location = || site.slug.to_owned();
    let unattached = |disk: &&Disk| disk.attached.is_none() && disk.deleted_at.is_none();
    let disks = site.disks.iter().filter(unattached).map(move |disk| Resource {
        storage_gib: disk.size_gib,
        ..bare("disk", &disk.uuid, disk.billing_account, disk.json(), location(), disk.created_at)
    });
    let ips = site.floating_ips.iter().map(move |ip| {
        let json = ip.json();
        Resource {
            description: ip.address.clone(),
            ..bare("ip", &ip.uuid, ip.billing_account, json, location(), ip.created_at)
        }
    });
    let balancers = site.load_balancers.iter().filter(|balancer| balancer.deleted_at.is_none());
    let balancers = balancers.map(move |balancer| {
        let json = site.load_balancer_json(balancer);
        bare("load_balancer", &balancer.uuid, balancer.billing_account, json, location(), balancer.created_at)
    });
    disks.chain(ips).chain(balancers)
}

/// Creates a billed resource without CPUs, memory or storage.
fn bare(
    kind: &'static str,
    uuid: &str,
    billing_account_id: u64,
    json: Value,
    location: String,
    since: chrono::DateTime<chrono::Utc>,
) -> Resource {
    Resource {
        owner_uuid: uuid.to_owned(),
        uuid: uuid.to_owned(),
        kind,
        billing_account_id,
        description: json["display_name"].as_str().unwrap_or(uuid).to_owned(),
        json,
        location,
        vcpu: 0,
        memory_mib: 0,
        storage_gib: 0,
        running: true,
        os_name: String::new(),
        since,
    }
}

impl Elastis {
    /// Returns all billed resources, in every location.
    pub(super) fn resources(&mut self, clock: &Clock) -> Vec<Resource> {
        let mut all = Vec::new();
        for site in &mut self.sites {
            let statuses: Vec<_> = site.vms.iter_mut().map(|vm| vm.status.peek(clock)).collect();
            all.extend(vms(site, &statuses).chain(others(site)));
        }
        all.extend(self.customer.buckets.iter().map(|bucket| {
            let json = bucket.json();
            let payer = bucket.billing_account;
            Resource {
                owner_uuid: bucket.uuid.clone(),
                storage_gib: bucket.size_bytes.div_ceil(1 << 30),
                ..bare("bucket", &bucket.name, payer, json, String::new(), bucket.created_at)
            }
        }));
        all
    }

    /// Starts to record the current costs of each resource.
    pub(super) fn meter(&mut self, clock: &Clock) {
        let resources = self.resources(clock);
        self.billing.meter(&resources, clock.now());
    }

    /// Moves a resource to another account, after billing has checked the request.
    pub(super) fn assign(&mut self, at: usize, kind: &str, uuid: &str, payer: u64, clock: &Clock) -> Answer {
        let site = self.sites.get_mut(at).ok_or_else(errors::no_route)?;
        let account = match kind {
            "vm" => {
                // A VM is billed with its disks, so a token with access to the VM must have access to the disks too.
                for disk in site.disks.iter_mut().filter(|disk| disk.is_attached_to(uuid)) {
                    disk.billing_account = payer;
                }
                site.vms.iter_mut().find(|vm| vm.uuid == uuid).map(|vm| &mut vm.billing_account)
            }
            "disk" => {
                site.disks.iter_mut().find(|disk| disk.uuid == uuid).map(|disk| &mut disk.billing_account)
            }
            "ip" => site.floating_ips.iter_mut().find(|ip| ip.uuid == uuid).map(|ip| &mut ip.billing_account),
            "bucket" => {
                let mut buckets = self.customer.buckets.iter_mut();
                buckets.find(|bucket| bucket.name == uuid).map(|bucket| &mut bucket.billing_account)
            }
            _ => {
                let mut balancers = site.load_balancers.iter_mut();
                balancers.find(|balancer| balancer.uuid == uuid).map(|balancer| &mut balancer.billing_account)
            }
        };
        *account.ok_or_else(|| errors::unknown_vm(uuid))? = payer;
        self.meter(clock);
        // Assumed: the provider's page shows only an error response. The success response is copied from the operation
        // that sets the default account.
        Ok(Response::json(200, &json!({"success": true})))
    }
}

#[cfg(test)]
mod tests {
    use crate::elastis::testing::{Lab, NEW_VM};
    use serde_json::json;

    #[test]
    fn a_vm_moves_to_another_account_with_its_disks() {
        let mut lab = Lab::new();
        let vm = lab.new_vm("billing_account_id=6");
        let assign = "/v1/user-resource/resource_billing";
        let moved = lab.ok("POST", assign, &format!("uuid={vm}&billing_account_id=129072"));
        assert_eq!(moved, json!({"success": true}));
        assert_eq!(lab.ok("GET", "/v1/storage/disks", "")[0]["billing_account_id"], 129_072);
        let listed = lab.ok("GET", "/v1/user-resource/billing_resources?id=129072", "");
        assert_eq!(
            (&listed[0]["billing_account"], &listed[0]["hypervisor_id"]),
            (&json!(129_072), &json!(null))
        );
        assert!(listed[0]["public_ipv4"].is_string());
        let elsewhere = "/v1/bus02/user-resource/resource_billing";
        let (status, body) = lab.form("POST", elsewhere, &format!("uuid={vm}&billing_account_id=6"));
        assert_eq!(status, 400);
        assert_eq!(body["errors"]["Error"], format!("No such virtual machine exists: {vm}"));
    }

    #[test]
    fn every_kind_of_resource_is_listed_and_can_be_moved() {
        let mut lab = Lab::new();
        lab.ok("POST", "/v1/user-resource/vm", &format!("{NEW_VM}&billing_account_id=6"));
        lab.ok("POST", "/v1/storage/disks", "size_gb=5&billing_account_id=6");
        lab.ok("PUT", "/v1/storage/bucket", "name=photos&billing_account_id=6");
        lab.ok_json("POST", "/v1/network/load_balancers", &json!({"billing_account_id": 6, "targets": []}));
        for kind in ["vm", "disk", "ip", "bucket", "load_balancer"] {
            let list = |lab: &mut Lab, account: u64| {
                let query = format!("id={account}&resource_type={kind}");
                lab.ok("GET", &format!("/v1/user-resource/billing_resources?{query}"), "")
            };
            let before = list(&mut lab, 6);
            let row = &before[0];
            let id = row["uuid"].as_str().or(row["name"].as_str()).unwrap();
            let form = format!("uuid={id}&resource_type={kind}&billing_account_id=129072");
            lab.ok("POST", "/v1/user-resource/resource_billing", &form);
            let after = list(&mut lab, 6).as_array().unwrap().len();
            assert_eq!(after, before.as_array().unwrap().len() - 1, "{kind}");
            assert_eq!(list(&mut lab, 129_072).as_array().unwrap().len(), 1, "{kind}");
        }
    }

    #[test]
    fn a_stopped_vm_is_billed_for_its_hours_and_then_for_storage_only() {
        let mut lab = Lab::new();
        let vm = lab.new_vm("billing_account_id=6&reserve_public_ip=false");
        lab.pass(3600 * 10);
        lab.ok("POST", "/v1/user-resource/vm/stop", &format!("uuid={vm}"));
        lab.pass(3600 * 5);
        let usage = lab.ok("GET", "/v1/charging/usage?billing_account_id=6", "");
        assert_eq!([&usage[0]["hours"], &usage[1]["hours"]], [&json!(10.0), &json!(5.0)]);
        assert_eq!(usage[1]["uptime_types"], json!(["MAIN_STORAGE"]));
        assert_eq!(usage[0]["description"], "web-1, 2 CPUs, 2 GB RAM, 20 GB disk");
    }

    #[test]
    fn a_disk_is_billed_by_itself_until_a_vm_is_created_from_it() {
        let mut lab = Lab::new();
        let disk = lab.ok("POST", "/v1/storage/disks", "size_gb=20&billing_account_id=6");
        lab.pass(3600);
        let form = format!(
            "name=boot&vcpu=1&ram=512&billing_account_id=6&disk_uuid={}",
            disk["uuid"].as_str().unwrap()
        );
        lab.ok("POST", "/v1/user-resource/vm", &format!("{form}&reserve_public_ip=false"));
        lab.pass(7200);
        let usage = lab.ok("GET", "/v1/charging/usage?billing_account_id=6", "");
        let rows: Vec<_> =
            usage.as_array().unwrap().iter().map(|row| (&row["owner_uuid"], &row["hours"])).collect();
        assert_eq!((rows.len(), rows[0], rows[1].1), (2, (&disk["uuid"], &json!(1.0)), &json!(2.0)));
    }
}

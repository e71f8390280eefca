//! The models of VMs and of their disks.

use std::net::{Ipv4Addr, Ipv6Addr};

use http_core::wire::{DateTime, Utc};

use crate::ids::{BillingAccountId, DiskId, HostPoolId, UserId, VmId};
use crate::replicas::Replica;
use crate::vms::size::VmSize;

http_core::wire::open_enum! {
    /// The state of a VM.
    pub enum VmStatus {
        /// The VM is running.
        Running = "running",
        /// The VM is off.
        Stopped = "stopped",
        /// The VM was deleted. It can still be read for a while.
        Deleted = "Deleted",
    }
}

http_core::wire::models! {
    /// A VM.
    ///
    /// No field contains the VM's network: its network is the one whose `vm_uuids` contain the VM's id.
    pub struct Vm {
        /// The VM's id. In older VMs, the first disk has the same id.
        pub uuid: VmId,
        /// The name, which is not necessarily unique.
        pub name: String,
        /// The state of the VM.
        #[or_default]
        pub status: VmStatus,
        /// The number of virtual processors. It may be missing from the response to a create.
        pub vcpu: Option<u32>,
        /// The memory in MiB; `memory` on the wire. It may be missing from the response to a create.
        #[serde(rename = "memory")]
        pub memory_mib: Option<u64>,
        /// The disks of the VM.
        pub storage: Vec<Storage>,
        /// Whether the provider takes backups automatically.
        pub backup: bool,
        /// The name of the operating system, e.g. `ubuntu`.
        pub os_name: String,
        /// The version of the operating system, e.g. `22.04-lts`.
        pub os_version: String,
        /// The host name of the VM in its network.
        pub hostname: Option<String>,
        /// The description given when the VM was created.
        pub description: Option<String>,
        /// The user name to log in with.
        pub username: Option<String>,
        /// The IPv4 address in the VM's private network.
        pub private_ipv4: Option<Ipv4Addr>,
        /// The public IPv4 address, if the provider includes it here; the list of floating IPs always contains it.
        pub public_ipv4: Option<Ipv4Addr>,
        /// The public IPv6 address.
        pub public_ipv6: Option<Ipv6Addr>,
        /// The MAC address of the network card.
        pub mac: Option<String>,
        /// The billing account that pays for the VM; `billing_account` on the wire.
        #[serde(rename = "billing_account")]
        pub billing_account_id: Option<BillingAccountId>,
        /// The user that owns the VM.
        pub user_id: Option<UserId>,
        /// The id of the host pool that the VM runs in.
        pub designated_pool_uuid: Option<HostPoolId>,
        /// The name of the host pool that the VM runs in.
        pub designated_pool_name: Option<String>,
        /// The host that the VM runs on.
        pub hypervisor_id: Option<String>,
        /// The kind of operating system license.
        pub license_type: Option<String>,
        /// The tags. The documentation has no example; anything other than a list of strings is decoded as `None`.
        pub tags: Option<Vec<String>>,
        /// A number used by older endpoints.
        pub id: Option<u64>,
        /// The time at which the VM was created.
        pub created_at: Option<DateTime<Utc>>,
        /// The time of the last update.
        pub updated_at: Option<DateTime<Utc>>,
    }
}

impl Vm {
    /// Convenience method: returns the processors and memory, or `None` if either is missing.
    pub fn size(&self) -> Option<VmSize> {
        Some(VmSize::new(self.vcpu?, self.memory_mib?))
    }

    /// Convenience method: returns whether the VM is running.
    pub fn is_running(&self) -> bool {
        self.status == VmStatus::Running
    }

    /// Convenience method: returns whether the VM is off.
    pub fn is_stopped(&self) -> bool {
        self.status == VmStatus::Stopped
    }

    /// Convenience method: returns whether the VM was deleted. The provider still returns it for a while.
    pub fn is_deleted(&self) -> bool {
        self.status == VmStatus::Deleted
    }

    /// Convenience method: returns whether this disk is attached to the VM.
    pub fn has_disk(&self, disk: DiskId) -> bool {
        self.storage.iter().any(|row| row.uuid == disk)
    }

    /// Convenience method: returns the disk that the VM boots from.
    pub fn boot_disk(&self) -> Option<&Storage> {
        self.storage.iter().find(|disk| disk.primary)
    }
}

http_core::wire::models! {
    /// A disk of a VM, as returned with the VM.
    pub struct Storage {
        /// The disk's id.
        pub uuid: DiskId,
        /// The device name in the guest, e.g. `vdb`. [`DiskId::guest_device_path`] returns a stable path.
        pub name: String,
        /// The size in GiB.
        pub size: Option<u64>,
        /// Whether the VM boots from the disk.
        pub primary: bool,
        /// Whether several VMs may use the disk.
        pub shared: Option<bool>,
        /// The snapshots and backups of the disk.
        pub replica: Vec<Replica>,
        /// The storage pool that contains the disk, or `n/a` if the provider does not name it.
        pub pool: Option<String>,
        /// The kind of storage, e.g. `block`, or `n/a` if the provider does not name it.
        pub r#type: Option<String>,
        /// A number used by older endpoints.
        pub id: Option<u64>,
        /// A public address. The documentation lists the field but shows only null.
        pub public_ipv4: Option<Ipv4Addr>,
        /// The user that owns the disk.
        pub user_id: Option<UserId>,
        /// The time at which the disk was created.
        pub created_at: Option<DateTime<Utc>>,
        /// The time of the last update.
        pub updated_at: Option<DateTime<Utc>>,
    }
}

#[cfg(test)]
mod tests {
    use http_core::http::Response;

    use super::*;

    const ID: &str = "f80b1d62-ffe4-43ef-9210-60f05445456a";

    fn storage(rest: &str) -> Storage {
        serde_json::from_str(&format!(r#"{{"uuid": "{ID}", "size": 20{rest}}}"#)).unwrap()
    }

    #[test]
    fn replicas_may_be_absent_null_ids_or_objects() {
        for none in ["", r#", "replica": null"#, r#", "replica": []"#] {
            assert!(storage(none).replica.is_empty(), "{none}");
        }
        let named = storage(r#", "replica": ["a2018", "b2019"]"#).replica;
        assert_eq!(named.iter().map(|replica| replica.uuid.as_str()).collect::<Vec<_>>(), ["a2018", "b2019"]);
        let whole =
            storage(r#", "replica": [{"uuid": "a2018", "size": 5, "created_at": "2018-12-21 14:05:35"}]"#);
        assert_eq!((whole.replica[0].size, whole.replica[0].created_at.is_some()), (Some(5), true));
    }

    #[test]
    fn observed_a_create_may_respond_before_all_values_are_known() {
        let json = format!(r#"{{"uuid": "{ID}", "status": "building", "vcpu": null, "memory": null}}"#);
        let vm: Vm = serde_json::from_str(&json).unwrap();
        assert_eq!((vm.uuid.to_string().as_str(), vm.size()), (ID, None));
    }

    #[test]
    fn a_vm_is_decoded_if_only_its_id_and_status_are_valid() {
        let vm: Vm = serde_json::from_str(&format!(
            r#"{{"uuid": "{ID}", "status": "Moving", "vcpu": 2, "memory": 2048, "private_ipv4": "", "tags": {{}},
                "created_at": "yesterday", "public_ipv6": "none", "designated_pool_uuid": ""}}"#
        ))
        .unwrap();
        assert_eq!(vm.status, VmStatus::Other("Moving".into()));
        assert_eq!((vm.private_ipv4, vm.tags, vm.created_at, vm.public_ipv6), (None, None, None, None));
        assert_eq!((vm.designated_pool_uuid, vm.storage.len()), (None, 0));
    }

    /// Returns the body of a list response with ten thousand VMs. The last VM has this id.
    fn body(last: &str) -> String {
        let row = |uuid: &str| {
            format!(
                r#"{{"backup": false, "billing_account": 6, "created_at": "2018-02-22 14:24:03", "description": "",
                "hostname": "hostname", "id": 10, "mac": "52:54:00:a2:52:6a", "memory": 2048, "name": "Ubuntu",
                "os_name": "ubuntu", "os_version": "16.04", "private_ipv4": "10.1.14.253", "status": "running",
                "storage": [{{"created_at": "2018-02-22 14:24:13.766985", "id": 8, "name": "sda",
                "pool": "default2", "primary": true, "replica": [], "shared": false, "size": 20,
                "type": "block", "updated_at": null, "user_id": 8, "uuid": "{ID}"}}], "tags": null,
                "updated_at": null, "user_id": 8, "username": "example", "uuid": {uuid}, "vcpu": 2}}"#
            )
        };
        format!("[{},{}]", vec![row(&format!(r#""{ID}""#)); 9_999].join(","), row(last))
    }

    fn list() -> http_core::ListCall<Vm> {
        crate::Elastis::new("key").unwrap().vms().list()
    }

    #[test]
    fn ten_thousand_vms_take_less_than_twice_the_memory_of_their_json() {
        let body = body(&format!(r#""{ID}""#));
        let bytes = body.len();
        let vms = list().finish(Response::new(body.into())).unwrap();
        assert_eq!((vms.len(), vms[9_999].storage[0].size), (10_000, Some(20)));
        // A tree of JSON values would take several times the size of the body.
        let held: usize =
            vms.iter().map(|vm| size_of::<Vm>() + vm.storage.capacity() * size_of::<Storage>()).sum();
        assert!(held < 2 * bytes, "{held} bytes for {bytes} bytes of JSON");
    }

    #[test]
    fn an_odd_item_costs_neither_the_vm_nor_its_other_disks() {
        let disk = format!(r#"{{"uuid": "{ID}", "size": 20, "replica": [null, 5, {{"size": 5}}]}}"#);
        for odd in ["null", "{}", "5", r#""disk""#] {
            let body = format!(r#"{{"uuid": "{ID}", "storage": [{odd}, {disk}]}}"#);
            let vms = crate::Elastis::new("key").unwrap().vms();
            let response = || Response::new(body.clone().into());
            let vm = vms.get(ID.parse().unwrap()).finish(response()).unwrap();
            assert_eq!((vm.storage.len(), vm.storage[0].size), (1, Some(20)), "{odd}");
            // This list proves that a disk is not attached.
            vms.disk_ids(vm.uuid).finish(response()).unwrap_err();
        }
    }

    #[test]
    fn one_bad_row_of_ten_thousand_is_reported_by_its_path_and_hides_no_other() {
        let body = body(r#"{"id": 20}"#);
        let error = list().finish(Response::new(body.clone().into())).unwrap_err();
        assert!(error.to_string().contains(".tolerant()"), "{error}");
        assert!(error.to_string().contains("[9999].uuid"), "{error}");
        let vms = list().tolerant().finish(Response::new(body.into())).unwrap();
        assert_eq!((vms.items.len(), vms.errors[0].index), (9_999, 9_999));
    }
}

//! What the provider says of a VM.

use std::net::{Ipv4Addr, Ipv6Addr};

use http_core::wire::{DateTime, Utc};

use crate::ids::{BillingAccountId, DiskId, HostPoolId, UserId, VmId};
use crate::replicas::Replica;
use crate::vms::size::VmSize;

http_core::wire::open_enum! {
    /// What a VM is doing.
    pub enum VmStatus {
        /// It runs.
        Running = "running",
        /// It is off.
        Stopped = "stopped",
        /// It is gone, but can still be read for a while.
        Deleted = "Deleted",
    }
}

http_core::wire::models! {
    /// A VM.
    ///
    /// The network that it is in is not among the fields: it is the one whose `vm_uuids` name the VM.
    pub struct Vm {
        /// The id, also that of the first disk in older VMs.
        pub uuid: VmId,
        /// The name, which need not be unique.
        pub name: String,
        /// What it is doing.
        #[or_default]
        pub status: VmStatus,
        /// The number of virtual processors. It may be missing in the response to a create.
        pub vcpu: Option<u32>,
        /// The memory in MiB; `memory` on the wire. It may be missing in the response to a create.
        #[serde(rename = "memory")]
        pub memory_mib: Option<u64>,
        /// Its disks.
        pub storage: Vec<Storage>,
        /// Whether backups are made automatically.
        pub backup: bool,
        /// The system, e.g. `ubuntu`.
        pub os_name: String,
        /// The version of the system, e.g. `22.04-lts`.
        pub os_version: String,
        /// The name of the VM in its network.
        pub hostname: Option<String>,
        /// A description.
        pub description: Option<String>,
        /// The user to log in as.
        pub username: Option<String>,
        /// The address in its private network.
        pub private_ipv4: Option<Ipv4Addr>,
        /// The VM's public address, if the provider includes it here; the floating IPs always list it.
        pub public_ipv4: Option<Ipv4Addr>,
        /// The IPv6 address.
        pub public_ipv6: Option<Ipv6Addr>,
        /// The hardware address of its network card.
        pub mac: Option<String>,
        /// The account that pays for it; requests call it `billing_account_id`.
        pub billing_account: Option<BillingAccountId>,
        /// The user whose VM it is.
        pub user_id: Option<UserId>,
        /// The pool of hosts that it runs in.
        pub designated_pool_uuid: Option<HostPoolId>,
        /// The name of that pool.
        pub designated_pool_name: Option<String>,
        /// The host that it runs on.
        pub hypervisor_id: Option<String>,
        /// The kind of licence of its system.
        pub license_type: Option<String>,
        /// Tags; the documentation shows none, and what is not a list of texts is `None`.
        pub tags: Option<Vec<String>>,
        /// A number that older calls used.
        pub id: Option<u64>,
        /// When it was made.
        pub created_at: Option<DateTime<Utc>>,
        /// When it was last changed.
        pub updated_at: Option<DateTime<Utc>>,
    }
}

impl Vm {
    /// Convenience method: returns the processors and the memory, where both are known.
    pub fn size(&self) -> Option<VmSize> {
        Some(VmSize::new(self.vcpu?, self.memory_mib?))
    }

    /// Convenience method: whether the VM is running.
    pub fn is_running(&self) -> bool {
        self.status == VmStatus::Running
    }

    /// Convenience method: whether the VM is off.
    pub fn is_stopped(&self) -> bool {
        self.status == VmStatus::Stopped
    }

    /// Convenience method: whether the VM was deleted. The provider still returns it for a while.
    pub fn is_deleted(&self) -> bool {
        self.status == VmStatus::Deleted
    }

    /// Convenience method: returns the boot disk.
    pub fn boot_disk(&self) -> Option<&Storage> {
        self.storage.iter().find(|disk| disk.primary)
    }
}

http_core::wire::models! {
    /// A disk as its VM shows it.
    pub struct Storage {
        /// The disk.
        pub uuid: DiskId,
        /// The name of the device in the guest, e.g. `vdb`. For one that stays see
        /// [`DiskId::guest_device_path`].
        pub name: String,
        /// The size in GiB.
        pub size: Option<u64>,
        /// Whether the VM boots from it.
        pub primary: bool,
        /// Whether more than one VM may have it.
        pub shared: Option<bool>,
        /// Its snapshots and backups.
        pub replica: Vec<Replica>,
        /// The pool that it lies in; `n/a` where that is not told.
        pub pool: Option<String>,
        /// The kind of storage, e.g. `block`; `n/a` where that is not told.
        pub r#type: Option<String>,
        /// A number that older calls used.
        pub id: Option<u64>,
        /// A public address; documented, and null in every response that the documentation shows.
        pub public_ipv4: Option<Ipv4Addr>,
        /// The user whose disk it is.
        pub user_id: Option<UserId>,
        /// When it was made.
        pub created_at: Option<DateTime<Utc>>,
        /// When it was last changed.
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
    fn replicas_may_be_absent_null_names_or_objects() {
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
    fn observed_a_create_may_answer_before_all_values_are_known() {
        let json = format!(r#"{{"uuid": "{ID}", "status": "building", "vcpu": null, "memory": null}}"#);
        let vm: Vm = serde_json::from_str(&json).unwrap();
        assert_eq!((vm.uuid.to_string().as_str(), vm.size()), (ID, None));
    }

    #[test]
    fn a_machine_needs_no_more_than_who_it_is_and_what_it_does() {
        let vm: Vm = serde_json::from_str(&format!(
            r#"{{"uuid": "{ID}", "status": "Moving", "vcpu": 2, "memory": 2048, "private_ipv4": "", "tags": {{}},
                "created_at": "yesterday", "public_ipv6": "none", "designated_pool_uuid": ""}}"#
        ))
        .unwrap();
        assert_eq!(vm.status, VmStatus::Other("Moving".into()));
        assert_eq!((vm.private_ipv4, vm.tags, vm.created_at, vm.public_ipv6), (None, None, None, None));
        assert_eq!((vm.designated_pool_uuid, vm.storage.len()), (None, 0));
    }

    /// The body of a list of ten thousand VMs, the last of which has a disk of this id.
    fn body(last_disk: &str) -> String {
        let row = |disk: &str| {
            format!(
                r#"{{"backup": false, "billing_account": 6, "created_at": "2018-02-22 14:24:03", "description": "",
                "hostname": "hostname", "id": 10, "mac": "52:54:00:a2:52:6a", "memory": 2048, "name": "Ubuntu",
                "os_name": "ubuntu", "os_version": "16.04", "private_ipv4": "10.1.14.253", "status": "running",
                "storage": [{{"created_at": "2018-02-22 14:24:13.766985", "id": 8, "name": "sda",
                "pool": "default2", "primary": true, "replica": [], "shared": false, "size": 20,
                "type": "block", "updated_at": null, "user_id": 8, "uuid": {disk}}}], "tags": null,
                "updated_at": null, "user_id": 8, "username": "example", "uuid": "{ID}", "vcpu": 2}}"#
            )
        };
        format!("[{},{}]", vec![row(&format!(r#""{ID}""#)); 9_999].join(","), row(last_disk))
    }

    fn list() -> http_core::ListCall<Vm> {
        crate::Elastis::new("key").unwrap().vms().list()
    }

    #[test]
    fn ten_thousand_machines_are_held_in_little_more_than_their_json() {
        let body = body(&format!(r#""{ID}""#));
        let bytes = body.len();
        let vms = list().finish(Response::new(body.into())).unwrap();
        assert_eq!((vms.len(), vms[9_999].storage[0].size), (10_000, Some(20)));
        // A tree of JSON values takes several times the body.
        let held: usize =
            vms.iter().map(|vm| size_of::<Vm>() + vm.storage.capacity() * size_of::<Storage>()).sum();
        assert!(held < 2 * bytes, "{held} bytes for {bytes} bytes of JSON");
    }

    #[test]
    fn the_one_bad_row_of_ten_thousand_is_found_by_its_path_and_does_not_hide_the_others() {
        let body = body(r#"{"id": 20}"#);
        let error = list().finish(Response::new(body.clone().into())).unwrap_err();
        assert!(error.to_string().contains(".tolerant()"), "{error}");
        assert!(error.to_string().contains("[9999].storage[0].uuid"), "{error}");
        let vms = list().tolerant().finish(Response::new(body.into())).unwrap();
        assert_eq!((vms.items.len(), vms.errors[0].index), (9_999, 9_999));
    }
}

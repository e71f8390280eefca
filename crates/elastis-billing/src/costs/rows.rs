//! The rows of the lists of billed resources. They require only the ids, so that no other field hides a cost.

use elastis_core::{BillingAccountId, DiskId, VmStatus};
use http_core::wire::AnyAsText;

http_core::wire::models! {
    /// The disks of a VM, as the provider sent them. A [`Vm`] lacks the disks that could not be decoded.
    pub(super) struct AttachedRow {
        pub(super) status: Option<VmStatus>,
        pub(super) storage: Option<serde_json::Value>,
    }

    /// A disk; only the id is required.
    pub(super) struct DiskRow {
        pub(super) uuid: DiskId,
        pub(super) display_name: Option<String>,
        pub(super) status: Option<String>,
        pub(super) size_gb: Option<u64>,
        pub(super) billing_account_id: Option<BillingAccountId>,
        pub(super) snapshots: Option<Vec<SnapshotRow>>,
    }

    /// A snapshot of a disk. The size field has two names.
    pub(super) struct SnapshotRow {
        pub(super) uuid: String,
        pub(super) size_gb: Option<u64>,
        #[serde(rename = "sizeGb")]
        pub(super) size_gb_documented: Option<u64>,
    }

    /// A floating IP; only the address, which is its id, is required.
    pub(super) struct AddressRow {
        #[required]
        pub(super) address: String,
        pub(super) name: Option<String>,
        pub(super) is_deleted: bool,
        #[serde_as(as = AnyAsText)]
        #[serde(default)]
        pub(super) assigned_to: Option<String>,
        #[serde_as(as = AnyAsText)]
        #[serde(default)]
        pub(super) assigned_to_resource_type: Option<String>,
        #[serde_as(as = AnyAsText)]
        #[serde(default)]
        pub(super) assigned_to_private_ip: Option<String>,
        pub(super) billing_account_id: Option<BillingAccountId>,
    }

    /// A load balancer; only the id is required.
    pub(super) struct BalancerRow {
        #[required]
        pub(super) uuid: String,
        pub(super) display_name: Option<String>,
        pub(super) is_deleted: bool,
        pub(super) targets: Option<Vec<serde_json::Value>>,
        pub(super) billing_account_id: Option<BillingAccountId>,
    }

    /// A bucket; only the name, which is its id, is required.
    pub(super) struct BucketRow {
        #[required]
        pub(super) name: String,
        pub(super) size_bytes: Option<u64>,
        pub(super) billing_account_id: Option<BillingAccountId>,
    }
}

impl AttachedRow {
    /// Returns whether every disk of the VM has a valid id.
    pub(super) fn is_complete(&self) -> bool {
        let is_disk = |disk: &serde_json::Value| {
            disk.get("uuid")
                .and_then(serde_json::Value::as_str)
                .is_some_and(|id| id.parse::<DiskId>().is_ok())
        };
        let disks = self.storage.as_ref().and_then(serde_json::Value::as_array);
        self.status == Some(VmStatus::Deleted) || disks.is_some_and(|disks| disks.iter().all(is_disk))
    }
}

impl AddressRow {
    /// A row may lack the id of the resource that uses the address.
    pub(super) fn is_unassigned(&self) -> bool {
        let assignee = [&self.assigned_to, &self.assigned_to_resource_type, &self.assigned_to_private_ip];
        assignee.iter().all(|field| field.is_none())
    }
}

//! The models of disks and snapshots.

use elastis_core::{BillingAccountId, DiskId, UserId};
use http_core::wire::{DateTime, Utc};
use serde::de::{Deserialize, Deserializer};

http_core::wire::uuid_id! {
    /// The id of a snapshot of a disk.
    pub struct SnapshotId;
}

http_core::wire::open_enum! {
    /// The state of a disk.
    pub enum DiskStatus {
        /// The disk exists and can be used.
        Active = "Active",
        /// The disk was deleted. It can still be read for a while.
        Deleted = "Deleted",
    }
}

http_core::wire::open_enum! {
    /// The kind of source that a disk was created from.
    pub enum SourceImageType {
        /// No source: the disk was created empty.
        Empty = "EMPTY",
        /// A copy of an operating system's base image.
        OsBase = "OS_BASE",
        /// A copy of another disk.
        Disk = "DISK",
        /// A copy of a snapshot.
        Snapshot = "SNAPSHOT",
    }
}

http_core::wire::models! {
    /// A disk, attached to a VM or not.
    pub struct Disk {
        /// The disk's id.
        pub uuid: DiskId,
        /// The state of the disk.
        pub status: Option<DiskStatus>,
        /// The human-readable name.
        pub display_name: Option<String>,
        /// The snapshots of the disk; `None` in the responses to a create or an update, which do not contain them.
        pub snapshots: Option<Vec<Snapshot>>,
        /// The user that owns the disk.
        pub user_id: Option<UserId>,
        /// The billing account that pays for the disk.
        pub billing_account_id: Option<BillingAccountId>,
        /// The size in GiB.
        pub size_gb: Option<u64>,
        /// The kind of source that the disk was created from.
        pub source_image_type: Option<SourceImageType>,
        /// The source that the disk was created from: the name of a base image, or the id of a disk or snapshot. `None`
        /// for a disk that was created empty.
        pub source_image: Option<String>,
        /// The time at which the disk was created.
        pub created_at: Option<DateTime<Utc>>,
        /// The time of the last update.
        pub updated_at: Option<DateTime<Utc>>,
    }
}

impl Disk {
    /// Convenience method: returns whether the disk exists and can be used.
    pub fn is_active(&self) -> bool {
        self.status == Some(DiskStatus::Active)
    }

    /// Convenience method: returns whether the disk was deleted. The provider still returns it for a while.
    pub fn is_deleted(&self) -> bool {
        self.status == Some(DiskStatus::Deleted)
    }

    /// Convenience method: returns the stable path of the disk in a Linux guest, once the disk is attached; see
    /// [`DiskId::guest_device_path`].
    pub fn device_path(&self) -> String {
        self.uuid.guest_device_path()
    }
}

http_core::wire::models! {
    /// A snapshot: a copy of a disk at a point in time.
    #[custom_deserialize]
    pub struct Snapshot {
        /// The snapshot's id, for [`NewDisk::from_snapshot`](crate::NewDisk::from_snapshot).
        pub uuid: SnapshotId,
        /// The size in GiB.
        pub size_gb: Option<u64>,
        /// The time at which the snapshot was created.
        pub created_at: Option<DateTime<Utc>>,
        /// The disk that the snapshot was taken from.
        pub disk_uuid: Option<DiskId>,
    }

    /// A snapshot as the provider sends it. The size field has two names, and a row may contain both.
    struct SnapshotRow {
        uuid: SnapshotId,
        size_gb: Option<u64>,
        #[serde(rename = "sizeGb")]
        size_gb_documented: Option<u64>,
        created_at: Option<DateTime<Utc>>,
        disk_uuid: Option<DiskId>,
    }
}

impl<'de> Deserialize<'de> for Snapshot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let SnapshotRow { uuid, size_gb, size_gb_documented, created_at, disk_uuid } =
            Deserialize::deserialize(deserializer)?;
        Ok(Self { uuid, size_gb: size_gb_documented.or(size_gb), created_at, disk_uuid })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "3d91aa31-16ec-44ee-b8b3-22a0bda6559e";

    fn disk(more: &str) -> Disk {
        serde_json::from_str(&format!(r#"{{"uuid": "{UUID}", "status": "Active", "size_gb": 15{more}}}"#))
            .unwrap()
    }

    #[test]
    fn the_device_path_ends_in_the_first_twenty_characters_of_the_id() {
        assert_eq!(disk("").device_path(), "/dev/disk/by-id/virtio-3d91aa31-16ec-44ee-b");
    }

    #[test]
    fn a_disk_is_decoded_without_its_optional_fields() {
        assert!(disk("").snapshots.is_none());
        assert!(disk(r#", "snapshots": null, "user_id": null, "source_image": """#).source_image.is_none());
        assert_eq!(disk(r#", "snapshots": []"#).snapshots.map(|list| list.len()), Some(0));
    }

    #[test]
    fn both_spellings_of_a_snapshots_size_are_accepted() {
        for size in [r#""sizeGb": 20"#, r#""size_gb": "20""#, r#""size_gb": 20, "sizeGb": 20"#] {
            let disk = disk(&format!(r#", "snapshots": [{{"uuid": "{UUID}", {size}}}]"#));
            assert_eq!(disk.snapshots.unwrap()[0].size_gb, Some(20), "{size}");
        }
    }

    #[test]
    fn observed_a_listed_disk_may_lack_fields_and_a_status_has_any_case() {
        let bare: Disk = serde_json::from_str(&format!(r#"{{"uuid": "{UUID}"}}"#)).unwrap();
        assert_eq!((&bare.status, bare.size_gb, bare.is_deleted()), (&None, None, false));
        let json = format!(r#"{{"uuid": "{UUID}", "status": "deleted"}}"#);
        assert!(serde_json::from_str::<Disk>(&json).unwrap().is_deleted());
    }

    #[test]
    fn an_unknown_status_is_kept() {
        let json = format!(r#"{{"uuid": "{UUID}", "status": "Moving", "size_gb": 15}}"#);
        let disk: Disk = serde_json::from_str(&json).unwrap();
        assert_eq!(disk.status, Some("Moving".into()));
        assert!(!disk.is_deleted());
    }
}

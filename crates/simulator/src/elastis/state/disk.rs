//! Disks and their replicas.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{image, user};
use crate::base::{Ids, Response};
use crate::elastis::wire::errors;
use crate::elastis::wire::times::{dashed, micros, millis, seconds};

/// The maximum size of a disk in GiB, which keeps sums of sizes from overflowing.
pub(crate) const LARGEST_GIB: u64 = 1_000_000;

/// The source of a new disk.
#[derive(Clone, Default)]
pub(crate) enum Source {
    #[default]
    Empty,
    /// A base image, e.g. `ubuntu_20.04`.
    OsBase(String),
    /// Another disk's UUID.
    Disk(String),
    /// A snapshot's UUID.
    Snapshot(String),
}

impl Source {
    pub(crate) fn parts(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Empty => ("EMPTY", None),
            Self::OsBase(image) => ("OS_BASE", Some(image)),
            Self::Disk(uuid) => ("DISK", Some(uuid)),
            Self::Snapshot(uuid) => ("SNAPSHOT", Some(uuid)),
        }
    }
}

#[derive(Clone, Default)]
pub(crate) struct Disk {
    pub(crate) id: u64,
    pub(crate) uuid: String,
    pub(crate) billing_account: u64,
    pub(crate) size_gib: u64,
    pub(crate) source: Source,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: Option<DateTime<Utc>>,
    pub(crate) deleted_at: Option<DateTime<Utc>>,
    /// The UUID of the VM that the disk is attached to, and the disk's device name in that VM.
    pub(crate) attached: Option<(String, String)>,
    pub(crate) primary: bool,
    pub(crate) replicas: Vec<Replica>,
}

impl Disk {
    pub(crate) fn new(
        ids: &mut Ids,
        now: DateTime<Utc>,
        billing_account: u64,
        size_gib: u64,
        source: Source,
    ) -> Self {
        Self {
            id: ids.number(0),
            uuid: ids.uuid(),
            billing_account,
            size_gib,
            source,
            created_at: now,
            ..Self::default()
        }
    }

    pub(crate) fn is_attached_to(&self, vm: &str) -> bool {
        self.attached.as_ref().is_some_and(|(uuid, _)| uuid == vm)
    }

    /// Attaches the disk to a VM, with the VM's next free device name.
    pub(crate) fn attach(&mut self, vm: &str, taken: &[String]) -> Result<(), Response> {
        let free = ('a'..='z').map(|letter| format!("vd{letter}")).find(|name| !taken.contains(name));
        let device = free.ok_or_else(|| errors::error(400, "Too many disks are attached."))?;
        self.attached = Some((vm.to_owned(), device));
        Ok(())
    }

    /// Returns the operating system of a disk that was created from a base image.
    pub(crate) fn os(&self) -> Option<(&'static str, &'static str)> {
        match &self.source {
            Source::OsBase(image) => image::base(image),
            _ => None,
        }
    }

    /// Returns the disk as block storage endpoints return it after a change, i.e. without snapshots.
    pub(crate) fn json(&self) -> Value {
        let (source_type, source) = self.source.parts();
        let mut body = json!({
            "uuid": self.uuid,
            "status": if self.deleted_at.is_some() { "Deleted" } else { "Active" },
            "user_id": user::ID,
            "billing_account_id": self.billing_account,
            "size_gb": self.size_gib,
            "source_image_type": source_type,
            "source_image": source,
            "created_at": millis(self.created_at),
            "updated_at": millis(self.updated_at.unwrap_or(self.created_at)),
        });
        // Responses omit missing values.
        if let Value::Object(fields) = &mut body {
            fields.retain(|_, value| !value.is_null());
        }
        body
    }

    pub(crate) fn with_snapshots(&self) -> Value {
        let mut body = self.json();
        body["snapshots"] = self.replicas.iter().map(|replica| replica.snapshot(&self.uuid)).collect();
        body
    }

    /// Returns the disk as it appears in its VM.
    pub(crate) fn storage(&self) -> Value {
        json!({
            "created_at": micros(self.created_at),
            "id": self.id,
            "name": self.attached.as_ref().map(|(_, device)| device),
            "pool": "default2",
            "primary": self.primary,
            "replica": self.replicas.iter().map(|replica| replica.json(self)).collect::<Value>(),
            "shared": false,
            "size": self.size_gib,
            "type": "block",
            "updated_at": self.updated_at.map(micros),
            "user_id": user::ID,
            "uuid": self.uuid,
        })
    }
}

/// Returns the device names that a VM already uses.
pub(crate) fn devices(disks: &[Disk], vm: &str) -> Vec<String> {
    let names = disks.iter().filter_map(|disk| disk.attached.as_ref());
    names.filter(|(uuid, _)| uuid == vm).map(|(_, device)| device.clone()).collect()
}

/// Returns the disk with only these keys, for the responses to disk operations.
pub(crate) fn part(disk: &Disk, keys: &[&str]) -> Value {
    let mut body = disk.storage();
    if let Value::Object(rows) = &mut body {
        rows.retain(|key, _| keys.contains(&key.as_str()));
    }
    body["created_at"] = json!(seconds(disk.created_at));
    body
}

#[derive(Clone)]
pub(crate) struct Replica {
    pub(crate) id: u64,
    /// The replica's name in VM operations: the disk's UUID followed by the time.
    pub(crate) uuid: String,
    /// The replica's name in block storage.
    pub(crate) snapshot_uuid: String,
    pub(crate) kind: &'static str,
    pub(crate) size_gib: u64,
    pub(crate) created_at: DateTime<Utc>,
}

impl Replica {
    pub(crate) fn is(&self, name: &str) -> bool {
        self.uuid == name || self.snapshot_uuid == name
    }

    /// Returns the replica as VM operations return it.
    pub(crate) fn json(&self, disk: &Disk) -> Value {
        json!({
            "created_at": micros(self.created_at),
            "id": self.id,
            "master_id": disk.id,
            "master_uuid": disk.uuid,
            "pool": "",
            "size": self.size_gib,
            "type": self.kind,
            "updated_at": null,
            "uuid": self.uuid,
        })
    }

    /// Returns the replica as block storage endpoints return it.
    pub(crate) fn snapshot(&self, disk: &str) -> Value {
        json!({
            "uuid": self.snapshot_uuid,
            "sizeGb": self.size_gib,
            "created_at": millis(self.created_at),
            "disk_uuid": disk,
        })
    }
}

impl Disk {
    pub(crate) fn replicate(&mut self, kind: &'static str, ids: &mut Ids, now: DateTime<Utc>) {
        // Two replicas created in the same second would have the same name.
        let later = (0..).map(|more| now + TimeDelta::seconds(more));
        let names = later.map(|at| format!("{}{}", self.uuid, dashed(at)));
        let free = names.into_iter().find(|name| !self.replicas.iter().any(|replica| replica.uuid == *name));
        self.replicas.push(Replica {
            id: ids.number(0),
            uuid: free.unwrap_or_default(),
            snapshot_uuid: ids.uuid(),
            kind,
            size_gib: self.size_gib,
            created_at: now,
        });
    }
}

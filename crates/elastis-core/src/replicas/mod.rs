//! Replicas: snapshots and backups of a VM's boot disk.

mod models;

pub use models::{Replica, ReplicaKind};

use http_core::client::{Accepted, Fit, Form, Gone, Operation, Seek, listed_rows, operations};
use http_core::recovery::{Create, Recover, Ticket};
use http_core::{Call, Error, ListCall};
use serde::{Deserialize, Serialize};

use crate::client::Elastis;
use crate::ids::{DiskId, ReplicaId, VmId};
use crate::vms::{self, Storage};

impl Elastis {
    /// Returns the handle for replicas, the snapshots and backups of VMs.
    pub fn replicas(&self) -> Replicas {
        Replicas { elastis: self.clone() }
    }
}

const PATH: &str = "/v1/user-resource/vm/replica";

operations![
    LIST = Operation::get("replica.list", PATH).location_scoped(),
    CREATE = Operation::post("replica.create", PATH)
        .location_scoped()
        .with_recovery_hint("check the creation times in replicas().list(..)")
        .recoverable(),
    DELETE = Operation::delete("replica.delete", PATH).location_scoped().confirmed(),
];

/// The handle for snapshots and backups; returned by [`Elastis::replicas`].
#[derive(Clone, Debug)]
pub struct Replicas {
    elastis: Elastis,
}

impl Replicas {
    /// Creates a snapshot of a VM's boot disk and returns that disk with all its replicas. **You are billed for the
    /// snapshot from this point.**
    ///
    /// The new snapshot is the latest replica: see [`Replica::latest`]. [`recover`](Create::recover) returns the new
    /// snapshot, even if the response is lost.
    ///
    /// `POST /v1/user-resource/vm/replica`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and **the snapshot may
    ///   exist and be billed**.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no VM with this id in the location.
    /// - [`is_conflict`](http_core::Error::is_conflict): the VM is busy with another change; send the call again later.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_core::Replica;
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let disk = elastis.replicas().create(vm.uuid).await?;
    /// let snapshot = Replica::latest(&disk.replica).ok_or("the disk has no snapshot")?;
    /// println!("snapshot {}", snapshot.uuid);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn create(&self, vm: VmId) -> Create<Storage, Replica> {
        let call = self.elastis.call(&CREATE).form(Form::new().field("uuid", vm)).json();
        Create::new(call, self.clone(), WantedSnapshot { vm }, Accepted::unnamed)
    }

    /// Returns the snapshots or the backups of a VM.
    ///
    /// `GET /v1/user-resource/vm/replica`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no VM with this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_core::ReplicaKind;
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let backups = elastis.replicas().list(vm.uuid, ReplicaKind::Backup).await?;
    /// assert!(backups.is_empty());
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn list(&self, vm: VmId, kind: ReplicaKind) -> ListCall<Replica> {
        self.elastis.call(&LIST).query("uuid", vm).query("r_type", kind).list()
    }

    /// Deletes a snapshot or backup. **Its data is lost.**
    ///
    /// `DELETE /v1/user-resource/vm/replica`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no replica with this id in the location.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_core::ReplicaKind;
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// elastis.replicas().create(vm.uuid).await?;
    /// for snapshot in elastis.replicas().list(vm.uuid, ReplicaKind::Snapshot).await? {
    ///     elastis.replicas().delete(snapshot.uuid.clone()).await?;
    /// }
    /// # Ok(()) });
    /// ```
    pub fn delete(&self, replica: impl Into<ReplicaId>) -> Call<()> {
        let (replica, replicas) = (replica.into(), self.clone());
        let form = Form::new().field("replica_uuid", &replica);
        let read = move || replicas.clone().read_gone(replica.clone());
        self.elastis.call(&DELETE).form(form).confirm_gone("", read).empty()
    }

    /// Finds the snapshot of a [`create`](Self::create) whose outcome is unknown. Takes the ticket that
    /// [`note`](Recover::note) provided before the request was sent. Creates nothing.
    #[inline]
    pub fn find_created(&self, ticket: &Ticket) -> Recover<Replica> {
        Recover::find::<WantedSnapshot>(self.clone(), ticket)
    }

    /// Checks whether a replica is missing from the lists of its VM. The id of a replica begins with the id of a disk
    /// of that VM; if no VM has such a disk, nothing is proven.
    #[inline]
    async fn read_gone(self, replica: ReplicaId) -> Result<Gone, Error> {
        let vms: Vec<VmDisks> = self.elastis.call(&vms::LIST).list().await?;
        let is_source = |disk: &DiskRow| replica.as_str().starts_with(&disk.uuid.to_string());
        let Some(vm) = vms.iter().find(|vm| vm.storage.iter().any(is_source)) else { return Ok(Gone::No) };
        let mut gone = Gone::Yes;
        for kind in [ReplicaKind::Snapshot, ReplicaKind::Backup] {
            let list = self.elastis.call(&LIST).query("uuid", vm.uuid).query("r_type", kind);
            let rows: Vec<Replica> = list.rows(listed_rows).await?;
            gone = gone.and(Gone::among(&rows, |row| row.uuid == replica));
        }
        Ok(gone)
    }
}

http_core::wire::models! {
    /// A VM, reduced to its id and the ids of its disks.
    struct VmDisks {
        uuid: VmId,
        storage: Vec<DiskRow>,
    }

    struct DiskRow {
        uuid: DiskId,
    }
}

/// A snapshot and the request for it have only the VM in common.
#[derive(Serialize, Deserialize)]
struct WantedSnapshot {
    vm: VmId,
}

impl Seek for WantedSnapshot {
    type Handle = Replicas;
    type Row = Replica;
    type Found = Replica;

    fn operation(&self) -> Operation {
        CREATE
    }

    #[inline]
    fn list(&self, replicas: &Replicas) -> ListCall<Replica> {
        replicas.list(self.vm, ReplicaKind::Snapshot)
    }

    fn id(row: &Replica) -> String {
        row.uuid.to_string()
    }

    #[inline]
    fn fit(&self, row: &Replica) -> Fit {
        Fit::new().unless(row.r#type == Some(ReplicaKind::Backup))
    }

    #[inline]
    fn fetch(&self, replicas: &Replicas, id: &str) -> Call<Replica> {
        let snapshots = self.list(replicas);
        snapshots.only("snapshot", id, |snapshot| snapshot.uuid.to_string())
    }

    fn found_id(snapshot: &Replica) -> String {
        snapshot.uuid.to_string()
    }
}

//! Replicas: snapshots and backups of the disk that a virtual machine boots from.

mod models;

pub use models::{Replica, ReplicaKind};

use http_core::client::{Form, Operation};
use http_core::{Call, ListCall};

use crate::client::Elastis;
use crate::ids::{ReplicaId, VmId};
use crate::vms::Storage;

impl Elastis {
    /// Returns the handle for snapshots and backups of VMs.
    pub fn replicas(&self) -> Replicas {
        Replicas { elastis: self.clone() }
    }
}

const PATH: &str = "/v1/user-resource/vm/replica";

pub(crate) const LIST: Operation = Operation::get("replica.list", PATH).location_scoped();
pub(crate) const CREATE: Operation = Operation::post("replica.create", PATH)
    .location_scoped()
    .with_recovery_hint("look at the times in replicas().list(..) of the machine");
pub(crate) const DELETE: Operation = Operation::delete("replica.delete", PATH).location_scoped();

/// Snapshots and backups; from [`Elastis::replicas`].
#[derive(Clone, Debug)]
pub struct Replicas {
    elastis: Elastis,
}

impl Replicas {
    /// The replicas of one kind that a virtual machine has.
    ///
    /// `GET /v1/user-resource/vm/replica`
    ///
    /// ```
    /// use elastis_core::ReplicaKind;
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let backups = elastis.replicas().list(vm.uuid, ReplicaKind::Backup).await?;
    /// assert!(backups.is_empty());
    /// # Ok(()) });
    /// ```
    pub fn list(&self, vm: VmId, kind: ReplicaKind) -> ListCall<Replica> {
        self.elastis.call(&LIST).query("uuid", vm).query("r_type", kind).list()
    }

    /// Takes a snapshot of the disk that the machine boots from, and answers that disk with all its replicas;
    /// the new one is the latest, see [`Replica::latest`].
    ///
    /// `POST /v1/user-resource/vm/replica`
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
    pub fn create(&self, vm: VmId) -> Call<Storage> {
        self.elastis.call(&CREATE).form(Form::new().field("uuid", vm)).json()
    }

    /// Deletes a replica for good.
    ///
    /// `DELETE /v1/user-resource/vm/replica`
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
        self.elastis.call(&DELETE).form(Form::new().field("replica_uuid", replica.into())).empty()
    }
}

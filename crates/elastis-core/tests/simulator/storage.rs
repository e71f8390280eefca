use elastis_core::{Replica, ReplicaKind};

use super::{start, vm};

#[tokio::test]
async fn a_snapshot_is_created_listed_restored_and_deleted() {
    let (_simulator, elastis) = start().await;
    let (replicas, vm) = (elastis.replicas(), vm(&elastis).await);
    let disk = replicas.create(vm.uuid).await.unwrap();
    let first = Replica::latest(&disk.replica).unwrap().clone();
    assert_eq!((first.r#type.clone(), first.master_uuid), (Some(ReplicaKind::Snapshot), Some(disk.uuid)));
    let listed = replicas.list(vm.uuid, ReplicaKind::Snapshot).await.unwrap();
    assert_eq!((listed.len(), &listed[0].uuid), (1, &first.uuid));
    assert!(replicas.list(vm.uuid, ReplicaKind::Backup).await.unwrap().is_empty());
    assert!(!elastis.vms().rebuild(vm.uuid, first.uuid.clone()).await.unwrap().is_running());
    replicas.delete(first.uuid.clone()).await.unwrap();
    assert!(replicas.delete(first.uuid.clone()).await.unwrap_err().is_not_found());
    assert!(elastis.vms().rebuild(vm.uuid, first.uuid.clone()).await.unwrap_err().is_invalid_argument());
}

#[tokio::test]
async fn automatic_backups_are_listed_by_their_kind() {
    let (simulator, elastis) = start().await;
    let vm = vm(&elastis).await;
    elastis.vms().set_backup(vm.uuid, true).await.unwrap();
    simulator.clock().advance(std::time::Duration::from_secs(2 * 86_400));
    let backups = elastis.replicas().list(vm.uuid, ReplicaKind::Backup).await.unwrap();
    assert_eq!(backups.len(), 2);
    assert_eq!(Replica::latest(&backups).unwrap().created_at, backups[1].created_at);
    assert!(elastis.replicas().list(vm.uuid, ReplicaKind::Snapshot).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_disk_is_added_grows_and_is_deleted() {
    let (_simulator, elastis) = start().await;
    let (disks, vm) = (elastis.vm_disks(), vm(&elastis).await);
    let disk = disks.add(vm.uuid, 50).await.unwrap();
    assert!(!disk.primary);
    assert_eq!(disks.resize(vm.uuid, disk.uuid, 60).await.unwrap().size, Some(60));
    assert!(disks.resize(vm.uuid, disk.uuid, 50).await.unwrap_err().is_conflict(), "it would shrink");
    assert_eq!(disks.add(vm.uuid, 0).await.unwrap_err().code(), Some("size_gb"));
    let boot = vm.boot_disk().unwrap().uuid;
    assert!(disks.delete(vm.uuid, boot).await.unwrap_err().is_conflict(), "the VM boots from it");
    disks.delete(vm.uuid, disk.uuid).await.unwrap();
    assert!(disks.delete(vm.uuid, disk.uuid).await.unwrap_err().is_not_found());
    assert_eq!(elastis.vms().get(vm.uuid).await.unwrap().storage.len(), 1);
}

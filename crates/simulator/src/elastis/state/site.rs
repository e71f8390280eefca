//! The resources of one location.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::disk::Disk;
use super::floating_ip::FloatingIp;
use super::load_balancer::LoadBalancer;
use super::network::Network;
use super::vm::Vm;
use crate::base::{Clock, Kept, Response};
use crate::elastis::wire::caller::{Caller, reachable};
use crate::elastis::wire::errors;

/// Assumed: the time for which a deleted resource can still be read.
const TOMBSTONE: TimeDelta = TimeDelta::hours(1);

pub(crate) struct Site {
    pub(crate) slug: &'static str,
    /// The number from which the location's addresses are derived; it is the second octet of its private networks.
    pub(crate) octet: u8,
    pub(crate) vms: Kept<Vm>,
    pub(crate) disks: Kept<Disk>,
    pub(crate) networks: Kept<Network>,
    pub(crate) floating_ips: Kept<FloatingIp>,
    pub(crate) load_balancers: Kept<LoadBalancer>,
}

impl Site {
    pub(crate) fn new(slug: &'static str, octet: u8) -> Self {
        Self {
            slug,
            octet,
            vms: Kept::default(),
            disks: Kept::default(),
            networks: Kept::default(),
            floating_ips: Kept::default(),
            load_balancers: Kept::default(),
        }
    }

    /// Removes resources that were deleted too long ago to be readable.
    pub(crate) fn forget(&mut self, now: DateTime<Utc>) {
        let keep = |deleted: Option<DateTime<Utc>>| deleted.is_none_or(|at| now - at < TOMBSTONE);
        self.vms.retain(|vm| keep(vm.deleted_at));
        self.disks.retain(|disk| keep(disk.deleted_at));
        self.load_balancers.retain(|balancer| keep(balancer.deleted_at));
    }

    /// Returns an existing VM that the caller has access to.
    pub(crate) fn vm(&mut self, uuid: &str, caller: Caller) -> Result<&mut Vm, Response> {
        let found = self.vms.iter_mut().find(|vm| vm.uuid == uuid && vm.deleted_at.is_none());
        reachable(found, caller, |vm| vm.billing_account, || errors::unknown_vm(uuid))
    }

    /// Returns a VM that is not in an intermediate state.
    pub(crate) fn idle_vm(&mut self, uuid: &str, caller: Caller, clock: &Clock) -> Result<&mut Vm, Response> {
        let vm = self.vm(uuid, caller)?;
        if vm.is_busy(clock) { Err(errors::locked_vm()) } else { Ok(vm) }
    }

    /// Returns an existing disk that the caller has access to.
    pub(crate) fn disk(&mut self, uuid: &str, caller: Caller) -> Result<&mut Disk, Response> {
        let found = self.disks.iter_mut().find(|disk| disk.uuid == uuid && disk.deleted_at.is_none());
        reachable(found, caller, |disk| disk.billing_account, errors::unknown_disk)
    }

    /// Returns a disk if it is attached to this VM.
    pub(crate) fn disk_of(&mut self, vm: &str, uuid: &str) -> Result<&mut Disk, Response> {
        let found = self.disks.iter_mut().find(|disk| disk.uuid == uuid && disk.is_attached_to(vm));
        found.ok_or_else(errors::unknown_disk)
    }

    /// Returns the boot disk of a VM; every VM has one.
    pub(crate) fn boot_disk(&mut self, vm: &str) -> Result<&mut Disk, Response> {
        let found = self.disks.iter_mut().find(|disk| disk.primary && disk.is_attached_to(vm));
        found.ok_or_else(errors::unknown_disk)
    }

    /// Returns a VM as VM operations return it.
    pub(crate) fn show_vm(&mut self, uuid: &str, caller: Caller, clock: &Clock) -> Result<Value, Response> {
        let vm = self.vm(uuid, caller)?;
        let status = vm.status.peek(clock);
        let vm = &*vm;
        let mut body = vm.json(status);
        body["storage"] = self.storage(uuid);
        Ok(body)
    }

    /// Returns the disks of a VM, the boot disk first.
    pub(crate) fn storage(&self, vm: &str) -> Value {
        let mut disks: Vec<&Disk> = self.disks.iter().filter(|disk| disk.is_attached_to(vm)).collect();
        disks.sort_by_key(|disk| !disk.primary);
        disks.into_iter().map(Disk::storage).collect()
    }
}

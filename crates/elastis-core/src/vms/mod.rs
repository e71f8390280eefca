//! VMs.

// The documentation page of `Vms` lists its methods in the order of these modules.
mod calls;
pub(crate) mod power;
pub(crate) mod public_ip;
mod resize;

mod convenience;
mod recover;

mod cloud_init;
mod models;
mod new_vm;
mod os;
mod size;
mod update;

pub use cloud_init::{CloudInit, WriteFile};
pub use models::{Storage, Vm, VmStatus};
pub(crate) use new_vm::Field;
pub use new_vm::{Login, NewVm, ReplicaSource, VmSource};
pub use os::{Os, Reinstall};
pub use size::VmSize;
pub use update::VmUpdate;

use http_core::client::{Form, Operation, operations};

use crate::client::Elastis;
use crate::ids::VmId;

impl Elastis {
    /// Returns the handle for VMs.
    pub fn vms(&self) -> Vms {
        Vms { elastis: self.clone() }
    }
}

const PATH: &str = "/v1/user-resource/vm";
const FIND_VM: &str = "look for the VM with vms().find_by_name(..)";
const CHECK_VM: &str = "check the VM with vms().get(..)";

operations![
    DELETE = Operation::delete("vm.delete", PATH).location_scoped().confirmed(),
    GET = Operation::get("vm.get", PATH).location_scoped(),
    CHANGE_PASSWORD = Operation::patch("vm.change_password", "/v1/user-resource/vm/user")
        .location_scoped()
        .unrecoverable("no response contains the password"),
    UPDATE = Operation::patch("vm.update", PATH).location_scoped().confirmed(),
    CREATE = Operation::post("vm.create", PATH)
        .location_scoped()
        .with_recovery_hint(FIND_VM)
        .recoverable()
        .returns_id("uuid"),
    REINSTALL = Operation::post("vm.reinstall", "/v1/user-resource/vm/reinstall")
        .location_scoped()
        .with_recovery_hint(CHECK_VM)
        .unrecoverable("a reinstalled system looks like the previous one"),
    TOGGLE_BACKUP = Operation::post("vm.toggle_backup", "/v1/user-resource/vm/backup")
        .location_scoped()
        .with_recovery_hint(CHECK_VM)
        .unrecoverable("the setting does not show which call toggled it"),
    CLONE = Operation::post("vm.clone", "/v1/user-resource/vm/clone")
        .location_scoped()
        .with_recovery_hint(FIND_VM)
        .recoverable()
        .returns_id("uuid"),
    LIST = Operation::get("vm.list", "/v1/user-resource/vm/list").location_scoped(),
    REBUILD = Operation::post("vm.rebuild", "/v1/user-resource/vm/rebuild")
        .location_scoped()
        .with_recovery_hint(CHECK_VM)
        .unrecoverable("no response shows which replica a disk was restored from"),
];

/// The handle for VMs; returned by [`Elastis::vms`].
///
/// The provider responds to a change only when the change is complete, which takes seconds to minutes: see
/// [`Call::timeout`](http_core::Call::timeout). Calls with an id that is unknown or belongs to another location return
/// an [`is_not_found`](http_core::Error::is_not_found) error; calls to a VM that is busy with another change return an
/// [`is_conflict`](http_core::Error::is_conflict) error.
#[derive(Clone, Debug)]
pub struct Vms {
    elastis: Elastis,
}

fn of(id: VmId) -> Form {
    Form::new().field("uuid", id)
}

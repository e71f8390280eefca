// error[E0277]: this call has no result before it is awaited
// add `.await?` to the call, or `.send_blocking()?` in a program without async code
// note: e.g. `for vm in client.vms().list().await? { … }`
// note: required for `ListCall<hostkit::prelude::Vm>` to implement `Iterator`
use hostkit::elastis_core::{Elastis, NewVm, VmId};

pub(crate) fn unwrap(elastis: &Elastis) {
    let _ = elastis.vms().list().unwrap();
}

pub(crate) fn iterate(elastis: &Elastis) {
    for _ in elastis.vms().list() {}
}

pub(crate) fn iter(elastis: &Elastis) {
    for _ in elastis.vms().list().iter() {}
}

pub(crate) fn get(elastis: &Elastis, vm: VmId) {
    let _ = elastis.vms().get(vm).expect("the VM");
}

pub(crate) fn wait(elastis: &Elastis, vm: VmId) {
    let _ = elastis.vms().wait_deleted(vm).unwrap();
}

pub(crate) fn create(elastis: &Elastis, vm: NewVm) {
    let _ = elastis.vms().create(vm).recover().unwrap();
}

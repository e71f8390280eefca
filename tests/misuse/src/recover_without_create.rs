// error[E0277]: `recover()` is only for calls that create something
// this call creates nothing
// note: remove `.recover()`; if the response is lost, `Error::is_outcome_unknown` is true, and the message says what to check
use hostkit::elastis_core::{Elastis, VmId, VmSize};

pub(crate) async fn stop(elastis: &Elastis, vm: VmId) {
    let _ = elastis.vms().stop(vm).recover().await;
}

pub(crate) async fn resize(elastis: &Elastis, vm: VmId) {
    let _ = elastis.vms().resize(vm, VmSize::new(2, 2048)).recover().await;
}

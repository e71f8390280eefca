// error[E0277]: `recover()` is only for calls that create something
// this is not such a call
// note: remove `.recover()`; if the response is lost, `Error::is_outcome_unknown` is true, and the message says where to look
use hostkit::elastis_core::{Elastis, VmId, VmSize};

pub(crate) async fn stop(elastis: &Elastis, vm: VmId) {
    let _ = elastis.vms().stop(vm).recover().await;
}

pub(crate) async fn resize(elastis: &Elastis, vm: VmId) {
    let _ = elastis.vms().resize(vm, VmSize::new(2, 2048)).recover().await;
}

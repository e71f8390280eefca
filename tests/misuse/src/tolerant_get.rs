// error[E0277]: `tolerant()` is only for calls that return a list
// this call returns a single value, so there are no rows to skip
// note: remove `.tolerant()`; methods such as `list()` have it
use hostkit::elastis_core::{Elastis, VmId};

pub(crate) async fn get(elastis: &Elastis, vm: VmId) {
    let _ = elastis.vms().get(vm).tolerant().await;
}

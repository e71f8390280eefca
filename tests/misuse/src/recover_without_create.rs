// error[E0599]: no method named `recover` found for struct `Call<T>` in the current scope
use hostkit::elastis_core::{Elastis, VmId};

pub(crate) async fn recover(elastis: &Elastis, vm: VmId) {
    let _ = elastis.vms().stop(vm).recover().await;
}

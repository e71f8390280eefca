// error[E0599]: no method named `tolerant` found for struct `Call<T>` in the current scope
use hostkit::elastis_core::{Elastis, VmId};

pub(crate) async fn get(elastis: &Elastis, vm: VmId) {
    let _ = elastis.vms().get(vm).tolerant().await;
}

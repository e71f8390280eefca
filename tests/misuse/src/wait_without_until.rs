// error[E0277]: this wait has no condition
// add a condition before `.await` or `.send_blocking()`, e.g. `.until(|state| …)`
// note: e.g. `servers.wait(id).until(Server::is_running).await` waits until the server runs
use hostkit::elastis_core::{Elastis, VmId};

pub(crate) async fn wait(elastis: &Elastis, vm: VmId) {
    let _ = elastis.vms().wait(vm).await;
}

pub(crate) fn wait_blocking(elastis: &Elastis, vm: VmId) {
    let _ = elastis.vms().wait(vm).send_blocking();
}

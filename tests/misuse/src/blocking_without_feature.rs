// error[E0277]: `send_blocking()` needs the feature `blocking`
// enable `blocking` for this dependency in Cargo.toml, or use `.await`
// note: e.g. `hostkit = { version = "0.1", features = ["blocking"] }`
use hostkit::elastis_core::{Elastis, VmId};
use hostkit::leaderssl_gpu::{Client, NewOrder, ServerId};

pub(crate) fn list(elastis: &Elastis) {
    let _ = elastis.vms().list().send_blocking();
}

pub(crate) fn get(elastis: &Elastis, vm: VmId) {
    let _ = elastis.vms().get(vm).send_blocking();
}

pub(crate) fn sequence(client: &Client, server: ServerId) {
    let _ = client.servers().stop_and_wait(server).send_blocking();
}

pub(crate) fn wait(client: &Client, server: ServerId) {
    let _ = client.servers().wait(server).until(|server| server.can_stop()).send_blocking();
}

pub(crate) fn create(client: &Client, order: NewOrder) {
    let _ = client.orders().create(order).send_blocking();
}

pub(crate) fn recover(client: &Client, order: NewOrder) {
    let _ = client.orders().create(order).recover().send_blocking();
}

//! Futures that are polled outside of a Tokio runtime.

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use elastis_core::{Elastis, Error, Vm, VmId};
use http_core::ErrorKind;
use tokio::runtime::Builder;

use crate::{SMALL, new_vm};

fn poll<T>(future: impl IntoFuture<Output = Result<T, Error>>) -> Error {
    let polled = pin!(future.into_future()).poll(&mut Context::from_waker(Waker::noop()));
    let Poll::Ready(Err(error)) = polled else { panic!("no error") };
    error
}

#[test]
fn every_future_that_is_polled_outside_of_a_runtime_ends_with_an_error() {
    let elastis = Elastis::builder("the API key").base_url("http://127.0.0.1:9").no_proxy().build().unwrap();
    let (vms, second) = (elastis.vms(), Duration::from_secs(1));
    let id: VmId = "00000000-0000-0000-0000-000000000000".parse().unwrap();
    let create = || vms.create(new_vm().marked());
    let runtime = Builder::new_current_thread().build().unwrap();
    let noted = runtime.block_on(create().recover().note().into_future()).unwrap();
    let wait = async || vms.wait(id).until(Vm::is_running).await.map_err(Error::from);
    let state =
        async || vms.wait(id).until(Vm::is_running).states().next().await.unwrap().map_err(Error::from);
    for error in [
        poll(vms.get(id)),
        poll(vms.list()),
        poll(vms.list().tolerant()),
        poll(create()),
        poll(create().recover()),
        poll(create().recover().timeout(second)),
        poll(vms.create(new_vm()).recover()),
        poll(noted),
        poll(create().recover().note()),
        poll(vms.ensure(new_vm())),
        poll(vms.resize(id, SMALL)),
        poll(vms.resize(id, SMALL).timeout(second)),
        poll(elastis.in_all_locations(|there| there.vms().list()).timeout(second)),
        poll(wait()),
        poll(state()),
    ] {
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error:?}");
        assert!(!error.may_have_been_sent() && error.to_string().contains("Tokio runtime"), "{error}");
    }
}

//! Calls in programs without async code.
#![cfg(feature = "blocking")]
#![allow(clippy::unwrap_used, reason = "test helpers")]

use std::cell::RefCell;
use std::sync::mpsc::{Sender, channel};

use http_core::client::{
    Builder, Dialect, ErrorResponse, Operation, Request, Response, Transport, WaitBuilder,
};
use http_core::wire::Bytes;
use http_core::{Call, Error, ErrorKind};

struct Plain;

impl Dialect for Plain {
    fn authorize(&self, _: &mut Request) -> Result<(), Error> {
        Ok(())
    }

    fn read(&self, _: &Operation, response: &Response) -> Result<Bytes, ErrorResponse> {
        Ok(response.body().clone())
    }
}

const GET: Operation = Operation::get("thing.get", "/thing");

fn call(client: &Transport) -> Call<u32> {
    client.call(&GET).json()
}

fn serve() -> (httpmock::MockServer, Transport) {
    let server = httpmock::MockServer::start();
    server.mock(|when, then| {
        when.path("/thing");
        then.status(200).body("7");
    });
    server.mock(|when, then| {
        when.path("/things");
        then.status(200).body("[7, 8]");
    });
    let client = Builder::new(server.base_url(), "test", Ok(Plain), |transport| transport).no_proxy();
    (server, client.build().unwrap())
}

#[test]
fn calls_can_block_several_threads_at_the_same_time() {
    let (_server, client) = serve();
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..8).map(|_| scope.spawn(|| call(&client).send_blocking().unwrap())).collect();
        assert!(threads.into_iter().all(|thread| thread.join().unwrap() == 7));
    });
}

#[test]
fn a_list_can_block_too() {
    const LIST: Operation = Operation::get("thing.list", "/things");
    let (_server, client) = serve();
    assert_eq!(client.call(&LIST).list::<u32>().send_blocking().unwrap(), [7, 8]);
}

#[test]
fn a_wait_can_block_too() {
    let (_server, client) = serve();
    assert_eq!(
        WaitBuilder::new(move || call(&client)).until(|state| *state == 7).send_blocking().unwrap(),
        7
    );
}

#[test]
fn blocking_inside_an_async_context_is_an_error_not_a_deadlock() {
    let (_server, client) = serve();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let error = runtime.block_on(async { call(&client).send_blocking().unwrap_err() });
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains(".await"));
}

/// Sends a call when it is dropped.
struct LastCall(Transport, Sender<Result<u32, Error>>);

impl Drop for LastCall {
    fn drop(&mut self) {
        let _ = self.1.send(call(&self.0).send_blocking());
    }
}

thread_local! {
    static LAST: RefCell<Option<LastCall>> = const { RefCell::new(None) };
}

#[test]
fn blocking_while_the_thread_ends_is_an_error_not_a_panic() {
    let (_server, client) = serve();
    let (sender, results) = channel();
    let thread = std::thread::spawn(move || {
        // Thread-local values are dropped in reverse order, those of the runtime before this one.
        LAST.set(Some(LastCall(client.clone(), sender)));
        call(&client).send_blocking().unwrap();
    });
    thread.join().unwrap();
    let error = results.recv().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("its thread is ending"), "{error}");
}

//! Sends calls in a forked child, which inherits the memory of its parent, but only one of its threads.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "test helpers")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;
use std::{process, thread};

use elastis_core::Elastis;
use fork::Fork;
use hostkit_simulator::{Fault, Simulator};
use hostkit_tests::child::is_child;
use http_core::rental::{Rental, settle};
use leaderssl_gpu::Client;
use tokio::runtime::{Builder, Runtime};

/// A forked child that takes longer hangs.
const LONG: Duration = Duration::from_secs(60);

/// Does the work in a forked child. Returns whether it ended there without a panic.
fn succeeds_in_child(work: impl FnOnce()) -> bool {
    match fork::fork().unwrap() {
        Fork::Parent(child) => fork::waitpid(child).unwrap() == 0,
        Fork::Child => {
            let (_working, ended) = mpsc::channel::<()>();
            thread::spawn(move || {
                if ended.recv_timeout(LONG) == Err(RecvTimeoutError::Timeout) {
                    process::abort();
                }
            });
            let ended = catch_unwind(AssertUnwindSafe(work));
            process::exit(i32::from(ended.is_err()))
        }
    }
}

fn start() -> (Runtime, Simulator) {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let simulator = runtime.block_on(Simulator::builder().strict().start()).unwrap();
    (runtime, simulator)
}

/// Makes a call on another thread, whose response never arrives, and waits until it was sent.
fn make_endless(simulator: &Simulator, operation: &str, call: impl FnOnce() + Send + 'static) {
    simulator.fail(operation, Fault::StalledBody);
    let before = simulator.count(operation);
    thread::spawn(call);
    while simulator.count(operation) == before {
        thread::yield_now();
    }
}

#[test]
fn a_forked_child_and_its_parent_have_their_own_runtimes_connections_and_permits() {
    const NAME: &str = "a_forked_child_and_its_parent_have_their_own_runtimes_connections_and_permits";
    if !is_child(NAME, &[]) {
        return;
    }
    let (_runtime, simulator) = start();
    let account = simulator.elastis();
    let client = || {
        let builder = Elastis::builder(account.key.as_str()).base_url(&account.base_url);
        builder.no_proxy().concurrency(1).build().unwrap()
    };
    let (idle, busy) = (client(), client());
    let count = |client: &Elastis| client.vms().list().send_blocking().unwrap().len();
    assert_eq!((count(&idle), count(&busy)), (0, 0));
    let call = busy.vms().list();
    make_endless(&simulator, "vm.list", || drop(call.send_blocking()));
    assert!(succeeds_in_child(|| assert_eq!((count(&idle), count(&busy)), (0, 0))));
    assert_eq!(count(&idle), 0);
    // A child of the child has its own, too.
    assert!(succeeds_in_child(|| assert!(succeeds_in_child(|| assert_eq!(count(&busy), 0)))));
}

#[test]
fn a_forked_child_does_not_wait_for_the_session_that_its_parent_starts() {
    const NAME: &str = "a_forked_child_does_not_wait_for_the_session_that_its_parent_starts";
    if !is_child(NAME, &[]) {
        return;
    }
    let (_runtime, simulator) = start();
    let account = simulator.leaderssl();
    let builder = Client::builder(&account.login, account.password.as_str()).base_url(&account.base_url);
    let client = builder.no_proxy().build().unwrap();
    let call = client.servers().list();
    make_endless(&simulator, "auth.sign_in", || drop(call.send_blocking()));
    // Shorter than the time after which a client starts a session itself because nobody polls the other start.
    let limit = Duration::from_secs(10);
    let list = || client.servers().list().timeout(limit).send_blocking().unwrap();
    assert!(succeeds_in_child(|| drop(list())));
}

#[test]
fn a_forked_child_ends_the_rentals_it_drops() {
    const NAME: &str = "a_forked_child_ends_the_rentals_it_drops";
    if !is_child(NAME, &[]) {
        return;
    }
    let rental = || Rental::new("thing 7", || async { Ok(()) }).unwrap();
    let drops = || {
        drop(rental());
        let left = settle(LONG / 2);
        assert!(left.is_empty(), "{left:?}");
    };
    let _open = rental();
    drops();
    assert!(succeeds_in_child(drops));
}

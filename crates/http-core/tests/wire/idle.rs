//! Idle connections: the runtime that they belong to, and the requests that are never sent on them.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::panic::{set_hook, take_hook};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use http_core::client::Operation;
use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;

use crate::{CREATE, DELETE, READ, STOP, builder};

/// The server's action on a connection after each response.
#[derive(Clone, Copy, PartialEq)]
enum After {
    KeepOpen,
    Close,
    /// Sends a complete response that was not requested.
    Push,
}

/// A server on its own threads, so that the client's thread may block. A response contains the number of its
/// connection. There is none to a request for the thing `silent`.
struct Server {
    url: String,
    /// Receives a message each time the action after a response is complete.
    done: Receiver<()>,
}

fn serve(after: After) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, done) = channel();
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let sender = sender.clone();
            thread::spawn(move || connection(stream.unwrap(), number, after, &sender));
        }
    });
    Server { url, done }
}

fn connection(mut stream: TcpStream, number: usize, after: After, done: &Sender<()>) {
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).is_ok_and(|read| read > 0) {
        if buffer.starts_with(b"GET /v1/things/silent") {
            continue;
        }
        let response =
            |body: &str| format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(response(&number.to_string()).as_bytes()).unwrap();
        match after {
            After::KeepOpen => {}
            After::Close => drop(stream.shutdown(std::net::Shutdown::Both)),
            After::Push => stream.write_all(response("99").as_bytes()).unwrap(),
        }
        let _ = done.send(());
        if after == After::Close {
            break;
        }
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn a_client_works_on_several_runtimes_one_after_the_other() {
    let server = serve(After::KeepOpen);
    let client = builder(&server.url).build().unwrap();
    let runtimes = [runtime(), runtime(), runtime()];
    for round in 0..2 {
        for (number, runtime) in runtimes.iter().enumerate() {
            let connection = runtime.block_on(client.call(&READ).path("id", 1).json::<usize>().into_future());
            assert_eq!(connection.unwrap(), number, "round {round}: each runtime keeps its own connection");
        }
    }
    #[cfg(feature = "blocking")]
    assert_eq!(client.call(&READ).path("id", 1).json::<usize>().send_blocking().unwrap(), 3);
}

#[test]
fn a_timeout_closes_only_the_connections_of_its_own_runtime() {
    let server = serve(After::KeepOpen);
    let client = builder(&server.url).build().unwrap();
    let [first, second] = [runtime(), runtime()];
    let call = || client.call(&READ).path("id", 1).json::<usize>();
    assert_eq!(first.block_on(call().into_future()).unwrap(), 0);
    let silent = client.call(&READ).path("id", "silent").json::<usize>().timeout(Duration::from_millis(1));
    assert!(second.block_on(silent.into_future()).unwrap_err().is_timeout());
    assert_eq!(first.block_on(call().into_future()).unwrap(), 0);
}

#[test]
fn no_call_fails_if_a_client_is_used_on_many_runtimes() {
    let server = serve(After::KeepOpen);
    let client = builder(&server.url).build().unwrap();
    for number in 0..40 {
        let call = client.call(&READ).path("id", 1).json::<usize>();
        assert_eq!(runtime().block_on(call.into_future()).unwrap(), number);
    }
}

#[test]
fn an_idle_connection_may_be_kept_without_a_limit() {
    let (panics, thread) = (Arc::new(AtomicUsize::new(0)), thread::current().id());
    let (counted, show) = (panics.clone(), take_hook());
    set_hook(Box::new(move |panic| {
        // The task that closes idle connections runs on this thread, and nothing else reports its panic.
        counted.fetch_add(usize::from(thread::current().id() == thread), Ordering::Relaxed);
        show(panic);
    }));
    let server = serve(After::KeepOpen);
    let client = builder(&server.url).idle_timeout(Duration::MAX).build().unwrap();
    runtime().block_on(async {
        for _ in 0..2 {
            assert_eq!(client.call(&READ).path("id", 1).json::<usize>().await.unwrap(), 0);
        }
    });
    assert_eq!(panics.load(Ordering::Relaxed), 0);
}

#[test]
fn an_idle_connection_is_kept_no_longer_than_its_limit() {
    let server = serve(After::KeepOpen);
    let client = builder(&server.url).idle_timeout(Duration::from_nanos(1)).build().unwrap();
    runtime().block_on(async {
        for connection in 0..3 {
            assert_eq!(client.call(&READ).path("id", 1).json::<usize>().await.unwrap(), connection);
        }
    });
}

/// Sends a read, and then `operation`. In between, the server acts on the idle connection, and the client's thread has
/// no chance to notice.
fn after_idling(after: After, operation: &'static Operation) -> Result<usize, http_core::Error> {
    let server = serve(after);
    let client = builder(&server.url).build().unwrap();
    runtime().block_on(async {
        assert_eq!(client.call(&READ).path("id", 1).json::<usize>().await.unwrap(), 0);
        server.done.recv().unwrap();
        let call = client.call(operation);
        let call = if operation.path().contains("{id}") { call.path("id", 1) } else { call };
        call.json::<usize>().await
    })
}

#[test]
fn a_closed_idle_connection_makes_no_call_fail() {
    for operation in [&CREATE, &READ, &STOP, &DELETE] {
        assert_eq!(after_idling(After::Close, operation).unwrap(), 1, "{}", operation.name());
    }
}

#[test]
fn only_idempotent_requests_are_sent_on_a_kept_connection() {
    for (operation, connection) in [(&CREATE, 1), (&READ, 0), (&STOP, 0), (&DELETE, 0)] {
        assert_eq!(after_idling(After::KeepOpen, operation).unwrap(), connection, "{}", operation.name());
    }
}

#[test]
fn unsolicited_bytes_are_never_the_response() {
    for operation in [&CREATE, &READ, &STOP, &DELETE] {
        assert_eq!(after_idling(After::Push, operation).unwrap(), 1, "{}", operation.name());
    }
}

#[test]
fn unsolicited_bytes_are_not_the_response_while_the_only_worker_is_blocked() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = builder(&format!("http://{}", listener.local_addr().unwrap())).build().unwrap();
    let ((push, pushing), (sender, pushed)) = (channel::<()>(), channel());
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        let response =
            |body: &str| format!("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{body}").into_bytes();
        let mut first = listener.accept().unwrap().0;
        let _ = first.read(&mut buffer).unwrap();
        first.write_all(&response("10")).unwrap();
        pushing.recv().unwrap();
        first.write_all(&response("99")).unwrap();
        sender.send(()).unwrap();
        let mut second = listener.accept().unwrap().0;
        let _ = second.read(&mut buffer).unwrap();
        second.write_all(&response("11")).unwrap();
    });
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let read = || client.call(&READ).path("id", 1).json::<u8>().into_future();
    runtime.block_on(async {
        assert_eq!(read().await.unwrap(), 10);
        let ((release, released), (sender, blocked)) = (channel::<()>(), channel());
        tokio::spawn(async move {
            sender.send(()).unwrap();
            let _ = released.recv();
        });
        blocked.recv().unwrap();
        push.send(()).unwrap();
        pushed.recv().unwrap();
        let release = async {
            for _ in 0..10 {
                yield_now().await;
            }
            release.send(()).unwrap();
        };
        let (response, ()) = tokio::join!(read(), release);
        assert_eq!(response.unwrap(), 11);
    });
}

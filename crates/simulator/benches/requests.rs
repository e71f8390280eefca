//! Measures the memory of the process, and the requests per second of the simulator and, for comparison, of a handler
//! that does nothing.
//!
//! `cargo bench -p hostkit-simulator` sends 200,000 requests to each endpoint.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, reason = "a program for maintainers")]

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Instant;

use hostkit_simulator::Simulator;
use http_body_util::{BodyExt, Full};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const CONNECTIONS: usize = 8;

fn main() {
    // `cargo test --benches` also runs this program, with few requests, to check that it works.
    let requests = if std::env::args().any(|argument| argument == "--bench") { 200_000 } else { 80 };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let plain = plain_handler().await;
        report("plain handler", plain, "/", requests, "").await;
        let simulator = Simulator::start().await.unwrap();
        let key = format!("apikey: {}\r\n", simulator.elastis().key);
        let address = simulator.address();
        report("health", address, "/_simulator/health", requests, "").await;
        report("location.list", address, "/elastis/v1/config/locations", requests, &key).await;
        let one = "/elastis/v1/storage/disks/aaaaaaaa-0000-bbbb-1111-cccccccccccc";
        report("disk.get, unknown", address, one, requests, &key).await;
    });
}

async fn report(name: &str, address: SocketAddr, path: &str, requests: usize, headers: &str) {
    let before = resident_kib();
    let start = Instant::now();
    let request = format!("GET {path} HTTP/1.1\r\nhost: bench\r\n{headers}\r\n");
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..CONNECTIONS {
        clients.spawn(client(address, request.clone(), requests / CONNECTIONS));
    }
    clients.join_all().await;
    let seconds = start.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "the rate is only printed")]
    let rate = requests as f64 / seconds;
    let grown = resident_kib().zip(before).map_or_else(String::new, |(after, before)| {
        format!(", {after} KiB resident ({:+} KiB)", after.cast_signed() - before.cast_signed())
    });
    println!("{name:<20} {rate:>9.0} requests/s{grown}");
}

/// Sends requests one after another on one connection.
async fn client(address: SocketAddr, request: String, requests: usize) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut received = Vec::new();
    for _ in 0..requests {
        stream.write_all(request.as_bytes()).await.unwrap();
        received.clear();
        loop {
            assert_ne!(stream.read_buf(&mut received).await.unwrap(), 0, "the connection was closed");
            if is_whole(&received) {
                break;
            }
        }
    }
}

fn is_whole(response: &[u8]) -> bool {
    let Some(head) = response.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let text = String::from_utf8_lossy(&response[..head]).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    response.len() >= head + 4 + length.unwrap_or(0)
}

/// Starts a server that uses the same HTTP library and always returns the same response; returns its address.
async fn plain_handler() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service_fn(async |request: http::Request<hyper::body::Incoming>| {
                let _ = request.into_body().collect().await;
                Ok::<_, Infallible>(http::Response::new(Full::new(bytes::Bytes::from_static(
                    b"{\"status\":\"ok\"}",
                ))))
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    address
}

/// Returns the resident memory of this process, or `None` on a system without `/proc`.
fn resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok())
}

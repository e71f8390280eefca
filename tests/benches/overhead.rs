//! What the clients cost beyond bare reqwest and serde: one call over loopback, and decoding a list. Each group
//! holds the same work done bare and done by a client, so that `cargo xtask bench` can print ratios.

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::TcpListener;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hostkit_tests::fixture::{self, Fixture};
use leaderssl_gpu::{Client, SecretString, Server, UserId};
use serde::Deserialize;
use tokio::runtime::Runtime;

/// The same fields as somebody would write them by hand: plain derive, texts as `String`.
#[derive(Deserialize)]
#[expect(dead_code, reason = "decoded, never read")]
struct BareServer {
    id: u64,
    ip: String,
    name: String,
    config: String,
    start_at: Option<String>,
    end_at: Option<String>,
    valid_to: Option<String>,
    status: String,
    username: String,
    os_type: String,
    token: String,
    resume_available: bool,
    suspend_available: bool,
    uptime: u64,
    nomenclature_id: Option<u64>,
    nomenclature_ids: Option<Vec<u64>>,
    period_count: Option<u32>,
    code: Option<String>,
    os: Option<String>,
    server_alias: Option<String>,
    description: Option<String>,
    free_time: Option<String>,
    remaining: Option<serde_json::Value>,
    progress: Option<serde_json::Value>,
    boot_status: Option<serde_json::Value>,
}

/// The documented list of servers.
fn documented_list() -> String {
    let path = fixture::root().join("leaderssl-gpu").join("server.list.json");
    Fixture::load(&path).map(|fixture| fixture.response.body()).unwrap_or_default()
}

/// Its rows, repeated to this many.
fn list_of(rows: usize) -> String {
    let list = documented_list();
    let row = list.trim().trim_start_matches('[').trim_end_matches(']').to_owned();
    format!("[{}]", vec![row; rows / 3].join(","))
}

/// Answers every request with the same bytes, connections kept alive.
fn serve(body: &str) -> String {
    let reply = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let Ok(listener) = TcpListener::bind("127.0.0.1:0") else { return String::new() };
    let url = listener.local_addr().map(|address| format!("http://{address}")).unwrap_or_default();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let reply = reply.clone();
            std::thread::spawn(move || {
                let _ = stream.set_nodelay(true);
                let mut buffer = [0; 4096];
                let mut held = Vec::new();
                while let Ok(read @ 1..) = stream.read(&mut buffer) {
                    held.extend_from_slice(&buffer[..read]);
                    if held.ends_with(b"\r\n\r\n") {
                        held.clear();
                        if stream.write_all(reply.as_bytes()).is_err() {
                            return;
                        }
                    }
                }
            });
        }
    });
    url
}

fn call(criterion: &mut Criterion) {
    let Ok(runtime) = Runtime::new() else { return };
    let url = serve(&documented_list());
    let bare = reqwest::Client::builder().no_proxy().build().unwrap_or_default();
    let servers_url = format!("{url}/api/v1/users/1703/servers");
    let builder = Client::token_builder(UserId::new(1703), SecretString::from("token")).base_url(&url);
    let Ok(client) = builder.no_proxy().build() else { return };
    let mut group = criterion.benchmark_group("call");
    group.bench_function("bare", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                let request = bare.get(&servers_url).header("x-auth-token", "token");
                let bytes = request.send().await.ok()?.bytes().await.ok()?;
                serde_json::from_slice::<Vec<BareServer>>(&bytes).ok().map(black_box)
            })
        });
    });
    group.bench_function("leaderssl-gpu", |bencher| {
        bencher.iter(|| runtime.block_on(async { client.servers().list().await.ok().map(black_box) }));
    });
    group.finish();
}

fn decode(criterion: &mut Criterion) {
    let list = list_of(3000);
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Bytes(list.len() as u64));
    group.bench_function("bare", |bencher| {
        bencher.iter(|| {
            serde_json::from_slice::<Vec<BareServer>>(black_box(list.as_bytes())).ok().map(black_box)
        });
    });
    group.bench_function("leaderssl-gpu", |bencher| {
        bencher
            .iter(|| serde_json::from_slice::<Vec<Server>>(black_box(list.as_bytes())).ok().map(black_box));
    });
    group.finish();
}

criterion_group!(benches, call, decode);
criterion_main!(benches);

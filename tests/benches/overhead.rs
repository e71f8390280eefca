//! Compares the cost of the clients with that of bare reqwest and serde: one call over loopback, and decoding lists.
//! Each group does the same work with and without a client, so that `cargo xtask bench` can print ratios.

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use elastis_core::Vm;
use hostkit_tests::fixture::{self, Fixture};
use leaderssl_gpu::{Client, SecretString, Server, UserId};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tokio::runtime::Builder;

/// A handwritten model with the same fields as the client's, using a plain derive and `String`.
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

/// A handwritten model of an elastis VM.
#[derive(Deserialize)]
#[expect(dead_code, reason = "decoded, never read")]
struct BareVm {
    uuid: String,
    name: String,
    status: String,
    vcpu: u32,
    memory: u64,
    storage: Vec<BareStorage>,
    backup: bool,
    os_name: String,
    os_version: String,
    hostname: Option<String>,
    description: Option<String>,
    username: Option<String>,
    private_ipv4: Option<String>,
    public_ipv4: Option<String>,
    public_ipv6: Option<String>,
    mac: Option<String>,
    billing_account: Option<u64>,
    user_id: Option<u64>,
    designated_pool_uuid: Option<String>,
    designated_pool_name: Option<String>,
    hypervisor_id: Option<String>,
    license_type: Option<String>,
    tags: Option<Vec<String>>,
    id: Option<u64>,
    created_at: Option<String>,
    updated_at: Option<String>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "decoded, never read")]
struct BareStorage {
    uuid: String,
    name: String,
    size: u64,
    primary: bool,
    shared: Option<bool>,
    replica: Vec<BareReplica>,
    pool: Option<String>,
    r#type: Option<String>,
    id: Option<u64>,
    user_id: Option<u64>,
    created_at: Option<String>,
    updated_at: Option<String>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "decoded, never read")]
struct BareReplica {
    uuid: String,
    r#type: Option<String>,
    size: Option<u64>,
    master_uuid: Option<String>,
    master_id: Option<u64>,
    id: Option<u64>,
    pool: Option<String>,
    created_at: Option<String>,
    updated_at: Option<String>,
}

/// Returns the documented list of servers or VMs.
fn documented_list(package: &str, operation: &str) -> String {
    let path = fixture::root().join(package).join(format!("{operation}.json"));
    Fixture::load(&path).map(|fixture| fixture.response.body()).unwrap_or_default()
}

/// Returns the rows of a documented list, repeated until there are `rows` of them.
fn rows_of(list: &str, rows: usize) -> String {
    let documented: Vec<Box<RawValue>> = serde_json::from_str(list).unwrap_or_default();
    let rows: Vec<_> = documented.iter().cycle().take(rows).map(|row| row.get()).collect();
    format!("[{}]", rows.join(","))
}

/// Answers every request with the same bytes and keeps connections alive.
fn serve(body: &str) -> String {
    let response = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let Ok(listener) = TcpListener::bind("127.0.0.1:0") else { return String::new() };
    let url = listener.local_addr().map(|address| format!("http://{address}")).unwrap_or_default();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let response = response.clone();
            std::thread::spawn(move || {
                let _ = stream.set_nodelay(true);
                let mut buffer = [0; 4096];
                let mut held = Vec::new();
                while let Ok(read @ 1..) = stream.read(&mut buffer) {
                    held.extend_from_slice(&buffer[..read]);
                    if held.ends_with(b"\r\n\r\n") {
                        held.clear();
                        if stream.write_all(response.as_bytes()).is_err() {
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
    // A single thread, so that the benchmark measures the work and not the scheduler's wake-ups.
    let Ok(runtime) = Builder::new_current_thread().enable_all().build() else { return };
    let url = serve(&documented_list("leaderssl-gpu", "server.list"));
    // Sets the timeouts that every program needs.
    let minute = Duration::from_secs(60);
    let bare = reqwest::Client::builder().no_proxy().connect_timeout(minute / 6).timeout(minute);
    let bare = bare.build().unwrap_or_default();
    let servers_url = format!("{url}/api/v1/users/1703/servers");
    let builder = Client::token_builder(UserId::new(1703), SecretString::from("token")).base_url(&url);
    let Ok(client) = builder.no_proxy().build() else { return };
    let mut group = criterion.benchmark_group("call");
    // Makes all calls of a sample in one `block_on`, because the task that returns a connection to the pool runs only
    // inside `block_on`.
    group.bench_function("bare", |bencher| {
        bencher.iter_custom(|calls| {
            runtime.block_on(async {
                let start = Instant::now();
                for _ in 0..calls {
                    let request = bare.get(&servers_url).header("x-auth-token", "token");
                    let Ok(response) = request.send().await else { continue };
                    let Ok(bytes) = response.bytes().await else { continue };
                    black_box(serde_json::from_slice::<Vec<BareServer>>(&bytes).ok());
                }
                start.elapsed()
            })
        });
    });
    group.bench_function("leaderssl-gpu", |bencher| {
        bencher.iter_custom(|calls| {
            runtime.block_on(async {
                let start = Instant::now();
                for _ in 0..calls {
                    black_box(client.servers().list().await.ok());
                }
                start.elapsed()
            })
        });
    });
    group.finish();
}

/// Measures how long it takes to decode a list into the bare model and into the client's model.
fn decode<Bare: DeserializeOwned, Model: DeserializeOwned>(
    criterion: &mut Criterion,
    group: &str,
    client: &str,
    list: &[u8],
) {
    let mut group = criterion.benchmark_group(group);
    group.throughput(Throughput::Bytes(list.len() as u64));
    // Panics on a decode error, because a failed decode would otherwise look very fast.
    let bare = |list| serde_json::from_slice::<Vec<Bare>>(list).map_err(|error| panic!("bare: {error}"));
    let model =
        |list| serde_json::from_slice::<Vec<Model>>(list).map_err(|error| panic!("{client}: {error}"));
    group.bench_function("bare", |bencher| bencher.iter(|| bare(black_box(list)).map(black_box)));
    group.bench_function(client, |bencher| bencher.iter(|| model(black_box(list)).map(black_box)));
    group.finish();
}

fn decode_servers(criterion: &mut Criterion) {
    let list = rows_of(&documented_list("leaderssl-gpu", "server.list"), 3_000);
    decode::<BareServer, Server>(criterion, "decode 3,000 servers", "leaderssl-gpu", list.as_bytes());
}

fn decode_vms(criterion: &mut Criterion) {
    let list = rows_of(&documented_list("elastis-core", "vm.list"), 10_000);
    decode::<BareVm, Vm>(criterion, "decode 10,000 VMs", "elastis-core", list.as_bytes());
}

criterion_group!(benches, call, decode_servers, decode_vms);
criterion_main!(benches);

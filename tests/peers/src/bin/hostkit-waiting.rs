//! Measures the cost of waiting calls: the memory of calls that wait for a slot, and the duration of calls that run
//! concurrently. `cargo xtask bench --peers` runs this program. It is separate from the other benchmarks because its
//! global allocator measures memory.
//!
//! Prints one line per measurement: work, peer, unit and value, separated by tabs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use elastis_core::Elastis;
use peak_alloc::PeakAlloc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

const LIMIT: usize = 64;
const CALLS: usize = 1000;
const LOCATIONS: usize = 20;
const DELAY: Duration = Duration::from_millis(50);
const ID: &str = "fc880f74-cf03-4a7a-93da-74c506157023";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let print = |work: &str, by: &str, unit: &str, value: f64| println!("{work}\t{by}\t{unit}\t{value}");

    let work = "one of 1,000 calls that wait for a slot";
    let url = serve(silent).await?;
    let (client, permits) = (reqwest::Client::builder().no_proxy().build()?, Arc::new(Semaphore::new(LIMIT)));
    let target = Arc::<str>::from(format!("{url}/v1/user-resource/vm?uuid={ID}"));
    let per_call = heap(|| {
        let (client, target, permits) = (client.clone(), target.clone(), permits.clone());
        tokio::spawn(async move {
            let _permit = permits.acquire().await.ok();
            let request = client.get(&*target).header("apikey", "the API key");
            let response = request.send().await.and_then(reqwest::Response::error_for_status);
            drop(match response {
                Ok(response) => response.bytes().await,
                Err(error) => Err(error),
            });
        })
    });
    print(work, "reqwest", "bytes", per_call.await);
    let elastis = Elastis::builder("the API key").base_url(url).no_proxy().concurrency(LIMIT).build()?;
    let id = ID.parse()?;
    let per_call = heap(|| {
        let call = elastis.vms().get(id).into_future();
        tokio::spawn(async move { drop(call.await) })
    });
    print(work, "hostkit", "bytes", per_call.await);

    let work = "20 locations that take 50 ms each";
    let elastis = Elastis::builder("the API key").base_url(serve(slow).await?).no_proxy().build()?;
    // Opens the connections first, so that the measurements do not include connecting.
    drop(elastis.in_all_locations(|there| there.vms().list()).await?);
    let began = Instant::now();
    elastis.at("l0").vms().list().await?;
    print(work, "one call", "ms", milliseconds(began));
    let began = Instant::now();
    let found = elastis.in_all_locations(|there| there.vms().list()).await?;
    print(work, "in_all_locations", "ms", milliseconds(began));
    assert!(found.len() == LOCATIONS && found.iter().all(|found| found.result.is_ok()), "a location failed");
    Ok(())
}

fn milliseconds(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1e3
}

/// Returns the heap bytes that one queued call uses, averaged over `CALLS` calls that wait while others hold all
/// slots.
async fn heap(spawn: impl Fn() -> JoinHandle<()>) -> f64 {
    let mut calls: Vec<_> = (0..2 * LIMIT).map(|_| spawn()).collect();
    calls.reserve(CALLS);
    tokio::time::sleep(DELAY).await;
    let before = MEMORY.current_usage();
    calls.extend((0..CALLS).map(|_| spawn()));
    tokio::time::sleep(DELAY).await;
    let after = MEMORY.current_usage();
    for call in calls {
        call.abort();
        drop(call.await);
    }
    #[allow(clippy::cast_precision_loss, reason = "small numbers")]
    let per_call = (after.saturating_sub(before)) as f64 / CALLS as f64;
    per_call
}

/// Starts a server that passes each connection to `connection`, and returns the server's URL.
async fn serve<F: Future<Output = ()> + Send + 'static>(connection: fn(TcpStream) -> F) -> Outcome<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(connection(stream));
        }
    });
    Ok(url)
}

/// Keeps the connection open and never responds.
async fn silent(stream: TcpStream) {
    std::future::pending::<()>().await;
    drop(stream);
}

/// Responds to a request for the locations immediately, and to any other request with an empty list after `DELAY`.
async fn slow(mut stream: TcpStream) {
    let locations: Vec<_> = (0..LOCATIONS).map(|number| format!("{{\"slug\":\"l{number}\"}}")).collect();
    let locations = format!("[{}]", locations.join(","));
    let mut request = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut request).await {
        let body = if String::from_utf8_lossy(&request[..length]).contains("/config/locations") {
            &locations
        } else {
            tokio::time::sleep(DELAY).await;
            "[]"
        };
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ";
        let response = format!("{head}{}\r\n\r\n{body}", body.len());
        if stream.write_all(response.as_bytes()).await.is_err() {
            return;
        }
    }
}

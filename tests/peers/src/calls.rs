//! Calls over loopback.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use elastis_core::Elastis;
use tokio::sync::Semaphore;

use crate::decode::new_vm;
use crate::server::Server;
use crate::{Outcome, Peer, plain};

/// A client generated from an OpenAPI document with two operations.
mod generated {
    progenitor::generate_api!(spec = "src/vm.json");
}

const fn peer(group: &'static str, name: &'static str, times: u32, run: fn(u32) -> Outcome) -> Peer {
    Peer { group, name, times, run }
}

pub const PEERS: [Peer; 9] = [
    peer("read", "typed reqwest", 200, |times| {
        with_server(async |url| {
            let (client, url) = (reqwest()?, format!("{url}/v1/user-resource/vm"));
            for _ in 0..times {
                black_box(read(&client, &url).await?);
            }
            Ok(())
        })
    }),
    peer("read", "generated", 200, |times| {
        with_server(async |url| {
            let client = generated::Client::new_with_client(&url, reqwest()?);
            for _ in 0..times {
                black_box(client.get_vm(&ID.parse()?, "the API key").await?.into_inner());
            }
            Ok(())
        })
    }),
    peer("read", "hostkit", 200, |times| {
        with_server(async |url| {
            let (elastis, id) = (elastis(&url)?, ID.parse()?);
            for _ in 0..times {
                black_box(elastis.vms().get(id).await?);
            }
            Ok(())
        })
    }),
    peer("create", "typed reqwest", 200, |times| {
        with_server(async |url| {
            let (client, url) = (reqwest()?, format!("{url}/v1/user-resource/vm"));
            for _ in 0..times {
                let request = client.post(&url).header("apikey", "the API key").form(&plain::new_vm());
                let body = request.send().await?.error_for_status()?.bytes().await?;
                black_box(serde_json::from_slice::<plain::Vm>(&body)?);
            }
            Ok(())
        })
    }),
    peer("create", "generated", 200, |times| {
        with_server(async |url| {
            let client = generated::Client::new_with_client(&url, reqwest()?);
            for _ in 0..times {
                let new = generated::types::NewVm {
                    name: "web-1".into(),
                    os_name: "ubuntu".into(),
                    os_version: "22.04-lts".into(),
                    disks: 20,
                    vcpu: 2,
                    ram: 2048,
                    username: "example".into(),
                    password: "Password123".into(),
                    billing_account_id: 6,
                };
                black_box(client.create_vm("the API key", &new).await?.into_inner());
            }
            Ok(())
        })
    }),
    peer("create", "hostkit", 200, |times| {
        with_server(async |url| {
            let elastis = elastis(&url)?;
            for _ in 0..times {
                black_box(elastis.vms().create(new_vm()).await?);
            }
            Ok(())
        })
    }),
    peer("create", "typed reqwest, fresh connections", 200, |times| {
        with_server(async |url| {
            let client = builder().pool_max_idle_per_host(0).build()?;
            let url = format!("{url}/v1/user-resource/vm");
            for _ in 0..times {
                let request = client.post(&url).header("apikey", "the API key").form(&plain::new_vm());
                let body = request.send().await?.error_for_status()?.bytes().await?;
                black_box(serde_json::from_slice::<plain::Vm>(&body)?);
            }
            Ok(())
        })
    }),
    peer("spawned, 64 at a time", "typed reqwest", 500, |times| {
        with_server(async |url| {
            let (client, url) = (reqwest()?, Arc::<str>::from(format!("{url}/v1/user-resource/vm")));
            let permits = Arc::new(Semaphore::new(64));
            let calls: Vec<_> = (0..times)
                .map(|_| {
                    let (client, url, permits) = (client.clone(), url.clone(), permits.clone());
                    tokio::spawn(async move {
                        let _permit = permits.acquire().await.ok();
                        read(&client, &url).await.map(drop).map_err(|error| error.to_string())
                    })
                })
                .collect();
            for call in calls {
                call.await??;
            }
            Ok(())
        })
    }),
    peer("spawned, 64 at a time", "hostkit", 500, |times| {
        with_server(async |url| {
            let id = ID.parse()?;
            let elastis = Elastis::builder("the API key").base_url(url).no_proxy().concurrency(64).build()?;
            let calls: Vec<_> =
                (0..times).map(|_| tokio::spawn(elastis.vms().get(id).into_future())).collect();
            for call in calls {
                call.await??;
            }
            Ok(())
        })
    }),
];

const ID: &str = "fc880f74-cf03-4a7a-93da-74c506157023";

/// Runs `work` with a server, on a single thread, so that the work is measured and not the scheduler's wake-ups.
fn with_server(work: impl AsyncFnOnce(String) -> Outcome) -> Outcome {
    let server = Server::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(work(server.url.clone()))
}

/// Returns a reqwest builder with the timeouts that every program needs.
fn builder() -> reqwest::ClientBuilder {
    // hostkit passes its cryptography provider to reqwest; a plain reqwest client uses the process-wide default.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let minute = Duration::from_secs(60);
    reqwest::Client::builder().no_proxy().connect_timeout(minute / 6).timeout(minute)
}

fn reqwest() -> Outcome<reqwest::Client> {
    Ok(builder().build()?)
}

fn elastis(url: &str) -> Outcome<Elastis> {
    Ok(Elastis::builder("the API key").base_url(url).no_proxy().build()?)
}

async fn read(client: &reqwest::Client, url: &str) -> Outcome<plain::Vm> {
    let request = client.get(url).query(&[("uuid", ID)]).header("apikey", "the API key");
    let body = request.send().await?.error_for_status()?.bytes().await?;
    Ok(serde_json::from_slice(&body)?)
}

//! Sends calls with your own HTTP client: [`prepare`] returns a complete request, any client can send it, and
//! [`finish`] turns the response into the typed value or an error.
//!
//! ```text
//! cargo run -p elastis-core --example own_http_client
//! ```
//!
//! The example runs against the simulator, or against the provider if `ELASTIS_API_KEY` is set. It changes nothing.
//!
//! [`prepare`]: elastis_core::Call::prepare
//! [`finish`]: elastis_core::Call::finish
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::Duration;

use elastis_core::{Call, Elastis, VmId};
use hostkit_simulator::Simulator;
use http_body_util::BodyExt;
use http_core::wire::Bytes;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (elastis, _simulator) = connect().await?;
    let http = my_http_client()?;

    let locations = send(&http, elastis.locations().list()).await?;
    for location in locations {
        let vms = send(&http, elastis.at(location.slug.clone()).vms().list()).await?;
        println!("{} ({}): {} VMs", location.display_name, location.slug, vms.len());
    }

    // An error response results in the same error as with the built-in client, and `optional` works as usual.
    let nowhere: VmId = "00000000-0000-4000-8000-000000000000".parse()?;
    let missing = send(&http, elastis.vms().get(nowhere)).await;
    println!("VM {nowhere}: {}", missing.map_or_else(|error| error.to_string(), |vm| vm.name));
    let found = send(&http, elastis.vms().get(nowhere).optional()).await?;
    println!("VM {nowhere}, if it exists: {:?}", found.map(|vm| vm.name));
    Ok(())
}

/// Sends a call with my own client: its pool, proxy and limits apply. Nothing is retried here.
async fn send<T: 'static>(http: &reqwest::Client, call: impl Into<Call<T>>) -> Result<T, Box<dyn Error>> {
    let call = call.into();
    // The request contains the API key, but its `Debug` output does not show it.
    let request = reqwest::Request::try_from(call.prepare()?.map(Bytes::from))?;
    let (parts, body) = http::Response::from(http.execute(request).await?).into_parts();
    let body = body.collect().await?.to_bytes();
    Ok(call.finish(http::Response::from_parts(parts, body))?)
}

fn my_http_client() -> Result<reqwest::Client, Box<dyn Error>> {
    // A program that uses rustls through reqwest must install a cryptography provider once.
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        rustls::crypto::ring::default_provider()
            .install_default()
            .map_err(|_| "a cryptography provider was installed elsewhere")?;
    }
    Ok(reqwest::Client::builder()
        .timeout(Duration::from_secs(20))
        .redirect(reqwest::redirect::Policy::none())
        .build()?)
}

/// Connects to the provider if the environment has credentials, otherwise to the simulator.
async fn connect() -> Result<(Elastis, Option<Simulator>), Box<dyn Error>> {
    if std::env::var_os("ELASTIS_API_KEY").is_some() {
        return Ok((Elastis::from_env()?, None));
    }
    let simulator = Simulator::start().await?;
    let access = simulator.elastis();
    let elastis = Elastis::builder(access.key.as_str()).base_url(&access.base_url).build()?;
    Ok((elastis, Some(simulator)))
}

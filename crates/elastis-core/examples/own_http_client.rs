//! The requests and replies without the HTTP client that comes along: [`prepare`] makes a complete request, any
//! client sends it, and [`finish`] turns the reply into the typed value or the error.
//!
//! ```text
//! cargo run -p elastis-core --example own_http_client
//! ```
//!
//! runs against the simulator; with `ELASTIS_API_KEY` in the environment, against the provider. It only reads.
//!
//! [`prepare`]: elastis_core::Call::prepare
//! [`finish`]: elastis_core::Call::finish
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::Duration;

use elastis_core::{Call, Elastis, VmId};
use hostkit_simulator::Simulator;
use http_body_util::BodyExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (elastis, _simulator) = connect().await?;
    let http = my_http_client()?;

    let locations = send(&http, elastis.locations().list()).await?;
    for location in locations {
        let vms = send(&http, elastis.at(location.slug.clone()).vms().list()).await?;
        println!("{} ({}): {} machines", location.display_name, location.slug, vms.len());
    }

    // A refusal is the same error as ever, also where a method makes it an answer.
    let nowhere: VmId = "00000000-0000-4000-8000-000000000000".parse()?;
    let refusal = send(&http, elastis.vms().get(nowhere)).await;
    println!("machine {nowhere}: {}", refusal.map_or_else(|error| error.to_string(), |vm| vm.name));
    let found = send(&http, elastis.vms().get(nowhere).optional()).await?;
    println!("machine {nowhere}, if it is there: {:?}", found.map(|vm| vm.name));
    Ok(())
}

/// Sends a call by a client of one's own: its pool, its proxy, its limits. What it does not do is not done:
/// nothing is repeated here.
async fn send<T: 'static>(http: &reqwest::Client, call: impl Into<Call<T>>) -> Result<T, Box<dyn Error>> {
    let call = call.into();
    // The request carries the key: it is for the provider's eyes only.
    let request = reqwest::Request::try_from(call.prepare()?)?;
    let (parts, body) = http::Response::from(http.execute(request).await?).into_parts();
    let body = body.collect().await?.to_bytes();
    Ok(call.finish(http::Response::from_parts(parts, body))?)
}

fn my_http_client() -> Result<reqwest::Client, Box<dyn Error>> {
    // An application that uses rustls by reqwest chooses its cryptography, once.
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        rustls::crypto::ring::default_provider().install_default().map_err(|_| "chosen elsewhere")?;
    }
    Ok(reqwest::Client::builder()
        .timeout(Duration::from_secs(20))
        .redirect(reqwest::redirect::Policy::none())
        .build()?)
}

/// The provider, where the environment has credentials; else the simulator.
async fn connect() -> Result<(Elastis, Option<Simulator>), Box<dyn Error>> {
    if std::env::var_os("ELASTIS_API_KEY").is_some() {
        return Ok((Elastis::from_env()?, None));
    }
    let simulator = Simulator::start().await?;
    let access = simulator.elastis();
    let elastis = Elastis::builder(access.key.as_str()).base_url(&access.base_url).build()?;
    Ok((elastis, Some(simulator)))
}

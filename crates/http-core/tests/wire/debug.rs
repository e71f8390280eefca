//! Tests of the `Debug` output.

use std::time::Duration;

use http_core::client::{Accepted, Form, Transport, WaitBuilder};
use http_core::recovery::Ensure;
use http_core::rental::Rental;
use http_core::{Call, CallSequence, Error, SecretString};
use serde_json::Value;

use crate::recovery::{create, new};
use crate::server::{Act, Server};
use crate::{CANARY, CREATE, LIST, READ, builder};

#[tokio::test(start_paused = true)]
async fn debug_names_the_type_and_the_operation_and_shows_no_secret() {
    let server = Server::start([Act::ok("[]"), Act::ok("[]"), Act::ok("1"), Act::ok("1")]).await;
    let client = builder(&server.url()).build().unwrap();
    let noted = create(&client).note().await.unwrap();
    let read = |client: &Transport| -> Call<u8> { client.call(&READ).path("id", 1).json() };
    let wait = || {
        let client = client.clone();
        WaitBuilder::new(move || read(&client))
    };
    let failed = wait().until(|_| false).timeout(Duration::ZERO).await.unwrap_err();
    let rental = Rental::new("thing 7", || async { Ok(()) }).unwrap();
    let form = Form::new().secret("password", &SecretString::from(CANARY));
    for (shown, parts) in [
        (format!("{:?}", builder(&server.url())), ["Builder", "max_body"]),
        (format!("{client:?}"), ["Transport", "http://127.0.0.1:"]),
        (format!("{:?}", client.call(&CREATE).form(form)), ["CallBuilder", "thing.create"]),
        (format!("{:?}", read(&client)), ["Call", "thing.get"]),
        (format!("{:?}", client.call(&LIST).list::<u8>()), ["ListCall", "thing.list"]),
        (format!("{:?}", CallSequence::new(async { Ok::<u8, Error>(1) })), ["CallSequence", "limit"]),
        (format!("{:?}", new::<true>(&client)), ["Create", "thing.create"]),
        (format!("{:?}", create(&client)), ["Recover", "thing.create"]),
        (format!("{:?}", Ensure::new(Some("web"), new::<true>(&client))), ["Ensure", "thing.create"]),
        (format!("{noted:?}"), ["Noted", "Ticket"]),
        (format!("{:?}", Accepted::Now(1)), ["Now", "Now"]),
        (format!("{:?}", Accepted::<Value>::unnamed(1)), ["Later", "Later"]),
        (format!("{:?}", wait()), ["WaitBuilder", ".."]),
        (format!("{:?}", wait().until(|_| true)), ["Wait", "interval"]),
        (format!("{:?}", wait().until(|_| true).states()), ["States", ".."]),
        (format!("{failed:?}"), ["WaitError", "kind"]),
        (format!("{rental:?}"), ["Rental", "thing 7"]),
    ] {
        assert!(
            parts.iter().all(|part| shown.contains(part)) && !shown.contains(CANARY),
            "{parts:?}: {shown}"
        );
    }
    rental.keep();
}

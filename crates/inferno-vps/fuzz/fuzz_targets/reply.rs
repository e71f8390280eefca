//! Whatever the provider answers, every call comes to an end with a value or an error.
#![no_main]

use std::sync::LazyLock;

use inferno_vps::http_core::http::Response;
use inferno_vps::http_core::wire::Bytes;
use inferno_vps::{Client, Install};
use libfuzzer_sys::fuzz_target;

static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    Client::builder(777, "key").base_url("http://127.0.0.1:1").no_proxy().build().expect("a client")
});

fuzz_target!(|body: &[u8]| {
    let reply = || Response::new(Bytes::copy_from_slice(body));
    let client = &*CLIENT;
    let _ = client.api_key("me@example.com", "password").finish(reply());
    let _ = client.catalog().finish(reply());
    let _ = client.balance().finish(reply());
    let _ = client.orders().create(1.into()).finish(reply());
    let _ = client.orders().list().tolerant().finish(reply());
    let _ = client.vps().install(&Install::new(1.into(), "a")).finish(reply());
    let _ = client.vps().get(1.into()).finish(reply());
    let _ = client.vps().reboot(1.into()).finish(reply());
    let _ = client.ssh_keys().list().finish(reply());
    let _ = client.services().get(1.into()).finish(reply());
});

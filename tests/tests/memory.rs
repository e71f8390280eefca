//! Whatever a response contains, a list without its bad rows takes a small multiple of its size in memory.
#![allow(clippy::unwrap_used, reason = "a test")]

use elastis_core::Elastis;
use hostkit_tests::bounded::{self, PeakAlloc};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// All is one test: the allocator counts what the whole process has.
#[test]
fn every_tolerant_list_takes_little_memory_whatever_a_response_contains() {
    let url = "http://127.0.0.1:9";
    let elastis = Elastis::builder("key-key-key").base_url(url).no_proxy().build().unwrap();
    let inferno = inferno_vps::Client::key_builder("key-key-key").base_url(url).no_proxy().build().unwrap();
    bounded::every_body("vm.list, tolerant", || elastis.vms().list().tolerant());
    bounded::every_body("order.list, tolerant", || inferno.orders().list().tolerant());
}

//! Checks that the memory that a tolerant list uses is at most a small multiple of its response's size, whatever the
//! response contains.
#![allow(clippy::unwrap_used, reason = "test")]

use elastis_core::Elastis;
use hostkit_tests::bounded::{self, PeakAlloc};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// A single test, because the allocator counts the memory of the whole process.
#[test]
fn every_tolerant_list_takes_little_memory_whatever_a_response_contains() {
    let url = "http://127.0.0.1:9";
    let elastis = Elastis::builder("key-key-key").base_url(url).no_proxy().build().unwrap();
    let inferno = inferno_vps::Client::key_builder("key-key-key").base_url(url).no_proxy().build().unwrap();
    bounded::every_body("vm.list, tolerant", || elastis.vms().list().tolerant());
    bounded::every_body("order.list, tolerant", || inferno.orders().list().tolerant());
}

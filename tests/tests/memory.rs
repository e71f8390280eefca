//! Checks that the memory that a tolerant list or a create uses is at most a small multiple of its response's size,
//! whatever the response contains.
#![allow(clippy::unwrap_used, reason = "test")]

use elastis_core::Elastis;
use hostkit_tests::bounded::{self, PeakAlloc};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// A single test, because the allocator counts the memory of the whole process.
#[test]
fn a_tolerant_list_or_a_create_takes_little_memory_whatever_a_response_contains() {
    let url = "http://127.0.0.1:9";
    let elastis = Elastis::builder("key-key-key").base_url(url).no_proxy().build().unwrap();
    let inferno = inferno_vps::Client::key_builder("key-key-key").base_url(url).no_proxy().build().unwrap();
    let vm = "7dc1a8f2-0b14-4d08-a3f3-6f4c8f0cbd64".parse().unwrap();
    bounded::every_body("vm.list, tolerant", || elastis.vms().list().tolerant());
    bounded::every_body("order.list, tolerant", || inferno.orders().list().tolerant());
    bounded::repeated_id(r#""uuid":0"#, elastis.vms().clone_vm(vm, "copy"));
    bounded::repeated_id(r#""orderid":1"#, inferno.orders().create(303.into()));
}

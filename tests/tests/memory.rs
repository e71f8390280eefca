//! Whatever a response contains, a call takes a small multiple of its size in memory.
//!
//! All is one test: the allocator counts what the whole process has. The variable `MIB` makes the responses larger.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::fmt::Debug;

use elastis_core::{Elastis, VmId};
use http_core::wire::Bytes;
use http_core::{Call, Error, http};

use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const MIB: usize = 1024 * 1024;
/// What any response may take, however small it is: 16 MiB, twice while a list is moved to grow.
const ALWAYS: usize = 2 * 16 * MIB;
/// What an error takes.
const FEW: usize = 512 * 1024;

/// What a body consists of.
#[derive(Clone, Copy, PartialEq)]
enum Of {
    /// Values that take more than their text.
    Values,
    /// Nothing that has to be kept.
    Text,
}

/// Status, beginning, what is repeated, and end of bodies that are larger as values than as text, or that lead an error
/// without end.
const BODIES: &[(u16, &str, &str, &str, Of)] = &[
    (400, r#"{"errors":[0"#, ",0", "]}", Of::Text),
    (400, r#"{"errors":[{"a":0}"#, r#",{"a":0}"#, "]}", Of::Text),
    (400, r#"{"error":["no""#, r#","no""#, r#"],"result":"fail"}"#, Of::Text),
    (400, r#"{"message":""#, "no ", r#"","result":"fail"}"#, Of::Text),
    (400, r#"{"message":""#, r"\u0001", r#"","result":"fail"}"#, Of::Text),
    (200, r#"{"result":"fail","success":false,"errors":[0"#, ",0", "]}", Of::Text),
    (200, r#"{"result":"success","orders":[0"#, ",0", "]}", Of::Values),
    (200, r#"{"result":"success","orders":[{}"#, ",{}", "]}", Of::Values),
    (200, "[0", ",0", "]", Of::Values),
    (200, "[{}", ",{}", "]", Of::Values),
    (200, "[[0", ",0", "]]", Of::Text),
    (200, r#"[{"uuid":"7dc1a8f2-0b14-4d08-a3f3-6f4c8f0cbd64","storage":[{}"#, ",{}", "]}]", Of::Values),
    (200, r#"[{"uuid":"7dc1a8f2-0b14-4d08-a3f3-6f4c8f0cbd64"}"#, ROW, "]", Of::Values),
    (200, r#"{"result":"success","orders":[{"orderid":1}"#, r#",{"orderid":1}"#, "]}", Of::Values),
    (200, r#"{"uuid":"7dc1a8f2-0b14-4d08-a3f3-6f4c8f0cbd64","storage":[{}"#, ",{}", "]}", Of::Values),
    (200, r#"[{"id":1,"nomenclature_ids":[1"#, ",1", "]}]", Of::Values),
    (200, r#"{""#, "key", r#"": nope}"#, Of::Text),
    (200, r#"[{""#, "key", r#"": nope}]"#, Of::Text),
    (200, r#"""#, "text", r#"""#, Of::Text),
    (200, r#"[{"uuid":""#, "\u{7f}", r#""}]"#, Of::Text),
    (200, r#"[{"storage":""#, "\u{7f}", r#""}]"#, Of::Text),
    (200, "Array\n(\n", "    [0] => 0\n", ")\n", Of::Values),
    (200, "<html>", "<b>", "</html>", Of::Text),
    (200, "", "text ", "", Of::Text),
    (200, "", "[", "", Of::Text),
    (200, "", "{\"retx\":", "", Of::Text),
];

const ROW: &str = r#",{"uuid":"7dc1a8f2-0b14-4d08-a3f3-6f4c8f0cbd64"}"#;

fn body(size: usize, start: &str, middle: &str, end: &str) -> Bytes {
    let mut body = String::with_capacity(size + middle.len() + end.len());
    body.push_str(start);
    while body.len() < size {
        body.push_str(middle);
    }
    body.push_str(end);
    Bytes::from(body)
}

/// What a call takes in memory beside the body that it is given, value and error included.
fn taken<T: Debug>(
    status: u16,
    body: &Bytes,
    finish: impl FnOnce(http::Response<Bytes>) -> Result<T, Error>,
) -> usize {
    let mut response = http::Response::new(body.clone());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let result = finish(response);
    if let Err(error) = result {
        assert!(format!("{error} {error:?}").len() < 8192);
    }
    MEMORY.peak_usage() - before
}

fn check<T: Debug + 'static>(size: usize, failed: &mut Vec<String>, name: &str, call: impl Fn() -> Call<T>) {
    for (status, start, middle, end, of) in BODIES {
        let body = body(size, start, middle, end);
        let taken = taken(*status, &body, |response| call().finish(response));
        // Three times for a key without end, which the error path holds in three places.
        let most = 3 * body.len() + if *of == Of::Values { ALWAYS } else { FEW };
        if taken > most {
            failed.push(format!("{name} {status} {start}{middle}…: {taken} bytes for {}", body.len()));
        }
    }
}

#[test]
fn no_response_takes_more_than_a_small_multiple_of_its_size() {
    let size = std::env::var("MIB").map_or(MIB / 2, |mib| mib.parse::<usize>().unwrap() * MIB);
    let url = "http://127.0.0.1:9";
    let elastis = Elastis::builder("key-key-key").base_url(url).no_proxy().build().unwrap();
    let inferno = inferno_vps::Client::key_builder("key-key-key").base_url(url).no_proxy().build().unwrap();
    let leaderssl = leaderssl_gpu::Client::token_builder(1.into(), "token-token")
        .base_url(url)
        .no_proxy()
        .build()
        .unwrap();
    let id: VmId = "7dc1a8f2-0b14-4d08-a3f3-6f4c8f0cbd64".parse().unwrap();
    let mut failed = Vec::new();
    check(size, &mut failed, "vm.list", || elastis.vms().list().map(drop));
    check(size, &mut failed, "vm.list tolerant", || elastis.vms().list().tolerant().map(drop));
    check(size, &mut failed, "vm.get", || elastis.vms().get(id).map(drop));
    check(size, &mut failed, "vm.delete", || elastis.vms().delete(id).map(drop));
    check(size, &mut failed, "inferno orders", || inferno.orders().list().map(drop));
    check(size, &mut failed, "inferno orders tolerant", || inferno.orders().list().tolerant().map(drop));
    check(size, &mut failed, "server.list", || leaderssl.servers().list().map(drop));
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

//! Checks that every request gets a response, without a panic or a hang. For more cases, run `PROPTEST_CASES=100000
//! cargo test -p hostkit-simulator --test fuzz`.

#![allow(clippy::unwrap_used, reason = "clippy recognizes only functions with `#[test]` as tests")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::LazyLock;
use std::time::Duration;

use hostkit_simulator::{Route, Simulator, routes};
use proptest::prelude::*;

/// A lenient and a strict simulator, on a runtime that lives as long as the tests.
static SIMULATOR: LazyLock<(tokio::runtime::Runtime, [Simulator; 2])> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let simulators = runtime.block_on(async {
        [
            Simulator::start().await.unwrap(),
            Simulator::builder().strict().root("elastis").start().await.unwrap(),
        ]
    });
    (runtime, simulators)
});

fn segment() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("aaaaaaaa-0000-bbbb-1111-cccccccccccc".to_owned()),
        Just("bus02".to_owned()),
        "[0-9]{1,20}",
        "[a-z_]{1,8}",
        "(%[0-9A-Fa-f]{2}|[-.~!$&'()*+,;=:@a-z]){0,12}",
    ]
}

/// Generates paths similar to those of routes: the placeholders are filled, and a segment is replaced, repeated or
/// dropped.
fn path() -> impl Strategy<Value = (String, String)> {
    let near = (any::<prop::sample::Index>(), prop::collection::vec(segment(), 8), 0..12usize, 0..4u8);
    near.prop_map(|(route, fill, at, change)| {
        let all = routes();
        let (provider, Route { method, path, .. }) = all[route.index(all.len())];
        let mut fill = fill.into_iter();
        let mut next = || fill.next().unwrap_or_default();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut segments: Vec<String> = path
            .split('/')
            .map(|segment| if segment.starts_with('{') { next() } else { segment.to_owned() })
            .collect();
        let at = 1 + at % segments.len().max(2).saturating_sub(1);
        match change {
            1 => segments[at] = next(),
            2 => segments.insert(at, next()),
            3 => drop(segments.remove(at)),
            _ => {}
        }
        (method.to_owned(), format!("/{provider}{}?{query}", segments.join("/")))
    })
}

fn arguments() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        Just("uuid"),
        Just("billing_account_id"),
        Just("size_gb"),
        Just("name"),
        Just("restricted"),
        Just("amount"),
        Just("orderid"),
        Just("cid"),
        Just("source_image_type"),
        Just("cloud_init"),
        Just("token_id"),
    ];
    let pair = (name, segment()).prop_map(|(name, value)| format!("{name}={value}"));
    prop::collection::vec(pair, 0..5).prop_map(|pairs| pairs.join("&"))
}

fn body() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    prop_oneof![
        Just(("text/plain", Vec::new())),
        arguments().prop_map(|form| ("application/x-www-form-urlencoded", form.into_bytes())),
        prop::collection::vec(any::<u8>(), 0..64).prop_map(|bytes| ("application/json", bytes)),
        ("[a-z_]{1,12}", "(null|true|-?[0-9]{1,20}|\"[^\"\\\\]{0,9}\"|\\[\\]|\\{\\})")
            .prop_map(|(name, value)| ("application/json", format!("{{\"{name}\":{value}}}").into_bytes())),
    ]
}

/// Sends raw bytes and returns the status of the response.
fn status(simulator: &Simulator, head: &str, body: &[u8]) -> Option<u16> {
    let mut stream = TcpStream::connect(simulator.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).unwrap();
    let mut response = Vec::new();
    stream.read_to_end(&mut response).unwrap();
    std::str::from_utf8(response.get(9..12)?).ok()?.parse().ok()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_request_is_answered(
        (method, path) in path(),
        other in prop::option::weighted(0.2, "(GET|POST|PUT|PATCH|DELETE|TRACE|OPTIONS)"),
        query in arguments(),
        (kind, body) in body(),
    ) {
        let (_, simulators) = &*SIMULATOR;
        for simulator in simulators {
            let (elastis, inferno) = (simulator.elastis().key, simulator.inferno().key);
            let head = format!(
                "{} {path}&{query} HTTP/1.1\r\nhost: fuzz\r\nconnection: close\r\napikey: {elastis}\r\nx-key: {inferno}\r\n\
                 content-type: {kind}\r\ncontent-length: {}\r\n\r\n",
                other.as_ref().unwrap_or(&method), body.len(),
            );
            let status = status(simulator, &head, &body);
            // A load balancer without targets gets a 500.
            prop_assert!(status.is_some_and(|status| (200..=500).contains(&status)), "{head}: {status:?}");
        }
    }
}

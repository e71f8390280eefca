//! Checks that the documented request lines and samples match their operations when they are sent as printed.

#![allow(clippy::unwrap_used, reason = "clippy recognizes only functions with `#[test]` as tests")]

mod support;

use std::collections::BTreeSet;

use hostkit_simulator::{Simulator, routes};
use reqwest::Method;
use serde_json::Value;
use support::{http, sent};

fn samples() -> Value {
    serde_json::from_str(include_str!("samples.json")).unwrap()
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap_or_default()
}

/// Sends a sample; returns the status, the body and the operation that matched.
async fn send(simulator: &Simulator, sample: &Value) -> (u16, Value, Option<&'static str>) {
    let access = simulator.elastis();
    let method: Method = text(sample, "method").parse().unwrap();
    let target = text(sample, "target")
        .replace('<', "%3C")
        .replace('>', "%3E")
        .replace('{', "%7B")
        .replace('}', "%7D");
    let mut request =
        http().request(method, format!("{}{target}", access.base_url)).header("apikey", access.key);
    if let Some(kind) = sample["content_type"].as_str() {
        request = request.header("content-type", kind);
    }
    let (status, body) = sent(request.body(text(sample, "body").to_owned())).await;
    (status, body, simulator.requests().pop().unwrap().operation)
}

/// Samples that contradict their own request lines: one in the method, the others in the path.
const MISPRINTS: [(&str, u16); 4] = [
    ("/v1/network/network/50341410-9e88-4af2-a21e-b8c898e33e51", 405),
    ("/v1/ip_addresses/1.1.1.1", 404),
    ("/v1/credit/buy", 404),
    ("/v1/credit/request_invoice", 404),
];

#[tokio::test]
async fn every_request_line_matches_its_own_operation() {
    let simulator = Simulator::start().await.unwrap();
    let mut reached = BTreeSet::new();
    for line in samples()["lines"].as_array().unwrap() {
        let (method, target) = line.as_str().unwrap().split_once(' ').unwrap();
        let sample = serde_json::json!({"method": method, "target": target});
        let (status, body, operation) = send(&simulator, &sample).await;
        assert!(![405, 415].contains(&status), "{line}: {status} {body}");
        assert!(
            reached.insert(operation.unwrap_or_else(|| panic!("{line} matches no operation"))),
            "{line} {operation:?}"
        );
    }
    let all: BTreeSet<_> = routes()
        .into_iter()
        .filter(|(name, _)| *name == "elastis")
        .map(|(_, route)| route.operation)
        .collect();
    assert_eq!(reached, all);
}

#[tokio::test]
async fn every_sample_is_accepted_as_printed() {
    let simulator = Simulator::start().await.unwrap();
    let mut found = Vec::new();
    for sample in samples()["samples"].as_array().unwrap() {
        let (status, body, operation) = send(&simulator, sample).await;
        if let Some((_, refused)) = MISPRINTS.iter().find(|(target, _)| *target == text(sample, "target")) {
            assert_eq!(status, *refused);
            continue;
        }
        if operation.is_none() || [405, 415, 500].contains(&status) {
            found.push(format!("{sample}: {status} {body}"));
        }
        if sample["malformed"] == true {
            assert_eq!((status, text(&body, "message")), (400, "Malformed JSON request"), "{sample}");
            continue;
        }
        // The sample has ids of another account, so errors about them are fine, but errors about the form of the
        // request are not.
        for (name, reason) in body["errors"].as_object().into_iter().flatten() {
            let reason = reason.as_str().unwrap_or_default();
            let misread =
                ["Required parameter", "Invalid", "Value"].iter().any(|start| reason.starts_with(start));
            // Placeholders in the sample's path represent ids.
            if misread && !text(sample, "target").contains('<') {
                found.push(format!("{sample}: {name}: {reason}"));
            }
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

//! Tests the features that all simulated providers share: faults, the log, time, and resets.

mod support;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use hostkit_simulator::{Boot, Fault, Simulator, routes};
use reqwest::{Method, Response};
use support::{LeaderSsl, http, sent};

async fn list(client: &LeaderSsl) -> reqwest::Result<Response> {
    client.request(Method::GET, "servers").send().await
}

#[tokio::test]
async fn a_sequence_of_faults_ends_with_the_real_response() {
    let simulator = Simulator::start().await.unwrap();
    let client = LeaderSsl::sign_in(&simulator).await;
    simulator.fail("server.list", [Fault::status(503), Fault::retry_after(429, "2")]);
    assert_eq!(list(&client).await.unwrap().status(), 503);
    let limited = list(&client).await.unwrap();
    assert_eq!((limited.status().as_u16(), &limited.headers()["retry-after"]), (429, &"2".parse().unwrap()));
    assert_eq!(list(&client).await.unwrap().status(), 200);
    assert!(simulator.unmet_faults().is_empty());
}

#[tokio::test]
async fn only_a_reset_after_processing_changes_the_state() {
    let simulator = Simulator::start().await.unwrap();
    let client = LeaderSsl::sign_in(&simulator).await;
    simulator.fail("server.start", [Fault::ResetBefore, Fault::ResetAfter]);
    for (processed, status) in [(false, "available"), (true, "up")] {
        client.request(Method::POST, "servers/14/start").send().await.unwrap_err();
        let last = simulator.requests().pop().unwrap();
        assert_eq!((last.processed, last.status), (processed, None));
        assert_eq!(client.server(14).await["status"], status);
    }
    assert_eq!(simulator.count("server.start"), 2);
}

#[tokio::test]
async fn a_request_is_processed_although_a_proxy_returns_an_error_page() {
    let simulator = Simulator::start().await.unwrap();
    let client = LeaderSsl::sign_in(&simulator).await;
    simulator.fail("leaderssl-gpu/server.start", Fault::HtmlAfter(504));
    let (status, page) = sent(client.request(Method::POST, "servers/14/start")).await;
    assert_eq!(status, 504);
    assert!(page.as_str().unwrap().contains("<h1>504 Gateway Timeout</h1>"));
    assert_eq!(client.server(14).await["status"], "up");
}

#[tokio::test]
async fn a_truncated_body_ends_after_its_first_half() {
    let simulator = Simulator::start().await.unwrap();
    let client = LeaderSsl::sign_in(&simulator).await;
    simulator.fail("server.list", Fault::TruncatedBody);
    let mut response = list(&client).await.unwrap();
    let announced = response.content_length().unwrap();
    let mut came = 0;
    let end = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => came += chunk.len() as u64,
            end => break end,
        }
    };
    end.unwrap_err();
    assert_eq!(came, announced / 2);
}

#[tokio::test(start_paused = true)]
async fn a_stalled_body_leaves_the_client_waiting() {
    let simulator = Simulator::start().await.unwrap();
    let client = LeaderSsl::sign_in(&simulator).await;
    simulator.fail("server.list", Fault::StalledBody);
    let mut response = list(&client).await.unwrap();
    assert!(response.chunk().await.unwrap().is_some());
    let next = tokio::time::timeout(Duration::from_secs(3600), response.chunk()).await;
    assert!(next.is_err(), "{next:?}");
}

#[tokio::test]
async fn an_oversized_body_is_the_response_followed_by_white_space() {
    let simulator = Simulator::start().await.unwrap();
    let client = LeaderSsl::sign_in(&simulator).await;
    simulator.fail("server.list", Fault::OversizedBody(300_000));
    let response = list(&client).await.unwrap();
    assert_eq!(response.content_length(), None);
    let body = response.bytes().await.unwrap();
    assert_eq!(body.len(), 300_000);
    assert!(serde_json::from_slice::<serde_json::Value>(&body).unwrap().is_array());
}

#[tokio::test]
async fn proxy_pages_and_php_warnings_can_replace_json() {
    let simulator = Simulator::start().await.unwrap();
    let client = LeaderSsl::sign_in(&simulator).await;
    simulator.fail("server.list", [Fault::Html(502), Fault::Challenge, Fault::PhpWarning]);
    for (status, kind, text) in [
        (502, "text/html", "502 Bad Gateway"),
        (403, "text/html", "Just a moment..."),
        (200, "application/json", "<b>Warning</b>"),
    ] {
        let response = list(&client).await.unwrap();
        assert_eq!(response.status(), status);
        assert!(response.headers()["content-type"].to_str().unwrap().starts_with(kind));
        assert!(response.text().await.unwrap().contains(text));
    }
}

#[tokio::test(start_paused = true)]
async fn latency_delays_the_response_of_a_processed_request() {
    let simulator = Simulator::start().await.unwrap();
    let client = LeaderSsl::sign_in(&simulator).await;
    simulator.fail("server.start", Fault::Latency(Duration::from_secs(3600)));
    let start = client.request(Method::POST, "servers/14/start").timeout(Duration::from_secs(3599));
    assert!(start.send().await.unwrap_err().is_timeout());
    assert_eq!(client.server(14).await["status"], "up");
}

#[tokio::test]
async fn a_fault_can_respond_with_any_body_even_an_empty_one() {
    let simulator = Simulator::start().await.unwrap();
    let client = LeaderSsl::sign_in(&simulator).await;
    let bodies: [&[u8]; 4] = [b"", b"null", b"{\"error\":\"\xff\"}", b"plain"];
    simulator.fail("server.list", bodies.map(|body| Fault::response(200, body)));
    for (body, kind) in bodies.into_iter().zip(["text/plain", "text/plain", "application/json", "text/plain"])
    {
        let response = list(&client).await.unwrap();
        assert_eq!(response.headers()["content-type"], kind);
        assert_eq!(response.bytes().await.unwrap(), body);
    }
}

#[tokio::test]
async fn a_standing_fault_lasts_until_it_is_removed() {
    let simulator = Simulator::start().await.unwrap();
    let client = LeaderSsl::sign_in(&simulator).await;
    let plan = simulator.fail("*", Fault::status(500)).standing();
    for _ in 0..3 {
        assert_eq!(list(&client).await.unwrap().status(), 500);
    }
    plan.end();
    assert_eq!(list(&client).await.unwrap().status(), 200);
}

#[tokio::test]
async fn the_log_has_every_request_and_its_debug_has_no_secret() {
    let simulator = Simulator::start().await.unwrap();
    let client = LeaderSsl::sign_in(&simulator).await;
    client.order("nomenclature_id=1&os=a%20b+c&period_count=1").await;
    let (status, _) = sent(client.http.get(format!("{}/1703?x=%7E", client.users))).await;
    assert_eq!(status, 404);
    let [signed_in, order, unknown] = simulator.requests().try_into().unwrap();
    assert_eq!((signed_in.provider, signed_in.operation), ("leaderssl-gpu", Some("auth.sign_in")));
    assert_eq!(order.headers["x-auth-token"], client.token.as_str());
    assert_eq!(order.status, Some(401));
    assert_eq!(&order.body[..], b"nomenclature_id=1&os=a%20b+c&period_count=1");
    assert_eq!((unknown.operation, unknown.path.as_str()), (None, "/api/v1/users/1703"));
    assert_eq!(unknown.query, [("x".to_owned(), "~".to_owned())]);
    let shown = format!("{signed_in:?}{order:?}");
    assert!(!shown.contains(&simulator.leaderssl().password) && !shown.contains(&client.token), "{shown}");
    simulator.clear_requests();
    assert_eq!(simulator.count("*"), 0);
}

#[tokio::test]
async fn a_reset_restores_the_initial_state_and_the_initial_ids() {
    let simulator = Simulator::start().await.unwrap();
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let client = LeaderSsl::sign_in(&simulator).await;
        client.order("nomenclature_id=534&os=ubuntu&period_count=1").await;
        simulator.fail("server.list", Fault::ResetBefore).times(9);
        simulator.clear_faults();
        let servers = client.get("servers").await;
        tokens.push((client.token, servers[3]["token"].clone(), servers.as_array().unwrap().len()));
        simulator.clock().advance(Duration::from_secs(1_000_000));
        simulator.reset();
        assert_eq!(simulator.requests().len(), 0);
    }
    assert_eq!(tokens[0], tokens[1]);
    simulator.seed(7);
    assert_ne!(LeaderSsl::sign_in(&simulator).await.token, tokens[0].0);
}

#[tokio::test]
async fn paths_outside_of_every_provider_are_not_found() {
    let simulator = Simulator::start().await.unwrap();
    for path in ["/", "/nobody/v1", "/leaderssl-gpux/api/v1/users/signin"] {
        assert_eq!(sent(http().get(format!("http://{}{path}", simulator.address()))).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn the_port_is_free_again_after_a_shutdown_and_after_the_last_drop() {
    let simulator = Simulator::start().await.unwrap();
    let port = simulator.address().port();
    let other = simulator.clone();
    let client = LeaderSsl::sign_in(&simulator).await;
    drop(simulator);
    assert_eq!(list(&client).await.unwrap().status(), 200);
    other.shutdown().await;
    let again = Simulator::builder().port(port).start().await.unwrap();
    assert_eq!(again.address().port(), port);
    drop(again);
    let since = Instant::now();
    while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
        assert!(since.elapsed() < Duration::from_secs(5), "still served");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn state_changes_complete_in_paused_time_while_a_client_sleeps() {
    let simulator = Simulator::builder().boot(Boot::After(Duration::from_secs(3600))).start().await.unwrap();
    let client = LeaderSsl::sign_in(&simulator).await;
    client.post("servers/14/start").await;
    let mut looks = 0;
    while client.server(14).await["status"] == "booting" {
        looks += 1;
        tokio::time::sleep(Duration::from_secs(600)).await;
    }
    assert_eq!(looks, 6);
}

#[tokio::test]
async fn credentials_contain_the_address_of_each_provider() {
    fn is_shared<T: Clone + Send + Sync>(_: &T) {}
    let simulator = Simulator::start().await.unwrap();
    is_shared(&simulator);
    let credentials = simulator.credentials();
    for account in &credentials {
        assert_eq!(account.url, format!("http://{}/{}", simulator.address(), account.name));
        assert!(!account.secret.is_empty());
    }
    let served: BTreeSet<_> = routes().into_iter().map(|(provider, _)| provider).collect();
    assert_eq!(credentials.iter().map(|account| account.name).collect::<BTreeSet<_>>(), served);
}

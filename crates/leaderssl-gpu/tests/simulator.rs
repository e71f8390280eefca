//! Tests of behaviour that spans several calls, run against the simulator.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use std::time::Duration;

use hostkit_simulator::{Boot, Fault, Simulator};
use http_core::RetryPolicy;
use http_core::client::Method;
use leaderssl_gpu::{Client, NewOrder, Os, Product, Server, ServerStatus};

async fn start() -> (Simulator, Client) {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let client = client(&simulator);
    (simulator, client)
}

fn client(simulator: &Simulator) -> Client {
    let account = simulator.leaderssl();
    let builder = Client::builder(&account.login, account.password.as_str()).base_url(&account.base_url);
    builder.no_proxy().build().unwrap()
}

async fn free_product(client: &Client) -> Product {
    let products = client.products().list().await.unwrap();
    products.into_iter().find(Product::is_free_now).unwrap()
}

/// Orders an available GPU server and returns it, ready to be started.
async fn order(client: &Client) -> Server {
    let product = free_product(client).await;
    let before = client.servers().list().await.unwrap();
    client.orders().create(NewOrder::new(product.id, Os::Ubuntu, 1)).await.unwrap();
    let after = client.servers().list().await.unwrap();
    after.into_iter().find(|server| before.iter().all(|old| old.id != server.id)).unwrap()
}

#[tokio::test]
async fn a_server_is_ordered_started_suspended_resumed_and_stopped() {
    let (_simulator, client) = start().await;
    let servers = client.servers();
    let server = order(&client).await;
    assert!(server.can_start() && !server.can_stop());
    servers.start(server.id).await.unwrap();
    let server = servers.wait(server.id).until(Server::is_running).await.unwrap();
    assert!(server.address().is_some() && server.can_suspend());
    servers.suspend(server.id).await.unwrap();
    let server = servers.wait(server.id).until(Server::can_resume).await.unwrap();
    servers.resume(server.id).await.unwrap();
    let server = servers.wait(server.id).until(Server::can_stop).await.unwrap();
    servers.stop(server.id).await.unwrap();
    servers.wait(server.id).until(Server::can_start).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_slow_boot_is_waited_for() {
    let (simulator, client) = start().await;
    simulator.set_boot(Boot::AfterReads(3));
    let server = order(&client).await;
    client.servers().start(server.id).await.unwrap();
    let mut states = client.servers().wait(server.id).until(Server::can_stop).states();
    let mut seen = Vec::new();
    while let Some(state) = states.next().await {
        seen.push(state.unwrap().status);
    }
    assert_eq!(seen.last(), Some(&ServerStatus::Up));
    assert!(seen.contains(&ServerStatus::Booting), "{seen:?}");
}

#[tokio::test]
async fn an_action_whose_precondition_fails_is_a_conflict() {
    let (simulator, client) = start().await;
    let server = order(&client).await;
    for status in [200, 422] {
        simulator.leaderssl().set_failure_status(status);
        let servers = client.servers();
        for call in [servers.stop(server.id), servers.suspend(server.id), servers.resume(server.id)] {
            let error = call.await.unwrap_err();
            assert_eq!(error.status().unwrap().as_u16(), status);
            assert!(error.is_conflict() || status == 422, "{error:?}");
            assert!(!error.is_outcome_unknown());
        }
    }
}

#[tokio::test]
async fn concurrent_calls_sign_in_only_once() {
    let (simulator, client) = start().await;
    let calls: Vec<_> = (0..8).map(|_| tokio::spawn(client.products().list().into_future())).collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(simulator.count("auth.sign_in"), 1);
}

#[tokio::test]
async fn an_expired_session_is_renewed_once_for_all_calls() {
    let (simulator, client) = start().await;
    client.products().list().await.unwrap();
    simulator.leaderssl().expire_sessions();
    let calls: Vec<_> = (0..8).map(|_| tokio::spawn(client.products().list().into_future())).collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(simulator.count("auth.sign_in"), 2);
}

#[tokio::test]
async fn an_order_with_an_expired_session_is_sent_again_after_signing_in() {
    let (simulator, client) = start().await;
    let product = free_product(&client).await;
    simulator.leaderssl().expire_sessions();
    client.orders().create(NewOrder::new(product.id, Os::Ubuntu, 1)).await.unwrap();
    assert_eq!((simulator.count("auth.sign_in"), simulator.count("order.create")), (2, 2));
}

#[tokio::test]
async fn a_rejected_order_is_not_repeated_and_does_not_sign_in_again() {
    let (simulator, client) = start().await;
    let product = free_product(&client).await;
    let order = || client.orders().create(NewOrder::new(product.id, Os::from("plan9"), 1));
    assert!(order().await.unwrap_err().is_invalid_argument());
    // The same error, worded like a missing session: only a check of the session shows the actual cause.
    simulator.fail("order.create", Fault::response(401, r#"{"error": "No"}"#));
    order().await.unwrap_err();
    assert_eq!((simulator.count("auth.sign_in"), simulator.count("order.create")), (1, 2));
}

#[tokio::test]
async fn wrong_credentials_are_sent_once_and_reported_as_unauthorized() {
    let (simulator, _) = start().await;
    let account = simulator.leaderssl();
    let client = Client::builder(&account.login, "wrong").base_url(&account.base_url).build().unwrap();
    let error = client.products().list().await.unwrap_err();
    assert!(error.is_unauthorized(), "{error:?}");
    assert_eq!((simulator.count("auth.sign_in"), simulator.count("product.list")), (1, 0));
}

#[tokio::test]
async fn a_token_of_another_client_works_until_it_expires() {
    let (simulator, client) = start().await;
    let account = simulator.leaderssl();
    let session = client.auth().sign_in(&account.login, account.password.as_str()).await.unwrap();
    let other =
        Client::token_builder(session.id, session.auth_token).base_url(&account.base_url).build().unwrap();
    other.servers().list().await.unwrap();
    account.expire_sessions();
    assert!(other.servers().list().await.unwrap_err().is_unauthorized());
    assert_eq!(simulator.count("auth.sign_in"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_order_whose_response_is_lost_is_not_sent_twice() {
    let (simulator, client) = start().await;
    let product = free_product(&client).await;
    for fault in [Fault::ResetAfter, Fault::TruncatedBody, Fault::HtmlAfter(504)] {
        simulator.clear_requests();
        simulator.fail("order.create", fault.clone());
        let before = client.servers().list().await.unwrap().len();
        let error = client.orders().create(NewOrder::new(product.id, Os::Ubuntu, 1)).await.unwrap_err();
        assert!(error.is_outcome_unknown(), "{error:?}");
        assert!(error.to_string().contains("servers().list()"), "{error}");
        assert_eq!(simulator.count("order.create"), 1, "{fault:?}");
        assert_eq!(client.servers().list().await.unwrap().len(), before + 1, "the order was placed");
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_survives_an_outage() {
    let (simulator, client) = start().await;
    simulator.fail("server.list", [Fault::retry_after(503, "2"), Fault::Html(502), Fault::Nothing]);
    client.servers().list().await.unwrap();
    assert_eq!(simulator.count("server.list"), 3);
}

#[tokio::test]
async fn an_order_can_be_requested_by_its_alternative_path() {
    let (_simulator, client) = start().await;
    let product = free_product(&client).await;
    let body = serde_json::json!({"nomenclature_id": product.id, "os": "ubuntu", "period_count": 1});
    let order: serde_json::Value = client
        .request(Method::Post, "/api/v1/users/{user_id}/servers/order")
        .json_body(&body)
        .json()
        .await
        .unwrap();
    assert!(order["order_id"].is_u64(), "{order}");
}

#[tokio::test]
async fn a_challenge_page_is_recognized() {
    let (simulator, client) = start().await;
    client.products().list().await.unwrap();
    simulator.fail("product.list", Fault::Challenge);
    assert!(client.products().list().await.unwrap_err().is_challenge());
}

#[tokio::test]
async fn an_order_of_zero_periods_is_not_sent() {
    let (simulator, client) = start().await;
    let product = free_product(&client).await;
    let error = client.orders().create(NewOrder::new(product.id, Os::Ubuntu, 0)).await.unwrap_err();
    assert!(error.is_invalid_argument() && !error.may_have_been_sent());
    assert_eq!(simulator.count("order.create"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_response_without_a_list_does_not_mean_that_a_server_is_gone() {
    let (simulator, client) = start().await;
    let server = order(&client).await;
    for body in ["", "null", " ", "{}", "true"] {
        simulator.fail("server.list", Fault::response(200, body)).standing();
        let error = client.servers().get(server.id).await.unwrap_err();
        assert!(!error.is_not_found(), "{body:?}: {error}");
        simulator.clear_faults();
        simulator.fail("server.list", [Fault::response(200, body), Fault::response(200, body)]);
        let wait = client.servers().wait(server.id).until(Server::can_start);
        assert_eq!(wait.await.unwrap().id, server.id, "{body:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_five_lists_without_a_server_end_a_wait_for_it() {
    let (simulator, client) = start().await;
    let server = order(&client).await;
    let thin = format!(r#"[{{"id": {}}}]"#, server.id);
    let seen = Fault::Nothing;
    for list in ["[]", r#"[{"id": 7}]"#, r#"[{"id": 7, "status": "up"}]"#, &thin] {
        let odd = |count| vec![Fault::response(200, list.to_owned()); count];
        for looks in [odd(4), [vec![seen.clone()], odd(4)].concat()] {
            let plan = simulator.fail("server.list", looks);
            let wait =
                client.servers().wait(server.id).until(|server| server.can_start() && !server.ip.is_empty());
            assert_eq!(wait.await.unwrap().id, server.id, "{list}");
            plan.end();
        }
        if list == thin {
            continue;
        }
        for (looks, max) in [(odd(60), 5), ([vec![seen.clone()], odd(60)].concat(), 7)] {
            let plan = simulator.fail("server.list", looks.clone());
            let wait = client.servers().wait(server.id).until(Server::can_stop).max_failed_polls(max);
            let ended = wait.timeout(Duration::from_secs(3_600)).await.unwrap_err();
            assert!(ended.error().is_not_found(), "{list}: {ended}");
            assert!(ended.to_string().contains(&format!("{max} times in a row")), "{list}: {ended}");
            assert_eq!(ended.last().is_some(), looks[0] == seen, "{list}");
            plan.end();
        }
    }
}

#[tokio::test]
async fn an_unknown_server_is_not_found() {
    let (_simulator, client) = start().await;
    let id = leaderssl_gpu::ServerId::new(u64::MAX);
    assert!(client.servers().get(id).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn no_secret_appears_in_debug_or_serialized_output() {
    let (simulator, client) = start().await;
    let account = simulator.leaderssl();
    let session = client.auth().sign_in(&account.login, account.password.as_str()).await.unwrap();
    let server = order(&client).await;
    let product = free_product(&client).await;
    let placed = client.orders().create(NewOrder::new(product.id, Os::Ubuntu, 1)).retry(RetryPolicy::never());
    let placed = placed.await.unwrap();
    let words = [
        format!("{client:?} {session:?} {server:?} {placed:?}"),
        serde_json::to_string(&(&session, &server, &placed)).unwrap(),
    ]
    .concat();
    let sent: Vec<_> = simulator.requests();
    let raw: serde_json::Value = client
        .request(Method::Get, "/api/v1/users/{user_id}/servers")
        .json()
        .timeout(Duration::from_secs(5))
        .await
        .unwrap();
    let token = raw[0]["token"].as_str().unwrap();
    for request in &sent {
        assert!(!request.path.contains(account.password.as_str()) && request.query.is_empty(), "{request:?}");
    }
    let auth = sent.iter().rev().find_map(|request| request.headers.get("x-auth-token")).unwrap();
    for secret in [account.password.as_str(), token, auth.to_str().unwrap()] {
        assert!(secret.len() > 5 && !words.contains(secret), "{secret} is shown");
    }
}

#[tokio::test]
async fn a_rejected_order_by_the_alternative_path_is_not_repeated() {
    let (simulator, client) = start().await;
    let path = "/api/v1/users/{user_id}/servers/order";
    let body = serde_json::json!({"nomenclature_id": 1, "os": "plan9", "period_count": 1});
    let order = || client.request(Method::Post, path).json_body(&body).json::<serde_json::Value>();
    assert!(order().await.unwrap_err().is_invalid_argument());
    simulator.fail("order.create", Fault::response(401, r#"{"error": "No"}"#));
    order().await.unwrap_err();
    assert_eq!((simulator.count("auth.sign_in"), simulator.count("order.create")), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn a_failed_sign_in_is_not_reported_as_a_failed_order() {
    let (simulator, client) = start().await;
    simulator.fail("auth.sign_in", Fault::status(503)).standing();
    let order = NewOrder::new(leaderssl_gpu::ProductId::new(1), Os::Ubuntu, 1);
    let error = client.orders().create(order).await.unwrap_err();
    assert!(!error.may_have_been_sent() && !error.is_outcome_unknown(), "{error:?}");
    assert_eq!(simulator.count("order.create"), 0);
}

#[tokio::test]
async fn a_row_that_cannot_be_decoded_does_not_hide_another_server() {
    let (simulator, client) = start().await;
    let list = r#"[{"id": "one"}, {"id": 2, "status": "up"}]"#;
    simulator.fail("server.list", Fault::response(200, list)).times(2);
    assert!(client.servers().get(leaderssl_gpu::ServerId::new(2)).await.unwrap().can_stop());
    let error = client.servers().get(leaderssl_gpu::ServerId::new(1)).await.unwrap_err();
    assert_eq!(error.kind(), http_core::ErrorKind::Decode);
}

#[tokio::test]
async fn an_action_whose_response_is_a_web_page_may_have_happened() {
    let (simulator, client) = start().await;
    let server = order(&client).await;
    simulator.fail("server.start", Fault::Html(200));
    assert!(client.servers().start(server.id).await.unwrap_err().is_outcome_unknown());
}

#[tokio::test(start_paused = true)]
async fn a_failed_sign_in_does_not_hide_an_earlier_attempt_that_was_sent() {
    let (simulator, client) = start().await;
    let server = order(&client).await;
    simulator.fail("server.start", [Fault::ResetAfter, Fault::response(401, r#"{"error": "No session"}"#)]);
    simulator.fail("auth.sign_in", Fault::status(503)).standing();
    simulator.fail("server.list", Fault::status(404)).standing();
    let error = client.servers().start(server.id).await.unwrap_err();
    assert!(error.is_outcome_unknown() && error.may_have_been_sent(), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_stopped_server_counts_as_stopped_while_others_use_its_hardware() {
    for status in ["available", "queued", "busy"] {
        let (simulator, client) = start().await;
        let server = order(&client).await;
        let list = client.servers().list().raw().await.unwrap();
        let list = String::from_utf8_lossy(list.body()).replace("\"available\"", &format!("\"{status}\""));
        client.servers().start_and_wait(server.id).await.unwrap();
        // The response to the stop request is lost, the second request is rejected, and every poll returns this status.
        simulator.fail("server.stop", Fault::ResetAfter);
        simulator.fail("server.list", Fault::response(200, list)).standing();
        let stopped = client.servers().stop_and_wait(server.id).await.unwrap();
        assert!(stopped.is_stopped() && stopped.status.as_str() == status, "{stopped:?}");
    }
}

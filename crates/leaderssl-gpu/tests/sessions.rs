//! Tests how the client signs in and interprets status 401.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use std::time::Duration;

use hostkit_simulator::{Fault, Simulator};
use http_core::http::Response;
use http_core::{Error, ErrorKind};
use leaderssl_gpu::{Client, NewOrder, Os, PlacedOrder, Product, ProductId};

async fn start() -> (Simulator, Client) {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let password = simulator.leaderssl().password.clone();
    let client = client(&simulator, &password);
    (simulator, client)
}

fn client(simulator: &Simulator, password: &str) -> Client {
    let account = simulator.leaderssl();
    Client::builder(&account.login, password).base_url(&account.base_url).no_proxy().build().unwrap()
}

fn refused() -> Fault {
    Fault::response(401, r#"{"error": "No"}"#)
}

async fn order(client: &Client) -> Result<PlacedOrder, Error> {
    client.orders().create(NewOrder::new(ProductId::new(1), Os::Ubuntu, 1)).await
}

/// Sends calls at the same time, and returns how many of them fail because of the credentials.
async fn unauthorized(client: &Client, calls: usize) -> usize {
    let calls: Vec<_> = (0..calls).map(|_| tokio::spawn(client.products().list().into_future())).collect();
    let mut refused = 0;
    for call in calls {
        refused += usize::from(call.await.unwrap().unwrap_err().is_unauthorized());
    }
    refused
}

#[tokio::test(start_paused = true)]
async fn an_unusable_token_is_an_error_and_is_not_kept() {
    let (simulator, client) = start().await;
    for session in [
        r#"{"id": 1, "auth_token": ""}"#,
        r#"{"id": 1, "auth_token": null}"#,
        r#"{"id": 1, "auth_token": "a\nb"}"#,
        r#"{"id": 1, "auth_token": {"token": "x"}}"#,
        r#"{"id": 1}"#,
    ] {
        simulator.fail("auth.sign_in", Fault::response(200, session)).times(2);
        let error = client.products().list().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{session} {error}");
        assert!(!error.may_have_been_sent() && error.to_string().contains("auth_token"), "{error}");
        let error = client.auth().sign_in("me", "password").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{session} {error}");
        tokio::time::advance(Duration::from_secs(61)).await;
    }
    client.products().list().await.unwrap();
}

#[tokio::test]
async fn a_client_cannot_be_built_with_credentials_that_cannot_be_sent() {
    for token in ["", "a\nb"] {
        let error = Client::with_token(1.into(), token).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{token:?}");
    }
    for (login, password) in [("", "password"), ("me", ""), ("", "")] {
        let error = Client::builder(login, password).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{login:?} {password:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn many_tasks_send_a_wrong_password_only_once_a_minute() {
    let (simulator, _) = start().await;
    let client = client(&simulator, "wrong");
    assert_eq!(unauthorized(&client, 200).await, 200);
    assert_eq!(unauthorized(&client, 3).await, 3);
    assert_eq!(simulator.count("auth.sign_in"), 1);
    tokio::time::advance(Duration::from_secs(61)).await;
    assert_eq!(unauthorized(&client, 3).await, 3);
    assert_eq!((simulator.count("auth.sign_in"), simulator.count("product.list")), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn every_definite_rejection_of_a_sign_in_is_kept_for_a_minute() {
    for (fault, remembered) in [
        (Fault::status(403), true),
        (Fault::status(404), true),
        (Fault::status(422), true),
        (Fault::response(200, r#"{"success": false, "error": "Account locked"}"#), true),
        (Fault::response(200, r#"{"id": 1}"#), true),
        (Fault::response(200, r#"{"id": 1, "auth_token": ""}"#), true),
        (Fault::response(401, "<html><title>Sign in</title></html>"), true),
        (Fault::Html(200), false),
        (Fault::Html(403), false),
        (Fault::Html(404), false),
        (Fault::Challenge, false),
        (Fault::response(200, ""), false),
        (Fault::response(200, "[]"), false),
        (Fault::response(403, "Forbidden"), false),
        (Fault::response(302, ""), false),
        (Fault::status(503), false),
        (Fault::ResetAfter, false),
    ] {
        let (simulator, client) = start().await;
        simulator.fail("auth.sign_in", fault.clone()).standing();
        for _ in 0..5 {
            client.products().list().await.unwrap_err();
        }
        let sign_ins = simulator.count("auth.sign_in");
        assert_eq!(sign_ins == 1, remembered, "{fault:?}: {sign_ins}");
        tokio::time::advance(Duration::from_secs(61)).await;
        client.products().list().await.unwrap_err();
        assert!(simulator.count("auth.sign_in") > sign_ins, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn new_sessions_that_do_not_help_are_not_replaced_for_a_minute() {
    // The provider always rejects one operation, the check of the session ends in any way, and another one works.
    let probes = [refused(), Fault::status(403), Fault::status(503), Fault::Html(200)];
    for (rejected, probe) in
        probes.iter().map(|probe| ("product.list", probe)).chain([("server.list", &refused())])
    {
        let (simulator, client) = start().await;
        client.products().list().await.unwrap();
        simulator.fail("server.list", probe.clone()).standing();
        simulator.fail(rejected, refused()).standing();
        for _ in 0..9 {
            let products = client.products().list().await;
            let servers = client.servers().list().await;
            let rejected = if rejected == "product.list" { products.map(drop) } else { servers.map(drop) };
            assert!(rejected.unwrap_err().is_unauthorized(), "{probe:?}");
        }
        let sign_ins = simulator.count("auth.sign_in");
        assert!(sign_ins <= 4, "{rejected} {probe:?}: {sign_ins}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_another_program_ends_is_renewed_three_times_in_a_row() {
    let (simulator, client) = start().await;
    client.products().list().await.unwrap();
    let ended = async || {
        simulator.fail("product.list", refused());
        simulator.fail("server.list", refused());
        client.products().list().await
    };
    for sign_ins in 2..=4 {
        ended().await.unwrap();
        assert_eq!(simulator.count("auth.sign_in"), sign_ins);
    }
    assert!(ended().await.unwrap_err().is_unauthorized());
    assert_eq!(simulator.count("auth.sign_in"), 4);
    tokio::time::advance(Duration::from_secs(61)).await;
    ended().await.unwrap();
    ended().await.unwrap();
    assert_eq!(simulator.count("auth.sign_in"), 6);
}

#[tokio::test(start_paused = true)]
async fn a_read_gets_a_new_session_even_if_the_old_one_cannot_be_checked() {
    let (simulator, client) = start().await;
    client.products().list().await.unwrap();
    simulator.fail("server.list", Fault::status(503)).standing();
    simulator.fail("product.list", refused());
    client.products().list().await.unwrap();
    assert_eq!(simulator.count("auth.sign_in"), 2);
}

#[tokio::test(start_paused = true)]
async fn calls_that_differ_in_effect_share_a_renewal() {
    let (simulator, client) = start().await;
    let products = client.products().list().await.unwrap();
    let product = products.into_iter().find(Product::is_free_now).unwrap().id;
    simulator.leaderssl().expire_sessions();
    let order = client.orders().create(NewOrder::new(product, Os::Ubuntu, 1));
    let (read, change) = tokio::join!(client.products().list().into_future(), order.into_future());
    assert!(read.is_ok() && change.is_ok(), "{read:?} {change:?}");
    assert_eq!(simulator.count("auth.sign_in"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_ends_even_if_the_call_that_started_it_times_out() {
    let (simulator, client) = start().await;
    simulator.set_latency(Duration::from_millis(1500));
    let short = || client.products().list().timeout(Duration::from_secs(1));
    for _ in 0..3 {
        assert!(short().await.unwrap_err().is_timeout());
    }
    client.products().list().await.unwrap();
    assert_eq!(simulator.count("auth.sign_in"), 1);
}

#[tokio::test(start_paused = true)]
async fn tasks_that_wait_for_a_sign_in_share_its_failure_and_later_ones_do_not() {
    let (simulator, client) = start().await;
    simulator.fail("auth.sign_in", Fault::status(503)).times(4);
    assert_eq!(unauthorized(&client, 200).await, 0);
    assert_eq!(simulator.count("auth.sign_in"), 4, "only one call signs in, with four attempts");
    client.products().list().await.unwrap();
}

#[tokio::test]
async fn a_rejected_account_does_not_sign_in_for_every_call() {
    let (simulator, client) = start().await;
    for operation in ["product.list", "server.list", "order.create"] {
        simulator.fail(operation, refused()).standing();
    }
    for _ in 0..10 {
        assert!(client.products().list().await.unwrap_err().is_unauthorized());
        assert!(client.servers().list().await.unwrap_err().is_unauthorized());
        assert!(order(&client).await.unwrap_err().is_unauthorized());
    }
    assert_eq!(simulator.count("auth.sign_in"), 1);
}

#[tokio::test]
async fn status_401_with_a_valid_session_is_about_the_request() {
    let (simulator, client) = start().await;
    let words = "Total must be more than 10 EUR";
    for times in 1..3 {
        simulator.fail("order.create", Fault::response(401, format!(r#"{{"error": "{words}"}}"#)));
        let error = order(&client).await.unwrap_err();
        assert!(error.is_invalid_argument() && !error.is_unauthorized(), "{error:?}");
        assert!(error.message() == words && error.may_have_been_sent(), "{error}");
        assert!(!error.to_string().contains("session"), "{error}");
        simulator.fail("product.list", refused());
        let error = client.products().list().await.unwrap_err();
        assert!(error.is_forbidden() && !error.is_unauthorized(), "{error:?}");
        assert_eq!((simulator.count("auth.sign_in"), simulator.count("order.create")), (1, times));
    }
}

#[tokio::test]
async fn a_client_with_a_given_token_also_interprets_status_401() {
    let (simulator, client) = start().await;
    let account = simulator.leaderssl();
    let session = client.auth().sign_in(&account.login, account.password.as_str()).await.unwrap();
    let other = Client::token_builder(session.id, session.auth_token).base_url(&account.base_url);
    let other = other.no_proxy().build().unwrap();
    simulator.fail("order.create", refused());
    assert!(order(&other).await.unwrap_err().is_invalid_argument());
    account.expire_sessions();
    assert!(order(&other).await.unwrap_err().is_unauthorized());
}

#[tokio::test(start_paused = true)]
async fn a_failed_probe_leaves_the_error_response_unchanged() {
    let (simulator, client) = start().await;
    client.products().list().await.unwrap();
    for fault in
        [Fault::status(503), Fault::Html(200), Fault::ResetAfter, Fault::Challenge, Fault::status(404)]
    {
        simulator.fail("server.list", fault.clone()).standing();
        simulator
            .fail("order.create", Fault::response(401, r#"{"error": "Total must be more than 10 EUR"}"#));
        let error = order(&client).await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains("Total must be") && !text.contains("signing in"), "{fault:?}: {error}");
        assert_eq!(error.status().map(|status| status.as_u16()), Some(401), "{fault:?}: {error}");
        assert!(error.may_have_been_sent() && !error.is_outcome_unknown(), "{fault:?}: {error}");
        simulator.clear_faults();
    }
    assert_eq!(simulator.count("auth.sign_in"), 1);
}

/// Only a list shows that the provider accepts the session. Anything else may come from a proxy.
#[tokio::test(start_paused = true)]
async fn only_a_list_of_servers_shows_that_a_session_is_valid() {
    for (probe, is_valid) in [
        ("[]", true),
        (r#"[{"id": 1}]"#, true),
        ("null", false),
        ("{}", false),
        (r#""""#, false),
        ("true", false),
        ("0", false),
        (r#"{"message": "welcome"}"#, false),
        ("", false),
    ] {
        let (simulator, client) = start().await;
        client.products().list().await.unwrap();
        simulator.fail("server.list", Fault::response(200, probe)).standing();
        simulator.fail("order.create", refused());
        let error = order(&client).await.unwrap_err();
        assert_eq!(
            (error.is_invalid_argument(), error.is_unauthorized()),
            (is_valid, !is_valid),
            "{probe}: {error}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn no_failed_sign_in_shows_the_old_session() {
    let (simulator, client) = start().await;
    let account = simulator.leaderssl();
    client.products().list().await.unwrap();
    let request = simulator.requests().into_iter().rfind(|request| request.operation == Some("product.list"));
    let token = request.unwrap().headers["x-auth-token"].to_str().unwrap().to_owned();
    account.expire_sessions();
    for status in [401, 403, 422] {
        simulator
            .fail("auth.sign_in", Fault::response(status, format!(r#"{{"error": "bad session {token}"}}"#)))
            .standing();
        let error = order(&client).await.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains("signing in again failed") && !text.contains(&token[..9]), "{status}: {text}");
        simulator.clear_faults();
        tokio::time::advance(Duration::from_secs(61)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_response_to_a_request_of_an_earlier_session_shows_no_token() {
    let (simulator, client) = start().await;
    client.products().list().await.unwrap();
    let prepared = client.products().list();
    let token = prepared.prepare().unwrap().headers()["x-auth-token"].to_str().unwrap().to_owned();
    for renewals in 0..=3 {
        for (status, body) in [(401, r#"{"error": "TOKEN"}"#), (200, "TOKEN"), (200, r#"[{"id": "TOKEN"}]"#)]
        {
            let response = Response::builder().status(status);
            let response = response.body(body.replace("TOKEN", &format!("no {token}")).into()).unwrap();
            let error = client.products().list().finish(response).unwrap_err();
            let text = format!("{error} {error:?}");
            assert!(!text.contains(&token[..9]), "{renewals}: {text}");
        }
        tokio::time::advance(Duration::from_secs(61)).await;
        simulator.leaderssl().expire_sessions();
        client.products().list().await.unwrap();
        assert_eq!(simulator.count("auth.sign_in"), renewals + 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_sign_in_does_not_replace_the_first_error() {
    let (simulator, client) = start().await;
    client.products().list().await.unwrap();
    simulator.leaderssl().expire_sessions();
    simulator.fail("auth.sign_in", Fault::status(503)).standing();
    let error = order(&client).await.unwrap_err();
    assert!(
        error.is_unauthorized() && error.may_have_been_sent() && !error.is_outcome_unknown(),
        "{error:?}"
    );
    assert!(error.to_string().contains("signing in again failed: "), "{error}");
    // For a read, only the reason matters. The failed sign-in is temporary, so a wait would continue.
    for status in [503, 429] {
        simulator.clear_faults();
        simulator.fail("auth.sign_in", Fault::status(status)).standing();
        let error = client.servers().list().await.unwrap_err();
        assert!(error.is_retryable() && error.may_have_been_sent(), "{error:?}");
        assert_eq!(error.attempts(), 1, "the sign-in has attempts of its own: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_attempts_before_and_after_a_renewal_are_counted_together() {
    let (simulator, client) = start().await;
    client.products().list().await.unwrap();
    simulator.leaderssl().expire_sessions();
    simulator.fail("server.start", [refused(), Fault::status(404)]);
    let error = client.servers().start(1.into()).await.unwrap_err();
    assert_eq!((simulator.count("server.start"), error.attempts()), (2, 2), "{error}");

    let (simulator, client) = start().await;
    simulator.fail("auth.sign_in", Fault::status(503)).standing();
    let error = client.servers().list().await.unwrap_err();
    assert_eq!((simulator.count("auth.sign_in"), error.attempts()), (4, 0), "{error}");
    assert!(!error.may_have_been_sent());
}

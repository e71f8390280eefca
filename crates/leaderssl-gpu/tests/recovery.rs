//! Tests of orders and actions whose response is lost.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use std::time::Duration;

use hostkit_simulator::{Fault, Simulator};
use leaderssl_gpu::recovery::Certainty;
use leaderssl_gpu::{Client, NewOrder, Os, Product};

fn client(simulator: &Simulator) -> Client {
    let account = simulator.leaderssl();
    let builder = Client::builder(&account.login, account.password.as_str()).base_url(&account.base_url);
    builder.no_proxy().build().unwrap()
}

async fn start() -> (Simulator, Client, NewOrder) {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let client = client(&simulator);
    let products = client.products().list().await.unwrap();
    let product = products.into_iter().find(Product::is_free_now).unwrap().id;
    (simulator, client, NewOrder::new(product, Os::Ubuntu, 1))
}

#[tokio::test(start_paused = true)]
async fn a_program_killed_at_any_point_buys_once_and_finds_the_result() {
    let (mut runs, mut bought_in_all) = (0, 0);
    for (kill, fault) in hostkit_doctest::faults() {
        // The future is dropped after this number of milliseconds; with `None`, it is awaited.
        for dropped in [None, Some(0), Some(5), Some(500), Some(20_000)] {
            let (simulator, client, new) = start().await;
            let before: Vec<_> =
                client.servers().list().await.unwrap().iter().map(|server| server.id).collect();
            simulator.fail("order.create", fault.clone());
            let noted = client.orders().create(new).recover().note().await.unwrap();
            let ticket = serde_json::to_string(noted.ticket()).unwrap();
            let result = match dropped {
                None => noted.await,
                Some(millis) => {
                    if let Ok(result) =
                        tokio::time::timeout(Duration::from_millis(millis), noted.into_future()).await
                    {
                        result
                    } else {
                        // Acts as another process that has the stored ticket.
                        let next = self::client(&simulator);
                        next.orders().find_created(&serde_json::from_str(&ticket).unwrap()).await
                    }
                }
            };
            let case = format!("{kill}, dropped after {dropped:?}");
            let bought = simulator.books().created("leaderssl-gpu/server");
            assert!(bought <= 1, "{case}: bought twice");
            let now = client.servers().list().await.unwrap();
            let new = now.into_iter().find(|server| !before.contains(&server.id)).map(|server| server.id);
            match result {
                Ok(created) => {
                    assert_eq!((created.value.server.unwrap().id, bought), (new.unwrap(), 1), "{case}");
                }
                Err(error) => assert_eq!((new, bought), (None, 0), "{case}: {error}"),
            }
            (runs, bought_in_all) = (runs + 1, bought_in_all + bought);
        }
    }
    println!("{runs} runs, {bought_in_all} servers bought, all of them found");
    assert_eq!(runs, 60);
}

#[tokio::test(start_paused = true)]
async fn a_confirmed_order_keeps_its_id_even_without_a_server() {
    let (simulator, client, new) = start().await;
    let created = client.orders().create(new.clone()).recover().await.unwrap();
    assert!(created.value.order.is_some() && created.value.server.is_some());
    simulator.leaderssl().set_awaits_payment(true);
    let created = client.orders().create(new.clone()).recover().await.unwrap();
    assert!(created.value.order.is_some() && created.value.server.is_none());
    assert_eq!(created.certainty, Certainty::Confirmed);
    simulator.fail("order.create", Fault::ResetAfter);
    let error = client.orders().create(new).recover().await.unwrap_err();
    assert!(error.is_outcome_unknown() && error.candidates().is_empty(), "{error}");
    assert!(error.to_string().contains("it may still appear"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_action_whose_response_is_lost_is_confirmed_by_the_state() {
    let (simulator, client, new) = start().await;
    let servers = client.servers();
    let server = client.orders().create(new).recover().await.unwrap().value.server.unwrap();
    for name in ["server.start", "server.suspend", "server.resume", "server.stop"] {
        simulator.fail(name, Fault::ResetAfter);
    }
    servers.start_and_wait(server.id).await.unwrap();
    servers.suspend(server.id).await.unwrap();
    servers.resume(server.id).await.unwrap();
    servers.stop_and_wait(server.id).await.unwrap();
    assert_eq!(simulator.count("server.stop"), 2, "the second stop was rejected, and the state showed why");

    simulator.fail("server.start", [Fault::ResetBefore, Fault::response(422, r#"{"success": "false"}"#)]);
    let error = servers.start(server.id).await.unwrap_err();
    assert!(error.is_outcome_unknown() && error.to_string().contains("servers().get(..)"), "{error}");
}

//! Tests of `while_running` against the simulator.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use std::time::Duration;

use hostkit_simulator::{Boot, Fault, Simulator};
use leaderssl_gpu::rental::{RentalError, settled};
use leaderssl_gpu::{Client, NewOrder, Os, Product, Server, ServerId, ServerStatus};

/// Starts a simulator that has a GPU server ready to be started.
async fn start() -> (Simulator, Client, ServerId) {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let account = simulator.leaderssl();
    let builder = Client::builder(&account.login, account.password.as_str()).base_url(&account.base_url);
    let client = builder.no_proxy().build().unwrap();
    let products = client.products().list().await.unwrap();
    let product = products.into_iter().find(Product::is_free_now).unwrap();
    client.orders().create(NewOrder::new(product.id, Os::Ubuntu, 1)).await.unwrap();
    let id = client.servers().list().await.unwrap().pop().unwrap().id;
    (simulator, client, id)
}

async fn status(client: &Client, id: ServerId) -> ServerStatus {
    client.servers().get(id).await.unwrap().status
}

#[tokio::test(start_paused = true)]
async fn the_server_is_up_during_the_work_and_off_after_it() {
    for boot in [Boot::Immediately, Boot::After(Duration::from_secs(40)), Boot::AfterReads(3)] {
        let (simulator, client, id) = start().await;
        simulator.set_boot(boot);
        let worked = client.servers().while_running(id, async |server: &Server| {
            assert_eq!(server.status, ServerStatus::Up);
            Ok::<_, String>(7)
        });
        assert_eq!(worked.await.unwrap(), 7);
        assert_eq!(status(&client, id).await, ServerStatus::Available);
        let failed = client.servers().while_running(id, async |_: &Server| Err::<(), _>("no"));
        assert!(matches!(failed.await, Err(RentalError::Work("no"))));
        assert_eq!(status(&client, id).await, ServerStatus::Available);
    }
}

#[tokio::test(start_paused = true)]
async fn lost_responses_leave_nothing_running() {
    for (action, faults) in [
        ("server.start", vec![Fault::ResetAfter]),
        ("server.start", vec![Fault::ResetAfter; 4]),
        ("server.start", vec![Fault::HtmlAfter(504); 4]),
        ("server.start", vec![Fault::HtmlAfter(403)]),
        ("server.start", vec![Fault::HtmlAfter(409)]),
        ("server.stop", vec![Fault::ResetAfter]),
        ("server.stop", vec![Fault::ResetAfter; 4]),
        ("server.stop", vec![Fault::status(500); 9]),
        ("server.stop", vec![Fault::Html(404)]),
        ("server.stop", vec![Fault::HtmlAfter(409)]),
        ("server.list", vec![Fault::Html(200); 3]),
    ] {
        let (simulator, client, id) = start().await;
        simulator.fail(action, faults.clone());
        let worked = client.servers().while_running(id, async |_: &Server| Ok::<_, String>(7)).await;
        assert_eq!(worked.unwrap(), 7, "{action} {faults:?}");
        assert_eq!(status(&client, id).await, ServerStatus::Available, "{action} {faults:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_queued_server_is_started_when_its_hardware_is_free() {
    let (simulator, client, _) = start().await;
    let servers = client.servers();
    let id = servers.list().await.unwrap().into_iter().find(|server| !server.can_start()).unwrap().id;
    let worked = servers.while_running(id, async |_: &Server| Ok::<_, String>(7)).await;
    assert!(
        matches!(&worked, Err(RentalError::Start(error)) if error.to_string().contains("last state: busy")),
        "{worked:?}"
    );
    assert_eq!(simulator.count("server.start"), 0);
    simulator.clock().advance(Duration::from_secs(75 * 60));
    assert!(!servers.get(id).await.unwrap().can_start());
    assert_eq!(servers.while_running(id, async |_: &Server| Ok::<_, String>(7)).await.unwrap(), 7);
    assert_eq!(simulator.count("server.start"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_rejected_start_stops_nothing() {
    let (_simulator, client, id) = start().await;
    client.servers().start(id).await.unwrap();
    let refused = client.servers().while_running(id, async |_: &Server| Ok::<_, String>(7)).await;
    assert!(matches!(refused, Err(RentalError::Start(_))), "{refused:?}");
    assert_eq!(status(&client, id).await, ServerStatus::Up, "the server still runs for someone else");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_come_up_is_stopped() {
    let (simulator, client, id) = start().await;
    simulator.set_boot(Boot::After(Duration::from_secs(45 * 60)));
    let failed = client.servers().while_running(id, async |_: &Server| Ok::<_, String>(7)).await;
    assert!(matches!(failed, Err(RentalError::Start(_))), "{failed:?}");
    assert_eq!(status(&client, id).await, ServerStatus::Available);
}

#[tokio::test]
async fn a_dropped_rental_is_ended_by_the_background_thread() {
    let (_simulator, client, id) = start().await;
    let work = client.servers().while_running(id, async |_: &Server| {
        std::future::pending::<()>().await;
        Ok::<_, String>(())
    });
    {
        let mut work = std::pin::pin!(work);
        // The work never ends, so wait only until it has begun.
        while status(&client, id).await != ServerStatus::Up {
            let _ = tokio::time::timeout(Duration::from_millis(5), work.as_mut()).await;
        }
    }
    assert!(settled(Duration::from_secs(60)).await.is_empty());
    assert_eq!(status(&client, id).await, ServerStatus::Available);
}

#[tokio::test(start_paused = true)]
async fn a_server_left_running_by_a_killed_program_is_stopped_by_its_id() {
    for boot in [Boot::Immediately, Boot::After(Duration::from_secs(90))] {
        let (simulator, client, id) = start().await;
        simulator.set_boot(boot);
        let work = async |_: &Server| std::future::pending::<Result<(), String>>().await;
        let mut running = Box::pin(client.servers().while_running(id, work));
        tokio::time::timeout(Duration::from_secs(30), running.as_mut()).await.unwrap_err();
        // As after SIGKILL, no code of the rental runs any more.
        std::mem::forget(running);
        assert_ne!(status(&client, id).await, ServerStatus::Available);
        for _ in 0..2 {
            client.servers().rental(id).unwrap().end().await.unwrap();
            assert_eq!(status(&client, id).await, ServerStatus::Available);
        }
    }
}

//! Tests of `while_running` against the simulator.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hostkit_simulator::{Boot, Fault, Simulator};
use http_core::ErrorKind;
use leaderssl_gpu::rental::{Rental, RentalError, settle};
use leaderssl_gpu::{Client, NewOrder, Os, Product, Server, ServerId, ServerStatus};
use tokio::runtime::Builder;

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
    let hour = Duration::from_secs(60 * 60);
    for (boot, running) in [(Boot::Immediately, ServerStatus::Up), (Boot::After(hour), ServerStatus::Booting)]
    {
        for faults in [
            vec![],
            vec![Fault::ResetBefore],
            vec![Fault::ResetAfter; 9],
            vec![Fault::status(503); 9],
            vec![Fault::response(500, r#"{"success": "false"}"#); 9],
        ] {
            let (simulator, client, id) = start().await;
            simulator.set_boot(boot);
            client.servers().start(id).await.unwrap();
            simulator.fail("server.start", faults.clone());
            let refused = client.servers().while_running(id, async |_: &Server| Ok::<_, String>(7)).await;
            let Err(RentalError::Start(error)) = refused else { panic!("{faults:?}: {refused:?}") };
            assert!(error.is_conflict() && !error.is_outcome_unknown(), "{faults:?}: {error}");
            assert_eq!(status(&client, id).await, running, "the server still runs for someone else");
            assert_eq!(simulator.count("server.stop"), 0, "{faults:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_come_up_is_stopped() {
    let (simulator, client, id) = start().await;
    simulator.set_boot(Boot::After(Duration::from_secs(45 * 60)));
    let failed = client.servers().while_running(id, async |_: &Server| Ok::<_, String>(7)).await;
    assert!(matches!(failed, Err(RentalError::Start(_))), "{failed:?}");
    assert_eq!(status(&client, id).await, ServerStatus::Available);
}

/// The tests that use the background thread run one after the other, because one of them sets the time.
static ALONE: Mutex<()> = Mutex::new(());

/// Runs a test on the background thread that ends rentals, with its time paused.
fn on_the_background_thread<F>(test: impl Fn() -> F + Send + Sync + 'static)
where
    F: Future<Output = ()> + Send + 'static,
{
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let test = Rental::new("the test", move || {
        tokio::time::pause();
        // The end of a rental needs no permits, but a task does.
        let test = tokio::spawn(test());
        async {
            let tested = test.await;
            tokio::time::resume();
            tested.unwrap();
            Ok(())
        }
    });
    drop(test.unwrap());
    let left = settle(Duration::from_secs(60));
    assert!(left.is_empty(), "{left:?}");
}

/// Ways in which a server boots although the list still shows that it is off.
#[derive(Clone, Copy, Debug)]
enum LateStart {
    /// The provider is still processing the start.
    InFlight,
    /// The response to the start has arrived.
    AfterResponse,
}

impl LateStart {
    const ALL: [Self; 2] = [Self::InFlight, Self::AfterResponse];

    async fn arrange(self, simulator: &Simulator, client: &Client) {
        match self {
            Self::InFlight => {
                simulator.fail("server.start", Fault::SlowProcessing(Duration::from_secs(50)));
            }
            Self::AfterResponse => {
                let off = client.servers().list().raw().await.unwrap().into_body();
                simulator.fail("server.list", vec![Fault::response(200, off); 8]);
            }
        }
    }
}

#[test]
fn the_background_thread_ends_dropped_rentals() {
    on_the_background_thread(async || {
        for late in [None, Some(LateStart::InFlight), Some(LateStart::AfterResponse)] {
            let (simulator, client, id) = start().await;
            if let Some(late) = late {
                late.arrange(&simulator, &client).await;
            }
            let work = client.servers().while_running(id, async |_: &Server| {
                std::future::pending::<()>().await;
                Ok::<_, String>(())
            });
            tokio::time::timeout(Duration::from_secs(1), work).await.unwrap_err();
            assert_eq!(simulator.count("server.start"), 1, "{late:?}");
            tokio::time::sleep(Duration::from_secs(5 * 60)).await;
            assert_eq!(status(&client, id).await, ServerStatus::Available, "{late:?}");
            assert_eq!(simulator.count("server.stop"), 1, "{late:?}");
        }
    });
}

#[test]
fn a_rental_that_is_dropped_before_its_server_starts_stops_nothing() {
    on_the_background_thread(async || {
        for status_code in [429, 401] {
            let (simulator, client, id) = start().await;
            let off = client.servers().list().raw().await.unwrap().into_body();
            if status_code == 429 {
                simulator.fail("server.start", Fault::retry_after(429, "30"));
            } else {
                // The session has expired, so the client signs in again.
                simulator.fail("server.start", Fault::status(401));
                simulator.fail("server.list", vec![Fault::response(200, off), Fault::status(401)]);
                simulator.fail("auth.sign_in", Fault::Latency(Duration::from_secs(50)));
            }
            let rented = client.servers().while_running(id, async |_: &Server| Ok::<_, String>(()));
            tokio::time::timeout(Duration::from_secs(10), rented).await.unwrap_err();
            assert_eq!(simulator.count("server.start"), 1, "{status_code}");
            simulator.clear_faults();
            // Another program starts the server.
            client.servers().start(id).await.unwrap();
            tokio::time::sleep(Duration::from_secs(5 * 60)).await;
            assert_eq!(status(&client, id).await, ServerStatus::Up, "{status_code}");
            assert_eq!(simulator.count("server.stop"), 0, "{status_code}");
        }
    });
}

#[test]
fn a_rental_whose_start_waits_for_a_permit_stops_nothing() {
    on_the_background_thread(async || {
        for is_dropped in [true, false] {
            let (simulator, other, id) = start().await;
            let account = simulator.leaderssl();
            let client = Client::builder(&account.login, account.password.as_str()).concurrency(1);
            let client = client.base_url(&account.base_url).no_proxy().total_timeout(Duration::from_secs(20));
            let client = client.build().unwrap();
            simulator.fail("product.list", Fault::Latency(Duration::from_secs(50)));
            simulator.clear_requests();
            let rented = client.servers().while_running(id, async |_: &Server| Ok::<_, String>(()));
            // This call takes the only permit when the rental has read the server's status. The start would wait for 30
            // seconds longer than its timeout.
            let reading = client.products().list().timeout(Duration::from_secs(60)).into_future();
            let limit = Duration::from_secs(if is_dropped { 10 } else { 60 });
            match tokio::time::timeout(limit, async { tokio::join!(biased; rented, reading).0 }).await {
                Err(_) if is_dropped => {}
                Ok(Err(RentalError::Start(error))) if error.is_timeout() && !is_dropped => {}
                other => panic!("{is_dropped}: {other:?}"),
            }
            assert_eq!((simulator.count("server.list"), simulator.count("product.list")), (1, 1));
            // Another program starts the server.
            other.servers().start(id).await.unwrap();
            tokio::time::sleep(Duration::from_secs(5 * 60)).await;
            assert_eq!(status(&other, id).await, ServerStatus::Up, "{is_dropped}");
            let requests = ["server.start", "server.stop"].map(|it| simulator.count(it));
            assert_eq!(requests, [1, 0], "{is_dropped}");
        }
    });
}

#[test]
fn the_end_of_a_rental_needs_no_permit() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (simulator, id) = runtime.block_on(async {
        let (simulator, client, id) = start().await;
        client.servers().start_and_wait(id).await.unwrap();
        (simulator, id)
    });
    let account = simulator.leaderssl();
    let client = Client::builder(&account.login, account.password.as_str()).base_url(&account.base_url);
    let client = client.no_proxy().concurrency(1).build().unwrap();
    // This call holds the only permit, on a runtime that is no longer polled.
    let stuck = Builder::new_current_thread().enable_all().build().unwrap();
    stuck.block_on(async {
        client.servers().list().await.unwrap();
        simulator.fail("product.list", Fault::StalledBody);
        let before = simulator.count("product.list");
        tokio::spawn(client.products().list().into_future());
        while simulator.count("product.list") == before {
            tokio::task::yield_now().await;
        }
    });
    // The session has expired, so the end also signs in.
    simulator.fail("server.list", vec![Fault::status(401); 2]);
    drop(client.servers().rental(id).unwrap());
    let left = settle(Duration::from_secs(60));
    assert!(left.is_empty(), "{left:?}");
    assert_eq!((simulator.count("auth.sign_in"), simulator.count("server.stop")), (3, 1));
}

#[tokio::test(start_paused = true)]
async fn a_rental_waits_for_a_start_that_takes_effect_late() {
    for late in LateStart::ALL {
        let (simulator, client, id) = start().await;
        late.arrange(&simulator, &client).await;
        let rental = client.servers().rental(id).unwrap();
        let _ = tokio::time::timeout(Duration::from_millis(500), client.servers().start(id)).await;
        rental.end().await.unwrap();
        tokio::time::sleep(Duration::from_secs(5 * 60)).await;
        assert_eq!(status(&client, id).await, ServerStatus::Available, "{late:?}");
        assert_eq!(simulator.count("server.stop"), 1, "{late:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_error_response_leaves_the_server_running() {
    let faults = [400, 401, 403, 404, 405, 409, 422].map(Fault::status).into_iter();
    let faults = faults.chain([Fault::response(403, r#"{"error": "Account temporarily locked"}"#)]);
    for fault in faults.chain([Fault::Html(404), Fault::Challenge, Fault::response(200, "[]")]) {
        for operation in ["server.list", "server.stop", "auth.sign_in"] {
            let (simulator, client, id) = start().await;
            let worked = client.servers().while_running(id, async |_: &Server| {
                simulator.fail(operation, vec![fault.clone(); 8]);
                if operation == "auth.sign_in" {
                    // The session has expired.
                    simulator.fail("server.list", vec![Fault::status(401); 16]);
                }
                Ok::<_, String>(7)
            });
            let worked = worked.await;
            simulator.clear_faults();
            assert_eq!(status(&client, id).await, ServerStatus::Available, "{operation} {fault:?}");
            assert_eq!(worked.unwrap(), 7, "{operation} {fault:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_outdated_status_does_not_end_a_rental_without_a_stop() {
    for outdated in ["available", "queued", "busy"] {
        let (simulator, client, id) = start().await;
        let worked = client.servers().while_running(id, async |_: &Server| {
            let up = client.servers().list().raw().await.unwrap().into_body();
            let mut rows: serde_json::Value = serde_json::from_slice(&up).unwrap();
            for row in rows.as_array_mut().unwrap() {
                row["status"] = outdated.into();
            }
            simulator.fail("server.list", Fault::response(200, rows.to_string()));
            Ok::<_, String>(7)
        });
        assert_eq!(worked.await.unwrap(), 7, "{outdated}");
        assert_eq!(status(&client, id).await, ServerStatus::Available, "{outdated}");
        assert_eq!(simulator.count("server.stop"), 1, "{outdated}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_can_never_be_stopped_is_reported() {
    let accepted = Fault::response(200, r#"{"success": "true"}"#);
    for fault in [Fault::status(403), Fault::status(503), accepted.clone()] {
        let (simulator, client, id) = start().await;
        let worked = client.servers().while_running(id, async |_: &Server| {
            let up = client.servers().list().raw().await.unwrap().into_body();
            simulator.fail("server.stop", fault.clone()).standing();
            // The server stays up, even if the stop is accepted.
            simulator.fail("server.list", Fault::response(200, up)).standing();
            Ok::<_, String>(7)
        });
        let Err(RentalError::End { work: Some(Ok(7)), error, .. }) = worked.await else {
            panic!("{fault:?}")
        };
        assert_eq!(error.kind() == ErrorKind::Wait, fault == accepted, "{error}");
    }
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

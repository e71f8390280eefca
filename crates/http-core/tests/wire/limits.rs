use std::time::Duration;

use http_core::client::{WaitBuilder, in_sequence};
use http_core::{CallSequence, ErrorKind};
use tokio::time::Instant;

use crate::server::{Act, Server};
use crate::{CREATE, READ, builder, client};

#[tokio::test(start_paused = true)]
async fn a_call_takes_at_most_twice_its_attempt_timeout() {
    let server = Server::start([Act::Stall]).await;
    let start = Instant::now();
    let error = client(&server.url()).call(&READ).path("id", 1).json::<u8>().await.unwrap_err();
    assert!(error.is_timeout());
    assert!(start.elapsed() <= Duration::from_secs(120), "{:?}", start.elapsed());
    assert_eq!(server.received().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_at_its_timeout() {
    let server = Server::start([Act::Stall]).await;
    let start = Instant::now();
    let call = client(&server.url()).call(&READ).path("id", 1).json::<u8>().timeout(Duration::from_secs(5));
    assert!(call.await.unwrap_err().is_timeout());
    assert_eq!(start.elapsed().as_secs(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_client_has_a_timeout_for_whole_calls() {
    let server = Server::start([Act::Stall]).await;
    let start = Instant::now();
    let client = builder(&server.url()).total_timeout(Duration::from_secs(7)).build().unwrap();
    assert!(client.call(&READ).path("id", 1).json::<u8>().await.unwrap_err().is_timeout());
    assert_eq!(start.elapsed().as_secs(), 7);
}

#[cfg(any(feature = "rustls", feature = "aws-lc", feature = "native-tls"))]
#[tokio::test(start_paused = true)]
async fn connecting_has_its_own_timeout() {
    let server = Server::start([Act::Stall]).await;
    let url = server.url().replace("http://", "https://");
    let client = builder(&url).connect_timeout(Duration::from_secs(3)).build().unwrap();
    let start = Instant::now();
    let call = client.call(&READ).path("id", 1).json::<u8>().retry(http_core::RetryPolicy::never());
    assert_eq!(call.await.unwrap_err().kind(), ErrorKind::Connect);
    assert_eq!(start.elapsed().as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_wait_lasts_ten_minutes_by_default() {
    let server = Server::start(vec![Act::ok("1"); 100]).await;
    let client = client(&server.url());
    let wait = WaitBuilder::new(move || client.call(&READ).path("id", 1).json::<u8>());
    let start = Instant::now();
    assert_eq!(wait.until(|_| false).await.unwrap_err().error().kind(), ErrorKind::Wait);
    assert!((590..=600).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_write_has_its_own_timeout() {
    let server = Server::start([Act::Stall]).await;
    let client = builder(&server.url()).write_timeout(Duration::from_secs(600)).build().unwrap();
    let start = Instant::now();
    assert!(client.call(&CREATE).json::<u8>().await.unwrap_err().is_outcome_unknown());
    assert_eq!(start.elapsed().as_secs(), 600);
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_slot_counts_toward_the_timeout_and_sends_nothing() {
    let server = Server::start([Act::Stall]).await;
    let client = builder(&server.url()).concurrency(1).build().unwrap();
    let first = client.call(&CREATE).json::<u8>();
    let second = client.call(&CREATE).json::<u8>().timeout(Duration::from_secs(5));
    let (_, second) =
        tokio::join!(tokio::time::timeout(Duration::from_secs(20), first.into_future()), async {
            tokio::task::yield_now().await;
            second.await
        });
    let error = second.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(!error.may_have_been_sent() && !error.is_outcome_unknown());
    assert_eq!(server.received().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn only_a_sequence_that_sent_a_change_ends_with_an_unknown_outcome() {
    for (operation, spawned, unknown) in
        [(&READ, false, false), (&CREATE, false, true), (&READ, true, false), (&CREATE, true, true)]
    {
        let server = Server::start([Act::Stall]).await;
        let call = client(&server.url()).call(operation);
        let call = if operation == &READ { call.path("id", 1) } else { call }.json::<u8>();
        let steps = CallSequence::new(async move {
            if spawned { tokio::spawn(in_sequence(call.into_future()).1).await.unwrap() } else { call.await }
        });
        let error = steps.timeout(Duration::from_secs(5)).await.unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
        assert_eq!(error.is_outcome_unknown(), unknown, "{} {spawned}: {error:?}", operation.name());
    }
}

#[tokio::test(start_paused = true)]
async fn dropping_a_call_ends_it() {
    let server = Server::start([Act::Stall]).await;
    let call = client(&server.url()).call(&READ).path("id", 1).json::<u8>();
    assert!(tokio::time::timeout(Duration::from_secs(1), call.into_future()).await.is_err());
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(server.received().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_non_idempotent_attempt_may_use_the_whole_timeout() {
    let server = Server::start([Act::Stall]).await;
    let start = Instant::now();
    let call = client(&server.url()).call(&CREATE).json::<u8>().timeout(Duration::from_secs(600));
    assert!(call.await.unwrap_err().is_timeout());
    assert_eq!(start.elapsed().as_secs(), 600);
}

#[tokio::test]
async fn calls_without_a_timeout_do_not_panic() {
    let server = Server::start([Act::ok("1")]).await;
    let client =
        builder(&server.url()).read_timeout(Duration::MAX).write_timeout(Duration::MAX).build().unwrap();
    client.call(&READ).path("id", 1).json::<u8>().await.unwrap();
    client.call(&READ).path("id", 1).json::<u8>().timeout(Duration::MAX).await.unwrap();
    let polled = client.clone();
    let wait =
        WaitBuilder::new(move || polled.call(&READ).path("id", 1).json::<u8>()).until(|state| *state == 1);
    wait.timeout(Duration::MAX).poll_interval(Duration::MAX, Duration::MAX).await.unwrap();
}

use std::time::Duration;

use http_core::retry::RetryBudget;
use http_core::{ErrorKind, RetryPolicy};
use tokio::time::Instant;

use crate::server::{Act, ClosedPort, Server};
use crate::{CREATE, DELETE, READ, STOP, builder, client};

#[tokio::test(start_paused = true)]
async fn a_read_succeeds_after_two_failed_attempts() {
    let server = Server::start([Act::response(503, "", ""), Act::CloseAfterReading, Act::ok("1")]).await;
    assert_eq!(client(&server.url()).call(&READ).path("id", 1).json::<u8>().await.unwrap(), 1);
    assert_eq!(server.received().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_delay_before_a_retry_is_random() {
    let mut delays = Vec::new();
    for _ in 0..20 {
        let server = Server::start([Act::response(503, "", ""), Act::ok("1")]).await;
        let start = Instant::now();
        client(&server.url()).call(&READ).path("id", 1).json::<u8>().await.unwrap();
        delays.push(start.elapsed());
    }
    delays.sort();
    assert!(delays[19] <= Duration::from_millis(510), "{delays:?}");
    assert!(
        delays[0] < Duration::from_millis(250) && delays[19] > delays[0] + Duration::from_millis(50),
        "{delays:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_create_is_not_repeated_after_the_response_was_lost() {
    for act in
        [Act::CloseAfterReading, Act::Stall, Act::response(502, "", "<html>"), Act::response(500, "", "")]
    {
        let server = Server::start([act.clone(), Act::ok("1")]).await;
        let error = client(&server.url()).call(&CREATE).json::<u8>().await.unwrap_err();
        assert_eq!(server.received().len(), 1, "{act:?}");
        assert!(error.is_outcome_unknown() && error.may_have_been_sent(), "{error:?}");
        assert!(error.to_string().contains("check things().list() before sending it again"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_is_repeated_if_it_was_rejected_unprocessed() {
    let server = Server::start([Act::response(429, "retry-after: 3\r\n", "slow down"), Act::ok("1")]).await;
    let start = Instant::now();
    client(&server.url()).call(&CREATE).json::<u8>().await.unwrap();
    assert_eq!(server.received().len(), 2);
    assert!(start.elapsed() >= Duration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn a_create_is_repeated_if_no_connection_was_made() {
    let closed = ClosedPort::new();
    let error = client(&closed.url()).call(&CREATE).json::<u8>().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 4));
    assert!(!error.may_have_been_sent() && !error.is_outcome_unknown());
}

#[tokio::test(start_paused = true)]
async fn a_connection_closed_before_the_request_was_read_counts_as_sent() {
    let server = Server::start([Act::CloseUnread]).await;
    let error = client(&server.url()).call(&CREATE).json::<u8>().await.unwrap_err();
    assert_eq!(error.attempts(), 1, "the client cannot know whether the request arrived");
    assert!(error.may_have_been_sent() && error.message().starts_with("the connection failed: "), "{error}");
}

#[tokio::test(start_paused = true)]
async fn not_found_after_a_lost_response_to_a_delete_is_success() {
    let server = Server::start([Act::CloseAfterReading, Act::response(404, "", "no such thing")]).await;
    client(&server.url()).call(&DELETE).path("id", 1).empty().await.unwrap();
    let server = Server::start([Act::response(404, "", "no such thing")]).await;
    assert!(client(&server.url()).call(&DELETE).path("id", 1).empty().await.unwrap_err().is_not_found());
}

#[tokio::test(start_paused = true)]
async fn not_found_after_a_lost_response_to_another_change_is_an_error() {
    let server = Server::start([Act::CloseAfterReading, Act::response(404, "", "no such thing")]).await;
    let error = client(&server.url()).call(&STOP).path("id", 1).empty().await.unwrap_err();
    assert!(error.is_not_found() && error.is_outcome_unknown(), "{error:?}");
}

/// Only a call that returns nothing may succeed without a response of the provider.
#[tokio::test(start_paused = true)]
async fn raw_returns_no_response_that_the_server_did_not_send() {
    let server = Server::start([Act::CloseAfterReading, Act::response(404, "", "no such thing")]).await;
    let error = client(&server.url()).call(&DELETE).path("id", 1).empty().raw().await.unwrap_err();
    assert!(error.is_not_found() && error.is_outcome_unknown(), "{error:?}");
    assert_eq!(server.received().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_error_after_a_lost_response_reports_an_unknown_outcome() {
    let server = Server::start([Act::CloseAfterReading, Act::response(409, "", "not running")]).await;
    let error = client(&server.url()).call(&STOP).path("id", 1).empty().await.unwrap_err();
    assert!(error.is_conflict() && error.is_outcome_unknown());
}

#[tokio::test(start_paused = true)]
async fn retries_can_be_turned_off_for_one_call() {
    let server = Server::start([Act::response(503, "", "")]).await;
    let call = client(&server.url()).call(&READ).path("id", 1).json::<u8>();
    assert_eq!(call.retry(RetryPolicy::never()).await.unwrap_err().attempts(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_create_whose_response_cannot_be_decoded_may_have_happened() {
    for act in [Act::ok("<html>hello</html>"), Act::ok("[]"), Act::response(302, "location: /done\r\n", "")] {
        let server = Server::start([act.clone()]).await;
        let error = client(&server.url()).call(&CREATE).json::<u8>().await.unwrap_err();
        assert!(error.is_outcome_unknown() && error.may_have_been_sent(), "{act:?}: {error:?}");
        assert!(error.to_string().contains("check things().list()"), "{error}");
        assert_eq!((error.attempts(), server.received().len()), (1, 1));
    }
    let server = Server::start([Act::ok("<html>hello</html>")]).await;
    assert!(client(&server.url()).call(&STOP).path("id", 1).empty().await.unwrap_err().is_outcome_unknown());
}

#[tokio::test(start_paused = true)]
async fn a_request_that_may_have_been_sent_remains_so_after_a_rejected_retry() {
    let server = Server::start([Act::CloseAfterReading, Act::response(429, "", "slow down")]).await;
    let error = client(&server.url()).call(&STOP).path("id", 1).empty().await.unwrap_err();
    assert!(error.is_rate_limited() && error.is_outcome_unknown() && error.may_have_been_sent());
}

#[tokio::test(start_paused = true)]
async fn clones_of_a_client_share_one_retry_budget() {
    let server = Server::start([Act::response(503, "", "")]).await;
    let first = builder(&server.url()).retry_budget(RetryBudget::new(5, 5)).build().unwrap();
    let second = first.clone();
    assert_eq!(first.call(&READ).path("id", 1).json::<u8>().await.unwrap_err().attempts(), 2);
    let error = second.call(&READ).path("id", 1).json::<u8>().await.unwrap_err();
    assert_eq!(error.attempts(), 1, "{error}");
    assert!(error.to_string().contains("retry budget"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn status_403_with_a_delay_is_a_rate_limit() {
    let limit = Act::response(403, "retry-after: 7\r\n", "slow down");
    let server = Server::start([limit.clone(), Act::ok("1")]).await;
    let start = tokio::time::Instant::now();
    assert_eq!(client(&server.url()).call(&READ).path("id", 1).json::<u8>().await.unwrap(), 1);
    assert!(start.elapsed() >= std::time::Duration::from_secs(7));
    // Only status 429 proves that a request was not processed.
    let server = Server::start([limit]).await;
    let error = client(&server.url()).call(&CREATE).json::<u8>().await.unwrap_err();
    assert!(error.is_rate_limited() && error.is_outcome_unknown(), "{error:?}");
    assert_eq!(server.received().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_got_no_slot_has_no_attempt() {
    let server = Server::start([Act::Stall]).await;
    let client = builder(&server.url()).concurrency(1).build().unwrap();
    let busy = tokio::spawn(client.call(&CREATE).json::<u8>().into_future());
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    let call = client.call(&READ).path("id", 1).json::<u8>().timeout(std::time::Duration::from_secs(1));
    let error = call.await.unwrap_err();
    assert!(error.is_timeout() && !error.may_have_been_sent(), "{error:?}");
    assert_eq!(error.attempts(), 0);
    busy.abort();
}

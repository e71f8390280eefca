use std::time::Duration;

use http_core::client::{Transport, WaitBuilder, in_sequence};
use http_core::{CallSequence, ErrorKind, RetryPolicy};
use tokio::time::Instant;

use crate::server::{Act, ClosedPort, Server};
use crate::{CREATE, READ, STOP, builder, client};

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
async fn the_time_of_a_call_counts_from_its_first_poll() {
    let server = Server::start([Act::ok("1")]).await;
    let call = client(&server.url()).call(&READ).path("id", 1).json::<u8>().timeout(Duration::from_secs(5));
    let call = call.into_future();
    tokio::time::advance(Duration::from_secs(10)).await;
    assert_eq!(call.await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_without_any_time_sends_nothing_and_reports_no_unknown_outcome() {
    let server = Server::start([Act::ok("1")]).await;
    let (zero, client) = (Duration::ZERO, client(&server.url()));
    let without_time = builder(&server.url()).total_timeout(zero).build().unwrap();
    let attempts = builder(&server.url()).read_timeout(zero).write_timeout(zero).build().unwrap();
    for operation in [&READ, &STOP, &CREATE] {
        let call = |client: &Transport| {
            let call = client.call(operation);
            if operation == &CREATE { call.json::<u8>() } else { call.path("id", 1).json() }
        };
        for call in [call(&client).timeout(zero), call(&without_time), call(&attempts)] {
            let error = call.await.unwrap_err();
            assert!(error.is_timeout(), "{error}");
            assert!(!error.may_have_been_sent() && !error.is_outcome_unknown(), "{error}");
        }
    }
    assert!(server.received().is_empty());
}

/// The beginning of the body is a valid number, too.
#[tokio::test(start_paused = true)]
async fn a_body_that_arrives_slowly_is_complete_or_ends_at_the_timeout() {
    // Each body arrives after this many tenths of a second, one byte per tenth.
    let forms: [fn(usize) -> (String, String); 3] = [
        |tenths| (format!("content-length: {tenths}"), format!("{:>tenths$}", 4711)),
        |tenths| ("connection: close".into(), format!("{:>tenths$}", 4711)),
        |tenths| {
            let zeros = "0".repeat(tenths - 14);
            ("transfer-encoding: chunked".into(), format!("{zeros}4\r\n4711\r\n0\r\n\r\n"))
        },
    ];
    for (form, operation) in
        forms.iter().flat_map(|form| [&READ, &STOP, &CREATE].map(|operation| (form, operation)))
    {
        for (tenths, arrives) in [(49, true), (51, false), (600, false)] {
            let (header, body) = form(tenths);
            let head = format!("HTTP/1.1 200 X\r\n{header}\r\n\r\n");
            let server = Server::start([Act::Drip(head.into(), body.into())]).await;
            let call = client(&server.url()).call(operation);
            let call = if operation == &CREATE { call } else { call.path("id", 1) };
            let start = Instant::now();
            let result = call.json::<u32>().timeout(Duration::from_secs(5)).await;
            let case = format!("{} after {tenths} tenths, {header}: {result:?}", operation.name());
            assert_eq!(server.received().len(), 1, "{case}");
            assert_eq!(result.is_ok(), arrives, "{case}");
            match result {
                Ok(value) => assert_eq!((value, start.elapsed().as_millis() / 100), (4711, 49), "{case}"),
                Err(error) => {
                    assert!(error.is_timeout() && error.may_have_been_sent(), "{case}");
                    assert_eq!(error.is_outcome_unknown(), operation != &READ, "{case}");
                    assert_eq!(start.elapsed().as_millis() / 100, 50, "{case}");
                }
            }
        }
    }
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
async fn a_change_in_a_nested_sequence_counts_in_the_outer_one() {
    let server = Server::start([Act::Stall]).await;
    let inner = CallSequence::new(client(&server.url()).call(&CREATE).json::<u8>().into_future());
    let outer = CallSequence::new(inner.timeout(Duration::from_secs(60)).into_future());
    let error = outer.timeout(Duration::from_secs(3)).await.unwrap_err();
    assert!(error.is_timeout() && error.is_outcome_unknown(), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_change_that_was_not_processed_does_not_count_as_sent() {
    for (status, unknown) in [(429, false), (503, true)] {
        let server =
            Server::start([Act::response(status, "retry-after: 30\r\n", "busy"), Act::ok("1")]).await;
        let stop = client(&server.url()).call(&STOP).path("id", 1).json::<u8>();
        let error = CallSequence::new(stop.into_future()).timeout(Duration::from_secs(10)).await.unwrap_err();
        assert!(error.is_timeout(), "{status}: {error:?}");
        assert_eq!(error.is_outcome_unknown(), unknown, "{status}: {error:?}");
        assert_eq!(server.received().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn each_poll_of_a_wait_keeps_the_limits_of_the_client() {
    let server = Server::start([Act::Stall]).await;
    let short = builder(&server.url()).total_timeout(Duration::from_secs(7)).build().unwrap();
    let wait = WaitBuilder::new(move || short.call(&READ).path("id", 1).json::<u8>()).until(|_| true);
    wait.timeout(Duration::from_secs(60)).await.unwrap_err();
    assert!(server.received().len() >= 3, "{}", server.received().len());
    let start = Instant::now();
    let client = client(&server.url());
    let wait = WaitBuilder::new(move || client.call(&READ).path("id", 1).json::<u8>()).until(|_| true);
    wait.timeout(Duration::ZERO).await.unwrap_err();
    assert!(start.elapsed() <= Duration::from_secs(120), "{:?}", start.elapsed());
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
    let client = builder(&server.url())
        .connect_timeout(Duration::MAX)
        .idle_timeout(Duration::MAX)
        .read_timeout(Duration::MAX)
        .write_timeout(Duration::MAX)
        .build()
        .unwrap();
    client.call(&READ).path("id", 1).json::<u8>().await.unwrap();
    client.call(&READ).path("id", 1).json::<u8>().timeout(Duration::MAX).await.unwrap();
    let polled = client.clone();
    let wait =
        WaitBuilder::new(move || polled.call(&READ).path("id", 1).json::<u8>()).until(|state| *state == 1);
    wait.timeout(Duration::MAX).poll_interval(Duration::MAX, Duration::MAX).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_error_of_a_sequence_reports_whether_an_earlier_change_was_sent() {
    let port = ClosedPort::new();
    let closed = port.url();
    let limited = Act::response(429, "", "slow down");
    // The first call, whether it changes something, and whether it was sent.
    for (first, act, sent) in [
        (&STOP, Some(Act::ok("1")), true),
        (&STOP, Some(Act::response(409, "", "locked")), true),
        (&STOP, Some(limited), false),
        (&STOP, None, false),
        (&READ, Some(Act::ok("1")), false),
    ] {
        let server = Server::start(act.clone()).await;
        let url = if act.is_some() { server.url() } else { closed.clone() };
        let never = RetryPolicy::never();
        let first = client(&url).call(first).path("id", 1).json::<u8>().retry(never);
        let second = client(&closed).call(&STOP).path("id", 1).json::<u8>().retry(never);
        // The calls of a sequence within a sequence count as well.
        let first = CallSequence::new(async move {
            let _ = first.await;
            Ok(())
        });
        let steps = CallSequence::new(async move {
            first.await?;
            second.await
        });
        let error = steps.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert_eq!(error.may_have_been_sent(), sent, "{act:?}: {error:?}");
        assert!(!error.is_outcome_unknown(), "{error:?}");
    }
}

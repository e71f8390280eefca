use std::time::Duration;

use http_core::client::{Transport, WaitBuilder};
use http_core::{ErrorKind, RetryPolicy};
use tokio::time::Instant;

use crate::server::{Act, Server};
use crate::{READ, builder};

/// Waits for a number; 99 is a final state.
fn wait(client: &Transport) -> WaitBuilder<u32> {
    let client = client.clone();
    WaitBuilder::new(move || client.call(&READ).path("id", 1).json())
        .subject("thing 1")
        .describe(u32::to_string)
        .fail_on(|state| *state == 99)
}

async fn states(acts: impl IntoIterator<Item = Act>) -> (Server, Transport) {
    let server = Server::start(acts).await;
    let client = builder(&server.url()).retry(RetryPolicy::never()).build().unwrap();
    (server, client)
}

fn numbers(numbers: &[u32]) -> Vec<Act> {
    numbers.iter().map(|number| Act::ok(&number.to_string())).collect()
}

#[tokio::test(start_paused = true)]
async fn the_first_poll_is_immediate() {
    let (_server, client) = states(numbers(&[3])).await;
    let start = Instant::now();
    assert_eq!(wait(&client).until(|state| *state == 3).await.unwrap(), 3);
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn delays_grow_from_two_to_fifteen_seconds() {
    let (server, client) = states(numbers(&[1])).await;
    let mut seen = wait(&client).until(|state| *state == 3).timeout(Duration::from_secs(3600)).states();
    let mut delays = Vec::new();
    for _ in 0..12 {
        let before = Instant::now();
        seen.next().await.unwrap().unwrap();
        delays.push(before.elapsed().as_secs_f64());
    }
    assert_eq!(server.received().len(), 12);
    assert!((2.0..=2.6).contains(&delays[1]), "{delays:?}");
    assert!((3.0..=3.8).contains(&delays[2]), "{delays:?}");
    assert!(delays.iter().all(|delay| *delay <= 15.1), "{delays:?}");
    assert!(delays[11] >= 11.2, "{delays:?}");
}

#[tokio::test(start_paused = true)]
async fn delays_are_random_within_the_interval_and_never_shorter() {
    for (first, spread) in [(8, 500), (10, 0)] {
        let (_server, client) = states(numbers(&[1])).await;
        let interval = [first, 10].map(Duration::from_secs);
        let wait = wait(&client).until(|state| *state == 3).poll_interval(interval[0], interval[1]);
        let mut seen = wait.timeout(Duration::from_secs(3600)).states();
        let mut delays = Vec::new();
        for _ in 0..21 {
            let before = Instant::now();
            seen.next().await.unwrap().unwrap();
            delays.push(before.elapsed().as_millis());
        }
        delays.remove(0);
        delays.sort_unstable();
        assert!(delays[0] >= interval[0].as_millis() && delays[19] <= 10_100, "{delays:?}");
        assert!(delays[19] - delays[0] >= spread, "{delays:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_error_of_a_wait_shorter_than_its_poll_has_the_reason() {
    let limited = Act::response(429, "retry-after: 3600\r\n", "slow down");
    for act in [limited, Act::response(503, "retry-after: 3600\r\n", "slow down"), Act::Stall] {
        let server = Server::start(std::iter::repeat_n(act.clone(), 40)).await;
        let client = builder(&server.url()).build().unwrap();
        let wait = wait(&client).until(|state| *state == 3).timeout(Duration::from_secs(30));
        let error = wait.await.unwrap_err();
        let reason = if matches!(act, Act::Stall) { "no complete response" } else { "slow down" };
        assert!(error.to_string().contains(reason), "{act:?}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_can_be_observed() {
    let (_server, client) = states(numbers(&[1, 2, 3])).await;
    let mut seen = wait(&client).until(|state| *state == 3).states();
    let mut states = Vec::new();
    while let Some(state) = seen.next().await {
        states.push(state.unwrap());
    }
    assert_eq!(states, [1, 2, 3]);
    assert!(seen.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_at_its_timeout_with_the_last_state() {
    let (_server, client) = states(numbers(&[1, 2])).await;
    let start = Instant::now();
    let error = wait(&client).until(|state| *state == 3).timeout(Duration::from_secs(30)).await.unwrap_err();
    assert_eq!(error.error().kind(), ErrorKind::Wait);
    assert_eq!(error.last(), Some(&2));
    assert!(start.elapsed() <= Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn a_poll_that_hangs_does_not_outlast_the_timeout() {
    let (_server, client) = states([Act::ok("1"), Act::Stall]).await;
    let start = Instant::now();
    let error = wait(&client).until(|state| *state == 3).timeout(Duration::from_secs(10)).await.unwrap_err();
    assert_eq!(error.last(), Some(&1));
    assert_eq!(start.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_early_in_a_state_that_cannot_reach_the_wanted_one() {
    let (server, client) = states(numbers(&[1, 99, 3])).await;
    let error = wait(&client).until(|state| *state == 3).await.unwrap_err();
    assert_eq!((error.last(), server.received().len()), (Some(&99), 2));
    for failed in [50, 99] {
        let (server, client) = states(numbers(&[1, failed])).await;
        let error = wait(&client).until(|state| *state == 3).fail_if(|state| *state == 50).await.unwrap_err();
        assert_eq!((error.last(), server.received().len()), (Some(&failed), 2));
    }
    let (_server, client) = states(numbers(&[99])).await;
    assert_eq!(wait(&client).until(|state| *state == 99).await.unwrap(), 99, "unless it is the wanted one");
}

#[tokio::test(start_paused = true)]
async fn the_source_of_the_error_is_the_last_failed_poll() {
    let (_server, client) = states([Act::response(503, "", "down")]).await;
    let error = wait(&client).until(|state| *state == 3).max_failed_polls(1).await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.starts_with("down"), "{source}");
}

/// Returns temporary failures of a poll.
fn passing() -> Vec<(&'static str, Act)> {
    let page = "<html><body>Down for maintenance</body></html>";
    let challenge = "<html><head><title>Just a moment...</title></head></html>";
    vec![
        ("a web page", Act::ok(page)),
        ("a challenge page", Act::response(403, "cf-mitigated: challenge\r\n", challenge)),
        ("an invalid body", Act::ok(r#"{"vcpu": null}"#)),
        ("an empty body", Act::ok("")),
        ("truncated JSON", Act::ok("[1,")),
        ("a rate limit", Act::response(429, "", "slow down")),
        ("a rate limit with a time", Act::response(429, "retry-after: 5\r\n", "slow down")),
        ("an internal error", Act::response(500, "", "oops")),
        ("a bad gateway", Act::response(502, "", page)),
        ("an overload", Act::response(503, "", "closed for repairs")),
        ("a lost response", Act::CloseAfterReading),
        ("a closed connection", Act::CloseUnread),
        ("a stall", Act::Stall),
    ]
}

#[tokio::test(start_paused = true)]
async fn five_failed_polls_in_a_row_end_a_wait() {
    for (name, act) in passing() {
        let script = |failures| [Act::ok("1")].into_iter().chain(std::iter::repeat_n(act.clone(), failures));
        let (_server, client) = states(script(4).chain([Act::ok("3")])).await;
        let long = Duration::from_secs(3600);
        let reached = wait(&client).until(|state| *state == 3).timeout(long).await;
        assert_eq!(reached.unwrap(), 3, "{name}");

        let (server, client) = states(script(1)).await;
        let error = wait(&client).until(|state| *state == 3).timeout(long).await.unwrap_err();
        assert_eq!(error.last(), Some(&1), "{name}");
        if !matches!(act, Act::CloseUnread) {
            assert_eq!(server.received().len(), 6, "{name}: {error}");
        }
        let error = http_core::Error::from(error);
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Wait, Some("thing.get")), "{name}");
        let text = error.to_string();
        assert!(text.contains("5 times in a row") && text.contains("thing 1"), "{name}: {text}");
        assert!(text.contains("last state: 1") && text.contains("the last poll failed: "), "{name}: {text}");
        assert!(std::error::Error::source(&error).is_some(), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_number_of_failed_polls_is_configurable() {
    let (server, client) = states([Act::response(503, "", "")]).await;
    wait(&client).until(|state| *state == 3).max_failed_polls(2).await.unwrap_err();
    assert_eq!(server.received().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_permanent_error_response_ends_a_wait_immediately() {
    for status in [400, 401, 403, 404, 409] {
        let (server, client) = states([Act::ok("1"), Act::response(status, "", "no")]).await;
        let error = wait(&client).until(|state| *state == 3).await.unwrap_err();
        assert_eq!(error.error().status().map(|status| status.as_u16()), Some(status));
        assert_eq!((error.last(), server.received().len()), (Some(&1), 2), "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn not_found_is_ignored_during_the_grace_period() {
    let missing = || Act::response(404, "", "not here");
    let (_server, client) = states([missing(), missing(), missing(), Act::ok("3")]).await;
    assert_eq!(wait(&client).until(|state| *state == 3).await.unwrap(), 3);

    let (_server, client) = states([missing()]).await;
    let start = Instant::now();
    let error = wait(&client).until(|state| *state == 3).await.unwrap_err();
    assert!(error.error().is_not_found());
    assert!((30..50).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());

    let (server, client) = states([missing()]).await;
    wait(&client).until(|state| *state == 3).grace_period(Duration::ZERO).await.unwrap_err();
    assert_eq!(server.received().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_capped_by_a_minute_and_by_the_timeout() {
    for (asked, limit, longest) in [(3600, 3600, 61), (3600, 30, 30), (40, 3600, 41)] {
        let limited = Act::response(429, &format!("retry-after: {asked}\r\n"), "slow down");
        let (_server, client) = states([limited, Act::ok("3")]).await;
        let start = Instant::now();
        let wait = wait(&client).until(|state| *state == 3).timeout(Duration::from_secs(limit));
        assert_eq!(wait.await.unwrap(), 3, "{asked} within {limit}");
        assert!(start.elapsed().as_secs() <= longest, "{asked} within {limit}: {:?}", start.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_uses_its_whole_timeout() {
    for (limit, most_polls) in [(500, 3), (3_000, 4), (100_000, 25)] {
        let limit = Duration::from_millis(limit);
        let (server, client) = states(numbers(&[1])).await;
        let start = Instant::now();
        let error = wait(&client).until(|state| *state == 3).timeout(limit).await.unwrap_err();
        let (elapsed, polls) = (start.elapsed(), server.received().len());
        assert!(elapsed <= limit && elapsed >= limit.mul_f64(0.94), "{elapsed:?} of {limit:?}");
        assert!((2..=most_polls).contains(&polls), "{polls} polls within {limit:?}");
        let text = error.to_string();
        assert!(
            text.contains(&format!("({polls} polls, last state: 1)")) && text.contains("timeout(..)"),
            "{text}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_with_timeout_zero_polls_once() {
    for (number, reached) in [(3, true), (1, false)] {
        let (server, client) = states(numbers(&[number])).await;
        let waited = wait(&client).until(|state| *state == 3).timeout(Duration::ZERO).await;
        assert_eq!((waited.is_ok(), server.received().len()), (reached, 1), "{waited:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_error_names_the_state_that_ended_the_wait() {
    let (_server, client) = states(numbers(&[1, 99])).await;
    let error = wait(&client).until(|state| *state == 3).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("thing 1 reached a state from which the wanted state cannot be reached"), "{text}");
    assert!(text.contains("2 polls, last state: 99") && text.contains("thing.get"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn the_error_of_an_observed_wait_has_the_last_state_too() {
    let (_server, client) = states(numbers(&[1, 2, 99])).await;
    let mut seen = wait(&client).until(|state| *state == 3).states();
    let mut last = seen.next().await;
    while let Some(Ok(_)) = last {
        last = seen.next().await;
    }
    assert_eq!(last.unwrap().unwrap_err().last(), Some(&99));
}

use std::time::Duration;

use http_core::client::{Transport, WaitBuilder};
use http_core::{ErrorKind, RetryPolicy};
use tokio::time::Instant;

use crate::server::{Act, Server};
use crate::{READ, builder};

/// Waits for a number; 99 is hopeless.
fn wait(client: &Transport) -> WaitBuilder<u32> {
    let client = client.clone();
    WaitBuilder::new(move || client.call(&READ).path("id", 1).json()).fail_on(|state| *state == 99)
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
async fn the_first_look_is_at_once() {
    let (_server, client) = states(numbers(&[3])).await;
    let start = Instant::now();
    assert_eq!(wait(&client).until(|state| *state == 3).await.unwrap(), 3);
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn pauses_grow_from_two_to_fifteen_seconds() {
    let (server, client) = states(numbers(&[1])).await;
    let mut seen = wait(&client).until(|state| *state == 3).timeout(Duration::from_secs(3600)).states();
    let mut pauses = Vec::new();
    for _ in 0..12 {
        let before = Instant::now();
        seen.next().await.unwrap().unwrap();
        pauses.push(before.elapsed().as_secs_f64());
    }
    assert_eq!(server.received().len(), 12);
    assert!((1.5..=2.1).contains(&pauses[1]), "{pauses:?}");
    assert!(pauses.iter().all(|pause| *pause <= 15.1), "{pauses:?}");
    assert!(pauses[11] >= 11.25, "{pauses:?}");
}

#[tokio::test(start_paused = true)]
async fn a_wait_can_be_watched() {
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
async fn a_wait_ends_at_its_limit_with_the_last_state_seen() {
    let (_server, client) = states(numbers(&[1, 2])).await;
    let start = Instant::now();
    let error = wait(&client).until(|state| *state == 3).timeout(Duration::from_secs(30)).await.unwrap_err();
    assert_eq!(error.error().kind(), ErrorKind::Wait);
    assert_eq!(error.last(), Some(&2));
    assert!(start.elapsed() <= Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn a_look_that_hangs_does_not_outlive_the_limit() {
    let (_server, client) = states([Act::ok("1"), Act::Stall]).await;
    let start = Instant::now();
    let error = wait(&client).until(|state| *state == 3).timeout(Duration::from_secs(10)).await.unwrap_err();
    assert_eq!(error.last(), Some(&1));
    assert_eq!(start.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_early_on_a_state_from_which_the_wanted_one_cannot_come() {
    let (server, client) = states(numbers(&[1, 99, 3])).await;
    let error = wait(&client).until(|state| *state == 3).await.unwrap_err();
    assert_eq!((error.last(), server.received().len()), (Some(&99), 2));
    let (_server, client) = states(numbers(&[1, 50])).await;
    let error = wait(&client).until(|state| *state == 3).fail_if(|state| *state == 50).await.unwrap_err();
    assert_eq!(error.last(), Some(&50));
    let (_server, client) = states(numbers(&[99])).await;
    assert_eq!(wait(&client).until(|state| *state == 99).await.unwrap(), 99, "unless it is the wanted one");
}

#[tokio::test(start_paused = true)]
async fn a_passing_failure_does_not_end_a_wait_and_a_refusal_does() {
    let (_server, client) = states([Act::reply(503, "", ""), Act::CloseAfterReading, Act::ok("3")]).await;
    assert_eq!(wait(&client).until(|state| *state == 3).await.unwrap(), 3);
    let (_server, client) = states([Act::ok("1"), Act::reply(404, "", "gone")]).await;
    let error = wait(&client).until(|state| *state == 3).await.unwrap_err();
    assert!(error.error().is_not_found());
    assert_eq!(error.last(), Some(&1));
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_saw_nothing_says_why() {
    let (_server, client) = states([Act::reply(503, "", "closed for repairs")]).await;
    let error = wait(&client).until(|state| *state == 3).timeout(Duration::from_secs(60)).await.unwrap_err();
    let error = http_core::Error::from(error);
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Wait, Some("thing.get")));
    assert!(error.to_string().contains("closed for repairs"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_wait_looks_until_shortly_before_its_end() {
    let (server, client) = states(numbers(&[1])).await;
    let start = Instant::now();
    wait(&client).until(|state| *state == 3).timeout(Duration::from_secs(100)).await.unwrap_err();
    assert!(start.elapsed() > Duration::from_secs(98), "{:?}", start.elapsed());
    assert!(server.received().len() < 25, "{}", server.received().len());
}

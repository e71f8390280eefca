use std::cell::{Cell, RefCell};

use http::StatusCode;

use super::*;
use crate::error::response::ErrorResponse;
use crate::policy::budget::RetryBudget;

fn status(status: u16) -> Error {
    let code = StatusCode::from_u16(status).unwrap();
    Error::from_response(ErrorResponse::new(code, "no"), status)
}

fn kind(kind: ErrorKind) -> Error {
    Error::new(kind, "x")
}

struct Run {
    effect: Effect,
    policy: RetryPolicy,
    limit: Duration,
    budget: RetryBudget,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            effect: Effect::Read,
            policy: RetryPolicy::default(),
            limit: Duration::from_secs(120),
            budget: RetryBudget::default(),
        }
    }
}

impl Run {
    /// Runs attempts that fail with `failure(attempt)` until it is `None`. Returns the outcome and the start of each
    /// attempt.
    async fn go(self, failure: impl Fn(u32) -> Option<Error>) -> (Result<u32, Error>, Vec<Duration>) {
        let start = Instant::now();
        let begun = RefCell::new(Vec::new());
        let bucket = Bucket::new(self.budget);
        let outcome = run(
            self.policy,
            self.effect,
            start + self.limit,
            &bucket,
            || 1.0,
            Earlier::default(),
            || {
                begun.borrow_mut().push(start.elapsed());
                let number = u32::try_from(begun.borrow().len()).unwrap();
                let result = failure(number).map_or(Ok(()), Err);
                async { result }
            },
        )
        .await;
        (outcome.map(|((), attempts)| attempts), begun.into_inner())
    }
}

#[test]
fn a_request_that_was_never_sent_is_repeated_for_every_effect() {
    for effect in [Effect::Read, Effect::Idempotent, Effect::NonIdempotent] {
        assert!(may_repeat(effect, &kind(ErrorKind::Connect)), "{effect:?}");
    }
}

#[test]
fn a_request_rejected_unprocessed_is_repeated_for_every_effect() {
    for effect in [Effect::Read, Effect::Idempotent, Effect::NonIdempotent] {
        assert!(may_repeat(effect, &status(429)), "{effect:?}");
    }
}

#[test]
fn a_non_idempotent_request_that_may_have_been_processed_is_not_repeated() {
    for error in [kind(ErrorKind::Timeout), kind(ErrorKind::Transport), status(500), status(502), status(503)]
    {
        assert!(!may_repeat(Effect::NonIdempotent, &error), "{error}");
        assert!(may_repeat(Effect::Read, &error), "{error}");
        assert!(may_repeat(Effect::Idempotent, &error), "{error}");
    }
}

#[test]
fn a_permanent_failure_is_never_retried() {
    let lasting = [400, 401, 403, 404, 405, 409, 422].map(status);
    let others = [
        ErrorKind::Configuration,
        ErrorKind::InvalidArgument,
        ErrorKind::Decode,
        ErrorKind::Challenge,
        ErrorKind::Wait,
    ]
    .map(kind);
    for error in lasting.into_iter().chain(others) {
        assert!(!may_repeat(Effect::Read, &error), "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_has_four_attempts_with_growing_delays() {
    let (outcome, begun) = Run::default().go(|_| Some(status(503))).await;
    assert_eq!(outcome.unwrap_err().attempts(), 4);
    let at: Vec<_> = begun.iter().map(Duration::as_millis).collect();
    assert_eq!(at, [0, 500, 1500, 3500]);
}

#[tokio::test(start_paused = true)]
async fn a_success_reports_its_number_of_attempts() {
    let (outcome, _) = Run::default().go(|number| (number < 3).then(|| status(503))).await;
    assert_eq!(outcome.unwrap(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_delay_requested_with_retry_after_is_respected() {
    let asked = Some(Duration::from_secs(30));
    let (_, begun) =
        Run::default().go(|number| (number < 2).then(|| status(429).with_retry_after(asked))).await;
    assert_eq!(begun[1], Duration::from_millis(30_500), "the requested delay plus the backoff");
}

#[tokio::test(start_paused = true)]
async fn an_absurd_delay_is_capped_at_a_minute() {
    let asked = Some(Duration::from_secs(3600));
    let (_, begun) =
        Run::default().go(|number| (number < 2).then(|| status(429).with_retry_after(asked))).await;
    assert_eq!(begun[1], Duration::from_millis(60_500));
}

#[tokio::test(start_paused = true)]
async fn no_sleep_or_attempt_outlives_the_deadline() {
    let limit = Duration::from_secs(40);
    let asked = Some(Duration::from_secs(60));
    let run = Run { limit, ..Run::default() };
    let start = Instant::now();
    let (outcome, begun) = run.go(|_| Some(status(503).with_retry_after(asked))).await;
    assert_eq!(begun.len(), 1);
    assert_eq!(start.elapsed(), Duration::ZERO, "it returns immediately instead of sleeping in vain");
    assert!(outcome.unwrap_err().to_string().contains("after the deadline of the whole call"));
}

#[tokio::test(start_paused = true)]
async fn an_empty_budget_stops_retries() {
    let budget = RetryBudget::new(5, 5);
    let (outcome, begun) = Run { budget, ..Run::default() }.go(|_| Some(status(503))).await;
    assert_eq!(begun.len(), 2);
    assert!(outcome.unwrap_err().to_string().contains("retry budget"));
}

/// Runs 60 calls one after the other; `failure` receives the number of the attempt within its call.
async fn sixty_calls(failure: impl Fn(u32) -> Option<Error>) -> usize {
    let bucket = Bucket::new(RetryBudget::default());
    let mut failed = 0;
    for _ in 0..60 {
        let number = Cell::new(0);
        let deadline = Instant::now() + Duration::from_secs(600);
        let policy = RetryPolicy::default();
        let attempt = || {
            number.set(number.get() + 1);
            let result = failure(number.get()).map_or(Ok(()), Err);
            async { result }
        };
        let call = run(policy, Effect::Read, deadline, &bucket, || 0.0, Earlier::default(), attempt);
        failed += usize::from(call.await.is_err());
    }
    failed
}

#[tokio::test(start_paused = true)]
async fn calls_that_succeed_after_retries_cost_no_budget() {
    assert_eq!(sixty_calls(|number| (number < 3).then(|| status(503))).await, 0);
    assert_eq!(sixty_calls(|_| Some(status(503))).await, 60);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_still_fails_after_retries_costs_budget() {
    let bucket = Bucket::new(RetryBudget::new(5, 5));
    for (failure, attempts) in [(status(503), 2), (status(503), 1)] {
        let deadline = Instant::now() + Duration::from_secs(600);
        let attempt = || async { Err::<(), _>(failure.clone()) };
        let policy = RetryPolicy::attempts(2);
        let call = run(policy, Effect::Read, deadline, &bucket, || 0.0, Earlier::default(), attempt);
        assert_eq!(call.await.unwrap_err().attempts(), attempts);
    }
}

#[tokio::test(start_paused = true)]
async fn a_rejection_after_retries_costs_no_budget() {
    for answer in [401, 403, 404, 409] {
        let bucket = Bucket::new(RetryBudget::new(5, 5));
        let deadline = Instant::now() + Duration::from_secs(600);
        let policy = RetryPolicy::default();
        for _ in 0..3 {
            let number = Cell::new(0);
            let attempt = || {
                number.set(number.get() + 1);
                let result = Err::<(), _>(status(if number.get() == 1 { 503 } else { answer }));
                async { result }
            };
            let call = run(policy, Effect::Read, deadline, &bucket, || 0.0, Earlier::default(), attempt);
            assert_eq!(call.await.unwrap_err().status().map(|status| status.as_u16()), Some(answer));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn delays_requested_by_the_provider_cost_no_budget() {
    let asked = Some(Duration::from_secs(1));
    let bucket = Bucket::new(RetryBudget::new(5, 5));
    let deadline = Instant::now() + Duration::from_secs(600);
    for _ in 0..20 {
        let attempt = || async { Err::<(), _>(status(429).with_retry_after(asked)) };
        let call =
            run(RetryPolicy::default(), Effect::Read, deadline, &bucket, || 0.0, Earlier::default(), attempt);
        assert_eq!(call.await.unwrap_err().attempts(), 4);
    }
    assert!(bucket.take().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_request_sent_by_an_earlier_attempt_remains_sent() {
    let policy = RetryPolicy::attempts(2);
    let run = Run { policy, ..Run::default() };
    let (outcome, _) =
        run.go(|number| Some(if number == 1 { status(429) } else { kind(ErrorKind::Connect) })).await;
    assert!(!outcome.unwrap_err().may_have_been_sent());
    let run = Run { policy, ..Run::default() };
    let (outcome, _) =
        run.go(|number| Some(if number == 1 { status(503) } else { kind(ErrorKind::Connect) })).await;
    assert!(outcome.unwrap_err().may_have_been_sent());
}

#[tokio::test(start_paused = true)]
async fn only_an_attempt_that_was_sent_may_be_lost() {
    for (first, is_lost) in [(kind(ErrorKind::Connect), false), (kind(ErrorKind::Transport), true)] {
        let failure = |number| Some(if number == 1 { first.clone() } else { status(409) });
        let (outcome, _) = Run::default().go(failure).await;
        assert_eq!(outcome.unwrap_err().is_after_lost_attempt(), is_lost, "{first}");
    }
}

#[test]
fn the_backoff_of_a_policy_keeps_its_number_of_attempts() {
    let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));
    let policy = RetryPolicy::attempts(6).with_backoff(backoff);
    assert_eq!((policy.attempts, policy.backoff), (6, backoff));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_sends_no_request_does_not_count() {
    let (outcome, _) = Run::default().go(|_| Some(kind(ErrorKind::InvalidArgument))).await;
    assert_eq!(outcome.unwrap_err().attempts(), 0);
    let run = Run { policy: RetryPolicy::never(), ..Run::default() };
    let (outcome, _) = run.go(|_| Some(kind(ErrorKind::Timeout).unsent())).await;
    assert_eq!(outcome.unwrap_err().attempts(), 0);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_call_ends_its_sleep() {
    let attempts = Cell::new(0);
    let bucket = Bucket::new(RetryBudget::default());
    let deadline = Instant::now() + Duration::from_secs(100);
    let call = run(
        RetryPolicy::default(),
        Effect::Read,
        deadline,
        &bucket,
        || 1.0,
        Earlier::default(),
        || {
            attempts.set(attempts.get() + 1);
            async { Err::<(), _>(status(503)) }
        },
    );
    assert!(tokio::time::timeout(Duration::from_millis(100), call).await.is_err());
    assert_eq!(attempts.get(), 1);
}

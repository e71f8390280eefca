//! Work that several calls wait for, and that only one of them starts.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http_core::client::{BoxFuture, without_permit};
use http_core::{Error, ErrorKind};
use tokio::sync::watch::{Receiver, channel};
use tokio::time::timeout;

/// A running turn shows that it is alive once in this period.
const BEAT: Duration = Duration::from_secs(5);
/// A turn that has not shown that it is alive for this many periods runs on a runtime that nobody polls.
const LOST_AFTER: u32 = 3;

/// Runs one piece of work at a time. Calls that ask the same question `Q` share the result.
pub(super) struct Turns<Q, T>(Mutex<Option<Turn<Q, T>>>);

struct Turn<Q, T> {
    question: Q,
    answer: Receiver<Option<Result<T, Error>>>,
}

impl<Q, T> Default for Turns<Q, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<Q: Clone + PartialEq, T: Clone + Send + Sync + 'static> Turns<Q, T> {
    /// Returns the result of the running turn if it answers the same question; otherwise starts a turn with `work` as
    /// soon as no other is running. A turn is a task of its own, so it ends even if the call that started it is
    /// dropped.
    pub(super) async fn take(
        &self,
        question: Q,
        work: impl Fn() -> BoxFuture<'static, Result<T, Error>>,
    ) -> Result<T, Error> {
        loop {
            let (is_own, turn) = self.join(&question, &work);
            match turn.answer().await {
                Some(found) if turn.question == question => return found,
                Some(_) => {}
                None if is_own => {
                    return Err(Error::new(ErrorKind::Transport, "the sign-in was interrupted"));
                }
                None => self.forget(&turn),
            }
        }
    }

    fn change<R>(&self, change: impl FnOnce(&mut Option<Turn<Q, T>>) -> R) -> R {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the running turn, or starts one. Returns also whether it was started.
    fn join(
        &self,
        question: &Q,
        work: impl Fn() -> BoxFuture<'static, Result<T, Error>>,
    ) -> (bool, Turn<Q, T>) {
        self.change(|current| match current {
            Some(turn) if turn.answer.borrow().is_none() => (false, turn.clone()),
            _ => (true, current.insert(Turn::start(question.clone(), work())).clone()),
        })
    }

    fn forget(&self, lost: &Turn<Q, T>) {
        self.change(|current| drop(current.take_if(|turn| turn.answer.same_channel(&lost.answer))));
    }
}

impl<Q, T: Clone + Send + Sync + 'static> Turn<Q, T> {
    fn start(question: Q, mut work: BoxFuture<'static, Result<T, Error>>) -> Self {
        let (sender, answer) = channel(None);
        // The calls of the turn need no permit, because the end of a rental may wait for them.
        tokio::spawn(without_permit(async move {
            let found = loop {
                match timeout(BEAT, &mut work).await {
                    Ok(found) => break found,
                    Err(_) => drop(sender.send_replace(None)),
                }
            };
            sender.send_replace(Some(found));
        }));
        Self { question, answer }
    }

    /// Waits for the answer; returns `None` if the turn has ended without one, or is lost.
    async fn answer(&self) -> Option<Result<T, Error>> {
        let mut answer = self.answer.clone();
        let mut missed = 0;
        while missed < LOST_AFTER {
            if let Some(found) = &*answer.borrow_and_update() {
                return Some(found.clone());
            }
            // Several short waits, because a thread that was blocked for a long time must poll the turn first.
            match timeout(BEAT, answer.changed()).await {
                Ok(changed) => {
                    changed.ok()?;
                    missed = 0;
                }
                Err(_) => missed += 1,
            }
        }
        None
    }
}

impl<Q: Clone, T> Clone for Turn<Q, T> {
    fn clone(&self) -> Self {
        Self { question: self.question.clone(), answer: self.answer.clone() }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::runtime::{Builder, Runtime};
    use tokio::time::sleep;

    use super::*;

    fn runtime() -> Runtime {
        Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
    }

    /// Starts a turn that never ends, on a runtime that is not polled afterwards.
    fn stuck() -> (Turns<u8, u8>, Runtime) {
        let (turns, runtime) = (Turns::default(), runtime());
        let take = turns.take(1, || Box::pin(pending()));
        runtime.block_on(async { timeout(Duration::from_secs(60), take).await }).unwrap_err();
        (turns, runtime)
    }

    fn ready(turns: &Turns<u8, u8>) -> impl Future<Output = Result<u8, Error>> {
        turns.take(1, || Box::pin(async { Ok(7) }))
    }

    #[test]
    fn a_turn_whose_runtime_is_not_polled_is_replaced() {
        let (turns, _runtime) = stuck();
        assert_eq!(runtime().block_on(ready(&turns)).unwrap(), 7);
    }

    #[test]
    fn a_turn_whose_runtime_has_ended_is_replaced_at_once() {
        let (turns, runtime_of_turn) = stuck();
        drop(runtime_of_turn);
        let at_once = |turns: &Turns<u8, u8>| {
            runtime()
                .block_on(async { timeout(Duration::from_secs(1), ready(turns)).await })
                .unwrap()
                .unwrap()
        };
        assert_eq!(at_once(&turns), 7);
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_that_panics_is_an_error_and_the_next_call_starts_another() {
        let (turns, begun) = (Turns::default(), AtomicU32::new(0));
        let work = || -> BoxFuture<'static, Result<u32, Error>> {
            let number = begun.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move {
                assert!(number > 0, "the first turn panics");
                Ok(number)
            })
        };
        let error = turns.take(1, work).await.unwrap_err();
        assert!(error.to_string().contains("the sign-in was interrupted"), "{error}");
        assert_eq!(turns.take(1, work).await.unwrap(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_outlives_a_thread_that_was_blocked() {
        let (turns, begun) = (Turns::default(), AtomicU32::new(0));
        let slow = || -> BoxFuture<'static, Result<u32, Error>> {
            begun.fetch_add(1, Ordering::Relaxed);
            Box::pin(async {
                sleep(Duration::from_secs(300)).await;
                Ok(7)
            })
        };
        let blocking = async {
            for _ in 0..4 {
                sleep(Duration::from_secs(1)).await;
                // Nothing is polled in this minute.
                tokio::time::advance(Duration::from_secs(60)).await;
            }
        };
        let (own, other, ()) = tokio::join!(turns.take(1, slow), turns.take(1, slow), blocking);
        assert_eq!((own.unwrap(), other.unwrap(), begun.into_inner()), (7, 7, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn calls_with_the_same_question_share_a_slow_turn_and_others_wait_for_it() {
        let (turns, begun) = (Turns::default(), AtomicU32::new(0));
        let slow = || -> BoxFuture<'static, Result<u32, Error>> {
            let number = begun.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move {
                sleep(Duration::from_secs(300)).await;
                Ok(number)
            })
        };
        let (one, same, other) = tokio::join!(turns.take(1, slow), turns.take(1, slow), turns.take(2, slow));
        assert_eq!([one, same, other].map(Result::unwrap), [0, 0, 1]);
    }
}

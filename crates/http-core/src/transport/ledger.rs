//! The results that create requests have claimed, so that no two create requests of one client return the same
//! resource.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use tokio::sync::OwnedMutexGuard;
use tokio::time::timeout;

use crate::error::{Error, ErrorKind};

/// The maximum number of results that are remembered; the oldest are forgotten first.
const LONGEST: usize = 4096;
/// The longest wait for other creates with the same key. One of them takes up to 20 minutes by default: 10 for the
/// request and 10 for the search.
const LONGEST_TURN: Duration = Duration::from_secs(2 * 60 * 60);

/// The results that the recoverable create requests of one client returned, in order.
#[derive(Default)]
pub(crate) struct Ledger {
    taken: Mutex<VecDeque<Taken>>,
    turns: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
}

/// A result that a create has claimed.
struct Taken {
    operation: &'static str,
    /// The id, in the form that all its spellings have in common.
    id: String,
    /// The create that claimed the result.
    owner: String,
    at: SystemTime,
}

impl Taken {
    fn is_of_another(&self, operation: &str, id: &str, owner: &str, since: SystemTime) -> bool {
        self.operation == operation && self.id == id && self.owner != owner && self.at >= since
    }
}

impl Ledger {
    /// Claims this result for the create `owner`. Returns `false` if another create has claimed the result at or after
    /// `since`. Names and ports can be reused after a deletion, so earlier claims count only for ids that are never
    /// reused.
    pub(crate) fn take(&self, operation: &'static str, id: &str, owner: &str, since: SystemTime) -> bool {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.iter().any(|known| known.is_of_another(operation, id, owner, since)) {
            return false;
        }
        taken.retain(|known| known.operation != operation || known.id != id);
        if taken.len() == LONGEST {
            taken.pop_front();
        }
        let (id, owner) = (id.to_owned(), owner.to_owned());
        taken.push_back(Taken { operation, id, owner, at: SystemTime::now() });
        true
    }

    /// Returns whether a create other than `owner` has claimed this result at or after `since`.
    pub(crate) fn is_taken(&self, operation: &str, id: &str, owner: &str, since: SystemTime) -> bool {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.iter().any(|known| known.is_of_another(operation, id, owner, since))
    }

    /// Waits until no other create with this key is running. The creates of identical resources have one key, because
    /// nothing distinguishes their results.
    ///
    /// # Errors
    ///
    /// An unsent error after [`LONGEST_TURN`], e.g. because the other create is a future that is neither polled nor
    /// dropped.
    pub(crate) async fn turn(&self, key: String) -> Result<OwnedMutexGuard<()>, Error> {
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|_, turn| turn.strong_count() > 0);
            let turn = turns.get(&key).and_then(Weak::upgrade).unwrap_or_default();
            turns.insert(key, Arc::downgrade(&turn));
            turn
        };
        timeout(LONGEST_TURN, turn.lock_owned()).await.map_err(|_| {
            let message = "timed out while waiting for another create of this resource; nothing was sent";
            Error::new(ErrorKind::Timeout, message).unsent().with_advice(
                "if the future of the other create is kept without being polled, poll or drop it",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_belongs_to_one_create_of_one_operation() {
        let (ledger, ever) = (Ledger::default(), SystemTime::UNIX_EPOCH);
        assert!(ledger.take("vm.create", "a", "one", ever) && !ledger.take("vm.create", "a", "two", ever));
        assert!(
            ledger.is_taken("vm.create", "a", "two", ever)
                && !ledger.is_taken("disk.create", "a", "two", ever)
        );
        assert!(
            ledger.take("vm.create", "a", "one", ever) && !ledger.is_taken("vm.create", "a", "one", ever)
        );
        assert!(ledger.take("disk.create", "a", "two", ever) && !ledger.take("vm.create", "a", "two", ever));
    }

    #[test]
    fn a_result_taken_before_a_create_was_noted_may_be_created_again() {
        let (ledger, before) = (Ledger::default(), SystemTime::now());
        assert!(ledger.take("bucket.create", "a", "one", before));
        assert!(ledger.is_taken("bucket.create", "a", "two", before), "taken since");
        let after = SystemTime::now() + std::time::Duration::from_millis(1);
        assert!(!ledger.is_taken("bucket.create", "a", "two", after));
        assert!(ledger.take("bucket.create", "a", "two", after));
        assert!(ledger.is_taken("bucket.create", "a", "one", before), "it belongs to the last one");
    }

    #[test]
    fn the_ledger_does_not_grow_without_bound() {
        let ledger = Ledger::default();
        for number in 0..=LONGEST {
            assert!(ledger.take("vm.create", &number.to_string(), "one", SystemTime::UNIX_EPOCH));
        }
        let is_taken = |id| ledger.is_taken("vm.create", id, "two", SystemTime::UNIX_EPOCH);
        assert!(!is_taken("0") && is_taken("1"));
    }

    #[tokio::test]
    async fn equal_create_requests_take_turns_and_leave_nothing_behind() {
        let ledger = Ledger::default();
        let first = ledger.turn("a".into()).await.unwrap();
        let other = ledger.turn("b".into()).await.unwrap();
        assert!(futures_now(ledger.turn("a".into())).is_none());
        drop((first, other));
        assert!(futures_now(ledger.turn("a".into())).is_some());
        assert_eq!(ledger.turns.lock().unwrap().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_create_waits_for_several_slow_ones_before_it() {
        let ledger = Ledger::default();
        let slow = || async {
            let _turn = ledger.turn("a".into()).await?;
            tokio::time::sleep(Duration::from_secs(20 * 60)).await;
            Ok::<_, Error>(())
        };
        let (one, two, three, last) = tokio::join!(slow(), slow(), slow(), ledger.turn("a".into()));
        one.and(two).and(three).and(last.map(drop)).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn the_wait_for_a_create_that_never_ends_is_limited() {
        let ledger = Ledger::default();
        let _kept = ledger.turn("a".into()).await.unwrap();
        let error = ledger.turn("a".into()).await.unwrap_err();
        assert!(
            error.is_timeout() && !error.may_have_been_sent() && !error.is_outcome_unknown(),
            "{error:?}"
        );
    }

    /// Returns the output of a future that is immediately ready.
    fn futures_now<T>(future: impl Future<Output = T>) -> Option<T> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match std::pin::pin!(future).poll(&mut context) {
            std::task::Poll::Ready(value) => Some(value),
            std::task::Poll::Pending => None,
        }
    }
}

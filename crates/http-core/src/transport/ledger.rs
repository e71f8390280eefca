//! Which results of creates are accounted for, so that no two creates of one client return the same thing.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::OwnedMutexGuard;

/// More results than this are not remembered; the oldest are forgotten first.
const LONGEST: usize = 4096;

/// The results that the recoverable creates of one client returned, and their order.
#[derive(Default)]
pub(crate) struct Ledger {
    /// Operation, id, and the create that it belongs to.
    taken: Mutex<VecDeque<(&'static str, String, String)>>,
    turns: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
}

impl Ledger {
    /// Notes that this result belongs to the create of this name; `false` if it belongs to another one already.
    pub(crate) fn take(&self, operation: &'static str, id: &str, owner: &str) -> bool {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let known = taken.iter().find(|(of, known, _)| (*of, known.as_str()) == (operation, id));
        if let Some((.., known)) = known {
            return known == owner;
        }
        if taken.len() == LONGEST {
            taken.pop_front();
        }
        taken.push_back((operation, id.to_owned(), owner.to_owned()));
        true
    }

    /// Whether this result belongs to another create than this one.
    pub(crate) fn is_taken(&self, operation: &str, id: &str, owner: &str) -> bool {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.iter().any(|(of, known, other)| *of == operation && known == id && other != owner)
    }

    /// Waits until no other create of this key runs. Creates of equal things run one after the other, because
    /// nothing distinguishes their results.
    pub(crate) async fn turn(&self, key: String) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|_, turn| turn.strong_count() > 0);
            let turn = turns.get(&key).and_then(Weak::upgrade).unwrap_or_default();
            turns.insert(key, Arc::downgrade(&turn));
            turn
        };
        turn.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_belongs_to_one_create_of_one_operation() {
        let ledger = Ledger::default();
        assert!(ledger.take("vm.create", "a", "one") && !ledger.take("vm.create", "a", "two"));
        assert!(ledger.is_taken("vm.create", "a", "two") && !ledger.is_taken("disk.create", "a", "two"));
        assert!(ledger.take("vm.create", "a", "one") && !ledger.is_taken("vm.create", "a", "one"));
    }

    #[test]
    fn the_ledger_does_not_grow_without_bound() {
        let ledger = Ledger::default();
        for number in 0..=LONGEST {
            assert!(ledger.take("vm.create", &number.to_string(), "one"));
        }
        assert!(!ledger.is_taken("vm.create", "0", "two") && ledger.is_taken("vm.create", "1", "two"));
    }

    #[tokio::test]
    async fn equal_creates_wait_for_each_other_and_leave_nothing_behind() {
        let ledger = Ledger::default();
        let first = ledger.turn("a".into()).await;
        let other = ledger.turn("b".into()).await;
        assert!(futures_now(ledger.turn("a".into())).is_none());
        drop((first, other));
        assert!(futures_now(ledger.turn("a".into())).is_some());
        assert_eq!(ledger.turns.lock().unwrap().len(), 1);
    }

    /// The output of a future that is ready at once.
    fn futures_now<T>(future: impl Future<Output = T>) -> Option<T> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match std::pin::pin!(future).poll(&mut context) {
            std::task::Poll::Ready(value) => Some(value),
            std::task::Poll::Pending => None,
        }
    }
}

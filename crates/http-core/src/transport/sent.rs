//! Whether anything was sent that changes something, for those who run several calls as one.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

tokio::task_local! {
    static WATCHED: SentChange;
}

/// Whether a change was sent while this was watched. Clones share the answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct SentChange(Arc<AtomicBool>);

impl SentChange {
    pub(crate) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Runs a future and notes what its calls send. Tasks that it spawns are watched if they are
    /// [`in_sequence`].
    pub(crate) async fn watch<T>(self, future: impl Future<Output = T>) -> T {
        WATCHED.scope(self, future).await
    }

    /// Notes that a change is about to be sent.
    pub(crate) fn note() {
        let _ = WATCHED.try_with(|watched| watched.0.store(true, Ordering::Relaxed));
    }
}

/// For provider crates: counts a future that is spawned as a task as part of the call sequence that spawns it.
pub fn in_sequence<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let watched = WATCHED.try_with(Clone::clone).unwrap_or_default();
    watched.watch(future)
}

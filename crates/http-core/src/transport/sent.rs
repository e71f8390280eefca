//! Whether a request was sent that changes something, for several calls that run as one.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, ErrorKind};

tokio::task_local! {
    static WATCHED: SentChange;
}

/// Whether a change was sent while this was watched. Clones share the result.
#[derive(Clone, Debug, Default)]
pub struct SentChange(Arc<Watched>);

#[derive(Debug, Default)]
struct Watched {
    sent: AtomicBool,
    /// The call sequence that this one is part of.
    outer: Option<SentChange>,
}

impl SentChange {
    pub(crate) fn get(&self) -> bool {
        self.0.sent.load(Ordering::Relaxed)
    }

    /// Runs a future and notes what its calls send. Tasks that it spawns are watched if they are
    /// [`in_sequence`].
    pub(crate) async fn watch<T>(self, future: impl Future<Output = T>) -> T {
        WATCHED.scope(self, future).await
    }

    /// Notes that a change is about to be sent.
    pub(crate) fn note() {
        let _ = WATCHED.try_with(|watched| {
            let mut watched = Some(watched);
            while let Some(SentChange(this)) = watched {
                this.sent.store(true, Ordering::Relaxed);
                watched = this.outer.as_ref();
            }
        });
    }

    /// For provider crates: the error of a task that panicked. Its outcome is unknown if it sent a change.
    pub fn panicked(&self, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Transport, message).with_outcome_unknown(self.get())
    }
}

/// For provider crates: counts a future that is spawned as a task as part of the call sequence that spawns it. Returns
/// the future with a [`SentChange`], which shows whether it sent a change.
pub fn in_sequence<F: Future>(future: F) -> (SentChange, impl Future<Output = F::Output>) {
    let outer = WATCHED.try_with(Clone::clone).ok();
    let sent = SentChange(Arc::new(Watched { sent: AtomicBool::default(), outer }));
    (sent.clone(), sent.watch(future))
}

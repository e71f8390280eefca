//! Tracks whether a sequence of calls has sent a mutating request.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, ErrorKind};

tokio::task_local! {
    static WATCHED: SentChange;
}

/// Whether a mutating request was sent while a future was watched. Clones share the result.
#[derive(Clone, Debug, Default)]
pub struct SentChange(Arc<Watched>);

#[derive(Debug, Default)]
struct Watched {
    sent: AtomicBool,
    /// The call sequence that contains this one.
    outer: Option<SentChange>,
}

impl SentChange {
    pub(crate) fn get(&self) -> bool {
        self.0.sent.load(Ordering::Relaxed)
    }

    /// Runs a future and records whether its calls send a mutating request. Tasks that the future spawns are included
    /// if they were made with [`in_sequence`].
    pub(crate) async fn watch<T>(self, future: impl Future<Output = T>) -> T {
        WATCHED.scope(self, future).await
    }

    /// Records that a mutating request is about to be sent.
    pub(crate) fn note() {
        let _ = WATCHED.try_with(|watched| {
            let mut watched = Some(watched);
            while let Some(SentChange(this)) = watched {
                this.sent.store(true, Ordering::Relaxed);
                watched = this.outer.as_ref();
            }
        });
    }

    /// For provider crates: creates the error of a task that panicked. The outcome is unknown if the task sent a
    /// mutating request.
    pub fn panicked(&self, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Transport, message).with_outcome_unknown(self.get())
    }
}

/// For provider crates: makes a future part of the current call sequence, even if it is spawned as a task. Returns the
/// future with a [`SentChange`], which shows whether the future sent a mutating request.
pub fn in_sequence<F: Future>(future: F) -> (SentChange, impl Future<Output = F::Output>) {
    let outer = WATCHED.try_with(Clone::clone).ok();
    let sent = SentChange(Arc::new(Watched { sent: AtomicBool::default(), outer }));
    (sent.clone(), sent.watch(future))
}

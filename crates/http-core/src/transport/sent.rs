//! Tracks whether a sequence of calls has sent a mutating request.

use std::future::Future;
use std::iter::successors;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::{Error, ErrorKind};

tokio::task_local! {
    static WATCHED: SentChange;
}

/// Whether a mutating request was sent while a future was watched. Clones share the result.
#[derive(Clone, Debug)]
pub struct SentChange(Arc<Watched>);

#[derive(Debug)]
struct Watched {
    /// The number of mutating requests that are in flight or may have been processed.
    sent: AtomicUsize,
    /// The call sequence that contains this one.
    outer: Option<SentChange>,
}

impl SentChange {
    /// For provider crates: returns whether a mutating request is in flight or may have been processed. Once the future
    /// has been dropped, this no longer changes.
    pub fn may_have_been_sent(&self) -> bool {
        self.0.sent.load(Ordering::Relaxed) > 0
    }

    /// Returns this call sequence and all that contain it.
    fn levels(&self) -> impl Iterator<Item = &AtomicUsize> {
        successors(Some(self), |level| level.0.outer.as_ref()).map(|level| &level.0.sent)
    }

    /// For provider crates: creates the error of a task that panicked. The outcome is unknown if the task sent a
    /// mutating request.
    pub fn panicked(&self, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Transport, message).with_outcome_unknown(self.may_have_been_sent())
    }
}

/// Sends a mutating request. The current call sequence counts it as sent, unless `request` ends with an error that
/// proves that it was not processed.
pub(crate) async fn change<T>(request: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let watched = WATCHED.try_with(Clone::clone).ok();
    let levels = || watched.iter().flat_map(SentChange::levels);
    for sent in levels() {
        sent.fetch_add(1, Ordering::Relaxed);
    }
    let result = request.await;
    if result.as_ref().is_err_and(|error| !error.may_have_been_sent()) {
        for sent in levels() {
            sent.fetch_sub(1, Ordering::Relaxed);
        }
    }
    result
}

/// For provider crates: makes a future part of the current call sequence, even if it is spawned as a task. Returns the
/// future with a [`SentChange`], which shows whether the future sent a mutating request.
pub fn in_sequence<F: Future>(future: F) -> (SentChange, impl Future<Output = F::Output>) {
    let outer = WATCHED.try_with(Clone::clone).ok();
    let sent = SentChange(Arc::new(Watched { sent: AtomicUsize::new(0), outer }));
    (sent.clone(), WATCHED.scope(sent, future))
}

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
    /// The number of those that were rejected.
    rejected: AtomicUsize,
    /// The call sequence that contains this one.
    outer: Option<SentChange>,
}

impl SentChange {
    /// For provider crates: returns whether a mutating request is in flight or may have been processed. Once the future
    /// has been dropped, this no longer changes.
    pub fn may_have_been_sent(&self) -> bool {
        self.0.sent.load(Ordering::Relaxed) > 0
    }

    /// For provider crates: returns whether a mutating request is in flight or may have had an effect. Unlike
    /// [`may_have_been_sent`](Self::may_have_been_sent), this ignores requests that the provider rejected.
    pub fn may_have_happened(&self) -> bool {
        self.0.sent.load(Ordering::Relaxed) > self.0.rejected.load(Ordering::Relaxed)
    }

    /// Returns this call sequence and all that contain it.
    fn levels(&self) -> impl Iterator<Item = &Watched> {
        successors(Some(self), |level| level.0.outer.as_ref()).map(|level| &*level.0)
    }

    /// For provider crates: creates the error of a task that panicked. The outcome is unknown if the task sent a
    /// mutating request.
    pub fn panicked(&self, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Transport, message).with_outcome_unknown(self.may_have_been_sent())
    }
}

/// Sends a mutating request. The current call sequence counts it as sent, unless `request` ends with an error that
/// proves that it was not processed, and as rejected if it ends with an error for which `is_rejected` returns `true`.
pub(crate) async fn change<T>(
    request: impl Future<Output = Result<T, Error>>,
    is_rejected: impl FnOnce(&Error) -> bool,
) -> Result<T, Error> {
    let watched = WATCHED.try_with(Clone::clone).ok();
    let levels = || watched.iter().flat_map(SentChange::levels);
    for level in levels() {
        level.sent.fetch_add(1, Ordering::Relaxed);
    }
    let result = request.await;
    if let (Some(_), Err(error)) = (&watched, &result) {
        if !error.may_have_been_sent() {
            levels().for_each(|level| _ = level.sent.fetch_sub(1, Ordering::Relaxed));
        } else if is_rejected(error) {
            levels().for_each(|level| _ = level.rejected.fetch_add(1, Ordering::Relaxed));
        }
    }
    result
}

/// For provider crates: makes a future part of the current call sequence, even if it is spawned as a task. Returns the
/// future with a [`SentChange`], which shows whether the future sent a mutating request.
pub fn in_sequence<F: Future>(future: F) -> (SentChange, impl Future<Output = F::Output>) {
    let outer = WATCHED.try_with(Clone::clone).ok();
    let sent =
        SentChange(Arc::new(Watched { sent: AtomicUsize::new(0), rejected: AtomicUsize::new(0), outer }));
    (sent.clone(), WATCHED.scope(sent, future))
}

//! Calls that need no permit although their client limits its concurrency.

use std::future::Future;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

use crate::error::{Error, ErrorKind};

tokio::task_local! {
    static EXEMPT: ();
}

/// For provider crates: runs calls that do not wait for a permit of the client's concurrency limit, because other calls
/// or the end of a bill depend on them. Otherwise, a call that nobody polls any more, e.g. on a runtime that is no longer
/// driven, could hold the permit that they need.
pub fn without_permit<F: Future>(calls: F) -> impl Future<Output = F::Output> {
    EXEMPT.scope((), calls)
}

/// Waits for a permit.
pub(super) async fn acquire(permits: &Semaphore, deadline: Instant) -> Result<SemaphorePermit<'_>, Error> {
    // The semaphore is never closed.
    timeout_at(deadline, permits.acquire()).await.ok().and_then(Result::ok).ok_or_else(|| {
        let message = "timed out waiting for a free slot; raise `concurrency` or the call's timeout";
        Error::new(ErrorKind::Timeout, message).unsent()
    })
}

pub(super) fn is_exempt() -> bool {
    EXEMPT.try_with(|()| ()).is_ok()
}

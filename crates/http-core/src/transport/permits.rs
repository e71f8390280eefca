//! Calls that need no permit although their client limits its concurrency.

use std::future::Future;

tokio::task_local! {
    static EXEMPT: ();
}

/// For provider crates: runs calls that do not wait for a permit of the client's concurrency limit, because other calls
/// or the end of a bill depend on them. Otherwise, a call that nobody polls any more, e.g. on a runtime that is no longer
/// driven, could hold the permit that they need.
pub fn without_permit<F: Future>(calls: F) -> impl Future<Output = F::Output> {
    EXEMPT.scope((), calls)
}

pub(super) fn is_exempt() -> bool {
    EXEMPT.try_with(|()| ()).is_ok()
}

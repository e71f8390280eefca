//! Blocking calls, for programs without an async runtime.

use std::future::{Future, IntoFuture};
use std::process;
use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::call::Call;
use crate::error::Error;

/// One runtime per process. A forked child needs its own, because it inherits its parent's runtime, but not the thread
/// that drives it. Each slot belongs to one generation of forks.
static RUNTIMES: [OnceLock<(u32, Option<Runtime>)>; 8] = [const { OnceLock::new() }; 8];

impl<T: 'static> Call<T> {
    /// Sends the call and blocks this thread until the call ends. This method can be used on any number of threads at
    /// the same time, and in a forked child.
    ///
    /// # Errors
    ///
    /// The errors of the call, and [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) on a thread of an
    /// async runtime, including the threads of `spawn_blocking`. Blocking such a thread could stall other tasks: use
    /// `.await` there, or a thread of your own.
    pub fn send_blocking(self) -> Result<T, Error> {
        block_on(self.into_future())
    }
}

/// Runs a future to completion on the background runtime that all clients share.
pub(crate) fn block_on<T>(future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    if Handle::try_current().is_ok() {
        return Err(Error::configuration(
            "send_blocking() was called on a thread of an async runtime, where it could block other tasks: \
             use .await, or a thread of your own",
        ));
    }
    match runtime(process::id()) {
        Some(runtime) => runtime.block_on(future),
        None => Err(Error::configuration("the thread for blocking calls cannot be started")),
    }
}

fn runtime(process: u32) -> Option<&'static Runtime> {
    let start = || {
        let mut builder = Builder::new_multi_thread();
        (process, builder.worker_threads(1).thread_name("hostkit").enable_all().build().ok())
    };
    RUNTIMES
        .iter()
        .map(|slot| slot.get_or_init(start))
        .find(|(owner, _)| *owner == process)
        .and_then(|(_, runtime)| runtime.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_process_has_a_runtime_of_its_own() {
        let of = |process| runtime(process).unwrap().handle().id();
        let (parent, child) = (of(1), of(2));
        assert_ne!(parent, child);
        assert_eq!((of(1), of(2)), (parent, child));
    }
}

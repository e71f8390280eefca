//! Calls from programs without an async runtime.

use std::future::{Future, IntoFuture};
use std::process;
use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::call::Call;
use crate::error::Error;

/// One runtime per process: a forked child inherits its parent's without the thread that drives it. Each slot is a
/// generation of forks.
static RUNTIMES: [OnceLock<(u32, Option<Runtime>)>; 8] = [const { OnceLock::new() }; 8];

impl<T: 'static> Call<T> {
    /// Runs the call and blocks this thread until it ends. May be used from any number of threads at once, and in a
    /// forked child.
    ///
    /// # Errors
    ///
    /// Those of the call, and [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) on a thread of an async
    /// runtime, those of `spawn_blocking` included, where blocking could stop everything else: use `.await` there, or
    /// a thread of your own.
    pub fn send_blocking(self) -> Result<T, Error> {
        block_on(self.into_future())
    }
}

/// Runs a future to its end on the one background runtime of all clients.
pub(crate) fn block_on<T>(future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    if Handle::try_current().is_ok() {
        return Err(Error::configuration(
            "send_blocking() was called on a thread of an async runtime, where it could stop everything else: \
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

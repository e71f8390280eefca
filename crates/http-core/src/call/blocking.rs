//! Calls from programs without an async runtime.

use std::future::{Future, IntoFuture};
use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::call::Call;
use crate::error::Error;

impl<T: 'static> Call<T> {
    /// Runs the call and blocks this thread until it ends. May be used from any number of threads at once.
    ///
    /// Fails with [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) on a thread of an async runtime,
    /// those of `spawn_blocking` included, where blocking could stop everything else: use `.await` there, or a
    /// thread of your own.
    pub fn send_blocking(self) -> Result<T, Error> {
        block_on(self.into_future())
    }
}

/// Runs a future to its end on the one background runtime of all clients.
pub(crate) fn block_on<T>(future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();

    if Handle::try_current().is_ok() {
        return Err(Error::configuration(
            "send_blocking() was called on a thread of an async runtime, where it could stop everything else: \
             use .await, or a thread of your own",
        ));
    }
    let runtime = RUNTIME.get_or_init(|| {
        Builder::new_multi_thread().worker_threads(1).thread_name("hostkit").enable_all().build().ok()
    });
    match runtime {
        Some(runtime) => runtime.block_on(future),
        None => Err(Error::configuration("the thread for blocking calls cannot be started")),
    }
}

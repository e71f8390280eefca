//! Blocking calls, for programs without an async runtime.

use std::future::{Future, IntoFuture};

use tokio::runtime::{Builder, Handle, Runtime};

use crate::call::Call;
use crate::error::Error;
use crate::transport::per_process::PerProcess;

static RUNTIME: PerProcess<Runtime> = PerProcess::new();

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
    let message = match Handle::try_current() {
        Ok(_) => {
            "send_blocking() was called on a thread of an async runtime, where it could block other tasks: \
             use .await, or a thread of your own"
        }
        Err(error) if error.is_thread_local_destroyed() => {
            "send_blocking() was called while its thread is ending, e.g. by the destructor of a thread-local value: \
             call it earlier, or on another thread"
        }
        Err(_) => return RUNTIME.get_or_make(start)?.block_on(future),
    };
    Err(Error::configuration(message))
}

fn start() -> Result<Runtime, Error> {
    let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("hostkit").enable_all().build();
    runtime.map_err(|error| {
        Error::configuration(format!("the thread for blocking calls cannot be started: {error}"))
    })
}

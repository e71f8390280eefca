//! Blocking calls, for programs without an async runtime.

use std::future::{Future, IntoFuture, pending};
use std::{io, thread};

use tokio::runtime::{Builder, Handle};

use crate::call::Call;
use crate::error::Error;
use crate::transport::per_process::PerProcess;

/// The background runtime of this process, which is never shut down.
static RUNTIME: PerProcess<Handle> = PerProcess::new();

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
        Err(_) => return RUNTIME.get_or_make(|| start(thread::Builder::new()))?.block_on(future),
    };
    Err(Error::configuration(message))
}

/// Starts the thread that runs the background runtime. A runtime that starts its own threads panics if the operating
/// system refuses one.
fn start(thread: thread::Builder) -> Result<Handle, Error> {
    let start = || -> io::Result<Handle> {
        let runtime = Builder::new_current_thread().thread_name("hostkit").enable_all().build()?;
        let handle = runtime.handle().clone();
        thread.name("hostkit".to_owned()).spawn(move || runtime.block_on(pending::<()>()))?;
        Ok(handle)
    };
    start().map_err(|error| {
        Error::configuration(format!("the thread for blocking calls cannot be started: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn a_thread_that_cannot_be_started_is_an_error_not_a_panic() {
        let error = start(thread::Builder::new().stack_size(isize::MAX.unsigned_abs() / 2)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains("the thread for blocking calls cannot be started"), "{error}");
        assert_eq!(start(thread::Builder::new()).unwrap().block_on(async { 7 }), 7);
    }
}

//! Whether the current thread can run calls.

use tokio::runtime::Handle;

use crate::error::Error;

/// Returns an error outside of a Tokio runtime, whose timers and sockets would panic there.
pub(crate) fn check_runtime() -> Result<(), Error> {
    let message = "a call must be awaited on a Tokio runtime with timers and I/O (enable_all), \
                   or sent with send_blocking()";
    Handle::try_current().map(drop).map_err(|_| Error::configuration(message))
}

//! Ends a program on a signal.

use std::fmt;
use std::future::Future;
use std::io;
use std::time::Duration;

use crate::call::rental::{Unsettled, settled};

/// Runs `work` until it completes, or until Ctrl-C or (on Unix) SIGTERM asks the program to exit. On a signal, `work`
/// is dropped, which ends its [rentals](crate::rental::Rental). The function then waits up to `limit` for them to end.
///
/// Needs the feature `signal`. **From the first call on, these signals no longer end the program by themselves**, even
/// after this function has returned, because Tokio never removes its signal handlers. So pass the whole work of the
/// program to this function, or handle signals that arrive later with `tokio::signal`. No other part of this library
/// installs a signal handler.
///
/// # Errors
///
/// [`Interrupted`] after a signal, with the rentals that may still be billed. A second signal while rentals are being
/// ended is ignored.
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
///
/// async fn train() { /* ... */ }
///
/// #[tokio::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     http_core::rental::until_signal(train(), Duration::from_secs(600)).await?;
///     Ok(())
/// }
/// ```
pub async fn until_signal<R>(work: impl Future<Output = R>, limit: Duration) -> Result<R, Interrupted> {
    // If the handlers cannot be installed, a signal ends the program as usual.
    tokio::select! {
        result = work => return Ok(result),
        Ok(()) = signal() => {}
    }
    Err(Interrupted { unsettled: settled(limit).await })
}

#[cfg(unix)]
async fn signal() -> io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn signal() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}

/// The error that is returned if a signal ends the program before its work is done.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Interrupted {
    /// The rentals that could not be ended in time and **may still be billed**.
    pub unsettled: Vec<Unsettled>,
}

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted")?;
        for left in &self.unsettled {
            write!(f, "; {left}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Interrupted {}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_a_signal_interrupts_the_work() {
        let work = async {
            tokio::time::sleep(Duration::from_secs(60)).await;
            7
        };
        assert_eq!(until_signal(work, Duration::ZERO).await.unwrap(), 7);
    }

    #[test]
    fn the_error_names_the_rentals_that_may_still_be_billed() {
        let left = |what: &str| Unsettled { what: what.to_owned(), error: None };
        let interrupted = Interrupted { unsettled: vec![left("thing 7"), left("thing 8")] };
        assert_eq!(
            interrupted.to_string(),
            "interrupted; thing 7: it was still being ended; thing 8: it was still being ended"
        );
    }
}

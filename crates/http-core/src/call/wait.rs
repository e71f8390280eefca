//! WaitBuilder for a state, as a value.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use tokio::time::{Instant, sleep, timeout_at};

use crate::call::Call;
use crate::error::{Error, ErrorKind};
use crate::policy::backoff::random;
use crate::policy::deadline::{LONGEST, after};
use crate::wire::response::BoxFuture;

/// With less time than this left, another look tells nothing new.
const SHORT: Duration = Duration::from_secs(1);

type Look<T> = Box<dyn Fn() -> Call<T> + Send + Sync>;
type Test<T> = Box<dyn Fn(&T) -> bool + Send + Sync>;

/// A wait without its condition: say what for with [`until`](Self::until).
#[must_use = "a wait needs until(..) and does nothing until it is awaited"]
pub struct WaitBuilder<T> {
    look: Look<T>,
    fail_on: Option<Test<T>>,
}

impl<T: Send + 'static> WaitBuilder<T> {
    /// For provider crates: a wait that looks by this call.
    pub fn new(look: impl Fn() -> Call<T> + Send + Sync + 'static) -> Self {
        Self { look: Box::new(look), fail_on: None }
    }

    /// For provider crates: states from which no other one comes by itself, so that waiting is in vain unless
    /// this very state is wanted.
    pub fn fail_on(mut self, test: impl Fn(&T) -> bool + Send + Sync + 'static) -> Self {
        self.fail_on = Some(Box::new(test));
        self
    }

    /// Waits until `test` is true.
    pub fn until(self, test: impl Fn(&T) -> bool + Send + Sync + 'static) -> Wait<T> {
        Wait {
            look: self.look,
            done: Box::new(test),
            fail_on: self.fail_on,
            limit: Duration::from_secs(600),
            interval: (Duration::from_secs(2), Duration::from_secs(15)),
        }
    }
}

/// A wait for a state: `.await` gives the state that was waited for, [`states`](Self::states) every state on
/// the way.
///
/// The first look is at once; the pause between looks grows from 2 to 15 seconds. A look that fails for a
/// passing reason does not end the wait, a refusal does. Ten minutes are given unless
/// [`timeout`](Self::timeout) says otherwise.
#[must_use = "a wait does nothing until it is awaited"]
pub struct Wait<T> {
    look: Look<T>,
    done: Test<T>,
    fail_on: Option<Test<T>>,
    limit: Duration,
    interval: (Duration, Duration),
}

impl<T: Send + 'static> Wait<T> {
    /// The time given to the whole wait.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// The first and the longest pause between two looks, at least a millisecond.
    pub fn poll_interval(mut self, first: Duration, longest: Duration) -> Self {
        let first = first.clamp(Duration::from_millis(1), LONGEST);
        self.interval = (first, longest.clamp(first, LONGEST));
        self
    }

    /// Ends the wait early on a state from which the wanted one cannot come, besides those that the provider's
    /// crate knows.
    pub fn fail_if(mut self, test: impl Fn(&T) -> bool + Send + Sync + 'static) -> Self {
        let known = self.fail_on.take();
        self.fail_on =
            Some(Box::new(move |state| test(state) || known.as_ref().is_some_and(|known| known(state))));
        self
    }

    /// Every state that is seen, the wanted one last.
    pub fn states(self) -> States<T> {
        States {
            looking: None,
            state: Some(Looking {
                pause: self.interval.0,
                wait: self,
                deadline: None,
                looks: 0,
                trouble: None,
            }),
        }
    }

    /// Runs the wait and blocks this thread until it ends; see
    /// [`Call::send_blocking`](crate::Call::send_blocking).
    #[cfg(feature = "blocking")]
    pub fn send_blocking(self) -> Result<T, WaitError<T>> {
        let mut outcome = None;
        let run = async {
            outcome = Some(self.run().await);
            Ok(())
        };
        crate::call::blocking::block_on(run).map_err(|error| WaitError { error, last: None })?;
        outcome.unwrap_or_else(|| Err(ended("the wait did not run", None)))
    }

    async fn run(self) -> Result<T, WaitError<T>> {
        let mut states = self.states();
        let mut last = None;
        while let Some(state) = states.next().await {
            match state {
                Ok(state) => last = Some(state),
                Err(mut error) => {
                    error.last = error.last.or(last);
                    return Err(error);
                }
            }
        }
        last.ok_or_else(|| ended("the wait saw no state", None))
    }
}

impl<T: Send + 'static> IntoFuture for Wait<T> {
    type Output = Result<T, WaitError<T>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// The states that a [`Wait`] sees, as a stream: the wanted one is the last item, or an error is.
#[must_use = "states are looked for only when asked"]
pub struct States<T> {
    state: Option<Looking<T>>,
    looking: Option<BoxFuture<'static, Seen<T>>>,
}

type Seen<T> = (Option<Looking<T>>, Result<T, WaitError<T>>);

struct Looking<T> {
    wait: Wait<T>,
    deadline: Option<Instant>,
    pause: Duration,
    looks: u32,
    /// Why the last look saw nothing.
    trouble: Option<Error>,
}

impl<T: Send + 'static> States<T> {
    /// The next state; `None` behind the wanted one or an error.
    pub async fn next(&mut self) -> Option<Result<T, WaitError<T>>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl<T: Send + 'static> Stream for States<T> {
    type Item = Result<T, WaitError<T>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let looking = match (&mut this.looking, this.state.take()) {
            (Some(looking), _) => looking,
            (empty @ None, Some(state)) => empty.insert(Box::pin(state.look())),
            (None, None) => return Poll::Ready(None),
        };
        let Poll::Ready((state, seen)) = looking.as_mut().poll(context) else { return Poll::Pending };
        this.looking = None;
        this.state = state;
        Poll::Ready(Some(seen))
    }
}

impl<T: Send + 'static> Looking<T> {
    /// Pauses, unless this is the first look, and looks once.
    async fn look(mut self) -> Seen<T> {
        let limit = self.wait.limit;
        let deadline = *self.deadline.get_or_insert_with(|| after(limit));
        loop {
            if self.looks > 0 && !self.rest(deadline).await {
                return (None, Err(self.out_of_time()));
            }
            self.looks += 1;
            match timeout_at(deadline, (self.wait.look)()).await {
                Err(_) => return (None, Err(self.out_of_time())),
                Ok(Err(error)) if error.is_retryable() => self.trouble = Some(error),
                Ok(Err(error)) => return (None, Err(WaitError { error, last: None })),
                Ok(Ok(state)) if (self.wait.done)(&state) => return (None, Ok(state)),
                Ok(Ok(state)) if self.wait.fail_on.as_ref().is_some_and(|test| test(&state)) => {
                    let message = "a state came from which the wanted one cannot follow";
                    return (None, Err(ended(message, Some(state))));
                }
                Ok(Ok(state)) => {
                    self.trouble = None;
                    return (Some(self), Ok(state));
                }
            }
        }
    }

    /// Sleeps until the next look; `false` where no time is left for one.
    async fn rest(&mut self, deadline: Instant) -> bool {
        // Between three quarters and the whole of the pause, so that many waits do not look in step.
        let pause = self.pause.mul_f64(1.0 - random() / 4.0);
        let wish = self.trouble.as_ref().and_then(Error::retry_after).unwrap_or_default();
        self.pause = self.pause.mul_f64(1.5).min(self.wait.interval.1);
        let left = deadline.saturating_duration_since(Instant::now());
        // A last look or two shortly before the end are better than giving up a whole pause early.
        let pause = if pause < left { pause.max(wish) } else { left / 2 };
        if pause >= left || pause.is_zero() || (left < SHORT && pause < self.wait.interval.0) {
            return false;
        }
        sleep(pause).await;
        true
    }

    fn out_of_time(&self) -> WaitError<T> {
        let message = format!("the wanted state did not come within {:?}", self.wait.limit);
        let ended = |message: String| {
            let error = Error::new(ErrorKind::Wait, message);
            error.with_operation((self.wait.look)().operation().name())
        };
        let error = match &self.trouble {
            Some(trouble) => {
                ended(format!("{message}; the last look failed: {trouble}")).with_source(trouble.clone())
            }
            None => ended(message).with_advice("give it more with timeout(..)"),
        };
        WaitError { error, last: None }
    }
}

fn ended<T>(message: impl Into<String>, last: Option<T>) -> WaitError<T> {
    WaitError { error: Error::new(ErrorKind::Wait, message), last }
}

/// Why a wait ended without the wanted state, with the last state that was seen. `?` turns it into an
/// [`Error`].
pub struct WaitError<T> {
    error: Error,
    last: Option<T>,
}

impl<T> WaitError<T> {
    /// The last state that was seen, if any.
    pub fn last(&self) -> Option<&T> {
        self.last.as_ref()
    }

    /// The reason: [`ErrorKind::Wait`], or the error of the look that was refused.
    pub fn error(&self) -> &Error {
        &self.error
    }
}

impl<T: fmt::Debug> fmt::Display for WaitError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)
    }
}

impl<T: fmt::Debug> fmt::Debug for WaitError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitError").field("error", &self.error).field("last", &self.last).finish()
    }
}

impl<T: fmt::Debug> std::error::Error for WaitError<T> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.error)
    }
}

impl<T> From<WaitError<T>> for Error {
    fn from(error: WaitError<T>) -> Self {
        error.error
    }
}

impl<T> fmt::Debug for WaitBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitBuilder").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Wait<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait")
            .field("limit", &self.limit)
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for States<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("States").finish_non_exhaustive()
    }
}

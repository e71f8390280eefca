//! Create requests that can be made recoverable.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};

use super::plan::{Plan, Sending};
use super::seek::{Seek, Seeker, Wanted};
use super::{Accepted, Recover};
use crate::call::Call;
use crate::error::Error;
use crate::operation::Operation;
use crate::policy::retry::RetryPolicy;
use crate::wire::body::Body;
use crate::wire::response::BoxFuture;

/// A call that creates a resource. `.await` sends one request, like any [`Call`]; with [`recover`](Self::recover), the
/// result is found even if the response is lost.
///
/// In either case, a create that may have been processed is never sent again. `T` is the content of the response, `F`
/// the created resource.
#[must_use = "a create does nothing until it is awaited"]
pub struct Create<T, F = T> {
    call: Call<T>,
    wanted: Arc<dyn Wanted<F>>,
    accept: fn(T) -> Accepted<F>,
}

impl<T: 'static, F: Send + 'static> Create<T, F> {
    /// For provider crates: builds a `Create` from its call. `seek` describes how to find the result, and `accept`
    /// interprets the response.
    pub fn new<S: Seek<Found = F>>(
        call: Call<T>,
        handle: S::Handle,
        seek: S,
        accept: fn(T) -> Accepted<F>,
    ) -> Self {
        Self { call, wanted: Arc::new(Seeker::new(handle, seek)), accept }
    }

    /// Finds the created resource even if the response is lost: records the existing resources, sends the create once
    /// and, if no response confirms the result, searches until the new resource appears or the time is up.
    ///
    /// The result is a [`Created`](super::Created), whose `value` is the resource:
    ///
    /// ```
    /// use http_core::Error;
    /// use http_core::recovery::Create;
    ///
    /// async fn create_and_find<T: Send + 'static>(create: Create<T>) -> Result<T, Error> {
    ///     Ok(create.recover().await?.value)
    /// }
    /// ```
    pub fn recover(self) -> Recover<F> {
        let Self { call, wanted, accept } = self;
        let send: Sending<F> = Box::new(move |limit| {
            let call = match limit {
                Some(limit) => call.at_most(limit),
                None => call,
            };
            Box::pin(async move { call.await.map(accept) })
        });
        Recover(Ok(Plan {
            wanted,
            send: Some(send),
            ticket: None,
            search_for: None,
            total: None,
            only_certain: false,
        }))
    }
}

impl<T: 'static, F> Create<T, F> {
    fn change(mut self, change: impl FnOnce(Call<T>) -> Call<T>) -> Self {
        self.call = change(self.call);
        self
    }

    /// Returns the operation of this create.
    pub fn operation(&self) -> &'static Operation {
        self.call.operation()
    }

    /// Sets the timeout of the create request itself, not of the recovery; see [`Call::timeout`].
    pub fn timeout(self, limit: Duration) -> Self {
        self.change(|call| call.timeout(limit))
    }

    /// Sets how many times the request is attempted as long as it provably was not processed; see [`Call::retry`].
    pub fn retry(self, policy: RetryPolicy) -> Self {
        self.change(|call| call.retry(policy))
    }

    /// Sets a header of the request; see [`Call::header`].
    pub fn header(self, name: impl TryInto<HeaderName>, value: impl TryInto<HeaderValue>) -> Self {
        self.change(|call| call.header(name, value))
    }

    /// Returns the response undecoded; see [`Call::raw`].
    pub fn raw(self) -> Call<http::Response<Body>> {
        self.call.raw()
    }

    /// Returns the request for another HTTP client; see [`Call::prepare`].
    ///
    /// # Errors
    ///
    /// The errors of [`Call::prepare`].
    pub fn prepare(&self) -> Result<http::Request<Body>, Error> {
        self.call.prepare()
    }

    /// Decodes the response that another HTTP client received; see [`Call::finish`].
    ///
    /// # Errors
    ///
    /// The errors of [`Call::finish`].
    pub fn finish(self, response: http::Response<Bytes>) -> Result<T, Error> {
        self.call.finish(response)
    }

    /// Sends the create and blocks this thread until the call ends; see [`Call::send_blocking`].
    ///
    /// # Errors
    ///
    /// The errors that `.await` returns, and those of [`Call::send_blocking`].
    #[cfg(feature = "blocking")]
    pub fn send_blocking(self) -> Result<T, Error> {
        self.call.send_blocking()
    }
}

impl<T: 'static, F> IntoFuture for Create<T, F> {
    type Output = Result<T, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        self.call.into_future()
    }
}

impl<T, F> From<Create<T, F>> for Call<T> {
    fn from(create: Create<T, F>) -> Self {
        create.call
    }
}

impl<T: 'static, F> fmt::Debug for Create<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Create").field("operation", &self.call.operation().name()).finish_non_exhaustive()
    }
}

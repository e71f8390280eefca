//! A call as a value.

#[cfg(feature = "blocking")]
mod blocking;
pub(crate) mod builder;
pub(crate) mod gone;
pub(crate) mod list;
mod misplaced;
mod pending;
pub(crate) mod recover;
pub(crate) mod rental;
pub(crate) mod sequence;
#[cfg(feature = "signal")]
pub(crate) mod signal;
#[cfg(test)]
mod tests;
pub(crate) mod wait;
#[cfg(not(feature = "blocking"))]
mod without_blocking;

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    AGE, ALLOW, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderName, RETRY_AFTER,
    SERVER, TRANSFER_ENCODING,
};

use crate::call::pending::{Pending, options};
use crate::error::excerpt::Secrets;
use crate::error::{Error, ErrorKind, Source};
use crate::operation::Effect;
use crate::transport::judge::Judged;
use crate::wire::body::Body;
use crate::wire::decode::{DecodeError, make_text};
use crate::wire::peek::names_other_id;
use crate::wire::presumed::{Counts, presuming};
use crate::wire::response::BoxFuture;
use crate::wire::{allowance, json_text, time_limit};

/// The headers of a response whose values `Debug` shows. Any other header may contain a token.
static SHOWN: [HeaderName; 10] = [
    AGE,
    ALLOW,
    CONNECTION,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    DATE,
    RETRY_AFTER,
    SERVER,
    TRANSFER_ENCODING,
];

type Finish<T> = Box<dyn FnOnce(Result<Judged<'_>, Error>) -> Result<T, Error> + Send>;

/// A call that is ready to be sent: `.await` sends it.
///
/// Nothing happens before that. Options that are not set default to those of the client.
///
/// # Runtime
///
/// `.await` requires a Tokio runtime with timers and I/O, such as that of `#[tokio::main]` or of a
/// `tokio::runtime::Builder` with `enable_all()`. Outside of a runtime, the call fails with an error; **on a runtime
/// without timers or I/O, Tokio panics**.
///
/// # Dropping the future
///
/// Dropping the future stops waiting for the response. **It does not undo a request in flight**: the provider is not
/// notified and may process it. So limit a mutating call with [`timeout`](Self::timeout): its error reports whether the
/// outcome is unknown. Do not wrap the call in `tokio::time::timeout` or `select!`, which lose that error. The result
/// of a create whose future was dropped can be found with its [`Ticket`](crate::recovery::Ticket): see
/// [`Create::recover`](crate::recovery::Create::recover).
///
/// ```
/// use std::time::Duration;
///
/// use http_core::{Call, Error, RetryPolicy};
///
/// async fn send_once<T: 'static>(call: Call<T>) -> Result<T, Error> {
///     call.timeout(Duration::from_secs(90)).retry(RetryPolicy::never()).await
/// }
/// ```
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<T> {
    pending: Pending,
    finish: Finish<T>,
}

impl<T: 'static> Call<T> {
    /// Creates a call whose response is text. Invalid bytes in it are replaced before it is decoded.
    pub(crate) fn new(
        pending: Pending,
        decode: impl Fn(&Bytes) -> Result<T, DecodeError> + Send + 'static,
    ) -> Self {
        Self::prepared(pending, make_text, decode)
    }

    /// Creates a call whose response is decoded unchanged.
    pub(crate) fn unchanged(
        pending: Pending,
        decode: impl Fn(&Bytes) -> Result<T, DecodeError> + Send + 'static,
    ) -> Self {
        Self::prepared(pending, |_| Ok(()), decode)
    }

    fn prepared(
        mut pending: Pending,
        prepare: fn(&mut Bytes) -> Result<(), DecodeError>,
        decode: impl Fn(&Bytes) -> Result<T, DecodeError> + Send + 'static,
    ) -> Self {
        pending.check_confirm();
        let about = pending.about.take();
        let finish = move |judged: Result<Judged<'_>, Error>| {
            let judged = judged?;
            let received = judged.received();
            let decode = |body: &Bytes| {
                let decode = || json_text::of_response(body, || decode(body));
                // A `match` that returns the result would copy it.
                let mut decoded = allowance::of_response(received, body.len(), decode);
                if let Some((key, id)) = about.as_deref()
                    && decoded.is_ok()
                    && names_other_id(body, key, id)
                {
                    decoded = Err(DecodeError::about_another(id));
                }
                decoded
            };
            let mut if_success = None;
            if let Some(effect) = judged.presumed().filter(|_| !time_limit::is_stopped()) {
                let observes = effect != Effect::Read;
                match presuming(observes, || decode(judged.response().body())) {
                    (Ok(value), Counts::Always) => return Ok(value),
                    (decoded, Counts::IfSuccess) => if_success = Some(decoded),
                    _ => {}
                }
            }
            let presumed_body = judged.response().body().as_ptr_range();
            let mut response = judged.settle()?;
            let decoded = prepare(response.body_mut()).and_then(|()| match if_success {
                Some(decoded) if response.body().as_ptr_range() == presumed_body => decoded,
                _ => decode(response.body()),
            });
            let error = match decoded {
                _ if time_limit::is_stopped() => Error::too_late(),
                Ok(value) => return Ok(value),
                Err(error) => Error::of_response(ErrorKind::Decode, error.to_string())
                    .with_source(Source::Decode(error)),
            };
            Err(error.with_status(response.status().as_u16()).with_body(response.into_body()))
        };
        Self { pending, finish: Box::new(finish) }
    }

    options!();

    pub(crate) fn at_most(mut self, limit: Duration) -> Self {
        self.pending.at_most(limit);
        self
    }

    /// Returns the secrets of this call.
    pub(crate) fn secrets(&self) -> Secrets {
        self.pending.secrets()()
    }

    /// Returns the response undecoded: status, headers and bytes. An error response is still an error.
    ///
    /// The bytes are those that would be decoded: if the provider wraps its JSON in something else, such as PHP
    /// warnings, they contain only the JSON; text in another format or encoding is converted to JSON in UTF-8. `Debug`
    /// of the response does not show the bytes, and shows only the values of headers that contain no secret, such as
    /// `Content-Type` and `Retry-After`.
    pub fn raw(mut self) -> Call<http::Response<Body>> {
        // A call that is confirmed by a read has no response to return.
        self.pending.confirm = None;
        let finish = |judged: Result<Judged<'_>, Error>| {
            judged?.settle().map(|mut response| {
                for (name, value) in response.headers_mut() {
                    value.set_sensitive(!SHOWN.contains(name));
                }
                response.map(Body::from)
            })
        };
        Call { pending: self.pending, finish: Box::new(finish) }
    }

    /// Transforms the value that a successful call returns.
    pub fn map<U: 'static>(self, change: impl FnOnce(T) -> U + Send + 'static) -> Call<U> {
        self.and_then(|value| Ok(change(value)))
    }

    /// Transforms the value that a successful call returns, with a function that can fail.
    pub fn and_then<U: 'static>(
        self,
        change: impl FnOnce(T) -> Result<U, Error> + Send + 'static,
    ) -> Call<U> {
        let Self { pending, finish } = self;
        Call { pending, finish: Box::new(move |response| finish(response).and_then(change)) }
    }

    /// Returns `None` instead of an error for which [`is_not_found`](Error::is_not_found) is `true`. An error whose
    /// [outcome is unknown](Error::is_outcome_unknown) is still returned.
    pub fn optional(self) -> Call<Option<T>> {
        self.map(Some).or_else(|error| {
            let is_absent = error.is_not_found() && !error.is_outcome_unknown() && !error.is_unrecognized();
            if is_absent { Ok(None) } else { Err(error) }
        })
    }

    /// Passes an error to `change`, which may replace it with a value.
    pub(crate) fn or_else(self, change: impl FnOnce(Error) -> Result<T, Error> + Send + 'static) -> Self {
        let Self { pending, finish } = self;
        Self { pending, finish: Box::new(move |response| finish(response).or_else(change)) }
    }

    /// Decodes a response that another HTTP client received for the request from [`prepare`](Self::prepare).
    ///
    /// # Errors
    ///
    /// The errors that a response can cause when the call is sent: an error response, or a body that cannot be decoded.
    pub fn finish(self, response: http::Response<Bytes>) -> Result<T, Error> {
        self.pending.finish(response, self.finish)
    }
}

impl<T: 'static> IntoFuture for Call<T> {
    type Output = Result<T, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.pending.run(self.finish))
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("operation", &self.pending.operation.name()).finish_non_exhaustive()
    }
}

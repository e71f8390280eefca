//! A call as a value.

#[cfg(feature = "blocking")]
mod blocking;
pub(crate) mod builder;
pub(crate) mod recover;
pub(crate) mod rental;
pub(crate) mod sequence;
#[cfg(feature = "signal")]
pub(crate) mod signal;
pub(crate) mod wait;

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderName, HeaderValue, TRANSFER_ENCODING};
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind, Source, excerpt};
use crate::operation::{Effect, Operation};
use crate::policy::retry::RetryPolicy;
use crate::transport::request::Request;
use crate::transport::{Confirm, Options, Transport, explain};
use crate::wire::decode::{self, DecodeError, FindRows, PartialList, array_rows};
use crate::wire::response::{BoxFuture, Response};

/// Headers that say where a message goes and where it ends.
const FRAMING: [HeaderName; 4] = [HOST, CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING];

type Decode<T> = Box<dyn FnOnce(&Bytes) -> Result<T, DecodeError> + Send>;
type Then<T> = Box<dyn FnOnce(Result<Response, Error>) -> Result<T, Error> + Send>;

/// One call, ready to be sent: `.await` runs it.
///
/// Nothing happens before that. What the options do not set comes from the client.
///
/// # Dropping the future
///
/// Dropping the future stops waiting for the response. **It does not undo a request that is under way**: the provider is
/// not told, and may process it. So limit a call that creates or changes something by [`timeout`](Self::timeout), whose
/// error says whether the outcome is unknown, and not by `tokio::time::timeout` or `select!` around it, which lose that
/// error. The result of a create that was dropped is found by its [`Ticket`](crate::Ticket): see
/// [`Create::recover`](crate::Create::recover).
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
    transport: Transport,
    operation: Operation,
    effect: Effect,
    outgoing: Result<Request, Error>,
    options: Options,
    finish: Then<T>,
    rows: Option<FindRows>,
    confirm: Option<Confirm>,
}

impl<T: 'static> Call<T> {
    pub(crate) fn new(
        transport: Transport,
        operation: Operation,
        effect: Effect,
        outgoing: Result<Request, Error>,
        decode: Decode<T>,
    ) -> Self {
        let options = Options::default();
        Self {
            transport,
            operation,
            effect,
            outgoing,
            options,
            finish: then_decode(decode),
            rows: None,
            confirm: None,
        }
    }

    pub(crate) fn with_rows(mut self, rows: FindRows) -> Self {
        self.rows = Some(rows);
        self
    }

    pub(crate) fn confirmed_by(mut self, confirm: Option<Confirm>) -> Self {
        self.confirm = confirm;
        self
    }

    pub(crate) fn ignore_reply(&mut self) {
        if let Ok(outgoing) = &mut self.outgoing {
            outgoing.ignores_reply = true;
        }
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.transport
    }

    /// The URL, without what the dialect adds to it.
    pub(crate) fn url(&self) -> Result<String, Error> {
        let outgoing = self.outgoing.as_ref().map_err(Error::clone)?;
        self.transport.url(outgoing).map(String::from)
    }

    /// Shortens the time for the whole call to this.
    pub(crate) fn at_most(mut self, limit: Duration) -> Self {
        self.options.total = Some(self.options.total.map_or(limit, |total| total.min(limit)));
        self
    }

    /// The operation that this call runs.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// What a second run of this call would do, which decides whether it may be repeated.
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// The time given to the whole call: attempts, pauses between them, and waiting for a place among the
    /// concurrent requests.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.options.total = Some(limit);
        self
    }

    /// How often and how patiently this call is repeated. Whether it may be repeated at all stays a matter of
    /// the operation's [`Effect`].
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry = Some(policy);
        self
    }

    /// Sets a header of this call, e.g. a trace id. It is treated as a secret: never shown anywhere.
    ///
    /// The headers that frame a message (`host`, `connection`, `content-length`, `transfer-encoding`) are the
    /// connection's own and refused.
    ///
    /// ```
    /// use http_core::{Call, Error};
    ///
    /// async fn traced<T: 'static>(call: Call<T>) -> Result<T, Error> {
    ///     call.header("x-trace-id", "4bf92f35").await
    /// }
    /// ```
    pub fn header(mut self, name: impl TryInto<HeaderName>, value: impl TryInto<HeaderValue>) -> Self {
        let header = match (name.try_into(), value.try_into()) {
            (Ok(name), Ok(value)) if !FRAMING.contains(&name) => Ok((name, value)),
            (Ok(name), Ok(_)) => {
                Err(Error::invalid_argument(format!("the header {name} is set by the connection")))
            }
            _ => {
                Err(Error::invalid_argument("a header's name or value holds a character that none can carry"))
            }
        };
        self.outgoing = self.outgoing.and_then(|mut outgoing| {
            let (name, mut value) = header?;
            value.set_sensitive(true);
            outgoing.headers.insert(name, value);
            Ok(outgoing)
        });
        self
    }

    /// Takes the reply undecoded: status, headers and bytes. A refusal is still an error.
    pub fn raw(mut self) -> Call<Response> {
        // What is confirmed by a look has no response to show.
        self.confirm = None;
        self.wrap(|_| Box::new(|reply| reply))
    }

    /// Changes the value of a successful call.
    pub fn map<U: 'static>(self, change: impl FnOnce(T) -> U + Send + 'static) -> Call<U> {
        self.and_then(|value| Ok(change(value)))
    }

    /// Changes the value of a successful call, or finds that it is no success.
    pub fn and_then<U: 'static>(
        self,
        change: impl FnOnce(T) -> Result<U, Error> + Send + 'static,
    ) -> Call<U> {
        self.wrap(|finish| Box::new(move |reply| finish(reply).and_then(change)))
    }

    /// Takes "there is no such thing" for an answer: `None` in place of an error that
    /// [`is_not_found`](Error::is_not_found).
    pub fn optional(self) -> Call<Option<T>> {
        self.wrap(|finish| {
            Box::new(move |reply| match finish(reply) {
                Ok(value) => Ok(Some(value)),
                Err(error) if error.is_not_found() => Ok(None),
                Err(error) => Err(error),
            })
        })
    }

    fn wrap<U>(self, change: impl FnOnce(Then<T>) -> Then<U>) -> Call<U> {
        let Self { transport, operation, effect, outgoing, options, finish, confirm, .. } = self;
        Call { transport, operation, effect, outgoing, options, finish: change(finish), rows: None, confirm }
    }

    /// The request for whoever brings another HTTP client: complete, with credentials. The reply goes to
    /// [`finish`](Self::finish). Nothing is sent here, and neither retries nor deadlines apply.
    ///
    /// Fails for a mistake in the arguments, and with [`ErrorKind::Configuration`] where credentials would
    /// have to be fetched by a call first.
    pub fn prepare(&self) -> Result<http::Request<Bytes>, Error> {
        let outgoing = self.outgoing.as_ref().map_err(Error::clone)?;
        let outgoing = self.transport.authorized(&self.operation, outgoing)?;
        let mut request = http::Request::new(outgoing.body.clone());
        *request.method_mut() = outgoing.method.clone();
        *request.uri_mut() = self
            .transport
            .url(&outgoing)?
            .as_str()
            .parse()
            .map_err(|_| Error::invalid_argument("the path makes no URL"))?;
        *request.headers_mut() = outgoing.headers;
        Ok(request)
    }

    /// Decodes a reply that another HTTP client received for the request of [`prepare`](Self::prepare).
    pub fn finish(self, reply: http::Response<Bytes>) -> Result<T, Error> {
        let outgoing = self.outgoing?;
        let sent = self.transport.authorized(&self.operation, &outgoing).unwrap_or(outgoing);
        let judged = self.transport.judge(&self.operation, &reply).map(|body| reply.map(|_| body));
        (self.finish)(judged)
            .map_err(|error| explain(error, &self.operation, self.effect, &sent.exposed_secrets()))
    }

    async fn run(self) -> Result<T, Error> {
        let outgoing = self.outgoing.map_err(|error| error.with_operation(self.operation.name()))?;
        let Self { transport, operation, effect, options, confirm, finish, .. } = self;
        transport.run(&operation, effect, &outgoing, options, confirm, finish).await
    }
}

impl<T: DeserializeOwned + 'static> Call<Vec<T>> {
    /// Keeps the rows that can be read and reports those that cannot, so that one strange row does not hide
    /// the others. Goes before [`map`](Call::map) and its like.
    pub fn tolerant(mut self) -> Call<PartialList<T>> {
        let rows = self.rows.unwrap_or(array_rows);
        if self.rows.is_none() {
            let mistake = "tolerant() must come directly after the method that lists";
            self.outgoing = self.outgoing.and(Err(Error::invalid_argument(mistake)));
        }
        let (transport, operation) = (self.transport.clone(), self.operation);
        let request = self.outgoing.as_ref().ok().cloned();
        self.wrap(|_| {
            then_decode(Box::new(move |body| {
                let mut list = decode::tolerant(body, rows)?;
                if let (false, Some(request)) = (list.errors.is_empty(), request) {
                    let sent = transport.authorized(&operation, &request).unwrap_or(request);
                    let clean = |text: &str| excerpt::sanitize(text, &sent.exposed_secrets());
                    list.errors = list.errors.into_iter().map(|error| error.sanitize(clean)).collect();
                }
                Ok(list)
            }))
        })
    }
}

impl<T: 'static> IntoFuture for Call<T> {
    type Output = Result<T, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

fn then_decode<T: 'static>(decode: Decode<T>) -> Then<T> {
    Box::new(move |reply| {
        let reply = reply?;
        decode(reply.body()).map_err(|why| {
            Error::new(ErrorKind::Decode, why.to_string())
                .with_status(reply.status().as_u16())
                .with_body(reply.body().clone())
                .with_source(Source::Decode(why))
        })
    })
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("operation", &self.operation.name()).finish_non_exhaustive()
    }
}

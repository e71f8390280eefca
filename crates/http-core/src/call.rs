//! A call as a value.

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use serde::de::DeserializeOwned;

use crate::decode::{self, FindRows, Tolerant, Unreadable};
use crate::dialect::{BoxFuture, Reply};
use crate::error::{Error, ErrorKind};
use crate::excerpt::excerpt;
use crate::operation::{Effect, Operation};
use crate::outgoing::Outgoing;
use crate::retry::RetryPolicy;
use crate::transport::{Options, Transport};

type Decode<T> = Box<dyn FnOnce(&Bytes) -> Result<T, Unreadable> + Send>;
type Then<T> = Box<dyn FnOnce(Result<Reply, Error>) -> Result<T, Error> + Send>;

/// One call, ready to be sent: `.await` runs it.
///
/// Nothing happens before that, and dropping the future ends it. What the options do not set comes from the
/// client.
///
/// ```
/// # use std::time::Duration;
/// # async fn example(call: http_core::Call<String>) -> Result<(), http_core::Error> {
/// let answer = call.timeout(Duration::from_secs(90)).await?;
/// # Ok(()) }
/// ```
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<T> {
    transport: Transport,
    operation: Operation,
    effect: Effect,
    outgoing: Result<Outgoing, Error>,
    options: Options,
    finish: Then<T>,
    rows: Option<FindRows>,
}

impl<T: 'static> Call<T> {
    pub(crate) fn new(
        transport: Transport,
        operation: Operation,
        effect: Effect,
        outgoing: Result<Outgoing, Error>,
        decode: Decode<T>,
    ) -> Self {
        let options = Options::default();
        Self { transport, operation, effect, outgoing, options, finish: then_decode(decode), rows: None }
    }

    pub(crate) fn with_rows(mut self, rows: FindRows) -> Self {
        self.rows = Some(rows);
        self
    }

    pub(crate) fn ignore_reply(&mut self) {
        if let Ok(outgoing) = &mut self.outgoing {
            outgoing.ignores_reply = true;
        }
    }

    /// The operation that this call runs.
    pub fn operation(&self) -> Operation {
        self.operation
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

    /// Adds a header to this call, e.g. a trace id. It is treated as a secret: never shown anywhere.
    pub fn header(mut self, name: HeaderName, mut value: HeaderValue) -> Self {
        value.set_sensitive(true);
        if let Ok(outgoing) = &mut self.outgoing {
            outgoing.headers.insert(name, value);
        }
        self
    }

    /// Takes the reply undecoded: status, headers and bytes. A refusal is still an error.
    pub fn raw(self) -> Call<Reply> {
        self.then(Box::new(|reply| reply))
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
        let Self { transport, operation, effect, outgoing, options, finish, .. } = self;
        let finish: Then<U> = Box::new(move |reply| finish(reply).and_then(change));
        Call { transport, operation, effect, outgoing, options, finish, rows: None }
    }

    /// Takes "there is no such thing" for an answer: `None` in place of an error that
    /// [`is_not_found`](Error::is_not_found).
    pub fn optional(self) -> Call<Option<T>> {
        let Self { transport, operation, effect, outgoing, options, finish, .. } = self;
        let finish: Then<Option<T>> = Box::new(move |reply| match finish(reply) {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        });
        Call { transport, operation, effect, outgoing, options, finish, rows: None }
    }

    fn then<U>(self, finish: Then<U>) -> Call<U> {
        let Self { transport, operation, effect, outgoing, options, .. } = self;
        Call { transport, operation, effect, outgoing, options, finish, rows: None }
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
        let name = self.operation.name();
        let secrets = self.transport.authorized(&self.operation, &outgoing)?;
        let secrets = secrets.exposed_secrets();
        let judged = self.transport.judge(&self.operation, &reply).map(|body| reply.map(|_| body));
        (self.finish)(judged).map_err(|error| error.with_operation(name).cut(&secrets))
    }

    async fn run(self) -> Result<T, Error> {
        let name = self.operation.name();
        let outgoing = self.outgoing.map_err(|error| error.with_operation(name))?;
        let reply = self.transport.run(&self.operation, self.effect, &outgoing, self.options).await;
        (self.finish)(reply).map_err(|error| error.with_operation(name).cut(&outgoing.exposed_secrets()))
    }
}

impl<T: DeserializeOwned + 'static> Call<Vec<T>> {
    /// Keeps the rows that can be read and reports those that cannot, so that one strange row does not hide
    /// the others. Goes before [`map`](Call::map) and its like.
    pub fn tolerant(self) -> Call<Tolerant<T>> {
        let Some(rows) = self.rows else {
            let mut call = self.then(Box::new(|_| Err(Error::configuration("unreachable"))));
            call.outgoing =
                Err(Error::invalid_argument("tolerant() must come directly after the method that lists"));
            return call;
        };
        self.then(then_decode(Box::new(move |body| decode::tolerant(body, rows))))
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
            let excerpt = excerpt(reply.body(), &[]);
            let message =
                if excerpt.is_empty() { why.to_string() } else { format!("{why}; it began: {excerpt}") };
            Error::new(ErrorKind::Unreadable, message).with_status(reply.status().as_u16()).with_source(why)
        })
    })
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("operation", &self.operation.name()).finish_non_exhaustive()
    }
}

//! The request and the options of a call, independent of the call's result type.

use std::borrow::Cow;
use std::time::Duration;

use http::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, HOST, HeaderName, HeaderValue, TE, TRANSFER_ENCODING,
    UPGRADE,
};

use crate::error::Error;
use crate::error::excerpt::Secrets;
use crate::operation::{Effect, Operation, Recovery};
use crate::policy::retry::RetryPolicy;
use crate::transport::judge::Judged;
use crate::transport::plan::Options;
use crate::transport::request::Request;
use crate::transport::{Confirm, Transport};
use crate::wire::body::Body;
use crate::wire::response::Response;

/// Headers that determine where a message is sent, where it ends and how it is encoded.
const FRAMING: [HeaderName; 7] =
    [HOST, CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, TE, UPGRADE, ACCEPT_ENCODING];

pub(crate) struct Pending {
    pub(crate) transport: Transport,
    pub(crate) operation: &'static Operation,
    pub(crate) effect: Effect,
    /// The request, or the error of the first invalid argument, which is stored only here. The request is boxed,
    /// because it is large and moves through many futures.
    request: Result<Box<Request>, Error>,
    /// The following three are boxed, too, because most calls have none of them.
    options: Option<Box<Options>>,
    pub(crate) confirm: Option<Box<Confirm>>,
    /// The member of the response that contains an id, and the id of the requested resource.
    pub(crate) about: Option<Box<(&'static str, String)>>,
}

impl Pending {
    pub(crate) fn new(
        transport: Transport,
        operation: &'static Operation,
        path: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            transport,
            operation,
            effect: operation.effect(),
            request: Ok(Box::new(Request::new(operation.method().into(), path))),
            options: None,
            confirm: None,
            about: None,
        }
    }

    /// Changes the request, unless an earlier argument was invalid.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut Request) -> Result<(), Error>) {
        if let Ok(request) = &mut self.request
            && let Err(error) = change(request)
        {
            self.request = Err(error.with_operation(self.operation.name()));
        }
    }

    /// Makes the call fail if its operation is declared as [confirmed](Recovery::Confirmed) but no read confirms it, or
    /// if a read confirms it without that declaration.
    pub(crate) fn check_confirm(&mut self) {
        let is_declared = self.operation.recovery() == Recovery::Confirmed;
        if is_declared != self.confirm.is_some() {
            let operation = self.operation.name();
            let message = if is_declared {
                format!("{operation} is declared as .confirmed(), but no read confirms this call")
            } else {
                format!("a read confirms this call, but {operation} is not declared as .confirmed()")
            };
            self.change(|_| Err(Error::configuration(message)));
        }
    }

    fn options_mut(&mut self) -> &mut Options {
        self.options.get_or_insert_default()
    }

    pub(crate) fn timeout(&mut self, limit: Duration) {
        self.options_mut().total = Some(limit);
    }

    /// Shortens the timeout of the whole call to `limit`, and never extends it.
    pub(crate) fn at_most(&mut self, limit: Duration) {
        self.options_mut().at_most = Some(limit);
    }

    pub(crate) fn retry(&mut self, policy: RetryPolicy) {
        self.options_mut().retry = Some(policy);
    }

    pub(crate) fn header(&mut self, name: impl TryInto<HeaderName>, value: impl TryInto<HeaderValue>) {
        let header = match (name.try_into(), value.try_into()) {
            (Ok(name), Ok(value)) if !FRAMING.contains(&name) => Ok((name, value)),
            (Ok(name), Ok(_)) => {
                Err(Error::invalid_argument(format!("the header {name} is reserved for the connection")))
            }
            _ => Err(Error::invalid_argument(
                "a header's name or value contains a character that is not allowed in HTTP headers",
            )),
        };
        self.change(|request| {
            let (name, mut value) = header?;
            value.set_sensitive(true);
            request.replace_header(name, value);
            Ok(())
        });
    }

    /// Returns the URL without the parts that the dialect adds.
    pub(crate) fn url(&self) -> Result<String, Error> {
        let request = self.request.as_ref().map_err(Error::clone)?;
        Ok(self.transport.url(request).into())
    }

    /// Returns a function that returns the secrets of this call, to be redacted in text from its response.
    pub(crate) fn secrets(&self) -> impl FnOnce() -> Secrets + Send + use<> {
        let (transport, operation) = (self.transport.clone(), self.operation);
        let request = self.request.as_ref().ok().cloned();
        move || {
            let Some(mut request) = request else { return Secrets::default() };
            let _ = transport.authorize(operation, &mut request);
            transport.secrets(&request)
        }
    }

    pub(crate) fn prepare(&self) -> Result<http::Request<Body>, Error> {
        let mut request = self.request.as_ref().map_err(Error::clone)?.without_secrets();
        self.transport.authorize(self.operation, &mut request)?;
        let mut prepared = http::Request::new(Body::default());
        *prepared.uri_mut() = self.transport.base().uri(&request)?;
        *prepared.headers_mut() = self.transport.headers(&request);
        *prepared.method_mut() = request.method;
        *prepared.body_mut() = request.body.into();
        Ok(prepared)
    }

    pub(crate) fn finish<T>(
        self,
        response: Response,
        finish: impl FnOnce(Result<Judged<'_>, Error>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let Self { transport, operation, effect, .. } = self;
        let mut request = self.request?;
        let id = transport.dialect().request_id(response.headers());
        finish(transport.judge(operation, effect, response)).map_err(|error| {
            // Adds the credentials to the request, so that `explain` redacts them from the error.
            let _ = transport.authorize(operation, &mut request);
            transport.explain(error.with_request_id(id), operation, effect, &request)
        })
    }

    pub(crate) fn run<T>(
        self,
        finish: impl FnOnce(Result<Judged<'_>, Error>) -> Result<T, Error>,
    ) -> impl Future<Output = Result<T, Error>> {
        let Self { transport, operation, effect, request, options, confirm, .. } = self;
        transport.run(operation, effect, request, options, confirm, finish)
    }
}

/// The options that every kind of call has.
macro_rules! options {
    () => {
        /// Returns the operation of this call.
        pub fn operation(&self) -> &'static $crate::operation::Operation {
            self.pending.operation
        }

        /// Returns the effect of sending this call twice. It decides whether the call may be retried.
        pub fn effect(&self) -> $crate::operation::Effect {
            self.pending.effect
        }

        /// Sets the timeout of the whole call: its attempts, the delays between them, and the wait for a permit if the
        /// client limits its concurrency.
        ///
        /// A response that has arrived completely is decoded even if the timeout expires meanwhile, because otherwise
        /// the outcome of a mutating call would be unknown. Only the decoding of a response of more than 1 MiB stops
        /// then.
        pub fn timeout(mut self, limit: ::std::time::Duration) -> Self {
            self.pending.timeout(limit);
            self
        }

        /// Sets how many times this call is attempted, and the delays between attempts. Whether it may be retried at
        /// all depends on the operation's [`Effect`](crate::client::Effect).
        pub fn retry(mut self, policy: $crate::policy::retry::RetryPolicy) -> Self {
            self.pending.retry(policy);
            self
        }

        /// Sets a header of this call, e.g. a trace id. Its value is treated as a secret, and so are the parts of it
        /// that may be tokens.
        ///
        /// The headers that frame or encode a message (`host`, `connection`, `content-length`, `transfer-encoding`,
        /// `accept-encoding`) are set by the connection, and those that contain credentials by the client. Setting one
        /// of them is an error.
        ///
        /// ```
        /// use http_core::{Call, Error};
        ///
        /// async fn traced<T: 'static>(call: Call<T>) -> Result<T, Error> {
        ///     call.header("x-trace-id", "4bf92f35").await
        /// }
        /// ```
        pub fn header(
            mut self,
            name: impl TryInto<::http::header::HeaderName>,
            value: impl TryInto<::http::header::HeaderValue>,
        ) -> Self {
            self.pending.header(name, value);
            self
        }

        /// Returns the complete request, including credentials, for another HTTP client. Pass the response to
        /// [`finish`](Self::finish). This method sends nothing, and neither retries nor timeouts apply.
        ///
        /// Convert the body to plain bytes for your HTTP client: `call.prepare()?.map(Bytes::from)`. `Debug` of the
        /// [`Body`](crate::wire::Body) and of sensitive headers shows no secrets.
        ///
        /// # Errors
        ///
        /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for an invalid argument, and
        /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if credentials must first be obtained by
        /// another call.
        pub fn prepare(&self) -> Result<::http::Request<$crate::wire::Body>, $crate::error::Error> {
            self.pending.prepare()
        }
    };
}
pub(crate) use options;

//! A call under construction: an operation and its arguments.

use std::fmt;

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::call::Call;
use crate::call::gone::Gone;
use crate::call::list::{ListCall, Rows};
use crate::call::pending::Pending;
use crate::error::Error;
use crate::operation::{Effect, Method, Operation};
use crate::transport::{Confirm, Transport};
use crate::wire::allowance;
use crate::wire::decode::{self, DecodeError, FindRows, ReadRows, make_text};
use crate::wire::form::Form;
use crate::wire::json_text;
use crate::wire::peek::{names_blank_id, names_other_id};
use crate::wire::success::acknowledged;

/// A call under construction. Provider crates build their methods with it. Programs get one from `client.request(..)`,
/// for endpoints that have no typed method.
///
/// Building a call performs no I/O. The first invalid argument is stored and returned as an error when the call is
/// awaited.
#[must_use = "a builder does nothing until it becomes a call and is awaited"]
pub struct CallBuilder(Pending);

impl Transport {
    /// Creates a call to this operation.
    pub fn call(&self, operation: &'static Operation) -> CallBuilder {
        CallBuilder(Pending::new(self.clone(), operation, operation.path()))
    }

    /// Creates a call to an endpoint that has no typed method, with the same authorization, limits and redaction.
    /// `path` is appended to the base URL unchanged. Unless [`CallBuilder::effect`] is set, only a `GET` is retried if
    /// the provider may have processed the request.
    pub fn request(&self, method: Method, path: &str) -> CallBuilder {
        let builder = CallBuilder(Pending::new(self.clone(), Operation::untyped(method), path.to_owned()));
        let is_plain = |c: char| c.is_ascii_graphic() && !"#\\\"<>^`|".contains(c);
        if path.starts_with('/') && path.chars().all(is_plain) && !climbs(path) {
            return builder;
        }
        builder.invalid(Error::invalid_argument(
            "the path must begin with /, be percent-encoded, and contain no #, no \\ and no . or .. segment",
        ))
    }
}

impl CallBuilder {
    /// Replaces `{name}` in the operation's path with the percent-encoded value.
    /// [`Dialect::authorize`](crate::client::Dialect::authorize) may fill the remaining placeholders. A placeholder
    /// that is still empty after that causes an error.
    pub fn path(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.0.change(|request| request.fill_path(name, value));
        self
    }

    /// Adds a query parameter. As in a [`Form`], its displayed value must not be empty. Never use it for secrets, because
    /// URLs end up in logs.
    pub fn query(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.0.change(|request| Ok(request.add_query(name, value)?));
        self
    }

    /// Adds a query parameter if `value` is `Some`.
    pub fn query_optional(self, name: &str, value: Option<impl fmt::Display>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    /// Sends the call to a location; `None` means the account's default location. Operations that are not
    /// [location-scoped](Operation::is_location_scoped) ignore the location.
    pub fn location(mut self, slug: Option<&str>) -> Self {
        if let (true, Some(slug)) = (self.0.operation.is_location_scoped(), slug) {
            let transport = self.0.transport.clone();
            self.0.change(|request| transport.dialect().place_location(request, slug));
        }
        self
    }

    /// Sends a form body.
    pub fn form(mut self, form: Form) -> Self {
        self.0.change(|request| {
            let (text, secrets) = form.into_parts()?;
            request.secrets.extend(secrets);
            request.body = Bytes::from(text);
            request.content_type = Some(HeaderValue::from_static("application/x-www-form-urlencoded"));
            Ok(())
        });
        self
    }

    /// Sends a JSON body. Declare every secret in it with [`secret`](Self::secret).
    pub fn json_body(mut self, body: &impl Serialize) -> Self {
        self.0.change(|request| {
            let body = serde_json::to_vec(body)
                .map_err(|_| Error::invalid_argument("the body cannot be serialized as JSON"))?;
            request.body = Bytes::from(body);
            request.content_type = Some(HeaderValue::from_static("application/json"));
            Ok(())
        });
        self
    }

    /// Declares a secret that the body contains, so that it is redacted from errors even if the provider echoes it.
    pub fn secret(mut self, secret: &SecretString) -> Self {
        self.0.change(|request| {
            if !secret.expose_secret().is_empty() {
                request.secrets.push(secret.clone());
            }
            Ok(())
        });
        self
    }

    /// Sets a header and marks it as sensitive; see [`Call::header`].
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.header(name, value);
        self
    }

    /// Accepts only a response about the resource with this `id`, which `member` of the response's object contains, e.g.
    /// `uuid`. A response without an id is accepted, and so is one with the same id in another form, e.g. in upper case.
    /// If the response contains another id, the call fails with [`ErrorKind::Decode`](crate::ErrorKind::Decode), unless
    /// a read confirms the change.
    pub fn about(mut self, member: &'static str, id: impl fmt::Display) -> Self {
        self.0.about = Some(Box::new((member, id.to_string())));
        self
    }

    /// Sets the effect of sending the request twice, if it differs from the operation's own [`Effect`]. A response is
    /// judged by the stronger of the two, and one to an untyped request by this effect.
    pub fn effect(mut self, effect: Effect) -> Self {
        self.0.effect = effect;
        self
    }

    /// Confirms the change with a read if the response is lost or cannot be decoded, or if a retry is rejected because an
    /// earlier attempt succeeded. If `read` returns `true`, the call succeeds as if `response` had been received.
    pub fn confirm_by<L>(self, response: &'static str, read: impl FnOnce() -> L + Send + 'static) -> Self
    where
        L: IntoFuture<Output = Result<bool, Error>, IntoFuture: Send + 'static>,
    {
        self.confirm(read, move |done| done.then_some(Bytes::from_static(response.as_bytes())))
    }

    /// Confirms a deletion, removal or detachment like [`confirm_by`](Self::confirm_by): `read` returns whether the
    /// resource is [`Gone`]. If the first read returns an empty list, `read` is called a second time.
    pub fn confirm_gone<L>(self, response: &'static str, read: impl Fn() -> L + Send + 'static) -> Self
    where
        L: IntoFuture<Output = Result<Gone, Error>, IntoFuture: Send + 'static> + Send + 'static,
    {
        self.confirm_by(response, move || Gone::is_proven(read))
    }

    /// Confirms the change like [`confirm_by`](Self::confirm_by), for calls whose response is the changed resource:
    /// `read` returns the resource, and `is_done` returns whether it has the wanted state.
    pub fn confirm_by_state<T, L>(
        self,
        read: impl FnOnce() -> L + Send + 'static,
        is_done: impl FnOnce(&T) -> bool + Send + 'static,
    ) -> Self
    where
        T: Serialize + 'static,
        L: IntoFuture<Output = Result<T, Error>, IntoFuture: Send + 'static>,
    {
        self.confirm(read, |state| {
            serde_json::to_vec(&state).ok().filter(|_| is_done(&state)).map(Bytes::from)
        })
    }

    fn confirm<T, L>(
        mut self,
        read: impl FnOnce() -> L + Send + 'static,
        respond: impl FnOnce(T) -> Option<Bytes> + Send + 'static,
    ) -> Self
    where
        L: IntoFuture<Output = Result<T, Error>, IntoFuture: Send + 'static>,
    {
        self.0.confirm = Some(Box::new(Confirm {
            read: Box::new(move |left| {
                let read = tokio::time::timeout(left, read().into_future());
                Box::pin(async move { read.await.ok()?.ok().and_then(respond) })
            }),
            can_decode: Box::new(|_| true),
        }));
        self
    }

    /// Makes the call fail with this error when it is awaited, unless an earlier argument was already invalid.
    pub fn invalid(mut self, error: impl Into<Error>) -> Self {
        self.0.change(|_| Err(error.into()));
        self
    }

    /// Creates a call whose response is one JSON value.
    pub fn json<T: DeserializeOwned + 'static>(self) -> Call<T> {
        self.decode(|body| decode::json(body))
    }

    /// Creates a call whose response is one JSON value about the resource with this `id`. The call fails with
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if `id_of` returns another id. For models that contain the id, this
    /// takes less time than [`about`](Self::about).
    pub fn json_about<T, I>(self, id: I, id_of: fn(&T) -> I) -> Call<T>
    where
        T: DeserializeOwned + 'static,
        I: fmt::Display + PartialEq + Clone + Send + 'static,
    {
        self.decode(move |body| {
            let decoded = decode::json(body);
            if decoded.as_ref().is_ok_and(|value| id_of(value) != id) {
                return Err(DecodeError::about_another(&id));
            }
            decoded
        })
    }

    /// Creates a call whose response is a JSON array.
    pub fn list<T: DeserializeOwned + 'static>(self) -> ListCall<T> {
        ListCall::new(self.0, Rows::Array)
    }

    /// Creates a call whose response contains rows that `rows` finds.
    pub fn rows<T: DeserializeOwned + 'static>(self, rows: FindRows) -> ListCall<T> {
        ListCall::new(self.0, Rows::Found(rows))
    }

    /// Creates a call like [`rows`](Self::rows) that decodes a response in the usual form in one pass. `read` decodes
    /// all rows, or returns `None` if the response has another form; then `rows` finds them.
    pub fn usual_rows<T: DeserializeOwned + 'static>(self, read: ReadRows<T>, rows: FindRows) -> ListCall<T> {
        ListCall::new(self.0, Rows::Usual(read, rows))
    }

    /// Creates a call whose response only reports success: an empty body, `null`, `true`, or a JSON list or object that
    /// contains no error. Anything else is a decode error.
    ///
    /// If a deletion is retried after a lost response and rejected as not found, the call succeeds, unless a read is
    /// declared to confirm it.
    pub fn empty(self) -> Call<()> {
        let deletes = self.0.operation.method() == Method::Delete && self.0.confirm.is_none();
        let builder = self.confirm_unless(|body| acknowledged(body).is_ok());
        Call::unchanged(builder.0, |body| acknowledged(body)).or_else(move |error| {
            let done = deletes && error.is_not_found() && error.is_after_lost_attempt();
            if done { Ok(()) } else { Err(error) }
        })
    }

    /// Creates a call whose response is decoded by `decode`, which must reject a body that is not valid as a whole. A
    /// response in which the [id of the created resource](Operation::returns_id) is zero or nil is a decode error.
    pub fn decode<T: 'static>(
        self,
        decode: impl Fn(&Bytes) -> Result<T, DecodeError> + Clone + Send + 'static,
    ) -> Call<T> {
        let key = self.0.operation.id_key();
        let decode = move |body: &Bytes| match key.filter(|key| names_blank_id(body, key)) {
            Some(key) => {
                Err(DecodeError::new(format!("`{key}` is zero or nil, not the id of the created resource")))
            }
            None => decode(body),
        };
        let check = decode.clone();
        let builder = self.confirm_unless(move |received| {
            let mut body = received.clone();
            let decoded = make_text(&mut body).and_then(|()| {
                let decode = || json_text::of_response(&body, || check(&body));
                allowance::of_response(received.len(), body.len(), decode)
            });
            decoded.is_ok()
        });
        Call::new(builder.0, decode)
    }

    /// Confirms a change that is declared to be confirmed also if `can_decode` returns `false` for a response.
    fn confirm_unless(mut self, can_decode: impl Fn(&Bytes) -> bool + Send + 'static) -> Self {
        let about = self.0.about.clone();
        if let Some(confirm) = &mut self.0.confirm {
            confirm.can_decode = Box::new(move |body| {
                !about.as_deref().is_some_and(|(key, id)| names_other_id(body, key, id)) && can_decode(body)
            });
        }
        self
    }
}

/// Returns whether a URL parser would treat a segment of this path as `.` or `..`.
fn climbs(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or(path).to_ascii_lowercase().replace("%2e", ".");
    path.split('/').any(|segment| matches!(segment, "." | ".."))
}

impl fmt::Debug for CallBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallBuilder").field("operation", &self.0.operation.name()).finish_non_exhaustive()
    }
}

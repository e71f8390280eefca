//! A call under construction: an operation plus arguments.

use std::fmt;

use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::call::Call;
use crate::error::Error;
use crate::operation::{Effect, Method, Operation};
use crate::transport::request::Request;
use crate::transport::{Confirm, Transport};
use crate::wire::decode::{self, DecodeError, FindRows, array_rows};
use crate::wire::form::{Form, encode_query};
use crate::wire::path;
use crate::wire::response::BoxFuture;
use crate::wire::success::acknowledged;

/// A call under construction. Provider crates make their methods with it; programs use it through
/// `client.request(..)` for what has no typed method.
///
/// No I/O happens here. A mistake in the arguments is kept inside and comes out when the call is awaited.
#[must_use = "a draft does nothing until it is made a call and awaited"]
pub struct CallBuilder {
    transport: Transport,
    operation: Operation,
    effect: Effect,
    path: String,
    values: Vec<(&'static str, String)>,
    /// Names in the path that the dialect fills in.
    later: &'static [&'static str],
    query: Vec<(String, String)>,
    location: Option<String>,
    headers: HeaderMap,
    body: Bytes,
    secrets: Vec<SecretString>,
    mistake: Option<Error>,
    confirm: Option<Confirm>,
}

impl Transport {
    /// Begins a call of this operation.
    pub fn call(&self, operation: &Operation) -> CallBuilder {
        CallBuilder::new(self.clone(), *operation)
    }

    /// Begins a call that has no typed method: same authorization, limits and redaction. `path` is taken as
    /// it is, below the base URL. The call is not repeated after it may have been processed, unless
    /// [`CallBuilder::effect`] says otherwise.
    pub fn request(&self, method: Method, path: &str) -> CallBuilder {
        let effect = if method == Method::Get { Effect::Read } else { Effect::NonIdempotent };
        CallBuilder::untyped(self.clone(), Operation::untyped(method, effect), path)
    }
}

impl CallBuilder {
    pub(crate) fn new(transport: Transport, operation: Operation) -> Self {
        Self {
            transport,
            operation,
            effect: operation.effect(),
            path: operation.path().to_owned(),
            values: Vec::new(),
            later: &[],
            query: Vec::new(),
            location: None,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            secrets: Vec::new(),
            mistake: None,
            confirm: None,
        }
    }

    pub(crate) fn untyped(transport: Transport, operation: Operation, path: &str) -> Self {
        let mut draft = Self::new(transport, operation);
        let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '#' | '\\');
        if path.starts_with('/') && path.chars().all(is_plain) && !climbs(path) {
            path.clone_into(&mut draft.path);
        } else {
            draft.mistake = Some(Error::invalid_argument(
                "the path of a request must begin with /, be encoded, and hold neither #, \\ nor a segment . or ..",
            ));
        }
        draft
    }

    /// Puts a value in the place of `{name}` in the operation's path, encoded.
    pub fn path(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.values.push((name, value.to_string()));
        self
    }

    /// Leaves `{name}` in the path for the dialect, which knows its value only when it authorizes.
    pub fn path_later(mut self, names: &'static [&'static str]) -> Self {
        self.later = names;
        self
    }

    /// Adds a query parameter. Secrets do not belong there: URLs end in logs.
    pub fn query(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.query.push((name.to_owned(), value.to_string()));
        self
    }

    /// Adds a query parameter if there is a value.
    pub fn query_optional(self, name: &str, value: Option<impl fmt::Display>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    /// Sends the call to a location; `None` means the account's default one. Operations that belong to no
    /// location ignore it.
    pub fn location(mut self, slug: Option<&str>) -> Self {
        self.location = slug.map(str::to_owned);
        self
    }

    /// Sends a form.
    pub fn form(mut self, form: Form) -> Self {
        match form.into_parts() {
            Ok((text, secrets)) => {
                self.secrets.extend(secrets);
                self.body = Bytes::from(text);
                self.headers
                    .insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
            }
            Err(invalid) => self = self.mistake(invalid),
        }
        self
    }

    /// Sends JSON. Name every secret in it with [`secret`](Self::secret).
    pub fn json_body(mut self, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => {
                self.body = Bytes::from(body);
                self.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                self
            }
            Err(_) => self.mistake(Error::invalid_argument("the body cannot be written as JSON")),
        }
    }

    /// Names a secret that the body carries, so that it is cut from errors even if the provider echoes it.
    pub fn secret(mut self, secret: &SecretString) -> Self {
        if !secret.expose_secret().is_empty() {
            self.secrets.push(secret.clone());
        }
        self
    }

    /// Adds a header, marked sensitive.
    pub fn header(mut self, name: HeaderName, mut value: HeaderValue) -> Self {
        value.set_sensitive(true);
        self.headers.insert(name, value);
        self
    }

    /// Says what a second run would do, where it differs from the operation's own [`Effect`].
    pub fn effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// Confirms the change by a look if its response is lost, or if the repeat is refused because the first
    /// attempt worked: where `look` returns `true`, the call succeeds as if `response` had come.
    pub fn confirm_by(
        mut self,
        response: &'static str,
        look: impl FnOnce() -> Call<bool> + Send + 'static,
    ) -> Self {
        let look = Box::new(move |left| -> BoxFuture<'static, bool> {
            let look = look().at_most(left);
            Box::pin(async { look.await.unwrap_or(false) })
        });
        self.confirm = Some(Confirm { look, response: Bytes::from_static(response.as_bytes()) });
        self
    }

    /// Keeps a mistake in the arguments until the call is awaited; the first one counts.
    pub fn mistake(mut self, mistake: impl Into<Error>) -> Self {
        self.mistake.get_or_insert(mistake.into());
        self
    }

    /// A call whose reply is one JSON value.
    pub fn json<T: DeserializeOwned + 'static>(self) -> Call<T> {
        self.decode(|body| decode::json(body))
    }

    /// A call whose reply is a JSON array.
    pub fn list<T: DeserializeOwned + 'static>(self) -> Call<Vec<T>> {
        self.decode(|body| decode::json::<Option<Vec<T>>>(body).map(Option::unwrap_or_default))
            .with_rows(array_rows)
    }

    /// A call whose reply holds rows somewhere inside, which `rows` finds.
    pub fn rows<T: DeserializeOwned + 'static>(self, rows: FindRows) -> Call<Vec<T>> {
        self.decode(move |body| decode::rows(body, rows)).with_rows(rows)
    }

    /// A call whose reply says nothing beyond its success, which must be recognised: an empty body, `null`, `true`, or
    /// a JSON list or object without a refusal in it. Anything else is unreadable.
    pub fn empty(self) -> Call<()> {
        let mut call = self.decode(|body| acknowledged(body));
        call.ignore_reply();
        call
    }

    /// A call whose reply is decoded by `decode`.
    pub fn decode<T: 'static>(
        mut self,
        decode: impl FnOnce(&Bytes) -> Result<T, DecodeError> + Send + 'static,
    ) -> Call<T> {
        let (transport, operation, effect) = (self.transport.clone(), self.operation, self.effect);
        let confirm = self.confirm.take();
        Call::new(transport, operation, effect, self.outgoing(), Box::new(decode)).confirmed_by(confirm)
    }

    fn outgoing(self) -> Result<Request, Error> {
        if let Some(mistake) = self.mistake {
            return Err(mistake.with_operation(self.operation.name()));
        }
        let untyped = self.operation.path().is_empty();
        let mut path = if untyped {
            fill_known(self.path, &self.values)?
        } else {
            path::fill(&self.path, &self.values, self.later)?
        };
        if let (true, Some(slug)) = (self.operation.is_location_scoped(), &self.location) {
            let slug = path::fill("/{location}", &[("location", slug.clone())], &[])?;
            let version = path[1..].find('/').map_or(path.len(), |end| end + 1);
            path.insert_str(version, &slug);
        }
        Ok(Request {
            method: self.operation.method().into(),
            path,
            query: encode_query(self.query),
            headers: self.headers,
            body: self.body,
            secrets: self.secrets,
            ignores_reply: false,
        })
    }
}

/// Fills in the values that were given and leaves other names to the dialect.
fn fill_known(mut path: String, values: &[(&'static str, String)]) -> Result<String, Error> {
    for (name, value) in values {
        let hole = format!("{{{name}}}");
        if !path.contains(&hole) {
            return Err(Error::invalid_argument(format!("the path has no {hole} to put a value in")));
        }
        let encoded = path::fill(&format!("/{hole}"), &[(name, value.clone())], &[])?;
        path = path.replace(&hole, &encoded[1..]);
    }
    Ok(path)
}

/// Whether a URL parser would read a segment of this path as a way up or nowhere.
fn climbs(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or(path).to_ascii_lowercase().replace("%2e", ".");
    path.split('/').any(|segment| matches!(segment, "." | ".."))
}

impl fmt::Debug for CallBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallBuilder").field("operation", &self.operation.name()).finish_non_exhaustive()
    }
}

//! A request before it is put on the wire.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Method};
use secrecy::{ExposeSecret, SecretString};

use crate::error::Error;
use crate::error::excerpt::Secrets;
use crate::wire::{form, path};

/// The credentials, the client's name and the type of the body. A map makes room for twice as many otherwise, which each
/// waiting call would keep.
const USUAL_HEADERS: usize = 3;

/// A request as plain values: what a [`Dialect`](crate::client::Dialect) adds credentials to.
#[derive(Clone)]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) path: Cow<'static, str>,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) secrets: Vec<SecretString>,
    /// The first header that had another value before the dialect set it.
    overwritten: Option<HeaderName>,
}

impl Request {
    pub(crate) fn new(method: Method, path: impl Into<Cow<'static, str>>) -> Self {
        Self {
            method,
            path: path.into(),
            query: String::new(),
            headers: HeaderMap::with_capacity(USUAL_HEADERS),
            body: Bytes::new(),
            secrets: Vec::new(),
            overwritten: None,
        }
    }

    /// Creates a copy without the secrets, for what does not report errors.
    pub(crate) fn without_secrets(&self) -> Self {
        // With room for what the dialect adds, which a clone does not have.
        let mut headers = HeaderMap::with_capacity(USUAL_HEADERS);
        headers.extend(self.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
        Self {
            method: self.method.clone(),
            path: self.path.clone(),
            query: self.query.clone(),
            headers,
            body: self.body.clone(),
            secrets: Vec::new(),
            overwritten: self.overwritten.clone(),
        }
    }

    /// Returns the percent-encoded path below the base URL.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Sets a header. Values that are secret must be marked so; [`secret_header_value`] does.
    pub fn set_header(&mut self, name: HeaderName, value: HeaderValue) {
        let overwrites = self.headers.get(&name).is_some_and(|own| *own != value);
        if overwrites && self.overwritten.is_none() {
            self.overwritten = Some(name.clone());
        }
        self.headers.insert(name, value);
    }

    /// Fails where the dialect set a header that the request had already, with another value.
    pub(crate) fn check_headers(&self) -> Result<(), Error> {
        match &self.overwritten {
            Some(name) => {
                let message = format!("the header {name} is set by the client, e.g. for its credentials");
                Err(Error::invalid_argument(message))
            }
            None => Ok(()),
        }
    }

    /// Replaces `{name}` in the path by a value, encoded.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the value is empty or a relative segment.
    pub fn fill_path(&mut self, name: &str, value: impl fmt::Display) -> Result<(), Error> {
        self.path = path::fill(&self.path, name, &value.to_string())?.into();
        Ok(())
    }

    /// Inserts a segment, encoded, after the first `index` segments of the path. `name` is used in the error.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the value is empty or a relative segment.
    pub fn insert_segment(
        &mut self,
        index: usize,
        name: &str,
        value: impl fmt::Display,
    ) -> Result<(), Error> {
        let segment = path::segment(name, &value.to_string())?;
        let at = self.path.match_indices('/').nth(index).map_or(self.path.len(), |(at, _)| at);
        self.path.to_mut().insert_str(at, &format!("/{segment}"));
        Ok(())
    }

    /// Adds a parameter to the query.
    pub(crate) fn add_query(&mut self, name: &str, value: impl fmt::Display) {
        form::append(&mut self.query, name, value);
    }

    /// Returns all secrets of this request, to be redacted from what comes back.
    pub(crate) fn secrets(&self) -> Secrets {
        let headers = self.headers.values().filter(|value| value.is_sensitive());
        let headers = headers.filter_map(|value| std::str::from_utf8(value.as_bytes()).ok());
        Secrets::new(headers.chain(self.secrets.iter().map(ExposeSecret::expose_secret)))
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Returns a secret as a header value that is marked sensitive.
///
/// # Errors
///
/// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) for an empty secret and for characters that no header
/// can carry, such as the newline at the end of a file.
pub fn secret_header_value(what: &str, secret: &SecretString) -> Result<HeaderValue, Error> {
    let secret = secret.expose_secret();
    if secret.is_empty() {
        return Err(Error::configuration(format!("{what} is empty: give the one from your account")));
    }
    let mut value = HeaderValue::from_str(secret).map_err(|_| {
        Error::configuration(format!(
            "{what} holds a character that no HTTP header can carry: check it for a line break or a space at its end"
        ))
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_with_a_line_break_is_refused_without_being_shown() {
        let error = secret_header_value("the API key", &SecretString::from("CANARY\n")).unwrap_err();
        assert!(error.to_string().contains("line break"));
        assert!(!format!("{error:?} {error}").contains("CANARY"));
    }

    #[test]
    fn a_secret_header_value_is_sensitive() {
        let value = secret_header_value("the API key", &SecretString::from("CANARY")).unwrap();
        assert!(value.is_sensitive());
        assert!(!format!("{value:?}").contains("CANARY"));
    }
}

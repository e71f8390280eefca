//! A request before it is sent.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::Method;
use http::header::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use crate::error::Error;
use crate::error::excerpt::Secrets;
use crate::wire::invalid_value::InvalidValue;
use crate::wire::{form, path};

/// A request as plain values, to which a [`Dialect`](crate::client::Dialect) adds credentials.
#[derive(Clone)]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) path: Cow<'static, str>,
    pub(crate) query: String,
    /// The headers of this request, without those that all requests have. Each name occurs once. This is a list, because
    /// a `HeaderMap` is large even if it contains only one header.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) content_type: Option<HeaderValue>,
    pub(crate) body: Bytes,
    pub(crate) secrets: Vec<SecretString>,
    /// The first header whose value the dialect replaced.
    overwritten: Option<HeaderName>,
}

impl Request {
    pub(crate) fn new(method: Method, path: impl Into<Cow<'static, str>>) -> Self {
        Self {
            method,
            path: path.into(),
            query: String::new(),
            headers: Vec::new(),
            content_type: None,
            body: Bytes::new(),
            secrets: Vec::new(),
            overwritten: None,
        }
    }

    /// Creates a copy without the list of secrets, for uses that report no errors.
    pub(crate) fn without_secrets(&self) -> Self {
        Self {
            method: self.method.clone(),
            path: self.path.clone(),
            query: self.query.clone(),
            headers: self.headers.clone(),
            content_type: self.content_type.clone(),
            body: self.body.clone(),
            secrets: Vec::new(),
            overwritten: self.overwritten.clone(),
        }
    }

    /// Returns the percent-encoded path below the base URL.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the value of a header that the call or the dialect has set. The content type of the body is not one of
    /// them.
    pub fn header(&self, name: &HeaderName) -> Option<&HeaderValue> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// Sets a header. Secret values must be marked as sensitive, as [`secret_header_value`] does.
    pub fn set_header(&mut self, name: HeaderName, value: HeaderValue) {
        let own = self.header(&name);
        if own.is_some_and(|own| *own != value) && self.overwritten.is_none() {
            self.overwritten = Some(name.clone());
        }
        self.replace_header(name, value);
    }

    /// Sets a header, without recording that it replaces one of the call.
    pub(crate) fn replace_header(&mut self, name: HeaderName, value: HeaderValue) {
        match self.headers.iter_mut().find(|(own, _)| *own == name) {
            Some((_, own)) => *own = value,
            None => self.headers.push((name, value)),
        }
    }

    /// Returns an error if the dialect replaced a header of the request with another value.
    pub(crate) fn check_headers(&self) -> Result<(), Error> {
        match &self.overwritten {
            Some(name) => {
                let message =
                    format!("the header {name} is reserved for the client, e.g. for its credentials");
                Err(Error::invalid_argument(message))
            }
            None => Ok(()),
        }
    }

    /// Replaces `{name}` in the path with the percent-encoded value.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the value is empty or a relative segment.
    pub fn fill_path(&mut self, name: &str, value: impl fmt::Display) -> Result<(), Error> {
        self.path = path::fill(&self.path, name, &value.to_string())?.into();
        Ok(())
    }

    /// Inserts a percent-encoded segment after the first `index` segments of the path. `name` appears in the error.
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

    /// Adds a parameter to the query. The displayed value must not be empty.
    pub(crate) fn add_query(&mut self, name: &str, value: impl fmt::Display) -> Result<(), InvalidValue> {
        form::append(&mut self.query, name, value)
    }

    /// Returns all secrets of this request and these others, to be redacted in errors about its response.
    pub(crate) fn secrets<'a>(&'a self, others: impl Iterator<Item = &'a SecretString>) -> Secrets {
        let headers = self.headers.iter().map(|(_, value)| value);
        let headers = headers.filter(|value| value.is_sensitive()).flat_map(header_secrets);
        let others = self.secrets.iter().chain(others).map(|secret| secret.expose_secret().to_owned());
        let all: Vec<_> = headers.chain(others).collect();
        Secrets::new(all.iter().map(String::as_str))
    }
}

/// Shorter parts of a header value are mostly words that messages contain anyway, such as `Bearer`.
const SHORTEST_PART: usize = 8;

/// Returns the secrets in a header value: the value, its parts that may be tokens, and the user and password after
/// `Basic`.
fn header_secrets(value: &HeaderValue) -> Vec<String> {
    let mut secrets = Vec::new();
    for text in readings(value.as_bytes()) {
        secrets.extend(tokens(&text).map(str::to_owned));
        let basic = text.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
        for pair in basic.iter().flat_map(|(_, credentials)| readings(&base64_decoded(credentials))) {
            if let Some((user, password)) = pair.split_once(':') {
                secrets.extend(Some(user).filter(|user| user.len() >= SHORTEST_PART).map(str::to_owned));
                secrets.push(password.to_owned());
            }
            secrets.push(pair);
        }
        secrets.push(text);
    }
    secrets
}

/// Returns the parts of a header value that may be tokens: after a scheme such as `Bearer`, after an equals sign as in
/// cookies, and those with a digit. Any other part may be a word.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let is_separator = |c: char| c.is_whitespace() || ";,=\"".contains(c);
    let follows_scheme = text.split_whitespace().count() == 2;
    let mut is_value = false;
    text.split_inclusive(is_separator).filter_map(move |piece| {
        let part = piece.trim_end_matches(is_separator);
        let is_token = is_value || follows_scheme || part.contains(|c: char| c.is_ascii_digit());
        is_value = piece.ends_with('=') || (is_value && piece == "\"");
        Some(part).filter(|part| is_token && part.len() >= SHORTEST_PART)
    })
}

/// Returns the texts as which a server may read these bytes: UTF-8 and, if they are not UTF-8, Latin-1.
fn readings(bytes: &[u8]) -> impl Iterator<Item = String> + use<> {
    let utf8 = String::from_utf8_lossy(bytes);
    let is_lossy = matches!(utf8, Cow::Owned(_));
    let latin1 = is_lossy.then(|| bytes.iter().copied().map(char::from).collect());
    [utf8.into_owned()].into_iter().chain(latin1)
}

/// Decodes base64 in either alphabet and skips all other characters.
fn base64_decoded(text: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for c in text.bytes() {
        let sextet = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => continue,
        };
        bits = bits << 6 | u32::from(sextet);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count).to_be_bytes()[3]);
        }
    }
    bytes
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("headers", &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Returns a secret as a header value that is marked sensitive.
///
/// # Errors
///
/// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the secret is blank, or contains a character that
/// is not allowed in headers, such as the newline at the end of a file, or one outside of ASCII.
pub fn secret_header_value(what: &str, secret: &SecretString) -> Result<HeaderValue, Error> {
    let secret = secret.expose_secret();
    if secret.trim().is_empty() {
        return Err(Error::configuration(format!("{what} is empty: use the one from your account")));
    }
    let ascii = Some(secret).filter(|secret| secret.is_ascii());
    let value = ascii.and_then(|secret| HeaderValue::from_str(secret).ok());
    let mut value = value.ok_or_else(|| {
        let (contained, check) = if ascii.is_none() {
            ("a character outside of ASCII", "a no-break space or a letter of another alphabet")
        } else if secret.contains(['\r', '\n']) {
            ("a line break", "one at its end, as in a file")
        } else {
            ("a control character", "another encoding, e.g. UTF-16")
        };
        Error::configuration(format!(
            "{what} contains {contained}, which is not allowed in HTTP headers: check for {check}"
        ))
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use http::header::AUTHORIZATION;

    use super::*;
    use crate::error::ErrorKind;
    use crate::error::excerpt::{excerpt, sanitize};

    #[test]
    fn a_key_with_a_line_break_is_rejected_without_being_shown() {
        let error = secret_header_value("the API key", &SecretString::from("CANARY\n")).unwrap_err();
        assert!(error.to_string().contains("line break"));
        assert!(!format!("{error:?} {error}").contains("CANARY"));
    }

    #[test]
    fn the_error_for_an_invalid_key_names_what_is_wrong_with_it() {
        for (key, cause) in [
            ("", "is empty"),
            (" ", "is empty"),
            (" \t\r\n", "is empty"),
            ("\u{a0}", "is empty"),
            ("CANARY\n", "line break"),
            ("CAN\r\nARY", "line break"),
            ("CANARY\0", "control character"),
            ("CANARY\u{7f}", "control character"),
            ("CANARY\u{a0}", "outside of ASCII"),
            ("СANARY", "outside of ASCII"),
            ("CANARY…", "outside of ASCII"),
        ] {
            let error = secret_header_value("the API key", &SecretString::from(key)).unwrap_err();
            assert!(error.kind() == ErrorKind::Configuration, "{key:?}: {error}");
            let message = error.to_string();
            assert!(message.starts_with("the API key") && message.contains(cause), "{key:?}: {error}");
            assert!(!format!("{error:?} {error}").contains("ANARY"), "{error}");
        }
    }

    #[test]
    fn a_header_value_that_is_not_utf8_is_redacted_however_it_is_read() {
        let bytes = b"trace-\xe9\xe8-4711";
        let mut value = HeaderValue::from_bytes(bytes).unwrap();
        value.set_sensitive(true);
        let mut request = Request::new(Method::GET, "/");
        request.replace_header(HeaderName::from_static("x-trace"), value);
        let secrets = request.secrets([].iter());
        for echo in ["trace-\u{e9}\u{e8}-4711".to_owned(), String::from_utf8_lossy(bytes).into_owned()] {
            let shown = sanitize(&format!("bad trace {echo}"), &secrets);
            assert!(!shown.contains("trace-") && !shown.contains("4711"), "{shown}");
        }
        let shown = excerpt(&[b"bad trace ", &bytes[..]].concat(), &secrets, &|_| None);
        assert!(!shown.contains("trace-") && !shown.contains("4711"), "{shown}");
    }

    #[test]
    fn each_part_of_a_secret_header_value_is_redacted_alone() {
        for (value, parts) in [
            ("Bearer SECRETTOKEN123", &["SECRETTOKEN123"][..]),
            ("Token token=\"SECRETTOKEN123\", nonce=abcdefgh", &["SECRETTOKEN123", "abcdefgh"]),
            ("session=SECRETTOKEN123; theme=light;id=OTHERTOKEN456", &["SECRETTOKEN123", "OTHERTOKEN456"]),
            ("Basic d2ViLXVzZXI6cMOkc3M6d29yZA==", &["web-user", "päss:word", "web-user:päss:word"]),
            ("basic  d2ViLXVzZXI6cORzczp3b3Jk", &["p\u{e4}ss:word"]),
            ("Basic dTpzZXNhbWU=", &["sesame", "u:sesame"]),
        ] {
            let mut request = Request::new(Method::GET, "/");
            let mut header = HeaderValue::from_static(value);
            header.set_sensitive(true);
            request.replace_header(AUTHORIZATION, header);
            let secrets = request.secrets([].iter());
            for part in [value].iter().chain(parts) {
                assert_eq!(sanitize(&format!("Invalid <{part}>"), &secrets), "Invalid <…>", "{value}");
            }
            let words = "Invalid Bearer token, Basic session or light theme";
            assert_eq!(sanitize(words, &secrets), words);
        }
    }

    #[test]
    fn the_words_of_a_secret_header_value_are_not_redacted_alone() {
        for value in [
            "delete expired instances",
            "Basic YWRtaW46c2VzYW1l",
            "Digest algorithm=MD5, response=\"6629fae49393a05397450978507c4ef1\"",
        ] {
            let mut request = Request::new(Method::GET, "/");
            let mut header = HeaderValue::from_static(value);
            header.set_sensitive(true);
            request.replace_header(HeaderName::from_static("x-reason"), header);
            let words = "admin: instances expired, algorithm or response missing";
            assert_eq!(sanitize(words, &request.secrets([].iter())), words, "{value}");
        }
    }

    #[test]
    fn a_header_has_its_last_value() {
        let [name, other] = ["x-token", "x-trace"].map(HeaderName::from_static);
        let mut request = Request::new(Method::GET, "/");
        for value in ["old", "new"] {
            assert!(request.check_headers().is_ok());
            request.set_header(name.clone(), HeaderValue::from_static(value));
        }
        assert_eq!(
            (request.header(&name).unwrap(), request.headers.len()),
            (&HeaderValue::from_static("new"), 1)
        );
        assert_eq!(request.header(&other), None);
        assert!(request.check_headers().unwrap_err().to_string().contains("x-token"));
    }

    #[test]
    fn a_secret_header_value_is_sensitive() {
        let value = secret_header_value("the API key", &SecretString::from("CANARY")).unwrap();
        assert!(value.is_sensitive());
        assert!(!format!("{value:?}").contains("CANARY"));
    }
}

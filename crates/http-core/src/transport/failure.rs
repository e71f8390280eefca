//! Converts the errors of the HTTP library.

use std::error::Error as _;

use crate::error::cause::Cause;
use crate::error::{Error, ErrorKind, Source};

/// Converts an error of the HTTP library. Only a failure to connect proves that nothing was processed. `is_proxied` is
/// whether a proxy forwards the request itself, without a tunnel.
pub(super) fn failure(error: reqwest::Error, is_proxied: bool) -> Error {
    let kind = if error.is_connect() {
        ErrorKind::Connect
    } else if error.is_timeout() {
        ErrorKind::Timeout
    } else if error.is_builder() {
        ErrorKind::InvalidArgument
    } else {
        ErrorKind::Transport
    };
    let cause = Cause::of(&error.without_url());
    let error = match kind {
        ErrorKind::Connect => no_connection(&cause, is_proxied),
        ErrorKind::Transport => Error::new(kind, format!("the connection failed: {}", cause.innermost())),
        _ => Error::new(kind, cause.innermost()),
    };
    error.with_source(Source::Library(cause))
}

/// How the HTTP library reports that a proxy did not open a tunnel, and what that means. The library hides the status and
/// the body of the proxy's response, so a permanent rejection (403) cannot be distinguished from a temporary failure
/// (502) and is also retried.
const NO_TUNNEL: [(&str, &str); 4] = [
    (
        "tunnel error: unsuccessful",
        "the proxy refused to open a tunnel to the provider (it responded to CONNECT with an error status, e.g. 403 \
         or 502)",
    ),
    (
        "tunnel error: unexpected end of file",
        "the proxy closed the connection instead of opening a tunnel to the provider (CONNECT)",
    ),
    ("tunnel error: proxy response headers too long", "the proxy's response to CONNECT is too long"),
    (
        "tunnel error: io error",
        "the connection to the proxy failed before it opened a tunnel to the provider (CONNECT)",
    ),
];

/// Creates the error for a failure to connect, which may be temporary or permanent.
fn no_connection(cause: &Cause, is_proxied: bool) -> Error {
    if cause.mentions("tunnel error: proxy authorization required").is_some() {
        return proxy_credentials();
    }
    let is_tunnel = |(words, _): &&(&str, &str)| cause.mentions(words).is_some();
    if let Some((_, message)) = NO_TUNNEL.iter().find(is_tunnel) {
        return Error::new(ErrorKind::Connect, format!("no connection: {message}"))
            .with_advice("check whether the proxy works and allows this host, or use no_proxy()");
    }
    let is_to_proxy =
        is_proxied || cause.mentions("tunnel error: failed to create underlying connection").is_some();
    let to = if is_to_proxy { " to the proxy" } else { "" };
    let connect = |message: &str| Error::new(ErrorKind::Connect, format!("no connection{to}: {message}"));
    let whose = if is_to_proxy { "the proxy's URL" } else { "the base URL" };
    if cause.mentions("InvalidContentType").is_some() {
        return connect(&format!(
            "the server does not use TLS on this port; check the scheme and the port of {whose}"
        ))
        .lasting();
    }
    if let Some(reason) = cause.mentions("certificate") {
        let advice = if reason.contains(" alert") {
            format!("the server requires a client certificate, and this client has none; check {whose}")
        } else {
            "if a private CA signed the certificate, add the CA's certificate with root_certificate()".into()
        };
        return connect(reason).with_advice(advice).lasting();
    }
    connect(cause.innermost())
}

pub(super) fn proxy_credentials() -> Error {
    Error::new(ErrorKind::Connect, "no connection: the proxy rejected the user or password (407)")
        .with_advice(
            "check the user and password in the proxy's URL; special characters must be percent-encoded",
        )
        .lasting()
}

/// Returns whether the server guarantees that the request was not processed (RFC 9113, section 8.7): its stream was
/// refused, or is above the last stream of a GOAWAY. The HTTP library reports a different error for all other streams.
pub(super) fn is_unprocessed(error: &reqwest::Error) -> bool {
    let mut source = error.source();
    while let Some(error) = source {
        #[cfg(feature = "http2")]
        if let Some(error) = error.downcast_ref::<h2::Error>() {
            let refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
            return error.is_remote() && (refused || error.is_go_away());
        }
        source = error.source();
    }
    false
}

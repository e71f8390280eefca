//! Bytes out, bytes in. The only file, besides the TLS setup, that knows the HTTP library.

use bytes::{Bytes, BytesMut};
use url::Url;

use crate::error::cause::Cause;
use crate::error::{Error, ErrorKind};
use crate::policy::settings::{Proxy, Settings, is_loopback};
use crate::transport::outgoing::Outgoing;
use crate::transport::tls;
use crate::wire::response::Reply;

#[derive(Debug)]
pub(crate) struct Connection {
    client: reqwest::Client,
    max_body: usize,
}

impl Connection {
    pub(crate) fn open(settings: &Settings, base_url: &Url) -> Result<Self, Error> {
        // Not followed: a 3xx would carry custom credential headers along to another host.
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(settings.timeouts.connect);
        builder = match &settings.proxy {
            // What is meant for this machine must not leave it, credentials least of all.
            Proxy::Environment if is_loopback(base_url) => builder.no_proxy(),
            Proxy::Environment => builder,
            Proxy::None => builder.no_proxy(),
            Proxy::Url(url) => {
                let proxy = reqwest::Proxy::all(url.as_str());
                builder.proxy(proxy.map_err(|_| {
                    Error::configuration("the proxy's URL cannot be read: it must look like http://host:port")
                })?)
            }
        };
        if let Some(address) = settings.local_address {
            builder = builder.local_address(address);
        }
        for (host, address) in &settings.resolve {
            builder = builder.resolve(host, *address);
        }
        let client = tls::add(builder, settings, base_url.scheme() == "https")?
            .build()
            .map_err(|error| Error::configuration(Cause::of(&error.without_url()).innermost().to_owned()))?;
        Ok(Self { client, max_body: settings.max_body })
    }

    /// Sends one request and reads the whole reply.
    pub(crate) async fn send(&self, url: Url, request: &Outgoing) -> Result<Reply, Error> {
        let mut outgoing = reqwest::Request::new(request.method.clone(), url);
        *outgoing.headers_mut() = request.headers.clone();
        if !request.body.is_empty() {
            *outgoing.body_mut() = Some(request.body.clone().into());
        }
        let mut response = self.client.execute(outgoing).await.map_err(failure)?;
        let mut reply = Reply::new(Bytes::new());
        *reply.status_mut() = response.status();
        *reply.headers_mut() = std::mem::take(response.headers_mut());
        *reply.body_mut() =
            self.body(&mut response).await.map_err(|error| error.with_status(reply.status().as_u16()))?;
        Ok(reply)
    }

    async fn body(&self, response: &mut reqwest::Response) -> Result<Bytes, Error> {
        let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
        if announced.is_some_and(|length| length > self.max_body) {
            return Err(self.too_large());
        }
        let Some(first) = response.chunk().await.map_err(failure)? else { return Ok(Bytes::new()) };
        if first.len() > self.max_body {
            return Err(self.too_large());
        }
        let Some(second) = response.chunk().await.map_err(failure)? else { return Ok(first) };
        // Not trusted for more than it costs to be wrong about it.
        let mut body = BytesMut::with_capacity(announced.unwrap_or(0).min(1024 * 1024));
        body.extend_from_slice(&first);
        let mut next = Some(second);
        while let Some(chunk) = next {
            if body.len() + chunk.len() > self.max_body {
                return Err(self.too_large());
            }
            body.extend_from_slice(&chunk);
            next = response.chunk().await.map_err(failure)?;
        }
        Ok(body.freeze())
    }

    fn too_large(&self) -> Error {
        let message = format!("the reply is larger than {} bytes", self.max_body);
        Error::new(ErrorKind::Unreadable, message)
            .with_advice("raise max_body() of the client if that is right")
    }
}

/// Only a failed connection proves that nothing was sent.
fn failure(error: reqwest::Error) -> Error {
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
    let message = match kind {
        ErrorKind::Connect if cause.innermost().contains("InvalidContentType") => {
            "no connection: there is something else than TLS at this port, is the base URL to be http://?"
                .to_owned()
        }
        ErrorKind::Connect => format!("no connection: {}", cause.innermost()),
        ErrorKind::Transport => format!("the connection failed: {}", cause.innermost()),
        _ => cause.innermost().to_owned(),
    };
    Error::new(kind, message).with_source(cause)
}

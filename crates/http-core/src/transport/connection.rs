//! Sends requests and receives responses. Besides the TLS setup, this is the only file that uses the HTTP library.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, TRANSFER_ENCODING, USER_AGENT};
use http::{Method, StatusCode, Version};
use secrecy::SecretString;
use tokio::runtime::{Handle, Id, RuntimeFlavor};
use tokio::task::{try_id, yield_now};
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::error::cause::Cause;
use crate::error::{Error, ErrorKind};
use crate::operation::Effect;
use crate::policy::deadline::LONGEST;
use crate::policy::settings::Settings;
use crate::transport::failure::{failure, is_unprocessed, proxy_credentials};
use crate::transport::proxy::Route;
use crate::transport::received::Received;
use crate::transport::request::Request;
use crate::transport::tls::Tls;
use crate::wire::response::Response;

/// The maximum number of runtimes with a connection pool. Only programs that create a runtime per call exceed it, and
/// their connections are not worth keeping.
const MOST_RUNTIMES: usize = 16;

/// PINGs detect dead HTTP/2 connections: a server that does not respond within these two periods is gone.
#[cfg(feature = "http2")]
const PING_INTERVAL: Duration = Duration::from_secs(15);
#[cfg(feature = "http2")]
const PING_TIMEOUT: Duration = Duration::from_secs(10);

/// How a client connects to its provider, and exchanges messages.
pub(crate) struct Connection {
    recipe: Recipe,
    user_agent: HeaderValue,
    max_body: usize,
    proxy_secrets: Vec<SecretString>,
}

/// The connections of one process.
///
/// A pooled connection is driven by the runtime that opened it and hangs while that runtime is not being polled, so
/// each runtime has its own pool. Non-idempotent requests never use a pooled connection: the server may already have
/// closed it, which leaves the outcome unknown, or it may have sent unsolicited bytes, which would be mistaken for the
/// response.
#[derive(Default)]
pub(crate) struct Pools(OnceLock<Clients>);

struct Clients {
    tls: Tls,
    /// Opens a new connection for each request, so it belongs to no runtime.
    fresh: reqwest::Client,
    kept: Mutex<Runtimes>,
}

#[derive(Default)]
struct Runtimes {
    /// The most recently used one last.
    pools: Vec<Kept>,
    made: u64,
}

/// The connection pool of one runtime.
struct Kept {
    runtime: Id,
    /// Distinguishes this client from its successor after [`Pools::retire`].
    number: u64,
    client: reqwest::Client,
}

impl Connection {
    pub(crate) fn new(settings: &Settings, base_url: &Url) -> Result<Self, Error> {
        let route = Route::of(settings, base_url)?;
        let tls = Tls::load(settings, route.needs_tls(base_url))?;
        let proxy_secrets = route.secrets();
        let recipe = Recipe { settings: settings.clone(), route, tls };
        Ok(Self {
            recipe,
            user_agent: settings.user_agent_header()?,
            max_body: settings.max_body,
            proxy_secrets,
        })
    }

    /// Creates the HTTP clients, which fails if they reject the settings.
    pub(crate) fn check(&self, pools: &Pools) -> Result<(), Error> {
        self.clients(pools).map(drop)
    }

    /// Returns the headers with which a request is sent, with room for those that the HTTP library adds.
    pub(crate) fn headers(&self, request: &Request) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(request.headers.len() + 4);
        if let Some(content_type) = &request.content_type {
            headers.insert(CONTENT_TYPE, content_type.clone());
        }
        for (name, value) in &request.headers {
            headers.insert(name.clone(), value.clone());
        }
        headers.entry(USER_AGENT).or_insert_with(|| self.user_agent.clone());
        headers
    }

    /// Returns the credentials for the proxy.
    pub(crate) fn proxy_secrets(&self) -> &[SecretString] {
        &self.proxy_secrets
    }

    fn clients<'p>(&self, Pools(clients): &'p Pools) -> Result<&'p Clients, Error> {
        if let Some(clients) = clients.get() {
            return Ok(clients);
        }
        let tls = self.recipe.tls.for_process();
        let made = Clients { fresh: self.recipe.client(&tls, 0)?, tls, kept: Mutex::default() };
        // If another thread was faster, its clients count.
        Ok(clients.get_or_init(|| made))
    }

    /// Sends one request and reads the whole response before `until`. `limit` is the same timeout as a duration, for
    /// the error message. After an error, `body` contains the part of the body that was received.
    #[expect(clippy::manual_async_fn, reason = "the future of an async fn stores each argument twice")]
    pub(crate) fn send<'a>(
        &'a self,
        pools: &'a Pools,
        url: &'a Url,
        request: &'a Request,
        effect: Effect,
        (until, limit): (Instant, Duration),
        body: &'a mut Received,
    ) -> impl Future<Output = Result<Response, Error>> {
        async move {
            // The timer polls the exchange even if the time is over, and the request would be sent.
            if until <= Instant::now() {
                let message = "timed out before the request was sent; raise the timeout";
                return Err(Error::new(ErrorKind::Timeout, message).unsent());
            }
            let mut number = None;
            let exchange = async {
                let client = if effect == Effect::NonIdempotent {
                    self.clients(pools)?.fresh.clone()
                } else {
                    check_idle().await;
                    let (client, kept) = self.kept(pools)?;
                    number = Some(kept);
                    client
                };
                self.exchange(client.execute(outgoing(request, self.headers(request), url)), url, body).await
            };
            let exchanged = timeout_at(until, exchange).await;
            exchanged.unwrap_or_else(|_| {
                // HTTP/1 closes the connection of a cancelled request. HTTP/2 would keep sending requests on a
                // connection that no longer responds.
                if let (true, Some(number)) = (cfg!(feature = "http2"), number) {
                    pools.retire(number);
                }
                Err(Error::new(ErrorKind::Timeout, format!("no complete response within {limit:?}")))
            })
        }
    }

    async fn exchange(
        &self,
        sending: impl Future<Output = reqwest::Result<reqwest::Response>>,
        url: &Url,
        body: &mut Received,
    ) -> Result<Response, Error> {
        // Inside a tunnel or without a proxy, a 407 comes from the server.
        let is_proxied = url.scheme() == "http" && self.recipe.route != Route::Direct;
        let mut received = sending.await.map_err(|error| {
            // This applies only before the response begins. Once it has begun, the request has been processed, whatever
            // the server reports later.
            let unprocessed = is_unprocessed(&error);
            let error = failure(error, is_proxied);
            if unprocessed { error.unprocessed() } else { error }
        })?;
        let status = received.status();
        if is_proxied && status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            return Err(proxy_credentials().with_status(status.as_u16()));
        }
        body.is_client_error = status.is_client_error();
        let is_delimited = is_delimited(&received);
        let mut read = self.read(&mut received, body).await;
        if read.is_ok() && body.is_blank() && status.is_success() && !is_delimited {
            read =
                Err(Error::new(ErrorKind::Transport, "the connection was closed before the response's body"));
        }
        read.map_err(|error| error.with_status(status.as_u16()))?;
        let mut response = Response::new(std::mem::take(body).into_bytes());
        *response.status_mut() = status;
        *response.headers_mut() = std::mem::take(received.headers_mut());
        Ok(response)
    }

    async fn read(&self, response: &mut reqwest::Response, body: &mut Received) -> Result<(), Error> {
        let announced =
            response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        while let Some(chunk) = response.chunk().await.map_err(|error| failure(error, false))? {
            body.push(chunk, announced);
            // The first chunk of an oversized body is still read, because it may contain the id of a created resource.
            if announced.max(body.len()) > self.max_body {
                return Err(self.too_large());
            }
        }
        Ok(())
    }

    fn too_large(&self) -> Error {
        let message = format!("the response is larger than {} bytes", self.max_body);
        Error::new(ErrorKind::Decode, message)
            .with_advice("raise the client's max_body() if you expect a response of this size")
    }

    /// Returns the client whose connections belong to the current runtime.
    fn kept(&self, pools: &Pools) -> Result<(reqwest::Client, u64), Error> {
        let runtime = Handle::current().id();
        let clients = self.clients(pools)?;
        let mut kept = clients.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = kept.pools.iter().rposition(|kept| kept.runtime == runtime) {
            kept.pools[at..].rotate_left(1);
        } else {
            if kept.pools.len() >= MOST_RUNTIMES {
                kept.pools.remove(0);
            }
            kept.made += 1;
            let (number, client) = (kept.made, self.recipe.client(&clients.tls, usize::MAX)?);
            kept.pools.push(Kept { runtime, number, client });
        }
        let last = &kept.pools[kept.pools.len() - 1];
        Ok((last.client.clone(), last.number))
    }
}

impl Pools {
    /// Retires the connections of one pool: requests in flight continue, and new requests open new connections.
    fn retire(&self, number: u64) {
        if let Some(clients) = self.0.get() {
            let mut kept = clients.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.pools.retain(|kept| kept.number != number);
        }
    }
}

/// Returns the request of the HTTP library. Built outside of the future of the exchange, which would store it twice.
fn outgoing(request: &Request, headers: HeaderMap, url: &Url) -> reqwest::Request {
    let mut outgoing = reqwest::Request::new(request.method.clone(), url.clone());
    *outgoing.headers_mut() = headers;
    if !request.body.is_empty() {
        *outgoing.body_mut() = Some(request.body.clone().into());
    } else if [Method::POST, Method::PUT, Method::PATCH].contains(&request.method) {
        // Without this header, which the HTTP library omits, some front ends respond with 411.
        outgoing.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    outgoing
}

/// Returns whether the end of the body can be recognized. Otherwise it ends with the connection, which is also what
/// happens if a proxy loses its server after the head.
fn is_delimited(response: &reqwest::Response) -> bool {
    response.version() >= Version::HTTP_2
        || response.content_length().is_some()
        || response.headers().contains_key(TRANSFER_ENCODING)
}

/// Lets idle connections notice what the server did while the program blocked this thread: that it closed them, or sent
/// bytes that were not requested.
async fn check_idle() {
    // The runtime polls its sockets before the yield returns. A connection that became readable while it was idle then
    // reads before it sends a request, and closes instead of sending it.
    let yields = yield_now();
    // Outside of a task, yielding does nothing for a runtime whose tasks run on other threads. The thread of the runtime
    // for blocking calls is never blocked, so it notices by itself.
    if try_id().is_none() && Handle::current().runtime_flavor() != RuntimeFlavor::CurrentThread {
        let _ = tokio::spawn(yields).await;
    } else {
        yields.await;
    }
}

/// The settings from which HTTP clients are built.
struct Recipe {
    settings: Settings,
    route: Route,
    tls: Tls,
}

impl Recipe {
    /// Creates a client that keeps up to `idle` idle connections; with 0, it opens a new connection for each request.
    fn client(&self, tls: &Tls, idle: usize) -> Result<reqwest::Client, Error> {
        // Redirects are not followed, because they would forward custom credential headers to another host.
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            // Another crate of the program may have enabled these features of the HTTP library.
            .no_hickory_dns()
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .connect_timeout(self.settings.timeouts.connect.min(LONGEST))
            .pool_idle_timeout(self.settings.timeouts.idle.min(LONGEST))
            .pool_max_idle_per_host(idle);
        #[cfg(feature = "http2")]
        {
            builder = builder.http2_keep_alive_interval(PING_INTERVAL).http2_keep_alive_timeout(PING_TIMEOUT);
        }
        #[cfg(not(feature = "http2"))]
        {
            builder = builder.http1_only();
        }
        // Otherwise, the HTTP library reads the environment and the settings of the system.
        builder = builder.no_proxy();
        if let Route::Through(url) = &self.route {
            let proxy = reqwest::Proxy::all(url.as_str());
            builder = builder.proxy(proxy.map_err(|_| {
                Error::configuration("the proxy's URL is invalid: it must look like http://host:port")
            })?);
        }
        if let Some(address) = self.settings.local_address {
            builder = builder.local_address(address);
        }
        for (host, address) in &self.settings.resolve {
            builder = builder.resolve(host, *address);
        }
        tls.add(builder)
            .build()
            .map_err(|error| Error::configuration(Cause::of(&error.without_url()).innermost().to_owned()))
    }
}

#[cfg(all(test, any(feature = "rustls", feature = "aws-lc")))]
mod tests {
    use std::sync::Arc;

    use rustls::client::{ClientSessionMemoryCache, Resumption};

    use super::*;
    use crate::client::{Builder, Transport};
    use crate::testing::PlainDialect;

    #[tokio::test]
    async fn a_new_client_has_created_the_http_clients() {
        let builder = Builder::new("http://127.0.0.1:1", "test", Ok(PlainDialect), |it: Transport| it);
        assert!(builder.build().unwrap().local().pools.0.get().is_some());
    }

    /// The clients of a process share those of its pools, which a forked child does not have.
    #[tokio::test]
    async fn no_client_uses_the_tls_sessions_that_a_forked_child_inherits() {
        let builder = Builder::new("http://127.0.0.1:1", "test", Ok(PlainDialect), |it: Transport| it);
        let mut connection = Arc::into_inner(builder.build().unwrap().0).unwrap().connection;
        let sessions = Arc::new(ClientSessionMemoryCache::new(1));
        connection.recipe.tls.0.resumption = Resumption::store(Arc::clone(&sessions) as Arc<_>);
        let pools = Pools::default();
        let _kept = connection.kept(&pools).unwrap();
        assert_eq!(Arc::strong_count(&sessions), 2);
    }
}

//! The socket: reads a request, asks the provider, sends or spoils the reply.

pub(crate) mod faults;
pub(crate) mod log;
pub(crate) mod providers;

use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use self::faults::{Delivery, End, Faults};
use self::log::{Log, Received};
use self::providers::Providers;
use crate::base::{Clock, Reply, pairs, router};

/// All that a request can see or change.
pub(crate) struct State {
    pub(crate) providers: Providers,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
}

impl State {
    pub(crate) fn new(seed: u64, clock: &Clock) -> Self {
        Self { providers: Providers::new(seed, clock), faults: Faults::default(), log: Log::default() }
    }
}

/// What the server's task and the handles share. `Debug` shows where it is, not all that it knows.
pub(crate) struct Shared {
    pub(crate) address: SocketAddr,
    pub(crate) clock: Clock,
    state: Mutex<State>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Shared {
    pub(crate) fn new(address: SocketAddr, clock: Clock, seed: u64) -> Self {
        let state = Mutex::new(State::new(seed, &clock));
        Self { address, clock, state }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Processes one request and logs it, in one step, so that no two requests interleave.
    fn process(&self, parts: Parts, body: Bytes) -> Delivery {
        let mut state = self.state();
        let State { providers, faults, log } = &mut *state;
        let mut received = Received {
            provider: "",
            operation: None,
            path: parts.uri.path().to_owned(),
            query: pairs(parts.uri.query().unwrap_or_default()),
            method: parts.method,
            headers: parts.headers,
            body,
            processed: false,
            status: None,
        };
        let outcome = match providers.by_path(parts.uri.path()) {
            None => Delivery::whole(Reply::with_type(
                404,
                "text/plain",
                "no provider is served below this path\n",
            )),
            Some((name, path, provider)) => {
                path.clone_into(&mut received.path);
                received.provider = name;
                let route = router::find(provider.routes(), &received.method, path, &received.query);
                received.operation = route.as_ref().map(|(route, _)| route.operation);
                let fault = faults.take(name, received.operation);
                fault.before().unwrap_or_else(|| {
                    received.processed = true;
                    let request = received.request();
                    fault.after(match route {
                        Some((route, found)) => provider.answer(route, &found, &request, &self.clock),
                        None => provider.unknown(&request),
                    })
                })
            }
        };
        if let Delivery::Reply { reply, .. } = &outcome {
            received.status = Some(reply.status);
        }
        log.add(received);
        outcome
    }
}

/// Serves until it is aborted; every connection ends with it.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let shared = shared.clone();
                    let service = service_fn(move |request| answer(shared.clone(), request));
                    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                    // How a connection ended is the client's story to tell.
                    connections.spawn(async { connection.await.ok() });
                }
                // Out of file descriptors, perhaps: other connections may give some back.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn answer(
    shared: Arc<Shared>,
    request: http::Request<Incoming>,
) -> Result<http::Response<Payload>, Gone> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Gone)?.to_bytes();
    let Delivery::Reply { reply, delay, end } = shared.process(parts, body) else { return Err(Gone) };
    tokio::time::sleep(delay).await;
    Ok(response(reply, end))
}

fn response(reply: Reply, end: End) -> http::Response<Payload> {
    let mut builder = http::Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        builder = builder.header(name, value);
    }
    if matches!(end, End::Cut | End::Stall) {
        builder = builder.header("content-length", reply.body.len());
    }
    builder.body(Payload::new(reply.body, end)).unwrap_or_else(|error| {
        let mut response = http::Response::new(Payload::new(error.to_string().into(), End::Clean));
        *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

/// The connection ends without (the rest of) a reply.
#[derive(Debug)]
struct Gone;

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection was closed on purpose")
    }
}

impl std::error::Error for Gone {}

/// A body that ends as a fault wants it.
#[derive(Debug)]
struct Payload {
    body: Option<Bytes>,
    end: End,
    padding: u64,
    flushed: bool,
}

impl Payload {
    const CHUNK: &'static [u8] = &[b' '; 16 * 1024];

    fn new(body: Bytes, end: End) -> Self {
        let length = body.len();
        let body = match end {
            End::Cut | End::Stall => body.slice(..length / 2),
            _ => body,
        };
        let padding = match end {
            End::PaddedTo(bytes) => bytes.saturating_sub(length as u64),
            _ => 0,
        };
        Self { body: Some(body).filter(|body| !body.is_empty()), end, padding, flushed: false }
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Gone;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Gone>>> {
        if let Some(body) = self.body.take() {
            return Poll::Ready(Some(Ok(Frame::data(body))));
        }
        match self.end {
            End::Stall => Poll::Pending,
            // An error drops what hyper has not flushed yet, so it comes one turn later.
            End::Cut if !self.flushed => {
                self.flushed = true;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            End::Cut => Poll::Ready(Some(Err(Gone))),
            End::PaddedTo(_) if self.padding > 0 => {
                let size = usize::try_from(self.padding).unwrap_or(usize::MAX).min(Self::CHUNK.len());
                self.padding -= size as u64;
                Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&Self::CHUNK[..size])))))
            }
            End::PaddedTo(_) | End::Clean => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.end == End::Clean && self.body.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        match self.end {
            End::Clean => SizeHint::with_exact(self.body.as_ref().map_or(0, Bytes::len) as u64),
            _ => SizeHint::default(),
        }
    }
}

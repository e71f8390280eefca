//! The socket: reads a request, has it processed, sends or spoils the reply.

mod payload;

use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use self::payload::{Gone, Payload};
use crate::base::Reply;
use crate::world::Shared;
use crate::world::faults::{Delivery, End};

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
    let delivery = match shared.process(parts, body) {
        Delivery::Later { after, work } => shared.process_later(after, work).await,
        delivery => delivery,
    };
    let Delivery::Reply { reply, delay, end } = delivery else { return Err(Gone) };
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
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

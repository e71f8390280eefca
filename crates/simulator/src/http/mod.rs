//! Reads requests from sockets, processes them, and sends the responses, which planned faults may damage.

mod payload;

use std::task::Poll;
use std::time::Duration;

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use self::payload::{Gone, Payload};
use crate::api;
use crate::base::Response;
use crate::control::Simulator;
use crate::world::addresses::Root;
use crate::world::faults::{Delivery, End};

/// The maximum size of a request body in bytes.
const LARGEST_BODY: usize = 8 << 20;
/// The time that a client may take to send a request, if that time is limited.
const PATIENCE: Duration = Duration::from_secs(30);
/// The maximum number of connections; further ones wait until one ends.
const MOST_CONNECTIONS: usize = 1024;

/// Serves requests until the task is aborted, which also ends every connection.
pub(crate) async fn serve(listeners: Vec<(TcpListener, Root)>, simulator: Simulator) {
    let mut connections = JoinSet::new();
    let impatient = simulator.shared.initial.impatient;
    loop {
        let next = std::future::poll_fn(|context| {
            let mut all =
                listeners.iter().map(|(listener, root)| listener.poll_accept(context).map(|it| (it, *root)));
            all.find(Poll::is_ready).unwrap_or(Poll::Pending)
        });
        tokio::select! {
            (accepted, root) = next, if connections.len() < MOST_CONNECTIONS => match accepted {
                Ok((stream, _)) => {
                    let simulator = simulator.clone();
                    let service = service_fn(move |request| answer(simulator.clone(), root, request));
                    let mut server = http1::Builder::new();
                    if impatient {
                        server.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
                    }
                    let connection = server.serve_connection(TokioIo::new(stream), service);
                    // The error is ignored, because the client sees how the connection ended.
                    connections.spawn(async { connection.await.ok() });
                }
                // The process may have run out of file descriptors, which other connections free when they end.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn answer(
    simulator: Simulator,
    root: Root,
    request: http::Request<Incoming>,
) -> Result<http::Response<Payload>, Gone> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, LARGEST_BODY).collect();
    let body = if simulator.shared.initial.impatient {
        tokio::time::timeout(PATIENCE, body).await.map_err(|_| Gone)?
    } else {
        body.await
    };
    let body = match body {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return Ok(to_http(
                Response::with_type(413, "text/plain", "the body is larger than 8 MiB\n"),
                End::Clean,
            ));
        }
        Err(_) => return Err(Gone),
    };
    if let Some(path) = parts.uri.path().strip_prefix(api::PREFIX) {
        return Ok(to_http(api::answer(&simulator, path, &parts, &body), End::Clean));
    }
    let shared = simulator.shared;
    let delivery = match shared.process(root, parts, body) {
        Delivery::Later { after, work } => shared.process_later(after, work).await,
        delivery => delivery,
    };
    let Delivery::Response { response, delay, end } = delivery else { return Err(Gone) };
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    Ok(to_http(response, end))
}

fn to_http(response: Response, end: End) -> http::Response<Payload> {
    let mut builder = http::Response::builder().status(response.status);
    for (name, value) in response.headers {
        builder = builder.header(name, value);
    }
    if matches!(end, End::Cut | End::Stall) {
        builder = builder.header("content-length", response.body.len());
    }
    builder.body(Payload::new(response.body, end)).unwrap_or_else(|error| {
        let mut response = http::Response::new(Payload::new(error.to_string().into(), End::Clean));
        *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_program_times_out_a_client_that_never_completes_a_request() {
        let simulator = Simulator::builder().impatient().start().await.unwrap();
        let head = b"POST /elastis/v1/storage/disks HTTP/1.1\r\nhost: slow\r\ncontent-length: 9\r\n\r\n";
        for sent in [&head[..20], &head[..]] {
            let mut stream = TcpStream::connect(simulator.address()).await.unwrap();
            stream.write_all(sent).await.unwrap();
            let mut received = Vec::new();
            let end = tokio::time::timeout(PATIENCE * 2, stream.read_to_end(&mut received)).await;
            assert!(end.is_ok(), "still waiting after {} bytes", sent.len());
        }
    }
}
